#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# also: arm64
# timeout: 600
#
# Connections that have carried enough packets climb into the eswitch: both
# directions or none, which conntrack shows, and from there on the NIC's
# representors and the firewall see nothing of them.
#
#	near: 10.0.0.2 nic0vf0 ==== pf0vf0 (this namespace) p0 ==== wire0 far: 10.1.0.2
#	      fd00::2                                                    fd01::2
set -u
here=$(dirname "$(realpath "$0")")
# shellcheck source=selftests/lib.sh
. "$here/lib.sh"
# shellcheck source=selftests/pnicfw.sh
. "$here/pnicfw.sh"

bindings() {
	pnicfw -j port show |
		jq -er 'map("\(.dev) \(."hw-bind")") | sort | join(" ")'
}

# rules_from PORT
rules_from() {
	grep -c "^port=$1 " "$sim/rules"
}

# check_offloaded PROTOCOL SRC DST [SEEN [REAL]] - see check_cached
check_offloaded() {
	local proto=$1 src=$2 dst=$3 what="$1 $2 to $3" before filter

	filter=(proto "$proto" src "$src" dst "$dst" sport 40000 dport 5001)
	is "$what: connects" "${4:-$src}" ends_open_from c "$proto" 40000 "$dst" "${5:-}"
	ok "$what: talks a little" ends talk c 10
	ok "$what: is not worth an entry yet" wait_for 10 too_cold "${filter[@]}"
	is "$what: has none" 0 rules
	ok "$what: talks more" ends talk c 30
	ok "$what: is offloaded" wait_for 10 flow_is offloaded "${filter[@]}"
	is "$what: one rule a direction" "1 1" \
		eval 'echo $(rules_from pf0vf0) $(rules_from p0)'
	ok "$what: conntrack shows it" conntrack_shows_hw "$proto"
	before=$(trapped)
	ok "$what: 50 messages each way" ends talk c 50 1000
	[ "$proto" = udp ] || ok "$what: 200 kB each way" ends exchange c 200000
	is "$what: the kernel sees none of them" "$before" trapped
	ok "$what: the NIC's counts reach pnicfw" wait_for 10 hw_counted "${filter[@]}"
	ok "$what: ends" ends fin c
	[ "$proto" = tcp ] || forget_all
	ok "$what: leaves the eswitch" wait_for 10 rules_are 0
}

too_cold() {
	flow '.[] | "\(.state) \(."hw-reason") \(.orig.hw.packets)"' "$@" |
		tee "$ktap_output.cold"
	[ "$(<"$ktap_output.cold")" = "cached not enough packets yet 0" ]
}

conntrack_shows_hw() {
	conntrack -L -p "$1" --orig-port-src 40000 -f "$family" | tee "$ktap_output.ct"
	grep -q '\[HW_OFFLOAD\]' "$ktap_output.ct"
}

hw_counted() {
	[ "$(flow '.[] | .orig.hw.packets >= 50 and .orig.hw.bytes >= 51400 and
		.reply.hw.packets >= 50 and .reply.hw.bytes >= 51400' "$@")" = true ]
}

test_nat() {
	nft -f - <<-EOT
		table inet nat {
			chain prerouting {
				type nat hook prerouting priority -100
				ip daddr 10.8.0.1 dnat ip to 10.1.0.2
				ip6 daddr fd08::1 dnat ip6 to fd01::2
			}
			chain postrouting {
				type nat hook postrouting priority 100
				oifname p0 masquerade
			}
		}
	EOT
	family=ipv4
	check_offloaded tcp 10.0.0.2 10.8.0.1 10.1.0.1 10.1.0.2
	family=ipv6
	check_offloaded udp fd00::2 fd08::1 fd01::1 fd01::2
	nft flush ruleset
}

test_param() {
	ok "hw-after can be set" pnicfw param set hw-after 5
	ok "another connection" ends open c udp 40000 10.1.0.2 5001
	ok "six messages are enough now" ends talk c 6
	ok "is offloaded" wait_for 10 flow_is offloaded sport 40000
	ok "ends" ends fin c
	forget_all
	ok "leaves the eswitch" wait_for 10 rules_are 0
}

# by_cache - packets that the cache has carried
by_cache() {
	flow '.[] | .orig.cache.packets + .reply.cache.packets' sport 40000
}

# The two answers are independent: with the cache off a connection's packets
# stay in tier 1 until the eswitch has it, and are there again when it has not.
test_no_cache() {
	local before

	gw_counts_forwarded
	ok "cache off: can be set" pnicfw param set cache off hw-after 32
	ok "cache off: a connection" ends open c tcp 40000 10.1.0.2 5001
	ok "cache off: talks a little" ends talk c 10
	ok "cache off: the firewall sees it" at_least 20 counter forwarded
	is "cache off: it is not cached" "tracked false true" flow \
		'.[] | "\(.state) \(.cacheable) \(.offloadable)"' sport 40000
	ok "cache off: talks more" ends talk c 30
	ok "cache off: climbs" climb c 40000
	before=$(trapped)
	ok "cache off: talks there" ends talk c 50
	is "cache off: the kernel sees none of it" "$before" trapped
	before=$(counter forwarded)
	quiet nft add table inet again
	ok "cache off: out of the eswitch" wait_for 10 rules_are 0
	ok "cache off: talks" ends talk c 5
	ok "cache off: the firewall sees it again" at_least $((before + 1)) \
		counter forwarded
	ok "cache off: climbs again" climb c 40000
	is "cache off: nothing went through the cache" 0 by_cache
	ok "cache off: ends" ends fin c
	quiet pnicfw param set cache on
	nft flush ruleset
}

ktap_start
start_sim
ok "ports" ports_add
is "the uplink takes rules by block, a representor by flow table" \
	"p0 block pf0vf0 ft" bindings
start_ends near far
family=ipv4 check_offloaded tcp 10.0.0.2 10.1.0.2
family=ipv4 check_offloaded udp 10.0.0.2 10.1.0.2
family=ipv6 check_offloaded tcp fd00::2 fd01::2
test_nat
test_param
test_no_cache
finish
