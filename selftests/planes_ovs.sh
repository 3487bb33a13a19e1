#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 600
#
# Connections that the Open vSwitch datapath tracks by ct(commit) and sends on
# are cached: switched, in a zone of their own, with NAT, with a VLAN tag
# pushed and popped; but a packet that the datapath sends to several ports is
# not. The flows of the datapath are put there as vswitchd would.
#
#	near: 10.0.0.2 eth0 ---- v0 | ovs (gw) | v1 ---- eth0 far: 10.1.0.2
set -u
here=$(dirname "$(realpath "$0")")
# shellcheck source=selftests/lib.sh
. "$here/lib.sh"
# shellcheck source=selftests/pnicfw.sh
. "$here/pnicfw.sh"
# shellcheck source=selftests/denials_lib.sh
. "$here/denials_lib.sh"

dp() {
	in_gw ovs-dpctl "$@"
}

# What the datapath has sent on
counter() {
	dp dump-flows | awk '
		/recirc_id\(0x1\)|recirc_id\(1\)/ {
			match($0, /packets:[0-9]+/)
			sum += substr($0, RSTART + 8, RLENGTH - 8)
		}
		END { print sum + 0 }'
}

# lets FROM TO TYPE CT COMMIT [ACTIONS] - one direction of one Ethernet type;
# what COMMIT is told to do to a new connection, CT does to the others
lets() {
	local match

	match="in_port($1),eth(),eth_type($3),$(
		[ "$3" = 0x0800 ] && echo "ipv4(frag=no)" || echo "ipv6(frag=no)")"
	dp add-flow dp0 "recirc_id(0),$match" "ct($4),recirc(1)"
	dp add-flow dp0 "recirc_id(1),ct_state(+trk+new),$match" \
		"ct($5),${6:-}$2"
	dp add-flow dp0 "recirc_id(1),ct_state(+trk-new),$match" "${6:-}$2"
}

# switched CT COMMIT [TYPES] - both directions, of both families unless told
switched() {
	local type

	dp del-flows dp0
	for type in ${3:-0x0800 0x86dd}; do
		lets 1 2 "$type" "$1" "$2"
		lets 2 1 "$type" "$1" "$2"
	done
	forget_all
}

one_network() {
	local ns n=0 other=1

	for ns in near far; do
		ip -n $ns link set eth0 address 02:00:00:00:0$n:02
		end_in_one_net $ns $n eth0
		ip -n $ns neigh replace 10.1.0.9 lladdr 02:00:00:00:0$other:02 dev eth0
		n=1 other=0
	done
}

test_zone() {
	ok "zone: a connection" ends open z udp 41000 10.1.0.2 5001
	ok "zone: talks" ends talk z 3
	is "zone: is known with its zone" "5 cached" \
		flow '.[] | "\(.zone) \(.state)"' sport 41000
	ok "zone: ends" ends fin z
}

# The second zone is where a record would be looked for under the same key.
test_two_zones() {
	local match="in_port(1),eth(),eth_type(0x0800),ipv4(frag=no)"

	switched zone=5 commit,zone=5
	dp mod-flow dp0 "recirc_id(0),$match" "ct(zone=5,commit),recirc(1)"
	dp add-flow dp0 "recirc_id(2),ct_state(+trk+new),$match" \
		"ct(commit,zone=6),2"
	dp add-flow dp0 "recirc_id(2),ct_state(+trk-new),$match" 2
	dp mod-flow dp0 "recirc_id(1),ct_state(+trk+new),$match" \
		"ct(zone=6),recirc(2)"
	dp mod-flow dp0 "recirc_id(1),ct_state(+trk-new),$match" \
		"ct(zone=6),recirc(2)"
	plane="two zones"
	ok "$plane: a connection" ends open t udp 41001 10.1.0.2 5001
	ok "$plane: talks" ends talk t 20
	ok "$plane: talks on" ends talk t 20 1000
	ok "$plane: ends" ends fin t
	plane=
}

# Out of both ports: neither is the way
test_mirrored() {
	local match="eth(),eth_type(0x0800),ipv4(frag=no)" before

	ip -n gw link add v2 type veth peer name eth1 netns near
	ip -n gw link set v2 up
	ip -n near link set eth1 up
	in_gw pnicfw port add dev v2
	dp add-if dp0 v2
	switched "" commit
	dp mod-flow dp0 "recirc_id(1),ct_state(+trk-new),in_port(1),$match" 3,2
	ok "mirrored: a connection" ends open m udp 41002 10.1.0.2 5001
	ok "mirrored: talks" ends talk m 5
	is "mirrored: is known one way only, and why" \
		"null v0 copies leave by other ways" flow \
		'.[] | "\(.orig.out) \(.reply.out) \(."learn-reason")"' \
		sport 41002
	quiet ends watch near eth1
	before=$(counter)
	ok "mirrored: talks on" ends talk m 10
	is "mirrored: the copies arrive" 02:00:00:00:01:02 ends seen near
	ok "mirrored: the datapath sees that direction" \
		at_least $((before + 10)) counter
	without_mirror
	ok "mirrored: ends" ends fin m
	after_lost_ones
}

# The flow stays what it is: it sends copies whenever there is a port for them.
without_mirror() {
	dp del-if dp0 v2
	ok "mirrored: no more: talks" ends talk m 3
	is "mirrored: no more: both ways are known" "v1 v0" \
		flow '.[] | "\(.orig.out) \(.reply.out)"' sport 41002
	dp add-if dp0 v2
	quiet ends watch near eth1
	ok "mirrored: again: talks" ends talk m 3
	is "mirrored: again: the copies arrive" 02:00:00:00:01:02 ends seen near
}

