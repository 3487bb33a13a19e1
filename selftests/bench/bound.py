#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""usage: bound.py routed|bridged CONNECTIONS SECONDS

How long an old decision outlives a change. Runs in the gateway's namespace; the
far ends are functions of the simulated NIC, in the namespace "far":

    10.0.0.2 ... nic0vf0 ==== pf0vf0 (this namespace) pf0vf1 ==== nic0vf1 10.1.0.2
                                                      pf0vf2 ==== nic0vf2

Reads commands, and answers each with a line:
  establish             packets of every connection, both ways, until all are in
                        hardware: "ok"
  deny COMMAND...       runs it while one connection sends: milliseconds from its end
                        until the last packet arrived, or "never" where they go
                        on for SECONDS
  neigh COMMAND...      likewise, until the last packet with the old MAC address
  move                  the server's address is heard at nic0vf2: until the last
                        packet arrived at nic0vf1
"""
import fcntl
import socket
import struct
import subprocess
import sys
import time

import netns

ETH_P_ALL = 3
SIOCGIFHWADDR = 0x8927
HOPS = bytes.fromhex("020000000020"), bytes.fromhex("020000000021")
RULES = "/sys/kernel/debug/pnicsim/nic0/rules"
QUIET = 2.0     # seconds without a packet: there will be no more
PATIENCE = 600


def mac_of(dev):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        request = struct.pack("16s24x", dev.encode())
        return fcntl.ioctl(sock, SIOCGIFHWADDR, request)[18:24]


def checksum(header):
    total = sum(struct.unpack("!10H", header))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def frame(dst, src, saddr, daddr, sport, dport):
    """60 bytes of UDP without a checksum"""
    header = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 46, 0, 0, 64,
                         socket.IPPROTO_UDP, 0, saddr, daddr)
    header = header[:10] + struct.pack("!H", checksum(header)) + header[12:]
    return (dst + src + b"\x08\x00" + header +
            struct.pack("!HHHH", sport, dport, 26, 0) + bytes(18))


class Ends:
    """The functions' ends of all connections"""

    def __init__(self, bridged, count):
        self.count = count
        peers = HOPS[::-1] if bridged else (mac_of("pf0vf0"), mac_of("pf0vf1"))
        here = netns.own()
        netns.enter(netns.named("far"))
        self.socks = [self.open(f"nic0vf{i}") for i in range(3)]
        netns.enter(here)
        server = bytes((10, 1, 0, 2))
        self.there, self.back = [], []
        for i in range(count):
            client, port = bytes((10, 0, i >> 15, 2)), 1024 + (i & 0x7fff)
            self.there.append(frame(peers[0], HOPS[0], client, server, port, 5001))
            self.back.append(frame(peers[1], HOPS[1], server, client, 5001, port))

    @staticmethod
    def open(dev):
        sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 22)
        sock.bind((dev, 0))
        return sock

    def send_all(self):
        for sock, frames in zip(self.socks, (self.there, self.back)):
            for data in frames:
                sock.send(data)

    def listen(self, index):
        sock = self.socks[index]
        sock.bind((f"nic0vf{index}", ETH_P_ALL))
        sock.setblocking(False)
        return sock

    def deaf(self, index):
        """As long as nobody looks, nothing is put into its queue"""
        self.socks[index].setblocking(True)
        self.socks[index].close()
        here = netns.own()
        netns.enter(netns.named("far"))
        self.socks[index] = self.open(f"nic0vf{index}")
        netns.enter(here)


def rules():
    with open(RULES) as file:
        return sum(1 for _ in file)


def establish(ends):
    """Conntrack calls UDP assured two seconds after its first packet"""
    deadline = time.monotonic() + PATIENCE
    ends.send_all()
    ends.send_all()
    time.sleep(2.2)
    while rules() != 2 * ends.count:
        if time.monotonic() > deadline:
            return f"error {rules()} rules"
        ends.send_all()
        time.sleep(2)
    return "ok"


def outlives(ends, change, is_old, seconds):
    """Milliseconds from the change's end until the last packet that is old"""
    sock, probe = ends.listen(1), ends.there[-1]
    deadline = time.monotonic() + PATIENCE
    begin = end = last = None
    seen = 0
    while True:
        now = time.monotonic()
        ends.socks[0].send(probe)
        try:
            while data := sock.recv(2048):
                if data[26:30] == probe[26:30] and data[34:36] == probe[34:36] \
                        and is_old(data):
                    last, seen = time.monotonic(), seen + 1
        except BlockingIOError:
            pass
        if seen == 20 and not begin:
            begin = now
            change_over = change()
        if begin and not end and change_over():
            end = time.monotonic()
        if end and now - end > seconds:
            return "never"
        if end and now - max(end, last) > QUIET:
            return str(round(1000 * max(0, last - end)))
        if not begin and now > deadline:
            return "error nothing arrives"
        time.sleep(0.001)


def run(words):
    process = subprocess.Popen(words)
    return lambda: process.poll() is not None


def move(ends):
    ends.socks[2].send(ends.back[-1])
    return lambda: True


def answer(ends, seconds, verb, *words):
    if verb == "establish":
        return establish(ends)
    if verb == "deny":
        result = outlives(ends, lambda: run(words), lambda data: True, seconds)
    elif verb == "neigh":
        result = outlives(ends, lambda: run(words),
                          lambda data: data[:6] == HOPS[1], seconds)
    else:
        result = outlives(ends, lambda: move(ends), lambda data: True, seconds)
    ends.deaf(1)
    return result


def main(how, count, seconds):
    ends = Ends(how == "bridged", int(count))
    for line in sys.stdin:
        print(answer(ends, float(seconds), *line.split()), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
