#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 900
#
# A NIC that fails, with traffic running across it: no message is lost that is not
# sent to a device that is gone, what pnicfw says is true again within a second or
# so, connections climb again by themselves, and every packet has been counted once.
#
#	near: 10.0.0.2 nic0vf0 ==== pf0vf0 (this namespace) p0 ==== wire0 far: 10.1.0.2
set -u
here=$(dirname "$(realpath "$0")")
# shellcheck source=selftests/lib.sh
. "$here/lib.sh"
# shellcheck source=selftests/pnicfw.sh
. "$here/pnicfw.sh"
# shellcheck source=selftests/losses_lib.sh
. "$here/losses_lib.sh"

# Commits that change nothing: all connections leave the eswitch, and climb.
commit() {
	nft add table inet again && nft delete table inet again
}

# failed ERRNO - how often the driver has failed with it
failed() {
	stat_of "\"hw-failed\".$1 // 0"
}

# failed_more ERRNO BEFORE
failed_more() {
	[ "$(failed "$1")" -gt "$2" ]
}

# all_tiers - packets of all connections, whichever tier carried them
all_tiers() {
	flow '[.[] | (.orig, .reply) |
		.firewall.packets + .cache.packets + .hw.packets] | add'
}

# exactly - every packet was counted, once
exactly() {
	[ "$(all_tiers)" -eq $(($(received_by_both) - arrived_before)) ]
}

# no_more - no packet was counted twice: the NIC has lost some of its counters
no_more() {
	[ "$(all_tiers)" -le $(($(received_by_both) - arrived_before)) ]
}

# across WHAT exactly|no_more COMMAND... - something happens while a connection
# of each kind talks, and both are in the eswitch
across() {
	local what=$1 counted=$2

	shift 2
	arrived_before=$(received_by_both)
	ok "$what: a connection" offload t tcp 40000
	ok "$what: another" offload u udp 40001
	quiet ends pump t
	quiet ends pump u
	"$@"
	ok "$what: they are in the eswitch, whole" wait_for 30 rules_are 4
	ok "$what: no message of the one was lost" at_least 10 ends pumped t
	ok "$what: nor of the other" at_least 10 ends pumped u
	ok "$what: packets were counted, ${counted/_/ }" wait_for 10 "$counted"
	quiet ends fin t
	quiet ends fin u
	forget_all
	ok "$what: leaves nothing" wait_for 10 rules_are 0
}

# truth STATE - in the time it takes to look twice
truth() {
	wait_for 2 eval "flow_is $1 sport 40000 && flow_is $1 sport 40001"
}

# shown - connections that conntrack says are in the eswitch; it is not asked for
# them, as it is by who looks at pnicfw's own list
shown() {
	conntrack -L 2>/dev/null | grep -c HW_OFFLOAD
}

# Connections that have been idle are asked for their counters ever more seldom:
# after nine seconds it is six until the next time.
test_reset_idle() {
	local name sport=40000

	for name in a b c; do
		ok "reset, all idle: connection $name" offload $name udp $((sport++))
	done
	sleep 9
	is "reset, all idle: they are in the eswitch" 3 shown
	quiet knob reset 1
	ok "reset, all idle: it is noticed" wait_for 2 failed_more EINVAL 0
	ok "reset, all idle: all climb again" wait_for 3 rules_are 6
	for name in a b c; do
		quiet ends fin $name
	done
	forget_all
	ok "reset, all idle: leaves nothing" wait_for 10 rules_are 0
}

test_reset() {
	local before

	before=$(failed EINVAL)
	quiet knob reset 1
	ok "reset: it is noticed" wait_for 5 failed_more EINVAL "$before"
}

# A representor takes no new rule then; the uplink does not let it be switched off
# with rules in.
test_tc_offload() {
	ok "hw-tc-offload off" ethtool -K pf0vf0 hw-tc-offload off
	commit
	ok "hw-tc-offload off: it says so" truth cached
	is "hw-tc-offload off: nothing is there" 0 rules
	ok "hw-tc-offload on" ethtool -K pf0vf0 hw-tc-offload on
}

