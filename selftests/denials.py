# SPDX-License-Identifier: GPL-2.0
"""Sends frames that would open connections.

usage: denials.py near|far DEVICE tcp|udp SRC DST SPORT DPORT COUNT [NAME=VALUE]...

As many as COUNT, from that end's station to its gateway's.  The rest:
  tos=N ttl=N      of the IP header
  frag=N           its fragment field
  flags=N          of TCP, SYN where not given
  vlan=N           a tag
  from=XX          last byte of another station's MAC address
  to=XXXXXXXXXXXX  a MAC address that is not the gateway's
  size=N           of the payload
  pps=N            so many a second; at once where not given
  ports=random     another source port each, and address
"""

import os
import random
import struct
import sys
import time

from odd_packets import FAR_GW_MAC, FAR_MAC, NEAR_GW_MAC, NEAR_MAC, SYN, TCP, \
    UDP, Flow, Side, address

STATIONS = {"near": (NEAR_MAC, NEAR_GW_MAC), "far": (FAR_MAC, FAR_GW_MAC)}


def throw(*words):
    processors = os.sched_getaffinity(0)
    # One processor has each in hand before the next is sent.
    os.sched_setaffinity(0, {min(processors)})
    try:
        send(*words)
        settle()
    finally:
        os.sched_setaffinity(0, processors)


def send(end, device, proto, src, dst, sport, dport, count, *more):
    more = dict(word.split("=") for word in more)
    side = Side(end, device, *STATIONS[end])
    flow = Flow(6 if ":" in src else 4, TCP if proto == "tcp" else UDP,
                address(src), address(dst), int(sport), int(dport), side)
    tags = station = b""
    if "vlan" in more:
        tags = struct.pack("!HH", 0x8100, int(more["vlan"]))
    if "from" in more:
        station = side.mac[:5] + bytes.fromhex(more["from"])
    inside = {"flags": int(more.get("flags", SYN))} if proto == "tcp" else {}
    if "size" in more:
        inside["payload"] = bytes(int(more["size"]))
    outside = {name: int(more[name], 0) for name in ("tos", "ttl", "frag")
               if name in more}
    begin = time.monotonic()
    for i in range(int(count)):
        if "ports" in more:
            flow.sport = random.randrange(1024, 65536)
            flow.src = flow.src[:-1] + bytes([random.randrange(3, 250)])
        if "pps" in more:
            time.sleep(max(0, begin + i / float(more["pps"]) - time.monotonic()))
        flow.send(flow.frame(flow.ip(flow.transport(**inside), **outside),
                             dst=bytes.fromhex(more.get("to", "")),
                             src=station, tags=tags))
    side.sock.close()


def settle():
    """Waits until this processor has none left that it was to take in later:
    a thread may do so, once there are many."""
    for _ in range(1000):
        with open("/proc/net/softnet_stat", encoding="ascii") as processors:
            fields = [line.split() for line in processors]
        if not any(int(one[11], 16) for one in fields
                   if int(one[12], 16) in os.sched_getaffinity(0)):
            return
        time.sleep(0.01)
    raise OSError("frames are not taken in")


def main():
    throw(*sys.argv[1:])


if __name__ == "__main__":
    main()
