#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 600
#
# Every byte counted, once: what pnicfw says of a connection, tier by tier, adds
# up to what the far ends' interfaces counted; conntrack says the same at the
# connection's end.  Here with most of it in the eswitch, and moved in and out.
#
#	near: 10.0.0.2 nic0vf0 ==== pf0vf0 (this namespace) p0 ==== wire0 far: 10.1.0.2
set -u
here=$(dirname "$(realpath "$0")")
# shellcheck source=selftests/lib.sh
. "$here/lib.sh"
# shellcheck source=selftests/pnicfw.sh
. "$here/pnicfw.sh"
# shellcheck source=selftests/accounting.sh
. "$here/accounting.sh"

# shuttle - out of the eswitch and back, with traffic all the time
shuttle() {
	nft add table inet again && ends exchange c 100000 &&
		nft delete table inet again && ends exchange c 100000 &&
		climb c 40000 && ends talk c 10
}

ktap_start
start_sim
only_ipv4
ok "ports" ports_add
start_ends near far
check_accounting tcp offloaded shuttle
check_accounting udp offloaded
finish
