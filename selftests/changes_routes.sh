#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 600
#
# A route changes: connections to or from its prefix, before NAT or after, leave
# the eswitch and go by the new way; others stay there, and lose nothing. What
# may concern everybody takes everybody out.
#
#	near: 10.0.0.2 nic0vf0 ==== pf0vf0 (this namespace) p0 ==== wire0 far: 10.1.0.2, .3
#	                                                pf0vf1 ==== nic0vf1      10.2.0.2
set -u
here=$(dirname "$(realpath "$0")")
# shellcheck source=selftests/lib.sh
. "$here/lib.sh"
# shellcheck source=selftests/pnicfw.sh
. "$here/pnicfw.sh"

second_way() {
	ip link set nic0vf1 netns far
	no_own_addresses far pf0vf1 nic0vf1
	gateway_side far pf0vf1 nic0vf1 2
	ip -n far route replace default via 10.1.0.1
	ip -n far -b - <<-EOT
		addr add 10.1.0.3/24 dev wire0
		addr add fd01::3/64 dev wire0 nodad
	EOT
	ip neigh replace 10.1.0.3 lladdr 02:00:00:00:01:02 dev p0 nud permanent
	ip neigh replace fd01::3 lladdr 02:00:00:00:01:02 dev p0 nud permanent
	links_up in_gw pf0vf1
	pnicfw port add dev pf0vf1
}

# connection NAME SPORT DST [REAL] - one in the eswitch
connection() {
	ends open "$1" udp "$2" "$3" 5001 "${4:-$3}" && ends talk "$1" 40 &&
		climb "$1" "$2"
}

# has SPORT - the eswitch, both directions, and without a break
has() {
	[ "$(grep -c "=$1\b" "$sim/rules")" = 2 ] && flow_is offloaded sport "$1"
}

lacks() {
	! grep -q "=$1\b" "$sim/rules"
}

# deleted - rules that have been taken out so far
deleted() {
	stat_of '"hw-deleted"'
}

# counted - packets by the rules of all but connection b, since these were put in
counted() {
	grep -v '=40002\b' "$sim/rules" |
		sed 's/.* packets=\([0-9]*\) .*/\1/' | paste -sd+ | bc
}

# alone WHAT COMMAND... - COMMAND concerns connection b, and it only: its rules are
# taken out, and those of the others, which are silent meanwhile, are not
alone() {
	local what=$1 before

	shift
	before=$(counted)
	ok "$what: the change" "$@"
	ok "$what: whom it concerns leaves the eswitch" wait_for 10 lacks 40002
	ok "$what: and climbs again" climb b 40002
	ok "$what: nobody else has left" others "$before"
	ok "$what: the others go on there" unseen
}

# others COUNTED - they are there, and their rules are those of before
others() {
	echo "$1, now $(counted)"
	has 40001 && has 40003 && has 40006 && [ "$(counted)" = "$1" ]
}

# unseen - connections a and c talk, and no port sees it
unseen() {
	local before

	before=$(trapped)
	ends talk a 10 && ends talk c 10 && ends talk d 10 || return
	echo "$before, now $(trapped)"
	[ "$(trapped)" = "$before" ]
}

# all WHAT COMMAND... - COMMAND may concern everybody
all() {
	local what=$1 before

	shift
	before=$(deleted)
	ok "$what: the change" "$@"
	ok "$what: everybody leaves the eswitch" wait_for 10 \
		at_least $((before + 8)) deleted
	ok "$what: and climbs again" everybody
}

everybody() {
	climb a 40001 && climb b 40002 && climb c 40003 && climb d 40006
}

ktap_start
start_sim
nft -f - <<-EOT
	table ip nat {
		chain prerouting {
			type nat hook prerouting priority -100
			ip daddr 10.8.0.1 dnat to 10.1.0.3
		}
	}
EOT
ok "ports" ports_add
ok "a second way" second_way
start_ends near far
ok "connection a" connection a 40001 10.1.0.2
ok "connection b, by NAT" connection b 40002 10.8.0.1 10.1.0.3
ok "connection c" connection c 40003 10.1.0.2
ok "connection d, of IPv6" connection d 40006 fd01::2
ok "all are there" everybody
ok "the others talk there" unseen
alone "its destination after NAT" ip route add 10.1.0.3/32 via 10.2.0.2
is "its destination after NAT: the new way is taken" pf0vf1 \
	flow '.[].orig.out' sport 40002
alone "the route goes" ip route del 10.1.0.3/32
is "the route goes: the old way is taken" p0 flow '.[].orig.out' sport 40002
alone "its destination before NAT" ip route add 10.8.0.0/16 via 10.1.0.2
for n in {24..26}; do
	alone "five routes at once, /$n" ip -b - <<-EOT
		route add 10.6.0.0/$n via 10.1.0.2
		route add 10.8.0.0/$n via 10.1.0.2
		route add 10.7.0.0/$n via 10.1.0.2
		route add 10.7.1.0/$n via 10.1.0.2
		route add fd77::/$n via fd01::2
	EOT
done
all "a route of everybody's" eval 'ip route add default via 10.1.0.2 &&
	ip -6 route add default via fd01::2'
defer ip addr del 10.99.0.1/32 dev lo
all "an address" ip addr add 10.99.0.1/32 dev lo
defer ip rule del from 10.99.0.1
all "a rule" ip rule add from 10.99.0.1 lookup 99
all "a ruleset, and a route that concerns nobody" eval \
	'nft add table inet other; ip route add 10.79.0.0/24 via 10.1.0.2'
ok "more routes than are remembered" eval \
	'for i in {1..40}; do echo "route add 10.90.$i.0/24 via 10.1.0.2"; done |
	ip -b -'
ok "more routes than are remembered: all go on" everybody
finish
