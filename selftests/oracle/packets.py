# SPDX-License-Identifier: GPL-2.0
"""The oracle's hosts: each makes one direction's packets of a connection, plain
ones or odd in any way that a script asks for.

	size=N flags=LETTERS seq=N doff=N tcpopt=HEX urgent=N	TCP
	size=N udplen=N						UDP
	badsum=N nosum=1 partial=1 gso=N complete=1		their checksum
	others							see others.py
	ttl=N tos=N proto=N total=N version=N			IP
	ihl=N frag=N ident=N ipopt=HEX badip=N			IPv4
	label=N ext=hop|alert|dest|route|atom			IPv6
	parts=N order=reverse					fragments
	dst=HEX src=HEX tags=HEX kind=N pad=N cut=N		Ethernet
"""

import struct
from collections import namedtuple

import others
from odd_packets import ACK, FIN, PSH, RST, SYN, TCP, UDP, URG, Flow, checksum

PROTOCOLS = {"tcp": TCP, "udp": UDP, "sctp": others.SCTP, "icmp": others.ICMP,
             "icmpv6": others.ICMPV6, "gre": others.GRE}
LETTERS = {"S": SYN, "A": ACK, "F": FIN, "R": RST, "P": PSH, "U": URG,
           "E": 0x40, "C": 0x80, "0": 0}
SYN_OPTIONS = bytes.fromhex("020405b4040201010103030a")
VLAN_TYPES = (b"\x81\0", b"\x88\xa8")
NO_OFFLOAD = bytes(10)
EXTENSIONS = {			# number of the header, the rest of it
    "hop": (0, "00010400000000"), "alert": (0, "00050200000100"),
    "dest": (60, "00010400000000"), "route": (43, "00010400000000"),
    "atom": (44, "00000000000009"),
}
# Where a script's words go: the parts of a packet, and what they call it
TRANSPORT = {"doff": "doff", "udplen": "udp_len", "badsum": "bad_sum",
             "nosum": "no_sum", "urgent": "urgent", "seq": "seq",
             "flags": "flags", "tcpopt": "options"}
IP = {"proto": "proto", "ihl": "ihl", "total": "total", "version": "version",
      "tos": "tos", "ttl": "ttl", "frag": "frag", "ident": "ident",
      "ipopt": "options", "badip": "bad_sum", "label": "label"}
V4_ONLY = {"ihl", "frag", "ident", "ipopt", "badip"}
LINK = {"dst": "dst", "src": "src", "tags": "tags", "kind": "kind"}
HEX = {"tcpopt", "ipopt", "dst", "src", "tags"}

# Where a host is plugged in
Plug = namedtuple("Plug", "end mac gateway tags")


def value_of(key, text):
    if key == "flags":
        return sum(LETTERS[letter] for letter in text)
    if key in HEX:
        return bytes.fromhex(text)
    return text if key in ("ext", "order") else int(text, 0)


def split_tags(frame):
    """The tags, and the rest from the type of the payload on."""
    at = 12
    while frame[at:at + 2] in VLAN_TYPES:
        at += 4
    return frame[12:at], frame[at:]


