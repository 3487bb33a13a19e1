# SPDX-License-Identifier: GPL-2.0
"""Makes connections.

usage: netlink_traffic.py serve ADDRESS PORT
       netlink_traffic.py udp ADDRESS PORT FIRST COUNT ROUNDS

"serve" sends every datagram back, for ever. "udp" sends a datagram of 100
bytes from each of COUNT source ports, the first being FIRST, and waits for what
comes back; ROUNDS times. It fails where an answer is missing.
"""
import socket
import sys

PAYLOAD = bytes(100)
AT_ONCE = 64


def serve(address, port):
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
    sock.bind((address, port))
    while True:
        data, peer = sock.recvfrom(2048)
        sock.sendto(data, peer)


def exchange(socks):
    """One datagram each way on every socket; what is lost is sent again."""
    for sock in socks:
        sock.send(PAYLOAD)
    for sock in socks:
        for _ in range(5):
            try:
                sock.recv(2048)
                break
            except socket.timeout:
                sock.send(PAYLOAD)
        else:
            sys.exit("no answer to port %d" % sock.getsockname()[1])


def udp(address, port, first, count, rounds):
    for start in range(first, first + count, AT_ONCE):
        socks = []
        for sport in range(start, min(start + AT_ONCE, first + count)):
            sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            sock.settimeout(20)
            sock.bind(("0.0.0.0", sport))
            sock.connect((address, port))
            socks.append(sock)
        for _ in range(rounds):
            exchange(socks)
        for sock in socks:
            sock.close()


def main():
    if sys.argv[1] == "serve":
        serve(sys.argv[2], int(sys.argv[3]))
    else:
        udp(sys.argv[2], *map(int, sys.argv[3:]))


if __name__ == "__main__":
    main()
