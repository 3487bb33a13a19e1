# SPDX-License-Identifier: GPL-2.0
"""pnicfw's policy, and what denies the same where there is no pnicfw."""

from netlink_raw import (P_AGE, P_CACHE, P_HW_AFTER, PARAM, PARAM_SET, POLICY_ADD,
                         POLICY_DEL, R_MARK_MASK, R_PREF, R_PROTO, R_SPORT,
                         R_SPORT_MAX, RULE, attr, be16, nest, u32)
from packets import PROTOCOLS, TCP

R_SRC, R_SRC_LEN, R_DST, R_DST_LEN, R_DPORT, R_DPORT_MAX = 2, 3, 4, 5, 9, 10
R_MARK, R_VERDICT, R_CACHE, R_HW = 18, 22, 23, 24
ALLOW, DENY = 0, 1
SWITCH = {"off": 0, "on": 1}


def u8(kind, value):
    return attr(kind, bytes([value]))


def ports(kind, value):
    return be16(kind, value) + be16(kind + 1, value)


WORDS = {
    "proto": lambda text: u8(R_PROTO, PROTOCOLS[text]),
    "sport": lambda text: ports(R_SPORT, int(text)),
    "dport": lambda text: ports(R_DPORT, int(text)),
    "mark": lambda text: u32(R_MARK, int(text)) + u32(R_MARK_MASK, 0xffffffff),
    "cache": lambda text: u32(R_CACHE, SWITCH[text]),
    "hw": lambda text: u32(R_HW, SWITCH[text]),
    "verdict": lambda text: u32(R_VERDICT, DENY if text == "deny" else ALLOW),
}
PARAMS = {
    "cache": lambda text: u32(P_CACHE, SWITCH[text]),
    "hw-after": lambda text: u32(P_HW_AFTER, int(text)),
    "age-interval": lambda text: u32(P_AGE, int(text)),
}


def command(verb, words):
    """The message, and its payload, of "policy add PREF KEY=VALUE...", "policy del
    PREF" and "param KEY=VALUE"."""
    if verb == "param":
        key, value = words[0].split("=")
        return PARAM_SET, nest(PARAM, PARAMS[key](value))
    rule = [u32(R_PREF, int(words[1]))] + [
        WORDS[key](value) for key, value in (word.split("=") for word in words[2:])]
    return {"add": POLICY_ADD, "del": POLICY_DEL}[words[0]], nest(RULE, *rule)


def denies(host, pref):
    """The message and payload of a rule that denies what this host begins."""
    length = 8 * len(host.src)
    return POLICY_ADD, nest(
        RULE, u32(R_PREF, pref), u32(R_VERDICT, DENY), u8(R_PROTO, host.proto),
        attr(R_SRC, host.src), u8(R_SRC_LEN, length),
        attr(R_DST, host.dst), u8(R_DST_LEN, length),
        ports(R_SPORT, host.sport), ports(R_DPORT, host.dport))


def denied_by_nft(host, family, chain, texts):
    """The same for nft, behind all other rules of the forward hook: nothing that is
    denied gets into conntrack.  Of TCP that conntrack picks up under way nobody
    knows which end has begun it."""
    words = ("ip", "ip6")[len(host.src) > 4]
    begin = f"add rule {family} deny {chain} meta l4proto {host.proto} "
    tuple_is = "ct original {0} saddr {1} ct original {0} daddr {2} " \
        "ct original proto-src {3} ct original proto-dst {4} ".format
    ends = texts[0], texts[1], host.sport, host.dport
    lines = [f"add table {family} deny",
             f"add chain {family} deny {chain} {{ type filter hook forward "
             "priority 300; }", begin + tuple_is(words, *ends) + "drop"]
    if host.proto == TCP:
        back = ends[1], ends[0], ends[3], ends[2]
        lines.append(begin + tuple_is(words, *back) +
                     "ct status & seen-reply == 0 tcp flags & (syn|ack) != syn drop")
    return "\n".join(lines)


def allowed_by_nft(family, chain):
    return f"flush chain {family} deny {chain}\ndelete chain {family} deny {chain}"
