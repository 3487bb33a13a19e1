# SPDX-License-Identifier: GPL-2.0
"""Lets the kernel's memory allocations fail, one after the other, while pnicfw
does something, and looks whether it copes.

usage: failslab.py WALK

  requests   each request and dump of the netlink family, each file in /proc:
             the first allocation of the call fails, then the second, ... until
             there is none left to fail
  hearing    likewise what the kernel tells those about who listen: the next
             change is heard of, whatever was lost, and so is a ruleset whose
             own message was
  learning   a connection gets a record and is learned: an allocation that must
             not sleep fails
  denials    a connection is denied: one such allocation fails, then all from
             there on
  offload    a connection is offloaded: an allocation of a kernel thread fails
  offload_denials    likewise a denial

After each failure messages still pass through the gateway, what is denied does
not, and a request that was refused has changed nothing. The last line is
"FAILED of ATTEMPTS failed".
Sockets of the far ends are made by ends.py, messages by netlink_raw.py.
"""
import errno
import glob
import os
import socket
import struct
import sys
import time

import ends
import netns
from netlink_raw import (ACK, DENIED, DENY, DUMP, FILTER, FLOW_DEL, FLOW_GET,
                         FLUSH, F_ID, F_PROTO, F_STATE, PARAM, PARAM_GET,
                         PARAM_SET, POLICY_ADD, POLICY_DEL, POLICY_FLUSH,
                         POLICY_GET, PORT, PORT_ADD, PORT_DEL, PORT_DRAIN,
                         PORT_GET, PORT_HW, PORT_IFNAME, PORT_SET, P_DENY_TIME,
                         P_HW_AFTER, P_LEARN_DENIALS, RULE, R_CACHE, R_DPORT,
                         R_DST, R_DST_LEN, R_HW, R_HW_AFTER, R_IN, R_LABEL,
                         R_MARK, R_MARK_MASK, R_OUT, R_PREF, R_PROTO, R_SPORT,
                         R_SPORT_MAX, R_SRC, R_SRC_LEN, R_VERDICT, REQUEST,
                         STATS_GET, Family, attr, name, nest, u32)

FAILSLAB = "/sys/kernel/debug/failslab/"
HW_AFTER = 4
MOST = 400
PASSES = 20
DENIED_PORT = 6000
NO_MEMORY = f"hw-failed-{errno.ENOMEM}"	# counts a driver's refusals for that


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
        self.said = ""

    def attempt(self):
        """None, or the error; raises what the socket has to say."""
        family = self.family
        self.said = ""
        family.sock.send(family.message(self.cmd, self.payload, self.flags))
        (err, self.said), self.messages = family.answer()
        return err

    def ask(self):
        if err := self.attempt():
            raise OSError(err, f"{self.what}: {os.strerror(err)}")
        return self.messages


class ProcFile:
    """A file of /proc; process 1 is in the gateway's namespace."""
    dump = True
    said = ""

    def __init__(self, what):
        self.what = what

    def attempt(self):
        with open(f"/proc/1/net/pnicfw/{self.what}", encoding="ascii") as file:
            self.messages = file.read().splitlines()
        return 0

    def ask(self):
        self.attempt()
        return self.messages


def stat(what):
    """One of pnicfw's own statistics."""
    lines = dict(line.split() for line in ProcFile("stats").ask())
    return int(lines.get(what, 0))


def wait_for(condition, what):
    deadline = time.monotonic() + ends.PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {ends.PATIENCE} s: {what}")
        time.sleep(0.01)


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
    """What requests can change: devices that are ports, rules, parameters."""
    ports = Request(family, "ports", PORT_GET, flags=DUMP).ask()
    rules = Request(family, "rules", POLICY_GET, flags=DUMP).ask()
    params = Request(family, "parameters", PARAM_GET).ask()
    return [first_attribute(message) for message in ports], rules, params


