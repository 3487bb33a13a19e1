#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# where: host
#
# What pnicfw costs has not grown: instructions a packet, counted, compared with
# the committed baseline. And the comparison notices what it is there for: a fast
# path that has become slower.
#
#	this test --- selftests/bench/run --check ---[ VM: --> d0 [ pnicfw ] d1 --> ]
set -u
here=$(dirname "$(realpath "$0")")
# shellcheck source=selftests/lib.sh
. "$here/lib.sh"

# check TREE OUT [PART...]
check() {
	local tree=$1 out=$2

	shift 2
	"$tree/selftests/bench/run" --check --out "$out" "$@"
}

# slow_down TREE - each hit goes round in circles: some 20 instructions, which is
# less than 1 % of what a packet costs in all
slow_down() {
	local file=$1/kmod/pnicfw/fastpath.c
	local place='	fastpath_count(pn, dir, pkt->len);'
	local circles='	{
		int n = 10;

		OPTIMIZER_HIDE_VAR(n);
		while (--n)
			barrier();
	}'

	[ "$(grep -cxF "$place" "$file")" = 1 ] || {
		echo "$file has not one place for it"
		return 1
	}
	awk -v place="$place" -v circles="$circles" '
		$0 == place { print circles }
		{ print }' "$file" >"$tmp/slow.c" && mv "$tmp/slow.c" "$file"
}

# slower_tree TREE - a copy of this one, slowed down and built
slower_tree() {
	rsync -a --exclude=.git "$here/../" "$1" && slow_down "$1" &&
		slower_built=$("$1/selftests/vm/build" 6.1)
}

# noticed TREE OUT - its packets are worse than the baseline, and nothing else is
# amiss
noticed() {
	local status=0

	check "$1" "$2" packet >"$tmp/said" || status=$?
	cat "$tmp/said"
	[ "$status" = 1 ] && grep -q '^instructions .* above the floor .*: WORSE$' \
		"$tmp/said"
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
	"$here/bench/report" --check "$tmp/$1" packet first | tee "$tmp/said"
	[ "${PIPESTATUS[0]}" = 0 ] && grep -q 'better, the baseline is stale' "$tmp/said"
}

ktap_start
on_kernel 6.1
need rsync
tmp=$(mktemp -d) slower_built=''
defer rm -rf "$tmp"
ok "no line is worse than the baseline" check "$here/.." "$tmp/bench"
sed 's/^/# /' "$ktap_output"
ok "5 % less would do, and is told" recheck 95
ok "a slower fast path is built" slower_tree "$tmp/slower"
[ -z "$slower_built" ] || defer rm -rf "$slower_built"
ok "it is noticed" noticed "$tmp/slower" "$tmp/slower.bench"
sed 's/^/# /' "$ktap_output"
finish
