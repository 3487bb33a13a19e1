#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 900
#
# Policy rules answer for connections: the first one that matches says whether
# the cache and the eswitch may have it, or that nobody may. A change of the
# rules, of a mark or of a label reaches connections that exist, and no others.
#
#	near: 10.0.0.2 nic0vf0 ==== pf0vf0 (this namespace) p0 ==== wire0 far: 10.1.0.2
#	      fd00::2                                                    fd01::2
set -u
here=$(dirname "$(realpath "$0")")
# shellcheck source=selftests/lib.sh
. "$here/lib.sh"
# shellcheck source=selftests/pnicfw.sh
. "$here/pnicfw.sh"

answers='.[] | "\(.cacheable) \(."cacheable-reason"), \(.offloadable) \(."offloadable-reason"), \(.pref)"'

# answer SPORT - what tier 1 says of a connection
answer() {
	flow "$answers" sport "$1"
}

# answered SPORT ANSWER
answered() {
	[ "$(answer "$1")" = "$2" ]
}

test_matches() {
	ok "rules" pnicfw -b - <<-EOT
		policy add pref 10 proto tcp dport 5001 sport 40000-40009 hw off
		policy add pref 20 proto udp src 10.0.0.0/24 dst 10.1.0.2 cache off
		policy add pref 30 src fd00::/64 hw-after 7
		policy add pref 40 in pf0vf0 out p0 cache on hw on
		policy add pref 50 verdict allow cache off hw off
	EOT
	ok "tcp to a port: a connection" ends open a tcp 40005 10.1.0.2 5001
	ok "udp: a connection" ends open b udp 41000 10.1.0.2 5001
	ok "IPv6: a connection" ends open c udp 41001 fd01::2 5001
	ok "another: a connection" ends open d tcp 41002 10.1.0.2 5001
	for name in a b c d; do
		ok "$name talks" ends talk $name 3
	done
	is "tcp to a port" "true policy default, false policy rule 10, 10" \
		answer 40005
	is "udp" "false policy rule 20, true policy default, 20" answer 41000
	is "IPv6" "true policy default, true policy default, 30" answer 41001
	is "IPv6: after 7 packets" 7 flow '.[]."hw-after"' sport 41001
	is "between two ports" "true policy rule 40, true policy rule 40, 40" \
		answer 41002
	ok "the reason is explained" eval 'pnicfw flow explain sport 41000 |
		grep -q "flow cache have it: policy rule 20"'
}

# What each rule's answer leads to: the four rows of the two answers.
test_tiers() {
	local dev

	ok "neither: only the one rule" pnicfw -b - <<-EOT
		policy flush
		policy add pref 1 proto tcp dport 5001 sport 42001 cache off hw off
		policy add pref 2 proto tcp dport 5001 sport 42002 cache on hw off
		policy add pref 3 proto tcp dport 5001 sport 42003 cache on hw on
		policy add pref 4 proto tcp dport 5001 sport 42004 cache off hw on hw-after 40
	EOT
	ok "neither: a connection" ends open n tcp 42001 10.1.0.2 5001
	ok "neither: talks" ends talk n 50
	is "neither: tier 1 sees all of it" "tracked 0 0" flow \
		'.[] | "\(.state) \(.orig.cache.packets) \(.orig.hw.packets)"' \
		sport 42001
	is "neither: its way and back is known" "pf0vf0 p0 p0 pf0vf0" flow \
		'.[] | [.orig.in, .orig.out, .reply.in, .reply.out] | join(" ")' \
		sport 42001
	for dev in pf0vf0 p0; do
		is "neither: is found by $dev" 1 flow length sport 42001 dev $dev
	done
	ok "cache only: a connection" ends open o tcp 42002 10.1.0.2 5001
	ok "cache only: talks" ends talk o 50
	ok "cache only: is cached" speaks o 42002 cached
	is "cache only: the eswitch sees none of it" 0 \
		flow '.[].orig.hw.packets' sport 42002
	ok "both: is offloaded" offload p tcp 42003
	ok "eswitch only: a connection" ends open q tcp 42004 10.1.0.2 5001
	ok "eswitch only: talks a little" ends talk q 10
	is "eswitch only: tier 1 has it until then" tracked \
		flow '.[].state' sport 42004
	ok "eswitch only: talks more" ends talk q 40
	ok "eswitch only: climbs" climb q 42004
	is "eswitch only: the cache never had it" 0 \
		flow '.[] | .orig.cache.packets + .reply.cache.packets' \
		sport 42004
}