# lost COUNT - packets of near's that pass the port of entry, and are dropped before
# they get to that of exit
lost() {
	throw near udp 41009 "$1"
}

# Whose memory the copy gets: near's qdisc lets all go at once. The copy gets lost, too,
# so that nobody shares the packet any more when that leaves.
after_lost_ones() {
	in_gw nft add table netdev lost
	in_gw nft add chain netdev lost out "{ type filter hook egress device v1 priority 0; }"
	in_gw nft add rule netdev lost out udp sport 41009 drop
	ok "mirrored: another connection" ends open l udp 41003 10.1.0.2 5001
	ok "mirrored: talks" ends talk l 3
	quiet in_gw tc qdisc add dev v2 root blackhole
	quiet in_ns near tc qdisc add dev eth0 root netem slot 2s
	ok "mirrored: packets that get lost, and a mirrored one" eval \
		'lost 20 && throw near udp 41003 1 to=020000000102'
	ok "mirrored: leave together" wait_for 10 nothing_held
	is "mirrored: is known one way only, too" \
		"null v0" flow '.[] | "\(.orig.out) \(.reply.out)"' sport 41003
	ok "mirrored: ends" ends fin l
	quiet in_ns near tc qdisc del dev eth0 root
	quiet in_gw tc qdisc del dev v2 root
	in_gw nft delete table netdev lost
}

# nothing_held - by near's qdisc
nothing_held() {
	in_ns near tc -s qdisc show dev eth0 | grep -q "backlog 0b 0p"
}

# routed_end NS N - one of the datapath's own device's two networks
routed_end() {
	in_gw ip -b - <<-EOT
		addr add 10.$2.0.1/24 dev dp0
		neigh replace 10.$2.0.2 lladdr 02:00:00:00:0$2:02 dev dp0
	EOT
	ip -n "$1" -b - <<-EOT
		addr flush dev eth0
		addr add 10.$2.0.2/24 dev eth0
		neigh replace 10.$2.0.1 lladdr 02:00:00:00:09:01 dev eth0
		route replace default via 10.$2.0.1
	EOT
}

# What goes up to the datapath's own device is routed, and comes back by that
test_routed() {
	local end

	dp del-flows dp0
	forget_all
	in_gw sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.send_redirects=0 \
		net.ipv4.conf.dp0.send_redirects=0
	in_gw ip link set dp0 address 02:00:00:00:09:01 up
	routed_end near 0
	routed_end far 1
	for end in 0 1; do
		dp add-flow dp0 "in_port($((end + 1))),eth(),eth_type(0x0800),ipv4()" 0
		dp add-flow dp0 "in_port(0),eth(dst=02:00:00:00:0$end:02),eth_type(0x0800),ipv4()" \
			$((end + 1))
	done
	ok "routed: a connection" ends open r udp 41004 10.1.0.2 5001
	ok "routed: is cached" speaks r 41004 cached
	in_gw tc qdisc add dev dp0 root handle 1: pfifo limit 1000
	ok "routed: a qdisc on the way keeps it in tier 1" minded r 41004 dp0
	in_gw tc qdisc del dev dp0 root
	ok "routed: without it, is cached again" speaks r 41004 cached
	ok "routed: ends" ends fin r
}

ktap_start
need conntrack gojq ovs-dpctl python3 tc
modprobe openvswitch 2>/dev/null || skip_all "no Open vSwitch datapath here"
load_module pnicfw
gateway_wires
one_network
ok "a datapath" dp add-dp dp0
defer ip netns exec gw ovs-dpctl del-dp dp0
dp add-if dp0 v0
dp add-if dp0 v1
ok "ports" ports_add
start_ends near far
switched "" commit
check_plane "ct(commit)"
switched zone=5 commit,zone=5
check_plane "ct(commit,zone)"
test_zone

# Every packet passes ct(nat), as vswitchd has it
switched zone=5,nat "commit,zone=5,nat(src=10.1.0.9)" 0x0800
ip -n far neigh replace 10.1.0.9 lladdr 02:00:00:00:00:02 dev eth0
plane="ct(commit,nat)"
check_cached tcp 10.0.0.2 10.1.0.2 10.1.0.9
check_cached udp 10.0.0.2 10.1.0.2 10.1.0.9
plane=

# Near is in VLAN 7 of the datapath's making: it takes tags off and puts them on
ip -n near link add link eth0 name eth0.7 type vlan id 7
ip -n near addr flush dev eth0
ip -n near -b - <<-EOT
	link set eth0.7 up
	addr add 10.0.0.2/15 dev eth0.7
	neigh replace 10.1.0.2 lladdr 02:00:00:00:01:02 dev eth0.7
EOT
dp del-flows dp0
forget_all
match="in_port(1),eth(),eth_type(0x8100),vlan(vid=7),encap(eth_type(0x0800),ipv4(frag=no))"
dp add-flow dp0 "recirc_id(0),$match" "pop_vlan,ct,recirc(1)"
match="in_port(1),eth(),eth_type(0x0800),ipv4(frag=no)"
dp add-flow dp0 "recirc_id(1),ct_state(+trk+new),$match" "ct(commit),2"
dp add-flow dp0 "recirc_id(1),ct_state(+trk-new),$match" 2
lets 2 1 0x0800 "" commit "push_vlan(vid=7,pcp=0),"
plane_carries "push_vlan and pop_vlan" tcp 10.0.0.2 10.1.0.2
plane_carries "push_vlan and pop_vlan" udp 10.0.0.2 10.1.0.2
ip -n near link del eth0.7
one_network
test_two_zones
test_mirrored
test_routed
finish
