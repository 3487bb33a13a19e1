# SPDX-License-Identifier: GPL-2.0
"""A detour through conntrack: frames that come in by one device leave by
another with their checksum computed, CHECKSUM_COMPLETE, as a NIC's driver would
hand them over.  No virtual device does that by itself."""

import struct

from netlink_raw import attr, name, nest

NEWQDISC, NEWFILTER = 36, 44
CREATE, EXCL = 0x400, 0x200
INGRESS, HANDLE = 0xfffffff1, 0xffff0000
ETH_P_ALL = 3
PIPE, STOLEN, EGRESS_REDIRECT = 3, 4, 1


def traffic_control(index, handle, parent, info):
    return struct.pack("=BxHiIII", 0, 0, index, handle, parent, info)


def action(order, kind, *options):
    return nest(order, name(1, kind), nest(2, *options))


def set_up(commands, come, leave, zone):
    """tc filter add dev COME ingress matchall action ct zone ZONE \\
       action mirred egress redirect dev LEAVE; both are device numbers."""
    commands.talk(NEWQDISC, CREATE | EXCL, traffic_control(
        come, HANDLE, INGRESS, 0) + name(1, "ingress"))
    generic = struct.pack("=IIiii", 0, 0, PIPE, 0, 0)
    tracked = action(1, "ct", attr(1, generic), attr(4, struct.pack("=H", zone)))
    generic = struct.pack("=IIiii", 0, 0, STOLEN, 0, 0)
    redirected = action(2, "mirred", attr(2, generic + struct.pack(
        "=iI", EGRESS_REDIRECT, leave)))
    commands.talk(NEWFILTER, CREATE | EXCL, traffic_control(
        come, 0, HANDLE, 1 << 16 | ETH_P_ALL << 8) + name(1, "matchall") +
        nest(2, nest(2, tracked, redirected)))
