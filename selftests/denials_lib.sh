# shellcheck shell=bash disable=SC2154
# SPDX-License-Identifier: GPL-2.0
#
# For tests of denials: frames that would open connections, and what became of
# them.

# throw near|far PROTOCOL SPORT COUNT [NAME=VALUE]... - see denials.py
throw() {
	local end=$1 proto=$2 sport=$3 count=$4 src=10.0.0.2 dst=10.1.0.2

	shift 4
	[ "$end" = near ] || src=10.1.0.2 dst=10.0.0.2
	throw_from "$end" "$src" "$dst" "$proto" "$sport" 5001 "$count" "$@"
}

# throw_from END SRC DST PROTOCOL SPORT DPORT COUNT [NAME=VALUE]...
throw_from() {
	local end=$1 dev=$dev_near src=$2 dst=$3 proto=$4

	[ "$end" = near ] || dev=$dev_far
	shift 4
	${thrower:-ends throw} "$end" "$dev" "$proto" "$src" "$dst" "$@"
}

# apart COMMAND... - frames are thrown by a program of its own, which takes longer
# to start, where processors are emulated, than most that is thrown
apart() {
	local thrower="python3 $here/denials.py"

	"$@"
}

# tier1 - packets that the firewall has seen
tier1() {
	counter forwarded
}

# tier1_sees NUMBER COMMAND... - so many of what COMMAND sends
tier1_sees() {
	local wanted=$1 before

	shift
	before=$(tier1)
	"$@" || return
	[ "$(($(tier1) - before))" = "$wanted" ] || {
		echo "the firewall saw $(($(tier1) - before)), not $wanted"
		in_gw pnicfw -s flow show
		return 1
	}
}

denied() {
	stat_of denied
}

denied_is() {
	[ "$(denied)" = "$1" ]
}

# arrived - frames at the far end's device
arrived() {
	received far
}

fresh() {
	quiet in_gw pnicfw flow flush
}

# deny_all - the one rule that there is from here on denies all from near to far
deny_all() {
	in_gw pnicfw -b - <<-EOT
		policy flush
		policy add pref 10 in $port_near out $port_far verdict deny
	EOT
	forget_all
}