class Host(Flow):
    """One end of a connection; side is its Plug."""

    begins = False		# it has asked for the connection
    tag = peer_tag = 0		# of SCTP

    def frame(self, packet, dst=None, src=None, tags=None, kind=None):
        tags = self.side.tags if tags is None else tags
        return super().frame(packet, dst, src, tags, kind)

    def payload(self, size):
        """What tells this packet from all others."""
        self.count = getattr(self, "count", 0) + 1
        mark = struct.pack("!IHH", self.seq & 0xffffffff, self.sport, self.count)
        return (mark * (size // 8 + 1))[:size]

    def segment(self, words):
        """The transport header and payload, its checksum whole or partial."""
        if self.proto in others.SEGMENTS:
            return others.SEGMENTS[self.proto](
                self, self.payload(words.get("size", 12)), words)
        more = {TRANSPORT[key]: words[key] for key in words if key in TRANSPORT}
        data = self.transport(self.payload(words.get("size", 12)), **more)
        if "partial" not in words and "gso" not in words:
            return data
        at = 16 if self.proto == TCP else 6
        pseudo = self.src + self.dst + struct.pack("!II", len(data), self.proto)
        return data[:at] + struct.pack("!H", checksum(pseudo) ^ 0xffff) + \
            data[at + 2:]

    def packet(self, data, words):
        """IP around it, and what is between."""
        more = {IP[key]: words[key] for key in words if key in IP and
                (key != "label" if self.version == 4 else key not in V4_ONLY)}
        if self.version == 4:
            more.setdefault("ident", self.ident())
        elif "ext" in words:
            number, rest = EXTENSIONS[words["ext"]]
            data = bytes([self.proto]) + bytes.fromhex(rest) + data
            more["proto"] = number
        return self.ip(data, **more)

    def ident(self):
        return (self.seq ^ self.sport * 7 + getattr(self, "count", 0)) & 0xffff

    def offload(self, words):
        """The header that tells the kernel of partial checksum and segments."""
        if "partial" not in words and "gso" not in words:
            return NO_OFFLOAD
        tags = words.get("tags", self.side.tags)
        start = 14 + len(tags) + (20 if self.version == 4 else 40)
        start += len(words.get("ipopt", b"")) if self.version == 4 else \
            8 * ("ext" in words)
        gso = words.get("gso", 0)
        kind = {(TCP, 4): 1, (TCP, 6): 4}.get((self.proto, self.version), 3)
        doff = 20 + len(words.get("tcpopt", b"")) if self.proto == TCP else 8
        return struct.pack("=BBHHHH", 1, kind if gso else 0,
                           start + doff if gso else 0, gso, start,
                           16 if self.proto == TCP else 6)

    def parts(self, data, words):
        """The packet's fragments."""
        count = words["parts"]
        step = max(8, len(data) // count & ~7)
        pieces = [(at, data[at:at + step])
                  for at in range(0, len(data), step)]
        ident = self.ident()
        for at, piece in pieces:
            more = at + step < len(data)
            if self.version == 4:
                yield self.packet(piece, {**words, "ident": ident,
                                          "frag": more << 13 | at >> 3})
            else:
                header = struct.pack("!BBHI", self.proto, 0, at | more, ident)
                yield self.packet(header + piece, {**words, "proto": 44})

    def frames(self, words):
        """[(offload, frame)] of what the words ask for."""
        data = self.segment(words)
        packets = list(self.parts(data, words)) if "parts" in words else \
            [self.packet(data, words)]
        if words.get("order") == "reverse":
            packets.reverse()
        more = {LINK[key]: words[key] for key in words if key in LINK}
        return [(self.offload(words), self.frame(
            packet[:words.get("cut")] + b"\xa5" * words.get("pad", 0), **more))
            for packet in packets]

    def error(self, kind, code, extra, about):
        """An ICMP error about a frame that came here."""
        _, packet = split_tags(about)
        body = struct.pack("!BBHI", kind, code, 0, extra) + packet[2:][:64]
        if self.version == 4:
            number, pseudo = 1, b""
        else:
            number = 58
            pseudo = self.src + self.dst + struct.pack("!II", len(body), 58)
        body = body[:2] + struct.pack("!H", checksum(pseudo + body)) + body[4:]
        return self.frame(self.ip(body, proto=number))		# its ID is 77


def answering(host, end, frame):
    """The host at the other end, as the frame that came there tells."""
    tags, packet = split_tags(frame)
    at = 2 + (20 if host.version == 4 else 40)
    half = 4 if host.version == 4 else 16
    addresses = packet[at - 2 * half:at]
    sport, dport = others.numbers(host.proto, packet[at:])
    return Host(host.version, host.proto, addresses[half:], addresses[:half],
                dport, sport, Plug(end, frame[:6], frame[6:12], tags))
