#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 600
#
# What else no event tells of: rules of iptables as it was before nftables, and the
# contents of an ipset. They act on cached and offloaded connections within
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

# check WHAT STATE - with a connection in that state, and what by_WHAT does against
# it and not_by_WHAT takes back
check() {
	local what="$1, $2" by=by_$1 state=$2

	ok "$what: a connection" ends open c udp 40000 10.1.0.2 5001
	ok "$what: talks" wait_for 20 ends talk c 40
	ok "$what: gets there" speaks c 40000 "$state"
	ok "$what: is denied" "$by"
	ok "$what: no event tells: it goes on" goes_on c 40000 "$state"
	ok "$what: a time to recheck" recheck_time 1000
	check_stops "$what: it stops within the time" c 0 1500
	ok "$what: the firewall drops it" at_least 1 dropped
	ok "$what: is allowed" "not_$by"
	ok "$what: comes back" comes_back c
	ok "$what: no time to recheck" recheck_time 0
	ok "$what: gets there again" speaks c 40000 "$state"
	ok "$what: ends" ends fin c
	forget_all
	ok "$what: it is gone" wait_for 10 flow_gone
}

check_set() {
	modprobe xt_set 2>/dev/null || {
		skip "set, $1" "this kernel has no xt_set"
		return
	}
	in_gw ipset create blocked hash:ip
	legacy -A FORWARD -p udp -m set --match-set blocked src -j DROP
	check set "$1"
	legacy -F FORWARD
	in_gw ipset destroy blocked
}

# check_all STATE
check_all() {
	only_ipv4
	legacy -P FORWARD ACCEPT		# the table is there from here on
	ok "ports" ports_add
	start_ends near far
	check rule "$1"
	check_set "$1"
}

ktap_start
need conntrack gojq iptables-legacy ipset python3
modprobe iptable_filter || skip_all "this kernel has no iptable_filter"
load_sim
load_pnicfw
gateway_veth
check_all cached
for ns in near gw far; do
	end_ns $ns
done
gateway_sim
check_all offloaded
finish
