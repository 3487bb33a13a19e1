# SPDX-License-Identifier: GPL-2.0
"""A random script from a seed: a gateway, connections through it, odd packets
among plain ones, and things that happen meanwhile."""

import random

from bridged import Bridged
from routed import Routed
from switched import Switched

# (what, for which protocols and versions: t u s, o for all but t and u, 4 6)
ODD = [
    (("ttl=0", "ttl=1", "ttl=2", "ttl=3", "ttl=255"), "tuo46"),
    (("tos=1", "tos=2", "tos=3", "tos=0xb8", "tos=0x28"), "tuo46"),
    (("total=0", "total=27", "total=41", "total=48", "total=65535"), "tuo46"),
    (("version=5", "version=4", "version=6"), "tuo46"),
    (("proto=0", "proto=59", "proto=253", "proto=6", "proto=17"), "tuo46"),
    (("ihl=4", "ihl=6", "ihl=15"), "tuo4"),
    (("frag=0", "frag=0x8000", "frag=0x2000", "frag=0x20", "frag=0x6000"), "tuo4"),
    (("ipopt=01010101", "ipopt=94040000", "ipopt=0707040000000000",
      "ipopt=8307040a01000100", "ipopt=440c050000000000"), "tuo4"),
    (("badip=1", "badip=0x100"), "tuo4"),
    (("label=5",), "tuo6"),
    (("ext=hop", "ext=alert", "ext=dest", "ext=route", "ext=atom"), "tuo6"),
    (("parts=2 size=200", "parts=3 size=700", "parts=2 size=1400",
      "parts=2 size=300 order=reverse", "parts=4 size=4000"), "tuo46"),
    (("badsum=1", "badsum=0x1111", "badsum=0xffff"), "tuo46"),
    (("nosum=1",), "tu46"),
    (("complete=1", "complete=1 size=1000", "complete=1 badsum=1",
      "complete=1 badsum=0x1111 size=300", "complete=1 badsum=0xffff",
      "complete=1 pad=9", "complete=1 tos=3"), "tu46"),
    (("partial=1", "partial=1 size=1000", "partial=1 size=0"), "tu46"),
    (("gso=1000 size=4000", "gso=1400 size=20000", "gso=500 size=9000",
      "gso=1228 size=5000 frag=0", "gso=1448 size=40000", "gso=1000 size=900",
      "gso=1200 size=3600 ttl=1"), "t46"),
    (("gso=1000 size=4000", "gso=1472 size=9000 frag=0"), "u46"),
    (("size=0", "size=1", "size=3", "size=6", "size=1200", "size=1232",
      "size=1252", "size=1400", "size=1440", "size=1452", "size=1460",
      "size=1472", "size=2000", "size=3900", "size=8000", "size=1400 frag=0",
      "size=4000 frag=0", "size=8900 frag=0"), "tuo46"),
    (("udplen=0", "udplen=7", "udplen=8", "udplen=19", "udplen=21",
      "udplen=65535"), "u46"),
    (("doff=0", "doff=4", "doff=6", "doff=8", "doff=9", "doff=15"), "t46"),
    (("tcpopt=0101080a0000000000000000", "tcpopt=0500ffff",
      "tcpopt=0101050a0000000100000002"), "t46"),
    (("urgent=3 flags=AU", "flags=AEC", "flags=0", "flags=P", "flags=SF",
      "flags=SR", "flags=FPU", "flags=SAFRPU"), "t46"),
    (("flags=S size=0", "flags=SA size=0", "flags=FA size=0", "flags=FA",
      "flags=F size=0", "flags=SA", "flags=RA size=0", "flags=R size=0"), "t46"),
    (("seq=-1 size=0", "seq=2000", "seq=-5000"), "t46"),
    (("chunk=3", "chunk=4", "chunk=5", "chunk=6", "chunk=7", "chunk=8", "chunk=14",
      "chunk=10", "chunk=63"), "s46"),
    (("dst=026800000055", "dst=ffffffffffff", "src=026800000066",
      "dst=026700000009", "dst=026700000001"), "tuo46"),
    (("tags=81000000", "tags=81000005", "tags=88a80005", "tags=8100000581000006",
      "tags=81002007", "tags=8100e00a", "tags=8100000a"), "tuo46"),
    (("pad=9", "pad=1", "pad=30 size=1", "pad=200"), "tuo46"),
    (("kind=0x86dd", "kind=0x800", "kind=0x1234", "kind=0x8100"), "tuo46"),
    (tuple(f"cut={size}" for size in (0, 1, 10, 19, 20, 25, 28, 33, 40, 44, 48,
                                      52, 60)), "tuo46"),
]
# What may be odd about a packet that is denied: with the rest conntrack may take it
# for none, and what nobody can use is dropped with the others.
DENIABLE = {"ttl", "tos", "size", "frag", "ipopt", "ext", "tags", "dst", "src",
            "parts", "order", "label", "pad"}
