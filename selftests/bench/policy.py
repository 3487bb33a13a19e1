# SPDX-License-Identifier: GPL-2.0
"""Tables about what is denied, and about rules: a part of "report"."""
import collections
import statistics

from raw import batches, lines

DROPPERS = {
    "forward_drop": "nftables, forward chain",
    "ingress_drop": "nftables, ingress chain",
    "denial": "pnicfw, denied",
}
STATES = {
    "before": "no denial",
    "full": "as many denials as there may be",
    "meanwhile": "and others take their places all the time",
}
KINDS = {"vmap": "nftables, verdict map", "policy": "pnicfw, policy rules"}


def read_deny(directory):
    found = collections.defaultdict(dict)
    for name, flows, *rest in lines(directory, "deny"):
        found[name][flows] = round(min(batches(rest)), 1)
    return found


def read_drops(directory):
    """Packets a second in the quickest batch of all turns: what else the machine
    does meanwhile takes time from the others, and gives none"""
    quickest = {}
    for name, _, *rest in lines(directory, "drops"):
        quickest[name] = min([*batches(rest), quickest.get(name, float("inf"))])
    return {name: round(1e9 / ns) for name, ns in quickest.items()}


def read_flood(directory):
    found = collections.defaultdict(list)
    for state, *rest in lines(directory, "flood"):
        found[state] += batches(rest)
    return {state: round(min(values), 1) for state, values in found.items()}


def read_rules(directory):
    """Of both packets; memory is taken in pages, so that batches differ"""
    found = collections.defaultdict(lambda: collections.defaultdict(list))
    for name, number, step, *rest in lines(directory, "rules"):
        found[name, number][step] += batches(rest)
    result = collections.defaultdict(dict)
    for (name, number), steps in found.items():
        result[name][number] = round(sum(statistics.median(values)
                                         for values in steps.values()), 1)
    return result


def show_deny(result):
    yield "Instructions a packet that is dropped, its making and freeing included"
    yield ""
    sizes = sorted(next(iter(result.values())), key=int)
    yield f"{'':26}" + "".join(f"{int(flows):>11,} flow{'s' if flows != '1' else ''}"
                               for flows in sizes)
    for name, title in DROPPERS.items():
        if name in result:
            yield f"{title:26}" + "".join(
                f"{result[name][flows]:>16,.0f}" for flows in sizes)


def show_drops(result):
    yield "Packets dropped in a second (User-Mode Linux), and that as a ratio"
    yield ""
    for name, title in DROPPERS.items():
        if name in result:
            yield f"{title:26}{result[name]:>12,}" \
                f"{result[name] / result['forward_drop']:>8.2f}"


def show_flood(result):
    yield "Instructions a packet of an allowed connection in the cache, while there are"
    yield ""
    for state, title in STATES.items():
        change = 100 * (result[state] / result["before"] - 1)
        yield f"{title:44}{result[state]:>8,.0f}" + (
            f"{change:>+8.1f} %" if state != "before" else "")


def show_rules(result):
    yield "Instructions for the first packet of a connection and its reply, together"
    yield ""
    numbers = sorted(next(iter(result.values())), key=int)
    yield f"{'':26}" + "".join(f"{int(number):>8,} rules" for number in numbers)
    for name, title in KINDS.items():
        if name in result:
            yield f"{title:26}" + "".join(
                f"{result[name][number]:>14,.0f}" for number in numbers)
    yield ""
    yield "Of it to hold them against the rules, and 10,000 against 10 as a ratio"
    yield ""
    for name, title in KINDS.items():
        if name in result:
            few, many = (result[name][number] - result[name]["0"]
                         for number in ("10", "10000"))
            yield f"{title:26}{'':14}{few:>14,.0f}{many:>14,.0f}{many / few:>8.2f}"


PARTS = {
    "deny": (read_deny, show_deny),
    "drops": (read_drops, show_drops),
    "flood": (read_flood, show_flood),
    "rules": (read_rules, show_rules),
}
