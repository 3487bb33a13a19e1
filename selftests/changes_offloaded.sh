#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 600
# races
#
# What an offloaded connection rests on changes: it leaves the eswitch, goes
# through the firewall, by the new rules and the new way, and climbs again.
#
#	near: 10.0.0.2 nic0vf0 ==== pf0vf0 (this namespace) p0 ==== wire0 far: 10.1.0.2
set -u
here=$(dirname "$(realpath "$0")")
# shellcheck source=selftests/lib.sh
. "$here/lib.sh"
# shellcheck source=selftests/pnicfw.sh
. "$here/pnicfw.sh"
# shellcheck source=selftests/denials_lib.sh
. "$here/denials_lib.sh"

# climbs WHAT - the connection is out of the eswitch, where it was by other
# rules, and gets there again
climbs() {
	ok "$1: it leaves the eswitch" wait_for 10 rules_are 0
	ok "$1: the connection goes on" ends talk c 5
	ok "$1: it climbs again" climb c 40000
	ok "$1: and goes on there" ends talk c 5
}

test_rules() {
	local before

	before=$(counter forwarded)
	nft add table inet unrelated
	climbs "a commit"
	ok "a commit: the firewall has seen both directions" \
		at_least $((before + 2)) counter forwarded
	nft add rule inet t forward tcp dport 5001 counter name dropped drop
	ok "a rule that drops: it leaves the eswitch" wait_for 10 rules_are 0
	ok "a rule that drops: a message" ends send c near
	ok "a rule that drops: meets it" wait_for 10 at_least 1 counter dropped
	is "a rule that drops: and nobody else" 0 ends pending c far
	nft flush chain inet t forward
	ok "without it: the message arrives" wait_for 20 \
		at_least 100 ends pending c far
	ok "without it: it climbs again" climb c 40000
}

test_ipsec() {
	if ! quiet ip xfrm policy show; then
		skip "an IPsec policy" "no IPsec in this kernel"
		return
	fi
	defer ip xfrm policy flush
	ok "an IPsec policy that blocks" ipsec_policy add block
	ok "an IPsec policy that blocks: it leaves the eswitch" \
		wait_for 10 rules_are 0
	ok "an IPsec policy that blocks: a message" ends send c near
	is "an IPsec policy that blocks: is not let through" 0 ends pending c far
	ok "without it" ipsec_policy delete
	ok "without it: the message arrives" wait_for 20 \
		at_least 100 ends pending c far
	ok "without it: it climbs again" climb c 40000
}

test_neighbour() {
	local new=02:00:00:00:01:77

	ip -n far -b - <<-EOT
		link set wire0 down
		link set wire0 address $new
		link set wire0 up
		neigh replace 10.1.0.1 lladdr 02:00:00:00:01:01 dev wire0
		route replace default via 10.1.0.1
	EOT
	ip neigh replace 10.1.0.2 lladdr $new dev p0
	ok "a neighbour's new address: it leaves the eswitch" wait_for 10 rules_are 0
	quiet ends watch far wire0
	climbs "a neighbour's new address"
	is "a neighbour's new address: is the only one used" $new ends seen far
}

test_port() {
	ip link set p0 mtu 1400
	climbs "a smaller MTU"
	ip link set p0 down
	ok "the port goes down: its flows leave the eswitch" wait_for 10 rules_are 0
	ip link set p0 up
	ip neigh replace 10.1.0.2 lladdr 02:00:00:00:01:77 dev p0
	climbs "the port comes up"
}

answer_is() {
	[ "$(flow '.[] | "\(.offloadable)"' sport "$1")" = "$2" ]
}

# What nothing explains is offered no more, and the eswitch gives back what it has
# of that connection.
test_withdrawn() {
	nft -f - <<-EOT
		table inet odd {
			chain forward {
				type filter hook forward priority 1
				udp dport 5001 ip dscp cs1 @th,80,16 set 0x5a5a
			}
		}
	EOT
	climbs "a rule that rewrites data"
	ok "data rewritten: another connection" offload u udp 40001
	ok "data rewritten: packets of another class" \
		throw near udp 40001 4 tos=0x20
	ok "data rewritten: the answer is withdrawn" wait_for 10 \
		answer_is 40001 false
	ok "data rewritten: it leaves the eswitch" wait_for 10 rules_are 2
	quiet ends fin u
	nft delete table inet odd
}

ktap_start
start_sim
only_ipv4
gw_counts_forwarded
nft add counter inet t dropped
ok "ports" ports_add
start_ends near far
ok "a connection" offload c tcp 40000
test_rules
test_ipsec
test_neighbour
test_port
test_withdrawn
finish
