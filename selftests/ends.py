# SPDX-License-Identifier: GPL-2.0
"""Owns both ends of connections between the namespaces near and far.

usage: ends.py near far [OTHER]...

Reads commands, and answers each with a line "ok ..." or "error ...":
  open NAME tcp|udp|sctp SPORT DST DPORT [REAL]
        connects from near to DST; far listens on REAL, which is DST unless
        given.  Answers "ok", near's address as far sees it, and its port.
  ping NAME ID DST [SRC]      echo requests from near with this identifier,
                              which DST's kernel answers
  talk NAME COUNT [SIZE]      COUNT messages and answers, compared
  say NAME near|far TEXT      a line, compared
  pump NAME                   messages and answers, compared, from now on, until
  pumped NAME                 which answers how many there were
  stream NAME                 numbered messages all the time, and their answers,
                              whether the last one has arrived or not (UDP), until
  streamed NAME               which answers "LOST SENT ARRIVED ANSWERED": messages,
                              and of those that did not arrive such as were sent
                              while nothing was failing
  failing NAME | mended NAME  something fails from here on | up to here
  exchange NAME BYTES         as much at once both ways, compared (TCP)
  send NAME near|far [COUNT]  messages without waiting for any
  burst NAME near|far COUNT SIZE      datagrams that the kernel cuts from one piece
                              of data, one right after the other, compared (UDP)
  stops NAME near|far SECONDS messages from there, until none arrives any more
                              (UDP): answers with the milliseconds from now to
                              the last one that did, or "never" if they go on
                              for so long
  pending NAME near|far       bytes or datagrams that have arrived there; reads
                              them
  fin NAME | rst NAME         ends a connection
  throw near|far ...          frames that would open connections: see denials.py
  watch NAMESPACE DEV         sees the frames that arrive there from now on
  seen NAMESPACE              destination addresses of the unicast frames seen
                              since the last question, "none", sorted
"""

import errno
import os
import random
import select
import socket
import struct
import sys
import threading
import time

import denials
import netns

ETH_P_ALL = 3
SCTP_NODELAY = 3
UDP_SEGMENT = 103
NODELAY = {socket.IPPROTO_TCP: socket.TCP_NODELAY,
           socket.IPPROTO_SCTP: SCTP_NODELAY}
PATIENCE = 10 * int(os.environ.get("TIME_SCALE") or 1)
namespaces = {}
connections = {}
pumps = {}
watchers = {}


def enter(side):
    """Sockets made from here on belong to that side."""
    netns.enter(namespaces[side])


def family_of(address):
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def new_socket(side, kind, address, port, proto=0):
    enter(side)
    sock = socket.socket(family_of(address), kind, proto)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.settimeout(PATIENCE)
    sock.bind((address, port))
    return sock


def open_stream(proto, sport, dst, dport, real):
    listener = new_socket("far", socket.SOCK_STREAM, real, dport, proto)
    listener.listen()
    any_address = "::" if ":" in dst else "0.0.0.0"
    near = new_socket("near", socket.SOCK_STREAM, any_address, sport, proto)
    near.connect((dst, dport))
    far, peer = listener.accept()
    listener.close()
    for sock in (near, far):
        sock.settimeout(PATIENCE)
        sock.setsockopt(proto, NODELAY[proto], 1)
    return near, far, peer


def open_tcp(*words):
    return open_stream(socket.IPPROTO_TCP, *words)


def open_sctp(*words):
    return open_stream(socket.IPPROTO_SCTP, *words)


def open_udp(sport, dst, dport, real):
    far = new_socket("far", socket.SOCK_DGRAM, real, dport)
    any_address = "::" if ":" in dst else "0.0.0.0"
    near = new_socket("near", socket.SOCK_DGRAM, any_address, sport)
    near.connect((dst, dport))
    near.send(b"hello")
    _, peer = far.recvfrom(100)
    far.connect(peer)
    far.send(b"hello")
    near.recv(100)
    return near, far, peer


def cmd_open(name, proto, sport, dst, dport, real=None):
    opener = {"tcp": open_tcp, "udp": open_udp, "sctp": open_sctp}[proto]
    near, far, peer = opener(int(sport), dst, int(dport), real or dst)
    connections[name] = {"near": near, "far": far}
    return f"{peer[0]} {peer[1]}"


