# SPDX-License-Identifier: GPL-2.0
"""Lets the kernel's memory allocations fail, one after the other, while pnicfw
does something, and looks whether it copes.

usage: failslab.py WALK

  requests   each request and dump of the netlink family, each file in /proc:
             the first allocation of the call fails, then the second, ... until
             there is none left to fail
  learning   a connection gets a record and is learned: an allocation that must
             not sleep fails
  offload    a connection is offloaded: an allocation of a kernel thread fails

After each failure messages still pass through the gateway, and a request that
was refused has changed nothing. The last line is "FAILED of ATTEMPTS failed".
Sockets of the far ends are made by ends.py, messages by netlink_raw.py.
"""
import errno
import glob
import os
import struct
import sys

import ends
from netlink_raw import (ACK, DUMP, FILTER, FLOW_DEL, FLOW_GET, FLUSH, PARAM,
                         PARAM_GET, PARAM_SET, PORT, PORT_ADD, PORT_DEL,
                         PORT_GET, PORT_HW, PORT_IFNAME, PORT_SET, P_HW_AFTER,
                         STATS_GET, F_PROTO, Family, attr, name, nest, u32)

FAILSLAB = "/sys/kernel/debug/failslab/"
HW_AFTER = 4
MOST = 400


def write(path, value):
    with open(path, "w", encoding="ascii") as file:
        file.write(str(value))


def read(path):
    with open(path, encoding="ascii") as file:
        return file.read()


def failslab(**settings):
    for key, value in settings.items():
        write(FAILSLAB + key.replace("_", "-"), value)


class Tally:
    """What has been tried, and whether it is enough."""
    def __init__(self):
        self.failed = self.attempts = 0

    def add(self, failed):
        self.attempts += 1
        self.failed += failed

    def finish(self):
        failslab(probability=0)
        print(f"{self.failed} of {self.attempts} failed")
        if not self.failed:
            sys.exit("no allocation has failed")


# Requests: the allocations of one system call after the other ################

class Request:
    """One netlink request or dump, to be tried again and again."""
    def __init__(self, family, what, cmd, payload=b"", flags=ACK):
        self.family, self.what, self.dump = family, what, flags == DUMP
        self.cmd, self.payload, self.flags = cmd, payload, flags

    def attempt(self):
        """None, or the error; raises what the socket has to say."""
        family = self.family
        family.sock.send(family.message(self.cmd, self.payload, self.flags))
        (err, _), self.messages = family.answer()
        return err

    def ask(self):
        if err := self.attempt():
            raise OSError(err, f"{self.what}: {os.strerror(err)}")
        return self.messages


class ProcFile:
    """A file of /proc; process 1 is in the gateway's namespace."""
    dump = True

    def __init__(self, what):
        self.what = what

    def attempt(self):
        with open(f"/proc/1/net/pnicfw/{self.what}", "rb") as file:
            self.messages = file.read().splitlines()
        return 0

    def ask(self):
        self.attempt()
        return self.messages


def fail_nth(operation, file, nth):
    """Lets allocation NTH fail; returns (whether one did, the answer)."""
    os.pwrite(file, str(nth).encode(), 0)
    try:
        answer = operation.attempt()
    except OSError as error:
        answer = error.errno
    left = int(os.pread(file, 20, 0).split(b"\0")[0])
    os.pwrite(file, b"0", 0)
    return left == 0, answer


def first_attribute(message):
    """Of a message: that of a port is what its user wants of it."""
    length, = struct.unpack_from("=H", message, 4)
    return message[4:4 + length]


def state_of(family):
    """What requests can change: devices that are ports and parameters."""
    ports = Request(family, "ports", PORT_GET, flags=DUMP).ask()
    params = Request(family, "parameters", PARAM_GET).ask()
    return [first_attribute(message) for message in ports], params


def walk(tally, family, operation, back=None):
    """Operation is undone by BACK, or changes nothing."""
    file = os.open("/proc/thread-self/fail-nth", os.O_RDWR)
    before = state_of(family)
    whole = len(operation.ask()) if operation.dump else 0
    for nth in range(1, MOST):
        failed, answer = fail_nth(operation, file, nth)
        tally.add(failed)
        ends.cmd_talk("steady", 1)
        # The answer may be what could not be allocated: ENOBUFS leaves it open
        if answer not in (0, errno.ENOBUFS) and state_of(family) != before:
            raise ValueError(f"{operation.what}: refused, and yet it did")
        if operation.dump and answer == 0 and len(operation.messages) != whole:
            raise ValueError(f"{operation.what}: no error, and not all of it")
        if back and state_of(family) != before:
            back.ask()
        if not failed:
            break
    else:
        raise ValueError(f"{operation.what}: never gets through")
    os.close(file)
    if answer:
        raise OSError(answer, f"{operation.what}: {os.strerror(answer)}")
    print(f"{operation.what}: {nth - 1} allocations")