# What the eswitch does not look at, and the slow path does
UNSEEN = {"total", "udplen", "badsum", "nosum", "badip", "ipopt", "pad"}
EXPIRES = "0", "1"
SHORT = 1200		# bytes of payload that any MTU here has room for
# What tier 1 answers before it denies it
ANSWERED = "ttl=1", "ttl=0", "size=1472", "size=2000", "size=3900", "size=8900"
ERRORS = {"4": ("3 1 0", "3 3 0", "3 4 1000", "11 0 0", "3 13 0"),
          "6": ("1 0 0", "1 4 0", "2 0 1300", "3 0 0")}
WAYS = "there", "back"


class Generator:
    def __init__(self, seed, stimuli):
        self.rng = random.Random(seed)
        kind = self.rng.choice((Routed, Routed, Bridged))
        if random.Random(f"switched {seed}").random() < 0.25:
            kind = Switched
        self.hardware = random.Random(f"hardware {seed}").random() < 0.3
        self.topology = kind(self.rng, self.hardware)
        self.lines = [f"# seed {seed}",
                      f"ends {self.topology.ends}" + " nic" * self.hardware]
        self.lines += self.topology.lines + self.topology.greetings()
        self.names = {}			# connection: its letters of ODD
        self.pending = []		# what undoes the events there were
        for _ in range(self.rng.randint(2, 3)):
            self.connect()
        for _ in range(stimuli):
            self.stimulus()
        while self.pending:
            self.lines += self.pending.pop()
        for name in self.names:
            self.talk(name)

    def connect(self):
        name = f"c{len(self.names) + 1}"
        words = self.topology.connection()
        self.names[name] = words[0] + ("6" if "src=f" in words else "4")
        self.lines += [f"conn {name} {words}", f"open {name}"]
        self.talk(name)

    def talk(self, name):
        self.lines += [f"send {name} there n=2", f"send {name} back n=2",
                       f"send {name} there", f"send {name} back"]
        self.climb(name)

    def climb(self, name):
        """Then the eswitch has something to carry."""
        if self.hardware and self.names[name][0] in "tu" and \
                name not in self.denied():
            self.lines += [f"climb {name}", f"send {name} there n=2",
                           f"send {name} back n=2"]

    def some(self):
        return self.rng.choice(list(self.names))

    def oddity(self, letters):
        protocol, version = letters
        kinds = {protocol} if protocol in "tu" else {protocol, "o"}
        choices = [[one for one in words if self.fit(one)] for words, for_which in ODD
                   if version in for_which and kinds & set(for_which)]
        return self.rng.choice(self.rng.choice([some for some in choices if some]))

    def fit(self, words):
        """Do both gateways do the same to it?"""
        return words not in self.topology.unfit and (
            not self.hardware or self.seen(words))

    @staticmethod
    def seen(words):
        """Does the eswitch do to such a packet what the slow path does, or leave
        it alone?  It leaves fragments alone, which may be of any size."""
        found = dict(word.split("=") for word in words.split())
        return not set(found) & UNSEEN and found.get("ttl") not in EXPIRES and (
            "parts" in found or int(found.get("gso", found.get("size", 0))) <= SHORT)

    def stimulus(self):
        kind = self.rng.choices(
            ("odd", "odder", "plain", "event", "undo", "error", "forget", "open",
             "deny", "mark"),
            (45, 8, 12, 18, 10, 4, 2, 5, 5, 3))[0]
        getattr(self, kind)(self.some())

    def odd_line(self, name, count):
        letters, words = self.names[name], {}
        for _ in range(count):
            for word in self.oddity(letters).split():
                key, value = word.split("=")
                words.setdefault(key, value)
        # Whatever it is, a device may have added it up.
        if "detour 0" in self.topology.lines and letters[0] in "tu" and \
                name not in self.denied() and self.rng.random() < 0.4:
            words.setdefault("complete", "1")
        # Conntrack learns of the end of a connection here, and the record is
        # found by none of these.
        if name in self.denied() and (not set(words) <= DENIABLE or
                                      self.swallowed(name, words)):
            return
        if "flags" in words:
            # A packet's size is that of its fragments.
            one = ("parts", "size") if "parts" in words else ()
            words = {key: value for key, value in words.items()
                     if key not in ("ext", "ipopt", "seq", *one)}
        self.lines.append(
            f"send {name} {self.rng.choice(WAYS)} " +
            " ".join(f"{key}={value}" for key, value in words.items()))

    def swallowed(self, name, words):
        """Does conntrack have it, and it gets to the rules of nft or to a port as
        nothing that they know?  Bridges drop what is too long for the port, and
        fragments of IPv6 that are smaller than 1280 bytes, and may take the tag of
        another kind of VLAN for a part of the packet."""
        if not isinstance(self.topology, Bridged):
            return False
        if words.get("tags", "").startswith("88a8"):
            return True
        if "parts" in words or words.get("ext") == "atom":
            return "6" in self.names[name]
        return int(words.get("size", 0)) > SHORT

    def plain(self, name):
        self.lines.append(f"send {name} {self.rng.choice(WAYS)} "
                          f"n={self.rng.randint(1, 4)} "
                          f"size={self.rng.choice((0, 12, 100, 1000))}")

    def plain_after(self, name):
        self.lines += [f"send {name} {way}" for way in self.rng.sample(WAYS, 2)]

    def odd(self, name, count=1):
        self.odd_line(name, count)
        if self.rng.random() < 0.6:
            self.plain_after(name)

    def odder(self, name):
        self.odd(name, 2)

    def event(self, name):
        lines, undo = self.rng.choice(self.topology.events)
        if undo and undo in self.pending:
            return self.undo(name)
        if self.denied() and self.hampers(lines + undo):
            return self.plain(name)
        self.lines += lines
        if undo:
            self.pending.append(undo)
        # What was queued or learned meanwhile shows with the second one.
        self.plain_after(name)
        self.plain_after(name)
        self.climb(name)
        return self.plain_after(self.some())

    def denied(self):
        return [undo[0].split()[1] for undo in self.pending
                if undo[0].startswith("allow ")]

    @staticmethod
    def hampers(lines):
        """Where a port is none, an egress chain or filter drops, be it a port's or
        that of a device on top of one, or an address is the gateway's own, the policy does not
        reach, and what it denies at the end of its way asks for neighbours, which
        what nft denies does not."""
        return any(line.startswith(("port ", "ip neigh ", "ip addr ", "tc ")) or
                   " netdev n" in line or " netdev u" in line or
                   line.startswith("ip link ") and " address " in line
                   for line in lines)

    def deny(self, name):
        if not self.topology.deniable or name in self.denied() or \
                self.names[name][0] not in "tu" or \
                any(self.hampers(undo) for undo in self.pending):
            return self.plain(name)
        self.lines.append(f"deny {name}")
        self.pending.append([f"allow {name}"])
        self.plain_after(name)
        if not self.hardware:
            self.lines += [f"send {name} {self.rng.choice(WAYS)} {words}"
                           for words in self.rng.sample(ANSWERED, 2)
                           if not self.swallowed(name, dict([words.split("=")]))]
        return self.plain_after(name)

    def mark(self, name):
        # What waits for a neighbour meanwhile the policy judges when it leaves.
        if not self.topology.marked or self.names[name][0] not in "tu" or \
                any(self.hampers(undo) for undo in self.pending):
            return self.plain(name)
        self.lines.append(f"mark {name} {self.rng.choice((0, 7, 7, 8))}")
        self.plain_after(name)
        return self.plain_after(name)

    def undo(self, name):
        if not self.pending:
            return self.event(name)
        self.lines += self.pending.pop(self.rng.randrange(len(self.pending)))
        self.plain_after(name)
        self.plain_after(name)
        return self.climb(name)

    def error(self, name):
        version = self.names[name][1]
        self.lines.append(f"error {name} {self.rng.choice(WAYS)} "
                          f"{self.rng.choice(ERRORS[version])}")

    def forget(self, name):
        self.lines.append(f"forget {name}")
        self.plain_after(name)
        self.plain_after(name)

    def open(self, name):
        # Its numbers are new, and out of conntrack's window, which the cache
        # does not know.
        if not self.topology.liberal or self.rng.random() < 0.4:
            return self.connect()
        self.lines.append(f"open {name}")
        return self.talk(name)


def script(seed, stimuli):
    """The lines of a seed's script."""
    return Generator(seed, stimuli).lines
