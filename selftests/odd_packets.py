# SPDX-License-Identifier: GPL-2.0
"""Sends a connection's packets, plain and odd, and prints what comes out.

usage: odd_packets.py NEAR-DEVICE FAR-DEVICE 4|6 tcp|udp

Both ends are in the namespaces near and far, and have no IP stack on their
devices: every frame is made here.  Begins the connection, says "ready" and
waits for a line; then, for each odd packet, prints its name and the frames
that arrive at either end until a plain packet has gone each way.
"""

import os
import select
import socket
import struct
import sys

import netns

NEAR_MAC, NEAR_GW_MAC = "020000000002", "020000000001"
FAR_MAC, FAR_GW_MAC = "020000000102", "020000000101"
SPORT, DPORT = 40000, 5001
SENTINEL = b"sentinel"
ETH_P_ALL = 3
TCP, UDP, EXPERIMENT = 6, 17, 253
TYPES = {4: 0x0800, 6: 0x86dd}
FIN, SYN, RST, PSH, ACK, URG = 1, 2, 4, 8, 16, 32


def address(text):
    return socket.inet_pton(socket.AF_INET6 if ":" in text else socket.AF_INET,
                            text)


def checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


class Side:
    """One end: its device, and the way to its gateway."""

    def __init__(self, namespace, device, mac, gateway):
        netns.enter(netns.named(namespace))
        self.name = namespace
        self.sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        self.sock.setsockopt(263, 8, 1)		# SOL_PACKET, PACKET_AUXDATA
        self.sock.bind((device, ETH_P_ALL))
        self.mac, self.gateway = bytes.fromhex(mac), bytes.fromhex(gateway)

    def receive(self):
        """A frame, with its VLAN tag if any; None for what is sent here, or
        not to one station."""
        frame, extra, _, sender = self.sock.recvmsg(65536, 256)
        if sender[2] == socket.PACKET_OUTGOING or frame[0] & 1:
            return None
        for _, _, data in extra:
            status, *_, tci, tpid = struct.unpack("=IIIHHHH", data[:20])
            if status & 0x10:
                frame = frame[:12] + struct.pack("!HH", tpid, tci) + frame[12:]
        return frame


