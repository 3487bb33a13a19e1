#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 600
# races
#
# A port is drained, as before a virtual machine behind it moves: when the
# command returns the eswitch has none of its connections, and all that it
# counted is known. Software carries them, until they climb again by themselves.
#
#	near: 10.0.0.2 nic0vf0 ==== pf0vf0 (this namespace) p0 ==== wire0 far: 10.1.0.2
#	               nic0vf1 ==== pf0vf1: a third port, that nobody talks to
set -u
here=$(dirname "$(realpath "$0")")
# shellcheck source=selftests/lib.sh
. "$here/lib.sh"
# shellcheck source=selftests/pnicfw.sh
. "$here/pnicfw.sh"
# shellcheck source=selftests/accounting.sh
. "$here/accounting.sh"

# why SPORT - why the eswitch does not have a connection
why() {
	flow '.[]."hw-reason"' sport "$1"
}

# by_firewall SPORT - packets that tier 1 has carried
by_firewall() {
	flow '.[] | .orig.firewall.packets + .reply.firewall.packets' sport "$1"
}

drained() {
	pnicfw -j port show dev "$1" | jq -e '.[].drain'
}

test_drain() {
	local before

	links_before=$(links)
	ok "a connection" ends open c tcp 40000 10.1.0.2 5001
	ok "talks" ends talk c 40
	ok "climbs" wait_for 20 flow_is offloaded sport 40000
	ok "talks there" ends talk c 40 1000
	ok "another port is drained" pnicfw port set dev pf0vf1 drain on
	is "which is nothing to it" 2 rules
	ok "its port is drained" pnicfw port set dev pf0vf0 drain on
	is "at once it has no rule" 0 rules
	is "and is in the cache" cached flow '.[].state' sport 40000
	is "the reason is shown" "port is drained" why 40000
	ok "and explained" eval 'pnicfw flow explain sport 40000 |
		grep -q "not in the eswitch: port is drained"'
	ok "the port says so" drained pf0vf0
	ok "in /proc, too" grep -q "^pf0vf0 on ft .* on$" /proc/net/pnicfw/ports
	ok "the uplink is not" eval '! drained p0'
	ok "what the eswitch counted has been collected" agree tiers 40000
	before=$(by_firewall 40000)
	ok "talks in software" ends talk c 100
	is "all of it in the cache" "$before" by_firewall 40000
	ok "a ruleset change does not bring it back" nft add table inet other
	ok "it talks" ends talk c 40
	is "there is no rule" 0 rules
	ok "drain off" pnicfw port set dev pf0vf0 drain off
	ok "it climbs without a packet" wait_for 10 flow_is offloaded sport 40000
	ok "talks there again" ends talk c 40 1000
	ok "the tiers have it all" wait_for 10 agree tiers 40000
	ok "and conntrack, too" wait_for 10 agree tracked tcp 40000
	shares 40000
}

# What is new meanwhile stays in software, too.
test_new() {
	ok "new: the uplink is drained" pnicfw port set dev p0 drain on
	ok "new: a connection" ends open d udp 40001 10.1.0.2 5001
	ok "new: talks" ends talk d 100
	is "new: is cached" cached flow '.[].state' sport 40001
	is "new: and says why" "port is drained" why 40001
	ok "new: hw off" pnicfw port set dev p0 hw off
	ok "new: hw on, which is not drain off" pnicfw port set dev p0 hw on
	ok "new: talks on" ends talk d 100
	is "new: there is no rule" 0 rules
	ok "new: drain off" pnicfw port set dev p0 drain off
	ok "new: both climb" wait_for 10 rules_are 4
}

# drained_under_traffic - deletion takes long, packets and reviews want the
# connection in again; and then it goes back under traffic
drained_under_traffic() {
	local status=0

	echo exchange c 2000000 >&"$ends_to"
	pnicfw port set dev pf0vf0 drain on || status=1
	rules_are 0 || { cat "$sim/rules"; status=1; }
	pnicfw port set dev pf0vf0 drain off || status=1
	wait_for 20 rules_are 4 || status=1
	pnicfw port set dev pf0vf0 drain on || status=1
	rules_are 0 || { cat "$sim/rules"; status=1; }
	read -r -t $((60 * ${TIME_SCALE:-1})) -u "$ends_from" answer
	[ "$answer" = ok ] || { echo "$answer"; status=1; }
	rules_are 0 || status=1
	pnicfw port set dev pf0vf0 drain off || status=1
	return "$status"
}

test_traffic() {
	local i

	quiet pnicfw param set age-interval 10
	knob delete_delay_us 50000
	for i in 1 2 3; do
		ok "under traffic, $i: leaves nothing" drained_under_traffic
		ok "under traffic, $i: climbs by itself" wait_for 20 rules_are 4
	done
	knob delete_delay_us 0
}

# Those that leave one by one, as a ruleset has changed, leave at once.
test_stale() {
	local n

	quiet pnicfw param set revalidate-rate 1
	for n in 0 1 2; do
		ok "stale, $n: a connection climbs" offload "s$n" udp 4001$n
	done
	quiet nft add table inet again
	ok "stale: some have to wait" wait_for 10 at_least 1 stat_of '"hw-stale"'
	ok "stale: the port is drained" pnicfw port set dev pf0vf0 drain on
	is "stale: at once it has no rule" 0 rules
	quiet pnicfw port set dev pf0vf0 drain off
	quiet pnicfw param set revalidate-rate 50000
}

ktap_start
start_sim
only_ipv4
ok "ports" ports_add
ok "a third port" eval 'ip link set pf0vf1 up && pnicfw port add dev pf0vf1'
start_ends near far
test_drain
test_new
test_traffic
ok "TCP ends" ends fin c
ok "leaves pnicfw" wait_for 10 flow_gone sport 40000
test_stale
finish
