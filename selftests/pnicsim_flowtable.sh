#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# nftables' flow tables with "flags offload" on the simulated NIC, as on a real
# one: TCP and UDP, routed and with NAT, go through the eswitch.
#
#	vm0: nic0vf0 10.0.0.2 ==== pf0vf0 10.0.0.1
#	vm1: nic0vf1 10.0.1.2 ==== pf0vf1 10.0.1.1    this namespace routes
#	far: wire0   10.9.0.2 ==== p0     10.9.0.1
set -u
here=$(dirname "$(realpath "$0")")
# shellcheck source=selftests/lib.sh
. "$here/lib.sh"
# shellcheck source=selftests/pnicsim.sh
. "$here/pnicsim.sh"


# flowtable DEVICES [NAT-RULE] - a ruleset that offloads TCP and UDP
flowtable() {
	nft flush ruleset
	nft -f - <<-EOT
		table inet t {
			flowtable f {
				hook ingress priority 0
				devices = { $1 }
				flags offload
				counter
			}
			chain forward {
				type filter hook forward priority 0
				meta l4proto { tcp, udp } flow add @f
			}
			chain postrouting {
				type nat hook postrouting priority 100
				${2:-}
			}
		}
	EOT
}

# offloaded N - hardware has N rules of flow tables
offloaded() {
	[ "$(grep -c bind=ft "$sim/rules")" -eq "$1" ]
}

# packets FROM TO - what rules between these ports have counted, in all
packets() {
	sed -n "s/^port=$1 .*output($2), packets=\([0-9]*\) .*/\1/p" "$sim/rules" |
		awk '{ n += $1 } END { print n + 0 }'
}

forwarded() {
	awk '/^Ip: [0-9]/ { print $7 }' /proc/net/snmp
}

# A program that sends each line back, over TCP, for as long as the test lasts
echo_server() {
	spawn ip netns exec "$1" socat "$2-LISTEN:7,fork,reuseaddr" EXEC:cat
	wait_for 20 listening "$1"
}

listening() {
	in_ns "$1" ss -Hlntu | grep -q ':7 '
}

# A connection that this test writes to line by line
connect() {
	coproc conversation { exec ip netns exec "$1" socat - "$2"; }
	# shellcheck disable=SC2154 # set by coproc
	defer kill "$conversation_PID"
}

# say N - N lines go there and come back
say() {
	local i line

	for ((i = 0; i < $1; i++)); do
		echo "line $i" >&"${conversation[1]}"
		read -r -t $((20 * ${TIME_SCALE:-1})) line <&"${conversation[0]}" || return
		[ "$line" = "line $i" ] || return
	done
}

hang_up() {
	local fd=${conversation[1]}

	exec {fd}>&-
	wait "$conversation_PID"
}

# carried FROM TO N - hardware has carried N packets or more both ways
carried() {
	[ "$(packets "$1" "$2")" -ge "$3" ] && [ "$(packets "$2" "$1")" -ge "$3" ] &&
		return
	cat "$sim/rules"
	return 1
}

test_tcp() {
	local before

	ok "a flow table of two representors" flowtable pf0vf0,pf0vf1
	connect vm0 TCP:10.0.1.2:7
	ok "a connection" say 5
	ok "is offloaded, both directions" wait_for 20 offloaded 2
	is "conntrack says so" 1 grep -c 'dport=7 .*\[HW_OFFLOAD\]' \
		<(conntrack -L -p tcp 2>/dev/null)
	before=$(forwarded)
	ok "50 lines" say 50
	ok "are carried by hardware" carried pf0vf0 pf0vf1 50
	is "none by the kernel" "$before" forwarded
	ok "conntrack counts them" wait_for 20 counted_by_conntrack 50
	ok "the end" hang_up
	ok "takes the rules out" wait_for 60 offloaded 0
}

# counted_by_conntrack N - both directions have N packets or more
counted_by_conntrack() {
	conntrack -L -p tcp 2>/dev/null | grep 'dport=7 ' |
		grep -o 'packets=[0-9]*' | cut -d= -f2 |
		awk -v n="$1" '$1 >= n { both++ } END { exit both != 2 }'
}