class Flow:
    """One direction's packets, as the sender makes them."""

    def __init__(self, version, proto, src, dst, sport, dport, side):
        self.version, self.proto = version, proto
        self.src, self.dst = src, dst
        self.sport, self.dport = sport, dport
        self.side = side
        self.seq, self.ack = 1000, 2000

    def transport(self, payload=b"plain packet", flags=ACK | PSH, doff=5,
                  udp_len=None, bad_sum=0, no_sum=False, options=b"",
                  urgent=0, seq=0):
        ports = struct.pack("!HH", self.sport, self.dport)
        if self.proto == TCP:
            doff = min(doff + len(options) // 4, 15)
            data = ports + struct.pack(
                "!IIBBHHH", self.seq + seq, self.ack, doff << 4, flags, 65000,
                0, urgent) + options + payload
            at = 16
        else:
            length = 8 + len(payload) if udp_len is None else udp_len
            data = ports + struct.pack("!HH", length, 0) + payload
            at = 6
        if no_sum:
            return data
        pseudo = self.src + self.dst + struct.pack("!II", len(data), self.proto)
        value = (checksum(pseudo + data) or 0xffff) ^ bad_sum
        return data[:at] + struct.pack("!H", value) + data[at + 2:]

    def ip4(self, data, proto=None, ihl=None, total=None, version=4, tos=0,
            ttl=64, frag=0x4000, ident=77, options=b"", bad_sum=0):
        ihl = 5 + len(options) // 4 if ihl is None else ihl
        total = 20 + len(options) + len(data) if total is None else total
        header = struct.pack("!BBHHHBBH", version << 4 | ihl, tos, total,
                             ident, frag, ttl, self.proto if proto is None else proto,
                             0) + self.src + self.dst + options
        value = checksum(header) ^ bad_sum
        return header[:10] + struct.pack("!H", value) + header[12:] + data

    def ip6(self, data, proto=None, total=None, version=6, tos=0, ttl=64,
            label=0):
        total = len(data) if total is None else total
        return struct.pack("!IHBB", version << 28 | tos << 20 | label, total,
                           self.proto if proto is None else proto, ttl) + \
            self.src + self.dst + data

    def ip(self, data, **more):
        return (self.ip4 if self.version == 4 else self.ip6)(data, **more)

    def frame(self, packet, dst=None, src=None, tags=b"", kind=None):
        return (dst or self.side.gateway) + (src or self.side.mac) + tags + \
            struct.pack("!H", kind or TYPES[self.version]) + packet

    def plain(self, payload=b"plain packet", **more):
        return self.frame(self.ip(self.transport(payload), **more))

    def made_of(self, **more):
        return self.frame(self.ip(self.transport(**more)))

    def sentinel(self, number):
        return self.frame(self.ip(SENTINEL + bytes([number]),
                                  proto=EXPERIMENT))

    def send(self, frame):
        self.side.sock.send(frame)


def odd_links(flow):
    plain = flow.ip(flow.transport())
    yield "to another station", [flow.frame(plain, dst=b"\2\0\0\0\0\x55")]
    yield "to all stations", [flow.frame(plain, dst=b"\xff" * 6)]
    yield "from another station", [flow.frame(plain, src=b"\2\0\0\0\0\x66")]
    for name, tags in (("priority tag", "81000000"), ("tag", "81000005"),
                       ("service tag", "88a80005"),
                       ("two tags", "8100000581000006")):
        yield name, [flow.frame(plain, tags=bytes.fromhex(tags))]
    yield "padded", [flow.frame(plain + b"\xa5" * 9)]
    yield "another type", [flow.frame(plain, kind=TYPES[10 - flow.version])]
    for size in (0, 1, 10, 19, 20, 25, 28, 33, 40, 44, 48, 52):
        yield f"cut to {size}", [flow.frame(plain[:size])]


def odd_ip(flow):
    data = flow.transport()
    head = 20 if flow.version == 4 else 0
    right = head + len(data)
    changes = [{"version": 5}, {"ttl": 0}, {"ttl": 1}, {"ttl": 2}, {"ttl": 255},
               {"tos": 3}, {"tos": 0xb8}, {"total": 0}, {"total": right - 1},
               {"total": right + 1}, {"total": head + 7}, {"total": 65535},
               {"proto": 0}, {"proto": 59}, {"proto": 253}]
    if flow.version == 4:
        changes += [{"ihl": 4}, {"ihl": 6}, {"ihl": 15}, {"bad_sum": 1},
                    {"total": 19}, {"frag": 0}, {"frag": 0x8000},
                    {"options": b"\1\1\1\1"}, {"options": b"\x94\4\0\0"},
                    {"options": b"\7\7\4\0\0\0\0\0"},
                    {"options": b"\x83\7\4\x0a\1\0\1\0"}]
    else:
        changes += [{"label": 5}]
    for change in changes:
        yield f"IP {change}", [flow.frame(flow.ip(data, **change))]


def odd_headers(flow):
    """IPv6 extension headers of all kinds before the transport header."""
    if flow.version == 4:
        return
    data = flow.transport()
    nothing = bytes([flow.proto, 0, 1, 4, 0, 0, 0, 0])
    for name, number in (("hop-by-hop", 0), ("destination", 60),
                         ("routing", 43)):
        yield name, [flow.frame(flow.ip(nothing + data, proto=number))]
    alert = bytes([flow.proto, 0, 5, 2, 0, 0, 1, 0])
    yield "router alert", [flow.frame(flow.ip(alert + data, proto=0))]
    atom = bytes([flow.proto, 0, 0, 0, 0, 0, 0, 9])
    yield "atomic fragment", [flow.frame(flow.ip(atom + data, proto=44))]
    yield "extension header cut", [flow.frame(flow.ip(nothing[:4], proto=60))]


def fragments(flow, payload, ident=77):
    data = flow.transport(payload)
    cut = len(data) // 16 * 8
    for at, part, more in ((0, data[:cut], 1), (cut, data[cut:], 0)):
        if flow.version == 4:
            yield flow.frame(flow.ip(part, frag=more << 13 | at >> 3,
                                     ident=ident))
        else:
            header = struct.pack("!BBHI", flow.proto, 0, at | more, ident)
            yield flow.frame(flow.ip(header + part, proto=44))


def odd_sizes(flow):
    first, last = fragments(flow, b"in two parts " * 10)
    yield "two fragments", [first, last]
    yield "two fragments, the last one first", [last, first]
    # It waits for the first one, and must not find another run's.
    _, last = fragments(flow, b"with holes " * 10, os.getpid() & 0xffff)
    yield "the last fragment", [last]
    big = bytes(1472 if flow.proto == UDP else 1460)
    big = big[:len(big) - (20 if flow.version == 6 else 0)]
    yield "larger than the MTU", [flow.plain(big)]
    if flow.version == 4:
        yield "larger than the MTU, may be cut", [flow.plain(big, frag=0)]
    yield "as large as the MTU", [flow.plain(big[:-100])]
    yield "no payload", [flow.plain(b"")]
    yield "one byte", [flow.plain(b"x")]


def odd_udp(flow):
    right = 8 + 12
    for length in (0, 7, 8, right - 1, right + 1, 65535):
        yield f"UDP length {length}", [flow.made_of(udp_len=length)]
    yield "UDP checksum wrong", [flow.made_of(bad_sum=0x1111)]
    yield "UDP without checksum", [flow.made_of(no_sum=True)]


def odd_tcp(flow):
    for doff in (0, 4, 6, 8, 9, 15):
        yield f"TCP data offset {doff}", [flow.made_of(doff=doff)]
    yield "TCP checksum wrong", [flow.made_of(bad_sum=0x1111)]
    yield "TCP options", [flow.made_of(options=b"\1\1\x08\x0a" + bytes(8))]
    yield "TCP options of nonsense", [flow.made_of(options=b"\5\0\xff\xff")]
    yield "TCP urgent", [flow.made_of(flags=ACK | URG, urgent=3)]
    yield "TCP with ECE and CWR", [flow.made_of(flags=ACK | 0xc0)]
    for flags in (0, PSH, SYN | FIN, SYN | RST, FIN, 0x3f, 0xff):
        if not flags & ACK:
            yield f"TCP flags {flags:#x}", [flow.made_of(flags=flags)]
    yield "TCP xmas", [flow.made_of(flags=FIN | PSH | URG)]


def odd_ends(flow):
    if flow.proto == TCP:
        yield "TCP SYN", [flow.made_of(flags=SYN, payload=b"")]
        yield "TCP FIN", [flow.made_of(flags=FIN | ACK, payload=b"")]
        yield "TCP RST", [flow.made_of(flags=RST | ACK, payload=b"", seq=12)]


def all_odd(flow):
    yield "plain", [flow.plain()]
    yield from odd_links(flow)
    yield from odd_ip(flow)
    yield from odd_headers(flow)
    yield from odd_sizes(flow)
    yield from odd_udp(flow) if flow.proto == UDP else odd_tcp(flow)
    yield from odd_ends(flow)


def collect(sides, there, back, number):
    """What arrives until a sentinel has come at both ends."""
    got, waiting = [], {there.side.name, back.side.name}
    there.send(there.sentinel(number))
    while waiting:
        ready, _, _ = select.select([side.sock for side in sides], [], [], 60)
        if not ready:
            raise TimeoutError(f"no sentinel at {waiting}")
        for side in sides:
            frame = side.receive() if side.sock in ready else None
            if frame is None:
                continue
            if SENTINEL + bytes([number]) in frame:
                waiting.discard(side.name)
                if side is back.side:
                    back.send(back.sentinel(number))
            elif SENTINEL not in frame:
                got.append((side.name, frame))
    return got


def shown(frame):
    """In hexadecimal, without what the gateway picks at random: the ID of its
    own ICMP errors, and the checksum over it; the ID of IPv6 fragments."""
    if frame[12:14] == b"\x08\0" and frame[23] == 1:
        frame = frame[:18] + b"\0\0" + frame[20:24] + b"\0\0" + frame[26:]
    if frame[12:14] == b"\x86\xdd" and frame[20] == 44:
        frame = frame[:58] + bytes(4) + frame[62:]
    return frame.hex()


def answer_to(flow, side, frame):
    """The other direction, as the far end has to make it."""
    at = 14 + (20 if flow.version == 4 else 40)
    addresses = frame[26:34] if flow.version == 4 else frame[22:54]
    half = len(addresses) // 2
    sport, dport = struct.unpack("!HH", frame[at:at + 4])
    back = Flow(flow.version, flow.proto, addresses[half:], addresses[:half],
                dport, sport, side)
    back.seq, back.ack = flow.ack, flow.seq
    return back


def first_frame(side, port):
    while True:
        frame = side.receive()
        if frame and struct.pack("!H", port) in frame[34:60]:
            return frame


def begin(there, side):
    """The handshake, and enough packets for any tier."""
    if there.proto == TCP:
        there.seq -= 1
        there.send(there.made_of(flags=SYN, payload=b""))
        there.seq += 1
    else:
        there.send(there.plain())
    back = answer_to(there, side, first_frame(side, DPORT))
    if there.proto == TCP:
        back.seq -= 1
        back.ack = there.seq
        back.send(back.made_of(flags=SYN | ACK, payload=b""))
        back.seq += 1
        first_frame(there.side, SPORT)
        there.send(there.made_of(flags=ACK, payload=b""))
    for _ in range(40):
        there.send(there.plain())
        back.send(back.plain())
    return back


def main():
    near = Side("near", sys.argv[1], NEAR_MAC, NEAR_GW_MAC)
    far = Side("far", sys.argv[2], FAR_MAC, FAR_GW_MAC)
    version, proto = int(sys.argv[3]), {"tcp": TCP, "udp": UDP}[sys.argv[4]]
    ends = ("10.0.0.2", "10.1.0.2") if version == 4 else ("fd00::2", "fd01::2")
    # One CPU: then what is sent later is received later.
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})

    there = Flow(version, proto, *map(address, ends), SPORT, DPORT, near)
    back = begin(there, far)
    collect((near, far), there, back, 0)
    print("ready", flush=True)
    sys.stdin.readline()
    for number, (name, frames) in enumerate(all_odd(there)):
        print(f"{name}:")
        for frame in frames:
            # What is shorter than a header cannot be sent, padded it can.
            there.send(frame)
        there.send(there.plain())
        back.send(back.plain())
        got = collect((near, far), there, back, number % 200 + 1)
        # Which end's frame was read first says nothing.
        for side, frame in sorted(got, key=lambda one: one[0]):
            print(f"\t{side} {shown(frame)}")
    print("done", flush=True)


if __name__ == "__main__":
    main()
