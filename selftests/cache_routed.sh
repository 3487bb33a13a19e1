#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 600
#
# Routed connections, TCP and UDP, IPv4 and IPv6: they become cached, their
# packets pass the firewall by, and the data arrive as they were sent.
#
#	near: 10.0.0.2 eth0 ---- v0 (gw) v1 ---- eth0 far: 10.1.0.2
#	      fd00::2                                      fd01::2
set -u
here=$(dirname "$(realpath "$0")")
# shellcheck source=selftests/lib.sh
. "$here/lib.sh"
# shellcheck source=selftests/pnicfw.sh
. "$here/pnicfw.sh"

# An entry that no lower tier hides
conntrack_shows() {
	in_gw conntrack -L -p tcp --sport 40000 >"$ktap_output.ct" 2>&1
	cat "$ktap_output.ct"
	grep -q 'ESTABLISHED.*ASSURED' "$ktap_output.ct" &&
		! grep -q OFFLOAD "$ktap_output.ct"
}

ktap_start
need conntrack gojq nft python3
load_module pnicfw
gateway_veth
gw_counts_forwarded
ok "ports" ports_add
start_ends near far
for proto in tcp udp; do
	check_cached $proto 10.0.0.2 10.1.0.2
	check_cached $proto fd00::2 fd01::2
done
ok "a connection" ends open c tcp 40000 10.1.0.2 5001
ok "talks" ends talk c 10
ok "conntrack shows it with its state" conntrack_shows
is "no packet changed without explanation" 0 \
	stat_of '"not-learned"."unexplained change" // 0'
finish
