# SPDX-License-Identifier: GPL-2.0
"""Writes a capture of two conversations for the oracle to replay: TCP over IPv4
and UDP over IPv6, with a fragment and an odd packet.

usage: record.py FILE.pcap
"""

import ipaddress
import struct
import sys

from odd_packets import ACK, SYN, TCP, UDP
from packets import SYN_OPTIONS, Host, Plug


def hosts(proto, one, other):
    near, far = (ipaddress.ip_address(text).packed for text in (one, other))
    version = 4 if len(near) == 4 else 6
    plugs = (Plug(0, b"\2" * 6, b"\4" * 6, b""), Plug(1, b"\4" * 6, b"\2" * 6, b""))
    return (Host(version, proto, near, far, 40000, 5001, plugs[0]),
            Host(version, proto, far, near, 5001, 40000, plugs[1]))


def tcp(one, other):
    one.seq, other.seq = 1000, 2000
    yield from one.frames({"flags": SYN, "size": 0, "tcpopt": SYN_OPTIONS})
    one.seq, other.ack = 1001, 1001
    yield from other.frames({"flags": SYN | ACK, "size": 0,
                             "tcpopt": SYN_OPTIONS})
    one.ack = other.seq = 2001
    for size in (0, 100, 200, 300):
        for host in one, other:
            yield from host.frames({"size": size})
    yield from one.frames({"ttl": 1})
    yield from one.frames({"size": 600, "parts": 2})


def udp(one, other):
    for size in (1, 100, 200, 300):
        for host in one, other:
            host.seq = size
            yield from host.frames({"size": size})


def main():
    frames = list(tcp(*hosts(TCP, "192.0.2.1", "198.51.100.1"))) + \
        list(udp(*hosts(UDP, "2001:db8::1", "2001:db8:1::1")))
    with open(sys.argv[1], "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
        for when, (_, frame) in enumerate(frames):
            file.write(struct.pack("<IIII", when, 0, len(frame), len(frame)) +
                       frame)


if __name__ == "__main__":
    main()