def walk(tally, family, operation, *back, also=lambda: None):
    """Operation is undone by BACK, or changes nothing; ALSO tells what else it
    changes. Returns all that it says when it is refused."""
    def state():
        return state_of(family), also()

    file = os.open("/proc/thread-self/fail-nth", os.O_RDWR)
    before, halfway, said = state(), [], set()
    whole = len(operation.ask()) if operation.dump else 0
    for nth in range(1, MOST):
        failed, answer = fail_nth(operation, file, nth)
        tally.add(failed)
        said.add(operation.said)
        ends.cmd_talk("steady", 1)
        after = state()
        # The answer may be what could not be allocated: ENOBUFS leaves it open
        if answer not in (0, errno.ENOBUFS) and after != before:
            raise ValueError(f"{operation.what}: refused, and yet it did")
        if operation.dump and answer == 0 and len(operation.messages) != whole:
            raise ValueError(f"{operation.what}: no error, and not all of it")
        if after != before:
            halfway.append(after)
            for request in back:
                request.ask()
            if state() != before:
                raise ValueError(f"{operation.what}: cannot be undone")
        if not failed:
            break
    else:
        raise ValueError(f"{operation.what}: never gets through")
    os.close(file)
    if answer:
        raise OSError(answer, f"{operation.what}: {os.strerror(answer)}")
    if bool(back) != (after != before):
        raise ValueError(f"{operation.what}: done, and not what it is to do")
    if any(one != after for one in halfway):
        raise ValueError(f"{operation.what}: done by half")
    print(f"{operation.what}: {nth - 1} allocations")
    return said


def port_request(family, verb, cmd, dev, *more):
    return Request(family, f"port {verb} {dev}", cmd,
                   nest(PORT, name(PORT_IFNAME, dev), *more))


def walk_back_and_forth(tally, family, one, other):
    """From what OTHER makes, and each way."""
    walk(tally, family, one, other)
    one.ask()
    walk(tally, family, other, one)
    other.ask()


def walk_ports(tally, family):
    """The first port, which starts all that the namespace has, and another."""
    add, delete = ({dev: port_request(family, verb, cmd, dev)
                    for dev in ("p0", "pf0vf0", "pf0vf1")}
                   for verb, cmd in (("add", PORT_ADD), ("del", PORT_DEL)))

    def switch(dev, what, kind, value):
        return port_request(family, f"set {what} {value}", PORT_SET, dev,
                            u32(kind, value))

    delete["p0"].ask()
    delete["pf0vf0"].ask()
    walk(tally, family, add["p0"], delete["p0"])
    add["p0"].ask()
    walk(tally, family, delete["p0"], add["p0"])
    add["pf0vf0"].ask()
    walk(tally, family, add["pf0vf1"], delete["pf0vf1"])
    add["pf0vf1"].ask()
    walk_back_and_forth(tally, family, switch("pf0vf1", "hw", PORT_HW, 0),
                        switch("pf0vf1", "hw", PORT_HW, 1))
    ends.cmd_talk("steady", 2 * HW_AFTER)
    walk_back_and_forth(tally, family, switch("p0", "drain", PORT_DRAIN, 1),
                        switch("p0", "drain", PORT_DRAIN, 0))
    walk(tally, family, delete["pf0vf1"], add["pf0vf1"])


def port(number):
    return struct.pack("!H", number)


def policy_request(family, verb, cmd, *rule):
    return Request(family, f"policy {verb}", cmd, nest(RULE, *rule))


def rules():
    """One that denies, all in one shape, and one that answers otherwise."""
    return ((u32(R_PREF, 10), attr(R_SRC, bytes((10, 8, 0, 0))),
             attr(R_SRC_LEN, b"\x0e"), attr(R_DST, bytes((10, 1, 0, 2))),
             attr(R_PROTO, b"\x11"), attr(R_SPORT, port(1)),
             attr(R_SPORT_MAX, port(99)), attr(R_DPORT, port(53)),
             name(R_IN, "pf0vf0"), name(R_OUT, "p0"), u32(R_VERDICT, DENY)),
            (u32(R_PREF, 20), attr(R_DST, bytes(16)), attr(R_DST_LEN, b"\0"),
             attr(R_PROTO, b"\6"), u32(R_MARK, 4), u32(R_MARK_MASK, 6),
             u32(R_LABEL, 3), u32(R_CACHE, 1), u32(R_HW, 0),
             u32(R_HW_AFTER, 9)))


def walk_policy_del(tally, family, gone, this, **more):
    """Among what there is no memory for is the order that the others are in.  One
    pass may step over it, where the kernel itself takes memory now and then."""
    for _ in range(PASSES):
        if "rule: stays, as memory ran out" in walk(tally, family, gone, this, **more):
            return
    raise ValueError(f"{gone.what}: never refused")