# A rule's coming and going changes the answer of those it is about, where they
# are, and nobody else's.
test_change() {
	local id

	ok "change: no rules" pnicfw policy flush
	ok "change: a connection climbs" offload e tcp 43001
	ok "change: another" offload f tcp 43002
	id=$(flow '.[].id' sport 43002)
	ok "hw off: is added" pnicfw policy add proto tcp sport 43001 hw off
	ok "hw off: leaves the eswitch" wait_for 10 flow_is cached sport 43001
	ok "hw off: its rules are gone" wait_for 10 no_rule 43001
	is "hw off: says why" "true policy default, false policy rule 10, 10" \
		answer 43001
	is "hw off: the other one stays" offloaded flow '.[].state' sport 43002
	is "hw off: and is the same" "$id" flow '.[].id' sport 43002
	ok "hw off: goes on in the cache" ends talk e 10
	ok "cache off: is added" pnicfw policy add pref 5 proto tcp sport 43001 \
		cache off hw off
	ok "cache off: is tier 1's" wait_for 10 flow_is tracked sport 43001
	gw_counts_forwarded
	ok "cache off: goes on" ends talk e 5
	ok "cache off: the firewall sees it" at_least 10 counter forwarded
	ok "deleted: the first rule" pnicfw policy del pref 5
	ok "deleted: is cached again" speaks e 43001 cached
	ok "deleted: the second" pnicfw policy del pref 10
	ok "deleted: climbs again" climb e 43001
	is "deleted: says so" "true policy default, true policy default, null" \
		answer 43001
	ok "deleted: the other one climbs" climb f 43002
	nft flush ruleset
}

# no_rule PORT - the eswitch has none of it
no_rule() {
	! grep -q "=$1\b" "$sim/rules"
}

# tries_in_vain PROTOCOL SPORT DST - a connection that does not come about
tries_in_vain() {
	! timeout $((3 * ${TIME_SCALE:-1})) ip netns exec near python3 -c '
import socket, sys
proto, sport, dst = sys.argv[1], int(sys.argv[2]), sys.argv[3]
family = socket.AF_INET6 if ":" in dst else socket.AF_INET
kind = socket.SOCK_STREAM if proto == "tcp" else socket.SOCK_DGRAM
s = socket.socket(family, kind)
s.bind(("::" if ":" in dst else "0.0.0.0", sport))
s.settimeout(1)
s.connect((dst, 7))
s.send(b"x")
s.recv(1)' "$1" "$2" "$3"
}

# conntrack_has SPORT
conntrack_has() {
	conntrack -L -p "$2" --orig-port-src "$1" 2>/dev/null | grep -q .
}

conntrack_lacks() {
	! conntrack_has "$1" "$2"
}

test_deny() {
	local before

	ok "deny: no rules" pnicfw policy flush
	ok "deny: in the eswitch" offload g tcp 44001
	ok "deny: in the cache" pnicfw policy add pref 9 proto udp hw off
	ok "deny: a connection" ends open h udp 44002 10.1.0.2 5001
	ok "deny: is cached" speaks h 44002 cached
	ok "deny: another" offload i tcp 44003
	ok "deny: is added" pnicfw -b - <<-EOT
		policy add pref 1 proto tcp sport 44001 dport 5001 verdict deny
		policy add pref 2 proto udp in pf0vf0 out p0 verdict deny
	EOT
	ok "deny: what was in the eswitch is gone" wait_for 10 \
		flow_gone sport 44001 state offloaded
	ok "deny: its rules are gone" wait_for 10 no_rule 44001
	ok "deny: what was cached is gone" wait_for 10 \
		flow_gone sport 44002 state cached
	ok "deny: conntrack has none of it" wait_for 10 conntrack_lacks 44001 tcp
	ok "deny: nor of the other" wait_for 10 conntrack_lacks 44002 udp
	before=$(received far)
	ok "deny: sends on" ends send h near 5
	ok "deny: of TCP, the other end as well" ends send g far 5
	ok "deny: which nobody hears" wait_for 10 conntrack_lacks 5001 tcp
	is "deny: at all" 0 ends pending g near
	ok "deny: a new one is dropped" tries_in_vain udp 44010 10.1.0.2
	ok "deny: IPv6 as well" tries_in_vain udp 44011 fd01::2
	is "deny: nothing of it has arrived" "$before" received far
	ok "deny: conntrack has forgotten it" conntrack_lacks 44010 udp
	ok "deny: the other one goes on" ends talk i 10
	ok "allowed again" pnicfw policy flush
	ok "allowed again: a new one" ends open j udp 44012 10.1.0.2 5001
	ok "allowed again: talks" ends talk j 3
}

