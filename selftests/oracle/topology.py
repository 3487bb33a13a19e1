# SPDX-License-Identifier: GPL-2.0
"""What all random gateways share: the commands that make one, and what may
happen to it.

Far ends 0 (near) and 1 (far) talk, 2 is another one: another way to where far
is, or another port of the bridge.  Gateways' MAC addresses begin with 02:67,
hosts' with 02:68.
"""

# GRE's own timeout, which not every kernel has, is longer than any script as it is.
PATIENCE = [f"sysctl net.netfilter.nf_conntrack_{name}=6000" for name in (
    "udp_timeout", "udp_timeout_stream", "tcp_timeout_close",
    "tcp_timeout_time_wait", "tcp_timeout_syn_sent", "tcp_timeout_syn_recv",
    "tcp_timeout_close_wait", "tcp_timeout_last_ack", "tcp_timeout_fin_wait",
    "tcp_timeout_max_retrans", "tcp_timeout_unacknowledged",
    "icmp_timeout", "icmpv6_timeout", "generic_timeout")] + [
    f"sysctl net.netfilter.nf_conntrack_sctp_timeout_{state}=6000" for state in (
        "closed", "cookie_wait", "cookie_echoed", "established", "shutdown_sent",
        "shutdown_recd", "shutdown_ack_sent", "heartbeat_sent")]
# Nothing happens by time, or is kept from happening by it.
QUIET = [
    "sysctl net.ipv4.conf.all.send_redirects=0",
    "sysctl net.ipv4.conf.default.send_redirects=0",
    "sysctl net.ipv4.conf.default.rp_filter=0",
    "sysctl net.ipv4.conf.all.rp_filter=0",
    "sysctl net.ipv4.icmp_ratelimit=0",
    "sysctl net.ipv6.icmp.ratelimit=0",
    "sysctl net.ipv6.conf.default.accept_ra=0",
    "sysctl net.ipv6.conf.default.accept_dad=0",
    "sysctl net.ipv6.conf.default.router_solicitations=0",
    "sysctl net.ipv6.conf.default.addr_gen_mode=1",
    "sysctl net.ipv6.conf.all.keep_addr_on_down=1",
    "sysctl net.ipv6.conf.default.keep_addr_on_down=1",
    "sysctl net.netfilter.nf_conntrack_acct=1",
]
GATEWAY = "02:67:00:00:00:0{}"
HOST = "02:68:00:00:00:0{}"


