#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 600
#
# What else no event tells of: rules of iptables as it was before nftables, which are
# seen to change, and the contents of an ipset, which are not. They act on cached and
# offloaded connections, the former within an age-interval, the latter within
# recheck-time and an age-interval, and what they no longer deny comes back.
#
#	near: 10.0.0.2 eth0 ---- v0 (gw) v1 ---- eth0 far: 10.1.0.2
#	near: 10.0.0.2 nic0vf0 ==== pf0vf0 (this namespace) p0 ==== wire0 far: 10.1.0.2
set -u
here=$(dirname "$(realpath "$0")")
# shellcheck source=selftests/lib.sh
. "$here/lib.sh"
# shellcheck source=selftests/pnicfw.sh
. "$here/pnicfw.sh"
# shellcheck source=selftests/recheck_lib.sh
. "$here/recheck_lib.sh"

# legacy COMMAND... - of iptables, in the table filter
legacy() {
	in_gw iptables-legacy -w "$@"
}

# dropped - packets that the first rule has seen
dropped() {
	legacy -nvxL FORWARD 1 | awk '{ print $1 }'
}

by_rule() {
	legacy -I FORWARD -p udp --dport 5001 -j DROP
}

not_by_rule() {
	legacy -D FORWARD 1
}

by_set() {
	in_gw ipset add blocked 10.0.0.2
}

not_by_set() {
	in_gw ipset del blocked 10.0.0.2
}

# begin WHAT STATE - a connection, in that state
begin() {
	ok "$1: a connection" ends open c udp 40000 10.1.0.2 5001
	ok "$1: talks" wait_for 20 ends talk c 40
	ok "$1: gets there" speaks c 40000 "$2"
}

# end WHAT STATE - it is allowed again
end() {
	ok "$1: comes back" comes_back c
	quiet recheck_time 0
	ok "$1: gets there again" speaks c 40000 "$2"
	ok "$1: ends" ends fin c
	forget_all
	ok "$1: it is gone" wait_for 10 flow_gone
}

# check_rule STATE
check_rule() {
	local what="rule, $1"

	begin "$what" "$1"
	ok "$what: is denied" by_rule
	check_stops "$what: it stops within an age-interval" c 0 500
	ok "$what: the firewall drops it" at_least 1 dropped
	ok "$what: is allowed" not_by_rule
	end "$what" "$1"
}

# looked_at_since COUNT - tier 1 has seen both directions again
looked_at_since() {
	ends talk c 1 && [ "$(stat_of revalidated)" -ge $(($1 + 2)) ]
}

# check_set STATE
check_set() {
	local what="set, $1" before

	modprobe xt_set 2>/dev/null || {
		skip "$what" "this kernel has no xt_set"
		return
	}
	in_gw ipset create blocked hash:ip
	begin "$what" "$1"
	before=$(stat_of revalidated)
	legacy -A FORWARD -p udp -m set --match-set blocked src -j DROP
	ok "$what: the new rule is noticed" wait_for 10 looked_at_since "$before"
	ok "$what: gets there again, first" speaks c 40000 "$1"
	ok "$what: is denied" by_set
	ok "$what: no event tells: it goes on" goes_on c 40000 "$1"
	ok "$what: a time to recheck" recheck_time 1000
	check_stops "$what: it stops within the time" c 0 1500
	ok "$what: the firewall drops it" at_least 1 dropped
	ok "$what: is allowed" not_by_set
	end "$what" "$1"
	legacy -F FORWARD
	in_gw ipset destroy blocked
}

# Whoever uses insmod may have no x_tables.
test_without() {
	local what="without x_tables"

	modprobe -qr x_tables
	if loaded x_tables; then
		skip "$what" "somebody else uses it"
		return
	fi
	modprobe nf_conntrack
	ok "$what: loads" insmod "$MODDIR/pnicfw.ko"
	gateway_veth
	only_ipv4
	ok "$what: ports" ports_add
	start_ends near far
	begin "$what" cached
	forget_all
	ok "$what: a round sees its end" wait_for 10 flow_gone
	end_ns near gw far
	ok "$what: goes" unload pnicfw
}

# check_all STATE
check_all() {
	only_ipv4
	legacy -P FORWARD ACCEPT		# the table is there from here on
	ok "ports" ports_add
	start_ends near far
	check_rule "$1"
	check_set "$1"
}

ktap_start
need conntrack gojq iptables-legacy ipset python3
test_without
modprobe iptable_filter || skip_all "this kernel has no iptable_filter"
load_sim
load_pnicfw
gateway_veth
check_all cached
end_ns near gw far
gateway_sim
check_all offloaded
finish
