# shellcheck shell=bash disable=SC2154
# SPDX-License-Identifier: GPL-2.0
#
# For tests of what no event tells of: connections that go on until their time to be
# looked at again has come.

recheck_time() {
	in_gw pnicfw param set recheck-time "$1"
}

# stops NAME LEAST MOST - its messages do, after so many milliseconds, which a
# slow machine stretches at the end
stops() {
	local got

	got=$(ends stops "$1" near $((20 * ${TIME_SCALE:-1}))) || return
	echo "after $got ms, of $2 to $3"
	[ "$got" != never ] && [ "$got" -ge "$2" ] && [ "$got" -le $(($3 + 1500 * ${TIME_SCALE:-1})) ]
}

# check_stops WHAT NAME LEAST MOST - and the log has when
check_stops() {
	ok "$1" stops "$2" "$3" "$4"
	sed 's/^/# /' "$ktap_output"
}

# comes_back NAME - its messages do, once nothing is against it any more
comes_back() {
	wait_for 30 ends talk "$1" 1
}

# goes_on NAME SPORT STATE - its messages do, and it stays where it is
goes_on() {
	ends talk "$1" 20 && flow_is "$3" sport "$2"
}
