#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 600
#
# A device on top of a port may do more with a packet than hand it on: it has a
# qdisc, tc filters, an nftables chain.  What passes such a device stays in tier 1,
# or it would pass all that by; what does not is none of its business.
#
#	near: eth0.7 ---- v0[.7] (gw) v1[.8] ---- eth0.8 far
#	near: eth0 ------ v0 br0 (gw) v1 -------- eth0 far
set -u
here=$(dirname "$(realpath "$0")")
# shellcheck source=selftests/lib.sh
. "$here/lib.sh"
# shellcheck source=selftests/pnicfw.sh
. "$here/pnicfw.sh"

tc() {
	in_gw tc "$@"
}

# keeps WHAT DEV
keeps() {
	ok "$1: a connection is not cached" minded c 41000 "$2"
}

caches() {
	ok "$1: the connection is cached" speaks c 41000 cached
}

# passed DEV - packets that its qdisc has seen
passed() {
	tc -s -j qdisc show dev "$1" | jq -er '.[0].packets'
}

# sees_all WHAT COMMAND... - of 10 messages more, which COMMAND counts, beside what
# the kernel has to say for itself
sees_all() {
	local what=$1 before

	shift
	before=$("$@")
	ok "$what: 10 messages" ends talk c 10
	ok "$what: it sees all of them" at_least $((before + 10)) "$@"
}

test_vlans() {
	ok "a connection" ends open c udp 41000 10.1.0.2 5001
	caches "plain VLAN devices"

	tc qdisc add dev v1.8 root handle 1: pfifo limit 1000
	keeps "a qdisc" v1.8
	sees_all "a qdisc" passed v1.8
	tc qdisc change dev v1.8 root handle 1: pfifo limit 100
	ok "a qdisc set anew: changes nothing" flow_minded v1.8 41000
	tc qdisc del dev v1.8 root
	caches "no qdisc"

	tc qdisc add dev v0.7 clsact
	keeps "clsact" v0.7
	tc filter add dev v0.7 ingress matchall action drop
	ok "a filter that drops: a message" ends send c near
	is "a filter that drops: it does not arrive" 0 ends pending c far
	tc qdisc del dev v0.7 clsact
	caches "no clsact"

	in_gw nft -f - <<-EOT
		table netdev u {
			counter came { }
			chain in {
				type filter hook ingress device v0.7 priority 0
				udp dport 5001 counter name came
			}
		}
	EOT
	keeps "an nftables chain" v0.7
	counts_in="netdev u"
	sees_all "an nftables chain" counter came
	in_gw nft delete table netdev u
	caches "no nftables chain"

	in_gw ip link add link v1 name v1.9 type vlan id 9
	in_gw ip link set v1.9 up
	tc qdisc add dev v1.9 root handle 1: pfifo limit 1000
	caches "another VLAN's qdisc"
	in_gw ip link del v1.9
	ok "ends" ends fin c
}

# A bridge's own qdisc is for what is sent by the bridge, not for what it switches.
test_bridge() {
	in_gw ip link add br0 type bridge
	in_gw ip link set br0 up
	in_gw ip link set v1 master br0
	gateway_side near v0 eth0 0
	gateway_side far br0 eth0 1
	ok "routed by a bridge: a connection" ends open c udp 41000 10.1.0.2 5001
	caches "routed by a bridge"
	tc qdisc add dev br0 root handle 1: pfifo limit 1000
	keeps "routed by a bridge with a qdisc" br0
	sees_all "routed by a bridge with a qdisc" passed br0
	ok "routed by a bridge: ends" ends fin c
	forget_all

	in_gw ip link set v0 master br0
	in_gw ip addr flush dev br0
	in_gw ip addr flush dev v0
	end_in_one_net near 0 eth0
	end_in_one_net far 1 eth0
	in_gw nft -f - <<-EOT
		table bridge b {
			chain forward {
				type filter hook forward priority 0
				ct state new,established accept
			}
		}
	EOT
	ok "switched: a connection" ends open c udp 41000 10.1.0.2 5001
	caches "switched by a bridge with a qdisc"
	ok "switched: ends" ends fin c
}

ktap_start
need bridge conntrack gojq nft python3 tc
load_module pnicfw
gateway_wires
gateway_forwards
gw_counts_forwarded
ok "ports" ports_add
start_ends near far
between_vlans 802.1Q:7 802.1Q:8 802.1Q:8 test_vlans
test_bridge
finish
