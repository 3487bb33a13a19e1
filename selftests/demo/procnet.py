# SPDX-License-Identifier: GPL-2.0
"""Files of /proc/net as other network namespaces see them."""

import os
import sys

sys.path.append(os.path.join(os.path.dirname(os.path.realpath(__file__)), ".."))
# pylint: disable=wrong-import-position
import netns  # noqa: E402


def open_in(name, path):
    """Open a file of a namespace, which it then shows wherever it is read."""
    home, there = netns.own(), netns.named(name)
    netns.enter(there)
    try:
        return open(path, encoding="ascii")
    finally:
        netns.enter(home)
        os.close(there)
        os.close(home)


def again(file):
    """What an open file says now, line by line."""
    file.seek(0)
    return file.readlines()
