# SPDX-License-Identifier: GPL-2.0
"""The oracle's transport headers besides TCP's and UDP's: SCTP, ICMP echo, and
GRE with a key, of which conntrack sees nothing.

	size=N badsum=N		all of them
	chunk=N			SCTP: the kind of its only chunk, 0 is data
"""

import struct

from odd_packets import checksum

ICMP, GRE, ICMPV6, SCTP = 1, 47, 58, 132
DATA, INIT, INIT_ACK, COOKIE_ECHO, COOKIE_ACK = 0, 1, 2, 10, 11
REQUEST, REPLY = {ICMP: 8, ICMPV6: 128}, {ICMP: 0, ICMPV6: 129}
GRE_KEY, INSIDE = 0x2000, 0x88b5	# an Ethernet type that nobody looks into
POLYNOMIAL = 0x82f63b78


def table():
    for value in range(256):
        for _ in range(8):
            value = value >> 1 ^ POLYNOMIAL * (value & 1)
        yield value


TABLE = list(table())


def crc32c(data):
    crc = 0xffffffff
    for byte in data:
        crc = crc >> 8 ^ TABLE[(crc ^ byte) & 0xff]
    return crc ^ 0xffffffff


def chunk(host, payload, kind):
    """Each has the packet's mark in its first bytes."""
    mark = host.seq & 0xffffffff
    if kind in (INIT, INIT_ACK):
        body = struct.pack("!IIHHI", host.tag, 65536, 1, 1, mark)
    elif kind == DATA:
        body = struct.pack("!IHHI", mark, 0, 0, 0) + payload
    else:
        body = struct.pack("!I", mark) + payload
    flags = 3 if kind == DATA else 0	# its first and last fragment
    return struct.pack("!BBH", kind, flags, 4 + len(body)) + body + \
        bytes(-len(body) % 4)


def sctp(host, payload, words):
    kind = words.get("chunk", DATA)
    ports = struct.pack("!HHI", host.sport, host.dport,
                        0 if kind == INIT else host.peer_tag)
    rest = chunk(host, payload, kind)
    value = crc32c(ports + bytes(4) + rest) ^ words.get("badsum", 0)
    return ports + struct.pack("<I", value) + rest


def echo(host, payload, words):
    kind = (REQUEST if host.begins else REPLY)[host.proto]
    begin, rest = bytes([kind, 0]), struct.pack(
        "!HH", host.sport, host.seq & 0xffff) + payload
    pseudo = b"" if host.proto == ICMP else host.src + host.dst + struct.pack(
        "!II", 4 + len(rest), host.proto)
    value = checksum(pseudo + begin + bytes(2) + rest) ^ words.get("badsum", 0)
    return begin + struct.pack("!H", value) + rest


def gre(host, payload, _):
    return struct.pack("!HHI", GRE_KEY, INSIDE, host.sport) + payload


SEGMENTS = {ICMP: echo, ICMPV6: echo, GRE: gre, SCTP: sctp}


def numbers(proto, header):
    """What tells a packet's connection from others: twice the same of ICMP and GRE,
    to which ports are nothing."""
    if proto in (ICMP, ICMPV6):
        return struct.unpack_from("!H", header, 4) * 2
    if proto == GRE:
        return (struct.unpack_from("!I", header, 4)[0] & 0xffff,) * 2
    return struct.unpack_from("!HH", header)
