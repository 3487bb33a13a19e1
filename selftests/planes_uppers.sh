#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 600
#
# The gateway's address is not the port's own but that of a device on top of
# it: a macvlan, or a bond over two ports.
#
#	near: eth0 ---- v0 (gw: m0) v1 ---- eth0 \ far: bond0
#	                            v2 ---- eth1 /
set -u
here=$(dirname "$(realpath "$0")")
# shellcheck source=selftests/lib.sh
. "$here/lib.sh"
# shellcheck source=selftests/pnicfw.sh
. "$here/pnicfw.sh"

flush() {
	forget_all
	ip -n near addr flush dev eth0
	ip -n gw addr flush dev v0
	ip -n gw addr flush dev v1
	ip -n far addr flush dev eth0
}

test_macvlan() {
	ip -n gw link add link v0 name m0 address 02:00:00:00:00:11 \
		type macvlan mode bridge
	ip -n gw link add link v1 name m1 address 02:00:00:00:01:11 \
		type macvlan mode bridge
	gateway_addresses m0 eth0 m1 eth0
	check_plane macvlan
	forget_all
	ip -n gw link del m0
	ip -n gw link del m1
	flush
}

# bond NS DEV DEV MODE...
bond() {
	local ns=$1 a=$2 b=$3

	shift 3
	ip -n "$ns" link set "$a" down
	ip -n "$ns" link set "$b" down
	ip -n "$ns" link add bond0 type bond mode "$@" miimon 50
	ip -n "$ns" link set "$a" master bond0
	ip -n "$ns" link set "$b" master bond0
	ip -n "$ns" link set bond0 up
}

# carries NS DEV - the bond thinks that it may send by DEV
carries() {
	[ "$(ip -n "$1" -j -d link show "$2" |
		jq -r '.[].linkinfo.info_slave_data.mii_status')" = UP ]
}

bonds() {
	bond gw v1 v2 "$@"
	bond far eth0 eth1 "$@"
	ok "bond $1: is up" wait_for 10 eval "carries gw v1 && carries gw v2 &&
		carries far eth0 && carries far eth1"
	gateway_addresses v0 eth0 bond0 bond0
}

unbond() {
	forget_all
	ip -n gw link del bond0
	ip -n far link del bond0
	flush
	for dev in v1 v2; do ip -n gw link set $dev up; done
	for dev in eth0 eth1; do ip -n far link set $dev up; done
}

# out_of SPORT - port of exit of a connection's original direction
out_of() {
	flow '.[].orig.out' sport "$1"
}

# The link of the active port is lost: not by its own device going down, but by
# its peer's.
test_failover() {
	local before

	ok "failover: a connection" ends open f udp 41000 10.1.0.2 5001
	ok "failover: talks" ends talk f 5
	is "failover: goes by the active port" v1 out_of 41000
	ip -n far link set eth0 down
	ok "failover: the bond notices" wait_for 10 eval "! carries gw v1 &&
		! carries far eth0"
	ok "failover: goes on" ends talk f 10
	is "failover: by the other port" v2 out_of 41000
	before=$(counter forwarded)
	ok "failover: talks on" ends talk f 10
	is "failover: is cached" "$before" counter forwarded
	ok "failover: ends" ends fin f
}

test_bond() {
	ip -n gw link add v2 type veth peer name eth1 netns far
	ip -n gw link set v2 up
	ok "a second uplink" in_gw pnicfw port add dev v2
	bonds active-backup
	in_gw ip link set bond0 type bond active_slave v1
	in_ns far ip link set bond0 type bond active_slave eth0
	check_plane "bond active-backup"
	test_failover
	unbond

	# Which port a connection takes is up to its hash, in both directions
	bonds balance-xor xmit_hash_policy layer2
	hashed tcp 10.0.0.2 10.1.0.2
	hashed udp fd00::2 fd01::2
	test_another_hash
	unbond
}

# Which not every way to set it is told of as a change of the device
test_another_hash() {
	local before

	ok "another hash: a connection" ends open h udp 42001 10.1.0.2 5001
	ok "another hash: is cached" speaks h 42001 cached
	before=$(counter forwarded)
	in_gw sh -c \
		'echo layer3+4 >/sys/class/net/bond0/bonding/xmit_hash_policy'
	ok "another hash: goes on" ends talk h 1
	ok "another hash: through the firewall at first" \
		at_least $((before + 2)) counter forwarded
	ok "another hash: is cached again" speaks h 42001 cached
	ok "another hash: ends" ends fin h
}

# hashed PROTOCOL SRC DST - the way of one connection is that of all between
# the same MAC addresses and with the same Ethernet type
hashed() {
	way_cached=$(way_of_hash "$3")
	plane_carries "bond balance-xor" "$@"
	way_cached=
}

# whole_way DST - the probe's, once it is known in both directions
whole_way() {
	ends talk h 1 && flow '.[] | [.orig.in, .orig.out, .reply.in, .reply.out] |
		select(all) | join(" ")' sport 42000 dst "$1"
}

way_of_hash() {
	ends open h udp 42000 "$1" 5001 >/dev/null
	wait_for 10 whole_way "$1" >/dev/null
	whole_way "$1"
	ends fin h
}

ktap_start
need conntrack gojq nft python3
load_module pnicfw
gateway_wires
gw_counts_forwarded
ok "ports" ports_add
start_ends near far
test_macvlan
test_bond
is "no packet changed without explanation" 0 \
	stat_of '"not-learned"."unexplained change" // 0'
finish
