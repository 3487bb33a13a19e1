#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 900
#
# Connections routed between VLANs, or from a VLAN to where there is none, are
# cached: 802.1Q, 802.1ad and both, the tag in the packet or beside it.
#
#	near: eth0[.OUTER[.INNER]] ---- v0[...] (gw) v1[...] ---- eth0[...] far
set -u
here=$(dirname "$(realpath "$0")")
# shellcheck source=selftests/lib.sh
. "$here/lib.sh"
# shellcheck source=selftests/pnicfw.sh
. "$here/pnicfw.sh"

# stack NS DEV [PROTOCOL:VID[:OPTION]...] - VLAN devices one on the other, the
# outermost tag first; $top is the uppermost
stack() {
	local ns=$1 tag proto vid option batch=''

	top=$2
	shift 2
	for tag; do
		IFS=: read -r proto vid option <<<"$tag"
		batch+="link add link $top name $top.$vid type vlan \
			protocol $proto id $vid ${option//-/ }
			link set $top.$vid up
		"
		top=$top.$vid
	done
	ip -n "$ns" -b - <<<"$batch" || bail "no VLAN devices"
}

# unstack NS DEV [TAG...] - the devices on top of it, and its own addresses
unstack() {
	local vid

	IFS=: read -r _ vid _ <<<"${3:-}"
	ip -n "$1" -b - <<-EOT
		${vid:+link del $2.$vid}
		addr flush dev $2
	EOT
}

# vlans NAME NEAR-TAGS FAR-TAGS [GATEWAY-FAR-TAGS]
vlans() {
	local gw_near end_near gw_far end_far

	# shellcheck disable=SC2086 # a word a tag
	{
		stack near eth0 $2
		end_near=$top
		stack gw v0 $2
		gw_near=$top
		stack gw v1 ${4:-$3}
		gw_far=$top
		stack far eth0 $3
		end_far=$top
	}
	gateway_side near "$gw_near" "$end_near" 0
	gateway_side far "$gw_far" "$end_far" 1
	check_plane "$1"
	forget_all
	# shellcheck disable=SC2086 # a word a tag
	{
		unstack near eth0 $2
		unstack gw v0 $2
		unstack gw v1 ${4:-$3}
		unstack far eth0 $3
	}
}

ktap_start
need conntrack ethtool gojq nft python3
load_module pnicfw
gateway_wires
gateway_forwards
gw_counts_forwarded
ok "ports" ports_add
start_ends near far

vlans "VLAN in" 802.1Q:7 ""
vlans "VLAN out" "" 802.1Q:8
vlans "VLAN in and out" 802.1Q:7 802.1Q:8
vlans "the same VLAN" 802.1Q:7 802.1Q:7
vlans "802.1ad" 802.1ad:100 802.1ad:200
vlans "QinQ in" "802.1ad:100 802.1Q:7" ""
vlans "QinQ out" "" "802.1ad:100 802.1Q:7"
vlans "QinQ in and out" "802.1ad:100 802.1Q:7" "802.1ad:200 802.1Q:8"
vlans "the outer tag changes" "802.1ad:100 802.1Q:7" "802.1ad:200 802.1Q:7"
vlans "802.1Q twice" "802.1Q:5 802.1Q:7" 802.1Q:8
vlans "tag in the packet at egress" 802.1Q:7 802.1Q:8 802.1Q:8:reorder_hdr-off

in_ns near ethtool -K eth0 txvlan off tx-vlan-stag-hw-insert off >/dev/null
in_gw ethtool -K v0 rxvlan off rx-vlan-stag-hw-parse off >/dev/null
in_gw ethtool -K v1 txvlan off tx-vlan-stag-hw-insert off >/dev/null
vlans "no VLAN offload" 802.1Q:7 802.1Q:8
vlans "no VLAN offload, QinQ" "802.1ad:100 802.1Q:7" "802.1ad:200 802.1Q:8"

is "no packet changed without explanation" 0 \
	stat_of '"not-learned"."unexplained change" // 0'
finish
