#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 900
# races
#
# The eswitch is a cache, and has less room than there are connections: who gets
# in and how fast, who has to go, and what is learned of it by its refusals.
# Nobody loses a packet: each message is answered, whoever carries it.
#
#	near: 10.0.0.2 nic0vf0 ==== pf0vf0 (this namespace) p0 ==== wire0 far: 10.1.0.2
set -u
here=$(dirname "$(realpath "$0")")
# shellcheck source=selftests/lib.sh
. "$here/lib.sh"
# shellcheck source=selftests/pnicfw.sh
. "$here/pnicfw.sh"

# open N... - connections of these numbers
open() {
	local n

	for n; do
		ends open "c$n" udp $((40000 + n)) 10.1.0.2 5001 || return
	done
}

# talk MESSAGES N...
talk() {
	local n messages=$1

	shift
	for n; do
		ends talk "c$n" "$messages" || return
	done
}

# close_all N... - and nothing of them is left anywhere
close_all() {
	local n

	for n; do
		ends fin "c$n"
	done
	forget_all
	wait_for 20 rules_are 0 && wait_for 20 flow_gone
}

# inside - the numbers of those that the eswitch has
inside() {
	flow 'map(.orig.sport - 40000) | sort | join(" ")' state offloaded
}

# inside_are "N..." [TALK...] - those and no others; meanwhile TALK goes on
inside_are() {
	local wanted=$1

	shift
	[ $# -eq 0 ] || "$@" || return
	inside | tee "$ktap_output.inside"
	[ "$(<"$ktap_output.inside")" = "$wanted" ]
}

# why_not N - why the eswitch does not have it
why_not() {
	flow '.[] | "\(.state) \(."hw-reason")"' sport $((40000 + $1))
}

# why_not_is TEXT N
why_not_is() {
	why_not "$2" | tee "$ktap_output.why"
	[ "$(<"$ktap_output.why")" = "$1" ]
}

# table QUERY - what port show says of p0
table() {
	pnicfw -j port show dev p0 | jq -er ".[] | $1"
}

# The events since start_watching
start_watching() {
	: >"$events"
	pnicfw -j monitor hw >"$events" &
	watcher=$!
	defer kill $watcher
	wait_for 10 grep -q pnicfw /proc/$watcher/comm
	sleep 0.5
}

# first_out REASON [COUNT] - numbers of the first connections that left for it
first_out() {
	jq -er "select(.event == \"demoted\" and .reason == \"$1\") |
		.flow.orig.sport - 40000" "$events" | head -n "${2:-1}"
}

# filled_it [ERRNO] - numbers of the connections that did, or found no room
filled_it() {
	jq -er "select(.event == \"full\" and .errno == ${1:-null}) |
		.flow.orig.sport - 40000" "$events"
}

test_limit() {
	ok "limit: two connections are allowed" \
		pnicfw param set hw-limit 2 hw-after 4
	ok "limit: three connections" open 0 1 2
	ok "limit: two of them have packets enough" talk 40 0 1
	ok "limit: and get in" wait_for 20 inside_are "0 1" talk 1 0 1
	start_watching
	ok "limit: the third is no busier, and is told so" \
		wait_for 20 eval 'talk 20 0 1 && talk 1 2 &&
			why_not_is "cached eswitch is full of busier ones" 2'
	is "limit: the two are still inside" "0 1" inside
	ok "limit: it becomes busier than one of them: takes its place" \
		wait_for 30 inside_are "0 2" talk 20 0 2
	ok "limit: an eviction is counted" at_least 1 stat_of '"hw-evicted"'
	is "limit: and told, with its reason" 1 \
		first_out "made room for a busier one"
	ok "limit: the one that was evicted goes on" talk 3 1
	ok "limit: one connection is allowed" pnicfw param set hw-limit 1
	ok "limit: one leaves, without a packet" wait_for 10 rules_are 2
	is "limit: one is left" 1 stat_of '"hw-used"'
	ok "limit: it is full again, by that one, which is told" \
		eval 'filled_it | grep -qx 2'
	ok "limit: none is set" pnicfw param set hw-limit 0
	ok "limit: all get in" wait_for 20 inside_are "0 1 2" talk 2 0 1 2
	ok "limit: ends" close_all 0 1 2
	quiet pnicfw param set hw-after 32
	kill $watcher
}

test_rate() {
	local began

	ok "rate: two a second" pnicfw param set hw-rate 2
	ok "rate: eight connections" open 0 1 2 3 4 5 6 7
	began=${EPOCHREALTIME/./}
	ok "rate: with packets enough" talk 40 0 1 2 3 4 5 6 7
	ok "rate: some have to wait" at_least 1 stat_of '"hw-waiting"'
	ok "rate: all get in" wait_for 30 rules_are 16
	ok "rate: and no sooner than it says" \
		at_least 3000 eval 'echo $(((${EPOCHREALTIME/./} - '"$began"') / 1000))'
	is "rate: nobody waits any more" 0 stat_of '"hw-waiting"'
	ok "rate: ends" close_all 0 1 2 3 4 5 6 7
	ok "rate: one that ends while it waits" pnicfw param set hw-rate 1
	ok "rate: three connections" open 0 1 2
	ok "rate: with packets enough for all" talk 40 0 1 2
	ok "rate: end at once, all of them" close_all 0 1 2
	is "rate: nobody waits" 0 stat_of '"hw-waiting"'
	quiet pnicfw param set hw-rate 0
}

# Packets alone are not enough, if a rate is asked for as well.
test_after_rate() {
	ok "after rate: 1000 packets a second" pnicfw param set hw-after-rate 1000
	ok "after rate: a connection" open 0
	ok "after rate: with packets enough" talk 40 0
	ok "after rate: is too slow" wait_for 10 why_not_is \
		"cached not enough packets a second" 0
	ok "after rate: two a second" pnicfw param set hw-after-rate 2
	ok "after rate: is fast enough" wait_for 20 inside_are "0" talk 10 0
	ok "after rate: stays when it is slow" inside_are "0" sleep 1
	ok "after rate: ends" close_all 0
	quiet pnicfw param set cache off hw-after-rate 200000
	ok "after rate: a connection, not cached" open 0
	ok "after rate: somebody sets its counters to zero" eval \
		'for _ in {1..8}; do talk 10 0 || exit; conntrack -L -z; sleep 0.3; done'
	is "after rate: that makes it no faster" 0 rules
	ok "after rate: it ends" close_all 0
	quiet pnicfw param set cache on hw-after-rate 0
}

# Two connections, four rules: the third finds out, and the others know.
test_learned_size() {
	knob table_size 4
	start_watching
	ok "learned: three connections" open 0 1 2
	ok "learned: all with packets enough" talk 40 0 1 2
	ok "learned: two get in" wait_for 10 rules_are 4
	ok "learned: the third is refused, and teaches" wait_for 10 \
		eval '[ "$(table ".\"table-size\"")" = 2 ]'
	ok "learned: that it is full is told" wait_for 10 filled_it '"ENOSPC"'
	is "learned: two are counted" 2 table '."table-used"'
	ok "learned: in /proc, too" grep -q ' 2 2 off$' /proc/net/pnicfw/ports
	ok "learned: is asked for more, now and then" wait_for 20 eval \
		'talk 2 0 1 2; at_least 3 failed_for_room'
	ok "learned: not in each round" at_most 20 failed_for_room
	knob table_size 100
	ok "learned: there is more room: all get in" \
		wait_for 30 inside_are "0 1 2" talk 1 0 1 2
	ok "learned: which is known" at_least 3 table '."table-size"'
	ok "learned: ends" close_all 0 1 2
	kill $watcher
}

failed_for_room() {
	stat_of '"hw-failed".ENOSPC // 0'
}

plenty=1000000

# refusals - how many there were since knob fail_inserts was set to $plenty
refusals() {
	echo $((plenty - $(<"$sim/fail_inserts")))
}

# What is not supported is found out once, whoever asks.
test_unsupported() {
	knob fail_errno 95	# EOPNOTSUPP
	knob fail_inserts $plenty
	ok "unsupported: a connection" open 0
	ok "unsupported: with packets enough" talk 40 0
	ok "unsupported: is refused" wait_for 10 at_least 1 refusals
	ok "unsupported: the port shows it" wait_for 10 eval \
		'[ "$(unsupported)" = "ipv4 udp mac ttl p0" ]'
	ok "unsupported: for people, too" eval 'pnicfw port show dev pf0vf0 |
		grep -q "driver takes no rules: ipv4 udp mac ttl to p0"'
	ok "unsupported: others" open 1 2 3
	ok "unsupported: with packets enough" talk 40 1 2 3
	ok "unsupported: are not offered" wait_for 10 why_not_is \
		"cached driver takes no such rules" 3
	ok "unsupported: for a while" eval \
		'for _ in {1..20}; do talk 1 0 1 2 3 || exit; sleep 0.1; done'
	is "unsupported: the driver was asked once" 1 refusals
	knob fail_inserts 0
	is "unsupported: none of them is in" 0 rules
	ok "unsupported: the port begins anew" eval \
		'pnicfw port set dev pf0vf0 hw off && pnicfw port set dev pf0vf0 hw on'
	ok "unsupported: and all get in" \
		wait_for 20 inside_are "0 1 2 3" talk 1 0 1 2 3
	is "unsupported: nothing is, any more" "" unsupported
	ok "unsupported: ends" close_all 0 1 2 3
	knob fail_errno 28
}

unsupported() {
	pnicfw -j port show dev pf0vf0 |
		jq -r '.[].unsupported[] | "\(.rules) \(.out)"'
}

# Other errors: again, but less and less often
test_backoff() {
	local before

	knob fail_errno 5	# EIO
	knob fail_inserts $plenty
	ok "back-off: a connection" open 0
	ok "back-off: with packets enough" talk 40 0
	ok "back-off: is refused more than once" wait_for 20 eval \
		'talk 1 0; at_least 3 refusals'
	before=$(refusals)
	ok "back-off: goes on meanwhile" eval \
		'for _ in {1..20}; do talk 1 0 || exit; sleep 0.1; done'
	ok "back-off: the driver was asked once more at most" \
		at_most $((before + 1)) refusals
	knob fail_inserts 0
	ok "back-off: ends" close_all 0
	knob fail_errno 28
}

# uneven - a message of some, many of others
uneven() {
	talk 1 0 1 2 3 && talk 12 4 5 6 7
}

# Twice as many as there is room for, and the busy ones come last: they get in,
# and stay.
test_thrash() {
	local evicted

	ok "thrash: room for four" pnicfw param set hw-limit 4
	ok "thrash: eight connections" open 0 1 2 3 4 5 6 7
	ok "thrash: the idle ones have packets enough" talk 40 0 1 2 3
	ok "thrash: and get in" wait_for 20 inside_are "0 1 2 3" talk 1 0 1 2 3
	evicted=$(stat_of '"hw-evicted"')
	ok "thrash: the busy ones take their places" \
		wait_for 60 inside_are "4 5 6 7" uneven
	ok "thrash: nobody had to leave twice" \
		at_most $((evicted + 4)) stat_of '"hw-evicted"'
	ok "thrash: it stays like that" eval \
		'for _ in {1..30}; do uneven || exit; done'
	ok "thrash: without another change" \
		at_most $((evicted + 4)) stat_of '"hw-evicted"'
	is "thrash: they are inside" "4 5 6 7" inside
	ok "thrash: the rates are shown" eval \
		'[ "$(stat_of "\"hw-heat\" | add")" = 4 ]'
	ok "thrash: how long the driver takes, too" \
		at_least 16 stat_of '"hw-insert-us" | add'
	ok "thrash: for each rule that went, too" at_least \
		"$(stat_of '"hw-deleted"')" stat_of '"hw-delete-us" | add'
	ok "thrash: and for counters" at_least \
		"$(stat_of '"hw-deleted"')" stat_of '"hw-stats-us" | add'
	ok "thrash: in /proc as well" in_proc
	ok "thrash: ends" close_all 0 1 2 3 4 5 6 7
	quiet pnicfw param set hw-limit 0
}

# in_proc - all these bars
in_proc() {
	local name

	for name in hw-insert-us hw-delete-us hw-stats-us hw-heat; do
		grep "^$name-[0-9]" /proc/net/pnicfw/stats || return
	done
}

# A change that concerns all: they leave one by one, the busiest first. Whoever is
# found first may be gone before the others have been looked at.
test_revalidate() {
	ok "revalidate: one a second" pnicfw param set revalidate-rate 1
	ok "revalidate: four connections" open 0 1 2 3
	ok "revalidate: with packets enough" talk 40 0 1 2 3
	ok "revalidate: all get in" wait_for 20 inside_are "0 1 2 3" talk 1 0 1 2 3
	ok "revalidate: one is busier" wait_for 20 hottest_is 2
	start_watching
	quiet nft add table inet again
	ok "revalidate: the others are stale, and have to wait" \
		at_least 2 stat_of '"hw-stale"'
	ok "revalidate: all leave" wait_for 20 rules_are 0
	is "revalidate: nobody waits any more" 0 stat_of '"hw-stale"'
	ok "revalidate: the busiest did not wait for the idle ones" eval \
		'first_out "rules changed" 2 | grep -qx 2'
	ok "revalidate: they go on" talk 3 0 1 2 3
	ok "revalidate: and get in again" \
		wait_for 20 inside_are "0 1 2 3" talk 1 0 1 2 3
	quiet nft delete table inet again
	ok "revalidate: one that ends while it waits" close_all 0 1 2 3
	kill $watcher
	quiet pnicfw param set revalidate-rate 0
	ok "revalidate: one connection" open 0
	ok "revalidate: in" wait_for 20 inside_are "0" talk 40 0
	quiet nft add table inet again
	ok "revalidate: at once" wait_for 10 rules_are 0
	ok "revalidate: ends" close_all 0
	quiet pnicfw param set revalidate-rate 50000
	nft flush ruleset
}

# hottest_is N - after some traffic, its counters have been read
hottest_is() {
	talk 50 "$1" && flow length >/dev/null &&
		stat_of '"hw-heat" | keys | map(tonumber) | max >= 8'
}

ktap_start
events=$(mktemp)
defer rm -f "$events"
start_sim
ok "ports" ports_add
start_ends near far
knob fail_errno 28	# ENOSPC
test_limit
test_rate
test_after_rate
test_learned_size
test_unsupported
test_backoff
test_thrash
test_revalidate
finish
