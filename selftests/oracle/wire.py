# SPDX-License-Identifier: GPL-2.0
"""Two copies of one gateway, and all their far ends.

Each copy is a network namespace with devices v0, v1 ...; the other ends of
these are in one namespace of the oracle's, without any IP: every frame is
made, and looked at, here.

                    copy a                        copy b
	the oracle: a0 ---- v0 (gateway) v1 ---- a1   b0 ---- v0 (gateway) v1 ---- b1

What has been sent has arrived, with all that follows from it, once a marker
that was sent behind it came back as often as a frame queues on its way: veth
devices queue all frames of a CPU in one line, and there is but one CPU.
"""

import ctypes
import errno
import ipaddress
import os
import socket
import struct
import time
from collections import namedtuple

import detour
import netns
import nic
from netlink_raw import Family, PORT, PORT_ADD, PORT_DEL, PORT_IFNAME, name, nest
from ovs import Datapath
from rtnl import LOWER_UP, RUNNING, UP, Commands

ETH_P_ALL, ETH_P_MARKER = 3, 0x88b5
SOL_PACKET, AUXDATA, VNET_HDR, QDISC_BYPASS, IGNORE_OUTGOING = 263, 8, 15, 20, 23
SO_RCVBUFFORCE = 33
VLAN_VALID = 0x10		# of tp_status
# A device that is down; a frame too short for its headers, or too long
UNSENDABLE = {errno.ENXIO, errno.ENETDOWN, errno.ENOBUFS, errno.EINVAL,
              errno.EMSGSIZE}
ROUNDS = 4		# hops that a frame queues for, and one to spare
PATIENCE = 60		# seconds
ADDED = 1		# likewise: an address has been added by then
RTF_LOCAL = 1 << 31
libnft = ctypes.CDLL("libnftables.so.1")
libnft.nft_ctx_new.restype = ctypes.c_void_p
libnft.nft_ctx_get_error_buffer.restype = ctypes.c_char_p

# A frame that came out: the far end's number, the bytes with the tag, and what
# the kernel knows about checksum and segments.
Frame = namedtuple("Frame", "end data offload")


def sysctl(setting):
    """Sets it, and returns the setting that takes it back"""
    key, value = setting.split("=", 1)
    with open("/proc/sys/" + key.replace(".", "/"), "r+") as file:
        before = file.read().strip()
        file.seek(0)
        file.write(value)
    return f"{key}={before}"


class Gateway:
    """One copy. All commands of a script come by run()."""

    def __init__(self, home):
        self.home = home
        self.namespace = netns.new()
        self.commands = Commands()
        self.nft = ctypes.c_void_p(libnft.nft_ctx_new(0))
        libnft.nft_ctx_buffer_error(self.nft)
        self.family = self.datapath = None
        self.ports, self.devices = [], []
        netns.enter(home)

    def close(self):
        if self.family:
            self.family.sock.close()
        if self.datapath:
            self.datapath.close()
        libnft.nft_ctx_free(self.nft)
        self.commands.close()
        os.close(self.namespace)

    def inside(self, act, *args):
        netns.enter(self.namespace)
        try:
            return act(*args)
        finally:
            netns.enter(self.home)

    def run_nft(self, text):
        if libnft.nft_run_cmd_from_buffer(self.nft, text.encode()):
            why = libnft.nft_ctx_get_error_buffer(self.nft).decode()
            raise OSError(22, why.splitlines()[0] if why else "nft")

    def run(self, line):
        """A command's failure is an OSError."""
        verb, _, rest = line.partition(" ")
        if verb in ("ip", "bridge", "tc"):
            self.commands.run(line)
            if rest.startswith("link add "):
                self.devices.append(line.split()[line.split().index("name") + 1])
        elif verb == "nft":
            self.run_nft(rest)
        elif verb == "sysctl":
            self.inside(sysctl, rest)
        elif verb == "ovs":
            self.datapath = self.datapath or self.inside(Datapath, self.commands)
            self.datapath.run(rest.split())
        else:
            raise ValueError(f"no command '{line}'")

    def port(self, verb, device):
        """pnicfw port add|del dev DEVICE"""
        command = {"add": PORT_ADD, "del": PORT_DEL}[verb]
        self.ask(command, nest(PORT, name(PORT_IFNAME, device)))
        if verb == "add":
            self.ports.append(device)
        else:
            self.ports.remove(device)

    def ask(self, message, payload):
        """What else pnicfw is told."""
        if not self.family:
            self.family = self.inside(Family)
        self.family.ask(message, payload)

    def no_ports(self):
        """What the cache carried is accounted for after that."""
        for device in list(self.ports):
            self.port("del", device)

    def linked(self):
        """Has the kernel acted on all that became of the devices' carriers?"""
        for device in self.devices:
            try:
                flags = self.commands.link(device)[1]
            except OSError:
                continue
            if flags & UP and bool(flags & LOWER_UP) != bool(flags & RUNNING):
                return False
        return True

    def local(self, address):
        """Does the kernel take an address of IPv6 for its own?"""
        rows = (line.split() for line in self.proc("ipv6_route").splitlines())
        return any(row[:2] == [address.packed.hex(), "80"] and
                   int(row[8], 16) & RTF_LOCAL for row in rows)

    def proc(self, file):
        def read():
            with open("/proc/thread-self/net/" + file) as found:
                return found.read()
        return self.inside(read)

    def flows(self):
        """Lines of words"""
        return [line.split() for line in
                self.proc("pnicfw/flows").splitlines()[1:]]

    def stats(self):
        rows = (line.split() for line in self.proc("pnicfw/stats").splitlines())
        return {row[0]: int(row[1]) for row in rows if row[1].isdigit()}


