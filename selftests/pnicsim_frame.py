# SPDX-License-Identifier: GPL-2.0
"""Sends frames into a simulated NIC and says where they come out, byte by byte.

usage: pnicsim_frame.py DEVICE...

Listens on the devices.  Each line of the standard input is a case:

    DEVICE FRAME [::: DEVICE FRAME]...

sends the first frame through the first device; exactly the others, in any
order, must then be received.  Answers each line with "ok", or with what was
received and what was missing, and then "bad".

FRAME is a comma-separated list, of ipv4 or ipv6; tcp, udp, icmp, icmp6 or
proto=N; and NAME=VALUE:
  dmac smac type          Ethernet header
  vlan=ID[.PRIO[.TPID]]   a tag, the outermost first
  src dst ttl tos         IP header; options=N: N words of IPv4 options
  frag=first|later        a fragment
  total                   a wrong total or payload length
  sport dport flags       TCP or UDP header; flags in hexadecimal
  itype icode             ICMP header
  nosum badsum            UDP without a checksum; by how much one is wrong
  len pad                 bytes of payload, and behind the IP packet
"""

import errno
import ipaddress
import os
import select
import socket
import struct
import sys

ETH_P_ALL = 3
SOL_PACKET = 263
PACKET_AUXDATA = 8
VLAN_VALID = 0x10
PROTOCOLS = {"icmp": 1, "tcp": 6, "udp": 17, "icmp6": 58}
# Local experimental ethertype: no rule matches it, so it comes through last.
SENTINEL = bytes.fromhex("020000000002020000000001" "88b6") + b"\0" * 46


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def parse(text):
    spec = {"vlan": []}
    for item in text.split(","):
        name, _, value = item.partition("=")
        if name == "vlan":
            spec["vlan"].append(value)
        elif name in PROTOCOLS:
            spec["proto"] = PROTOCOLS[name]
        else:
            spec[name] = value or "1"
    return spec


def mac(text):
    return bytes.fromhex(text.replace(":", ""))


def number(spec, name, default):
    return int(spec.get(name, str(default)), 0)


def l4_header(spec, payload):
    """The header without its checksum, and where that belongs."""
    proto = int(spec.get("proto", 253))
    ports = struct.pack("!HH", number(spec, "sport", 1000),
                        number(spec, "dport", 2000))
    if proto == PROTOCOLS["tcp"]:
        flags = int(spec.get("flags", "10"), 16)
        return ports + struct.pack("!IIBBHHH", 1, 2, 0x50, flags, 500, 0, 0), 16
    if proto == PROTOCOLS["udp"]:
        return ports + struct.pack("!HH", 8 + len(payload), 0), 6
    if proto in (PROTOCOLS["icmp"], PROTOCOLS["icmp6"]):
        return struct.pack("!BBHHH", number(spec, "itype", 8),
                           number(spec, "icode", 0), 0, 7, 1), 2
    return b"", None


def l4(spec, src, dst):
    payload = bytes(i & 0xff for i in range(number(spec, "len", 20)))
    header, at = l4_header(spec, payload)
    data = header + payload
    if at is None or "nosum" in spec:
        return data
    proto = int(spec["proto"])
    pseudo = b""
    if proto != PROTOCOLS["icmp"]:
        pseudo = src + dst + struct.pack("!II", len(data), proto)
    value = checksum(pseudo + data)
    if proto == PROTOCOLS["udp"]:
        value = value or 0xffff
    # Off by so much, as one's complement arithmetic keeps it
    value = checksum(struct.pack("!HH", ~value & 0xffff,
                                 number(spec, "badsum", 0)))
    return data[:at] + struct.pack("!H", value) + data[at + 2:]


