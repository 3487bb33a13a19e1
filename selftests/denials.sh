#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 900
#
# What a rule denies, or netfilter drops, tier 2 drops from the second packet on:
# the very same packets and no others, for as long as the rules are the same, a
# while, and in bounded number.
#
#	near: 10.0.0.2 eth0 ---- v0 (gw) v1 ---- eth0 far: 10.1.0.2
#	      fd00::2                                      fd01::2
set -u
here=$(dirname "$(realpath "$0")")
# shellcheck source=selftests/lib.sh
. "$here/lib.sh"
# shellcheck source=selftests/pnicfw.sh
. "$here/pnicfw.sh"
# shellcheck source=selftests/denials_lib.sh
. "$here/denials_lib.sh"

test_drop() {
	local before

	before=$(arrived)
	ok "drop: tier 1 sees the first of 20" tier1_sees 1 throw near udp 40000 20
	is "drop: none arrives" "$before" arrived
	is "drop: is shown" "denied deny true policy rule 10 udp v0 v1 19 760 0 10" \
		flow '.[] | [.state, .verdict, .cacheable, ."cacheable-reason",
		.protocol, .orig.in, .orig.out, .orig.cache.packets,
		.orig.cache.bytes, .orig.hw.packets, .pref] | join(" ")' \
		state denied sport 40000
	is "drop: is counted" "1 1 19" eval \
		'echo $(stat_of denied) $(stat_of "\"denied-made\"") $(stat_of "\"denied-hits\"")'
	is "drop: is in /proc" "denied deny udp 10.0.0.2 40000 v0 v1 19" \
		in_gw awk '$2 == "denied" { print $2, $3, $6, $8, $9, $12, $13, $16 }' \
		/proc/net/pnicfw/flows
	ok "drop: is explained" eval 'in_gw pnicfw flow explain sport 40000 |
		grep -q "Tier 1 denies it: policy rule 10"'
	is "drop: as text" 1 eval 'in_gw pnicfw -s flow show state denied |
		grep -c "in v0 out v1 state denied"'
	is "drop: by id" 40000 eval 'flow ".[].orig.sport" \
		id "$(flow ".[].id" state denied)"'
	is "drop: conntrack has nothing" 0 eval \
		'in_gw conntrack -L -p udp 2>/dev/null | wc -l'
	ok "drop: IPv6: tier 1 sees the first" tier1_sees 1 \
		throw_from near fd00::2 fd01::2 udp 40001 5001 10
	ok "drop: SYN: tier 1 sees the first" tier1_sees 1 throw near tcp 40002 10
	is "drop: three denials" 3 denied
	is "drop: one is deleted" "deleted 1" in_gw pnicfw flow del sport 40001
	is "drop: two denials" 2 denied
	ok "drop: tier 1 sees one again" tier1_sees 1 \
		throw_from near fd00::2 fd01::2 udp 40001 5001 10
	is "drop: all are deleted" "deleted 3" in_gw pnicfw flow flush
	is "drop: none are left" 0 denied
}

# Whatever tier 1 may look at must be as it was.
test_exact() {
	local before

	fresh
	ok "exact: is denied" tier1_sees 1 throw near udp 40010 2
	ok "exact: another DSCP" tier1_sees 1 throw near udp 40010 2 tos=0x20
	ok "exact: another station" tier1_sees 1 throw near udp 40010 2 from=33
	before=$(stat_of '"denied-hits"')
	ok "exact: a first fragment" throw near udp 40010 1 frag=0x2000
	is "exact: is put together with others, if they come" "$before" \
		stat_of '"denied-hits"'
	ok "exact: a TTL that ends" tier1_sees 0 throw near udp 40010 3 ttl=1
	is "exact: which tier 1 answered" 3 counter_hops
	ok "exact: and are no connection: the others are denied still" tier1_sees 0 \
		throw near udp 40010 2
	ok "exact: ECN does not count" tier1_sees 0 throw near udp 40010 2 tos=1
	ok "exact: SYN" tier1_sees 1 throw near tcp 40011 3
	ok "exact: ACK is another matter" tier1_sees 1 throw near tcp 40011 3 flags=16
	before=$(arrived)
	ok "exact: RST is none of conntrack's" tier1_sees 3 throw near tcp 40011 3 flags=4
	is "exact: and arrives, as without a denial" $((before + 3)) arrived
	ok "exact: many ways of one key: no more than four" eval '
		for from in 40 41 42 43 44 45; do
			throw near udp 40010 1 from=$from || exit
		done
		[ "$(flow length sport 40010)" -le 4 ]'
}

# counter_hops - time exceeded messages that the gateway sent
counter_hops() {
	in_gw nstat -asz IcmpOutTimeExcds | awk '/Icmp/ { print $2 }'
}

