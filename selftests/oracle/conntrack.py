# SPDX-License-Identifier: GPL-2.0
"""Conntrack's entries: looks at them, marks them, and takes them away."""

import os
import socket
import struct

import others
from netlink_raw import attr, nest

NETLINK_NETFILTER, NEW, DELETE = 12, 1 << 8, 1 << 8 | 2
REQUEST, ACK = 1, 4
TUPLE_ORIG, TUPLE_IP, TUPLE_PROTO, MARK, ZONE = 1, 1, 2, 8, 18
ENOENT = 2


def view(text):
    """/proc/net/nf_conntrack, sorted, without what time decides: the timeout,
    and whether UDP has become a stream; and without who holds the entry."""
    lines = []
    for line in text.splitlines():
        words = line.split()
        aside = ["[ASSURED]"] if words[2] == "udp" else []
        del words[4]
        lines.append(" ".join(word for word in words if word not in aside and
                              not word.startswith("use=")))
    return sorted(lines)


def tuple_of(host):
    at = 1 if host.version == 4 else 3
    return nest(TUPLE_ORIG, nest(TUPLE_IP, attr(at, host.src),
                                 attr(at + 1, host.dst)),
                nest(TUPLE_PROTO, attr(1, bytes([host.proto])),
                     numbers_of(host)))


def numbers_of(host):
    """Of GRE's key conntrack knows nothing."""
    sport, dport = struct.pack("!H", host.sport), struct.pack("!H", host.dport)
    if host.proto in others.REQUEST:
        at = 4 if host.version == 4 else 7
        return attr(at, sport) + attr(at + 2, b"\0") + \
            attr(at + 1, bytes([others.REQUEST[host.proto]]))
    if host.proto == others.GRE:
        sport = dport = bytes(2)
    return attr(2, sport) + attr(3, dport)


def forget(host, zones):
    """conntrack -D of what this host began, in this namespace, whatever zone it is in;
    without a host conntrack -F."""
    for zone in sorted(zones) if host else ():
        ask(DELETE, host, tuple_of(host) + attr(ZONE, struct.pack("!H", zone)))
    if not host:
        ask(DELETE, host, b"")


def mark(host, value):
    """conntrack -U --mark of what this host began."""
    ask(NEW, host, tuple_of(host) + attr(MARK, struct.pack("!I", value)))


def ask(message, host, attributes):
    """Whether there is such an entry does not matter."""
    family = 0
    if host:
        family = socket.AF_INET if host.version == 4 else socket.AF_INET6
    body = struct.pack("=BBH", family, 0, 0) + attributes
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW,
                       NETLINK_NETFILTER) as sock:
        sock.send(struct.pack("=IHHII", 16 + len(body), message, REQUEST | ACK,
                              1, 0) + body)
        err = -struct.unpack_from("=i", sock.recv(4096), 16)[0]
    if err not in (0, ENOENT):
        raise OSError(err, os.strerror(err))
