#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 900
#
# Twice as many busy connections as the eswitch has room for. It carries what it
# could at best, if one knew beforehand which connections to put there, less a
# tenth; the number of those that take others' places is bounded.
#
#	near: 10.0.0.2 nic0vf0 ==== pf0vf0 (this namespace) p0 ==== wire0 far: 10.1.0.2
set -u
here=$(dirname "$(realpath "$0")")
# shellcheck source=selftests/lib.sh
. "$here/lib.sh"
# shellcheck source=selftests/pnicfw.sh
. "$here/pnicfw.sh"

room=100 crowd=200 rate=50

# counted - packets that came up to the NIC's own Linux, by its ports, and packets
# that the far ends sent
counted() {
	local near far

	near=$(in_ns near cat "/sys/class/net/$dev_near/statistics/tx_packets") &&
		far=$(in_ns far cat "/sys/class/net/$dev_far/statistics/tx_packets") ||
		return
	echo "$(trapped) $((near + far))"
}

# carries PERCENT - of the packets of some rounds the eswitch does
carries() {
	local up_before sent_before up sent

	read -r up_before sent_before < <(counted)
	[ "$(tell talk 10)" = 0 ] || return
	read -r up sent < <(counted)
	sent=$((sent - sent_before)) up=$((up - up_before))
	echo "$((sent - up)) of $sent packets"
	[ $((100 * (sent - up))) -ge $(($1 * sent)) ]
}

# bounded COMMAND... - meanwhile no more connections get in than their rate allows,
# and the second's worth that may come at once
bounded() {
	local before=$(($(stat_of '"hw-inserted"') / 2)) began=$EPOCHREALTIME
	local inserted allowed

	"$@" || return
	inserted=$(($(stat_of '"hw-inserted"') / 2 - before))
	allowed=$((rate * (${EPOCHREALTIME/./} - ${began/./}) / 1000000 + rate))
	echo "$inserted connections got in, $allowed were allowed to"
	[ "$inserted" -le "$allowed" ]
}

# settles NAME BEST - of a share that is BEST percent where the choice is known
settles() {
	local name=$1 least=$(($2 * 9 / 10))

	ok "$name: nine tenths of what can be had" \
		bounded wait_for 120 carries $least
	note "$(tail -n1 "$ktap_output")"
	ok "$name: it stays like that" bounded eval \
		"for _ in {1..4}; do carries $least || return; done"
	note "$(tail -n1 "$ktap_output")"
}

ktap_start
start_sim
only_ipv4
ok "ports" ports_add
start_crowd $crowd
ok "room for half of them" pnicfw param set hw-limit $room hw-after 2 \
	hw-rate $rate
is "all talk" 0 tell talk 5
ok "half of them are inside" wait_for 60 rules_are $((2 * room))
settles "all alike" 50
quiet tell weigh 1 4
settles "one half talks more" 80
quiet tell weigh 4 1
settles "the other half talks more" 80
finish
