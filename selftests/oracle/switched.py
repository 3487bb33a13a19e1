# SPDX-License-Identifier: GPL-2.0
"""Random Open vSwitch datapaths whose flows track connections."""

from topology import HOST, Topology

TYPES = {4: "0x0800", 6: "0x86dd"}
TRANSLATED = {4: "10.0.0.99", 6: "fd00::99"}
VLAN, TAG = 7, "81000007"


class Switched(Topology):
    """near, far and other in one net, on one datapath.

    Its flows track what comes in by a port, all in one zone, and send it round once
    more; then they commit what is new, and go by where the frame is for.  Tags are
    taken off before, and put on after that, or all frames have one.
    """

    deniable = False		# nothing of nft's is on the way but netdev chains
    marked = False		# likewise
    # ovs_skb_network_trim() looks for their length where they have no bytes.
    unfit = "cut=0", "cut=1"

    def __init__(self, rng, hardware):
        super().__init__(rng, hardware)
        self.zone = self.pick("", "zone=5", "zone=5", "zone=77")
        self.nat = self.maybe(0.3)
        self.frag = " frag=no" if self.maybe(0.5) else ""
        self.through = self.maybe(0.15)
        self.tags = {end: TAG if self.through or self.maybe(0.3) else ""
                     for end in range(3)}
        self.mark = "mark=9" if self.maybe(0.2) else ""
        self.changes = {end: self.change() if self.maybe(0.4) else ""
                        for end in range(3)}
        self.invalid = self.maybe(0.3)
        for end in range(3):
            self.device(end)
        self.lines.append("ovs dp add dp0")
        self.ports_in = [f"ovs port add v{end} no {end + 1}" for end in range(3)]
        self.lines += self.ports_in
        self.flows = self.tracking() + self.switching()
        self.lines += self.flows
        self.common_events()
        if hardware:
            self.keep_ports()
        self.datapath_events()
        if self.maybe(0.4):
            self.visible_marks()
        self.finish()

    def keep_ports(self):
        """A NIC takes a copy at once: nobody sees one that leaves by no port."""
        self.events = [event for event in self.events
                       if not event[0][0].startswith("port del ")]

    def change(self):
        """What a flow does to packets beside sending them.  Nobody has that address,
        so nothing is learned of what is sent there, and nothing gets into a NIC."""
        what = self.pick("set(tos=0x28)", "set(mark=5)", "set(priority=3)", "dec_ttl")
        return what if self.hardware or self.maybe(0.8) else \
            "set(dst=02:68:00:00:00:44)"

    def marks_policy(self):
        """No mark denies, as nothing else of nft's does here."""

    @staticmethod
    def ct(*words):
        return f"ct({','.join(word for word in words if word)})"

    def tracking(self):
        """The first round"""
        tracked = self.ct(self.zone, "nat" * self.nat)
        return [f"ovs flow put {self.first(end, version)} then "
                f"{'pop_vlan ' * self.pops(end)}{tracked} recirc(1)"
                for end in range(3) for version in self.versions]

    def pops(self, end):
        return bool(self.tags[end]) and not self.through

    @staticmethod
    def vid(tagged):
        return f" vid={VLAN}" if tagged else ""

    def first(self, end, version):
        return f"recirc=0 in={end + 1}{self.vid(self.tags[end])} " \
            f"type={TYPES[version]}{self.frag}"

    def second(self, end, version, state):
        """To an end, of those in a state"""
        return f"recirc=1 dst={HOST.format(end)}{self.vid(self.through)} " \
            f"type={TYPES[version]}{self.frag} state=+trk{state}"

    def switching(self):
        """The second round.  What is translated only near may begin: the number of
        a connection that begins with an answer would be a random one."""
        lines = []
        for end in range(3):
            for version in self.versions:
                lines += [self.new(end, version),
                          f"ovs flow put {self.second(end, version, '-new-inv')} "
                          f"then {self.out(end)}"]
                if self.invalid:
                    lines.append(
                        f"ovs flow put {self.second(end, version, '+inv')} then "
                        f"{self.out(end)}")
        return lines

    def new(self, end, version):
        source = f"src={TRANSLATED[version]}" if self.nat else ""
        commit = self.ct("commit", self.zone, self.mark, "nat" * self.nat, source)
        only = "in=1 " if self.nat else ""
        return f"ovs flow put {only}{self.second(end, version, '+new-inv')} then " \
            f"{commit} {self.out(end)}"

    def out(self, end, change=None, port=None):
        """What is done with a frame for an end, which leaves by another port"""
        change = self.changes[end] if change is None else change
        push = f"push_vlan({VLAN})" if self.pops(end) else ""
        words = change, push, str((end if port is None else port) + 1)
        return " ".join(word for word in words if word)

    def datapath_events(self):
        for end in range(3):
            for version in self.versions:
                self.other_actions(end, version)
            self.event(f"ovs port del v{end}", undo=[self.ports_in[end]])
            self.event(f"ip link set v{end} down", undo=[f"ip link set v{end} up"])
        self.event("ovs flow flush", undo=self.flows)
        self.event("ovs dp del dp0",
                   undo=["ovs dp add dp0"] + self.ports_in + self.flows)
        self.event("ip link set dp0 up", undo=["ip link set dp0 down"])
        zone = self.pick("zone=6", "zone=9")
        self.event(*[self.moved(line, zone) for line in self.flows
                     if "ct(" in line], undo=self.flows)

    def moved(self, line, zone):
        """To another zone"""
        before, _, rest = line.partition("ct(")
        inside, _, after = rest.partition(")")
        words = [word for word in inside.split(",") if word and word != self.zone]
        return f"{before}{self.ct(zone, *words)}{after}"

    def other_actions(self, end, version):
        """To those that are under way, or that begin"""
        old = f"ovs flow put {self.second(end, version, '-new-inv')} then"
        back = [f"{old} {self.out(end)}"]
        other = self.out(end, port=(end + 1) % 3)
        for actions in ("", other, f"{other} {end + 1}", self.out(end, self.change()),
                        self.out(end, ""), f"ct_clear {self.out(end)}"):
            self.event(f"{old} {actions}".rstrip(), undo=back)
        self.event(f"ovs flow del {self.second(end, version, '-new-inv')}", undo=back)
        begins = self.new(end, version)
        match = begins.partition("put ")[2].partition(" then")[0]
        self.event(f"ovs flow del {match}", undo=[begins])
        first = next(line for line in self.flows if self.first(end, version) in line)
        self.event(f"ovs flow del {self.first(end, version)}", undo=[first])

    def connection(self):
        version = self.pick(*self.versions)
        near, far = self.rng.sample(range(2 if self.maybe(0.7) else 3), 2)
        if self.nat:
            near, far = 0, self.pick(1, 1, 2)
        return self.in_one_net(version, near, far)

    def greetings(self):
        return []