def walk_policy(tally, family):
    add = [policy_request(family, "add", POLICY_ADD, *rule) for rule in rules()]
    delete = [policy_request(family, "del", POLICY_DEL, rule[0])
              for rule in rules()]

    for this, gone in zip(add, delete):
        walk(tally, family, this, gone)
        this.ask()
    walk(tally, family, policy_request(family, "get", POLICY_GET, rules()[1][0]))
    walk(tally, family, Request(family, "policy dump", POLICY_GET, flags=DUMP))
    walk(tally, family, ProcFile("policy"))
    for this, gone in zip(add, delete):
        walk_policy_del(tally, family, gone, this)
    walk(tally, family, Request(family, "policy flush", POLICY_FLUSH), *add)
    Request(family, "policy flush", POLICY_FLUSH).ask()
    denied = Denied(family)
    walk_policy_del(tally, family, denied.delete, denied.add,
                    also=denied.passes)
    denied.forget()
    denied.close()


def param_request(family, *params):
    return Request(family, "param set", PARAM_SET, nest(PARAM, *params))


def walk_params(tally, family):
    """What takes memory comes in the same request as what takes none."""
    for more in (), (P_LEARN_DENIALS,):
        there, back = (param_request(family, u32(P_HW_AFTER, after),
                                     *(u32(kind, on) for kind in more))
                       for after, on in ((99, 1), (HW_AFTER, 0)))
        walk_back_and_forth(tally, family, there, back)
    walk(tally, family, Request(family, "param get", PARAM_GET))


def flow_ids():
    """Of all that there are, the first being the oldest connection's."""
    return [int(line.split()[0]) for line in ProcFile("flows").ask()[1:]]


def walk_flows(tally, family):
    """Connections, and a denial among them."""
    def request(what, cmd, payload=b"", flags=ACK):
        return Request(family, what, cmd, payload, flags)

    def chosen(*conditions):
        return nest(FILTER, *conditions)

    denied = Denied(family)
    ends.cmd_talk("steady", 2 * HW_AFTER)
    denied.send(42000, 2)
    ids = flow_ids()
    if len(ids) != 2 or stat("denied") != 1:
        raise ValueError(f"no connection and denial, but {ids}")
    walk(tally, family, request("flow dump", FLOW_GET, flags=DUMP))
    walk(tally, family, request("flow dump of denials", FLOW_GET,
                                chosen(u32(F_STATE, DENIED)), DUMP))
    for which in ids:
        walk(tally, family, request("flow get", FLOW_GET, chosen(u32(F_ID, which))))
    walk(tally, family, ProcFile("flows"))
    walk(tally, family, ProcFile("stats"))
    walk(tally, family, request("stats get", STATS_GET))
    denied.check()
    walk(tally, family, request("flow del", FLOW_DEL,
                                chosen(attr(F_PROTO, b"\x11"))))
    denied.send(42001, 2)
    walk(tally, family, request("flow flush", FLOW_DEL, attr(FLUSH)))
    denied.close()


def walk_requests(tally, family):
    failslab(ignore_gfp_wait="N", cache_filter="N", task_filter="N")
    walk_ports(tally, family)
    walk(tally, family, Request(family, "port dump", PORT_GET, flags=DUMP))
    walk(tally, family, ProcFile("ports"))
    walk_params(tally, family)
    walk_policy(tally, family)
    walk_flows(tally, family)


# What the kernel tells ########################################################

def message(kind, flags, payload):
    return struct.pack("=IHHII", 16 + len(payload), kind, REQUEST | flags, 0,
                       0) + payload


class Change:
    """What listeners are told of, and what was learned may be untrue after."""
    protocol = 0            # NETLINK_ROUTE
    groups = 0x80000001     # RTNLGRP_LINK and RTNLGRP_NEXTHOP, a bit each

    def __init__(self):
        self.sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW,
                                  self.protocol)

    def send(self, messages):
        self.sock.send(messages)
        return -struct.unpack_from("=i", self.sock.recv(4096), 16)[0]

    def request(self, kind, flags, payload):
        return self.send(message(kind, ACK | flags, payload))

    def in_force(self):
        """Something that is another once it has been made, where there is."""


