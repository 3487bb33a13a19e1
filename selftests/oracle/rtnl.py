# SPDX-License-Identifier: GPL-2.0
"""The part of iproute2's grammar that the oracle's scripts use, spoken to the
kernel directly: a process for each command would cost more than all else.

	Commands().run("ip route replace 10.9.0.0/24 via 10.1.0.2 dev v1")

A command fails as the kernel says, with OSError.
"""

import ipaddress
import os
import socket
import struct
import sys

sys.path.append(os.path.join(os.path.dirname(os.path.realpath(__file__)), ".."))
# pylint: disable=wrong-import-position
import tc  # noqa: E402
from netlink_raw import attr, name, nest, u32  # noqa: E402

REQUEST, ACK, REPLACE, EXCL, CREATE = 1, 4, 0x100, 0x200, 0x400
ADD, PUT, CHANGE = CREATE | EXCL, CREATE | REPLACE, 0
NLMSG_ERROR = 2
NEWLINK, DELLINK, GETLINK, SETLINK, NEWADDR, DELADDR = 16, 17, 18, 19, 20, 21
NEWROUTE, DELROUTE, NEWNEIGH, DELNEIGH, NEWRULE, DELRULE = 24, 25, 28, 29, 32, 33
UP, RUNNING, NOARP, PROMISC, LOWER_UP = 1, 0x40, 0x80, 0x100, 0x10000
ROUTE_TYPES = {"unicast": 1, "blackhole": 6, "unreachable": 7, "prohibit": 8}
NUD = {"reachable": 2, "stale": 4, "noarp": 0x40, "permanent": 0x80}
VLAN_PROTOCOLS = {"802.1q": 0x8100, "802.1ad": 0x88a8}
# Options with a number, by kind of device: attribute, format
LINK_OPTIONS = {
    "bridge": {"forward_delay": (1, "=I"), "vlan_filtering": (7, "=B"),
               "mcast_snooping": (23, "=B"), "vlan_default_pvid": (39, "=H")},
    "vrf": {"table": (1, "=I")},
    "vlan": {"id": (1, "=H")},
    "bond": {"mode": (1, "=B"), "active_slave": (2, "=I"), "resend_igmp": (15, "=I"),
             "num_grat_arp": (16, "=B")},
    "macvlan": {}, "dummy": {}, "veth": {},
}
BRPORT = {"state": 1, "learning": 8, "flood": 9, "isolated": 33, "hairpin": 4}
FLAGS = {"up", "down", "nomaster", "nodad", "static", "master", "pvid",
         "untagged", "dynamic"}


def mac(text):
    return bytes.fromhex(text.replace(":", ""))


def prefix(text):
    """Family, address and length of an address, with or without /LENGTH."""
    at = ipaddress.ip_interface(text)
    family = socket.AF_INET if at.version == 4 else socket.AF_INET6
    return family, at.ip.packed, at.network.prefixlen


def options(words, flags=frozenset()):
    """KEYWORD VALUE... as a dictionary; what is in flags has no value."""
    found, words = {}, list(words)
    while words:
        word = words.pop(0)
        found[word] = True if word in flags else words.pop(0)
    return found