def port_request(family, verb, cmd, dev, *more):
    return Request(family, f"port {verb} {dev}", cmd,
                   nest(PORT, name(PORT_IFNAME, dev), *more))


def walk_ports(tally, family):
    """The first port, which starts all that the namespace has, and another."""
    add, delete = ({dev: port_request(family, verb, cmd, dev)
                    for dev in ("p0", "pf0vf0", "pf0vf1")}
                   for verb, cmd in (("add", PORT_ADD), ("del", PORT_DEL)))
    hw = {value: port_request(family, f"set hw {value}", PORT_SET, "pf0vf1",
                              u32(PORT_HW, value))
          for value in (0, 1)}
    delete["p0"].ask()
    delete["pf0vf0"].ask()
    walk(tally, family, add["p0"], delete["p0"])
    add["p0"].ask()
    walk(tally, family, delete["p0"], add["p0"])
    add["pf0vf0"].ask()
    walk(tally, family, add["pf0vf1"], delete["pf0vf1"])
    add["pf0vf1"].ask()
    walk(tally, family, hw[0], hw[1])
    hw[0].ask()
    walk(tally, family, hw[1], hw[0])
    hw[1].ask()
    walk(tally, family, delete["pf0vf1"], add["pf0vf1"])


def walk_requests(tally, family):
    failslab(ignore_gfp_wait="N", cache_filter="N", task_filter="N")
    walk_ports(tally, family)

    def request(what, cmd, payload=b"", flags=ACK):
        return Request(family, what, cmd, payload, flags)

    udp = nest(FILTER, attr(F_PROTO, b"\x11"))
    after = {n: request("param set", PARAM_SET, nest(PARAM, u32(P_HW_AFTER, n)))
             for n in (99, HW_AFTER)}
    walk(tally, family, after[99], after[HW_AFTER])
    after[HW_AFTER].ask()
    walk(tally, family, request("flow del", FLOW_DEL, udp))
    walk(tally, family, request("flow flush", FLOW_DEL, attr(FLUSH)))
    ends.cmd_talk("steady", 2 * HW_AFTER)
    walk(tally, family, request("port dump", PORT_GET, flags=DUMP))
    walk(tally, family, request("flow dump", FLOW_GET, flags=DUMP))
    walk(tally, family, request("param get", PARAM_GET))
    walk(tally, family, request("stats get", STATS_GET))
    for file in "ports", "policy", "flows":
        walk(tally, family, ProcFile(file))


# Connections: an allocation somewhere, in whatever context ###################

def connection(number):
    """From the first packet to the last, with enough for the eswitch."""
    ends.cmd_open("c", "tcp", 41000 + number, "10.1.0.2", 5001)
    ends.cmd_talk("c", 3 * HW_AFTER)
    ends.cmd_fin("c")


def connection_somehow(number):
    """What fails may be what a far end asked for: then it asks again."""
    try:
        connection(number)
        return
    except OSError as error:
        # A port without memory for it counts as one in use
        if error.errno not in (errno.ENOMEM, errno.ENOBUFS, errno.EADDRINUSE):
            raise
    # Here, where the exception holds no socket any more
    failslab(probability=0)
    for sock in ends.connections.pop("c", {}).values():
        sock.close()
    connection(number + 1000)


def walk_connections(tally, steps):
    """Lets one allocation fail for each number of bytes allocated before."""
    for number, space in enumerate(steps):
        failslab(space=space, times=1, probability=100)
        connection_somehow(number)
        failslab(probability=0)
        failed = int(read(FAILSLAB + "times")) == 0
        tally.add(failed)
        ends.cmd_talk("steady", 1)
        if not failed and number:
            break


def walk_learning(tally, _):
    failslab(ignore_gfp_wait="Y", cache_filter="N", task_filter="N",
             interval=1)
    # Close together where the connection begins, then wider
    walk_connections(tally, [int(50 * n * 1.04 ** n) for n in range(60)])


def kernel_threads():
    """What runs work, and the thread that makes more of them."""
    for path in glob.glob("/proc/[0-9]*/comm"):
        try:
            if read(path).startswith(("kworker/", "kthreadd")):
                yield os.path.dirname(path)
        except OSError:
            pass    # it has ended


def walk_offload(tally, _):
    for path in kernel_threads():
        write(path + "/make-it-fail", 1)
    failslab(ignore_gfp_wait="N", cache_filter="N", task_filter="Y",
             interval=1)
    walk_connections(tally, range(0, 12800, 200))
    failslab(task_filter="N")


def main():
    family = Family()
    tally = Tally()
    failslab(probability=0, verbose=0)
    for side in "near", "far":
        ends.namespaces[side] = os.open(f"/run/netns/{side}", os.O_RDONLY)
    ends.cmd_open("steady", "tcp", 40000, "10.1.0.2", 5000)
    try:
        globals()["walk_" + sys.argv[1]](tally, family)
    finally:
        failslab(probability=0)
    ends.cmd_fin("steady")
    tally.finish()


if __name__ == "__main__":
    main()
