#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""usage: scale.py CONNECTIONS

Sends a frame each way of a thousand of benchgen's connections, which are in the
simulated NIC's hardware: runs in the gateway's namespace, the NIC's functions are in
the namespace "far". Prints how many were sent, how many arrived at the other
function, and how many were left to the gateway.
"""
import sys

import netns
from bound import Ends, frame, mac_of

SAMPLE = 1000


def received(*devs):
    """Packets, in the namespace that this thread is in"""
    with open("/proc/thread-self/net/dev") as file:
        rows = (line.split() for line in file)
        return sum(int(row[2]) for row in rows if row[0].rstrip(":") in devs)


def frames(count, macs):
    """As benchgen makes them, pairs: there and back"""
    hops = [mac[:5] + bytes((mac[5] ^ 0x80,)) for mac in macs]
    server = bytes((10, 1, 0, 2))
    for i in range(0, count, -(-count // SAMPLE)):
        client, port = bytes((10, 0, i >> 15, 2)), 1024 + (i & 0x7fff)
        yield (frame(macs[0], hops[0], client, server, port, 5001),
               frame(macs[1], hops[1], server, client, 5001, port))


def main(count):
    macs = mac_of("pf0vf0"), mac_of("pf0vf1")
    here = netns.own()
    trapped = received("pf0vf0", "pf0vf1")
    netns.enter(netns.named("far"))
    socks = [Ends.open("nic0vf0"), Ends.open("nic0vf1")]
    arrived, sent = received("nic0vf0", "nic0vf1"), 0
    for pair in frames(count, macs):
        for sock, data in zip(socks, pair):
            sock.send(data)
            sent += 1
    arrived = received("nic0vf0", "nic0vf1") - arrived
    netns.enter(here)
    print(sent, arrived, received("pf0vf0", "pf0vf1") - trapped)


if __name__ == "__main__":
    main(int(sys.argv[1]))