def ipv4(spec):
    src = ipaddress.IPv4Address(spec.get("src", "10.0.0.1")).packed
    dst = ipaddress.IPv4Address(spec.get("dst", "10.0.0.2")).packed
    options = b"\1" * (4 * number(spec, "options", 0))
    data = l4(spec, src, dst)
    off = 0x4000
    if spec.get("frag") == "first":
        off, data = 0x2000, data[:len(data) // 8 * 8]
    elif spec.get("frag") == "later":
        off, data = 0x0003, data[24:]
    header = struct.pack("!BBHHHBBH", 0x45 + len(options) // 4,
                         number(spec, "tos", 0),
                         number(spec, "total", 20 + len(options) + len(data)),
                         1, off, number(spec, "ttl", 64),
                         int(spec.get("proto", 253)), 0)
    header += src + dst + options
    header = header[:10] + struct.pack("!H", checksum(header)) + header[12:]
    return 0x0800, header + data


def ipv6(spec):
    src = ipaddress.IPv6Address(spec.get("src", "fd00::1")).packed
    dst = ipaddress.IPv6Address(spec.get("dst", "fd00::2")).packed
    data = l4(spec, src, dst)
    proto = int(spec.get("proto", 253))
    if "frag" in spec:
        off = 1 if spec["frag"] == "first" else 24
        data = data[:len(data) // 8 * 8] if off == 1 else data[24:]
        data = struct.pack("!BBHI", proto, 0, off, 1) + data
        proto = 44
    header = struct.pack("!IHBB", 6 << 28 | number(spec, "tos", 0) << 20,
                         number(spec, "total", len(data)), proto,
                         number(spec, "ttl", 64))
    return 0x86dd, header + src + dst + data


def build(text):
    spec = parse(text)
    if "ipv4" in spec:
        kind, data = ipv4(spec)
    elif "ipv6" in spec:
        kind, data = ipv6(spec)
    else:
        kind, data = 0x88b5, b"\0" * number(spec, "len", 46)
    kind = number(spec, "type", kind)
    tags = b""
    for tag in spec["vlan"]:
        parts = tag.split(".")
        vid, prio, tpid = parts + ["0", "0", "0x8100"][len(parts):]
        tags += struct.pack("!HH", int(tpid, 0), int(prio) << 13 | int(vid))
    return (mac(spec.get("dmac", "02:00:00:00:00:02")) +
            mac(spec.get("smac", "02:00:00:00:00:01")) + tags +
            struct.pack("!H", kind) + data + b"\xa5" * number(spec, "pad", 0))


def listen(device):
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    sock.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
    sock.bind((device, ETH_P_ALL))
    return sock


def receive(sock):
    """A frame as it was on the wire; None for one that we have sent, and
    once where the device has gone down."""
    try:
        frame, ancillary, _, address = sock.recvmsg(65536, 256)
    except OSError as error:
        if error.errno == errno.ENETDOWN:
            return None
        raise
    if address[2] == socket.PACKET_OUTGOING:
        return None
    for level, kind, data in ancillary:
        if (level, kind) != (SOL_PACKET, PACKET_AUXDATA):
            continue
        status, _, _, _, _, tci, tpid = struct.unpack("=IIIHHHH", data[:20])
        if status & VLAN_VALID:
            frame = frame[:12] + struct.pack("!HH", tpid, tci) + frame[12:]
    return frame


def collect(socks):
    """What arrives up to the sentinel."""
    got, last = [], False
    while True:
        ready, _, _ = select.select(list(socks), [], [], 0 if last else 30)
        if not ready:
            if not last:
                got.append(("", b"", "no sentinel"))
            return got
        for sock in ready:
            frame = receive(sock)
            if frame is None:
                continue
            if frame.endswith(SENTINEL[12:]):
                last = True
            else:
                got.append((socks[sock], frame))


def run(line, socks):
    cases = [case.split() for case in line.split(":::")]
    device, text = cases[0]
    want = [(dev, build(frame)) for dev, frame in cases[1:]]
    # A device of its own, such as a VLAN device, need not be listened on.
    sender = listen(device)
    sender.send(build(text))
    sender.send(SENTINEL)
    got = collect(socks)
    sender.close()
    for item in list(want):
        if item in got:
            got.remove(item)
            want.remove(item)
    for item in got:
        print("got   ", item[0], item[1].hex(), *item[2:])
    for item in want:
        print("wanted", item[0], item[1].hex())
    print("bad" if got or want else "ok", flush=True)


def main():
    # One CPU: then what is sent later is received later.
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    socks = {listen(device): device for device in sys.argv[1:]}
    for line in sys.stdin:
        run(line, socks)


if __name__ == "__main__":
    main()
