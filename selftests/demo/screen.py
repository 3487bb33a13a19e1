# SPDX-License-Identifier: GPL-2.0
"""What the demo prints."""

PICTURE = """
  vm0  10.0.0.2 --- nic0vf0 | pf0vf0 --.
                                        >-- SmartNIC's Linux -- p0 | wire0 -- outside
  vm1  10.0.0.3 --- nic0vf1 | pf0vf1 --'    firewall, routes,          198.51.100.1
                                            masquerades
"""
HEADS = """
        packets a second in tier                           connections
               1          2          3                     that are                  eswitch
        firewall flow cache    eswitch  who carries them    tracked cached offloaded   rules
"""
BAR = 20


def say(text=""):
    print(text, flush=True)


def _number(count):
    if count is None:
        return ""
    return f"{count:,}" if count else "-"


def _bar(packets):
    """Which tier carries how much of the packets, a digit for each 5 %."""
    total = sum(packets)
    if not total:
        return "." * BAR
    ends = [round(BAR * sum(packets[:n + 1]) / total) for n in range(3)]
    return "1" * ends[0] + "2" * (ends[1] - ends[0]) + "3" * (BAR - ends[1])


def second(elapsed, per_second, look):
    """One line a second."""
    stats = look.stats
    tracked = stats["records"] - stats["cached"] - stats["offloaded"]
    say(f"{elapsed:4.0f} s"
        + "".join(f"{packets:>10,} " for packets in per_second)
        + f" {_bar(per_second)}"
        + f"{tracked:8}{stats['cached']:7}{stats['offloaded']:10}"
        + f"{look.rules:8}")


def _row(name, states, packets):
    say(f"  {name:<23}"
        + "".join(f"{_number(count):>10}" for count in states)
        + "  "
        + "".join(f"{_number(count):>11}" for count in packets))


def table(rows, total):
    """The end: connections by state, packets by tier."""
    say(f"""
{'':30}connections that were             packets in tier
{'':26}tracked    cached offloaded    denied           1          2          3""")
    for name, service, states, packets in rows:
        _row(f"{name:<8}{service}", states, packets)
    _row("all, as the ports count", [None] * 4, total)


def verdict(checks):
    """A line for each thing checked; whether all are well."""
    well = True
    say()
    for good, what in checks:
        say(f"  {'ok ' if good else 'NO '}  {what}")
        well = well and bool(good)
    return well
