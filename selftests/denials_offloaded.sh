#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# also: arm64
# timeout: 600
# races
#
# What is denied, and comes often enough, the eswitch drops: where its driver can,
# for as long as it is denied, where nobody else needs its place, and what it
# drops is counted.
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

# How many get to tier 1 before there is a denial depends on how busy the machine
# is; every other one is to be counted.
test_drop() {
	local before seen

	seen=$(tier1)
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
	seen=$(($(tier1) - seen))
	ok "drop: a few at most got to tier 1" [ "$seen" -le 5 ]
	ok "drop: all others are counted" wait_for 10 eval \
		'[ "$(all_packets 40000)" = $((65 - seen)) ]'
	is "drop: and their bytes, from the network header on" \
		$(((65 - seen) * 40)) \
		flow '.[].orig | .cache.bytes + .hw.bytes' sport 40000
	is "drop: is offloaded, for no reason not to" "null null" hw_why 40000
	ok "drop: is explained" eval 'pnicfw flow explain sport 40000 |
		grep -q "The eswitch (tier 3) drops it"'
	ok "drop: another DSCP climbs to tier 1" tier1_sees 1 \
		throw near udp 40000 2 tos=0x20
	knob delete_delay_us 500000
	ok "drop: is deleted" pnicfw flow flush
	is "drop: its rule is gone at once" 0 rules
	knob delete_delay_us 0
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
	quiet pnicfw param set age-interval 30000
	quiet ip route add 10.9.0.0/24 via 10.1.0.2
	ok "changes: a route: the rule is gone long before a round" \
		wait_for 10 rules_are 0
	quiet ip route del 10.9.0.0/24
	quiet pnicfw param set age-interval 500
	ok "changes: it climbs once more" climbs udp 40010
	knob delete_delay_us 500000
	quiet pnicfw policy add pref 1 proto udp sport 40010 verdict allow
	is "changes: a rule that allows: the rule is gone at once" 0 rules
	knob delete_delay_us 0
	ok "changes: all is let through" tier1_sees 5 throw near udp 40010 5
	deny_all
	ok "changes: climbs again" climbs udp 40011
	knob delete_delay_us 500000
	quiet pnicfw policy del pref 10
	is "changes: no rule denies: the rule is gone at once" 0 rules
	knob delete_delay_us 0
	deny_all
	ok "changes: climbs once more" climbs udp 40011
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

# hw_again - what the driver has refused for good is forgotten
hw_again() {
	pnicfw port set dev pf0vf0 hw off && pnicfw port set dev pf0vf0 hw on
}

plenty=1000000

# refuse ERRNO - all inserts, from here on
refuse() {
	knob fail_errno "$1" && knob fail_inserts "$plenty"
}

# refusals - how many there were since
refusals() {
	echo $((plenty - $(<"$sim/fail_inserts")))
}

# A driver that takes no such rules: it is asked once, whoever is denied.
test_unsupported() {
	local asked

	knob profile minimal
	ok "unsupported: a denial" throw near udp 40040 20
	ok "unsupported: says so" wait_for 10 hw_why_is 40040 \
		"driver takes no such rules EOPNOTSUPP"
	is "unsupported: no rule" 0 rules
	is "unsupported: the port shows it" "ipv4 udp drop -" eval \
		'pnicfw -j port show dev pf0vf0 |
			jq -r ".[].unsupported[] | \"\(.rules) \(.out)-\""'
	asked=$(stat_of '"hw-failed".EOPNOTSUPP')
	ok "unsupported: another" throw near udp 40042 20
	ok "unsupported: is not offered" wait_for 10 hw_why_is 40042 \
		"driver takes no such rules null"
	is "unsupported: the driver was not asked again" "$asked" \
		stat_of '"hw-failed".EOPNOTSUPP'
	ok "unsupported: tier 2 goes on" tier1_sees 0 throw near udp 40040 20
	is "unsupported: has dropped all but one" 39 \
		flow '.[].orig.cache.packets' sport 40040
	knob profile mlx5
	ok "unsupported: the port begins anew" hw_again
	ok "unsupported: both get in" wait_for 10 rules_are 2
	quiet pnicfw flow flush
	ok "unsupported: they are gone" wait_for 10 rules_are 0
}

# Other errors: again, first soon, then less and less often
test_backoff() {
	quiet refuse 5	# EIO
	ok "back-off: a denial" throw near udp 40043 20
	ok "back-off: is refused" wait_for 10 hw_why_is 40043 \
		"refused by the driver EIO"
	ok "back-off: more than once, and soon" wait_for 8 at_least 3 refusals
	ok "back-off: not in each round" at_most 4 refusals
	knob fail_inserts 0
	knob fail_errno 28
	ok "back-off: gets in" wait_for 20 rules_are 1
	quiet pnicfw flow flush
	ok "back-off: it is gone" wait_for 10 rules_are 0
}

test_forgotten() {
	ok "forgotten: a denial climbs" climbs udp 40041
	ok "forgotten: all rules are" knob reset 1
	ok "forgotten: tier 2 drops it" tier1_sees 0 throw near udp 40041 5
	ok "forgotten: it climbs again" wait_for 20 rules_are 1
	quiet pnicfw flow flush
	ok "forgotten: it is gone" wait_for 10 rules_are 0
}

# table QUERY - what port show says of p0
table() {
	pnicfw -j port show dev p0 | jq -er ".[] | $1"
}

# taken - places of the eswitch, and those of them that denials have
taken() {
	stat_of '"hw-used"'
	stat_of '"hw-denied"'
}

taken_are() {
	[ "$(taken | paste -sd' ')" = "$1" ]
}

# A connection that may pass, where all else is denied: rules that change end all
# denials, so it is before these.
allow_one() {
	quiet pnicfw policy add pref 5 proto udp sport 40070 verdict allow
	ok "room: no rule" wait_for 10 rules_are 0
}

test_limit() {
	local full="eswitch is full of busier ones null"

	allow_one
	ok "limit: two places" pnicfw param set hw-limit 2
	ok "limit: a denial" climbs udp 40060
	ok "limit: another" throw near udp 40061 20
	ok "limit: has the other place" wait_for 10 rules_are 2
	ok "limit: and a third" throw near udp 40062 20
	ok "limit: has none" wait_for 10 hw_why_is 40062 "$full"
	is "limit: two rules" 2 rules
	ok "limit: both are counted" taken_are "2 2"
	is "limit: by the port, too" 2 table '."table-used"'
	ok "limit: one ends" pnicfw flow del sport 40060
	ok "limit: the third has its place" wait_for 10 hw_why_is 40062 \
		"null null"
	is "limit: two rules again" 2 rules
	ok "limit: the other drops something" throw near udp 40061 20
	ok "limit: which is heard of" wait_for 10 eval \
		'[ "$(all_packets 40061)" = 39 ]'
	ok "limit: a connection takes a place" offload c udp 40070
	ok "limit: that of the one that has been idle" wait_for 10 hw_why_is \
		40062 "$full"
	ok "limit: both are counted" taken_are "2 1"
	is "limit: three rules" 3 rules
	ok "limit: a busy denial" throw near udp 40062 200
	ok "limit: does not take it back" hw_why_is 40062 "$full"
	is "limit: the connection stays" offloaded \
		flow '.[].state' sport 40070
	ok "limit: one place" pnicfw param set hw-limit 1
	ok "limit: it is the denial that leaves" wait_for 10 taken_are "1 0"
	is "limit: the connection is still there" 2 rules
	ok "limit: none" pnicfw param set hw-limit 0
	ok "limit: both denials get in" wait_for 10 taken_are "3 2"
	quiet ends fin c
	quiet pnicfw flow flush
	ok "limit: all are gone" wait_for 10 taken_are "0 0"
}

# One a second gets in, so the last of six waits for five at least.
test_rate() {
	local n began

	quiet pnicfw port set dev pf0vf0 hw off
	for n in {0..5}; do
		quiet throw near udp $((40080 + n)) 20
	done
	quiet pnicfw param set hw-rate 1
	began=$EPOCHSECONDS
	quiet pnicfw port set dev pf0vf0 hw on
	ok "rate: the last one waits" wait_for 10 hw_why_is 40085 \
		"waits for its turn, hw-rate null"
	ok "rate: all get in" wait_for 20 rules_are 6
	ok "rate: it takes its time" test $((EPOCHSECONDS - began)) -ge 4
	is "rate: no longer waits" "null null" hw_why 40085
	quiet pnicfw param set hw-rate 10000
	quiet pnicfw flow flush
	ok "rate: all are gone" wait_for 10 rules_are 0
}

# The eswitch says that it is full, and is asked now and then.
test_full() {
	knob table_size 2
	ok "full: three denials" eval 'throw near udp 40060 20 &&
		throw near udp 40061 20 && throw near udp 40062 20'
	ok "full: two are in" wait_for 10 rules_are 2
	ok "full: which is known" wait_for 10 eval \
		'[ "$(table ".\"table-size\"")" = 2 ]'
	ok "full: a connection takes what it needs" offload c udp 40070
	is "full: both places, which is two rules" 2 rules
	ok "full: it is alone" wait_for 10 taken_are "1 0"
	knob table_size 100
	ok "full: there is more room: all get in" wait_for 30 taken_are "4 3"
	quiet ends fin c
	quiet pnicfw flow flush
	ok "full: all are gone" wait_for 10 taken_are "0 0"
}

ktap_start
start_sim
gw_counts_forwarded
ok "ports" ports_add
start_ends near far
deny_all
quiet pnicfw param set hw-after 8 deny-time 600
test_drop
test_drain
test_tcp
test_changes
test_time
test_port
test_unsupported
test_backoff
test_forgotten
test_limit
test_rate
test_full
finish
