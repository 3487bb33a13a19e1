# SPDX-License-Identifier: GPL-2.0
"""Many UDP connections between the namespaces near and far at once.

usage: crowd.py COUNT

COUNT connections from 10.0.0.2, ports 20000 and up, to port 6001 of 10.1.0.2.
Reads commands, and answers each with a line "ok ..." or "error ...":
  talk ROUNDS           a message and its answer on each connection, ROUNDS times;
                        answers with how many were lost
  weigh FIRST SECOND    from now on, in each round so many messages on each of the
                        first half of the connections, and of the second
  begin                 goes on like this until "end"
  end                   answers "LOST MESSAGES PAUSE": PAUSE is the longest time in
                        milliseconds in which nothing arrived
  obeyed COUNT DENY ALLOW   COUNT times, while one connection sends without a pause,
                        runs the command DENY, then ALLOW (in the gateway's
                        namespace gw); answers "LATE SENT PASSED": messages that
                        were sent while the denial was in force and arrived,
                        messages that were sent then, and messages that
                        arrived otherwise
"""
import select
import socket
import struct
import subprocess
import sys
import threading
import time

import netns
from ends import PATIENCE, enter, namespaces

SERVER = ("10.1.0.2", 6001)
FIRST_PORT = 20000
AT_ONCE = 32    # of the connections, so that no queue overflows


class Crowd:
    def __init__(self, count):
        enter("far")
        self.server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.server.bind(SERVER)
        enter("near")
        self.clients = [self.client(FIRST_PORT + i) for i in range(count)]
        self.order = self.clients
        self.running = None
        self.result = (0, 0, 0.0)

    @staticmethod
    def client(port):
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.bind(("10.0.0.2", port))
        sock.connect(SERVER)
        sock.setblocking(False)
        return sock

    def some(self, clients, deadline):
        """A message and its answer on each; those without one by then"""
        for sock in clients:
            sock.send(b"question")
        missing = set(clients)
        waiting = select.poll()
        waiting.register(self.server, select.POLLIN)
        by_fd = {sock.fileno(): sock for sock in clients}
        for fd in by_fd:
            waiting.register(fd, select.POLLIN)
        while missing and (ready := waiting.poll(1000 * deadline)):
            for fd, _ in ready:
                if fd == self.server.fileno():
                    message, peer = self.server.recvfrom(100)
                    self.server.sendto(message, peer)
                else:
                    by_fd[fd].recv(100)
                    missing.discard(by_fd[fd])
        return missing

    def weigh(self, first, second):
        """Nobody's next message comes before many others': AT_ONCE is less than
        half of them."""
        half = len(self.clients) // 2
        halves = (self.clients[:half], first), (self.clients[half:], second)
        self.order = [sock for turn in range(max(first, second))
                      for sockets, times in halves if turn < times
                      for sock in sockets]

    def talk(self, rounds, stop=None):
        lost = messages = 0
        pause, last = 0.0, time.monotonic()
        for _ in range(rounds):
            for i in range(0, len(self.order), AT_ONCE):
                if stop and stop.is_set():
                    return lost, messages, pause
                some = self.order[i:i + AT_ONCE]
                lost += len(self.some(some, PATIENCE / 5))
                messages += len(some)
                now = time.monotonic()
                pause, last = max(pause, now - last), now
        return lost, messages, pause

    def go_on(self, stop):
        self.result = self.talk(1 << 30, stop)

    def begin(self):
        stop = threading.Event()
        thread = threading.Thread(target=self.go_on, args=(stop,))
        self.running = (stop, thread)
        thread.start()

    def end(self):
        stop, thread = self.running
        stop.set()
        thread.join()
        return self.result


class Stream:
    """One connection that sends all the time; each message says when"""

    def __init__(self, crowd):
        self.near, self.far = crowd.clients[0], crowd.server
        self.far.setblocking(False)
        self.denied = []        # from when until when a denial was in force
        self.late = self.sent = self.passed = 0

    def for_a_while(self, seconds):
        end = time.monotonic() + seconds
        sent = 0
        while time.monotonic() < end:
            try:
                self.near.send(struct.pack("d", time.monotonic()))
                sent += 1
            except (BlockingIOError, ConnectionRefusedError):
                pass
            self.collect()
        return sent

    def collect(self):
        try:
            while message := self.far.recv(100):
                if len(message) == 8:
                    self.judge(*struct.unpack("d", message))
        except BlockingIOError:
            pass

    def judge(self, when):
        if any(since < when < until for since, until in self.denied):
            self.late += 1
        else:
            self.passed += 1

    def run(self, command):
        """The command, with the stream going on"""
        process = subprocess.Popen(command.split("+"))
        while process.poll() is None:
            self.for_a_while(0.002)
        if process.returncode:
            raise OSError(process.returncode, command)


def obeyed(crowd, count, deny, allow):
    stream = Stream(crowd)
    for _ in range(count):
        stream.run(deny)
        since = time.monotonic()
        stream.denied.append((since, float("inf")))
        stream.sent += stream.for_a_while(0.03)
        stream.denied[-1] = (since, time.monotonic())
        stream.run(allow)
        stream.for_a_while(0.03)
    crowd.server.setblocking(True)
    return stream.late, stream.sent, stream.passed


def command(crowd, verb, *words):
    if verb == "talk":
        return crowd.talk(int(words[0]))[0]
    if verb == "weigh":
        return crowd.weigh(int(words[0]), int(words[1])) or ""
    if verb == "begin":
        return crowd.begin() or ""
    if verb == "end":
        lost, messages, pause = crowd.end()
        return f"{lost} {messages} {round(1000 * pause)}"
    return "{} {} {}".format(*obeyed(crowd, int(words[0]), *words[1:]))


def main():
    for name in ("near", "far"):
        namespaces[name] = netns.named(name)
    crowd = Crowd(int(sys.argv[1]))
    for line in sys.stdin:
        try:
            print("ok", command(crowd, *line.split()), flush=True)
        except OSError as error:
            print(f"error {error!r}", flush=True)


if __name__ == "__main__":
    main()
