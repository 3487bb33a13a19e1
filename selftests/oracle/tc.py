# SPDX-License-Identifier: GPL-2.0
"""Messages about qdiscs and filters, as far as the oracle's scripts and its detour
need them."""

import struct

from netlink_raw import attr, name, nest, u32

NEWQDISC, DELQDISC, NEWFILTER = 36, 37, 44
HANDLE = 0xffff0000		# of the one qdisc that a device may have for filters
CLSACT = 0xfffffff1
HOOKS = {"ingress": 0xfffffff2, "egress": 0xfffffff3}
ETH_P_ALL = 3
SHOT, PIPE = 2, 3
SKBEDIT = {"priority": 3, "mark": 5}


def message(index, handle, parent, info):
    return struct.pack("=BxHiIII", 0, 0, index, handle, parent, info)


def qdisc(index, kind):
    """tc qdisc add|del dev INDEX KIND, which is ingress or clsact"""
    return message(index, HANDLE, CLSACT, 0) + name(1, kind)


def action(kind, *options):
    return name(1, kind), nest(2, *options)


def verdict(then, *more, kind=2):
    """What each action has first of all, and what some add to it"""
    return attr(kind, struct.pack("=IIiii", 0, 0, then, 0, 0) + b"".join(more))


def simple(words):
    """drop | skbedit mark|priority N"""
    if words[0] == "drop":
        return action("gact", verdict(SHOT))
    return action("skbedit", verdict(PIPE), u32(SKBEDIT[words[1]], int(words[2])))


def matchall(index, parent, *actions):
    """tc filter add dev INDEX parent PARENT matchall action ..."""
    return message(index, 0, parent, 1 << 16 | ETH_P_ALL << 8) + \
        name(1, "matchall") + nest(2, nest(2, *(
            nest(order, *one) for order, one in enumerate(actions, 1))))
