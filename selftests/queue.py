# SPDX-License-Identifier: GPL-2.0
"""usage: queue.py NUMBER FILE

Takes what netfilter puts into the queue NUMBER, and accepts it. How many packets
that were is in FILE, from the moment on when the queue is there.
"""
import os
import socket
import struct
import sys

NETLINK_NETFILTER = 12
NFNL_SUBSYS_QUEUE = 3
PACKET, VERDICT, CONFIG = range(3)
CFG_CMD, CFG_PARAMS = 1, 2
CMD_BIND, COPY_META = 1, 1
A_PACKET_HDR, A_VERDICT_HDR = 1, 2
NF_ACCEPT = 1


def attribute(kind, data):
    length = 4 + len(data)
    return struct.pack("=HH", length, kind) + data + bytes(-length % 4)


def message(kind, queue, attributes):
    body = struct.pack("!BBH", 0, 0, queue) + attributes
    return struct.pack("=IHHII", 16 + len(body), NFNL_SUBSYS_QUEUE << 8 | kind,
                       1, 0, 0) + body


def packet_ids(data):
    """Of the packets in what the kernel sent"""
    while len(data) >= 16:
        length, kind = struct.unpack("=IH", data[:6])
        rest = data[20:length] if kind == NFNL_SUBSYS_QUEUE << 8 | PACKET else b""
        while len(rest) >= 8:
            size, attr = struct.unpack("=HH", rest[:4])
            if attr & 0x7fff == A_PACKET_HDR:
                yield struct.unpack("!I", rest[4:8])[0]
            rest = rest[size + -size % 4:]
        data = data[length + -length % 4:]


def tell(path, number):
    with open(path + ".new", "w") as file:
        print(number, file=file)
    os.rename(path + ".new", path)


def main(queue, path):
    sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_NETFILTER)
    sock.bind((0, 0))
    sock.send(message(CONFIG, queue, attribute(
        CFG_CMD, struct.pack("!BBH", CMD_BIND, 0, 0))))
    sock.send(message(CONFIG, queue, attribute(
        CFG_PARAMS, struct.pack("!IB", 0xffff, COPY_META))))
    seen = 0
    while True:
        tell(path, seen)
        for packet in packet_ids(sock.recv(1 << 17)):
            seen += 1
            sock.send(message(VERDICT, queue, attribute(
                A_VERDICT_HDR, struct.pack("!II", NF_ACCEPT, packet))))


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
