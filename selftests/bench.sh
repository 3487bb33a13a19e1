#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# where: host
#
# What pnicfw costs has not grown: instructions a packet, counted, compared with
# the committed baseline. And the comparison notices what it is there for.
#
#	this test --- selftests/bench/run --check ---[ VM: --> d0 [ pnicfw ] d1 --> ]
set -u
here=$(dirname "$(realpath "$0")")
# shellcheck source=selftests/lib.sh
. "$here/lib.sh"

check() {
	"$here/bench/run" --check --out "$tmp/bench"
}

# recheck PERCENT - the same figures, but had pnicfw taken so much of its time
recheck() {
	local part

	for part in packet first; do
		mkdir -p "$tmp/$1/$part"
		awk -v percent="$1" '
			$2 == "pnicfw" {
				for (i = 5; i <= NF; i++)
					$i = int($i * percent / 100)
			}
			{ print }' "$tmp/bench/$part/raw" >"$tmp/$1/$part/raw" ||
			return 124
	done
	"$here/bench/report" --check "$tmp/$1" packet first
}

ktap_start
on_kernel 6.1
tmp=$(mktemp -d)
defer rm -rf "$tmp"
ok "no line is worse than the baseline" check
sed 's/^/# /' "$ktap_output"
fails "2 % more would be too much" recheck 102
ok "5 % less would do" recheck 95
finish