class Topology:
    """What all kinds share. rng decides."""

    deniable = True		# can nft deny a connection as a policy does?
    unfit = ()			# oddities that one kernel treats differently each time

    def __init__(self, rng, hardware):
        self.rng = rng
        self.hardware = hardware
        self.lines = list(QUIET) + PATIENCE
        self.liberal = rng.randrange(2)
        self.lines.append(
            f"sysctl net.netfilter.nf_conntrack_tcp_be_liberal={self.liberal}")
        self.versions = rng.choice(([4], [4], [6], [4, 6]))
        self.ends = 3
        self.ports = ["v0", "v1", "v2"]
        # What may happen, and what puts it right: each is a list of lines
        self.events = []
        self.sport = rng.randrange(20000, 30000)
        self.begun = False

    def event(self, *lines, undo=()):
        self.events.append((list(lines), list(undo)))

    def pick(self, *choices):
        return self.rng.choice(choices)

    def maybe(self, chance):
        return self.rng.random() < chance

    def next_port(self):
        self.sport += 1
        return self.sport

    def protocol(self, version):
        """Mostly, and at first, one that the eswitch takes, too."""
        first, self.begun = not self.begun, True
        if first or self.maybe(0.6):
            return self.pick("tcp", "udp")
        return self.pick("sctp", "gre", "icmp" if version == 4 else "icmpv6")

    def in_one_net(self, version, near, far):
        """The words of a connection between two ends that are neighbours."""
        net = "10.0.0.{}" if version == 4 else "fd00::{}"
        return f"{self.protocol(version)} end={near} far={far} " \
            f"src={net.format(near + 2)} dst={net.format(far + 2)} " \
            f"sport={self.next_port()} dport=5001 mac={HOST.format(near)} " \
            f"gw={HOST.format(far)}" + \
            (f" tags={self.tags[near]}" if self.tags[near] else "")

    def device(self, end, bridge=None):
        """Port v<end>, up, with an address of its own."""
        more = f" master {bridge}" if bridge else ""
        self.lines.append(f"ip link set v{end} address {GATEWAY.format(end)}"
                          f"{more} up")

    def firewall(self, family, extra=""):
        """A stateful one, with a chain that events fill."""
        invalid = "ct state invalid drop; " if self.maybe(0.7) else ""
        self.lines.append(
            f"nft table {family} t {{ chain extra {{ }}; chain forward {{ "
            f"type filter hook forward priority 0; jump extra; "
            f"ct state established,related accept; {invalid}"
            f"ct state new accept; }}; {extra} }}")
        # None that treats packets of one connection and direction differently:
        # tier 1 decides for all that follow.
        for rule in ("drop", "counter", "meta l4proto tcp drop",
                     "meta l4proto udp drop", "meta l4proto sctp drop",
                     "ct direction reply drop",
                     "ct state invalid drop", "meta mark set 0x5"):
            self.event(f"nft add rule {family} t extra {rule}",
                       undo=[f"nft flush chain {family} t extra"])
        self.event(f"nft flush chain {family} t extra")

    def neighbours(self):
        """Puts them back: with its address a device loses its neighbours."""
        return [line for line in self.lines if line.startswith("ip neigh ")]

    def common_events(self):
        for port in self.ports[:2]:
            for mtu in 1280, 1300, 1500, 4000, 9000:
                self.event(f"ip link set {port} mtu {mtu}")
            self.event(f"port del {port}", undo=[f"port add {port}"])
            self.event(f"ip link set {port} promisc on",
                       undo=[f"ip link set {port} promisc off"])
            end = int(port[1])
            self.event(f"ip link set {port} address 02:67:00:00:01:0{end}",
                       undo=[f"ip link set {port} address {GATEWAY.format(end)}"] +
                       self.neighbours())
        self.event("forget all")
        self.policy_events()
        if not self.hardware:
            self.port_chains()

    def port_chains(self):
        """What the eswitch carries passes by these."""
        self.chains("n", "v0", "ingress")
        self.chains("n", "v1", "egress")

    def chains(self, table, device, hook):
        """They look at each packet, and do the same to none; tc's filters do it to
        all, and drop them half the time, which nothing that is cached may outlive."""
        for rule in ("drop", "ip dscp set af21", "meta mark set 7",
                     "ip ttl set 9", "meta length > 700 drop"):
            self.event(
                f"nft table netdev {table} {{ chain c {{ type filter hook {hook} "
                f"device {device} priority 0; {rule}; }}; }}",
                undo=[f"nft delete table netdev {table}"])
        for action in "drop", "drop", "skbedit mark 5", "skbedit priority 3":
            self.event(f"tc qdisc add dev {device} clsact",
                       f"tc filter add dev {device} {hook} matchall action {action}",
                       undo=[f"tc qdisc del dev {device} clsact"])

    def policy_events(self):
        """They change where a packet is looked at, and nothing about it."""
        for proto in "tcp", "udp":
            self.event(f"policy add 1020 proto={proto} cache=off",
                       undo=["policy del 1020"])
            self.event(f"policy add 1021 proto={proto} dport=5001 hw=off",
                       undo=["policy del 1021"])
        self.event("policy add 1022 verdict=allow", undo=["policy del 1022"])
        self.event("param cache=off", undo=["param cache=on"])

    def marks_policy(self):
        """By conntrack's mark: unless a rule sets it, or copies it to packets,
        which no event tells of."""
        self.marked = self.maybe(0.4) and \
            not any("ct mark" in line for line in self.lines)
        if self.marked:
            self.lines += ["param age-interval=20",
                           "policy add 7 mark=7 cache=off",
                           "policy add 8 mark=8 verdict=deny"]

    def visible_marks(self):
        """skb->mark and skb->priority change what leaves.  Of hooks with the
        same priority the one that came first comes last: these come after all
        that pnicfw's port does, and are no part of what it learns."""
        if self.hardware:
            return
        for port in self.ports[:2]:
            self.lines.append(
                f"nft table netdev show{port} {{ chain c {{ type filter hook egress "
                f"device {port} priority 2147483647; "
                "meta mark 5 ip ttl set 55; meta mark 5 ip6 hoplimit set 55; "
                "meta priority 3 ip dscp set cs7; "
                "meta priority 3 ip6 dscp set cs7; }; }")

    def finish(self):
        if self.maybe(0.5) and not self.hardware:
            self.lines += ["detour 0", "detour 1"]
        self.marks_policy()
        if self.hardware:
            self.lines += ["param hw-after=2", "param age-interval=20"]
        self.lines += [f"port add {port}" for port in self.ports]
