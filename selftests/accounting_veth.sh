#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 600
#
# Every byte counted, once: what pnicfw says of a connection, tier by tier, adds
# up to what the far ends' interfaces counted; conntrack says the same at the
# connection's end.  Here with the large segments that software forwards.
#
#	near: 10.0.0.2 eth0 ---- v0 (gw) v1 ---- eth0 far: 10.1.0.2
set -u
here=$(dirname "$(realpath "$0")")
# shellcheck source=selftests/lib.sh
. "$here/lib.sh"
# shellcheck source=selftests/pnicfw.sh
. "$here/pnicfw.sh"
# shellcheck source=selftests/accounting.sh
. "$here/accounting.sh"

ktap_start
need conntrack gojq python3
load_module pnicfw
gateway_veth
only_ipv4
ok "ports" ports_add
start_ends near far
check_accounting tcp cached
check_accounting udp cached
finish
