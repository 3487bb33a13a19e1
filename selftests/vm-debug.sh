#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# where: host
#
# The debug kernel's checks are on, and what they say reaches who ran the VM:
# a mistake of each kind is made on purpose.  One machine a mistake, since
# lockdep stops at its first.
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

ktap_start
on_kernel debug
tmp=$(mktemp -d)
defer rm -rf "$tmp"
ok "an innocent run gives no report" clean_run
ok "the module of mistakes builds" build_seed debug
ok "use after free is caught" caught debug uaf "KASAN: \(slab-\)\?use-after-free"
ok "a leak is caught" caught debug leak "comm .insmod"
ok "a lock inversion is caught" caught debug inversion "possible circular locking"
ok "sleeping in atomic context is caught" \
	caught debug sleep "BUG: scheduling while atomic\|BUG: sleeping function"
finish
