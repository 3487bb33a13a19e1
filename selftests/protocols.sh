#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 600
#
# Not only TCP and UDP: SCTP, ICMP echo of both families and GRE are cached,
# with NAT, too, and what is not says why.
#
#	near: 10.0.0.2 eth0 ---- v0 (gw) v1 ---- eth0 far: 10.1.0.2
#	      fd00::2                                      fd01::2
#	      tun0: 10.7.0.1 ======== GRE ======== tun0: 10.7.0.2
set -u
here=$(dirname "$(realpath "$0")")
# shellcheck source=selftests/lib.sh
. "$here/lib.sh"
# shellcheck source=selftests/pnicfw.sh
. "$here/pnicfw.sh"

count_all() {
	in_gw nft -f - <<-EOT
		table inet t {
			counter forwarded { }
			chain forward {
				type filter hook forward priority 0
				counter name forwarded
				ct state invalid counter drop
			}
		}
	EOT
}

# masquerade [snat RULE...] - by the port to far
masquerade() {
	forget_all
	in_gw nft -f - <<-EOT
		table inet nat
		flush table inet nat
		table inet nat {
			chain postrouting {
				type nat hook postrouting priority 100
				${*:-oifname v1 masquerade}
			}
		}
	EOT
}

no_nat() {
	forget_all
	in_gw nft delete table inet nat
}

# check_echo WHAT PROTOCOL ID SRC DST
check_echo() {
	local what="${plane:+$plane: }$1" before filter

	filter=(proto "$2" src "$4" dst "$5")
	ok "$what: answers" ends ping e "$3" "$5" "$4"
	ok "$what: and again" ends talk e 2
	is "$what: is cached, and not for the eswitch" \
		"cached $3 false eswitches do not know the protocol" flow '.[] |
		"\(.state) \(.orig."icmp-id") \(.offloadable) \(."offloadable-reason")"' \
		"${filter[@]}"
	ok "$what: has no ports" flow '.[].orig | has("sport") | not' \
		"${filter[@]}"
	before=$(counter forwarded)
	ok "$what: 20 more, large ones" ends talk e 20 1400
	is "$what: the firewall sees none of them" "$before" counter forwarded
	ok "$what: the cache counts them" flow '.[] |
		[(.orig, .reply).cache.packets >= 20] | all' "${filter[@]}"
	ok "$what: ends" ends fin e
}

test_sctp() {
	check_cached sctp 10.0.0.2 10.1.0.2
	check_cached sctp fd00::2 fd01::2
	is "SCTP: not for the eswitch" "eswitches do not know the protocol" \
		ends_sctp_reason
	masquerade
	plane=masquerade
	check_cached sctp 10.0.0.2 10.1.0.2 10.1.0.1
	plane="other ports"
	masquerade meta l4proto sctp snat ip to 10.9.0.7:50000-50010
	check_cached sctp 10.0.0.2 10.1.0.2 10.9.0.7
	plane="other ports, checksum in the packet"
	in_ns near ethtool -K eth0 tx-checksum-sctp off >/dev/null
	in_ns far ethtool -K eth0 tx-checksum-sctp off >/dev/null
	forget_all
	check_cached sctp 10.0.0.2 10.1.0.2 10.9.0.7
	plane=
	no_nat
}

ends_sctp_reason() {
	ends open s sctp 42000 10.1.0.2 5001 >/dev/null
	ends talk s 2
	flow '.[]."offloadable-reason"' sport 42000
	ends fin s
}

# Heartbeats and the end go through the firewall, a wrong tag is none of ours.
test_sctp_states() {
	ok "SCTP: a connection" ends open s sctp 42001 10.1.0.2 5001
	ok "SCTP: talks" ends talk s 5
	ok "SCTP: is cached" flow_is cached sport 42001
	ok "SCTP: ends" ends fin s
	ok "SCTP: its record is gone" wait_for 10 flow_gone sport 42001
}