test_mark() {
	fresh
	in_gw nft -f - <<-EOT
		table netdev m {
			chain in {
				type filter hook ingress device v0 priority 0
				ip dscp 8 meta mark set 7
			}
		}
	EOT
	in_gw pnicfw -b - <<-EOT
		policy flush
		policy add pref 20 mark 7 verdict deny
	EOT
	in_gw nft add chain inet t early "{ type filter hook prerouting priority -100; }"
	in_gw nft add rule inet t early ct mark set meta mark
	ok "mark: one that has it is denied" tier1_sees 1 throw near udp 40020 4 tos=0x20
	in_gw nft flush chain netdev m in
	ok "mark: the ruleset changes: tier 1 sees all" tier1_sees 4 \
		throw near udp 40020 4 tos=0x20
	in_gw nft flush chain inet t early
	in_gw nft delete table netdev m
	deny_all
}

# A rule that is new or gone, a ruleset, a route: at once.
test_changes() {
	fresh
	ok "changes: is denied" tier1_sees 1 throw near udp 40030 5
	in_gw nft add table inet other
	ok "changes: a ruleset: tier 1 is asked" tier1_sees 1 throw near udp 40030 5
	in_gw ip route add 10.9.0.0/24 via 10.1.0.2
	ok "changes: a route: tier 1 is asked" tier1_sees 1 throw near udp 40030 5
	in_gw pnicfw policy add pref 99 proto udp dport 1 hw off
	ok "changes: a rule about others: tier 1 is asked" tier1_sees 1 \
		throw near udp 40030 5
	in_gw pnicfw policy add pref 5 proto udp sport 40030 verdict allow
	ok "changes: a rule that allows: nothing is dropped" tier1_sees 5 \
		throw near udp 40030 5
	ok "changes: there is no denial any more" wait_for 10 flow_gone state denied
	in_gw pnicfw policy flush
	ok "changes: no rule: nothing is dropped" tier1_sees 5 throw near udp 40031 5
	in_gw ip route del 10.9.0.0/24
	in_gw nft delete table inet other
	deny_all
}

# What is denied this way may be the answer to what is allowed the other way.
test_replies() {
	local before

	fresh
	quiet in_gw pnicfw param set age-interval 30000
	in_ns near nft -f - <<-EOT
		table inet silent {
			chain in {
				type filter hook input priority 0
				th sport 5001 th dport 5001 drop
			}
		}
	EOT
	ok "replies: near may not begin" tier1_sees 1 throw near udp 5001 5
	is "replies: is denied" 1 flow length state denied sport 5001
	ok "replies: far begins" ends_pair
	before=$(arrived)
	ok "replies: near answers" throw near udp 5001 5
	is "replies: they arrive" $((before + 5)) arrived
	is "replies: there is no denial" 0 flow length state denied sport 5001
	forget_all
	ok "replies: near begins again, in vain" tier1_sees 1 throw near udp 5001 5
	is "replies: there is the denial, and nothing else" denied \
		flow '.[].state' sport 5001
	ok "replies: of another connection: tcp" throw near tcp 5001 3
	ok "replies: far begins" throw far tcp 5001 1
	before=$(arrived)
	ok "replies: near answers SYN with SYN and ACK" throw near tcp 5001 1 flags=18
	is "replies: it arrives" $((before + 1)) arrived
	in_ns near nft delete table inet silent
	forget_all
	quiet in_gw pnicfw param set age-interval 500
}

# The same two ports, the other way
ends_pair() {
	throw far udp 5001 1
}

test_time() {
	local before made

	fresh
	in_gw pnicfw param set deny-time 1
	ok "time: is denied" tier1_sees 1 throw near udp 40040 10
	made=$(stat_of '"denied-made"')
	before=$(tier1)
	ok "time: for seconds" throw near udp 40040 60 pps=15
	ok "time: a packet a second asks again, or so" \
		between $((before + 2)) $((before + 30)) tier1
	ok "time: the denial is renewed" at_most $((made + 1)) stat_of '"denied-made"'
	ok "time: is gone when nobody asks" wait_for 10 flow_gone sport 40040
	in_gw pnicfw param set deny-time 600
}

