#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 600
#
# What is denied, and comes often enough, the eswitch drops: where its driver can,
# for as long as it is denied, and what it drops is counted.
#
#	near: 10.0.0.2 nic0vf0 ==== pf0vf0 (this namespace) p0 ==== wire0 far: 10.1.0.2
set -u
here=$(dirname "$(realpath "$0")")
# shellcheck source=selftests/lib.sh
. "$here/lib.sh"
# shellcheck source=selftests/pnicfw.sh
. "$here/pnicfw.sh"
# shellcheck source=selftests/denials_lib.sh
. "$here/denials_lib.sh"

# all_packets SPORT - what the cache and the eswitch dropped
all_packets() {
	flow '.[].orig | .cache.packets + .hw.packets' state denied sport "$1"
}

# hw_why SPORT
hw_why() {
	flow '.[] | "\(."hw-reason") \(."hw-errno")"' sport "$1"
}

hw_why_is() {
	[ "$(hw_why "$1")" = "$2" ]
}

# climbs PROTOCOL SPORT - is denied, and then in the eswitch
climbs() {
	throw near "$1" "$2" 12 && wait_for 10 rules_are 1
}

test_drop() {
	local before

	ok "drop: not before hw-after" throw near udp 40000 5
	is "drop: says why" "not enough packets yet null" hw_why 40000
	is "drop: no rule" 0 rules
	ok "drop: more of them" throw near udp 40000 10
	ok "drop: a rule" wait_for 10 rules_are 1
	ok "drop: is one that drops at its port" eval \
		'grep -q "^port=pf0vf0 .*actions=.*drop" "$sim/rules"'
	before=$(trapped)
	ok "drop: more still" throw near udp 40000 50
	is "drop: the kernel sees none of them" "$before" trapped
	ok "drop: all but the first are counted" wait_for 10 eval \
		'[ "$(all_packets 40000)" = 64 ]'
	is "drop: and their bytes, from the network header on" 2560 \
		flow '.[].orig | .cache.bytes + .hw.bytes' sport 40000
	is "drop: is offloaded, for no reason not to" "null null" hw_why 40000
	ok "drop: is explained" eval 'pnicfw flow explain sport 40000 |
		grep -q "The eswitch (tier 3) drops it"'
	ok "drop: another DSCP climbs to tier 1" tier1_sees 1 \
		throw near udp 40000 2 tos=0x20
	ok "drop: is deleted" pnicfw flow flush
	ok "drop: its rule is gone" wait_for 10 rules_are 0
}

# Not a moment later: what is denied is in software, as all else of the port's.
test_drain() {
	ok "drain: a denial climbs" climbs udp 40020
	quiet pnicfw param set age-interval 30000
	ok "drain: its port is drained" pnicfw port set dev pf0vf0 drain on
	is "drain: at once it has no rule" 0 rules
	is "drain: says why" "port is drained null" hw_why 40020
	quiet pnicfw param set age-interval 500
	ok "drain: it goes on in software" tier1_sees 0 throw near udp 40020 5
	ok "drain: off" pnicfw port set dev pf0vf0 drain off
	ok "drain: it climbs again" wait_for 10 rules_are 1
	quiet pnicfw flow flush
	ok "drain: its rule is gone" wait_for 10 rules_are 0
}

# SYN is dropped, and nothing else of the same connection.
test_tcp() {
	local before

	ok "tcp: SYN" climbs tcp 40001
	before=$(trapped)
	ok "tcp: SYN is dropped there" throw near tcp 40001 5
	is "tcp: SYN: the kernel sees none" "$before" trapped
	ok "tcp: RST is not" throw near tcp 40001 5 flags=4
	is "tcp: RST: the kernel sees all" $((before + 5)) trapped
	quiet pnicfw flow flush
	ok "tcp: its rule is gone" wait_for 10 rules_are 0
}

test_changes() {
	local before

	ok "changes: a denial climbs" climbs udp 40010
	quiet nft add table inet other
	ok "changes: a ruleset: the rule is gone" wait_for 10 rules_are 0
	ok "changes: tier 1 is asked, and it climbs again" climbs udp 40010
	quiet pnicfw policy add pref 1 proto udp sport 40010 verdict allow
	ok "changes: a rule that allows: the rule is gone" wait_for 10 rules_are 0
	ok "changes: all is let through" tier1_sees 5 throw near udp 40010 5
	deny_all
	ok "changes: climbs again" climbs udp 40011
	ok "changes: far begins what near would answer like that" \
		throw_from far 10.1.0.2 10.0.0.2 udp 5001 40011 1
	ok "changes: the rule is gone" wait_for 10 rules_are 0
	before=$(arrived)
	ok "changes: near answers" throw near udp 40011 5
	is "changes: which arrives" $((before + 5)) arrived
	quiet nft delete table inet other
}

test_time() {
	quiet pnicfw flow flush
	ok "time: none is left" wait_for 10 rules_are 0
	quiet pnicfw param set deny-time 2
	ok "time: a denial climbs" climbs udp 40020
	ok "time: its rule goes" wait_for 10 rules_are 0
	ok "time: and it, when nobody asks" wait_for 10 flow_gone state denied
	quiet pnicfw param set deny-time 600
}

test_port() {
	ok "port: a denial climbs" climbs udp 40030
	ok "port: hw off" pnicfw port set dev pf0vf0 hw off
	is "port: its rule is gone" 0 rules
	ok "port: is denied still" tier1_sees 0 throw near udp 40030 5
	ok "port: says why not" wait_for 10 hw_why_is 40030 \
		"port takes no hardware rules null"
	ok "port: hw on" pnicfw port set dev pf0vf0 hw on
	ok "port: climbs again" wait_for 10 rules_are 1
	ok "port: is deleted" pnicfw port del dev pf0vf0
	is "port: its rule is gone" 0 rules
	is "port: and the denial" 0 denied
	ok "port: is added" pnicfw port add dev pf0vf0
}

# A driver that takes no such rules, a full table, a NIC that forgets.
test_refused() {
	knob profile minimal
	ok "refused: a denial" throw near udp 40040 20
	ok "refused: says so" wait_for 10 hw_why_is 40040 \
		"refused by the driver EOPNOTSUPP"
	is "refused: no rule" 0 rules
	ok "refused: tier 2 goes on" tier1_sees 0 throw near udp 40040 20
	is "refused: has dropped all but one" 39 flow '.[].orig.cache.packets' \
		sport 40040
	knob profile mlx5
	quiet pnicfw flow flush
	ok "forgotten: a denial climbs" climbs udp 40041
	ok "forgotten: all rules are" knob reset 1
	ok "forgotten: tier 2 drops it" tier1_sees 0 throw near udp 40041 5
	ok "forgotten: it climbs again" wait_for 20 rules_are 1
}

ktap_start
start_sim
gw_counts_forwarded
ok "ports" ports_add
deny_all
quiet pnicfw param set hw-after 8 deny-time 600
test_drop
test_drain
test_tcp
test_changes
test_time
test_port
test_refused
finish
