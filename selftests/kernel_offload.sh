#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# where: uml
# timeout: 900
#
# The kernel's own selftests of flower's offload, as they are in its source: what
# they expect of a NIC's eswitch the simulated one does, whoever its client is.
#
#	pf0vf0 ==== nic0vf0 ---- nic0vf1 ==== pf0vf1
#	pf0vf2 ==== nic0vf2 ---- nic0vf3 ==== pf0vf3
#	                 (cables)
#
# They want devices that are joined by cables, and all of which have an eswitch:
# representors, with the functions joined two by two in another namespace.
set -u
here=$(dirname "$(realpath "$0")")
# shellcheck source=selftests/lib.sh
. "$here/lib.sh"

# Of tc_flower.sh all but those with MPLS, which mlx5 takes in tunnels only; of
# tc_actions.sh all but those that redirect to the ingress of a device, which a
# NIC cannot, and one that matches anything at all, where a NIC wants flower.
# tc_flower_router.sh, tc_chains.sh and tc_shblocks.sh need blocks or devices
# shared by several, or chains; the rest of forwarding/ is about bridges,
# routers and mirrors of real switches, and netfilter's nft_flowtable.sh about
# software.
flower_tests="match_dst_mac_test match_src_mac_test match_dst_ip_test
	match_src_ip_test match_pcp_test match_vlan_test match_ip_tos_test
	match_indev_test match_ip_ttl_test"
actions_tests="gact_drop_and_ok_test mirred_egress_redirect_test
	mirred_egress_mirror_test gact_trap_test"

# cable A B - frames that come to one function leave by the other
cable() {
	local dev

	for dev; do
		ip link set "$dev" netns cables
		ip -n cables link set "$dev" up
		tc -n cables qdisc add dev "$dev" clsact
	done
	one_way "$1" "$2"
	one_way "$2" "$1"
}

one_way() {
	tc -n cables filter add dev "$1" ingress matchall \
		action mirred egress redirect dev "$2"
}

# unpack - what the kernel's source has of them
unpack() {
	local name=linux-source-6.1 scratch

	scratch=$(mktemp -d)
	defer rm -rf "$scratch"
	forwarding=$name/tools/testing/selftests/net/forwarding
	tar -C "$scratch" -xf "/usr/src/$name.tar.xz" "$forwarding" ||
		bail "no kernel source"
	forwarding=$scratch/$forwarding
}

# run_kernel_test PROGRAM TESTS DEV... - its results are cases of this test; the
# words are its own
run_kernel_test() {
	local program=$1 tests=$2 line

	shift 2
	while read -r line; do
		case $line in
		*"[ OK ]") ktap_result ok "$program: ${line%[*}" ;;
		*"[FAIL]") ktap_fail "$program: ${line%[*}" ;;
		*) note "$line" ;;
		esac
	done < <(cd "$forwarding" && TESTS=$tests "./$program" "$@" 2>&1)
}

ktap_start
need ethtool jq mausezahn ncat tc
unpack
load_sim functions=4
new_ns cables
cable nic0vf0 nic0vf1
cable nic0vf2 nic0vf3
run_kernel_test tc_flower.sh "$flower_tests" pf0vf0 pf0vf1
run_kernel_test tc_actions.sh "$actions_tests" pf0vf0 pf0vf1 pf0vf2 pf0vf3
finish