# labels SPORT - the names of a TCP connection's labels
labels() {
	conntrack -L -o labels -p tcp --orig-port-src "$1" 2>/dev/null |
		tee "$ktap_output.ct" | sed -n 's/.*labels=\([^ ]*\).*/\1/p'
	cat "$ktap_output.ct" >&2
}

labelled() {
	[ "$(labels "$1" 2>/dev/null)" = "$2" ]
}

test_labels() {
	mkdir -p /etc/xtables
	printf '%s\n' '3 may-be-cached' '5 is-offloaded' >/etc/xtables/connlabel.conf
	ok "labels: are wanted" pnicfw param set label-cacheable 3 \
		label-offloaded 5
	ok "labels: a connection" ends open l tcp 46001 10.1.0.2 5001
	ok "labels: talks" ends talk l 3
	ok "labels: may be cached" wait_for 10 labelled 46001 may-be-cached
	ok "labels: talks more" ends talk l 40
	ok "labels: climbs" climb l 46001
	ok "labels: is offloaded" wait_for 10 labelled 46001 \
		may-be-cached,is-offloaded
	ok "labels: hw off" pnicfw policy add pref 1 sport 46001 proto tcp hw off
	ok "labels: is not offloaded" wait_for 10 labelled 46001 may-be-cached
	ok "labels: a rule by a label" pnicfw policy add pref 2 label 9 cache off
	ok "labels: another connection" ends open m tcp 46002 10.1.0.2 5001
	ok "labels: is cached" speaks m 46002 cached
	printf '%s\n' '9 nine' >>/etc/xtables/connlabel.conf
	ok "labels: label 9" quiet_conntrack -U -p tcp -s 10.0.0.2 --sport 46002 \
		--label-add nine
	ok "labels: is noticed" wait_for 10 answered 46002 \
		"false policy rule 2, true policy default, 2"
	ok "labels: none" pnicfw param set label-cacheable off label-offloaded off
	ok "labels: no rules" pnicfw policy flush
}

test_mark() {
	ok "mark: a rule" pnicfw policy add pref 1 mark 0x10/0xf0 hw off
	ok "mark: a connection climbs" offload k tcp 45001
	ok "mark: set" quiet_conntrack -U -p tcp -s 10.0.0.2 --sport 45001 --mark 0x1f
	ok "mark: leaves the eswitch without a packet" \
		wait_for 10 answered 45001 \
		"true policy default, false policy rule 1, 1"
	ok "mark: its rules are gone" wait_for 10 no_rule 45001
	ok "mark: another" quiet_conntrack -U -p tcp -s 10.0.0.2 --sport 45001 --mark 0x2f
	ok "mark: is allowed again" wait_for 10 answered 45001 \
		"true policy default, true policy default, null"
	ok "mark: climbs" climb k 45001
	ok "mark: a rule that denies" pnicfw policy add pref 2 mark 7 verdict deny
	ok "mark: 7" quiet_conntrack -U -p tcp -s 10.0.0.2 --sport 45001 --mark 7
	ok "mark: ends it" wait_for 10 conntrack_lacks 45001 tcp
	ok "mark: no rules" pnicfw policy flush
}

quiet_conntrack() {
	conntrack "$@" >/dev/null 2>&1
}

test_devices() {
	ip link add dum0 type dummy
	ok "device: a rule" pnicfw policy add pref 7 in dum0 hw off
	is "device: shown" "pref 7 in dum0 verdict allow hw off" pnicfw policy show
	ip link set dum0 name dum1
	is "device: by its new name" "pref 7 in dum1 verdict allow hw off" \
		pnicfw policy show
	ip link del dum1
	is "device: the rule stays without it" \
		"pref 7 in dum1 [gone] verdict allow hw off" pnicfw policy show
	ok "device: as JSON" eval 'pnicfw -j policy show |
		gojq -e ".[0].\"in-gone\" == true"'
	ok "device: is deleted" pnicfw policy del pref 7
}

ktap_start
start_sim
ok "ports" ports_add
start_ends near far
test_matches
test_tiers
test_change
test_deny
test_mark
test_labels
test_devices
finish