test_ipv6() {
	connect vm0 'TCP:[fd00:1::2]:7'
	ok "IPv6: a connection" say 5
	ok "is offloaded" wait_for 20 offloaded 2
	ok "50 lines" say 50
	ok "are carried by hardware" carried pf0vf0 pf0vf1 50
	hang_up
	ok "the end takes the rules out" wait_for 60 offloaded 0
}

test_udp() {
	connect vm0 UDP:10.0.1.2:7
	ok "UDP: a conversation" say 5
	ok "is offloaded" wait_for 20 offloaded 2
	ok "50 lines" say 50
	ok "are carried by hardware" carried pf0vf0 pf0vf1 50
	conntrack -D -p udp >/dev/null 2>&1
	ok "conntrack -D takes the rules out" wait_for 60 offloaded 0
	kill "$conversation_PID"
}

test_uplink() {
	fails "mlx5: the uplink takes no flow table" flowtable pf0vf0,p0
	echo minimal >"$sim/profile"
	ok "minimal: it does" flowtable pf0vf0,p0 \
		'oifname p0 masquerade'
	connect vm0 TCP:10.9.0.2:7
	ok "a connection with NAT" say 5
	ok "is offloaded, both directions" wait_for 20 offloaded 2
	ok "50 lines" say 50
	ok "are carried by hardware" carried pf0vf0 p0 50
	is "the source address is rewritten" 1 \
		grep -c '^port=pf0vf0 .*set(ip4_src=0xa090001)' "$sim/rules"
	is "and the answers' destination address" 1 \
		grep -c '^port=p0 .*set(ip4_dst=0xa000002)' "$sim/rules"
	hang_up
	ok "the end takes the rules out" wait_for 60 offloaded 0
	nft flush ruleset
	echo mlx5 >"$sim/profile"
}

# Flow tables' rules come after those of tc blocks.
test_tc_first() {
	flowtable pf0vf0,pf0vf1
	connect vm0 TCP:10.0.1.2:7
	say 5
	ok "offloaded" wait_for 20 offloaded 2
	tc qdisc add dev pf0vf0 clsact
	ok "a block beside the flow table" tc filter add dev pf0vf0 ingress \
		protocol ip prio 9 flower skip_sw ip_proto tcp dst_port 7 action ok
	ok "which accepts: 20 lines" say 20
	ok "are carried by the flow table's rule" carried pf0vf0 pf0vf1 20
	ok "both count" test "$(sed -n 's/.*actions=accept, packets=\([0-9]*\) .*/\1/p' "$sim/rules")" -ge 20
	tc qdisc del dev pf0vf0 clsact
	kill "$conversation_PID"
}

# The NIC goes while there are flows in hardware.
test_gone() {
	ok "the NIC goes, with its flow table's devices" rmmod pnicsim
	ok "and comes again" modprobe pnicsim
	nft flush ruleset
}

ktap_start
need nft conntrack socat
load_sim nics=1
new_ns vm0 vm1 far
sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
modprobe -a nf_conntrack nf_flow_table nf_flow_table_inet nft_flow_offload
sysctl -qw net.netfilter.nf_conntrack_acct=1
for at in vm0/nic0vf0/pf0vf0/10.0.0/0 vm1/nic0vf1/pf0vf1/10.0.1/1 \
	far/wire0/p0/10.9.0/9; do
	IFS=/ read -r ns function rep net i <<<"$at"
	ip link set "$function" netns "$ns"
	ip -n "$ns" link set "$function" up
	ip -n "$ns" addr add "$net.2/24" dev "$function"
	ip -n "$ns" addr add "fd00:$i::2/64" dev "$function" nodad
	ip link set "$rep" up
	ip addr add "$net.1/24" dev "$rep"
	ip addr add "fd00:$i::1/64" dev "$rep" nodad
	ip -n "$ns" route add default via "$net.1"
	ip -n "$ns" route add default via "fd00:$i::1"
done
echo_server vm1 TCP6
echo_server vm1 UDP6
echo_server far TCP6

test_tcp
test_ipv6
test_udp
test_uplink
test_tc_first
test_gone
finish
