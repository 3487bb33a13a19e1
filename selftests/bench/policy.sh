# shellcheck shell=bash disable=SC2154
# SPDX-License-Identifier: GPL-2.0
#
# What concerns policy and denials of the guest's part, which sources this: rules
# that new connections are held against, and what packets that are denied cost,
# themselves and others.

# With 10,000 rules a table of nftables, or pnicfw's, takes some time to set up; they
# are about clients that there are none of.

# networks N - the addresses of as many
networks() {
	local i

	for ((i = 0; i < $1; i++)); do
		echo "10.$((200 + (i >> 16))).$((i >> 8 & 255)).$((i & 255))"
	done
}

# up_vmap N - the ruleset, and a verdict map of so many clients that are denied
up_vmap() {
	up_nftables
	[ "$1" -gt 0 ] || return 0
	{
		echo "add map inet fw denied { type ipv4_addr : verdict; }"
		echo "insert rule inet fw forward ct state new ip saddr vmap @denied"
		networks "$1" | sed 's/.*/add element inet fw denied { & : drop }/'
	} | nft -f -
}

# up_policy N - the ruleset, and as many rules of pnicfw's
up_policy() {
	up_pnicfw sw
	networks "$1" | sed 's/.*/policy add src & verdict deny/' >"$OUT/rules"
	pnicfw -b "$OUT/rules"
}

down_policy() {
	pnicfw policy flush
	down_pnicfw
}

# rules CANDIDATE N - the first packet of many connections, and its reply
rules() {
	local n sent

	up_devices
	prepare
	"up_$1" "$2"
	sent=$(sent "$dev1")
	for n in {0..6}; do
		generate d0 0 $((n * 1000)) 1000 1000 1
		record rules "$1" "$2" 1 1000 "$(batches)"
		generate d1 1 $((n * 1000)) 1000 1000 1
		record rules "$1" "$2" 2 1000 "$(batches)"
	done
	[ $(($(sent "$dev1") - sent)) -eq 7000 ] || die "$1: not all is allowed"
	down "$1"
}

# part_rules CANDIDATES NUMBERS
part_rules() {
	local name n

	buckets 7000
	for name in $1; do
		for n in $2; do
			alone rules "$name" "$n"
		done
	done
}

# allowed STATE BATCHES - packets of 1,000 connections that are in the cache
allowed() {
	local carried

	carried=$(carried pnicfw)
	generate "$dev0" 0 0 1000 1000 "$2"
	record flood "$1" 1000 "$(batches)"
	[ $(($(carried pnicfw) - carried)) -eq $((1000 * $2)) ] ||
		die "flood: allowed packets have left the cache"
}

# denied AT-LEAST - so many denials are there, and all that there may be
denied() {
	local n

	n=$(pnicfw -j stats show | jq_number denied)
	[ "$n" -ge "$1" ] || die "flood: $n denials, not $1"
}

# flood - the flood's packets are all of other connections, those of the client
# behind the 32,768 connections of the first one, and of the next ones
flood() {
	local n

	up_devices
	up_pnicfw sw
	pnicfw param set deny-time 3600
	pnicfw policy add src 10.0.1.0/24 verdict deny
	pnicfw policy add src 10.0.2.0/24 verdict deny
	prepare
	establish 0 1000
	allowed before 21
	burst "$dev0" 0 32768 20000
	denied 16384
	allowed full 21
	for n in {0..20}; do
		generate "$dev0" 0 $((52768 + n * 1000)) 1000 1000 1
		allowed meanwhile 1
	done
	denied 16384
	pnicfw policy flush
	down_pnicfw
}

part_flood() {
	buckets 65536
	alone flood
}

# part_drops CANDIDATES FLOWS ROUNDS - what drops packets takes turns
part_drops() {
	local round name

	buckets "$2"
	for ((round = 0; round < $3; round++)); do
		for name in $1; do
			alone drop drops "$name" "$2" 201
		done
	done
}
