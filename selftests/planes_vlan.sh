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

# vlans NAME NEAR-TAGS FAR-TAGS [GATEWAY-FAR-TAGS]
vlans() {
	between_vlans "$2" "$3" "${4:-$3}" check_plane "$1"
}

# With both tags in the packet a whole frame is longer than veth takes, unless it is one
# that is still to be cut: what TCP sends last never gets there.
check_shorter() {
	ok "$1: shorter packets" ip -n near link set eth0.100.7 mtu 1496
	check_plane "$1"
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
between_vlans "802.1ad:100 802.1Q:7" "802.1ad:200 802.1Q:8" \
	"802.1ad:200 802.1Q:8" check_shorter "no VLAN offload, QinQ"

is "no packet changed without explanation" 0 \
	stat_of '"not-learned"."unexplained change" // 0'
finish
