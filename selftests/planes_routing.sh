#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 600
#
# Who decides on the way is not one table of routes: policy routing by source
# and by firewall mark, equal-cost multipath, a VRF; all are cached, and
# packets go where the slow path sends them.
#
#	near: 10.0.0.2 eth0 ---- v0 (gw) v1 ---- eth0 far: 10.1.0.2
#	                                 v2 ---- eth1 far: 10.2.0.2
#	                                              lo: 10.9.0.1 to .8, fd09::1
set -u
here=$(dirname "$(realpath "$0")")
# shellcheck source=selftests/lib.sh
. "$here/lib.sh"
# shellcheck source=selftests/pnicfw.sh
. "$here/pnicfw.sh"

second_way() {
	local n

	ip -n gw link add v2 type veth peer name eth1 netns far
	gateway_side far v2 eth1 2
	for n in {1..8}; do
		ip -n far addr add "10.9.0.$n/32" dev lo
	done
	ip -n far addr add fd09::1/128 dev lo nodad
	ip -n far route replace default via 10.1.0.1
	ip -n far route replace default via fd01::1
	in_gw pnicfw port add dev v2
}

# by PORT NAME SRC DST - the way there is by PORT; back it is always by v1
by() {
	way_cached="v0 $1 v1 v0"
	plane_carries "$2" udp "$3" "$4"
	way_cached=''
}

test_policy_routing() {
	in_gw ip route add 10.9.0.0/16 via 10.1.0.2
	in_gw ip route add fd09::/16 via fd01::2
	by v1 "main table" 10.0.0.2 10.9.0.1
	in_gw ip route add 10.9.0.0/16 via 10.2.0.2 table 100
	in_gw ip rule add from 10.0.0.2 table 100
	by v2 "rule by source" 10.0.0.2 10.9.0.1
	in_gw ip rule del from 10.0.0.2 table 100
	in_gw ip rule add fwmark 5 table 100
	by v1 "rule by mark, without mark" 10.0.0.2 10.9.0.1
	in_gw nft -f - <<-EOT
		table inet m {
			chain prerouting {
				type filter hook prerouting priority mangle
				ip daddr 10.9.0.1 ct mark set 5 meta mark set ct mark
			}
		}
	EOT
	by v2 "rule by mark" 10.0.0.2 10.9.0.1
	in_gw nft delete table inet m
	in_gw ip rule del fwmark 5 table 100
	in_gw ip -6 route add fd09::/16 via fd02::2 table 100
	in_gw ip -6 rule add from fd00::2 table 100
	by v2 "IPv6 rule by source" fd00::2 fd09::1
	in_gw ip -6 rule del from fd00::2 table 100
	in_gw ip route flush table 100
}

# each COMMAND... - for each of eight connections, m1 to m8, with N for its
# number
each() {
	local n

	for n in {1..8}; do
		eval "${*//N/$n}" || return
	done
}

# outs - the ports by which they go out, in order
outs() {
	flow '[.[] | select(.orig.sport > 43000)] | sort_by(.orig.sport) |
		map(.orig.out) | join(" ")'
}

# rules_that_agree - a rule for each: it leaves where pnicfw says
rules_that_agree() {
	in_gw nft add chain inet t out \
		"{ type filter hook postrouting priority 0; }"
	each 'in_gw nft add rule inet t out udp sport 4300N oifname \
		"$(flow ".[].orig.out" sport 4300N)" counter name agrees'
}

# Many connections, so that both ways are taken; where each goes is compared
# with where the firewall sees it go.
test_ecmp() {
	local before

	in_gw ip route replace 10.9.0.0/16 nexthop via 10.1.0.2 dev v1 \
		nexthop via 10.2.0.2 dev v2
	in_gw sysctl -qw net.ipv4.fib_multipath_hash_policy=1
	ok "multipath: connections" \
		each ends open mN udp 4300N 10.9.0.N 5001
	ok "multipath: talk" each ends talk mN 3
	ok "multipath: all are cached" flow '
		[.[] | select(.orig.sport > 43000) | .state == "cached"] |
		length == 8 and all'
	ok "multipath: by both ways" flow '
		[.[] | select(.orig.sport > 43000).orig.out] | unique | length == 2'
	before=$(counter forwarded)
	ok "multipath: talk on" each ends talk mN 10
	is "multipath: the firewall sees no more" "$before" counter forwarded
	in_gw sysctl -qw net.ipv4.fib_multipath_hash_policy=0
	ok "multipath: another hash" each ends talk mN 1
	ok "multipath: through the firewall at first" \
		at_least $((before + 16)) counter forwarded
	in_gw sysctl -qw net.ipv4.fib_multipath_hash_policy=1
	ok "multipath: are cached again" each ends talk mN 3
	ok "multipath: rules" rules_that_agree
	ok "multipath: talk, through the firewall at first" each ends send mN near
	is "multipath: each goes where the firewall sends it" 8 counter agrees
	ok "multipath: arrives" each quiet ends pending mN far
	in_gw ip route replace 10.9.0.0/16 nexthop via 10.2.0.2 dev v2
	ok "multipath: a way less" each ends talk mN 3
	is "multipath: all take the other" "v2 v2 v2 v2 v2 v2 v2 v2" outs
	in_gw nft delete chain inet t out
	ok "multipath: end" each ends fin mN
	in_gw ip route del 10.9.0.0/16
}

test_vrf() {
	forget_all
	ip -n gw link add red type vrf table 200
	ip -n gw link set red up
	ip -n gw link set v0 master red
	ip -n gw link set v1 master red
	gateway_addresses
	check_plane VRF
	forget_all
	ip -n gw link del red
	gateway_addresses
	check_plane "no VRF"
}

ktap_start
need conntrack gojq nft python3
load_module pnicfw
gateway_veth
gw_counts_forwarded
in_gw nft add counter inet t agrees
ok "ports" ports_add
ok "another port" second_way
start_ends near far
test_policy_routing
test_ecmp
test_vrf
is "no packet changed without explanation" 0 \
	stat_of '"not-learned"."unexplained change" // 0'
finish
