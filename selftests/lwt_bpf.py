# SPDX-License-Identifier: GPL-2.0
"""Pins a BPF program for routes ("encap bpf out pinned FILE") that drops what is
longer than some bytes, IP header included.

usage: lwt_bpf.py FILE BYTES
"""
import ctypes
import os
import platform
import struct
import sys

SYSCALL = {"x86_64": 321, "aarch64": 280}[platform.machine()]
PROG_LOAD, OBJ_PIN = 5, 6
PROG_TYPE_LWT_OUT = 11
_libc = ctypes.CDLL(None, use_errno=True)


def instruction(code, dst=0, src=0, offset=0, value=0):
    return struct.pack("<BBhi", code, src << 4 | dst, offset, value)


def program(longest):
    """r0 = 2 (BPF_DROP) where skb->len is more, else 0 (BPF_OK)"""
    return b"".join((
        instruction(0x61, dst=2, src=1),                    # r2 = skb->len
        instruction(0xb7, dst=0, value=2),                  # r0 = 2
        instruction(0x25, dst=2, offset=1, value=longest),  # if r2 > longest
        instruction(0xb7, dst=0, value=0),                  # else r0 = 0
        instruction(0x95)))                                 # exit


def bpf(command, attributes):
    buffer = ctypes.create_string_buffer(attributes, 128)
    result = _libc.syscall(SYSCALL, command, buffer, len(buffer))
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, f"bpf: {os.strerror(error)}")
    return result


def main():
    path, longest = sys.argv[1], int(sys.argv[2])
    instructions = program(longest)
    code = ctypes.create_string_buffer(instructions)
    license_ = ctypes.create_string_buffer(b"GPL")
    name = ctypes.create_string_buffer(path.encode())
    fd = bpf(PROG_LOAD, struct.pack("<IIQQ", PROG_TYPE_LWT_OUT,
                                    len(instructions) // 8,
                                    ctypes.addressof(code),
                                    ctypes.addressof(license_)))
    bpf(OBJ_PIN, struct.pack("<QI", ctypes.addressof(name), fd))


main()
