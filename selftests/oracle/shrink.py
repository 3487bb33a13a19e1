# SPDX-License-Identifier: GPL-2.0
"""Makes a script that shows something as short as it gets."""


def shrink(fixed, lines, shows):
    """The fewest of lines, in order, with which shows(fixed + lines) is true:
    leaves out ever smaller parts, until no single line can go."""
    size = len(lines)
    while size:
        size = min(size, len(lines))
        at, shorter = 0, False
        while at < len(lines):
            rest = lines[:at] + lines[at + size:]
            if shows(fixed + rest):
                lines, shorter = rest, True
            else:
                at += size
        if size == 1 and not shorter:
            break
        size = size // 2 if size > 1 or not shorter else 1
    return lines
