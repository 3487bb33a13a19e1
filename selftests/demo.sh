#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# where: host
#
# The demo goes as it should, by its own account.
#
#	this test --- selftests/demo/run ---[ VM: see demo/network ]
set -u
here=$(dirname "$(realpath "$0")")
# shellcheck source=selftests/lib.sh
. "$here/lib.sh"

# shown TEXT - the demo printed a line that begins so
shown() {
	grep -m 1 "^  $1" "$tmp/demo"
}

demo() {
	local status=0

	"$here/demo/run" </dev/null >"$tmp/demo" 2>&1 || status=$?
	cat "$tmp/demo"
	return "$status"
}

ktap_start
tmp=$(mktemp -d)
defer rm -r "$tmp"
ok "it succeeds" demo
ok "iperf3 is in the eswitch" shown 'ok   iperf3'
ok "conntrack knows" shown 'ok   conntrack'
ok "what is denied is denied" shown 'ok   curl'
ok "ping, too, is cached" shown 'ping  *icmp  *- *1 '
fails "nothing is amiss" shown NOT
finish
