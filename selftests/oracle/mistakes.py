#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""usage: mistakes.py [--check | --seeds N] [NAME...]

Would the oracle see it?  Each mistake (all, or those named) is put into a copy
of the tree, whose modules then meet the oracle under User-Mode Linux; one that
no seed of N (default 60) shows is a failure.  --check only tells whether each
mistake can still be made in this tree.
"""
import os
import subprocess
import sys
import tempfile

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), "../.."))

# name: file of kmod/pnicfw/, what is there once, what is put there instead
MISTAKES = {
    "ttl-kept": ("action.h", "if (act->ttl_dec)", "if (0 && act->ttl_dec)"),
    "ttl-unchecked": ("fastpath.c", "pkt->hops <= path->key.act.ttl_dec",
                      "!pkt->hops"),
    "nat-of-partial": ("fastpath.c",
                       "skb->ip_summed == CHECKSUM_PARTIAL);\n}", "false);\n}"),
    "wrong-checksum-passes": ("plain.c", "if (skb_csum_unnecessary(skb) ||",
                              "if (skb->ip_summed == CHECKSUM_NONE ||"),
    "complete-unchecked": ("plain.c", "if (skb_csum_unnecessary(skb) ||",
                           "if (skb_csum_unnecessary(skb) ||\n\t    "
                           "skb->ip_summed == CHECKSUM_COMPLETE ||"),
    "padding-kept": ("plain.c", "own->len > len && pskb_trim_rcsum(own, len)",
                     "0"),
    "mtu-ignored": ("fastpath.c", "likely(pkt->len <= path->fits)", "true"),
    "stale-neighbour": ("path.c", "const struct neighbour *neigh = event;",
                        "const struct neighbour *neigh = event;\n\n"
                        "\tif (1)\n\t\treturn false;"),
    "stale-bridge-entry": ("path.c", "const struct path_fdb *fdb = event;",
                           "const struct path_fdb *fdb = event;\n\n"
                           "\tif (1)\n\t\treturn false;"),
    "stale-route": ("revalidate.c", "\tif (!revalidate_prefix(event, ptr, &prefix)) {",
                    "\tif (1)\n\t\treturn NOTIFY_DONE;\n"
                    "\tif (!revalidate_prefix(event, ptr, &prefix)) {"),
    "stale-rules": ("revalidate.c",
                    "atomic_inc(&pn->gen);\n\tpnicfw_path_kill_all(pn, false);",
                    "atomic_inc(&pn->gen);"),
    "any-vlan-in": ("path.h",
                    "return vlan->proto == skb->vlan_proto &&\n"
                    "\t\t       vlan->tci == skb_vlan_tag_get(skb);",
                    "return true;"),
    "wrong-vlan-out": ("fastpath.c",
                       "__vlan_hwaccel_put_tag(skb, vlan->proto, vlan->tci);",
                       "__vlan_hwaccel_put_tag(skb, vlan->proto, vlan->tci ^ 1);"),
    "any-link-layer": ("path.h",
                       "!path_macs_equal(path->key.eth,\n"
                       "\t\t\t     skb->data - pnicfw_path_hlen(inner))", "0"),
    "any-dscp": ("path.h", "path->key.dscp != dscp", "0"),
    "mark-lost": ("fastpath.c", "\tskb->mark = act->mark;\n", ""),
    "priority-lost": ("fastpath.c", "\tskb->priority = act->priority;\n", ""),
    "ends-unseen": ("key_parse.h", "if (key_tcp_end(tcp))", "if (0)"),
    "dead-entry": ("fastpath.c", "READ_ONCE(dir->ct->status) & IPS_DYING", "0"),
    "denial-of-last-hop": ("denial_hit.c", "return hops > 1 && ", "return "),
    "denial-of-too-long": ("denial_hit.c",
                           "skb->len > READ_ONCE(denial->is.mtu) ||", ""),
    "fragments-in-eswitch": ("flower.c", "flower->mask.control.flags = "
                             "FLOW_DIS_IS_FRAGMENT;", ""),
    "ends-in-eswitch": ("flower.c",
                        "FLOWER_TCP(TCP_FLAG_ACK | TCP_FLAG_SYN |\n"
                        "\t\t\t\t\t    TCP_FLAG_FIN | TCP_FLAG_RST)",
                        "FLOWER_TCP(TCP_FLAG_ACK)"),
    "stale-in-eswitch": ("admit.c", "if (pnicfw_path_dead(path))\n", "if (0)\n"),
    "uppers-ignored": ("upper.c", "!upper_passed(upper, side)", "1"),
    "qdiscs-unheard": ("listen.c", "return nlh->nlmsg_flags & NLM_F_REPLACE;",
                       "return false;"),
    "denial-outlives-policy": ("denial_hit.c",
                               "READ_ONCE(is->epoch) == "
                               "READ_ONCE(pn->denials.epoch) &&", ""),
}


def mistaken(name):
    """The file, and its text with the mistake"""
    file, right, wrong = MISTAKES[name]
    path = os.path.join("kmod/pnicfw", file)
    with open(os.path.join(ROOT, path)) as source:
        text = source.read()
    found = text.count(right)
    if found != 1:
        sys.exit(f"{name}: not to be made in {path}, which has its place "
                 f"{found} times")
    return path, text.replace(right, wrong)


def caught(name, tree, seeds):
    subprocess.run(["rsync", "-a", "--delete", "--exclude=.git", ROOT + "/", tree],
                   check=True)
    path, text = mistaken(name)
    with open(os.path.join(tree, path), "w") as copy:
        copy.write(text)
    done = subprocess.run([os.path.join(tree, "selftests/oracle/run"),
                           "--kernel", "uml", "--seeds", str(seeds), "--no-shrink"],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False)
    report = done.stdout.splitlines()
    seed = [line for line in report if line.endswith("hits") or " mismatch," in line]
    shown = any(": mismatch," in line for line in report)
    print(f"{name}: {'caught' if shown else 'MISSED'}, "
          f"{seed[-1] if seed else report[-1:]}", flush=True)
    return shown


def main(arguments):
    check, seeds = False, 60
    while arguments and arguments[0].startswith("--"):
        option = arguments.pop(0)
        if option == "--check":
            check = True
        elif option == "--seeds" and arguments and arguments[0].isdigit():
            seeds = int(arguments.pop(0))
        else:
            sys.exit(__doc__)
    names = arguments or list(MISTAKES)
    for name in names:
        if name not in MISTAKES:
            sys.exit(f"no mistake {name}; there are {', '.join(MISTAKES)}")
        mistaken(name)
    if check:
        return 0
    with tempfile.TemporaryDirectory() as tree:
        missed = [name for name in names if not caught(name, tree, seeds)]
    print(f"{len(names)} mistakes, {len(missed)} missed")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
