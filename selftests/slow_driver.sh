#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# also: arm64
# timeout: 600
# races
#
# A driver that takes its time for each rule: it has several to deal with at a time,
# and what takes it long holds up nobody who has nothing to do with it.
#
#	near: 10.0.0.2 nic0vf0 ==== pf0vf0 (this namespace) p0 ==== wire0 far: 10.1.0.2
set -u
here=$(dirname "$(realpath "$0")")
# shellcheck source=selftests/lib.sh
. "$here/lib.sh"
# shellcheck source=selftests/pnicfw.sh
. "$here/pnicfw.sh"

crowd=100

# calls NUMBER - so many were under way at a time
calls() {
	[ "$(<"$sim/calls_most")" -ge "$1" ]
}

# no_rules PORT - none of the rules matches that port
no_rules() {
	! grep -q "port=$1," "$sim/rules"
}

# All of a crowd get in again, and some at a time.
test_crowd() {
	start_crowd $crowd
	is "crowd: talks" 0 tell talk 40
	ok "crowd: all get in" wait_for 60 all_offloaded
	quiet knob insert_delay_us 20000
	quiet knob delete_delay_us 20000
	ok "crowd: hw off" pnicfw port set dev p0 hw off
	is "crowd: none is in when that is done" 0 rules
	ok "crowd: many left at a time" calls 16
	quiet knob calls_most 0
	ok "crowd: hw on" pnicfw port set dev p0 hw on
	ok "crowd: all get in again" wait_for 60 all_offloaded
	is "crowd: each with its rules" $((2 * crowd)) rules
	ok "crowd: many at a time" calls 16
	quiet knob insert_delay_us 0
	quiet knob delete_delay_us 0
	kill "$crowd_pid"
	wait "$crowd_pid" 2>/dev/null
	forget_all
	ok "crowd: nothing is left" wait_for 20 rules_are 0
}

# While one gets in, which takes a quarter of a minute, another one has to leave.
test_others() {
	ok "others: a connection is in" offload a udp 40001
	ok "others: another is not yet" eval 'ends open b udp 40002 10.1.0.2 5001 &&
		speaks b 40002 cached'
	quiet knob insert_delay_us 15000000
	quiet ends talk b 40
	ok "others: it is about to get in" wait_for 10 flow_is offloading sport 40002
	ok "others: one is denied" pnicfw policy add pref 5 proto udp sport 40001 \
		verdict deny
	ok "others: it leaves" wait_for 10 no_rules 40001
	ok "others: the first has not got in yet" flow_is offloading sport 40002
	quiet knob insert_delay_us 0
	ok "others: it gets in" wait_for 60 flow_is offloaded sport 40002
	quiet pnicfw policy flush
	quiet ends fin a
	quiet ends fin b
	forget_all
	ok "others: nothing is left" wait_for 20 rules_are 0
}

ktap_start
start_sim
only_ipv4
ok "ports" ports_add
test_crowd
start_ends near far
test_others
finish
