# SPDX-License-Identifier: GPL-2.0
"""The simulated NICs, of which each copy of a gateway may have one: its uplink
and its functions' representors are the gateway's devices, and the far ends are
the wire's end and the functions.  What the eswitch carries between these, the
gateway does not see.
"""

from rtnl import Commands

RULES = "/sys/kernel/debug/pnicsim/nic{}/rules"
NAMES = ("wire{0}", "p{0}"), ("nic{0}vf0", "pf{0}vf0"), ("nic{0}vf1", "pf{0}vf1")
AT_FIRST = "down mtu 1500 promisc off"	# what stays with a device otherwise


def received(text, devices):
    """Frames that these received, those that they dropped as well, and frames that
    they sent, as /proc/net/dev has it."""
    came = left = 0
    for line in text.splitlines():
        device, _, rest = line.partition(":")
        if device.strip() in devices:
            counts = [int(word) for word in rest.split()]
            came, left = came + counts[1] + counts[3], left + counts[9]
    return came, left


class Nic:
    """One of them; number N is copy N's.  Its devices are in the first namespace
    while no gateway has them."""

    def __init__(self, number, first):
        self.number, self.first = number, first
        self.commands = Commands()	# made there
        self.lent = []			# (device, where it is, its own name)

    def lend(self, end, far, gateway, stage):
        """Device v<end> of a gateway's, and far at the other end."""
        for device, to, where in zip(NAMES[end], (far, f"v{end}"),
                                     (stage, gateway)):
            device = device.format(self.number)
            self.commands.move(device, where.namespace, to)
            self.lent.append((to, where, device))

    def take_back(self):
        for device, where, own_name in self.lent:
            where.commands.run(f"ip link set {device} {AT_FIRST}")
            where.commands.move(device, self.first, own_name)
        self.lent = []

    def rules(self):
        """How many the eswitch has"""
        with open(RULES.format(self.number)) as rules:
            return len(rules.readlines())
