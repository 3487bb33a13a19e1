#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 600
#
# What a cached connection rests on changes: its next packets go through the
# firewall, by the new rules and the new way, and then it is cached again.
#
#	near: 10.0.0.2 eth0 ---- v0 (gw) v1 ---- eth0 far: 10.1.0.2
#	                                 v2 ---- eth1 far: 10.2.0.2
set -u
here=$(dirname "$(realpath "$0")")
# shellcheck source=selftests/lib.sh
. "$here/lib.sh"
# shellcheck source=selftests/pnicfw.sh
. "$here/pnicfw.sh"

second_way() {
	ip -n gw link add v2 address 02:00:00:00:02:01 type veth \
		peer name eth1 address 02:00:00:00:02:02 netns far
	ip -n gw addr add 10.2.0.1/24 dev v2
	ip -n gw link set v2 up
	ip -n far addr add 10.2.0.2/24 dev eth1
	ip -n far link set eth1 up
	ip -n gw neigh replace 10.2.0.2 lladdr 02:00:00:00:02:02 dev v2
	in_gw pnicfw port add dev v2
}

# relearned WHAT - the connection goes on, with a packet or two each way in the
# firewall (the kernel may have more to tell, a moment later), and is cached again
relearned() {
	local what=$1 before

	before=$(counter forwarded)
	ok "$what: the connection goes on" ends talk c 20
	ok "$what: through the firewall at first" \
		between $((before + 2)) $((before + 4)) counter forwarded
	ok "$what: is cached" flow_is cached sport 40000
}

test_rules() {
	local revalidated

	revalidated=$(stat_of revalidated)
	in_gw nft add table inet unrelated
	relearned "a commit"
	is "a commit: both directions were learned again" $((revalidated + 2)) \
		stat_of revalidated
	in_gw nft add rule inet t forward udp dport 5001 counter name dropped drop
	ok "a rule that drops: a message" ends send c near
	is "a rule that drops: meets it" 1 counter dropped
	is "a rule that drops: and nobody else" 0 ends pending c far
	in_gw nft flush chain inet t forward
	in_gw nft add rule inet t forward udp dport 5001 udp sport 40000 accept
	ok "a rule that accepts: is obeyed" ends talk c 5
	ok "a rule that accepts: is cached" flow_is cached sport 40000
}

# in_vain WHAT - a message does not arrive
in_vain() {
	ok "$1: a message" ends send c near
	is "$1: is not let through" 0 ends pending c far
}

# silenced - a message does not arrive any more
silenced() {
	ends send c near && [ "$(ends pending c far)" = 0 ]
}

test_ipsec() {
	if ! quiet in_gw ip xfrm policy show; then
		skip "an IPsec policy" "no IPsec in this kernel"
		return
	fi
	ok "an IPsec policy that blocks" ipsec_policy add block
	in_vain "an IPsec policy that blocks"
	ok "without it" ipsec_policy delete
	relearned "without it"
	ok "IPsec blocks by default" in_gw ip xfrm policy setdefault fwd block
	ok "IPsec blocks by default: within a round" wait_for 10 silenced
	ok "IPsec blocks no more" in_gw ip xfrm policy setdefault fwd accept
	ok "IPsec blocks no more: within a round" wait_for 10 ends talk c 1
	ok "IPsec blocks no more: is cached" speaks c 40000 cached
}

# forwards FAMILY DEV 0|1 - may what comes in there be forwarded?
forwards() {
	in_gw sysctl -qw "net.$1.conf.$2.forwarding=$3"
}

# check_forwarding FAMILY DEV - switched off and on again
check_forwarding() {
	local what="$1 forwarding of $2"

	ok "$what: is off" forwards "$1" "$2" 0
	in_vain "$what: off"
	ok "$what: is on" forwards "$1" "$2" 1
	ok "$what: the connection goes on" ends talk c 10
	ok "$what: is cached again" speaks c 40000 cached
}

test_forwarding() {
	check_forwarding ipv4 v0
	check_forwarding ipv4 all
}

test_routes() {
	local before

	before=$(counter forwarded)
	in_gw ip route add 10.77.0.0/16 via 10.1.0.2
	ok "an unrelated route: the connection goes on" ends talk c 20
	ok "an unrelated route: with no more in the firewall than elsewhere" \
		between "$before" $((before + 4)) counter forwarded
	ok "an unrelated route: is cached" flow_is cached sport 40000
	quiet ends watch far eth0
	in_gw ip route add 10.1.0.2/32 via 10.2.0.2
	relearned "another way"
	is "another way: is taken" v2 flow '.[].orig.out' sport 40000
	is "another way: instead of the old one" none ends seen far
	in_gw ip route del 10.1.0.2/32
	relearned "the old way again"
	is "the old way again: is taken" v1 flow '.[].orig.out' sport 40000
}

