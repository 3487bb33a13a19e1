#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# also: arm64
# timeout: 600
#
# Connections through source NAT, destination NAT or both become cached, and
# the far end goes on to see what NAT makes of them; also where they go back to
# where they came from (hairpin).
#
#	near: 10.0.0.2 eth0 ---- v0 (gw) v1 ---- eth0 far: 10.1.0.2
#	      fd00::2          /                           fd01::2
#	far: 10.0.0.3 m0 -----'
set -u
here=$(dirname "$(realpath "$0")")
# shellcheck source=selftests/lib.sh
. "$here/lib.sh"
# shellcheck source=selftests/pnicfw.sh
. "$here/pnicfw.sh"

# nat HOOK RULE... - the only rules of NAT that there are
nat() {
	local hook=$1

	shift
	forget_all
	in_gw nft -f - <<-EOT
		table inet nat
		flush table inet nat
		table inet nat {
			chain prerouting { type nat hook prerouting priority -100; }
			chain postrouting { type nat hook postrouting priority 100; }
		}
		add rule inet nat $hook $*
	EOT
}

# also HOOK RULE... - one more
also() {
	in_gw nft "add rule inet nat $*"
}

# Far has a second leg, in near's network and on its wire
second_leg() {
	ip -n near link add link eth0 name m0 address 02:00:00:00:00:03 \
		netns far type macvlan mode vepa
	ip -n far -b - <<-EOT
		link set m0 up
		addr add 10.0.0.3/24 dev m0
		neigh replace 10.0.0.1 lladdr 02:00:00:00:00:01 dev m0
	EOT
	in_gw ip neigh replace 10.0.0.3 lladdr 02:00:00:00:00:03 dev v0
	in_gw sysctl -qw net.ipv4.conf.all.send_redirects=0 \
		net.ipv4.conf.v0.send_redirects=0
}

ktap_start
need conntrack gojq nft python3
load_module pnicfw
gateway_veth
gw_counts_forwarded
ip -n far route add 10.9.0.0/16 via 10.1.0.1
ip -n far route add fd09::/16 via fd01::1
ok "ports" ports_add
start_ends near far

nat postrouting oifname v1 masquerade
check_cached tcp 10.0.0.2 10.1.0.2 10.1.0.1
check_cached udp 10.0.0.2 10.1.0.2 10.1.0.1
check_cached tcp fd00::2 fd01::2 fd01::1
check_cached udp fd00::2 fd01::2 fd01::1

nat postrouting "ip protocol udp snat ip to 10.9.0.7:50000-50010"
check_cached udp 10.0.0.2 10.1.0.2 10.9.0.7

nat prerouting "ip daddr 10.8.0.1 dnat ip to 10.1.0.2"
check_cached tcp 10.0.0.2 10.8.0.1 10.0.0.2 10.1.0.2

nat prerouting "ip6 daddr fd08::1 dnat ip6 to fd01::2"
check_cached udp fd00::2 fd08::1 fd00::2 fd01::2

nat prerouting "ip daddr 10.8.0.1 dnat ip to 10.1.0.2"
also prerouting "ip6 daddr fd08::1 dnat ip6 to fd01::2"
also postrouting oifname v1 masquerade
plane="both"
check_cached tcp 10.0.0.2 10.8.0.1 10.1.0.1 10.1.0.2
check_cached udp fd00::2 fd08::1 fd01::1 fd01::2

second_leg
nat prerouting "ip daddr 10.8.0.1 dnat ip to 10.0.0.3"
also postrouting "ip daddr 10.0.0.3 masquerade"
plane=hairpin way_cached="v0 v0 v0 v0"
check_cached tcp 10.0.0.2 10.8.0.1 10.0.0.1 10.0.0.3
check_cached udp 10.0.0.2 10.8.0.1 10.0.0.1 10.0.0.3

is "no packet changed without explanation" 0 \
	stat_of '"not-learned"."unexplained change" // 0'
finish
