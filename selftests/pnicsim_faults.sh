#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The simulated NIC's knobs: size of the table, delays, faults; and that they
# take no nonsense.
#
#	nic0vf0 ==== pf0vf0 -- hardware table
set -u
here=$(dirname "$(realpath "$0")")
# shellcheck source=selftests/lib.sh
. "$here/lib.sh"
# shellcheck source=selftests/pnicsim.sh
. "$here/pnicsim.sh"


# add N - a rule of which there can be many
add() {
	tc filter add dev pf0vf0 ingress prio 1 protocol ip handle "$1" \
		flower skip_sw ip_proto tcp dst_port "$1" action drop
}

del() {
	tc filter del dev pf0vf0 ingress prio 1 protocol ip handle "$1" flower
}

flush() {
	tc filter del dev pf0vf0 ingress
}

milliseconds() {
	local start

	start=$(date +%s%N)
	"$@" || return
	took=$((($(date +%s%N) - start) / 1000000))
}

takes() {
	local least=$1

	shift
	milliseconds "$@" || return
	[ "$took" -ge "$least" ] && return
	echo "$took ms"
	return 1
}

test_values() {
	local knob value

	is "profile" mlx5 cat "$sim/profile"
	for knob in insert_delay_us delete_delay_us fail_inserts lose_deletes \
		stats_delay_ms fake_inserts lose_stats odd_stats odd_answers; do
		is "$knob" 0 cat "$sim/$knob"
	done
	for value in profile:mlx4 profile: profile:mlx5x reset:0 reset:2 \
		table_size:-1 table_size:many table_size:4294967296 \
		insert_delay_us:60000001 delete_delay_us:1s fail_inserts:-1 \
		fail_errno:0 fail_errno:4096 lose_deletes: stats_delay_ms:60001 \
		fake_inserts:-1 lose_stats:x odd_stats: odd_answers:-2 \
		plug:2 plug:x unplug:2 unplug:; do
		ok "${value%%:*} does not take '${value#*:}'" \
			refuses "Invalid argument" knob "${value%%:*}" "${value#*:}"
	done
	is "and has changed nothing" "mlx5 1048576 0 5" \
		sh -c "cd $sim && echo \$(cat profile table_size insert_delay_us fail_errno)"
	for value in profile:minimal table_size:7 ft_rules:9 insert_delay_us:60000000 \
		fail_inserts:3 fail_errno:4095 lose_deletes:0x10; do
		ok "${value%%:*} takes '${value#*:}'" knob "${value%%:*}" "${value#*:}"
	done
	is "as they read" "minimal 7 9 60000000 3 4095 16" sh -c "cd $sim && echo \$(cat \
		profile table_size ft_rules insert_delay_us fail_inserts fail_errno lose_deletes)"
	rmmod pnicsim
	modprobe pnicsim
	tc qdisc add dev pf0vf0 clsact
}

test_size() {
	knob table_size 3
	ok "one" add 1
	ok "two" add 2
	ok "three" add 3
	ok "the table is full" refuses "The hardware table is full" add 4
	is "three rules" 3 rules
	del 2
	ok "room again" add 4
	knob table_size 0
	ok "smaller than its contents: they stay" test "$(rules)" -eq 3
	ok "but no new one" refuses "The hardware table is full" add 5
	flush
	knob table_size 1048576
}

test_masks() {
	local bits

	for bits in $(seq 1 15); do
		ok "mask $bits of one priority" tc filter add dev pf0vf0 ingress \
			prio 1 protocol ip flower skip_sw dst_ip "10.0.0.0/$bits" action drop
	done
	ok "one more" refuses "Too many different masks" tc filter add dev pf0vf0 \
		ingress prio 1 protocol ip flower skip_sw dst_ip 10.0.0.0/16 action drop
	ok "but at another priority" tc filter add dev pf0vf0 ingress \
		prio 2 protocol ip flower skip_sw dst_ip 10.0.0.0/16 action drop
	flush
}

# The lost rule is found by its match, or by its cookie: that is the address of
# tc's filter, and the next filter may well be where the last one was.
lost_is_there() {
	local message

	! message=$(add 1 2>&1) && echo "$message" &&
		[[ $message =~ "A rule with the same match"|"flow cookie already exists" ]]
}

