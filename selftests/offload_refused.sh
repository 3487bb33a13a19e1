#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 600
#
# An eswitch that refuses one direction gets neither: the connection goes on in
# software, says why, and climbs again when it may.  What lies between two eswitches
# is for neither.
#
#	near: 10.0.0.2 nic0vf0 ==== pf0vf0 (this namespace) p0 ==== wire0 far: 10.1.0.2
#	                                                pf1vf0 ==== nic1vf0    10.2.0.2
set -u
here=$(dirname "$(realpath "$0")")
# shellcheck source=selftests/lib.sh
. "$here/lib.sh"
# shellcheck source=selftests/pnicfw.sh
. "$here/pnicfw.sh"

# failed NAME - refusals counted under that errno
failed() {
	stat_of "\"hw-failed\".$1 // 0"
}

# all_counted - as many refusals as there were, and one at least
plenty=1000000
all_counted() {
	local refused=$((plenty - $(<"$sim/fail_inserts")))

	[ "$refused" -ge 1 ] && [ "$(failed ENOSPC)" = "$refused" ]
}

# refused NAME SPORT ERRNO - the connection is, and its next packet does not help
refused() {
	ends talk "$1" 1
	[ "$(flow '.[] | "\(.state) \(."hw-reason") \(."hw-errno")"' sport "$2")" = \
		"cached refused by the driver $3" ]
}

test_first_direction() {
	knob fail_inserts $plenty
	ok "a connection" ends open c tcp 40000 10.1.0.2 5001
	ok "with enough packets" ends talk c 40
	ok "the first direction is refused: says so" wait_for 10 refused c 40000 ENOSPC
	ok "each refusal is counted" wait_for 10 all_counted
	is "nothing is in the eswitch" 0 rules
	ok "the connection goes on" ends talk c 10
	knob fail_inserts 0
	ok "climbs after a while" climb c 40000
	is "whole" 2 rules
	ok "and works there" ends talk c 10
}

# One entry is free for the first direction, and none for the second.  The first
# connection is as busy as the other, which so does not take its place.
test_second_direction() {
	knob table_size 3
	ok "another connection" ends open d udp 40001 10.1.0.2 5001
	ok "with enough packets" eval 'ends talk c 50 && ends talk d 40'
	ok "its second direction is refused: says so" wait_for 10 eval \
		'ends talk c 2; refused d 40001 ENOSPC'
	is "no half of it stays in the eswitch" 2 rules
	ok "it goes on in software" flow_is cached sport 40001
	ok "with its messages" ends talk d 10
	ok "the first one is untouched" flow_is offloaded sport 40000
	knob table_size 100
	ok "and it climbs" wait_for 20 eval \
		'ends talk c 2; ends talk d 1; flow_is offloaded sport 40001'
	is "whole" 4 rules
}

# Nobody is told that the rules are gone: their packets are the kernel's again.
test_reset() {
	ok "the eswitch forgets all it had" knob reset 1
	ok "connections go on" ends talk c 10
	ok "all of them" ends talk d 10
	ok "flow flush" pnicfw flow flush
	ok "and they climb again" wait_for 30 eval \
		'ends talk c 20; ends talk d 20; rules_are 4'
}

# other_eswitch - the connection is cached, its ports those two, and why not more
other_eswitch() {
	ends talk x 1
	[ "$(flow '.[] | "\(.state) \(.orig.in) \(.orig.out) \(."hw-reason")"' \
		sport 40002)" = \
		"cached pf0vf0 pf1vf0 ports belong to different eswitches" ]
}

test_two_eswitches() {
	forget_all
	ok "two eswitches: both are empty" wait_for 10 rules_are 0
	ip link set nic1vf0 netns far
	no_own_addresses far pf1vf0 nic1vf0
	gateway_side far pf1vf0 nic1vf0 2
	links_up in_gw pf1vf0
	ok "two eswitches: a port of the other" pnicfw port add dev pf1vf0
	ok "two eswitches: a connection" ends open x udp 40002 10.2.0.2 5001
	ok "two eswitches: with enough packets" ends talk x 40
	ok "two eswitches: is cached, says why" wait_for 10 other_eswitch
	ok "two eswitches: talks on" ends talk x 40 1000
	ok "two eswitches: is still cached" other_eswitch
	is "two eswitches: none has it" "0 0" \
		eval 'echo $(rules) $(wc -l <"${sim%0}1/rules")'
}

ktap_start
need conntrack gojq nft python3
load_sim nics=2
load_pnicfw
gateway_sim
ok "ports" ports_add
start_ends near far
knob fail_errno 28	# ENOSPC
test_first_direction
test_second_direction
test_reset
test_two_eswitches
finish