test_lost_delete() {
	local before

	before=$(failed EUCLEAN)
	quiet knob lose_deletes 2
	commit
	ok "a delete is lost: it is noticed" wait_for 5 failed_more EUCLEAN "$before"
	is "a delete is lost: all were tried again" 0 cat "$sim/lose_deletes"
}

test_refused() {
	quiet knob fail_inserts 1000000
	commit
	ok "inserts are refused: it says so" truth cached
	is "inserts are refused: nothing is there" 0 rules
	quiet knob fail_inserts 0
}

test_slow() {
	quiet knob insert_delay_us 1000000
	commit
	ok "inserts take long: it says so" wait_for 10 eval \
		'flow_is offloading sport 40000 || flow_is offloading sport 40001'
	quiet knob insert_delay_us 0
}

test_full() {
	quiet knob table_size 3
	commit
	ok "the table is full: one is in" wait_for 20 rules_are 2
	quiet knob table_size 100000
}

test_lost_statistics() {
	quiet knob lose_stats 2
	ok "statistics are missing: it is noticed" wait_for 10 \
		eval '[ "$(<"$sim/lose_stats")" = 0 ]'
}

test_odd_statistics() {
	quiet knob odd_stats 3
	ok "statistics that cannot be: are not believed" wait_for 10 \
		failed_more ERANGE 2
}

test_fake_inserts() {
	local before

	before=$(failed EINVAL)
	quiet knob fake_inserts 2
	commit
	ok "inserts that are none: it is noticed" wait_for 10 \
		failed_more EINVAL "$before"
}

test_odd_answers() {
	quiet knob odd_answers 5
	commit
	ok "answers that are none: are counted" wait_for 10 failed_more EBADMSG 0
	ok "answers that are none: have an end" wait_for 20 \
		eval '[ "$(<"$sim/odd_answers")" = 0 ]'
}

# used NUMBER - connections and denials that the eswitch is said to have
used() {
	[ "$(stat_of '"hw-used"')" = "$1" ]
}

# What is denied goes on in hardware as long as the driver does not let go of its
# rules, and not longer; there is no hiding that.
test_rules_left() {
	local before

	before=$(failed EUCLEAN)
	ok "deletes are lost: a connection" offload u udp 40001
	quiet knob lose_deletes 1000000
	ok "deletes are lost: it is denied" pnicfw policy add pref 5 proto udp \
		dport 5001 verdict deny
	ok "deletes are lost: five of each rule are noticed" wait_for 5 \
		failed_more EUCLEAN $((before + 9))
	is "deletes are lost: its rules are there" 2 rules
	ok "deletes are lost: as it is said" used 1
	quiet knob lose_deletes 20
	ok "deletes are lost: after twenty more the rules go" wait_for 5 rules_are 0
	is "deletes are lost: all were told again" 0 cat "$sim/lose_deletes"
	ok "deletes are lost: as it is said, then" wait_for 5 used 0
	ok "deletes are lost: nothing has it any more" wait_for 5 flow_gone
	quiet ends pending u far
	ok "deletes are lost: more is sent" ends send u near 10
	is "deletes are lost: nothing arrives" 0 ends pending u far
	ok "deletes are lost: the denial's rule, too" denial_left
	quiet pnicfw policy flush
	quiet ends fin u
	forget_all
}

# denial_left - the same of a rule that drops
denial_left() {
	wait_for 10 eval 'ends send u near 10; rules_are 1' || return
	knob lose_deletes 1000000
	pnicfw policy flush
	rules_are 1 && used 1 || return
	knob lose_deletes 7
	wait_for 5 rules_are 0 && wait_for 5 used 0
}

# A port does not wait for that.
test_port_with_rules_left() {
	ok "hw off, deletes are lost: a connection" offload u udp 40001
	quiet knob lose_deletes 1000000
	ok "hw off, deletes are lost: one port" pnicfw port set dev p0 hw off
	is "hw off, deletes are lost: its rules are there" 2 rules
	ok "hw off, deletes are lost: as it is said" used 1
	ok "hw off, deletes are lost: both ports" pnicfw port del dev pf0vf0
	ok "hw off, deletes are lost: nobody asks any more" used 0
	quiet knob lose_deletes 0
	quiet knob reset 1
	quiet ends fin u
	forget_all
	ok "hw on" eval 'pnicfw port set dev p0 hw on &&
		pnicfw port add dev pf0vf0'
}

