# SPDX-License-Identifier: GPL-2.0
"""Sends messages to the netlink family "pnicfw" that it must refuse.

usage: netlink_raw.py PORT DEVICE

PORT is a device that is a port, DEVICE one that is none. For each message a
line is printed: "refused NAME: why" or "taken NAME". Messages are made byte by
byte: no library would build them. Those named "control" are good ones, to show
that the others are refused for what is wrong with them.
"""
import os
import socket
import struct
import sys

NETLINK_GENERIC = 16
SOL_NETLINK = 270
NETLINK_CAP_ACK = 10
NETLINK_EXT_ACK = 11
NLMSG_ERROR = 2
NLMSG_DONE = 3
REQUEST, ACK, DUMP = 1, 4, 0x300
NESTED = 0x8000
GENL_ID_CTRL = 16

# As in uapi/linux/pnicfw.h
PORT, FILTER, FLUSH, PARAM, PORT_STATE = 1, 2, 3, 4, 5
PORT_IFINDEX, PORT_IFNAME, PORT_HW, PORT_DRAIN = range(1, 5)
F_ID, F_SRC, F_DST, F_PROTO, F_SPORT, F_DPORT, F_IFINDEX, F_IFNAME, F_STATE = \
    range(1, 10)
P_CACHE, P_HW, P_HW_AFTER, P_AGE, P_LIMIT = range(1, 6)
P_DENY_TIME, P_LEARN_DENIALS = 14, 15
PORT_GET, PORT_ADD, PORT_SET, PORT_DEL, PORT_NTF, FLOW_GET, FLOW_DEL, \
    FLOW_NTF, PARAM_GET, PARAM_SET, PARAM_NTF, STATS_GET = range(1, 13)
RULE = 13
R_PREF, R_SRC, R_SRC_LEN, R_DST, R_DST_LEN, R_PROTO, R_SPORT, R_SPORT_MAX, \
    R_DPORT, R_DPORT_MAX, R_IN_IFINDEX, R_IN, R_IN_GONE, R_OUT_IFINDEX, R_OUT, \
    R_OUT_GONE, R_ZONE, R_MARK, R_MARK_MASK, R_LABEL, R_HELPER, R_VERDICT, \
    R_CACHE, R_HW, R_HW_AFTER = range(1, 26)
DENIED = 5          # of F_STATE
DENY = 1            # of R_VERDICT
POLICY_GET, POLICY_ADD, POLICY_DEL, POLICY_FLUSH, POLICY_NTF = range(14, 19)


def attr(kind, data=b"", length=None):
    """An attribute; length is what its header claims."""
    claimed = 4 + len(data) if length is None else length
    return struct.pack("=HH", claimed, kind) + data + bytes(-len(data) % 4)


def be16(kind, value):
    return attr(kind, struct.pack("!H", value))


def u32(kind, value):
    return attr(kind, struct.pack("=I", value))


def nest(kind, *inside):
    return attr(kind | NESTED, b"".join(inside))


def name(kind, text):
    return attr(kind, text.encode() + b"\0")


class Family:
    """pnicfw's, or another."""

    def __init__(self, family="pnicfw"):
        self.sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW,
                                  NETLINK_GENERIC)
        self.sock.bind((0, 0))
        self.sock.settimeout(20)
        for option in NETLINK_EXT_ACK, NETLINK_CAP_ACK:
            self.sock.setsockopt(SOL_NETLINK, option, 1)
        self.seq = 0
        self.id = GENL_ID_CTRL
        self.id = self.find(family)

    def message(self, cmd, payload, flags=ACK, length=None, genl=None):
        """A whole message; length is what its header claims."""
        self.seq += 1
        genl = struct.pack("=BBH", cmd, 1, 0) if genl is None else genl
        body = genl + payload
        claimed = 16 + len(body) if length is None else length
        return struct.pack("=IHHII", claimed, self.id, REQUEST | flags,
                           self.seq, 0) + body

    def answer(self):
        """(errno, text) of what ends the answer, and the messages before."""
        messages = []
        while True:
            data = self.sock.recv(65536)
            while data:
                length, kind, flags, seq, _ = struct.unpack_from("=IHHII", data)
                body, data = data[16:length], data[(length + 3) & ~3:]
                if seq != self.seq:
                    continue
                if kind == NLMSG_ERROR:
                    return self.verdict(body, 20), messages
                if kind == NLMSG_DONE:
                    return self.verdict(body, 4), messages
                messages.append(body)

    @staticmethod
    def verdict(body, skip):
        err = -struct.unpack_from("=i", body)[0]
        text, rest = "", body[skip:]
        while len(rest) >= 4:
            length, kind = struct.unpack_from("=HH", rest)
            if kind == 1:
                text = rest[4:length].rstrip(b"\0").decode()
            rest = rest[(length + 3) & ~3 or 4:]
        return err, text

    def find(self, family):
        self.sock.send(self.message(3, name(2, family)))
        (err, _), messages = self.answer()
        if err:
            sys.exit("no family %s: %s" % (family, os.strerror(err)))
        rest = messages[0][4:]
        while rest:
            length, kind = struct.unpack_from("=HH", rest)
            if kind == 1:
                return struct.unpack_from("=H", rest, 4)[0]
            rest = rest[(length + 3) & ~3:]
        sys.exit("no id for %s" % family)

    def ask(self, cmd, payload, genl=None):
        """A refusal is an OSError."""
        self.sock.send(self.message(cmd, payload, genl=genl))
        (err, text), _ = self.answer()
        if err:
            raise OSError(err, text or os.strerror(err))

    def attempt(self, what, message):
        self.sock.send(message)
        (err, text), _ = self.answer()
        if err:
            print("refused %s: %s" % (what, text or os.strerror(err)))
        else:
            print("taken %s" % what)


