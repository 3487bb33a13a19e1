# SPDX-License-Identifier: GPL-2.0
"""The account of each connection, from what "pnicfw monitor" tells."""

import json

STATES = ("tracked", "cached", "offloaded", "denied")
TIERS = ("firewall", "cache", "hw")


class Ledger:
    """How far each connection got, and which tier carried its packets."""

    def __init__(self):
        self._reached = {}
        self._flows = {}

    def hear(self, lines):
        for line in lines.splitlines():
            event = json.loads(line)
            if event["object"] == "flow":
                self.note(event["flow"])

    def note(self, flow):
        number = flow["id"]
        self._flows[number] = flow
        if flow["state"] in STATES:
            state = STATES.index(flow["state"])
            self._reached[number] = max(state, self._reached.get(number, 0))

    def service(self, protocol, port):
        """([connections that got as far as each state], [packets by tier])

        A protocol without ports has None.
        """
        states, packets = [0] * len(STATES), [0] * len(TIERS)
        for number, flow in self._flows.items():
            if (flow["protocol"], flow["orig"].get("dport")) != (protocol, port):
                continue
            states[self._reached.get(number, 0)] += 1
            for tier, name in enumerate(TIERS):
                for way in ("orig", "reply"):
                    packets[tier] += flow[way].get(name, {}).get("packets", 0)
        return states, packets
