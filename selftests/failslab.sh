#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# where: debug uml-debug
# timeout: 240
#
# No memory: the kernel's allocations fail one after the other while ports are
# added, records made, connections learned, denied and offloaded, rules changed,
# and flows listed.
# After each failure traffic flows; at the end all works as before, the modules
# go, and nothing is left behind.
#
#	near: 10.0.0.2 nic0vf0 ==== pf0vf0 (this namespace) p0 ==== wire0 far: 10.1.0.2
#	                   (-) ==== pf0vf1
set -u
here=$(dirname "$(realpath "$0")")
# shellcheck source=selftests/lib.sh
. "$here/lib.sh"
# shellcheck source=selftests/pnicfw.sh
. "$here/pnicfw.sh"

# walk NAME - see failslab.py
walk() {
	PYTHONDONTWRITEBYTECODE=1 python3 "$here/failslab.py" "$1" || return
	wait_for 10 eval 'forget_all; rules_are 0'
}

# no_leaks - kmemleak says nothing of what is younger than 5 s
no_leaks() {
	sleep 6
	echo scan >/sys/kernel/debug/kmemleak
	echo scan >/sys/kernel/debug/kmemleak
	cat /sys/kernel/debug/kmemleak
	[ -z "$(cat /sys/kernel/debug/kmemleak)" ]
}

# a_bridge - with a port that has a setting to change
a_bridge() {
	defer ip link del br-deaf
	defer ip link del deaf0
	ip -b - <<-EOT
		link add br-deaf type bridge
		link add deaf0 type dummy
		link set deaf0 master br-deaf
	EOT
}

check_walk() {
	ok "$1" walk "$2"
	sed 's/^/# /' "$ktap_output"
}

[ -d /sys/kernel/debug/failslab ] || skip_all "this kernel cannot let allocations fail"
ktap_start
need conntrack gojq nft python3
load_module pnicsim functions=2
load_module pnicfw
gateway_sim
ip link set pf0vf1 up
ok "a bridge" a_bridge
ok "ports" ports_add
ok "the eswitch takes connections early" pnicfw param set hw-after 4
check_walk "requests and dumps" requests
check_walk "changes that the kernel tells of" hearing
check_walk "records, and learning" learning
ok "a record was among what there was no memory for" \
	at_least 1 stat_of '"not-learned"["out of memory"]'
check_walk "denials" denials
check_walk "offloading" offload
check_walk "offloading denials" offload_denials
start_ends near far
ok "after all that a connection is offloaded" offload c tcp 40000
ok "and talks" ends talk c 10
ok "and ends" ends fin c
forget_all
ok "the eswitch is empty" wait_for 10 rules_are 0
kill "$ENDS_PID"
ok "pnicfw goes" unload pnicfw
end_ns near far
ok "pnicsim goes" unload pnicsim
ok "nothing is leaked" no_leaks
finish