def attributes(port, device):
    """Whole messages with attributes that are wrong: name, command, bytes."""
    index = socket.if_nametoindex(port)
    other = socket.if_nametoindex(device)
    dev, new = name(PORT_IFNAME, port), name(PORT_IFNAME, device)
    return (
        ("add without anything", PORT_ADD, b""),
        ("add with an empty port", PORT_ADD, nest(PORT)),
        ("add with hw only", PORT_ADD, nest(PORT, u32(PORT_HW, 1))),
        ("add, nest not marked as one", PORT_ADD, attr(PORT, new)),
        ("add, name marked as a nest", PORT_ADD,
         nest(PORT, attr(PORT_IFNAME | NESTED, device.encode() + b"\0"))),
        ("add, port is a number", PORT_ADD, u32(PORT, other)),
        ("add, attribute runs past the message", PORT_ADD,
         attr(PORT | NESTED, new, 4 + len(new) + 40)),
        ("add, inner attribute runs past its nest", PORT_ADD,
         nest(PORT, attr(PORT_IFNAME, device.encode() + b"\0", 60))),
        ("add, inner attribute shorter than a header", PORT_ADD,
         nest(PORT, attr(PORT_IFNAME, device.encode() + b"\0", 2))),
        ("add, bytes after the attributes", PORT_ADD,
         nest(PORT, new) + b"\1\0"),
        ("add, bytes after the inner attributes", PORT_ADD,
         attr(PORT | NESTED, new + b"\1\0")),
        ("add, name without an end", PORT_ADD,
         nest(PORT, attr(PORT_IFNAME, device.encode()))),
        ("add, name empty", PORT_ADD, nest(PORT, attr(PORT_IFNAME))),
        ("add, name of no letters", PORT_ADD, nest(PORT, name(PORT_IFNAME, ""))),
        ("add, name too long", PORT_ADD,
         nest(PORT, name(PORT_IFNAME, "x" * 128))),
        ("add, index 0", PORT_ADD, nest(PORT, u32(PORT_IFINDEX, 0))),
        ("add, index of nothing", PORT_ADD,
         nest(PORT, u32(PORT_IFINDEX, 0x7fffffff))),
        ("add, index negative as a number", PORT_ADD,
         nest(PORT, u32(PORT_IFINDEX, 0xffffffff))),
        ("add, index of two bytes", PORT_ADD,
         nest(PORT, attr(PORT_IFINDEX, struct.pack("=H", other)))),
        ("add, index of eight bytes", PORT_ADD,
         nest(PORT, attr(PORT_IFINDEX, struct.pack("=Q", other)))),
        ("add, index and name disagree", PORT_ADD,
         nest(PORT, u32(PORT_IFINDEX, index), new)),
        ("add, hw is 2", PORT_ADD, nest(PORT, new, u32(PORT_HW, 2))),
        ("add, hw of one byte", PORT_ADD,
         nest(PORT, new, attr(PORT_HW, b"\1"))),
        ("add, unknown inner attribute", PORT_ADD,
         nest(PORT, new, u32(99, 1))),
        ("add, drain as well", PORT_ADD, nest(PORT, new, u32(PORT_DRAIN, 1))),
        ("add, unknown attribute", PORT_ADD, nest(PORT, new) + u32(99, 1)),
        ("add, attribute that only answers have", PORT_ADD,
         nest(PORT, new) + nest(PORT_STATE)),
        ("add, attribute of type 0", PORT_ADD, nest(PORT, new) + u32(0, 1)),
        ("add, a filter as well", PORT_ADD,
         nest(PORT, new) + nest(FILTER, u32(F_ID, 1))),
        ("del, hw as well", PORT_DEL, nest(PORT, dev, u32(PORT_HW, 1))),
        ("del, nests in nests", PORT_DEL, nest(PORT, nest(PORT, dev))),
        ("set, neither hw nor drain", PORT_SET, nest(PORT, dev)),
        ("set, hw without a value", PORT_SET, nest(PORT, dev, attr(PORT_HW))),
        ("set, drain is 2", PORT_SET, nest(PORT, dev, u32(PORT_DRAIN, 2))),
        ("get, a parameter", PORT_GET, nest(PORT, dev) + nest(PARAM)),
        ("flow get, no id", FLOW_GET, b""),
        ("flow get, id and more", FLOW_GET,
         nest(FILTER, u32(F_ID, 1), attr(F_PROTO, b"\6"))),
        ("flow get, no such id", FLOW_GET, nest(FILTER, u32(F_ID, 4000000000))),
        ("flow del, nothing", FLOW_DEL, b""),
        ("flow del, empty filter", FLOW_DEL, nest(FILTER)),
        ("flow del, filter and flush", FLOW_DEL,
         nest(FILTER, attr(F_PROTO, b"\6")) + attr(FLUSH)),
        ("flow del, flush with a value", FLOW_DEL, u32(FLUSH, 1)),
        ("flow del, address of 5 bytes", FLOW_DEL,
         nest(FILTER, attr(F_SRC, b"12345"))),
        ("flow del, address of no bytes", FLOW_DEL, nest(FILTER, attr(F_DST))),
        ("flow del, address of 4000 bytes", FLOW_DEL,
         nest(FILTER, attr(F_DST, bytes(4000)))),
        ("flow del, port of 4 bytes", FLOW_DEL, nest(FILTER, u32(F_SPORT, 1))),
        ("flow del, ports of a protocol without", FLOW_DEL,
         nest(FILTER, attr(F_PROTO, b"\1"), attr(F_DPORT, b"\0\1"))),
        ("flow del, state unknown", FLOW_DEL, nest(FILTER, u32(F_STATE, 6))),
        ("flow del, device unknown", FLOW_DEL,
         nest(FILTER, name(F_IFNAME, "nowhere"))),
        ("param set, nothing", PARAM_SET, b""),
        ("param set, none named", PARAM_SET, nest(PARAM)),
        ("param set, a good one and an unknown", PARAM_SET,
         nest(PARAM, u32(P_HW_AFTER, 77), u32(100, 1))),
        ("param set, a good one and a bad", PARAM_SET,
         nest(PARAM, u32(P_HW_AFTER, 77), u32(P_AGE, 5))),
        ("param set, a bad one and a good", PARAM_SET,
         nest(PARAM, u32(P_LIMIT, 0), u32(P_HW_AFTER, 77))),
        ("param set, a switch that is 2", PARAM_SET,
         nest(PARAM, u32(P_CACHE, 2))),
        ("param set, of 8 bytes", PARAM_SET,
         nest(PARAM, attr(P_HW_AFTER, bytes(8)))),
        ("param set, not a nest", PARAM_SET, u32(PARAM, 1)),
        ("param get, with parameters", PARAM_GET,
         nest(PARAM, u32(P_HW_AFTER, 1))),
        ("stats get, with a port", STATS_GET, nest(PORT, dev)),
        ("policy add, no rule", POLICY_ADD, b""),
        ("policy add, not a nest", POLICY_ADD, u32(RULE, 1)),
        ("policy add, address of 5 bytes", POLICY_ADD,
         nest(RULE, attr(R_SRC, b"12345"))),
        ("policy add, address of no bytes", POLICY_ADD,
         nest(RULE, attr(R_SRC))),
        ("policy add, length without an address", POLICY_ADD,
         nest(RULE, attr(R_SRC_LEN, b"\x08"))),
        ("policy add, prefix of 255 bits", POLICY_ADD,
         nest(RULE, attr(R_SRC, bytes(16)), attr(R_SRC_LEN, b"\xff"))),
        ("policy add, range without a first port", POLICY_ADD,
         nest(RULE, attr(R_PROTO, b"\6"), attr(R_SPORT_MAX, b"\0\1"))),
        ("policy add, port of 4 bytes", POLICY_ADD,
         nest(RULE, attr(R_PROTO, b"\6"), u32(R_SPORT, 1))),
        ("policy add, a device that is gone", POLICY_ADD,
         nest(RULE, name(R_IN, port), attr(R_IN_GONE))),
        ("policy add, another device's index", POLICY_ADD,
         nest(RULE, name(R_IN, port), u32(R_IN_IFINDEX, 1))),
        ("policy add, a mask without a mark", POLICY_ADD,
         nest(RULE, u32(R_MARK_MASK, 1))),
        ("policy add, a helper without an end", POLICY_ADD,
         nest(RULE, attr(R_HELPER, b"0123456789abcdef"))),
        ("policy add, an unknown attribute", POLICY_ADD,
         nest(RULE, u32(R_PREF, 1), u32(100, 1))),
        ("policy add, with flush", POLICY_ADD, nest(RULE) + attr(FLUSH)),
        ("policy del, nothing", POLICY_DEL, b""),
        ("policy del, no pref", POLICY_DEL, nest(RULE)),
        ("policy del, pref and more", POLICY_DEL,
         nest(RULE, u32(R_PREF, 1), attr(R_PROTO, b"\6"))),
        ("policy del, no such pref", POLICY_DEL, nest(RULE, u32(R_PREF, 1))),
        ("policy flush, with a rule", POLICY_FLUSH, nest(RULE)),
        ("policy get, no such pref", POLICY_GET, nest(RULE, u32(R_PREF, 1))),
    )