class Stage:
    """The oracle's own namespace: the far ends of both copies."""

    def __init__(self):
        # One CPU: then what is sent later is received later.
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
        first = netns.own()
        self.nics = [nic.Nic(number, first) for number in range(2)]
        self.namespace = netns.new()
        for which in "all", "default":
            sysctl(f"net.ipv6.conf.{which}.disable_ipv6=1")
        self.commands = Commands()
        self.listener = self.listen()
        self.marker = self.pair("m0", "m1", self.namespace)
        self.commands.run("ip link set m1 up")
        self.markers, self.serial = 0, 0
        self.forget()

    def forget(self):
        self.gateways, self.senders, self.ends = [], [], {}
        self.detours = {}		# copy and end: a device's name, a socket
        self.hardware = False		# do the copies have a NIC each?

    @staticmethod
    def listen():
        sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW,
                             socket.htons(ETH_P_ALL))
        sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 64 << 20)
        for option in AUXDATA, VNET_HDR, IGNORE_OUTGOING:
            sock.setsockopt(SOL_PACKET, option, 1)
        sock.settimeout(PATIENCE)
        return sock

    def pair(self, device, peer, namespace, group=0):
        """A veth pair; returns a socket to send by this end of it."""
        self.commands.veth(device, peer, namespace, group)
        return self.plug(device)

    def plug(self, device):
        """A socket to send by it"""
        self.commands.run(f"ip link set {device} arp off mtu 9000 up")
        sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        for option in VNET_HDR, QDISC_BYPASS:
            sock.setsockopt(SOL_PACKET, option, 1)
        sock.bind((device, 0))
        return sock

    def wire(self, copy, end, device):
        """The gateway's device v<end>, and this at the other end of it"""
        gateway = self.gateways[copy]
        gateway.devices.append(f"v{end}")
        if not self.hardware:
            return self.pair(device, f"v{end}", gateway.namespace, self.serial)
        self.nics[copy].lend(end, device, gateway, self)
        return self.plug(device)

    def build(self, ends, hardware):
        """Two new gateways, each with devices v0, v1 ..."""
        self.serial += 1
        self.hardware = hardware
        self.gateways = [Gateway(self.namespace) for _ in "ab"]
        for copy in range(2):
            row = []
            for end in range(ends):
                device = f"{'ab'[copy]}{end}_{self.serial}"
                row.append(self.wire(copy, end, device))
                self.ends[device] = copy, end
            self.senders.append(row)
        self.counted = self.hardware and self.passed_by()

    def passed_by(self):
        """Frames of all that was ever sent to the first gateway's NIC which it has
        not seen"""
        ends = {device for device, at in self.ends.items() if not at[0]}
        ports = {f"v{end}" for copy, end in self.ends.values() if not copy}
        with open("/proc/thread-self/net/dev") as own:
            _, sent = nic.received(own.read(), ends)
        came, _ = nic.received(self.gateways[0].proc("dev"), ports)
        return sent - came

    def carried(self):
        """Frames that the eswitch has carried since the gateways were built"""
        return self.passed_by() - self.counted if self.hardware else 0

    def at_rest(self):
        """Has the eswitch what it is to have, and nothing that should leave it?"""
        mine, stats = self.gateways[0], self.gateways[0].stats()
        states = [flow[1] for flow in mine.flows()]
        return not (stats.get("hw-stale") or "offloading" in states or
                    "closing" in states) and self.nics[0].rules() == \
            2 * states.count("offloaded") + stats.get("hw-denied", 0)

    def rest(self):
        """Lets the eswitch come to that: whatever changed, what it has carries
        nothing on by what was before.  False: it does not."""
        deadline = time.monotonic() + PATIENCE
        while self.hardware and not self.at_rest():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.001)
        return True

    def detour(self, end):
        """From now on frames may take the detour to this end's device."""
        for copy in range(2):
            leave, = (device for device, at in self.ends.items()
                      if at == (copy, end))
            come, peer = "c" + leave, "d" + leave
            sock = self.pair(come, peer, self.namespace)
            self.commands.run(f"ip link set {peer} arp off mtu 9000 up")
            self.detours[copy, end] = come, sock
            detour.set_up(self.commands, self.commands.index(peer),
                          self.commands.index(leave), copy + 1)

    def settle_links(self):
        """A device's carrier is acted upon a moment after it changed."""
        deadline = time.monotonic() + PATIENCE
        while not all(gateway.linked() for gateway in self.gateways):
            if time.monotonic() > deadline:
                raise TimeoutError("a device's state does not settle")
            os.sched_yield()

    def settle_address(self, text):
        """IPv6's is the gateway's own a moment after it was added, where its device
        is up."""
        address = ipaddress.ip_interface(text).ip
        deadline = time.monotonic() + ADDED
        while address.version == 6 and time.monotonic() < deadline and \
                not all(gateway.local(address) for gateway in self.gateways):
            time.sleep(0.001)

    def clear(self):
        """Their namespaces end on their own, some time."""
        for sock in sum(self.senders, []):
            sock.close()
        if self.hardware:
            self.unplug()
        for gateway in self.gateways:
            gateway.close()
        for device, sock in self.detours.values():
            sock.close()
            self.commands.link_del(device)
        self.forget()

    def unplug(self):
        """VLAN and macvlan devices would stay, without what is below; a datapath
        would notice some time."""
        for gateway, own in zip(self.gateways, self.nics):
            if gateway.datapath:
                gateway.datapath.end()
            for device in reversed(gateway.devices):
                if device[0] != "v" or "." in device:
                    try:
                        gateway.commands.link_del(device)
                    except OSError:
                        pass
            own.take_back()

    def send(self, end, vnet, frame, whole=False):
        """The same at the same end of both copies."""
        for copy, row in enumerate(self.senders):
            _, sock = self.detours.get((copy, end), (None, row[end])) \
                if whole else (None, row[end])
            try:
                sock.send(vnet + frame)
            except OSError as error:
                if error.errno not in UNSENDABLE:
                    raise

    def receive(self):
        """(copy, Frame), or the number of a marker."""
        data, extra, _, sender = self.listener.recvmsg(80000, 256)
        if sender[1] == ETH_P_MARKER:
            return struct.unpack("=I", data[24:28])[0]
        vnet, data = data[:10], data[10:]
        for _, _, more in extra:
            status, *_, tci, tpid = struct.unpack("=IIIHHHH", more[:20])
            if status & VLAN_VALID:
                data = data[:12] + struct.pack("!HH", tpid, tci) + data[12:]
        copy, end = self.ends.get(sender[0], (None, 0))
        # The header's length only says how the buffer is laid out.
        return copy, Frame(end, data, vnet[:2] + vnet[4:])

    def settle(self):
        """All that came out of each copy."""
        came = [], []
        for _ in range(ROUNDS):
            self.markers += 1
            self.marker.send(bytes(10 + 12) + struct.pack("!H", ETH_P_MARKER) +
                             struct.pack("=I", self.markers))
            while True:
                got = self.receive()
                if got == self.markers:
                    break
                if not isinstance(got, int) and got[0] is not None:
                    came[got[0]].append(got[1])
        return came
