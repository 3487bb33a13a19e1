#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 600
#
# The oracle: random scripts, a capture, and a difference that is made on
# purpose, each through two copies of one gateway, of which one has ports.
#
#	end 0 ---- v0 (copy a, ports on)  v1 ---- end 1
#	                    v2 ---- end 2
#	end 0 ---- v0 (copy b, ports off) v1 ---- end 1
#	                    v2 ---- end 2
set -u
here=$(dirname "$(realpath "$0")")
# shellcheck source=selftests/lib.sh
. "$here/lib.sh"

# From this one on few seeds are enough to have a bit of everything.
first=4 seeds=${ORACLE_SEEDS:-12}

oracle() {
	"$here/oracle/run" "$@"
}

all_alike() {
	oracle --seed "$first" --seeds "$seeds" --keep-going "$seeds" >"$dir/seeds"
	local status=$?

	cat "$dir/seeds"
	return "$status"
}

# cached KIND... - had the cache packets of each?
cached() {
	local kind

	for kind; do
		grep -q "^hits by .*\<$kind [1-9]" "$dir/seeds" || {
			echo "# none of $kind"
			return 1
		}
	done
}

# with_difference SEED - that seed's script, and one command in the middle of
# it that only the copy with ports executes
with_difference() {
	oracle --print --seed "$1" | awk '
		{ print }
		/^open c2$/ {
			print "only ip link set v1 down"
			print "only ip link set v0 down"
		}'
}

# A mismatch, the script of which needs little: what opened a connection,
# and one of the two commands.  This seed's has no NICs, which take their time.
found_and_shrunk() {
	local lines

	with_difference 2 >"$dir/script"
	if oracle --script "$dir/script" >"$dir/found"; then
		cat "$dir/found"
		return 1
	fi
	cat "$dir/found"
	lines=$(sed -n '/^----$/,/^----$/p' "$dir/found" |
		sed '1,/^port add v2$/d' | grep -vc '^----$')
	[ "$lines" -le 5 ] && grep -q '^only ip link set v[01] down$' "$dir/found" &&
		! grep -q '^send .* badsum' "$dir/found"
}

ktap_start
need nft python3
load_module pnicfw
dir=$(mktemp -d)
defer rm -r "$dir"
ok "$seeds seeds, from $first on" all_alike
ok "the cache carried some of each kind" cached bond gre icmp icmpv6 multipath \
	sctp tcp udp
ok "a difference is found, and its script is short" found_and_shrunk
ok "a capture is made" env PYTHONPATH="$here" python3 "$here/oracle/record.py" \
	"$dir/capture.pcap"
ok "a capture is played" oracle --replay "$dir/capture.pcap"
ok "each mistake can still be made" "$here/oracle/mistakes.py" --check
finish
