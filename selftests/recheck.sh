#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 600
#
# What no event tells of: elements that a packet adds to a set, and such that
# expire. They act on cached and offloaded connections within recheck-time and an
# age-interval, in which each direction sends a packet through the firewall; and
# what is still allowed is where it was, and complete.
#
#	near: 10.0.0.2 eth0 ---- v0 (gw) v1 ---- eth0 far: 10.1.0.2
#	near: 10.0.0.2 nic0vf0 ==== pf0vf0 (this namespace) p0 ==== wire0 far: 10.1.0.2
set -u
here=$(dirname "$(realpath "$0")")
# shellcheck source=selftests/lib.sh
. "$here/lib.sh"
# shellcheck source=selftests/pnicfw.sh
. "$here/pnicfw.sh"
# shellcheck source=selftests/accounting.sh
. "$here/accounting.sh"
# shellcheck source=selftests/recheck_lib.sh
. "$here/recheck_lib.sh"

# How long elements stay, seconds: on a slow kernel all of it takes longer.
blocked_for=$((5 * ${TIME_SCALE:-1})) allowed_for=$((3 * ${TIME_SCALE:-1}))

# A packet to port 7777 adds its sender to the set of those that may not send to
# port 5001 for a while; port 5002 is for those that the other set has.
rules_by_sets() {
	in_gw nft -f - <<-EOT
		table inet t {
			counter dropped { }
			set blocked {
				type ipv4_addr; flags dynamic,timeout; size 100
			}
			set allowed { type ipv4_addr; flags timeout; }
			chain forward {
				type filter hook forward priority 0
				udp dport 7777 add @blocked { ip saddr timeout ${blocked_for}s }
				udp dport 5001 ip saddr @blocked counter name dropped drop
				udp dport 5002 ip saddr != @allowed counter name dropped drop
			}
		}
	EOT
}

# knock - as another connection
knock() {
	ends send k near
}

# check_sets STATE - with connections in that state
check_sets() {
	local state=$1

	ok "$state: a connection" ends open c udp 40000 10.1.0.2 5001
	ok "$state: another, to knock by" ends open k udp 40009 10.1.0.2 7777
	ok "$state: talks" wait_for 20 ends talk c 40
	ok "$state: gets there" speaks c 40000 "$state"
	ok "$state: knocks, and no event tells" knock
	ok "$state: it goes on in vain" in_vain c "$state"
	ok "$state: a time to recheck" recheck_time 1000
	check_stops "$state: it stops within the time" c 0 1500
	ok "$state: the firewall drops it" at_least 1 counter dropped
	ok "$state: comes back when the element expires" comes_back c
	ok "$state: gets there again" speaks c 40000 "$state"
	ok "$state: knocks" knock
	check_stops "$state: it stops by itself" c 0 1500
	ok "$state: ends" ends fin c
	ok "$state: one that an element allows for a while" in_gw nft add \
		element inet t allowed "{ 10.0.0.2 timeout ${allowed_for}s }"
	ok "$state: connects" ends open a udp 40001 10.1.0.2 5002
	ok "$state: talks" ends talk a 33
	ok "$state: gets there" speaks a 40001 "$state"
	check_stops "$state: it stops by itself" a 0 \
		$((1000 * allowed_for + 1500))
	ok "$state: ends" eval 'ends fin a; ends fin k'
	ok "$state: no time to recheck" recheck_time 0
	forget_all
	ok "$state: they are gone" wait_for 10 flow_gone
}

# in_vain NAME STATE - the set is against it, and it goes on in that state
in_vain() {
	in_gw nft list set inet t blocked | grep -q 10.0.0.2 &&
		goes_on "$1" 40000 "$2"
}

# seen_often - tier 1 has seen packets of it again and again, and it is where it
# was
seen_often() {
	local before

	before=$(stat_of revalidated)
	wait_for 30 eval "ends talk c 10; at_least $((before + 20)) stat_of revalidated"
}

# check_nothing_lost - where nothing is against it all is as before, and no packet
# is lost or counted twice; what goes all the time is in the eswitch nearly all
# the time
check_nothing_lost() {
	local hw

	forget_all
	links_before=$(links)
	ok "allowed: a connection" ends open c tcp 40002 10.1.0.2 5001
	ok "allowed: climbs" climb c 40002
	ok "allowed: a short time to recheck" recheck_time 200
	ok "allowed: tier 1 sees it often" seen_often
	ok "allowed: many bytes meanwhile" ends exchange c 3000000
	is "allowed: with the eswitch giving the same reason" \
		"tier 1 is to see it once more" last_demoted
	ok "allowed: no time" recheck_time 0
	ok "allowed: it is in the eswitch" climb c 40002
	ok "allowed: the tiers have it all" wait_for 10 agree tiers 40002
	ok "allowed: conntrack, too" wait_for 10 agree tracked tcp 40002
	hw=$(flow '.[] | .orig.hw.bytes + .reply.hw.bytes' sport 40002)
	ok "allowed: most of it in the eswitch" [ "$hw" -ge 3000000 ]
	shares 40002
	ok "allowed: ends" ends fin c
}

# check_left_alone - new ones stay in the eswitch for half the time; by their ids,
# one's turn would have come every 300 ms.  When the time is over all have had it.
check_left_alone() {
	local crowd=1000 time=$((300 * ${TIME_SCALE:-1})) before begin=$SECONDS

	ok "new: a long time to recheck" recheck_time ${time}000
	before=$(stat_of revalidated)
	quiet pnicfw param set hw-after 2
	start_crowd $crowd
	is "new: many talk, and nothing is lost" 0 tell talk 3
	ok "new: all get there" wait_for 60 all_offloaded
	is "new: they talk on" 0 tell talk 30
	if [ $((SECONDS - begin)) -lt $((time / 2)) ]; then
		is "new: tier 1 wanted to see none of them" "$before" stat_of revalidated
	else
		skip "new: tier 1 wanted to see none of them" "it took too long"
	fi
	note "after $((SECONDS - begin)) s"
	ok "new: a short time" recheck_time 500
	ok "new: each has been seen both ways" wait_for 30 eval 'tell talk 1 &&
		at_least $((before + 2 * crowd)) stat_of revalidated'
	kill "$crowd_pid"
	wait "$crowd_pid"
	ok "new: no time" recheck_time 0
	quiet pnicfw param set hw-after 32
	forget_all
	ok "new: they are gone" wait_for 10 flow_gone
}

# last_demoted - why the eswitch gave it up last
last_demoted() {
	grep -o '"reason":"[^"]*"' "$events" | tail -n 1 | cut -d'"' -f4
}

ktap_start
need conntrack gojq nft python3
load_sim
load_pnicfw
gateway_veth
only_ipv4
rules_by_sets
ok "ports" ports_add
start_ends near far
check_sets cached
end_ns near gw far
gateway_sim
only_ipv4
rules_by_sets
ok "ports" ports_add
check_left_alone
start_ends near far
check_sets offloaded
nft flush ruleset
events=$(mktemp)
defer rm -f "$events"
spawn eval 'pnicfw -j monitor hw | grep --line-buffered demoted >$events'
check_nothing_lost
finish