# no_offloaded - nothing is in the eswitch, and nothing is said to be
no_offloaded() {
	rules_are 0 && flow_gone state offloaded
}

test_uplink_down() {
	loses "uplink down"
	ip link set p0 down
	ok "uplink down: they leave the eswitch" wait_for 1 no_offloaded
	ip link set p0 up
	ip neigh replace 10.1.0.2 lladdr 02:00:00:00:01:02 dev p0
	links_up in_gw p0
	mended "uplink up" once
}

# addresses_again - of devices that have come back
addresses_again() {
	local ns

	for ns in near far; do
		in_ns $ns sysctl -qw net.ipv6.conf.all.disable_ipv6=0
	done
	sysctl -qw net.ipv6.conf.p0.disable_ipv6=0
	gateway_addresses
	only_ipv4
}

test_unplug() {
	loses "unplug"
	ok "unplug: a representor goes" knob unplug 0
	is "unplug: its rules with it" 0 rules
	is "unplug: it is no port any more" p0 \
		eval 'pnicfw -j port show | jq -r ".[].dev"'
	ok "unplug: nor has it flows" wait_for 1 flow_gone
	ok "plug: it comes back" knob plug 0
	addresses_again
	ok "plug: as a port" pnicfw port add dev pf0vf0
	mended "plug" once
}

mode() {
	devlink dev eswitch set platform/pnicsim.0 mode "$1"
}

# As other drivers', it does not change with rules in it; and the ports are gone
# when it does.
test_mode() {
	loses "mode"
	fails "mode: not with rules" mode legacy
	ok "mode: hw off" eval 'pnicfw port set dev p0 hw off &&
		pnicfw port set dev pf0vf0 hw off'
	ok "mode: legacy" mode legacy
	is "mode: no port is left" 0 eval 'pnicfw -j port show | jq length'
	ok "mode: nor flow" wait_for 1 flow_gone
	ok "mode: switchdev" mode switchdev
	addresses_again
	ok "mode: ports" ports_add
	mended "mode" once
}

# driver bind|unbind
driver() {
	echo pnicsim.0 >"/sys/bus/platform/drivers/pnicsim/$1"
}

# The functions go as well, and with them the ends' addresses.
test_unbind() {
	loses "unbind"
	ok "unbind: the driver goes, with rules in" driver unbind
	is "unbind: no port is left" 0 eval 'pnicfw -j port show | jq length'
	ok "unbind: nor flow" wait_for 1 flow_gone
	ok "bind: it comes back" driver bind
	ip link set nic0vf0 netns near
	ip link set wire0 netns far
	addresses_again
	ok "bind: ports" ports_add
	mended "bind" once
}

# Its rules are lost, and while they are taken out packets want it in again.
test_wanted_meanwhile() {
	local before

	quiet pnicfw param set hw-after 1
	ok "wanted meanwhile: a connection" offload w udp 40010
	quiet knob delete_delay_us 500000
	quiet ends pump w
	before=$(stat_of '"hw-inserted"')
	quiet knob lose_stats 1
	ok "wanted meanwhile: it gets in again, by itself" wait_for 20 \
		at_least $((before + 2)) stat_of '"hw-inserted"'
	quiet knob delete_delay_us 0
	quiet ends pumped w
	quiet ends fin w
	quiet pnicfw param set hw-after 32
}

ktap_start
start_sim
need devlink ethtool
only_ipv4
gw_tracks
ok "ports" ports_add
start_ends near far
test_reset_idle
across "reset" no_more test_reset
across "no hw-tc-offload" exactly test_tc_offload
across "a delete is lost" exactly test_lost_delete
across "inserts are refused" exactly test_refused
across "inserts take long" exactly test_slow
across "the table is full" exactly test_full
across "statistics are missing" exactly test_lost_statistics
across "statistics that cannot be" no_more test_odd_statistics
across "inserts that are none" exactly test_fake_inserts
across "answers that are none" no_more test_odd_answers
test_wanted_meanwhile
test_rules_left
test_port_with_rules_left
test_uplink_down
test_unplug
test_mode
test_unbind
finish
