#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 600
#
# Connections across a VLAN-aware bridge that conntrack follows are cached,
# whether the bridge takes tags off, puts them on or leaves them; and none
# passes where the bridge would not let it.
#
#	                             (gw) br0
#	near: 10.0.0.2 eth0[.VID] ---- v0 | v1 ---- eth0[.VID] far: 10.1.0.2
#
# Both are in one network here, 10.0.0.0/15 and fd00::/15.
set -u
here=$(dirname "$(realpath "$0")")
# shellcheck source=selftests/lib.sh
. "$here/lib.sh"
# shellcheck source=selftests/pnicfw.sh
. "$here/pnicfw.sh"

bridge_up() {
	ip -n gw link add br0 type bridge forward_delay 0 vlan_filtering 1 \
		vlan_default_pvid 0
	ip -n gw link set v0 master br0
	ip -n gw link set v1 master br0
	ip -n gw link set br0 up
	gw_counts_bridged
}

# end NS N VID - its address, on a VLAN device unless VID is empty; $dev
end() {
	local ns=$1 n=$2

	dev=eth0${3:+.$3}
	ip -n "$ns" link set eth0 address "02:00:00:00:0$n:02"
	[ -z "$3" ] ||
		ip -n "$ns" link add link eth0 name "$dev" type vlan id "$3"
	end_in_one_net "$ns" "$n" "$dev"
}

no_end() {
	local ns

	for ns in near far; do
		ip -n $ns -j link show type vlan | jq -r '.[].ifname // empty' |
			while read -r dev; do
				ip -n $ns link del "$dev"
			done
		ip -n $ns addr flush dev eth0
	done
	forget_all
}

# ports_vlans V0 V1 - the VLAN of each port: VID and flags
ports_vlans() {
	in_gw bridge vlan del dev v0 vid 1-4094
	in_gw bridge vlan del dev v1 vid 1-4094
	# shellcheck disable=SC2086 # VID and flags
	in_gw bridge vlan add dev v0 vid $1
	# shellcheck disable=SC2086
	in_gw bridge vlan add dev v1 vid $2
}

# bridged NAME NEAR-VID FAR-VID V0 V1
bridged() {
	ports_vlans "$4" "$5"
	end near 0 "$2"
	end far 1 "$3"
	check_plane "$1"
	no_end
}

# A port leaves the VLAN: nobody tells the cache but the bridge's table
test_leaves() {
	ports_vlans "7 pvid untagged" "7 pvid untagged"
	end near 0 ""
	end far 1 ""
	ok "leaving: a connection" ends open l udp 41000 10.1.0.2 5001
	ok "leaving: talks" ends talk l 5
	ok "leaving: is cached" flow_is cached sport 41000
	in_gw bridge vlan del dev v1 vid 7
	in_gw bridge vlan add dev v1 vid 8 pvid untagged
	ok "leaving: a message" ends send l near
	is "leaving: does not arrive in another VLAN" 0 ends pending l far
	in_gw bridge vlan add dev v1 vid 7 pvid untagged
	ok "leaving: comes back, and the connection goes on" ends talk l 5
	ok "leaving: is cached again" flow_is cached sport 41000

	# Which is not said of the port
	in_gw bridge vlan set dev v1 vid 7 state 0
	ok "disabled for the VLAN: a message" ends send l near
	is "disabled for the VLAN: does not arrive" 0 ends pending l far
	in_gw bridge vlan set dev v1 vid 7 state 3
	ok "enabled for the VLAN: the connection goes on" ends talk l 5
	ok "enabled for the VLAN: is cached again" flow_is cached sport 41000

	# A bridge without STP would not leave it in any other state
	in_gw bridge link set dev v1 state 0
	ok "disabled: a message" ends send l near
	is "disabled: does not arrive" 0 ends pending l far
	in_gw bridge link set dev v1 state 3
	ok "enabled: the connection goes on" ends talk l 5
	ok "leaving: ends" ends fin l
	no_end
}

# A bridge tells of its ports when they change, and now and then when not
test_told_again() {
	local before

	ports_vlans "7 pvid untagged" "7 pvid untagged"
	end near 0 ""
	end far 1 ""
	ok "told again: a connection" ends open a udp 41001 10.1.0.2 5001
	ok "told again: talks" ends talk a 5
	before=$(counter forwarded)
	in_gw bridge link set dev v1 learning on
	ok "told again: talks on" ends talk a 5
	is "told again: past tier 1" "$before" counter forwarded
	in_gw bridge link set dev v1 learning off
	ok "told news: talks on" ends talk a 5
	ok "told news: tier 1 decides again" at_least $((before + 2)) counter forwarded
	in_gw bridge link set dev v1 learning on
	ok "told again: ends" ends fin a
	no_end
}

ktap_start
need bridge conntrack gojq nft python3
load_module pnicfw
gateway_wires
bridge_up
ok "ports" ports_add
start_ends near far
bridged "PVID on both ports" "" "" "7 pvid untagged" "7 pvid untagged"
bridged "untagged to tagged" "" 7 "7 pvid untagged" 7
bridged "tagged to untagged" 7 "" 7 "7 pvid untagged"
bridged "tagged on both ports" 7 7 7 7
in_gw ip link set br0 type bridge vlan_filtering 0
bridged "no filtering, with tags" 7 7 7 7
in_gw ip link set br0 type bridge vlan_filtering 1
test_leaves
test_told_again
finish