# A nexthop that routes name is another one: no route has changed.
test_nexthop() {
	ok "nexthops" in_gw ip -b - <<-EOT
		nexthop add id 1 via 10.1.0.2 dev v1
		nexthop add id 2 via 10.2.0.2 dev v2
		nexthop add id 10 group 1
		route add 10.1.0.2/32 nhid 1
	EOT
	relearned "a route by a nexthop"
	is "a route by a nexthop: is taken" v1 flow '.[].orig.out' sport 40000
	in_gw ip nexthop replace id 1 via 10.2.0.2 dev v2
	relearned "another nexthop"
	is "another nexthop: is taken" v2 flow '.[].orig.out' sport 40000
	in_gw ip nexthop replace id 1 via 10.1.0.2 dev v1
	relearned "the old nexthop"
	in_gw ip route replace 10.1.0.2/32 nhid 10
	relearned "a group"
	in_gw ip nexthop replace id 10 group 2
	relearned "another group"
	is "another group: is taken" v2 flow '.[].orig.out' sport 40000
	in_gw ip route del 10.1.0.2/32
	in_gw ip nexthop flush >/dev/null
	relearned "no nexthop"
	is "no nexthop: the connected route is taken" v1 flow '.[].orig.out' \
		sport 40000
}

test_neighbour() {
	local new=02:00:00:00:01:77

	quiet ends watch far eth0
	ip -n far link set eth0 address $new
	ip -n far neigh replace 10.1.0.1 lladdr 02:00:00:00:01:01 dev eth0
	quiet ends seen far
	in_gw ip neigh replace 10.1.0.2 lladdr $new dev v1
	relearned "a neighbour's new address"
	is "a neighbour's new address: is the only one used" $new ends seen far
}

test_port() {
	in_gw ip link set v1 mtu 1400
	relearned "a smaller MTU"
	in_gw ip link set v1 mtu 1500
	relearned "the old MTU"

	in_gw ip link set v1 address 02:00:00:00:01:88
	ip -n far neigh replace 10.1.0.1 lladdr 02:00:00:00:01:88 dev eth0
	relearned "the port's new address"

	in_gw ip link set v1 down
	ok "the port goes down: a message" ends send c near
	is "the port goes down: is lost" 0 ends pending c far
	in_gw ip link set v1 up
	in_gw ip neigh replace 10.1.0.2 lladdr 02:00:00:00:01:77 dev v1
	relearned "the port comes up"
}

# A rule that speaks of names means another device once the port has another one;
# newer kernels rename a device that is up.
test_rename() {
	in_gw nft insert rule inet t forward oifname uplink counter name dropped drop
	ok "a rule of another name: the connection goes on" speaks c 40000 cached
	if ! in_gw ip link set v1 name uplink 2>/dev/null; then
		skip "the port's new name" "this kernel renames no device that is up"
		return
	fi
	in_vain "the port's new name"
	ok "the port's old name" in_gw ip link set uplink name v1
	ok "the port's old name: the connection goes on" speaks c 40000 cached
}

# The far end's address changes and nobody says so: the kernel finds out if it is
# told that the neighbour is used, which the cache alone knows.
test_silent_neighbour() {
	local mac

	mac=$(in_ns far cat /sys/class/net/eth0/address)
	ok "silence: a neighbour that is asked soon" in_gw sysctl -qw \
		net.ipv4.neigh.v1.base_reachable_time_ms=1000 \
		net.ipv4.neigh.v1.delay_first_probe_time=1 \
		net.ipv4.neigh.v1.retrans_time_ms=100
	in_gw pnicfw param set age-interval 200
	in_gw ip neigh replace 10.1.0.2 lladdr "$mac" dev v1 nud stale
	ok "silence: the connection goes on" ends talk c 5
	ok "silence: is cached" speaks c 40000 cached
	mac=$(in_gw cat /sys/class/net/v1/address)
	ip -n far link set eth0 address 02:00:00:00:01:99
	ip -n far neigh replace 10.1.0.1 lladdr "$mac" dev eth0 nud permanent
	ok "silence: the far end's new address is found" wait_for 30 heard
	ok "silence: the connection goes on" speaks c 40000 cached
}

# heard - messages arrive
heard() {
	ends send c near && [ "$(ends pending c far)" != 0 ]
}

ktap_start
need conntrack gojq nft python3
load_module pnicfw
gateway_veth
only_ipv4
gw_counts_forwarded
in_gw nft add counter inet t dropped
ok "ports" ports_add
ok "another port" second_way
start_ends near far
ok "a connection" ends open c udp 40000 10.1.0.2 5001
ok "talks" ends talk c 10
ok "is cached" flow_is cached sport 40000
test_rules
in_gw nft flush chain inet t forward
in_gw nft add rule inet t forward meta l4proto udp counter name forwarded
ok "talks" ends talk c 10
test_ipsec
test_forwarding
test_routes
test_nexthop
test_neighbour
test_port
test_rename
test_silent_neighbour
finish
