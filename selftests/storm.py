# SPDX-License-Identifier: GPL-2.0
"""Many TCP connections between the namespaces near and far, one after the other.

usage: storm.py COUNT AT-ONCE

COUNT connections from 10.0.0.2 to 10.1.0.2, ports 5001 and up. Each talks when it
is new, and when half of those that are open at once are newer; the oldest ends, by
FIN from near, FIN from far, or RST, each in turn. Each message has to be answered.
Prints how many there were.
"""
import collections
import socket
import struct
import sys

import netns
from ends import PATIENCE, enter, namespaces

NEAR, FAR = "10.0.0.2", "10.1.0.2"
FIRST_PORT, PORTS = 10000, 50000    # of near; then far's next port is used
ROUNDS = 3
LINGER_NOT = struct.pack("ii", 1, 0)


def listen(port):
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.settimeout(PATIENCE)
    sock.bind((FAR, port))
    sock.listen()
    return sock


def client(port):
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.settimeout(PATIENCE)
    sock.bind((NEAR, port))
    return sock


def talk(pair):
    near, far = pair
    for sender, receiver in ((near, far), (far, near)) * ROUNDS:
        sender.send(b"message")
        if receiver.recv(100) != b"message":
            raise OSError("not what was sent")
    return ROUNDS


def end(pair, how):
    near, far = pair
    first, second = (far, near) if how == 1 else (near, far)
    if how == 2:
        first.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_NOT)
    first.close()
    try:
        if second.recv(100):
            raise OSError("more than was sent")
    except ConnectionResetError:
        pass
    second.close()


def storm(count, at_once):
    enter("far")
    listeners = [listen(5001 + i) for i in range(1 + (count - 1) // PORTS)]
    enter("near")
    pairs = collections.deque()
    messages = ended = 0
    for n in range(count):
        listener = listeners[n // PORTS]
        near = client(FIRST_PORT + n % PORTS)
        near.connect((FAR, listener.getsockname()[1]))
        pairs.append((near, listener.accept()[0]))
        messages += talk(pairs[-1]) + talk(pairs[len(pairs) // 2])
        if len(pairs) > at_once:
            end(pairs.popleft(), ended % 3)
            ended += 1
    while pairs:
        end(pairs.popleft(), ended % 3)
        ended += 1
    return messages


def main():
    for name in ("near", "far"):
        namespaces[name] = netns.named(name)
    print(storm(int(sys.argv[1]), int(sys.argv[2])))


if __name__ == "__main__":
    main()