class Echo:
    """A socket that gets back what it sends, from another host's kernel."""

    type = socket.SOCK_DGRAM

    def __init__(self, src, number, dst):
        v6 = ":" in dst
        proto = socket.IPPROTO_ICMPV6 if v6 else socket.IPPROTO_ICMP
        self.request = 128 if v6 else 8
        self.sock = new_socket("near", socket.SOCK_DGRAM, src, number, proto)
        self.sock.connect((dst, 0))
        self.sequence = 0

    def sendall(self, message):
        self.sequence += 1
        self.sock.send(struct.pack("!BBHHH", self.request, 0, 0, 0,
                                   self.sequence) + message)

    def recv(self, size):
        reply = self.sock.recv(size)
        sequence, = struct.unpack("!H", reply[6:8])
        return reply[8:] if sequence == self.sequence else b"another"

    def close(self):
        self.sock.close()


def cmd_ping(name, number, dst, src=None):
    any_address = "::" if ":" in dst else "0.0.0.0"
    echo = Echo(src or any_address, int(number), dst)
    connections[name] = {"near": echo, "far": echo}
    return cmd_talk(name, 1)


def receive(sock, size):
    if sock.type == socket.SOCK_DGRAM:
        return sock.recv(65536)
    data = b""
    while len(data) < size:
        more = sock.recv(size - len(data))
        if not more:
            raise OSError(errno.ECONNRESET, "end of stream")
        data += more
    return data


def pass_message(source, sink, message):
    source.sendall(message)
    if receive(sink, len(message)) != message:
        raise ValueError("message differs")


def cmd_talk(name, count, size="100"):
    ends = connections[name]
    for number in range(int(count)):
        message = random.Random(number).randbytes(int(size))
        pass_message(ends["near"], ends["far"], message)
        pass_message(ends["far"], ends["near"], message[::-1])
    return ""


class Pump(threading.Thread):
    """Talks all the time: each message is sent once, and has to arrive."""

    def __init__(self, name):
        super().__init__(daemon=True)
        self.name = name
        self.done = threading.Event()
        self.count = 0
        self.error = None

    def run(self):
        try:
            while not self.done.is_set():
                cmd_talk(self.name, 1)
                self.count += 1
        except (OSError, ValueError) as error:
            self.error = error


def begin(name, pump):
    pumps[name] = pump
    pump.start()
    return ""


def end(name):
    """What was begun, when it is through"""
    pump = pumps.pop(name)
    pump.done.set()
    pump.join()
    return pump


def cmd_pump(name):
    return begin(name, Pump(name))


def cmd_pumped(name):
    pump = end(name)
    if pump.error:
        raise OSError(f"message {pump.count}: {pump.error!r}")
    return str(pump.count)


class Stream(threading.Thread):
    """Sends all the time, and knows when it has sent what."""

    def __init__(self, name):
        super().__init__(daemon=True)
        self.near, self.far = (connections[name][s] for s in ("near", "far"))
        self.done = threading.Event()
        self.sent = []              # when
        self.arrived = set()
        self.answered = set()
        self.failures = []          # from when, until when
        self.error = None

    def run(self):
        try:
            while not self.done.is_set():
                self.send()
                self.collect(0.001)
            while self.collect(PATIENCE / 20):
                pass
        except ValueError as error:
            self.error = error

    def send(self):
        when = time.monotonic()
        try:
            self.near.send(struct.pack("!I", len(self.sent)))
            self.sent.append(when)
        except OSError:
            pass                    # there is no way, and it was not sent

    def collect(self, seconds):
        """What arrives in that time, at least once"""
        ready = select.select([self.near, self.far], [], [], seconds)[0]
        for sock, numbers in ((self.far, self.arrived),
                              (self.near, self.answered)):
            if sock in ready:
                self.receive(sock, numbers)
        return ready

    def receive(self, sock, numbers):
        try:
            message = sock.recv(100)
            number, = struct.unpack("!I", message)
            if number in numbers:
                raise ValueError(f"message {number} arrived twice")
            numbers.add(number)
            if sock is self.far:
                sock.send(message)
        except OSError:
            pass                    # somebody says that there is no way

    def result(self):
        lost = [number for number, when in enumerate(self.sent)
                if number not in self.arrived and
                not any(since <= when <= until
                        for since, until in self.failures)]
        return (f"{len(lost)} {len(self.sent)} {len(self.arrived)} "
                f"{len(self.answered)}")


def cmd_stream(name):
    return begin(name, Stream(name))


def cmd_streamed(name):
    stream = end(name)
    if stream.error:
        raise stream.error
    return stream.result()


def cmd_failing(name):
    pumps[name].failures.append((time.monotonic(), float("inf")))
    return ""


def cmd_mended(name):
    failures = pumps[name].failures
    failures[-1] = (failures[-1][0], time.monotonic())
    return ""


def cmd_say(name, side, *words):
    """A line of text."""
    ends = connections[name]
    other = "near" if side == "far" else "far"
    pass_message(ends[side], ends[other], (" ".join(words) + "\r\n").encode())
    return ""


