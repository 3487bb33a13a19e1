#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# where: uml uml-debug debug
# timeout: 300
#
# The pure rooms, tested in the kernel by KUnit: as a module that runs its tests
# when it is loaded and reports through the kernel's log. Only kernels that are
# built with KUnit (uml, uml-debug, debug) can.
#
#	pnicfw_kunit.ko ---> kernel log ---> KTAP
#
# usage: kunit.sh [seed=N]
set -u
# shellcheck source=selftests/lib.sh
. "$(dirname "$(realpath "$0")")/lib.sh"

marker="pnicfw kunit $$"

# read_log FILE - follows the kernel's log from here on: a long report pushes
# its own beginning out of the kernel's buffer
read_log() {
	echo "$marker begins" >/dev/kmsg
	dmesg --follow --notime >"$1" &
	defer kill $!
	wait_for 10 grep -q "^$marker begins$" "$1"
}

# report FILE - what KUnit wrote: the results, the suites counted from 1, and
# the plan; fails unless each suite and case kept its own plan and passed
report() {
	sed "0,/^$marker begins\$/d; /^$marker ends\$/,\$d" "$1" | awk '
	function indent(line) {
		match(line, /^ */)
		return RLENGTH
	}
	# Other messages of the kernel may come between.
	!/^ *(KTAP version|# |1\.\.[0-9]|ok [0-9]|not ok [0-9])/ { next }
	/^(KTAP|1\.\.)/ { next }
	/^ *1\.\.[0-9]+$/ {
		depth = indent($0)
		planned[depth] = substr($1, 4) + 0
		ran[depth] = 0
	}
	/^    # Subtest: / { suites++ }
	/^ *(not )?ok [0-9]/ {
		depth = indent($0)
		ran[depth]++
		if (/^ *not ok/)
			failed++
		if (depth == 0) {
			if (ran[4] != planned[4]) {
				print "# planned " planned[4] ", ran " ran[4]
				$0 = (/^not/ ? "" : "not ") $0
				failed++
			}
			sub(/ok [0-9]+/, "ok " ++n)
		} else if (depth == 8 || !params) {
			cases++
		}
		params = depth == 8
	}
	{ print }
	END {
		print "1.." n + 0
		print "# " cases + 0 " cases"
		exit !(n && n == suites && !failed)
	}'
}

modinfo "$MODDIR/pnicfw_kunit.ko" >/dev/null 2>&1 ||
	skip_all "this kernel has no KUnit"
ktap_start
log=$(mktemp)
defer rm -f "$log"
modprobe -a nf_nat nf_conntrack || bail "no conntrack here"
read_log "$log" || bail "the kernel's log cannot be read"
modprobe pnicfw_kunit "$@" || bail "the tests do not load"
echo "$marker ends" >/dev/kmsg
wait_for 10 grep -q "^$marker ends$" "$log" || bail "the kernel's log ended"
rmmod pnicfw_kunit || bail "the tests do not unload"
status=0
report "$log" || status=$?
finish_as $status
