# SPDX-License-Identifier: GPL-2.0
"""A script that plays a capture file (pcap): its hosts on the two sides of a
router, who spoke first at end 0 and whom it spoke to at end 1."""

import ipaddress
import struct

from packets import VLAN_TYPES
from topology import GATEWAY, HOST, PATIENCE, QUIET

ORDERS = {b"\xd4\xc3\xb2\xa1": "<", b"\x4d\x3c\xb2\xa1": "<",
          b"\xa1\xb2\xc3\xd4": ">", b"\xa1\xb2\x3c\x4d": ">"}
ETHERNET, RAW, COOKED = 1, 101, 113
LARGEST = 9000		# what the ends' devices take


class Malformed(Exception):
    """No capture file that can be played."""


def records(path):
    """The link type, then each record's bytes."""
    with open(path, "rb") as file:
        data = file.read()
    order = ORDERS.get(data[:4])
    if not order or len(data) < 24:
        raise Malformed(f"{path}: not a pcap file")
    yield struct.unpack_from(order + "I", data, 20)[0] & 0xffff
    at = 24
    while at + 16 <= len(data):
        length = struct.unpack_from(order + "I", data, at + 8)[0]
        if at + 16 + length > len(data):
            raise Malformed(f"{path}: ends within a packet")
        yield data[at + 16:at + 16 + length]
        at += 16 + length


def packet_of(link, record):
    """The IP packet in a record, or nothing."""
    if link == RAW:
        return record
    at = {ETHERNET: 12, COOKED: 14}[link]
    while record[at:at + 2] in VLAN_TYPES:
        at += 4
    if record[at:at + 2] in (b"\x08\0", b"\x86\xdd"):
        return record[at + 2:]
    return b""


def addresses(packet):
    """Source and destination, or None."""
    version = packet[0] >> 4 if packet else 0
    if version == 4 and len(packet) >= 20:
        return tuple(map(ipaddress.ip_address, (packet[12:16], packet[16:20])))
    if version == 6 and len(packet) >= 40:
        return tuple(map(ipaddress.ip_address, (packet[8:24], packet[24:40])))
    return None


def place(sides, src, dst):
    """Gives both a side, opposite ones where neither has one yet."""
    if src not in sides:
        sides[src] = 1 - sides[dst] if dst in sides else 0
    if dst not in sides and not dst.is_multicast:
        sides[dst] = 1 - sides[src]


def setup(sides):
    lines = ["ends 2"] + QUIET + PATIENCE + [
        "sysctl net.ipv4.ip_forward=1", "sysctl net.ipv6.conf.all.forwarding=1"]
    for end in range(2):
        lines.append(f"ip link set v{end} address {GATEWAY.format(end)} up")
    for host, end in sides.items():
        whole = f"{host}/{host.max_prefixlen}"
        lines += [f"ip route replace {whole} dev v{end}",
                  f"ip neigh replace {host} lladdr {HOST.format(end)} dev v{end}"
                  " nud permanent"]
    return lines + [
        "nft table inet t { chain forward { type filter hook forward priority 0; "
        "ct state invalid drop; }; }", "port add v0", "port add v1"]


def script(path):
    """The lines of the capture's script."""
    sides, frames, left_out = {}, [], 0
    found = records(path)
    link = next(found)
    if link not in (ETHERNET, RAW, COOKED):
        raise Malformed(f"{path}: link type {link} is not known here")
    for record in found:
        packet = packet_of(link, record)
        ends = addresses(packet)
        if not ends or len(packet) > LARGEST:
            left_out += 1
            continue
        place(sides, *ends)
        end = sides[ends[0]]
        kind = "0800" if ends[0].version == 4 else "86dd"
        macs = GATEWAY.format(end) + HOST.format(end)
        frames.append(f"frame {end} {macs.replace(':', '')}{kind}{packet.hex()}")
    return [f"# {path}: {len(frames)} packets, {left_out} left out (not IP, or "
            f"larger than {LARGEST} bytes)"] + setup(sides) + frames
