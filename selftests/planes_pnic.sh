#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 600
#
# Two virtual machines behind the functions of one PNIC: routed by the NIC's
# own Linux, between VLANs or not, or bridged by it, their connections are cached,
# and offloaded, for the eswitch joins function to function.
#
#	near: nic0vf0 ==== pf0vf0 ---- router or bridge ---- pf0vf1 ==== nic0vf1 far
set -u
here=$(dirname "$(realpath "$0")")
# shellcheck source=selftests/lib.sh
. "$here/lib.sh"
# shellcheck source=selftests/pnicfw.sh
. "$here/pnicfw.sh"

# bridge_up - both machines in one network
bridge_up() {
	local ns n=0

	ip link add br0 type bridge forward_delay 0
	defer ip link del br0
	for ns in near far; do
		ip addr flush dev pf0vf$n
		ip link set pf0vf$n master br0
		ip -n $ns addr flush dev nic0vf$n
		end_in_one_net $ns $n nic0vf$n
		n=1
	done
	ip link set br0 up
	gw_counts_bridged
}

# Right after a plane has been set up more may happen, a link that comes up for one:
# then a connection leaves the eswitch once more, and gets in again.
unseen() {
	local before

	before=$(trapped)
	ends talk o 10 1000 && [ "$(trapped)" = "$before" ]
}

in_again() {
	wait_for 20 eval 'ends talk o 1; rules_are 2'
}

# check_offloaded WHAT PROTOCOL SPORT - the eswitch carries it, the kernel sees
# no more of it, and data arrive as they were sent
check_offloaded() {
	local what="$1: $2 offloaded"

	ok "$what" offload o "$2" "$3"
	ok "$what: talks on" ends talk o 50 1000
	ok "$what: the kernel sees none of it" wait_for 20 unseen
	ok "$what: two rules" in_again
	ok "$what: ends" ends fin o
	forget_all
	ok "$what: its rules go" wait_for 10 rules_are 0
}

check_both() {
	ok "$1: without hardware" pnicfw param set hw off
	check_plane "$1"
	forget_all
	ok "$1: with hardware" pnicfw param set hw on hw-after 4 age-interval 100
	check_offloaded "$1" tcp "$2"
	check_offloaded "$1" udp "$(($2 + 1))"
}

# all_in_hw PACKETS-TO-COUNT COMMAND... - of a connection's messages the kernel sees
# none, and the eswitch counts each packet; right after a plane has been set up
# there may be others
all_in_hw() {
	local trapped counted wanted=$1

	shift
	trapped=$(trapped) counted=$(hw_packets) || return
	"$@" || return
	is_now "frames trapped" "$trapped" "$(trapped)" &&
		is_now "counted" $((counted + wanted)) "$(hw_packets)"
}

hw_packets() {
	flow '.[] | .orig.hw.packets + .reply.hw.packets'
}

is_now() {
	echo "$1: $3, wanted $2"
	[ "$3" = "$2" ]
}

check_vlans() {
	ok "$1: offloaded" offload o udp 43000
	ok "$1: the eswitch carries and counts all" wait_for 20 \
		all_in_hw 40 ends talk o 20 1000
	ok "$1: two rules" in_again
	quiet ends fin o
	forget_all
	ok "$1: its rules go" wait_for 10 rules_are 0
}

# check_no_rule NAME - as mlx5, the eswitch has no rule that takes two tags off and
# puts others on
check_no_rule() {
	ok "$1: a connection" ends open o udp 43000 10.1.0.2 5001
	ok "$1: is cached, as the driver cannot" wait_for 20 eval \
		'ends talk o 5; cached_for_driver'
	is "$1: its way and back" "pf0vf0 pf0vf1 pf0vf1 pf0vf0" flow '.[] |
		[.orig.in, .orig.out, .reply.in, .reply.out] | join(" ")'
	is "$1: no rule" 0 rules
	quiet ends fin o
	forget_all
}

cached_for_driver() {
	[ "$(flow '.[] | "\(.state) \(."hw-errno")"')" = "cached EOPNOTSUPP" ]
}

# vlans NAME NEAR-TAGS FAR-TAGS
vlans() {
	between_vlans "$2" "$3" "$3" check_vlans "$1"
}

ktap_start
need conntrack gojq nft python3
load_sim functions=2
load_module pnicfw
gateway_sim pf0vf1 nic0vf1
gw_counts_forwarded
ok "ports" ports_add
start_ends near far
check_both routed 41000
forget_all
vlans "VLAN pushed and popped" "" 802.1Q:8
vlans "QinQ pushed and popped" "" "802.1ad:100 802.1Q:7"
vlans "VLAN to VLAN" 802.1Q:7 802.1Q:8
between_vlans "802.1ad:100 802.1Q:7" "802.1ad:200 802.1Q:8" \
	"802.1ad:200 802.1Q:8" check_no_rule "QinQ to QinQ"
bridge_up
check_both bridged 42000
finish