test_failures() {
	knob fail_inserts 2
	ok "an insert fails" refuses "Input/output error" add 1
	knob fail_errno 12
	ok "with that error" refuses "Cannot allocate memory" add 1
	is "as often as told" 0 cat "$sim/fail_inserts"
	ok "then no more" add 1
	knob lose_deletes 1
	ok "a delete says that it succeeds" del 1
	is "and is lost" 1 rules
	is "one of them" 0 cat "$sim/lose_deletes"
	ok "the match is taken" lost_is_there
	ok "reset" knob reset 1
	is "loses all rules" 0 rules
	ok "there is room again" add 1
	knob reset 1
	ok "deleting what a reset has lost" del 1
}

# Success and nothing done, neither success nor error, and statistics of no use
test_nonsense() {
	knob fake_inserts 1
	ok "an insert says that it succeeds" add 1
	is "and has done nothing" 0 rules
	del 1
	knob odd_answers 1
	add 1 2>/dev/null
	is "an answer that is none: nothing was done" 0 rules
	is "an answer that is none: once" 0 cat "$sim/odd_answers"
	tc filter del dev pf0vf0 ingress
	add 1
	knob odd_stats 1
	ok "statistics that cannot be" eval 'tc -s filter show dev pf0vf0 ingress |
		grep -q "Sent 1 bytes 4611686018427387904 pkt"'
	knob lose_stats 1
	ok "statistics of a rule that it denies to know" \
		tc -s filter show dev pf0vf0 ingress
	is "once" 0 cat "$sim/lose_stats"
	is "the rule is there" 1 rules
	flush
}

present() {
	[ -e "/sys/class/net/$1" ]
}

# A virtual machine's function goes and comes: tc takes its rules with it.
test_plug() {
	add 1
	ok "there is a representor" refuses "File exists" knob plug 0
	ok "it goes" knob unplug 0
	fails "and is no more" present pf0vf0
	is "nor are its rules" 0 rules
	ok "the function stays" present nic0vf0
	ok "it cannot go twice" refuses "No such device" knob unplug 0
	ok "the other stays" present pf0vf1
	ok "it comes again" knob plug 0
	ok "and is there" present pf0vf0
	tc qdisc add dev pf0vf0 clsact
	ok "takes rules" add 1
	flush
	knob unplug 0
	ok "legacy mode" devlink dev eswitch set platform/pnicsim.0 mode legacy
	ok "has no representors" refuses "Operation not supported" knob plug 0
	ok "switchdev mode" devlink dev eswitch set platform/pnicsim.0 \
		mode switchdev
	ok "has all of them" present pf0vf0
	tc qdisc add dev pf0vf0 clsact
}

test_delays() {
	knob insert_delay_us 300000
	ok "an insert takes its time" takes 300 add 1
	knob insert_delay_us 0
	knob delete_delay_us 300000
	ok "a delete takes its time" takes 300 del 1
	knob delete_delay_us 0
	is "it is done" 0 rules
}

# Counters as a driver has them that polls them every so often
test_stats_delay() {
	tc filter add dev pf0vf0 ingress prio 1 protocol all flower skip_sw action drop
	knob stats_delay_ms 60000
	ip link set nic0vf0 up
	ip link set pf0vf0 up
	ip addr add 10.0.0.2/24 dev nic0vf0
	ok "hardware counts" wait_for 20 hardware_counts
	ok "before the driver knows" driver_is_behind
	knob stats_delay_ms 100
	ok "until it polls" wait_for 20 driver_knows
	flush
}

hardware_counts() {
	ping -c 1 -W 1 -I nic0vf0 10.0.0.9 >/dev/null
	grep -q 'packets=[1-9]' "$sim/rules"
}

# Until the next poll, whenever that was: it may have been a moment ago.
driver_is_behind() {
	hardware_counts
	[ "$(grep -o 'packets=[0-9]*' "$sim/rules" | tr -dc 0-9)" -gt \
		"$(tc -s filter show dev pf0vf0 ingress |
			awk '/Sent hardware/ { n = $5 } END { print n + 0 }')" ]
}

driver_knows() {
	tc -s filter show dev pf0vf0 ingress | grep -q "Sent hardware [1-9]"
}

ktap_start
need devlink tc ping
load_sim nics=1
test_values
test_size
test_masks
test_failures
test_nonsense
test_plug
test_delays
test_stats_delay
finish
