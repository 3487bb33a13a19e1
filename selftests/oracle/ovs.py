# SPDX-License-Identifier: GPL-2.0
"""An Open vSwitch datapath, spoken to as rtnl.py speaks to the rest of the kernel:

	ovs dp add|del DEVICE
	ovs port add DEVICE no N
	ovs port del DEVICE
	ovs flow put MATCH... then [ACTION...]
	ovs flow del MATCH...
	ovs flow flush

MATCH is KEY=VALUE, and ACTION is what ovs-dpctl takes for one, but that blanks are
between them, and what is set has no brackets of its own: see MATCHES and Actions.
There is one datapath, and none but the kernel's part of Open vSwitch: what no flow
matches is dropped.
"""

import ipaddress
import re
import struct

from netlink_raw import Family, attr, be16, name, nest, u32
from rtnl import mac

NEW, DEL = 1, 2			# of datapaths, ports and flows alike
NETDEV = 1			# a port's type
DP_NAME, DP_UPCALLS = 1, 2
PORT_NUMBER, PORT_TYPE, PORT_NAME, PORT_UPCALLS = 1, 2, 3, 5
FLOW_KEY, FLOW_ACTIONS, FLOW_MASK = 1, 2, 7
K_ENCAP, K_PRIORITY, K_IN_PORT, K_ETHERNET, K_VLAN, K_TYPE, K_IPV4, K_IPV6 = \
    range(1, 9)
K_MARK, K_RECIRC, K_STATE = 15, 20, 22
OUTPUT, SET, PUSH_VLAN, POP_VLAN, RECIRC, SET_MASKED, CT = 1, 3, 4, 5, 7, 11, 12
CT_CLEAR, DEC_TTL = 16, 23
CT_COMMIT, CT_ZONE, CT_MARK, CT_NAT = 1, 2, 3, 6
NAT_SRC, NAT_FROM = 1, 3
STATES = {"new": 1, "est": 2, "rel": 4, "rpl": 8, "inv": 16, "trk": 32}
HAS_TAG, ETH_P_8021Q, ETH_P_IP = 0x1000, 0x8100, 0x800
FAMILIES = "ovs_datapath", "ovs_vport", "ovs_flow"


def ip(kind, tos=0, frag=0):
    """What a flow has to say of IPv4 or IPv6, mostly nothing."""
    if kind == ETH_P_IP:
        return attr(K_IPV4, struct.pack("=8xBBBB", 0, tos, 0, frag))
    return attr(K_IPV6, struct.pack("=36xBBBB", 0, tos, 0, frag))


def state(text):
    """+trk-new: value and mask"""
    value = mask = 0
    for sign, flag in re.findall(r"([+-])([a-z]+)", text):
        mask |= STATES[flag]
        value |= STATES[flag] * (sign == "+")
    return value, mask


def match(words):
    """The key and the mask of
    recirc=N in=N dst=MAC vid=N type=N frag=no state=+FLAG-FLAG..."""
    found = dict(word.split("=", 1) for word in words)
    kind = int(found["type"], 0)
    key, mask = u32(K_RECIRC, int(found["recirc"])), u32(K_RECIRC, 0xffffffff)
    if "in" in found:
        key += u32(K_IN_PORT, int(found["in"]))
        mask += u32(K_IN_PORT, 0xffffffff)
    if "state" in found:
        value, known = state(found["state"])
        key, mask = key + u32(K_STATE, value), mask + u32(K_STATE, known)
    dst = mac(found["dst"]) if "dst" in found else bytes(6)
    key += attr(K_ETHERNET, bytes(6) + dst)
    mask += attr(K_ETHERNET, bytes(6) + (b"\xff" if "dst" in found else b"\0") * 6)
    layers = be16(K_TYPE, kind) + ip(kind)
    known = be16(K_TYPE, 0xffff) + ip(kind, frag=0xff * ("frag" in found))
    if "vid" in found:
        tag = be16(K_TYPE, ETH_P_8021Q)
        layers = tag + be16(K_VLAN, int(found["vid"]) | HAS_TAG) + \
            nest(K_ENCAP, layers)
        known = be16(K_TYPE, 0xffff) + be16(K_VLAN, 0xfff | HAS_TAG) + \
            nest(K_ENCAP, known)
    return nest(FLOW_KEY, key + layers), nest(FLOW_MASK, mask + known)


