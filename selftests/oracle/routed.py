# SPDX-License-Identifier: GPL-2.0
"""Random routers, with or without NAT, VLANs, macvlan, a bond, a VRF, several ways
to where far is."""

from topology import GATEWAY, HOST, Topology


class Routed(Topology):
    """near ---- [VLAN, macvlan, VRF] gateway [VLAN, bond] ---- far, and other ends.

    10.N.0.0/24 and fd0N::/64 are at end N, which is 10.N.0.2; behind end 1 and
    2 are routers to 10.9.0.0/24 and fd09::/64.  Of a bond v1 and v3 are the ports,
    and it sends by one of them.
    """

    def __init__(self, rng, hardware):
        super().__init__(rng, hardware)
        self.devices, self.tags, self.macs = {}, {}, {}
        self.lines += ["sysctl net.ipv4.ip_forward=1",
                       "sysctl net.ipv6.conf.all.forwarding=1"]
        self.vrf = self.maybe(0.12)
        if self.vrf:
            self.lines += ["ip link add name red type vrf table 10",
                           "ip link set red up"]
        self.bond = not self.hardware and self.maybe(0.12)
        self.multipath = self.maybe(0.25)
        if self.multipath:
            self.hashes()
        for end in range(3):
            self.side(end)
        if self.maybe(0.2):
            self.lines.append(f"ip link set v1 mtu {self.pick(1280, 1400, 2000)}")
        if self.maybe(0.3):
            self.lines.append(f"ip link set v0 mtu {self.pick(1400, 4000, 9000)}")
        for version in self.versions:
            self.routes(version)
        self.firewall("inet", self.nat())
        if self.maybe(0.5):
            self.set_rules()
        if self.maybe(0.4):
            self.visible_marks()
        self.common_events()
        self.finish()

    def hashes(self):
        """What decides on a packet's way.  By its default IPv6 looks at the label of
        flows, which may be another one in each packet."""
        for version, policy in (4, self.pick(0, 1)), (6, 1):
            self.lines.append(f"sysctl net.ipv{version}.fib_multipath_hash_policy="
                              f"{policy}")

    def bonded(self):
        """Nothing is said about a new port, when the kernel likes to."""
        self.ends, self.ports = 4, self.ports + ["v3"]
        self.lines.append("ip link add name bond0 type bond mode 1 resend_igmp 0 "
                          "num_grat_arp 0")
        for port in "v1", "v3":
            self.lines.append(f"ip link set {port} master bond0")
        self.lines.append(f"ip link set bond0 address {GATEWAY.format(1)} up")
        for port in "v3", "v1":
            self.event(f"ip link set bond0 type bond active_slave {port}")
        self.event("ip link set v1 nomaster", undo=[
            "ip link set v1 down", "ip link set v1 master bond0"])
        self.chains("u1", "bond0", self.pick("ingress", "egress"))
        self.devices[1], self.tags[1], self.macs[1] = "bond0", "", GATEWAY.format(1)

    def side(self, end):
        if end == 1 and self.bond:
            self.bonded()
            return
        self.device(end)
        device, tags = f"v{end}", ""
        # Two tags are tier 1's: a way to where few connections go.  IPv6 has
        # no room for a tag in frames that come from a packet socket, so that
        # the kernel copies each, and none is recognised.
        way = end == 1 or end == 2 and self.multipath
        tagged = "plain" if way and self.versions == [6] else "vlan"
        kind = self.pick("plain", "plain", tagged, tagged,
                         "macvlan" if end < 2 else "plain" if way else "qinq")
        if kind == "vlan":
            vid, device = 10 + end, f"v{end}.{10 + end}"
            self.lines.append(f"ip link add link v{end} name {device} type vlan "
                              f"id {vid}")
            tags = f"8100{vid:04x}"
        elif kind == "qinq":
            outer, device = f"v{end}.{20 + end}", f"v{end}.{20 + end}.5"
            self.lines += [f"ip link add link v{end} name {outer} type vlan "
                           f"proto 802.1ad id {20 + end}",
                           f"ip link set {outer} up",
                           f"ip link add link {outer} name {device} type vlan id 5"]
            tags = f"88a8{20 + end:04x}81000005"
        elif kind == "macvlan":
            device = f"mac{end}"
            self.lines.append(
                f"ip link add link v{end} name {device} address "
                f"02:67:00:00:02:0{end} type macvlan mode bridge")
        self.macs[end] = "02:67:00:00:02:0%d" % end if kind == "macvlan" else \
            GATEWAY.format(end)
        if self.vrf:
            self.lines.append(f"ip link set {device} master red")
        if device != f"v{end}":
            self.lines.append(f"ip link set {device} up")
            self.event(f"ip link set {device} mtu {self.pick(1280, 1350)}")
            self.chains(f"u{end}", device, self.pick("ingress", "egress"))
        self.devices[end], self.tags[end] = device, tags

    def addresses(self, end, version):
        """Gateway's, host's, and that of a net behind the host."""
        if version == 4:
            return f"10.{end}.0.1/24", f"10.{end}.0.2", "10.9.0.0/24"
        return f"fd0{end}::1/64", f"fd0{end}::2", "fd09::/64"

    def routes(self, version):
        table = " table 10" if self.vrf else ""
        hosts = {}
        for end, device in self.devices.items():
            mine, hosts[end], beyond = self.addresses(end, version)
            add = f"ip addr add {mine} dev {device} nodad"
            state = self.pick("permanent", "permanent", "stale")
            known = [f"ip neigh replace {hosts[end]} lladdr {HOST.format(end)} "
                     f"dev {device} nud {state}"]
            self.lines += [add] + known
            if end:
                other = HOST.format(end).replace("00:0", "07:0")
                self.event(f"ip neigh replace {hosts[end]} lladdr {other} dev "
                           f"{device} nud {state}")
                self.event(f"ip neigh del {hosts[end]} dev {device}", undo=known)
        ways = {end: f"via {hosts[end]} dev {device}{table}"
                for end, device in self.devices.items()}
        both = f"{beyond}{table} " + " ".join(
            f"nexthop via {hosts[end]} dev {self.devices[end]} weight "
            f"{self.pick(1, 1, 3)}" for end in (1, 2))
        back = [f"ip route replace {both}" if self.multipath else
                f"ip route replace {beyond} {ways[1]}"]
        self.lines += back
        if self.multipath:
            self.event(*back)
        for way in (ways[2], ways[1], ways[1] + " mtu 1280", ways[0]):
            self.event(f"ip route replace {beyond} {way}")
        for kind in "blackhole", "unreachable", "prohibit":
            self.event(f"ip route replace {kind} {beyond}{table}", undo=back)
        self.event(f"ip route del {beyond}{table}", undo=back)
        host = beyond.replace("0/24", "2/32").replace("/64", "2/128")
        self.event(f"ip route replace {host} {ways[2]}",
                   undo=[f"ip route del {host}{table}"])
        self.event(f"ip addr add {host.replace('9', '1', 1)} dev "
                   f"{self.devices[0]} nodad",
                   undo=[f"ip addr del {host.replace('9', '1', 1)} dev "
                         f"{self.devices[0]}"])
        if not self.vrf:
            other = 0x100 + version
            mine = self.addresses(0, version)[1]
            self.event(f"ip route replace {beyond} {ways[2]} table {other}",
                       f"ip rule add pref 100 table {other} from {mine}",
                       undo=[f"ip rule del pref 100 table {other} from {mine}"])
        self.link_down(version, hosts, back)

    def link_down(self, version, hosts, back):
        """Takes all that rested on the device with it, but its addresses."""
        if len(self.versions) > 1 or self.devices[1] != "v1":
            return
        again = f"ip neigh replace {hosts[1]} lladdr {HOST.format(1)} dev v1 " \
            "nud permanent"
        self.event("ip link set v1 down",
                   undo=["ip link set v1 up", again] + back)

    def nat(self):
        """A postrouting and a prerouting chain, or none."""
        out = self.devices[1]
        self.kind = self.pick("none", "none", "masquerade", "snat", "dnat", "both",
                              "hairpin")
        if self.kind == "hairpin" and (
                self.hardware or self.versions == [6] and self.tags[0]):
            self.kind = "none"		# no eswitch has these; see side()
        if self.kind == "none":
            return ""
        post, pre = "", ""
        if self.kind in ("masquerade", "both"):
            post = f"oifname {{ {out}, {self.devices[2]} }} masquerade; "
        if self.kind == "snat":
            post = f"oifname {out} meta nfproto ipv4 snat ip to 10.1.0.77; " \
                f"oifname {out} meta nfproto ipv6 snat ip6 to fd01::77; "
        if self.kind in ("dnat", "both"):
            pre = "ip daddr 10.0.0.80 dnat ip to 10.1.0.2; " \
                "ip6 daddr fd00::80 dnat ip6 to fd01::2; " \
                "tcp dport 8080 dnat ip to 10.1.0.2:5080; " \
                "udp dport 8080 dnat ip to 10.1.0.2:5080; "
        if self.kind == "hairpin":
            pre = "ip daddr 10.0.0.80 dnat ip to 10.0.0.3; " \
                "ip6 daddr fd00::80 dnat ip6 to fd00::3; "
            post = f"iifname {self.devices[0]} oifname {self.devices[0]} masquerade; "
            for version, third in ((4, "10.0.0.3"), (6, "fd00::3")):
                if version in self.versions:
                    self.lines.append(
                        f"ip neigh replace {third} lladdr 02:68:00:00:00:03 dev "
                        f"{self.devices[0]} nud permanent")
        # A connection that begins with an answer would take the port that its
        # right beginning needs, and then a random one would be taken.  One may
        # come without the device's tag, too.
        fresh = ", ".join(sorted({out, self.devices[2], "v1", "v2"}))
        chains = "chain fresh { type filter hook prerouting priority -150; " \
            f"iifname {{ {fresh} }} ct state new drop; " \
            "ip saddr 10.0.0.3 ct state new drop; " \
            "ip6 saddr fd00::3 ct state new drop; }; "
        chains += f"chain post {{ type nat hook postrouting priority 100; {post}}};"
        return chains + f"chain pre {{ type nat hook prerouting priority -100; {pre}}};"

    def set_rules(self):
        """What the cache has to replay beside addresses."""
        rules = self.rng.sample(["meta mark set 0x5", "meta priority set 3",
                                 "ip dscp set af11", "ip6 dscp set cs3",
                                 "ct mark set 0x9", "ip daddr 10.1.0.2 ip dscp set ef",
                                 "meta mark set ct mark"], 2)
        self.lines.append("nft table inet mangle { chain change { type filter hook "
                          f"forward priority -150; {'; '.join(rules)}; }}; }}")

    def connection(self):
        version = self.pick(*self.versions)
        end, far = 0, 1
        target = self.addresses(1, version)[1]
        if self.maybe(0.4):
            target = "10.9.0.2" if version == 4 else "fd09::2"
        elif self.maybe(0.15):
            target, far = self.addresses(2, version)[1], 2
        if self.kind in ("dnat", "both", "hairpin") and self.maybe(0.7):
            target = "10.0.0.80" if version == 4 else "fd00::80"
            far = 0 if self.kind == "hairpin" else 1
        dport = 8080 if self.kind in ("dnat", "both") and version == 4 and \
            self.maybe(0.3) else 5001
        return f"{self.protocol(version)} end={end} far={far} " \
            f"src={self.addresses(0, version)[1]} dst={target} " \
            f"sport={self.next_port()} dport={dport} mac={HOST.format(0)} " \
            f"gw={self.macs[0]}" + \
            (f" tags={self.tags[0]}" if self.tags[0] else "")

    def greetings(self):
        return []