test_echo() {
	in_ns near sysctl -qw net.ipv4.ping_group_range="0 2147483647"
	check_echo "ICMP echo" icmp 300 10.0.0.2 10.1.0.2
	check_echo "ICMPv6 echo" icmpv6 301 fd00::2 fd01::2
	plane=masquerade
	masquerade
	check_echo "ICMP echo" icmp 302 10.0.0.2 10.1.0.2
	check_echo "ICMPv6 echo" icmpv6 303 fd00::2 fd01::2
	# The same identifier from another address: NAT has to change it
	ip -n near addr add 10.0.0.3/24 dev eth0
	in_gw ip neigh replace 10.0.0.3 lladdr 02:00:00:00:00:02 dev v0
	ok "another host" ends ping other 302 10.1.0.2 10.0.0.2
	check_echo "ICMP echo, another identifier" icmp 302 10.0.0.3 10.1.0.2
	ok "another host: goes on" ends talk other 5
	ok "another host: ends" ends fin other
	plane=
	no_nat
}

# tunnel REMOTE-OF-FAR [OPTION...]
tunnel() {
	local far_remote=$1

	shift
	ip -n near link add tun0 type gre local 10.0.0.2 remote 10.1.0.2 ttl 9 "$@"
	ip -n near addr add 10.7.0.1 peer 10.7.0.2 dev tun0
	ip -n near link set tun0 up
	ip -n far link add tun0 type gre local 10.1.0.2 remote "$far_remote" ttl 9 "$@"
	ip -n far addr add 10.7.0.2 peer 10.7.0.1 dev tun0
	ip -n far link set tun0 up
}

no_tunnel() {
	ip -n near link del tun0
	ip -n far link del tun0
	forget_all
}

# gre_left - seconds that conntrack's entry has
gre_left() {
	in_gw conntrack -L 2>/dev/null | awk '$2 == 47 { print $3 }'
}

# Packets that only the cache sees bring the entry's timeout up again.
gre_lives() {
	ends talk g 1 && at_least $(($1 - 2)) gre_left
}

check_gre() {
	local what=$1 before left

	ok "$what: a connection in the tunnel" ends open g udp 42100 10.7.0.2 5001
	ok "$what: talks" ends talk g 3
	is "$what: is cached, without ports" "cached null null" \
		flow '.[] | "\(.state) \(.orig.sport) \(.orig."icmp-id")"' \
		proto gre src 10.0.0.2 dst 10.1.0.2
	before=$(counter forwarded)
	ok "$what: talks on" ends talk g 20 1000
	left=$(gre_left)
	ok "$what: the entry ages" wait_for 30 at_most $((left - 5)) gre_left
	ok "$what: packets in the cache renew it" wait_for 30 gre_lives "$left"
	is "$what: the firewall sees none of it" "$before" counter forwarded
	ok "$what: ends" ends fin g
}

test_gre() {
	modprobe ip_gre 2>/dev/null || {
		skip "GRE" "no GRE here"
		return
	}
	tunnel 10.0.0.2
	check_gre "GRE"
	no_tunnel
	tunnel 10.0.0.2 key 7 csum
	check_gre "GRE with key and checksum"
	no_tunnel
	masquerade
	tunnel 10.1.0.1
	check_gre "GRE, masquerade"
	no_tunnel
	no_nat
}

ktap_start
need conntrack ethtool gojq nft python3
load_module pnicfw
gateway_veth
count_all
in_gw sysctl -qw net.netfilter.nf_conntrack_icmp_timeout=600 \
	net.netfilter.nf_conntrack_icmpv6_timeout=600
ip -n far route add 10.9.0.0/16 via 10.1.0.1
ok "ports" ports_add
start_ends near far
test_echo
test_gre
if modprobe sctp 2>/dev/null; then
	test_sctp
	test_sctp_states
else
	skip "SCTP" "no SCTP here"
fi
is "no packet is taken for one of several copies" 0 \
	stat_of '"not-learned"."copies leave by other ways" // 0'
is "no packet changed without explanation" 0 \
	stat_of '"not-learned"."unexplained change" // 0'
finish
