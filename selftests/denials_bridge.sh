#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 600
#
# On a bridge tier 2 drops what is denied only where the bridge knows by which
# port it would leave: what is flooded goes by others, too, where nobody denies.
#
#	                      (gw) br0
#	near: 10.0.0.2 eth0 ---- v0 | v1 ---- eth0 far: 10.1.0.2
#	                            | v2 ---- eth0 other: sees what is flooded
set -u
here=$(dirname "$(realpath "$0")")
# shellcheck source=selftests/lib.sh
. "$here/lib.sh"
# shellcheck source=selftests/pnicfw.sh
. "$here/pnicfw.sh"
# shellcheck source=selftests/denials_lib.sh
. "$here/denials_lib.sh"

far_mac=02:00:00:00:01:02

bridge_up() {
	new_ns other
	gateway_wires
	no_addresses other
	ip -n gw link add br0 type bridge forward_delay 0 ageing_time 360000
	ip -n gw link add v2 type veth peer name eth0 netns other
	ip -n other link set eth0 up
	for port in v0 v1 v2; do
		ip -n gw link set $port master br0 up
	done
	ip -n gw link set br0 up
	ip -n near link set eth0 address 02:00:00:00:00:02
	ip -n far link set eth0 address $far_mac
	end_in_one_net near 0 eth0
	end_in_one_net far 1 eth0
	links_up in_gw v0 v1 v2 br0
	links_up "in_ns near" eth0
	links_up "in_ns far" eth0
	gw_counts_bridged
	only_ipv4
	in_gw sysctl -qw net.ipv6.conf.all.disable_ipv6=1
}

# to_far COUNT [NAME=VALUE]...
to_far() {
	throw near udp 40000 "$@" to="${far_mac//:/}"
}

# elsewhere - frames that have come to the third port's end
elsewhere() {
	in_ns other cat /sys/class/net/eth0/statistics/rx_packets
}

test_flooded() {
	local before

	in_gw bridge fdb del $far_mac dev v1 master 2>/dev/null
	before=$(elsewhere)
	ok "flooded: all of them" to_far 10
	is "flooded: arrive where nobody denies" $((before + 10)) elsewhere
	is "flooded: nothing is learned" 0 denied
}

test_known() {
	ok "known: far says where it is" throw far udp 1000 1 to=020000000002
	ok "known: tier 1 sees the first" tier1_sees 1 to_far 10
	is "known: by which port it would leave" "v0 v1" \
		flow '.[] | "\(.orig.in) \(.orig.out)"' state denied
	ok "moved: something has" in_gw bridge fdb replace 02:00:00:00:07:07 \
		dev v1 master static
	ok "moved: tier 1 is asked again" tier1_sees 1 to_far 10
	ok "moved: far itself has" in_gw bridge fdb replace $far_mac \
		dev v2 master static
	before=$(elsewhere)
	ok "moved: is where nobody denies" to_far 10
	is "moved: and all arrives" $((before + 10)) elsewhere
}

ktap_start
need bridge conntrack gojq nft python3
load_module pnicfw
bridge_up
ok "ports" ports_add
start_ends near far
deny_all
quiet in_gw pnicfw param set deny-time 600
test_flooded
test_known
finish