class Actions:
    """Of a flow that matches one type of Ethernet's."""

    def __init__(self, kind):
        self.kind = kind

    def encode(self, words):
        return nest(FLOW_ACTIONS, *(self.action(word) for word in words))

    def action(self, word):
        """NUMBER of a port, or NAME, or NAME(ARGUMENTS)"""
        if word.isdigit():
            return u32(OUTPUT, int(word))
        verb, _, rest = word.partition("(")
        return getattr(self, verb)(*(rest[:-1].split(",") if rest else []))

    @staticmethod
    def recirc(number):
        return u32(RECIRC, int(number))

    @staticmethod
    def pop_vlan():
        return attr(POP_VLAN)

    @staticmethod
    def push_vlan(number):
        return attr(PUSH_VLAN, struct.pack("!HH", ETH_P_8021Q, int(number) | HAS_TAG))

    @staticmethod
    def ct_clear():
        return attr(CT_CLEAR)

    @staticmethod
    def dec_ttl():
        """What has none left is dropped."""
        return nest(DEC_TTL, nest(1))

    @staticmethod
    def ct(*words):
        """ct(zone=N,commit,mark=N,nat,src=ADDRESS)"""
        found = {word.partition("=")[0]: word.partition("=")[2] for word in words}
        inside = attr(CT_COMMIT) if "commit" in found else b""
        if "zone" in found:
            inside += attr(CT_ZONE, struct.pack("=H", int(found["zone"])))
        if "mark" in found:
            inside += attr(CT_MARK, struct.pack("=II", int(found["mark"]), 0xffffffff))
        if "nat" in found:
            source = found.get("src")
            inside += nest(CT_NAT, *([attr(NAT_SRC), attr(
                NAT_FROM, ipaddress.ip_address(source).packed)]
                                     if source else []))
        return nest(CT, inside)

    def set(self, what):
        key, value = what.split("=")
        if key in ("mark", "priority"):
            return nest(SET, u32({"mark": K_MARK, "priority": K_PRIORITY}[key],
                                 int(value)))
        if key == "dst":
            return nest(SET_MASKED, attr(K_ETHERNET, bytes(6) + mac(value) +
                                         bytes(6) + b"\xff" * 6))
        found, known = ip(self.kind, tos=int(value, 0)), ip(self.kind, tos=0xfc)
        number, = struct.unpack_from("=2xH", found)
        return nest(SET_MASKED, attr(number, found[4:] + known[4:]))


class Datapath:
    """The namespace's that it was made in; commands tells numbers of devices."""

    def __init__(self, commands):
        self.commands = commands
        self.dp, self.port, self.flow = (Family(family) for family in FAMILIES)
        self.device = None

    def close(self):
        for family in self.dp, self.port, self.flow:
            family.sock.close()

    def ask(self, family, message, payload):
        index = self.commands.index(self.device) if self.device else 0
        family.ask(message, payload, struct.pack("=BBHi", message, 2, 0, index))

    def run(self, words):
        getattr(self, "_".join(words[:2]))(*words[2:])

    def dp_add(self, device):
        self.ask(self.dp, NEW, name(DP_NAME, device) + u32(DP_UPCALLS, 0))
        self.device = device

    def dp_del(self, device):
        self.device = None
        self.ask(self.dp, DEL, name(DP_NAME, device))

    def end(self):
        if self.device:
            self.dp_del(self.device)

    def port_add(self, device, _, number):
        self.ask(self.port, NEW, name(PORT_NAME, device) + u32(PORT_TYPE, NETDEV) +
                 u32(PORT_NUMBER, int(number)) + u32(PORT_UPCALLS, 0))

    def port_del(self, device):
        self.ask(self.port, DEL, name(PORT_NAME, device))

    def flow_put(self, *words):
        """One that is there gets other actions."""
        at = words.index("then")
        key, mask = match(words[:at])
        kind = next(word for word in words if word.startswith("type="))
        self.ask(self.flow, NEW, key + mask +
                 Actions(int(kind[5:], 0)).encode(words[at + 1:]))

    def flow_del(self, *words):
        self.ask(self.flow, DEL, match(words)[0])

    def flow_flush(self):
        self.ask(self.flow, DEL, b"")
