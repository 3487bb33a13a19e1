# SPDX-License-Identifier: GPL-2.0
"""Network namespaces, and a thread's way from one to another: a socket belongs to
the one that its thread is in when it is made.
"""
import ctypes
import os

_NEWNET = 0x40000000
_libc = ctypes.CDLL(None, use_errno=True)


def own():
    """The one that this thread is in"""
    return os.open("/proc/thread-self/ns/net", os.O_RDONLY)


def named(name):
    """The one that "ip netns" knows by this name"""
    return os.open(f"/run/netns/{name}", os.O_RDONLY)


def enter(namespace):
    """This thread is in it from here on."""
    if _libc.setns(namespace, _NEWNET):
        raise OSError(ctypes.get_errno(), "setns")


def new():
    """Another one, which this thread is in from here on"""
    if _libc.unshare(_NEWNET):
        raise OSError(ctypes.get_errno(), "unshare")
    return own()
