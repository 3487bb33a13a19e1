# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# For tests on the simulated NIC: its knobs, its table, and what is refused.

sim=/sys/kernel/debug/pnicsim/nic0

# knob NAME VALUE - see the interface of the simulated NIC
knob() {
	echo "$2" >"$sim/$1"
}

# rules - how many the eswitch has
rules() {
	wc -l <"$sim/rules"
}

# rules_are NUMBER
rules_are() {
	[ "$(rules)" = "$1" ]
}

# refuses TEXT COMMAND... - COMMAND fails, with TEXT in its message
refuses() {
	local text=$1 message

	shift
	if message=$("$@" 2>&1); then
		echo "taken: $*"
		return 1
	fi
	[[ $message = *"$text"* ]] && return
	echo "$message"
	return 1
}
