# SPDX-License-Identifier: GPL-2.0
"""A detour through conntrack: frames that come in by one device leave by
another with their checksum computed, CHECKSUM_COMPLETE, as a NIC's driver would
hand them over.  No virtual device does that by itself."""

import struct

import tc
from netlink_raw import attr

CREATE, EXCL = 0x400, 0x200
STOLEN, EGRESS_REDIRECT = 4, 1


def set_up(commands, come, leave, zone):
    """tc filter add dev COME ingress matchall action ct zone ZONE \\
       action mirred egress redirect dev LEAVE; both are device numbers."""
    commands.talk(tc.NEWQDISC, CREATE | EXCL, tc.qdisc(come, "ingress"))
    tracked = tc.action("ct", tc.verdict(tc.PIPE, kind=1),
                        attr(4, struct.pack("=H", zone)))
    redirected = tc.action("mirred", tc.verdict(STOLEN, struct.pack(
        "=iI", EGRESS_REDIRECT, leave)))
    commands.talk(tc.NEWFILTER, CREATE | EXCL,
                  tc.matchall(come, tc.HANDLE, tracked, redirected))
