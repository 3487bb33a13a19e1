#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# where: host
#
# The debug kernels' checks are on, and what they say reaches who ran the VM:
# a mistake of each kind is made on purpose.
#
#	this test --- selftests/vm/run --kernel NAME ---[ VM: seed.ko ]
set -u
here=$(dirname "$(realpath "$0")")
# shellcheck source=selftests/lib.sh
. "$here/lib.sh"
# shellcheck source=selftests/vm/seed.sh
. "$here/vm/seed.sh"

# clean_run KERNEL DIR... - debugfs has these
clean_run() {
	local kernel=$1

	shift
	"$here/vm/run" --kernel "$kernel" --no-modules -- sh -c '
		modprobe -a nf_conntrack nft_flow_offload openvswitch act_ct netdevsim &&
		grep -q "debug_locks: *1" /proc/lockdep_stats || exit
		for dir; do
			[ -d "/sys/kernel/debug/$dir" ] || exit
		done' sh "$@"
}

# mistakes KERNEL KIND... - lockdep stops at its first report, and at KASAN's;
# who slept in atomic context is not well afterwards: their order matters
mistakes() {
	local kernel=$1

	shift
	vm 99 --kernel "$kernel" --no-modules --out "$tmp" -- sh -c '
		for kind; do
			insmod "$OUT/seed.ko" kind=$kind && rmmod seed
		done' sh "$@"
}

# reported TEXT - among what the runner printed
reported() {
	grep -m 1 "$1" "$tmp/stderr"
}

# names FUNCTION TEXT - the stack that a report shows below TEXT has it
names() {
	sed -n "/$2/,/\] *\r\?$/p" "$tmp/stderr" | grep "$1"
}

# check_kernel NAME [KIND]... - what no User-Mode Linux knows comes last
check_kernel() {
	local name=$1

	ok "$name: an innocent run gives no report" clean_run "$name" failslab \
		kunit ${2:+fail_function}
	ok "$name: the module of mistakes builds" build_seed "$name"
	ok "$name: a run with mistakes says so" mistakes "$name" inversion uaf \
		leak "${@:2}"
	ok "$name: a lock inversion is caught" reported "possible circular locking"
	ok "$name: use after free is caught" \
		reported "KASAN: \(slab-\)\?use-after-free in seed_uaf"
	ok "$name: with who has allocated it" names seed_ "Allocated by task"
	ok "$name: and who has freed it" names seed_ "Freed by task"
	ok "$name: a leak is caught" reported "comm \"insmod\""
}

ktap_start
kernels=${KERNELS:-debug uml-debug}
[[ $kernels = *debug* ]] || skip_all "no debug kernel is asked for"
tmp=$(mktemp -d)
defer rm -rf "$tmp"
if [[ " $kernels " = *" uml-debug "* ]]; then
	check_kernel uml-debug
fi
if [[ " $kernels " = *" debug "* ]]; then
	check_kernel debug sleep
	ok "debug: sleeping in atomic context is caught" \
		reported "BUG: scheduling while atomic: insmod"
fi
finish
