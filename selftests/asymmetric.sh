#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 600
#
# The way back is not the way there: replies come by a device that is no port,
# or by another port. What can be cached is, and all arrives and is counted.
#
#	near: 10.0.0.2 eth0 ---- v0 (gw) v1 ---> eth0 far: 10.1.0.2
#	                                 v2 <--- eth1      10.2.0.2
#	near: 10.0.0.2 nic0vf0 ==== pf0vf0 (this namespace) p0 ====> wire0   far: 10.1.0.2
#	                                                pf0vf1 <==== nic0vf1      10.2.0.2
set -u
here=$(dirname "$(realpath "$0")")
# shellcheck source=selftests/lib.sh
. "$here/lib.sh"
# shellcheck source=selftests/pnicfw.sh
. "$here/pnicfw.sh"

# back_by GW-DEV END-DEV - from far by other devices
back_by() {
	in_gw sysctl -qw net.ipv4.conf.all.rp_filter=0 \
		"net.ipv4.conf.$1.rp_filter=0"
	in_ns far sysctl -qw net.ipv4.conf.all.rp_filter=0 \
		net.ipv4.conf."$dev_far".rp_filter=0
	no_own_addresses far "$1" "$2"
	gateway_side far "$1" "$2" 2
	ip -n far route replace default via 10.2.0.1 dev "$2" src 10.1.0.2
	links_up in_gw "$1"
}

# way SPORT - where the two directions come in and leave, as far as is known
way() {
	flow '.[] | [.state, .orig.in, .orig.out, .reply.in, .reply.out] |
		map(. // "-") | join(" ")' sport "$1"
}

# is_way WAY SPORT
is_way() {
	[ "$(way "$2")" = "$1" ]
}

# reaches NAME SPORT WAY - a message, and another, until its way is known
reaches() {
	wait_for 20 eval "ends talk $1 1; is_way '$3' $2"
}

# counted SPORT - tier by tier no more and no less than conntrack has
counted() {
	local tiers ct

	tiers=$(flow '.[] | [(.orig, .reply) | .firewall.bytes + .cache.bytes +
		.hw.bytes | tostring] | join(" ")' sport "$1")
	ct=$(in_gw conntrack -L -p tcp --orig-port-src "$1" 2>/dev/null |
		grep -o 'bytes=[0-9]*' | cut -d= -f2 | xargs)
	echo "tiers $tiers, conntrack $ct"
	[ "$tiers" = "$ct" ]
}

# sees LEAST MOST COMMAND... - the firewall, while COMMAND runs
sees() {
	local least=$1 most=$2 before n

	shift 2
	before=$(counter forwarded)
	"$@" || return
	n=$(($(counter forwarded) - before))
	echo "$n, of $least to $most"
	[ "$n" -ge "$least" ] && [ "$n" -le "$most" ]
}

test_no_port() {
	ok "no port: a connection" ends open c tcp 40000 10.1.0.2 5001
	ok "no port: the way there is cached, that back is not seen" \
		reaches c 40000 "cached v0 v1 - -"
	ok "no port: the firewall sees the answers only" sees 50 60 ends talk c 50
	ok "no port: 1 MB each way arrives" ends exchange c 1000000
	ok "no port: counts it" wait_for 10 counted 40000
	ok "no port: becomes one" in_gw pnicfw port add dev v2
	ok "no port: is cached, too" reaches c 40000 "cached v0 v1 v2 v0"
	ok "port: the firewall sees none of it" sees 0 0 ends talk c 50
	ok "port: 1 MB each way arrives" ends exchange c 1000000
	ok "port: counts it" wait_for 10 counted 40000
	ok "no port again" in_gw pnicfw port del dev v2
	ok "no port again: goes on" ends talk c 20
	ok "no port again: the way there is cached" \
		reaches c 40000 "cached v0 v1 - -"
	ok "no port again: ends" ends fin c
	ok "no port again: leaves pnicfw" wait_for 10 flow_gone sport 40000
}

test_hardware() {
	ok "eswitch: a connection" ends open c tcp 40001 10.1.0.2 5001
	ok "eswitch: talks" ends talk c 40
	ok "eswitch: does not have it" reaches c 40001 "cached pf0vf0 p0 - -"
	is "eswitch: not one direction of it" 0 rules
	is "eswitch: it says so" "one direction is not learned" \
		flow '.[]."hw-reason"' sport 40001
	ok "eswitch: the way back is by a port" pnicfw port add dev pf0vf1
	ok "eswitch: has it" reaches c 40001 "offloaded pf0vf0 p0 pf0vf1 pf0vf0"
	ok "eswitch: 200 kB each way arrive" ends exchange c 200000
	ok "eswitch: the firewall sees none of it" sees 0 0 ends talk c 20
	ok "eswitch: counts it" wait_for 10 counted 40001
	ok "eswitch: the way back is drained" pnicfw port set dev pf0vf1 drain on
	is "eswitch: has none of it" 0 rules
	ok "eswitch: goes on" ends exchange c 200000
	ok "eswitch: ends" ends fin c
}

ktap_start
need conntrack gojq nft python3
load_sim
load_pnicfw
gateway_veth
ip -n gw link add v2 type veth peer name eth1 netns far
back_by v2 eth1
only_ipv4
gw_counts_forwarded
ok "ports" ports_add
start_ends near far
test_no_port
end_ns near gw far
gateway_sim
ip link set nic0vf1 netns far
back_by pf0vf1 nic0vf1
only_ipv4
gw_counts_forwarded
ok "ports" ports_add
start_ends near far
test_hardware
finish
