# SPDX-License-Identifier: GPL-2.0
"""The steps of a script that are about pnicfw's policy."""

import ipaddress
import time

import conntrack
import policy

OBEYED = 10		# seconds: by then a mark has been seen
DENIED_MARK = 8		# the only mark that rules deny


class Policed:
    """What a player of scripts has of them."""

    def do_policy(self, *words):
        self.tell("policy", words)

    def do_param(self, *words):
        self.tell("param", words)

    def tell(self, verb, words):
        """A rule that is to go may not be there: any part of a script is one."""
        try:
            self.stage.gateways[0].ask(*policy.command(verb, words))
        except OSError as error:
            if not self.conversations:
                self.outcome.refused.append(f"{verb} {words}: {error}")

    def do_deny(self, name):
        """From the same moment on, and nothing is left of what there was."""
        talk = self.conversations.get(name)
        if not talk or name in self.denied:
            return
        mine, other = self.stage.gateways
        self.denied.append(name)
        mine.ask(*policy.denies(talk.there, self.pref(name)))
        texts = [str(ipaddress.ip_address(data)) for data in
                 (talk.there.src, talk.there.dst)]
        other.run_nft(policy.denied_by_nft(talk.there, self.family(), name, texts))
        self.do_forget(name)

    def do_allow(self, name):
        if name not in self.denied:
            return
        mine, other = self.stage.gateways
        self.denied.remove(name)
        mine.ask(*policy.command("policy", ("del", self.pref(name))))
        other.run_nft(policy.allowed_by_nft(self.family(), name))
        self.do_forget(name)

    def family(self):
        """Of the gateway's own rules"""
        return "bridge" if any(line.startswith("nft table bridge t ")
                               for line in self.script) else "inet"

    @staticmethod
    def pref(name):
        """Of the rule that denies it"""
        return 10 + int(name.lstrip("c"))

    def do_mark(self, name, value):
        """What is denied by its mark pnicfw ends itself, if it knows it."""
        talk = self.conversations.get(name)
        if not talk:
            return
        mine, _ = self.stage.gateways
        known = f" {talk.there.sport} {talk.there.dport} " in \
            mine.proc("pnicfw/flows")
        for gateway in self.stage.gateways:
            gateway.inside(conntrack.mark, talk.there, int(value))
        if int(value) != DENIED_MARK:
            return
        deadline = time.monotonic() + OBEYED
        while known and f" sport={talk.there.sport} " in mine.proc("nf_conntrack"):
            if time.monotonic() > deadline:
                self.mismatch(self.at, f"{name} lives on, though its mark is denied")
                break
            time.sleep(0.01)
        self.do_forget(name)