def cmd_exchange(name, size):
    """Both directions at once, as fast as they go."""
    ends = list(connections[name].values())
    data = {sock: random.Random(i).randbytes(int(size))
            for i, sock in enumerate(ends)}
    other = dict(zip(ends, reversed(ends)))
    unsent = dict(data)
    got = {sock: b"" for sock in ends}
    while any(len(got[sock]) < int(size) for sock in ends):
        readable, writable, _ = select.select(
            ends, [sock for sock in ends if unsent[sock]], [], PATIENCE)
        if not readable and not writable:
            raise TimeoutError("exchange stands still")
        for sock in writable:
            sent = sock.send(unsent[sock][:65536])
            unsent[sock] = unsent[sock][sent:]
        for sock in readable:
            more = sock.recv(1 << 20)
            if not more:
                raise OSError(errno.ECONNRESET, "end of stream")
            got[sock] += more
    if any(got[sock] != data[other[sock]] for sock in ends):
        raise ValueError("data differ")
    return ""


def cmd_send(name, side, count="1"):
    for _ in range(int(count)):
        connections[name][side].send(b"x" * 100, socket.MSG_DONTWAIT)
    return ""


def cmd_burst(name, side, count, size):
    ends, size = connections[name], int(size)
    source, sink = ends[side], ends["near" if side == "far" else "far"]
    data = random.Random(size).randbytes(int(count) * size)
    source.setsockopt(socket.IPPROTO_UDP, UDP_SEGMENT, size)
    source.send(data)
    source.setsockopt(socket.IPPROTO_UDP, UDP_SEGMENT, 0)
    for at in range(0, len(data), size):
        if receive(sink, size) != data[at:at + size]:
            raise ValueError("message differs")
    return ""


def cmd_stops(name, side, seconds):
    ends = connections[name]
    other = ends["near" if side == "far" else "far"]
    begin = last = time.monotonic()
    other.settimeout(PATIENCE / 20)
    try:
        while time.monotonic() - begin < float(seconds):
            ends[side].send(b"x" * 100)
            other.recv(200)
            last = time.monotonic()
            time.sleep(0.002)
        return "never"
    except TimeoutError:
        return str(round(1000 * (last - begin)))
    finally:
        other.settimeout(PATIENCE)


def cmd_pending(name, side):
    sock = connections[name][side]
    datagram = sock.type == socket.SOCK_DGRAM
    total = 0
    sock.setblocking(False)
    try:
        while data := sock.recv(65536):
            total += 1 if datagram else len(data)
    except BlockingIOError:
        pass
    finally:
        sock.settimeout(PATIENCE)
    return str(total)


def fin_sctp(ends):
    """There is no half of an association to close."""
    ends["near"].close()
    while ends["far"].recv(65536):
        pass
    ends["far"].close()
    return ""


def cmd_fin(name):
    ends = connections.pop(name)
    if getattr(ends["far"], "proto", 0) == socket.IPPROTO_SCTP:
        return fin_sctp(ends)
    for side in ("near", "far"):
        if ends[side].type == socket.SOCK_STREAM:
            ends[side].shutdown(socket.SHUT_WR)
    for sock in ends.values():
        while sock.type == socket.SOCK_STREAM and sock.recv(65536):
            pass
        sock.close()
    return ""


def cmd_rst(name):
    ends = connections.pop(name)
    ends["near"].setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                            struct.pack("ii", 1, 0))
    ends["near"].close()
    try:
        while ends["far"].recv(65536):
            pass
    except ConnectionResetError:
        ends["far"].close()
        return ""
    raise ValueError("no reset arrived")


def cmd_throw(*words):
    denials.throw(*words)
    return ""


def cmd_watch(side, dev):
    enter(side)
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    sock.bind((dev, ETH_P_ALL))
    sock.setblocking(False)
    watchers[side] = sock
    return ""


def cmd_seen(side):
    seen = set()
    while True:
        try:
            frame, address = watchers[side].recvfrom(100)
        except BlockingIOError:
            return " ".join(sorted(seen)) or "none"
        if address[2] != socket.PACKET_OUTGOING and not frame[0] & 1:
            seen.add(frame[:6].hex(":"))


def main():
    for name in sys.argv[1:]:
        namespaces[name] = netns.named(name)
    for line in sys.stdin:
        command, *words = line.split()
        try:
            answer = globals()[f"cmd_{command}"](*words)
            print("ok", answer, flush=True)
        except (OSError, ValueError, KeyError) as error:
            print(f"error {command}: {error!r}", flush=True)


if __name__ == "__main__":
    main()
