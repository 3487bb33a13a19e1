# SPDX-License-Identifier: GPL-2.0
"""The raw figures of a part: see "guest"."""
import os


def lines(directory, part):
    with open(os.path.join(directory, part, "raw")) as raw:
        for line in raw:
            kind, *fields = line.split()
            if kind == part:
                yield fields


def batches(fields):
    """What a packet costs in each batch, from PACKETS NS..."""
    return [int(ns) / int(fields[0]) for ns in fields[1:]]
