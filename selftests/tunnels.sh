#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A VXLAN device that serves many tunnels is told beside each packet which one, and
# tells: bytes alone do not say where a packet goes to or comes from, so as a port
# it leaves everything to tier 1, and everything arrives.
#
#	                      (gw) br0
#	near: 10.0.0.2 eth0 ---- v0 | vx (external, VNI 10 for VLAN 10)
#	                                  v1 ---- eth0 192.168.9.2, vx far: 10.1.0.2
set -u
here=$(dirname "$(realpath "$0")")
# shellcheck source=selftests/lib.sh
. "$here/lib.sh"
# shellcheck source=selftests/pnicfw.sh
. "$here/pnicfw.sh"

tunnel_bridge() {
	gateway_wires
	port_far=vx
	ip -n gw addr add 192.168.9.1/24 dev v1
	ip -n far addr add 192.168.9.2/24 dev eth0
	ip -n gw link add vx type vxlan external dstport 4789 nolearning || return
	ip -n far link add vx type vxlan id 10 dstport 4789 \
		local 192.168.9.2 remote 192.168.9.1 dev eth0
	ip -n gw -b - <<-EOT
		link add br0 type bridge vlan_filtering 1 forward_delay 0
		link set br0 up
		link set v0 master br0
		link set vx up
		link set vx master br0
		link set vx type bridge_slave vlan_tunnel on
	EOT
	in_gw bridge -b - <<-EOT
		vlan add dev v0 vid 10 pvid untagged
		vlan add dev vx vid 10
		vlan add dev vx vid 10 tunnel_info id 10
		fdb append 00:00:00:00:00:00 dev vx dst 192.168.9.2 src_vni 10
	EOT
	ip -n near link set eth0 address 02:00:00:00:00:02
	ip -n far link set vx address 02:00:00:00:01:02
	end_in_one_net near 0 eth0
	end_in_one_net far 1 vx
	links_up in_gw br0 vx
}

ktap_start
need bridge conntrack gojq nft python3
load_module pnicfw
modprobe vxlan 2>/dev/null
ok "a bridge over a tunnel" tunnel_bridge
gw_counts_bridged
start_ends near far
ok "without ports it carries" wait_for 20 eval \
	'ends open z udp 40999 10.1.0.2 5001 && ends talk z 5'
ok "ports" ports_add
ok "a connection" ends open a udp 41000 10.1.0.2 5001
ok "talks" ends talk a 50
is "stays in tier 1" "false tracked" flow '.[] | "\(.cacheable) \(.state)"' \
	sport 41000
ok "ends" ends fin a
finish
