# SPDX-License-Identifier: GPL-2.0
"""Plays a script on both copies of a gateway, and compares what comes out.

A script is text, one step a line:

	ends N [nic]		first of all: far ends 0 to N-1, devices v0, v1 ...,
				each copy's those of a NIC with an eswitch
	ip|bridge|nft|sysctl ...	in both gateways
	ovs ...			likewise: see ovs.py
	only COMMAND		in the one that has pnicfw's ports, to see it found
	port add|del DEVICE	in that one, too
	policy|param ...	likewise: see policy.py
	detour END		frames with complete=1 take it: see detour.py
	conn NAME PROTOCOL end=N far=N src=A dst=A sport=N dport=N mac=M gw=M [tags=HEX]
	open NAME		the handshake; far is where it is expected to arrive
	send NAME there|back [n=N] KEY=VALUE...		see packets.py
	error NAME there|back TYPE CODE EXTRA		ICMP, about what came last
	climb NAME		until the eswitch has it, or it is clear that it will not
	forget NAME|all		conntrack -D of it, conntrack -F
	deny NAME | allow NAME	by a policy rule there, and by nft in the other; it ends
				in both
	mark NAME VALUE		conntrack -U --mark; what the policy denies by that ends
	frame END HEX		as it is

Steps that cannot be made any more (a reply to a connection that never arrived)
are left out, so that any part of a script is one as well.
"""

import ipaddress
import random
import re
import struct
import time
from collections import Counter, namedtuple

import conntrack
import others
from odd_packets import RST
from packets import (NO_OFFLOAD, PROTOCOLS, SYN_OPTIONS, TCP, Host, Plug,
                     answering, split_tags, value_of)
from policed import Policed
from rtnl import mac

Mismatch = namedtuple("Mismatch", "line text")
# What may be about a packet that arrives as any other
PLAIN = {"size", "flags", "partial", "gso", "complete", "tcpopt", "tos"}
DATA_VALID = 2		# of a frame's offload
NUMBERS = "seq", "ack", "tag", "peer_tag"	# what a handshake agrees on
HOSTS_ID = struct.pack("!H", 77)	# of the ICMP errors that hosts send
SETTLED = 2		# seconds: by then RCU has freed what nobody uses
CLIMBED = 0.2		# likewise: what may has got into the eswitch
ZONE = re.compile(r"\bzone=(\d+)")


class Outcome:
    """What a script has shown."""

    def __init__(self):
        self.mismatch = None
        self.stats = {}
        self.frames = 0
        self.hardware = False
        self.carried = 0		# by the eswitch
        self.hits = Counter()		# in the cache, by kind of connection
        self.refused = []


def comparable(frame):
    """A frame without what the kernel picks at random: the ID of an ICMP error
    that a gateway made, and the checksum over it; the ID of IPv6 fragments."""
    _, packet = split_tags(frame.data)
    data, at = frame.data, len(frame.data) - len(packet)
    if packet[:2] == b"\x08\0" and packet[11:12] == b"\1" and \
            packet[6:8] != HOSTS_ID:
        data = data[:at + 6] + b"\0\0" + data[at + 8:at + 12] + b"\0\0" + \
            data[at + 14:]
    elif packet[:2] == b"\x86\xdd" and packet[8:9] == b"\x2c":
        data = data[:at + 46] + bytes(4) + data[at + 50:]
    # That a checksum was found right already is but a hint to the receiver.
    flags, rest = frame.offload[0] & ~DATA_VALID, frame.offload[1:]
    return frame.end, data, bytes([flags]) + rest


def chatter(frame):
    """What a gateway says on its own to those who listen to multicast, when it
    likes to. No host here sends any."""
    return frame.data[:2] == b"\x33\x33" or frame.data[:3] == b"\1\0\x5e"


def difference(mine, other):
    """Where two lists of comparable frames differ, in words."""
    for at in range(max(len(mine), len(other))):
        a = mine[at] if at < len(mine) else None
        b = other[at] if at < len(other) else None
        if a == b:
            continue
        lines = []
        for copy, frame in (("with pnicfw", a), ("without", b)):
            lines.append(f"{copy}: " + (
                f"end {frame[0]} offload {frame[2].hex()} length {len(frame[1])} "
                f"{frame[1][:128].hex()}" if frame else "nothing"))
        if a and b:
            byte = next((i for i, (x, y) in enumerate(zip(a[1], b[1]))
                         if x != y), None)
            lines.append(f"differs at byte {byte}" if byte is not None else
                         "differs in end, length or offload")
        return f"frame {at + 1} of {len(mine)} and {len(other)}\n" + \
            "\n".join(lines)
    return None