def main():
    port, device = sys.argv[1:]
    family = Family()
    good = nest(PORT, name(PORT_IFNAME, device))

    this = nest(PORT, name(PORT_IFNAME, port))
    same = nest(PORT, name(PORT_IFNAME, port), u32(PORT_HW, 0))
    for what, cmd, payload, flags in (
            ("control: port get", PORT_GET, this, ACK),
            ("control: port set", PORT_SET, same, ACK),
            ("control: port dump", PORT_GET, b"", DUMP),
            ("control: flow dump", FLOW_GET,
             nest(FILTER, attr(F_SRC, bytes(16)), attr(F_PROTO, b"\6")), DUMP),
            ("control: flow del", FLOW_DEL,
             nest(FILTER, attr(F_PROTO, b"\6"), attr(F_DPORT, b"\0\1")), ACK),
            ("control: param set", PARAM_SET,
             nest(PARAM, u32(P_HW_AFTER, 32)), ACK)):
        family.attempt(what, family.message(cmd, payload, flags))
    for what, cmd, payload in attributes(port, device):
        family.attempt(what, family.message(cmd, payload))
    for what, cmd, payload in (
            ("port dump, with a port", PORT_GET, good),
            ("flow dump, with flush", FLOW_GET, attr(FLUSH)),
            ("flow dump, address of 5 bytes", FLOW_GET,
             nest(FILTER, attr(F_SRC, b"12345"))),
            ("flow dump, families mixed", FLOW_GET,
             nest(FILTER, attr(F_SRC, bytes(4)), attr(F_DST, bytes(16)))),
            ("policy dump, with a rule", POLICY_GET,
             nest(RULE, u32(R_PREF, 1))),
            ("param dump", PARAM_GET, b""),
            ("add as a dump", PORT_ADD, good)):
        family.attempt(what, family.message(cmd, payload, DUMP))

    for what, cmd in (("command 0", 0), ("a notification's command", PORT_NTF),
                      ("a rule's notification's command", POLICY_NTF),
                      ("a command past the last", 200)):
        family.attempt(what, family.message(cmd, good))
    # Headers: the claimed length rules, whatever is sent.
    whole = family.message(PORT_ADD, good)
    family.attempt("cut off in the middle of the name",
                   family.message(PORT_ADD, good, length=len(whole) - 9))
    family.attempt("without a generic netlink header",
                   family.message(PORT_ADD, b"", genl=b""))
    family.attempt("half a generic netlink header",
                   family.message(PORT_ADD, b"", genl=b"\2\1"))
    family.attempt("reserved header bits",
                   family.message(PORT_ADD, good,
                                  genl=struct.pack("=BBH", PORT_ADD, 1, 7)))
    family.attempt("reserved flags",
                   family.message(PORT_ADD, good, flags=ACK | 0x800))


if __name__ == "__main__":
    main()