class Nexthop(Change):
    """One that leads nowhere is made, or made again."""
    what = "nexthop"

    def attempt(self):
        # RTM_NEWNEXTHOP, NLM_F_REPLACE and NLM_F_CREATE; NHA_ID, NHA_BLACKHOLE
        return self.request(104, 0x500, struct.pack("=BBBBI", socket.AF_INET, 0, 0,
                                                    0, 0) +
                            u32(1, 77) + attr(4))


class BridgePort(Change):
    """Its bridge learns who is behind it, or does not; the other one each time."""
    what = "bridge port"
    device = "deaf0"

    def __init__(self):
        super().__init__()
        self.index = socket.if_nametoindex(self.device)
        self.learns = open(f"/sys/class/net/{self.device}/brport/learning",
                           encoding="ascii")

    def attempt(self):
        self.learns.seek(0)
        learn = 1 - int(self.learns.read())
        # RTM_SETLINK; IFLA_PROTINFO, IFLA_BRPORT_LEARNING
        return self.request(19, 0, struct.pack("=BBHiII", socket.AF_BRIDGE, 0, 0,
                                               self.index, 0, 0) +
                            nest(12, attr(8, bytes([learn]))))


class Ruleset(Change):
    """A table of nftables comes and goes, in one transaction."""
    what = "ruleset"
    protocol = 12           # NETLINK_NETFILTER
    groups = 0x40           # NFNLGRP_NFTABLES
    subsystem = 10

    def of_family(self, kind, flags, *attributes):
        return message(self.subsystem << 8 | kind, flags,
                       struct.pack("=BBH", socket.AF_INET, 0, 0) +
                       b"".join(attributes))

    def forget_answers(self):
        """A transaction that fails may have more than one."""
        while True:
            try:
                self.sock.recv(4096, socket.MSG_DONTWAIT)
            except BlockingIOError:
                return
            except OSError:
                pass    # one was lost

    def attempt(self):
        self.forget_answers()
        # NFNL_MSG_BATCH_BEGIN and _END; NFT_MSG_NEWTABLE and _DELTABLE
        subsystem = struct.pack("!BBH", 0, 0, self.subsystem)
        return self.send(message(16, 0, subsystem) +
                         self.of_family(0, 0x400, name(1, "deaf")) +
                         self.of_family(2, ACK, name(1, "deaf")) +
                         message(17, 0, subsystem))

    def in_force(self):
        self.forget_answers()
        # NFT_MSG_GETGEN; NFTA_GEN_ID comes first
        self.sock.send(self.of_family(16, 0))
        return struct.unpack_from("!I", self.sock.recv(4096), 24)[0]


class Listener:
    """Hears of changes, too, and before pnicfw, which needs a copy then."""

    def __init__(self, change):
        self.protocol, self.groups = change.protocol, change.groups
        self.sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW,
                                  self.protocol)
        self.sock.bind((0, self.groups))

    def lost_by_others(self):
        """Messages that others in the same groups did not get."""
        lines = read("/proc/1/net/netlink").splitlines()
        socks = (dict(zip(lines[0].split(), line.split())) for line in lines[1:])
        own = os.fstat(self.sock.fileno()).st_ino
        return sum(int(sock["Drops"]) for sock in socks
                   if int(sock["Eth"]) == self.protocol and
                   int(sock["Inode"]) != own and
                   int(sock["Groups"], 16) & self.groups == self.groups)


def learned_anew():
    """Have messages made a path known again that was not trusted any more?"""
    before = stat("revalidated")
    ends.cmd_talk("steady", 1)
    return stat("revalidated") > before


def walk_change(tally, change):
    """Whatever was lost, this change is heard of, and the next."""
    file = os.open("/proc/thread-self/fail-nth", os.O_RDWR)
    for nth in range(1, MOST):
        before = change.in_force()
        failed, _ = fail_nth(change, file, nth)
        tally.add(failed)
        if change.in_force() != before:
            wait_for(learned_anew, f"{change.what} {nth}: what is lost is noticed")
        wait_for(lambda: not learned_anew(), f"{change.what}: all is known")
        if err := change.attempt():
            raise OSError(err, f"{change.what}: {os.strerror(err)}")
        wait_for(learned_anew, f"{change.what} {nth}: it is heard of")
        if not failed:
            break
    else:
        raise ValueError(f"{change.what}: never gets through")
    os.close(file)
    print(f"{change.what}: {nth - 1} allocations")