class Conversation:
    """A connection and both its hosts; the one that answers is known once a
    packet came there."""

    def __init__(self, words):
        proto, found = words[0], dict(word.split("=", 1) for word in words[1:])
        src, dst = (ipaddress.ip_address(found[key]) for key in ("src", "dst"))
        self.far, self.proto, self.dst = int(found["far"]), proto, dst
        self.there = Host(src.version, PROTOCOLS[proto], src.packed, dst.packed,
                          int(found["sport"]), int(found["dport"]),
                          Plug(int(found["end"]), mac(found["mac"]),
                               mac(found["gw"]),
                               bytes.fromhex(found.get("tags", ""))))
        self.there.begins = True
        self.back = None
        self.arrived = {}		# the last frame that came to each host
        self.openings = 0
        self.forgotten()
        self.begin()

    def forgotten(self):
        """Conntrack does not know it: whether it then sees the handshake or
        picks the connection up in the middle, and whether there comes another
        handshake after that."""
        self.opened = self.picked_up = self.reopened = False

    def begin(self):
        """Sequence numbers, which are the packets' marks as well."""
        self.openings += 1
        start = random.Random(f"{self.there.sport} {self.openings}")
        self.there.seq = start.getrandbits(31)
        self.there.ack = start.getrandbits(31)
        self.there.tag, self.there.peer_tag = start.getrandbits(31), 0

    def host(self, way):
        return self.there if way == "there" else self.back

    def other(self, way):
        return self.back if way == "there" else self.there


