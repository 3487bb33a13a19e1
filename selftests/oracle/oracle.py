# SPDX-License-Identifier: GPL-2.0
"""The part of the oracle that runs in the VM: see run.

Plays a script for each seed, or one from a file or a capture, prints a line for
each and, where both copies did not do the same, the shortest script that shows
it.  Exit status: 0 if all were alike, and the cache carried packets in each and an
eswitch in most that have one: in some nothing may go there.
"""

import argparse
import sys
import time
from collections import Counter

import capture
import generate
import netns
from play import Player
from shrink import shrink
from wire import Stage, sysctl


# What the first namespace says for all: no error is left out because there were
# many, no neighbour is asked for again.
EVERYWHERE = ["ipv4.icmp_msgs_per_sec=1000000", "ipv4.icmp_msgs_burst=1000000",
              "ipv4.route.error_cost=0"] + [
    f"{family}.neigh.default.{setting}" for family in ("ipv4", "ipv6")
    for setting in ("retrans_time_ms=6000000", "delay_first_probe_time=6000",
                    "locktime=0")]


def arguments():
    parser = argparse.ArgumentParser(prog="run")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--stimuli", type=int, default=20)
    parser.add_argument("--replay", metavar="FILE.pcap")
    parser.add_argument("--script", metavar="FILE")
    parser.add_argument("--print", action="store_true")
    parser.add_argument("--no-shrink", action="store_true")
    parser.add_argument("--keep-going", type=int, default=1)
    return parser.parse_args()


def setup_length(script):
    """Lines up to the first ports: what makes the gateway."""
    at = next((at for at, line in enumerate(script)
               if line.startswith("port ")), len(script))
    while at < len(script) and script[at].startswith("port add "):
        at += 1
    return at


class Oracle:
    def __init__(self, options):
        self.options = options
        self.stage = Stage()
        self.seeds = self.mismatches = self.idle = 0
        self.hits = self.frames = 0
        self.hits_of = Counter()	# by kind of connection
        self.refused = 0
        self.with_nics = self.carried = self.uncarried = 0

    def play(self, script):
        return Player(self.stage, script).play()

    def examine(self, name, script):
        start = time.monotonic()
        outcome = self.play(script)
        self.seeds += 1
        hits = outcome.stats.get("cache-hits", 0)
        self.hits += hits
        self.hits_of += outcome.hits
        self.frames += outcome.frames
        verdict = "mismatch" if outcome.mismatch else \
            "alike" if hits else "no packet took the cache"
        self.idle += not hits and not outcome.mismatch
        hardware = self.count_hardware(outcome)
        print(f"{name}: {verdict}, {outcome.frames} frames, {hits} hits, {hardware}"
              f"{time.monotonic() - start:.1f} s", flush=True)
        for line in outcome.refused:
            print(f"  refused: {line}")
        self.refused += len(outcome.refused)
        if not hits:
            print(f"  {outcome.stats}")
        if outcome.mismatch:
            self.mismatches += 1
            self.report(script, outcome.mismatch)

    def count_hardware(self, outcome):
        """In words"""
        if not outcome.hardware:
            return ""
        self.with_nics += 1
        self.carried += outcome.carried
        self.uncarried += outcome.carried <= 0 and not outcome.mismatch
        return f"{outcome.carried} in the eswitch, "

    def report(self, script, mismatch):
        at = setup_length(script)
        fixed, lines = script[:at], script[at:mismatch.line + 1]
        if not self.options.no_shrink:
            lines = shrink(fixed, lines, lambda some: self.play(some).mismatch)
            again = self.play(fixed + lines).mismatch
            if not again:
                print("does not happen every time")
            mismatch = again or mismatch
        print("----")
        print("\n".join(fixed + lines))
        print("----")
        print(mismatch.text, flush=True)

    def run(self):
        options = self.options
        if options.script:
            with open(options.script) as file:
                self.examine(options.script, file.read().splitlines())
        elif options.replay:
            self.examine(options.replay, capture.script(options.replay))
        else:
            for seed in range(options.seed, options.seed + options.seeds):
                self.examine(f"seed {seed}",
                             generate.script(seed, options.stimuli))
                if self.mismatches >= options.keep_going:
                    break

    def summary(self):
        print(f"{self.seeds} scripts, {self.frames} frames, {self.hits} cache "
              f"hits, {self.mismatches} mismatches, {self.idle} without a hit, "
              f"{self.refused} set-up commands refused")
        print("hits by kind:", ", ".join(
            f"{kind} {hits}" for kind, hits in sorted(self.hits_of.items())))
        print(f"{self.with_nics} of them with NICs, {self.carried} frames carried by "
              f"the eswitch, {self.uncarried} without any")
        few = 4 * self.uncarried > self.with_nics + 3
        return 1 if self.mismatches or self.idle or self.refused or few or \
            not self.seeds else 0


def main():
    options = arguments()
    if options.print:
        print("\n".join(generate.script(options.seed, options.stimuli)))
        return 0
    first = netns.own()
    before = [sysctl("net." + setting) for setting in EVERYWHERE]
    try:
        oracle = Oracle(options)
        oracle.run()
        return oracle.summary()
    finally:
        netns.enter(first)
        for setting in before:
            sysctl(setting)


if __name__ == "__main__":
    sys.exit(main())
