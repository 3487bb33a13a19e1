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

# ident_for TOTAL TTL SADDR DADDR - what makes a UDP packet's header, with a DSCP of
# EF and "don't fragment", add up to 0xffff without its checksum
ident_for() {
	python3 - "$@" <<-'EOT'
		import ipaddress
		import sys

		total, ttl = map(int, sys.argv[1:3])
		words = [0x45b8, total, 0x4000, ttl << 8 | 17]
		for text in sys.argv[3:]:
		    words += divmod(int(ipaddress.ip_address(text)), 1 << 16)
		print(-sum(words) % 0xffff)
	EOT
}

# Such a header's checksum is 0 or 0xffff, which is the same to all that receive it.
# The far end's answers teach both directions; all that nft does is set a DSCP.
either_sum() {
	cat >"$dir/either" <<-EOT
		ends 2
		sysctl net.ipv4.ip_forward=1
		sysctl net.netfilter.nf_conntrack_acct=1
		ip link set v0 address 02:67:00:00:00:00 up
		ip link set v1 address 02:67:00:00:00:01 up
		ip addr add 10.0.0.1/24 dev v0 nodad
		ip addr add 10.1.0.1/24 dev v1 nodad
		ip neigh replace 10.0.0.2 lladdr 02:68:00:00:00:00 dev v0 nud permanent
		ip neigh replace 10.1.0.2 lladdr 02:68:00:00:00:01 dev v1 nud permanent
		nft table ip mangle { chain c { type filter hook forward priority -150; ct state invalid drop; ip daddr 10.1.0.2 ip dscp set ef; }; }
		port add v0
		port add v1
		conn c1 udp end=0 far=1 src=10.0.0.2 dst=10.1.0.2 sport=4000 dport=5001 mac=02:68:00:00:00:00 gw=02:67:00:00:00:00
		open c1
		send c1 there n=2
		send c1 back n=2
		send c1 there size=100
		send c1 there size=100 ident=$(ident_for 128 63 10.0.0.2 10.1.0.2)
		send c1 there size=100
	EOT
	oracle --script "$dir/either"
}

ktap_start
need nft python3
load_module pnicfw
dir=$(mktemp -d)
defer rm -r "$dir"
ok "$seeds seeds, from $first on" all_alike
ok "the cache carried some of each kind" cached bond gre icmp icmpv6 multipath \
	ovs sctp tcp udp
ok "a difference is found, and its script is short" found_and_shrunk
ok "an IP checksum that may be written in two ways" either_sum
ok "a capture is made" env PYTHONPATH="$here" python3 "$here/oracle/record.py" \
	"$dir/capture.pcap"
ok "a capture is played" oracle --replay "$dir/capture.pcap"
ok "each mistake can still be made" "$here/oracle/mistakes.py" --check
finish
