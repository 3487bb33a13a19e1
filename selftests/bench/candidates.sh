# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# The candidates: what forwards packets from d0 to d1 and back, each set up in a
# network namespace of its own, this process's, that has nothing else in it.
#
#	benchgen --> d0 [ candidate ] d1 --> counted and freed
#
# Clients 10.0.0.0/16 are behind 192.168.0.2 at d0, the server 10.1.0.2 behind
# 192.168.1.2 at d1. All candidates decrement the TTL and write the next hop's
# MAC address, but for "null", which does nothing.
#
# A candidate NAME is a function up_NAME, and down_NAME where the namespace's end
# does not take all of it away.

# shellcheck disable=SC2034 # for who sources this
candidates="null routing nftables flowtable tc ovs pnicfw"
droppers="forward_drop ingress_drop denial"

mac_d0=02:00:00:00:00:10 mac_d1=02:00:00:00:00:11	# the devices
hop_d0=02:00:00:00:00:20 hop_d1=02:00:00:00:00:21	# the next hops

# up_devices [DEV0 DEV1] - the two devices, which are there already or are
# dummies
up_devices() {
	sysctl -qw net.ipv6.conf.all.disable_ipv6=1 \
		net.ipv6.conf.default.disable_ipv6=1 net.ipv4.ip_forward=1
	if [ $# -eq 0 ]; then
		set -- d0 d1
		ip link add d0 address $mac_d0 type dummy
		ip link add d1 address $mac_d1 type dummy
	fi
	dev0=$1 dev1=$2
	ip -batch - <<-EOT
		link set $dev0 up
		link set $dev1 up
		addr add 192.168.0.1/24 dev $dev0
		addr add 192.168.1.1/24 dev $dev1
		neigh replace 192.168.0.2 lladdr $hop_d0 dev $dev0
		neigh replace 192.168.1.2 lladdr $hop_d1 dev $dev1
		route add 10.0.0.0/16 via 192.168.0.2
		route add 10.1.0.0/16 via 192.168.1.2
	EOT
}

up_null() {
	insmod "$OUT/benchnull.ko" in=d0 out=d1
}

down_null() {
	rmmod benchnull
}

up_routing() {
	:
}

# ruleset [FLOWTABLE-FLAGS] - 20 rules as people write them: what is established
# passes the first one, a new connection all but the last. Conntrack counts, as
# the flow tables do and pnicfw does.
ruleset() {
	local offload=${1-} port

	sysctl -qw net.netfilter.nf_conntrack_acct=1
	{
		echo "table inet fw {"
		[ $# -eq 0 ] || echo "flowtable ft { hook ingress priority 0; devices = { $dev0, $dev1 }; $offload counter; }"
		echo "chain forward { type filter hook forward priority 0; policy drop;"
		[ $# -eq 0 ] || echo "ct state established flow add @ft"
		echo "ct state established,related accept"
		echo "ct state invalid drop"
		for port in {6001..6017}; do
			echo "udp dport $port drop"
		done
		echo "udp dport 5001 ct state new accept"
		echo "}; }"
	} | nft -f -
}

up_nftables() {
	ruleset
}

# up_flowtable [hw|sw]
up_flowtable() {
	ruleset "$([ "${1:-sw}" = sw ] || echo "flags offload;")"
}

# rewrite SRC DST - tc's actions for what a router does to a packet
rewrite() {
	echo "action pedit ex munge eth src set $1 munge eth dst set $2" \
		"munge ip ttl dec pipe action csum ip4h"
}

# tc_direction IN OUT SRC DST
tc_direction() {
	local in=$1 out=$2 filter action

	filter="tc filter add dev $in ingress proto ip"
	action="$(rewrite "$3" "$4") pipe action mirred egress redirect dev $out"
	tc qdisc add dev "$in" clsact
	# shellcheck disable=SC2086 # words
	{
		$filter chain 0 flower ct_state -trk \
			action ct pipe action goto chain 1
		$filter chain 1 flower ct_state +trk+new \
			action ct commit pipe $action
		$filter chain 1 flower ct_state +trk+est $action
	}
}

up_tc() {
	tc_direction d0 d1 $mac_d1 $hop_d1
	tc_direction d1 d0 $mac_d0 $hop_d0
	sysctl -qw net.netfilter.nf_conntrack_acct=1
}

# ovs_direction IN OUT SRC DST - into the kernel's datapath, as vswitchd would
ovs_direction() {
	local match="in_port($1),eth(),eth_type(0x0800),ipv4(frag=no)"
	local action="set(eth(src=$3,dst=$4)),set(ipv4(ttl=63)),$2"

	ovs-dpctl add-flow bench "recirc_id(0),$match" "ct,recirc(1)"
	ovs-dpctl add-flow bench "recirc_id(1),ct_state(+trk+new),$match" \
		"ct(commit),$action"
	ovs-dpctl add-flow bench "recirc_id(1),ct_state(+trk+est),$match" \
		"$action"
}

up_ovs() {
	modprobe openvswitch
	sysctl -qw net.netfilter.nf_conntrack_acct=1
	ovs-dpctl add-dp bench
	ovs-dpctl add-if bench d0
	ovs-dpctl add-if bench d1
	ovs_direction 1 2 $mac_d1 $hop_d1
	ovs_direction 2 1 $mac_d0 $hop_d0
}

# As long as its module is there, connections are tracked in every namespace.
down_ovs() {
	ovs-dpctl del-dp bench
	modprobe -r openvswitch
}

# up_pnicfw [hw|sw]
up_pnicfw() {
	local hw=off

	[ "${1:-sw}" = sw ] || hw=on
	ruleset
	modprobe pnicfw
	pnicfw port add dev "$dev0" hw $hw
	pnicfw port add dev "$dev1" hw $hw
	pnicfw param set hw-after 2 hw-rate 0 recheck-time "${recheck_time:-0}"
}

down_pnicfw() {
	pnicfw port del dev "$dev0"
	pnicfw port del dev "$dev1"
	rmmod pnicfw
}

# What drops them: in the forward chain, behind conntrack, routing and 20 rules; at
# ingress, by one rule; and what pnicfw remembers of a rule that denies.

up_forward_drop() {
	ruleset
	nft add rule inet fw forward udp dport 5001 drop
	nft -a list chain inet fw forward |
		sed -n 's/.*ct state new accept # handle /delete rule inet fw forward handle /p' |
		nft -f -
}

up_ingress_drop() {
	nft -f - <<-EOT
		table netdev fw {
			chain in {
				type filter hook ingress device $dev0 priority 0
				udp dport 5001 drop
			}
		}
	EOT
}

up_denial() {
	up_pnicfw sw
	pnicfw param set deny-time 3600
	pnicfw policy add proto udp dport 5001 verdict deny
}

down_denial() {
	down_pnicfw
}
