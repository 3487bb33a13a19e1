# SPDX-License-Identifier: GPL-2.0
"""Random bridges that conntrack watches, with or without VLAN filtering."""

from topology import HOST, Topology


class Bridged(Topology):
    """near, far and other on one bridge that conntrack watches: one net, with
    or without VLAN filtering."""

    def __init__(self, rng, hardware):
        super().__init__(rng, hardware)
        self.filtering = self.maybe(0.5)
        self.lines.append(
            "ip link add name br0 type bridge forward_delay 0 mcast_snooping 0 "
            f"vlan_filtering {int(self.filtering)}")
        self.lines.append("ip link set br0 address 02:67:00:00:00:09")
        for end in range(3):
            self.device(end, "br0")
        self.lines.append("ip link set br0 up")
        self.tags = {end: "" for end in range(3)}
        if self.filtering:
            self.vlans()
        elif self.maybe(0.3):
            self.tags = {end: "81000005" for end in range(3)}
        self.firewall("bridge")
        self.common_events()
        self.bridge_events()
        if self.maybe(0.3):
            self.visible_marks()
        self.finish()

    def vlans(self):
        """VLAN 7 is everybody's, with or without the tag."""
        for end in range(3):
            tagged = self.maybe(0.4)
            self.lines.append(f"bridge vlan add dev v{end} vid 7" +
                              ("" if tagged else " pvid untagged"))
            self.tags[end] = "81000007" if tagged else ""
            self.event(f"bridge vlan del dev v{end} vid 7",
                       undo=[self.lines[-1]])
            other = " pvid untagged" if tagged else ""
            self.event(f"bridge vlan add dev v{end} vid 7{other}",
                       undo=[self.lines[-1]])
            self.event(f"bridge vlan add dev v{end} vid 8 pvid untagged",
                       undo=[self.lines[-1]])

    def bridge_events(self):
        for end in range(3):
            dev, vlan = f"v{end}", " vlan 7" if self.filtering else ""
            for host in range(2):
                self.event(f"bridge fdb replace {HOST.format(host)} dev {dev} "
                           f"master static{vlan}",
                           undo=[f"bridge fdb del {HOST.format(host)} dev {dev} "
                                 f"master{vlan}"])
            self.event(f"bridge fdb del {HOST.format(end)} dev {dev} master{vlan}")
            # Not learning: that pnicfw takes a frame's coming for learned is
            # wrong on a port that does not learn.
            self.event(f"bridge link set dev {dev} flood off",
                       undo=[f"bridge link set dev {dev} flood on"])
            self.event(f"bridge link set dev {dev} isolated on",
                       undo=[f"bridge link set dev {dev} isolated off"])
            for state in 0, 1, 2, 4:
                self.event(f"bridge link set dev {dev} state {state}",
                           undo=[f"bridge link set dev {dev} state 3"])
            self.event(f"ip link set {dev} nomaster",
                       undo=[f"ip link set {dev} master br0"] + (
                           [line for line in self.lines if line.startswith(
                               f"bridge vlan add dev {dev} ")]))
            self.event(f"ip link set {dev} down", undo=[f"ip link set {dev} up"])
            self.event(*self.moved(end))
        self.event(f"ip link set br0 type bridge vlan_filtering "
                   f"{int(not self.filtering)}",
                   undo=[f"ip link set br0 type bridge vlan_filtering "
                         f"{int(self.filtering)}"])
        self.event("ip link set br0 down", undo=["ip link set br0 up"])
        self.event("ip link set br0 mtu 1300", undo=["ip link set br0 mtu 1500"])

    def hello(self, host, end):
        """An ARP reply of that host's from an end: the bridge learns it."""
        mac = HOST.format(host).replace(":", "")
        return f"frame {end} {'ff' * 6}{mac}{self.tags[end]}0806" \
            f"0001080006040002{mac}0a0000{host + 2:02x}{mac}0a0000{host + 2:02x}"

    def moved(self, host):
        return [self.hello(host, (host + 1) % 3)]

    def greetings(self):
        return [self.hello(end, end) for end in range(3)]

    def connection(self):
        version = self.pick(*self.versions)
        near, far = self.rng.sample(range(2 if self.maybe(0.7) else 3), 2)
        return self.in_one_net(version, near, far)
