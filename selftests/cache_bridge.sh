#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 600
#
# Bridged connections that conntrack follows are cached, and without a hop; but
# not one whose frames are flooded, or go where the bridge has not learned.
#
#	                      (gw) br0
#	near: 10.0.0.2 eth0 ---- v0 | v1 ---- eth0 far: 10.0.0.3
#	                            | v2 ---- eth0 other: 10.0.0.4
set -u
here=$(dirname "$(realpath "$0")")
# shellcheck source=selftests/lib.sh
. "$here/lib.sh"
# shellcheck source=selftests/pnicfw.sh
. "$here/pnicfw.sh"

# It is in no hurry to be reminded of anybody: each packet is where it is expected.
bridge_up() {
	local n=0 ns

	new_ns near gw far other
	no_addresses near gw far other
	gw=gw port_near=v0 port_far=v1
	ip -n gw link add br0 type bridge forward_delay 0 ageing_time 360000
	for ns in near far other; do
		ip -n gw link add "v$n" type veth peer name eth0 netns "$ns"
		ip -n gw link set "v$n" master br0 up
		ip -n "$ns" link set eth0 address "02:00:00:00:00:0$((n + 2))" up
		ip -n "$ns" addr add "10.0.0.$((n + 2))/24" dev eth0
		n=$((n + 1))
	done
	ip -n gw link set br0 up
	links_up in_gw v0 v1 v2 br0
	for ns in near far; do
		ip -n $ns neigh replace 10.0.0.2 lladdr 02:00:00:00:00:02 dev eth0
		ip -n $ns neigh replace 10.0.0.3 lladdr 02:00:00:00:00:03 dev eth0
	done
	gw_counts_bridged
}

# still_known - the bridge has both ends
still_known() {
	bridge -n gw fdb show br br0 | grep -c '^02:00:00:00:00:0[23] .* master br0'
}

# talks_for NAME SECONDS - all the time
talks_for() {
	local until=$((SECONDS + $2))

	while [ "$SECONDS" -le "$until" ]; do
		ends talk "$1" 5 || return
		sleep 0.1
	done
}

# A bridge forgets whom it does not hear: the cache alone must not be who does.
test_ageing() {
	ok "ageing: the bridge forgets soon" ip -n gw link set br0 type bridge \
		ageing_time 400
	ok "ageing: a connection" ends open a udp 41000 10.0.0.3 5001
	ok "ageing: is cached" speaks a 41000 cached
	quiet ends watch other eth0
	ok "ageing: talks for longer than that" talks_for a 6
	is "ageing: the bridge knows both ends" 2 still_known
	is "ageing: and has not flooded" none ends seen other
	ok "ageing: most of it was cached" at_least 20 \
		flow '.[].orig.cache.packets' sport 41000
	ok "ageing: ends" ends fin a
	ip -n gw link set br0 type bridge ageing_time 360000
}

# Frames to an address that far takes and never sends from: the bridge cannot
# know it, and floods them.
flood() {
	in_ns far tc qdisc add dev eth0 clsact
	in_ns far tc filter add dev eth0 ingress matchall \
		action skbedit ptype host
	ip -n near neigh replace 10.0.0.3 lladdr 02:00:00:00:00:99 dev eth0
}

test_flooded() {
	local before

	flood
	ok "flooded: a connection" ends open f udp 41001 10.0.0.3 5001
	ok "flooded: talks" ends talk f 10
	is "flooded: is known one way only" "null v0" flow \
		'.[] | "\(.orig.out) \(.reply.out)"' sport 41001
	before=$(counter forwarded)
	quiet ends watch other eth0
	ok "flooded: talks on" ends talk f 20
	is "flooded: the firewall sees all of that direction, at both ports" \
		$((before + 40)) counter forwarded
	is "flooded: and so does whom it does not concern" 02:00:00:00:00:99 \
		ends seen other
	is "flooded: the cache has none of it" 0 \
		flow '.[].orig.cache.packets' sport 41001
}

ktap_start
need conntrack tc gojq nft python3
load_module pnicfw
bridge_up
ok "ports" in_gw pnicfw -b - <<-EOT
	param set recheck-time 0
	port add dev v0
	port add dev v1
	port add dev v2
EOT
start_ends near far other
for proto in tcp udp; do
	check_cached $proto 10.0.0.2 10.0.0.3
done
test_ageing
test_flooded
finish
