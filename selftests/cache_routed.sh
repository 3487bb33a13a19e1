#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 600
#
# Routed connections, TCP and UDP, IPv4 and IPv6: they become cached, their
# packets pass the firewall by, and the data arrive as they were sent.  There are
# cache-limit of them at most.
#
#	near: 10.0.0.2 eth0 ---- v0 (gw) v1 ---- eth0 far: 10.1.0.2
#	      fd00::2                                      fd01::2
set -u
here=$(dirname "$(realpath "$0")")
# shellcheck source=selftests/lib.sh
. "$here/lib.sh"
# shellcheck source=selftests/pnicfw.sh
. "$here/pnicfw.sh"

# An entry that no lower tier hides
conntrack_shows() {
	in_gw conntrack -L -p tcp --sport 40000 >"$ktap_output.ct" 2>&1
	cat "$ktap_output.ct"
	grep -q 'ESTABLISHED.*ASSURED' "$ktap_output.ct" &&
		! grep -q OFFLOAD "$ktap_output.ct"
}

# left_out - packets that taught nothing as there were cache-limit records
left_out() {
	stat_of '"not-learned"["table of records is full"] // 0'
}

test_limit() {
	local n before

	ok "limit: of two" in_gw pnicfw param set cache-limit 2
	is "limit: nothing has met it" 0 left_out
	for n in 1 2 3 4; do
		ok "limit: connection $n" ends open l$n udp 4100$n 10.1.0.2 5001
		ok "limit: connection $n talks" ends talk l$n 5
	done
	is "limit: two are cached" "41001 cached 41002 cached" flow \
		'sort_by(.orig.sport) | map("\(.orig.sport) \(.state)") | join(" ")'
	# Each packet of the other two, but the very first, which has no reply
	is "limit: packets of the others are counted" 22 left_out
	before=$(counter forwarded)
	ok "limit: the others go on" eval 'ends talk l3 5 && ends talk l4 5'
	is "limit: in tier 1" $((before + 20)) counter forwarded
	ok "limit: is raised" in_gw pnicfw param set cache-limit 4
	ok "limit: the others talk" eval 'ends talk l3 5 && ends talk l4 5'
	is "limit: are cached" "cached cached cached cached" flow \
		'map(.state) | join(" ")'
	for n in 1 2 3 4; do
		quiet ends fin l$n
	done
	forget_all
}

ktap_start
need conntrack gojq nft python3
load_module pnicfw
gateway_veth
gw_counts_forwarded
ok "ports" ports_add
start_ends near far
for proto in tcp udp; do
	check_cached $proto 10.0.0.2 10.1.0.2
	check_cached $proto fd00::2 fd01::2
done
forget_all
ok "none is left" wait_for 10 flow_gone
test_limit
ok "a connection" ends open c tcp 40000 10.1.0.2 5001
ok "talks" ends talk c 10
ok "conntrack shows it with its state" conntrack_shows
is "no packet changed without explanation" 0 \
	stat_of '"not-learned"."unexplained change" // 0'
finish
