#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 600
#
# With learn-denials tier 2 drops what netfilter would, once it has dropped enough
# of it; and a rule that limits a rate lets through as much as without.
#
#	near: 10.0.0.2 eth0 ---- v0 (gw) v1 ---- eth0 far: 10.1.0.2
set -u
here=$(dirname "$(realpath "$0")")
# shellcheck source=selftests/lib.sh
. "$here/lib.sh"
# shellcheck source=selftests/pnicfw.sh
. "$here/pnicfw.sh"
# shellcheck source=selftests/denials_lib.sh
. "$here/denials_lib.sh"

# ruleset RULE - what forwarded packets meet behind the counter
ruleset() {
	in_gw nft flush chain inet t forward
	in_gw nft add rule inet t forward "meta l4proto { tcp, udp } counter name forwarded"
	in_gw nft add rule inet t forward "$1"
	forget_all
}

learned() {
	flow '.[] | "\(.state) \(."cacheable-reason") \(.orig.in)"' sport "$1"
}

test_off() {
	ruleset "udp dport 5001 drop"
	ok "off: tier 1 sees all" tier1_sees 60 throw near udp 40000 60 pps=30
	is "off: nothing is learned" 0 denied
}

test_learn() {
	ok "on" in_gw pnicfw param set learn-denials on
	ok "on: three in a row are not enough" tier1_sees 3 throw near udp 40001 3
	is "on: nothing is learned" 0 denied
	ok "on: nor are 50 at once" tier1_sees 50 throw near udp 40002 50
	is "on: nothing is learned yet" 0 denied
	apart throw near udp 40003 2500 pps=100 &
	ok "on: it takes a second" wait_for 20 eval \
		'[ "$(learned 40003)" = "denied dropped by netfilter v0" ]'
	ok "on: tier 2 drops them" wait_for 20 eval \
		'[ "$(flow ".[].orig.cache.packets" sport 40003)" -ge 20 ]'
	ok "on: a new rule lets them through at once" at_once
	wait "$!"
}

at_once() {
	local before

	ruleset "accept"
	before=$(arrived)
	wait_for 10 at_least $((before + 5)) arrived
}

# What has a conntrack entry was allowed: its drops are a rate's.
test_limit() {
	local had off on

	ruleset "udp dport 5001 limit rate over 10/second burst 5 packets drop"
	in_gw pnicfw param set learn-denials off
	had=$(arrived)
	throw near udp 40010 200 pps=50
	off=$(($(arrived) - had))
	forget_all
	in_gw pnicfw param set learn-denials on
	had=$(arrived)
	throw near udp 40011 200 pps=50
	on=$(($(arrived) - had))
	note "limit rate: $off let through without, $on with"
	ok "limit rate: as many as without" near_enough "$off" "$on"
	is "limit rate: no denial" 0 flow length sport 40011
	ruleset "udp dport 5001 meter m { ip saddr limit rate over 10/second burst 5 packets } drop"
	had=$(arrived)
	throw near udp 40012 200 pps=50
	on=$(($(arrived) - had))
	note "meter: $on let through"
	ok "meter: as many as by a limit" near_enough "$off" "$on"
}

# near_enough A B - no third more or less
near_enough() {
	echo "$1 and $2"
	[ $((3 * $2)) -ge $((2 * $1)) ] && [ $((2 * $2)) -le $((3 * $1)) ]
}

# A rule that rejects answers, and is to answer the next one.
test_reject() {
	ruleset "tcp dport 5001 reject with tcp reset"
	ok "reject: by a reset: tier 1 sees all" tier1_sees 60 \
		throw near tcp 40020 60 pps=30
	ruleset "udp dport 5001 reject"
	ok "reject: by ICMP: tier 1 sees all" tier1_sees 60 \
		throw near udp 40021 60 pps=30
	is "reject: nothing is learned" 0 flow length state denied
}

# What a rule copies before it is dropped is to be copied the next time, too.
test_copied() {
	in_gw nft -f - 2>"$ktap_output" <<-EOT || {
		table ip d {
			counter copies { }
			chain copy {
				type filter hook forward priority -10
				udp dport 5001 dup to 10.1.0.2 device "$port_far"
			}
			chain out {
				type filter hook postrouting priority 0
				udp dport 5001 counter name copies
			}
		}
	EOT
		skip "copied" "none here: $(head -1 "$ktap_output")"
		return
	}
	ruleset "udp dport 5001 drop"
	ok "copied and dropped: tier 1 sees all" tier1_sees 60 \
		throw near udp 40030 60 pps=30
	is "copied and dropped: nothing is learned" 0 flow length state denied
	is "copied and dropped: all copies leave" 60 copies
	in_gw nft delete table ip d
}

copies() {
	counts_in="ip d" counter copies
}

# What is for this machine itself leaves by no port when it is let through. Of the
# set's element that goes no event tells.
test_own() {
	in_gw nft -f - <<-EOT
		table inet l {
			set barred {
				type ipv4_addr
				size 16
				flags dynamic
				elements = { 10.0.0.2 }
			}
			counter served { }
			chain input {
				type filter hook input priority 0
				udp dport 5002 delete @barred { ip saddr }
				udp dport 5001 ip saddr @barred drop
				udp dport 5001 counter name served
			}
			chain output {
				type filter hook output priority 0
				icmp type destination-unreachable drop
			}
		}
	EOT
	apart throw_own 40040 5001 2500 pps=100 &
	ok "its own: they are denied" wait_for 20 eval \
		'[ "$(flow ".[].orig.cache.packets" sport 40040)" -ge 20 ]'
	is "its own: none is let through" 0 served
	ok "its own: the sender is let in" throw_own 40041 5002 1
	ok "its own: no longer only one now and then" \
		wait_for 10 at_least 100 served
	wait "$!"
	ok "its own: the denial is gone" flow_gone state denied sport 40040
	in_gw nft delete table inet l
}

# throw_own SPORT DPORT COUNT [NAME=VALUE]... - from near to the gateway itself
throw_own() {
	throw_from near 10.0.0.2 10.0.0.1 udp "$@"
}

served() {
	counts_in="inet l" counter served
}

# An established connection whose packets are dropped is no beginning.
test_established() {
	ruleset "accept"
	ok "established: a connection" ends open a udp 41000 10.1.0.2 5001
	ok "established: talks" ends talk a 3
	in_gw nft add rule inet t forward udp sport 41000 drop
	ok "established: its packets are dropped" ends send a near 30
	is "established: nothing is denied" 0 flow length state denied sport 41000
}

ktap_start
need conntrack gojq nft python3
load_module pnicfw
gateway_veth
gw_counts_forwarded
ok "ports" ports_add
start_ends near far
test_off
test_learn
test_limit
test_reject
test_copied
test_own
test_established
ok "off again" in_gw pnicfw param set learn-denials off
finish
