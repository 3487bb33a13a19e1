# SPDX-License-Identifier: GPL-2.0
"""What the ports, the eswitch and pnicfw have counted."""

import time

from procnet import again, open_in

# representor, and the namespace and device at the port's far end
PORTS = (("pf0vf0", "vm0", "nic0vf0"),
         ("pf0vf1", "vm1", "nic0vf1"),
         ("p0", "outside", "wire0"))
RULES = "/sys/kernel/debug/pnicsim/nic0/rules"
STATS = "/proc/net/pnicfw/stats"
DEVICES = "/proc/net/dev"


def _links(lines):
    """Each device's (received, sent) packets, as "ip -s link" shows them."""
    found = {}
    for line in lines[2:]:
        name, values = line.split(":")
        fields = values.split()
        found[name.strip()] = (int(fields[1]), int(fields[9]))
    return found


class Look:
    """Counters at one moment.

    when: that moment
    ends: packets that went (into, out of) the NIC at each port's far end
    cpu: packets that (came from, went to) that far end by its representor
    stats: what "pnicfw stats" shows
    rules: rules in the eswitch
    """

    def __init__(self, devices, stats):
        self.when = time.monotonic()
        # All at once, for the counters go on while they are read.
        shown = {netns: again(file) for netns, file in devices.items()}
        stats = again(stats)
        here = _links(shown[None])
        self.cpu = {rep: here[rep] for rep, _, _ in PORTS}
        self.ends = {rep: _links(shown[netns])[far][::-1]
                     for rep, netns, far in PORTS}
        self.stats = {name: int(value) for name, value in
                      map(str.split, stats[1:])}
        with open(RULES, encoding="ascii") as rules:
            self.rules = len(rules.readlines())


class Watcher:
    """Takes looks, without starting a program for each of them."""

    def __init__(self):
        self._devices = {netns: open_in(netns, DEVICES)
                         for _, netns, _ in PORTS}
        self._devices[None] = open(DEVICES, encoding="ascii")
        self._stats = open(STATS, encoding="ascii")

    def look(self):
        return Look(self._devices, self._stats)


def tiers(before, after):
    """Packets that each tier carried between two looks.

    Whatever goes into the NIC and does not come up by a representor has been
    forwarded by the eswitch; of what comes up, the flow cache carries some,
    and the firewall, that is the rest of Linux, sees the others.
    """
    entered = came_up = 0
    for rep, _, _ in PORTS:
        entered += after.ends[rep][0] - before.ends[rep][0]
        came_up += after.cpu[rep][0] - before.cpu[rep][0]
    cached = after.stats["cache-hits"] - before.stats["cache-hits"]
    # Counters are not read all at the same instant.
    return max(came_up - cached, 0), cached, max(entered - came_up, 0)


def bypass(before, after, rep):
    """(packets of a port, those of them that never met this Linux)"""
    total = sum(after.ends[rep]) - sum(before.ends[rep])
    met = sum(after.cpu[rep]) - sum(before.cpu[rep])
    return total, total - met