class Player(Policed):
    def __init__(self, stage, script):
        self.stage = stage
        self.script = script
        self.outcome = Outcome()
        self.conversations = {}
        self.denied = []		# names
        self.bond = any(" type bond mode " in line for line in script)
        self.switched = any(line.startswith("ovs ") for line in script)
        self.zones = {0}.union(*(map(int, ZONE.findall(line)) for line in script))
        self.multipath = {ipaddress.ip_network(line.split()[3])
                          for line in script if " nexthop " in line}
        self.came = []
        self.at = 0			# in the script

    def play(self):
        """Stops at the first mismatch."""
        try:
            for number, line in enumerate(self.script):
                if line and not line.startswith("#"):
                    self.step(number, line.split(), line)
                if self.outcome.mismatch:
                    break
            self.finish()
        finally:
            self.stage.clear()
        return self.outcome

    def step(self, number, words, line):
        self.at = number
        verb = getattr(self, "do_" + words[0], None)
        if verb:
            verb(*words[1:])
        else:
            self.command(number, line)
        if self.stage.gateways:
            self.compare(number)

    def mismatch(self, number, text):
        if not self.outcome.mismatch:
            self.outcome.mismatch = Mismatch(number, text)

    def finish(self):
        """Conntrack's view of it all: each connection, its state and counters."""
        if not self.stage.gateways:
            return
        with_ports = self.stage.gateways[0]
        self.outcome.stats = with_ports.stats()
        self.outcome.hardware = self.stage.hardware
        self.outcome.carried = self.stage.carried()
        if self.outcome.mismatch:
            return
        views = [conntrack.view(gateway.proc("nf_conntrack"))
                 for gateway in self.stage.gateways]
        if self.outcome.stats["records"] or views[0] != views[1]:
            with_ports.no_ports()
            views[0] = self.view_like(with_ports, views[1])
        if self.stage.hardware:
            with_ports.no_ports()
            if self.stage.nics[0].rules():
                self.mismatch(len(self.script), "the eswitch has rules of no port's")
        for one, other in zip(*views):
            if one != other:
                return self.mismatch(len(self.script), "conntrack\n"
                                     f"with pnicfw: {one}\nwithout: {other}")
        if len(views[0]) != len(views[1]):
            self.mismatch(len(self.script), f"conntrack has {len(views[0])} "
                          f"entries with pnicfw, {len(views[1])} without\n" +
                          "\n".join(max(views, key=len)))

    @staticmethod
    def view_like(gateway, wanted):
        """What its records have counted comes when the kernel frees them."""
        deadline = time.monotonic() + SETTLED
        while True:
            found = conntrack.view(gateway.proc("nf_conntrack"))
            if found == wanted or time.monotonic() > deadline:
                return found
            time.sleep(0.01)

    def compare(self, number):
        """Lets what was sent arrive; adds to what came in this step."""
        self.arrive()
        mine, other = ([comparable(frame) for frame in came
                        if not chatter(frame)] for came in self.came)
        self.outcome.frames += len(other)
        self.came = [], []
        if mine == other:
            return
        ends = {frame[0] for frame in mine + other}
        for end in sorted(ends):
            text = difference([frame for frame in mine if frame[0] == end],
                              [frame for frame in other if frame[0] == end])
            if text:
                self.mismatch(number, text)

    def arrive(self):
        """What came where pnicfw is off; the hosts live on that."""
        came = self.stage.settle()
        for all_came, now in zip(self.came, came):
            all_came.extend(now)
        if not self.stage.rest():
            self.mismatch(self.at, "the eswitch does not come to rest: "
                          f"{self.stage.nics[0].rules()} rules\n"
                          + self.stage.gateways[0].proc("pnicfw/flows"))
        return came[1]

    # Steps

    def command(self, number, line):
        results = []
        for gateway in self.stage.gateways:
            try:
                gateway.run(line)
                results.append(None)
            except OSError as error:
                results.append(str(error))
        if results[0] != results[1]:
            self.mismatch(number, f"with pnicfw: {results[0]}\n"
                                  f"without: {results[1]}")
        elif results[0] and not self.conversations:
            self.outcome.refused.append(f"{line}: {results[0]}")
        if line.startswith("ovs flow ") and self.conversations:
            self.look_again()
        if line.startswith("ip link "):
            self.stage.settle_links()
        elif line.startswith("ip addr add ") and not any(results):
            self.stage.settle_address(line.split()[3])

    def look_again(self):
        """Nobody is told of a datapath's flows, which is one of pnicfw's limits; but of
        what nft commits, whatever it is."""
        self.stage.gateways[0].run_nft(
            "add table inet again; delete table inet again")

    def do_only(self, *words):
        self.stage.gateways[0].run(" ".join(words))

    def do_ends(self, count, *kind):
        self.stage.build(int(count), "nic" in kind)
        self.came = [], []

    def do_detour(self, end):
        self.stage.detour(int(end))

    def do_port(self, verb, device):
        try:
            self.stage.gateways[0].port(verb, device)
        except OSError as error:
            self.outcome.refused.append(f"port {verb} {device}: {error}")

    def do_conn(self, name, *words):
        self.conversations[name] = Conversation(words)

    def do_frame(self, end, data):
        self.stage.send(int(end), NO_OFFLOAD, bytes.fromhex(data))

    def do_forget(self, name):
        talk = self.conversations.get(name)
        if talk or name == "all":
            for gateway in self.stage.gateways:
                gateway.inside(conntrack.forget, talk and talk.there, self.zones)
            for known in [talk] if talk else self.conversations.values():
                known.forgotten()

    def do_climb(self, name):
        talk = self.conversations.get(name)
        deadline = time.monotonic() + CLIMBED
        while talk and time.monotonic() < deadline:
            if any(flow[1] == "offloaded" and flow[8] == str(talk.there.sport)
                   for flow in self.stage.gateways[0].flows()):
                break
            time.sleep(0.002)

    def transmit(self, host, words):
        """Sends, and returns what came of it where pnicfw is off."""
        for vnet, frame in host.frames(words):
            self.stage.send(host.side.end, vnet, frame, "complete" in words)
        return self.arrive()

    def find(self, talk, came):
        """The frame of this connection's that came, at the far end best."""
        mark = struct.pack("!I", talk.there.seq & 0xffffffff)
        found = [frame for frame in came if mark in frame.data[26:100] and
                 not chatter(frame)]
        return next((frame for frame in found if frame.end == talk.far),
                    found[0] if found else None)

    def do_open(self, name):
        talk = self.conversations.get(name)
        if not talk:
            return
        there, tcp = talk.there, talk.there.proto == TCP
        before = {name: getattr(there, name, None) for name in NUMBERS}
        talk.begin()
        talk.opened, talk.reopened = True, talk.picked_up
        syn = {"flags": 2, "size": 0, "tcpopt": SYN_OPTIONS} if tcp else \
            {"chunk": others.INIT} if there.proto == others.SCTP else {}
        came = self.find(talk, self.transmit(there, syn))
        if not came:
            talk.reopened = True	# but conntrack does not know
            if talk.back:	# nobody answers: the old one goes on
                vars(there).update(before)
            return
        talk.back = back = answering(there, came.end, came.data)
        talk.arrived["back"] = came.data
        back.seq, back.ack = there.ack, there.seq + 1
        if there.proto == others.SCTP:
            self.associate(there, back)
            return
        if not tcp:
            self.transmit(back, {})
            return
        there.seq += 1
        self.transmit(back, {"flags": 0x12, "size": 0, "tcpopt": SYN_OPTIONS})
        back.seq += 1
        there.ack = back.seq
        self.transmit(there, {"flags": 0x10, "size": 0})

    def associate(self, there, back):
        """What follows SCTP's first packet"""
        back.tag, back.peer_tag = there.tag ^ 1, there.tag
        self.transmit(back, {"chunk": others.INIT_ACK})
        there.peer_tag = back.tag
        self.transmit(there, {"chunk": others.COOKIE_ECHO})
        self.transmit(back, {"chunk": others.COOKIE_ACK})

    def do_send(self, name, way, *words):
        talk = self.conversations.get(name)
        host = talk and talk.host(way)
        if not host:
            return
        found = {key: value_of(key, text) for key, text in
                 (word.split("=", 1) for word in words)}
        before = self.hits()
        for _ in range(found.pop("n", 1)):
            self.send_one(talk, way, host, found)
        for kind in self.kinds(talk):
            self.outcome.hits[kind] += self.hits() - before

    def kinds(self, talk):
        """Its protocol, and what is special about its way, or was at first."""
        yield talk.proto
        if talk.far == 1 and self.bond:
            yield "bond"
        if self.switched:
            yield "ovs"
        if any(talk.dst in net for net in self.multipath):
            yield "multipath"

    def hits(self):
        """What the cache has carried so far"""
        return self.stage.gateways[0].stats()["cache-hits"]

    def send_one(self, talk, way, host, words):
        mark = struct.pack("!I", host.seq & 0xffffffff)
        other = talk.other(way)
        talk.picked_up |= not talk.opened
        if other and words.get("flags", 0) & RST:
            if talk.reopened or not self.acknowledged(host, other):
                return
            words = {**words, "seq": other.ack - host.seq}
        came = self.transmit(host, words)
        for frame in came:
            if other and frame.end == other.side.end and \
                    mark in frame.data[26:100]:
                talk.arrived["back" if way == "there" else "there"] = frame.data
                self.acknowledge(host, other, words)
                return

    def acknowledged(self, host, other):
        """The other end acknowledges; returns whether that arrived.  Conntrack
        takes a RST for one if it has the number that the other end acknowledged
        last, and of a connection in the cache it does not know that: only RSTs
        that it has to take can be compared.  None are of one that was picked up
        in the middle and has begun anew since: conntrack goes by the numbers of
        before."""
        came = self.transmit(other, {"flags": 0x10, "size": 0})
        return any(frame.end == host.side.end for frame in came)

    @staticmethod
    def acknowledge(host, other, words):
        """What arrived whole moves both on; anything odd is sent once more."""
        if host.proto != TCP:
            host.seq += 1
            return
        flags = words.get("flags", 0x18)
        if set(words) - PLAIN or flags & 6 or not flags & 0x10:
            return
        host.seq += words.get("size", 12) + (flags & 1)
        other.ack = host.seq

    def do_error(self, name, way, kind, code, extra):
        talk = self.conversations.get(name)
        host = talk and talk.host(way)
        about = talk and talk.arrived.get(way)
        if host and about:
            self.stage.send(host.side.end, NO_OFFLOAD, host.error(
                int(kind), int(code), int(extra, 0), about))
