# SPDX-License-Identifier: GPL-2.0
"""What the demo prints, in 80 columns."""

import textwrap

PICTURE = """
  vm0 10.0.0.2 -- nic0vf0 | pf0vf0 -.
                                     >- SmartNIC's Linux - p0 | wire0 -- outside
  vm1 10.0.0.3 -- nic0vf1 | pf0vf1 -'   firewall, routes,           198.51.100.1
                                        masquerades
"""
HEADS = """\
          packets a second in tier                 connections that are  eswitch
               1        2        3  shares    tracked cached offloaded     rules"""
BAR = 10
STATE_WIDTHS = (9, 8, 11, 8)
TIER_WIDTHS = (8, 8, 9)


def say(text=""):
    print(text, flush=True)


def _bar(packets):
    """Which tier carries how much of the packets, a digit for each tenth."""
    total = sum(packets)
    if not total:
        return "." * BAR
    ends = [round(BAR * sum(packets[:n + 1]) / total) for n in range(3)]
    return "1" * ends[0] + "2" * (ends[1] - ends[0]) + "3" * (BAR - ends[1])


def second(elapsed, per_second, look):
    """One line a second."""
    stats = look.stats
    tracked = stats["records"] - stats["cached"] - stats["offloaded"]
    say(f"{elapsed:4.0f} s "
        + "".join(f"{packets:>9,}" for packets in per_second)
        + f"  {_bar(per_second)}"
        + f"{tracked:7}{stats['cached']:7}{stats['offloaded']:10}"
        + f"{look.rules:10}")


def _cell(count, width):
    text = "" if count is None else f"{count:,}" if count else "-"
    return f"{text:>{width}}"


def _row(name, states, packets):
    cells = zip((*states, *packets), (*STATE_WIDTHS, *TIER_WIDTHS))
    say(f"  {name:<18}" + "".join(_cell(*cell) for cell in cells))


def table(rows, total):
    """The end: connections by state, packets by tier."""
    say(f"""
{'':22}connections that were                  packets in tier
{'':22}tracked  cached  offloaded  denied       1       2        3""")
    for name, service, states, packets in rows:
        _row(f"{name:<7}{service}", states, packets)
    _row("as the ports count", [None] * 4, total)


def verdict(checks):
    """A line for each thing checked; whether all are well."""
    well = True
    say()
    for good, what in checks:
        say(textwrap.fill(what, 79, subsequent_indent=" " * 7,
                          initial_indent="  ok   " if good else "  NOT  "))
        well = well and bool(good)
    return well