class Commands:
    """Executes commands in the network namespace that it was made in."""

    def __init__(self):
        self.sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
        self.sock.bind((0, 0))
        self.seq = 0

    def close(self):
        self.sock.close()

    def talk(self, kind, flags, body):
        self.seq += 1
        self.sock.send(struct.pack("=IHHII", 16 + len(body), kind,
                                   REQUEST | ACK | flags, self.seq, 0) + body)
        answer = None
        while True:
            data = self.sock.recv(65536)
            while data:
                length, got, _, seq, _ = struct.unpack_from("=IHHII", data)
                body, data = data[16:length], data[(length + 3) & ~3:]
                if seq != self.seq:
                    continue
                if got != NLMSG_ERROR:
                    answer = body
                    continue
                err = -struct.unpack_from("=i", body)[0]
                if err:
                    raise OSError(err, os.strerror(err))
                return answer

    def run(self, line):
        words = line.split()
        verb = getattr(self, "_".join(words[:2]), None)
        if not verb:
            raise ValueError(f"no command '{line}'")
        verb(*words[2:])

    # Devices

    def link(self, device):
        """ifindex and flags."""
        info = self.talk(GETLINK, 0, struct.pack("=BxHiII", 0, 0, 0, 0, 0) +
                         name(3, device))
        return struct.unpack_from("=iI", info, 4)

    def index(self, device):
        return self.link(device)[0]

    def link_message(self, kind, flags, body, index=0, device_flags=0, change=0):
        self.talk(kind, flags, struct.pack("=BxHiII", 0, 0, index, device_flags,
                                           change) + body)

    def veth(self, device, peer, namespace, group=0):
        """A pair, its peer in another namespace."""
        other = struct.pack("=BxHiII", 0, 0, 0, 0, 0) + name(3, peer) + \
            u32(28, namespace)
        self.link_message(NEWLINK, ADD, name(3, device) + u32(27, group) + nest(
            18, name(1, "veth"), nest(2, attr(1, other))))

    def ip_link(self, verb, *words):
        getattr(self, "link_" + verb)(*words)

    def link_add(self, *words):
        found = options(words[:words.index("type")])
        kind, more = words[words.index("type") + 1], words[words.index("type") + 2:]
        device = found.pop("name")
        body = name(3, device)
        if "link" in found:
            body += u32(5, self.index(found["link"]))
        if "address" in found:
            body += attr(1, mac(found["address"]))
        self.link_message(NEWLINK, ADD, body + self.info(kind, options(more)))

    def info(self, kind, found):
        data = b""
        for key, value in found.items():
            if key == "active_slave":
                value = self.index(value)
            if (kind, key) == ("vlan", "proto"):
                data += attr(5, struct.pack("!H", VLAN_PROTOCOLS[value.lower()]))
            elif (kind, key) == ("macvlan", "mode"):
                data += u32(1, {"private": 1, "bridge": 4}[value])
            else:
                at, form = LINK_OPTIONS[kind][key]
                data += attr(at, struct.pack(form, int(value)))
        return nest(18, name(1, kind), nest(2, data))

    def link_set(self, device, *words):
        index = self.index(device)
        if "type" in words:
            at = words.index("type")
            self.link_message(NEWLINK, CHANGE, self.info(
                words[at + 1], options(words[at + 2:])), index)
            words = words[:at]
        found = options(words, FLAGS - {"master"})
        body = b""
        if "mtu" in found:
            body += u32(4, int(found["mtu"]))
        if "address" in found:
            body += attr(1, mac(found["address"]))
        if "master" in found:
            body += u32(10, self.index(found["master"]))
        if "nomaster" in found:
            body += u32(10, 0)
        if body:
            self.link_message(SETLINK, CHANGE, body, index)
        flags = UP if "up" in found else 0
        change = UP if "up" in found or "down" in found else 0
        for word, bit in (("arp", NOARP), ("promisc", PROMISC)):
            if word in found:
                change |= bit
                flags |= bit * (found[word] == ("off" if bit == NOARP else "on"))
        if change:
            self.link_message(SETLINK, CHANGE, b"", index, flags, change)

    def move(self, device, namespace, to):
        """Into another namespace, where its name is another one, too."""
        self.link_message(SETLINK, CHANGE, name(3, to) + u32(28, namespace),
                          self.index(device))

    def link_del(self, device):
        self.link_message(DELLINK, 0, b"", self.index(device))

    def del_group(self, group):
        """All devices of a group at once."""
        self.link_message(DELLINK, 0, u32(27, group))

    # Addresses, routes, rules, neighbours

    def ip_addr(self, verb, address, *words):
        family, ip, length = prefix(address)
        found = options(words, FLAGS)
        body = struct.pack("=BBBBi", family, length,
                           2 if "nodad" in found else 0, 0,
                           self.index(found["dev"]))
        self.talk(NEWADDR if verb == "add" else DELADDR,
                  ADD if verb == "add" else 0, body + attr(2, ip) + attr(1, ip))

    def ip_route(self, verb, *words):
        kind = ROUTE_TYPES.get(words[0])
        words = words[1:] if kind else words
        at = words.index("nexthop") if "nexthop" in words else len(words)
        words, hops = words[:at], words[at:]
        found = options(words[1:])
        family, ip, length = prefix(words[0])
        scope = 0 if "via" in found or hops or kind or \
            family == socket.AF_INET6 else 253
        how = (0, 255, 0) if verb == "del" else (3, scope, kind or 1)
        body = struct.pack("=BBBBBBBBI", family, length, 0, 0, 254, *how, 0)
        body += attr(1, ip) + u32(15, int(found.get("table", 254)))
        if "via" in found:
            body += attr(5, prefix(found["via"])[1])
        if "dev" in found:
            body += u32(4, self.index(found["dev"]))
        if hops:
            body += attr(9, self.nexthops(hops))
        if "metric" in found:
            body += u32(6, int(found["metric"]))
        if "mtu" in found:
            body += nest(8, u32(2, int(found["mtu"])))
        self.talk(*{"add": (NEWROUTE, ADD), "replace": (NEWROUTE, PUT),
                    "del": (DELROUTE, 0)}[verb], body)

    def nexthops(self, words):
        """nexthop via ADDRESS dev DEVICE [weight N] ..."""
        found = b""
        for hop in " ".join(words).split("nexthop ")[1:]:
            hop = options(hop.split())
            via = attr(5, prefix(hop["via"])[1])
            found += struct.pack("=HBBi", 8 + len(via), 0,
                                 int(hop.get("weight", 1)) - 1,
                                 self.index(hop["dev"])) + via
        return found

    def ip_rule(self, verb, *words):
        """ip rule add|del pref N table N from PREFIX|to PREFIX|iif D|fwmark N"""
        found = options(words)
        near = prefix(found["from"]) if "from" in found else None
        far = prefix(found["to"]) if "to" in found else None
        family = (near or far or (socket.AF_INET,))[0]
        body = struct.pack("=BBBBBBBBI", family, far[2] if far else 0,
                           near[2] if near else 0, 0, 0, 0, 0, 1, 0)
        body += u32(15, int(found["table"])) + u32(6, int(found["pref"]))
        body += attr(2, near[1]) if near else b""
        body += attr(1, far[1]) if far else b""
        body += name(3, found["iif"]) if "iif" in found else b""
        body += u32(10, int(found["fwmark"], 0)) if "fwmark" in found else b""
        self.talk(*((NEWRULE, ADD) if verb == "add" else (DELRULE, 0)), body)

    def neighbour(self, verb, family, index, state, flags, body):
        self.talk(*{"add": (NEWNEIGH, ADD), "replace": (NEWNEIGH, PUT),
                    "del": (DELNEIGH, 0)}[verb],
                  struct.pack("=BxHiHBB", family, 0, index, state, flags, 0) +
                  body)

    def ip_neigh(self, verb, address, *words):
        found = options(words)
        family, ip, _ = prefix(address)
        body = attr(1, ip)
        if "lladdr" in found:
            body += attr(2, mac(found["lladdr"]))
        self.neighbour(verb, family, self.index(found["dev"]),
                       NUD[found.get("nud", "permanent")], 0, body)

    # Bridges

    def bridge_fdb(self, verb, address, *words):
        found = options(words, FLAGS)
        body = attr(2, mac(address))
        if "vlan" in found:
            body += attr(5, struct.pack("=H", int(found["vlan"])))
        self.neighbour(verb, socket.AF_BRIDGE, self.index(found["dev"]),
                       NUD["noarp" if "static" in found else "reachable"],
                       4 if "master" in found else 2, body)

    def bridge_vlan(self, verb, *words):
        found = options(words, FLAGS)
        flags = (2 if "pvid" in found else 0) | (4 if "untagged" in found else 0)
        kind = SETLINK if verb == "add" else DELLINK
        info = attr(2, struct.pack("=HH", flags, int(found["vid"])))
        if "self" in words:
            info = attr(0, struct.pack("=H", 2)) + info
        self.talk(kind, 0, struct.pack(
            "=BxHiII", socket.AF_BRIDGE, 0, self.index(found["dev"]), 0, 0) +
            nest(26, info))

    def bridge_link(self, _, *words):
        found = options(words)
        index = self.index(found.pop("dev"))
        body = b""
        for key, value in found.items():
            number = int({"on": 1, "off": 0}.get(value, value))
            body += attr(BRPORT[key], struct.pack("=B", number))
        self.talk(SETLINK, 0, struct.pack("=BxHiII", socket.AF_BRIDGE, 0, index,
                                          0, 0) + nest(12, body))

    # Traffic control

    def tc_qdisc(self, verb, *words):
        """tc qdisc add|del dev DEV clsact"""
        found = options(words, {"clsact"})
        self.talk(*((tc.NEWQDISC, ADD) if verb == "add" else (tc.DELQDISC, 0)),
                  tc.qdisc(self.index(found["dev"]), "clsact"))

    def tc_filter(self, _, *words):
        """tc filter add dev DEV ingress|egress matchall action ACTION"""
        at = words.index("matchall")
        _, device, hook = words[:at]
        self.talk(tc.NEWFILTER, ADD, tc.matchall(
            self.index(device), tc.HOOKS[hook], tc.simple(words[at + 2:])))