def walk_hearing(tally, family):
    failslab(ignore_gfp_wait="N", cache_filter="N", task_filter="N")
    # What the eswitch has no path sees
    param_request(family, u32(P_HW_AFTER, MOST ** 2)).ask()
    ends.cmd_talk("steady", 4)
    ends.enter("gateway")
    for change in Nexthop(), BridgePort(), Ruleset():
        listener = Listener(change)
        before = listener.lost_by_others()
        # Not always so many allocations come before: one may be stepped over
        for _ in range(PASSES):
            walk_change(tally, change)
            lost = listener.lost_by_others() - before
            print(f"{change.what}: {lost} messages lost")
            if lost:
                break
        else:
            raise ValueError(f"{change.what}: no message was lost")
        listener.sock.close()
    param_request(family, u32(P_HW_AFTER, HW_AFTER)).ask()


# What is denied ###############################################################

def denials_unmade():
    """Packets that a rule denied, and no denial came of it"""
    return stat("not-learned-rule") - stat("denied-made")


class Denied:
    """What near sends to far's port, and a rule denies."""

    def __init__(self, family):
        self.family = family
        # Its own process is through with a packet before the next one
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
        self.far = ends.new_socket("far", socket.SOCK_DGRAM, "10.1.0.2",
                                   DENIED_PORT)
        self.far.setblocking(False)
        self.fresh = 44000
        rule = u32(R_PREF, 5)
        self.add = policy_request(
            family, "add of one that denies", POLICY_ADD, rule,
            attr(R_PROTO, b"\x11"), attr(R_DPORT, port(DENIED_PORT)),
            name(R_IN, "pf0vf0"), u32(R_VERDICT, DENY))
        self.delete = policy_request(family, "del of one that denies", POLICY_DEL,
                                     rule)
        param_request(family, u32(P_DENY_TIME, 600)).ask()
        self.add.ask()

    def send(self, sport, count):
        """A packet may lack memory where it comes from."""
        near = ends.new_socket("near", socket.SOCK_DGRAM, "10.0.0.2", sport)
        for _ in range(count):
            try:
                near.sendto(bytes(100), ("10.1.0.2", DENIED_PORT))
            except OSError as error:
                if error.errno not in (errno.ENOMEM, errno.ENOBUFS):
                    raise
        near.close()

    def arrived(self):
        try:
            self.far.recv(200)
        except BlockingIOError:
            return False
        return True

    def check(self):
        """Behind a message of another connection that is through all is."""
        ends.cmd_talk("steady", 1)
        if self.arrived():
            raise ValueError("what is denied has arrived")

    def passes(self):
        """Do the rules let a packet pass that no denial knows of?"""
        denied, arrived = stat("not-learned-rule"), False

        def known():
            nonlocal arrived
            arrived = self.arrived()
            return arrived or stat("not-learned-rule") > denied

        self.fresh += 1
        self.send(self.fresh, 1)
        wait_for(known, "a packet arrives or is denied")
        return arrived

    def forget(self):
        Request(self.family, "flow del", FLOW_DEL,
                nest(FILTER, u32(F_STATE, DENIED))).ask()

    def close(self):
        self.check()
        self.far.close()
        self.delete.ask()


# Packets: an allocation somewhere, in whatever context ########################

def connection(number, before_end):
    """From the first packet to the last, with enough for the eswitch."""
    ends.cmd_open("c", "tcp", 41000 + number, "10.1.0.2", 5001)
    ends.cmd_talk("c", 3 * HW_AFTER)
    before_end()
    ends.cmd_fin("c")


def connection_somehow(number, before_end=lambda: None):
    """What fails may be what a far end asked for: then it asks again."""
    try:
        connection(number, before_end)
        return
    except OSError as error:
        # A port without memory for it counts as one in use
        if error.errno not in (errno.ENOMEM, errno.ENOBUFS, errno.EADDRINUSE):
            raise
    # Here, where the exception holds no socket any more
    failslab(probability=0)
    for sock in ends.connections.pop("c", {}).values():
        sock.close()
    connection(number + 1000, before_end)