# A flood of other keys: no more than the limit, and what is hit stays.
test_limit() {
	local id

	fresh
	ok "limit: 64" in_gw pnicfw param set deny-limit 64
	ok "limit: is denied" throw near udp 40050 3
	id=$(flow '.[].id' sport 40050)
	for round in 1 2 3 4; do
		ok "limit: flood $round" throw near udp 0 50 ports=random
		ok "limit: a hit $round" throw near udp 40050 2
	done
	is "limit: there are 64" 64 denied
	ok "limit: others made room" at_least 100 stat_of '"denied-evicted"'
	is "limit: what was hit stays" "$id" flow '.[].id' sport 40050
	ok "limit: a lower one" in_gw pnicfw param set deny-limit 5
	is "limit: holds at once" 5 denied
	ok "limit: none is refused" refuses 1 "deny-limit" pnicfw param set deny-limit 0
	ok "limit: nor more than memory may hold" refuses 1 "deny-limit" \
		pnicfw param set deny-limit 1048577
	ok "limit: a time of 0 is refused" refuses 1 "deny-time" \
		pnicfw param set deny-time 0
	ok "limit: and nothing has changed" eval 'in_gw pnicfw param show |
		grep -qx "deny-limit 5"'
	in_gw pnicfw param set deny-limit 16384
}

# refuses STATUS WORDS COMMAND... - with one line that has these words
refuses() {
	local wanted=$1 words=$2 said status=0

	shift 2
	said=$(in_gw "$@" 2>&1 >/dev/null) || status=$?
	echo "$status: $said"
	[ "$status" = "$wanted" ] && [[ $said == *"$words"* ]] &&
		[ "$(wc -l <<<"$said")" = 1 ]
}

# Allowed connections are carried as ever while others are denied.
test_allowed() {
	fresh
	in_gw pnicfw policy add pref 1 proto udp dport 5001 sport 41000 verdict allow
	ok "allowed: a connection" ends open a udp 41000 10.1.0.2 5001
	ok "allowed: is cached" wait_for 10 eval 'ends talk a 1; flow_is cached sport 41000'
	ok "allowed: others are denied" throw near udp 0 200 ports=random
	ok "allowed: tier 1 sees none of 20 messages" tier1_sees 0 ends talk a 20
	in_gw pnicfw policy del pref 1
}

test_port() {
	fresh
	ok "port: is denied" tier1_sees 1 throw near udp 40060 3
	ok "port: is deleted" in_gw pnicfw port del dev v0
	is "port: takes its denials along" 0 denied
	ok "port: is added" in_gw pnicfw port add dev v0
}

# What is too long to be forwarded is answered, whatever else would become of it.
test_long() {
	local before

	in_gw ip link set "$port_far" mtu 1300
	fresh
	ok "long: a denial" throw near udp 40090 2
	before=$(received near)
	ok "long: as long as it may be" throw near udp 40090 3 size=1272
	is "long: dies" "$before" received near
	ok "long: longer, and not to be fragmented" \
		throw near udp 40090 3 size=1273
	is "long: is answered" $((before + 3)) received near
	in_gw ip link set "$port_far" mtu 1500
}

large_ping() {
	in_ns near ping -q -c 1 -W 2 -s 4000 fd01::2
}

# IPv6 makes the fragments anew on the way, and forgets where they came in.
test_fragments() {
	quiet in_gw pnicfw policy flush
	ok "fragments: arrive, and are answered" wait_for 10 large_ping
	quiet in_gw pnicfw policy add src fd00::2/128 verdict deny
	fails "fragments: are denied" large_ping
	deny_all
	fails "fragments: by where they come in, too" large_ping
}

test_monitor() {
	fresh
	in_gw timeout $((8 * ${TIME_SCALE:-1})) pnicfw -j monitor flow \
		>"$ktap_output.events" &
	ok "monitor: listens" wait_for 10 listens
	throw near udp 40070 3
	quiet in_gw pnicfw flow flush
	ok "monitor: a denial comes and goes" wait_for 10 monitor_told
	wait "$!"
}

# listens - somebody is a member of a group of generic netlink
listens() {
	in_gw awk '$2 == 16 && $4 != "00000000" { n++ } END { exit !n }' \
		/proc/net/netlink
}

monitor_told() {
	jq -ser '[.[] | select(.flow.state == "denied" and .flow.orig.sport == 40070) |
		"\(.event) \(.reason)"] | join(", ")' "$ktap_output.events" |
		tee "$ktap_output.told"
	[ "$(<"$ktap_output.told")" = \
		"add policy rule, del asked for by a user" ]
}

ktap_start
need conntrack gojq nft python3 nstat
load_module pnicfw
gateway_veth
gw_counts_forwarded
ok "ports" ports_add
start_ends near far
deny_all
is "a denial lasts for 10 s" 10 eval 'in_gw pnicfw -j param | jq -r ".\"deny-time\""'
ok "longer than the test" in_gw pnicfw param set deny-time 600
test_drop
test_exact
test_mark
test_changes
test_replies
test_time
test_limit
test_allowed
test_port
test_long
test_fragments
test_monitor
finish
