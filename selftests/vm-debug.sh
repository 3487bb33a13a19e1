#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# where: host
#
# The debug kernel's checks are on, and what they say reaches who ran the VM:
# a mistake of each kind is made on purpose.
#
#	this test --- selftests/vm/run --kernel debug ---[ VM: seed.ko ]
set -u
here=$(dirname "$(realpath "$0")")
# shellcheck source=selftests/lib.sh
. "$here/lib.sh"
# shellcheck source=selftests/vm/seed.sh
. "$here/vm/seed.sh"

clean_run() {
	"$here/vm/run" --kernel debug --no-modules -- sh -c '
		modprobe -a nf_conntrack nft_flow_offload openvswitch act_ct netdevsim &&
		grep -q "debug_locks: *1" /proc/lockdep_stats &&
		[ -d /sys/kernel/debug/failslab ] &&
		[ -d /sys/kernel/debug/fail_function ] &&
		[ -d /sys/kernel/debug/kunit ]'
}

# In this order: lockdep stops at its first report, and at KASAN's; who slept
# in atomic context is not well afterwards.
mistakes() {
	vm 99 --kernel debug --no-modules --out "$tmp" -- sh -c '
		for kind; do
			insmod "$OUT/seed.ko" kind=$kind && rmmod seed
		done' sh inversion uaf leak sleep
}

# reported TEXT - among what the runner printed
reported() {
	grep -m 1 "$1" "$tmp/stderr"
}

ktap_start
on_kernel debug
tmp=$(mktemp -d)
defer rm -rf "$tmp"
ok "an innocent run gives no report" clean_run
ok "the module of mistakes builds" build_seed debug
ok "a run with mistakes says so" mistakes
ok "a lock inversion is caught" reported "possible circular locking"
ok "use after free is caught" reported "KASAN: \(slab-\)\?use-after-free in seed_uaf"
ok "a leak is caught" reported "comm \"insmod\""
ok "sleeping in atomic context is caught" reported "BUG: scheduling while atomic: insmod"
finish