def walk_packets(tally, steps, act, then=lambda number: None, times=1):
    """Lets allocations fail while ACT is called: first for each number of bytes
    allocated before. After that there is THEN. It ends where none fails any more;
    once may be chance: a packet may be late."""
    without = 0
    for number, space in enumerate(steps):
        failslab(space=space, times=times, probability=100)
        act(number)
        failslab(probability=0)
        failed = int(read(FAILSLAB + "times")) != times
        tally.add(failed)
        ends.cmd_talk("steady", 1)
        then(number)
        without = 0 if failed else without + 1
        if without == 3:
            break


def walk_learning(tally, _):
    failslab(ignore_gfp_wait="Y", cache_filter="N", task_filter="N",
             interval=1)
    # Close together where the connection begins, then wider
    walk_packets(tally, [int(50 * n * 1.04 ** n) for n in range(60)],
                 connection_somehow)


def walk_denials(tally, family):
    failslab(ignore_gfp_wait="Y", cache_filter="N", task_filter="N",
             interval=1)
    denied = Denied(family)
    before = denials_unmade()

    def then(number):
        """Speed is all that it may have cost."""
        denied.check()
        hits = stat("denied-hits")
        denied.send(42000 + number, 2)
        denied.check()
        if stat("denied-hits") == hits:
            raise ValueError("no denial, though there is memory again")
        # So that the next one finds the tables as empty as this one
        denied.forget()

    for times in 1, MOST:
        walk_packets(tally, range(0, 100 * MOST, 40),
                     lambda number: denied.send(42000 + number, 2), then, times)
    denied.close()
    unmade = denials_unmade() - before
    print(f"{unmade} packets made no denial")
    if not unmade:
        raise ValueError("no denial has failed")


def kernel_threads():
    """What runs work, and the thread that makes more of them."""
    for path in glob.glob("/proc/[0-9]*/comm"):
        try:
            if read(path).startswith(("kworker/", "kthreadd")):
                yield os.path.dirname(path)
        except OSError:
            pass    # it has ended


def kernel_threads_fail():
    for path in kernel_threads():
        write(path + "/make-it-fail", 1)
    failslab(ignore_gfp_wait="N", cache_filter="N", task_filter="Y",
             interval=1)


def walk_offload(tally, _):
    kernel_threads_fail()

    def act(number):
        """Until the eswitch has it, or its driver lacked memory for it."""
        inserted, refused = stat("hw-inserted"), stat(NO_MEMORY)
        connection_somehow(number, lambda: wait_for(
            lambda: stat("hw-inserted") > inserted or stat(NO_MEMORY) > refused,
            "the eswitch has been asked"))

    walk_packets(tally, range(0, 12800, 200), act)
    failslab(task_filter="N")


def walk_offload_denials(tally, family):
    kernel_threads_fail()
    denied = Denied(family)
    refused_before = refused = stat(NO_MEMORY)

    def act(number):
        """Until the eswitch has it, or its driver lacked memory for it."""
        denied.send(42000 + number, 3 * HW_AFTER)
        wait_for(lambda: stat("hw-denied") or stat(NO_MEMORY) > refused,
                 "the eswitch has been asked")

    def then(number):
        nonlocal refused
        refused = stat(NO_MEMORY)
        denied.send(42000 + number, 1)
        denied.check()
        denied.forget()
        wait_for(lambda: not stat("hw-denied"), "the eswitch has no denial")

    walk_packets(tally, range(0, 12800, 100), act, then)
    failslab(task_filter="N")
    denied.close()
    if refused == refused_before:
        raise ValueError("no rule has failed")


def main():
    family = Family()
    tally = Tally()
    failslab(probability=0, verbose=0)
    for side in "near", "far":
        ends.namespaces[side] = netns.named(side)
    ends.namespaces["gateway"] = os.open("/proc/1/ns/net", os.O_RDONLY)
    ends.cmd_open("steady", "tcp", 40000, "10.1.0.2", 5000)
    try:
        globals()["walk_" + sys.argv[1]](tally, family)
    finally:
        failslab(probability=0)
    ends.cmd_fin("steady")
    tally.finish()


if __name__ == "__main__":
    main()
