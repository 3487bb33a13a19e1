#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 600
#
# Policy rules in the words of the tool: what is shown can be given again, and
# what makes no sense is refused, with the reason, and changes nothing.
#
#	this namespace: eth-a (a dummy device)    other: another namespace
set -u
here=$(dirname "$(realpath "$0")")
# shellcheck source=selftests/lib.sh
. "$here/lib.sh"
need pnicfw gojq

# Every word that a rule has, in the order and form in which it is shown
rules="pref 1 src 10.0.0.0/8 dst 10.1.2.3 proto tcp sport 1024-65535 dport 443 verdict allow cache on hw off
pref 2 dst fd00::/16 proto udp dport 53 verdict allow hw-after 9
pref 7 in eth-a out eth-a zone 3 verdict deny
pref 10 mark 0x10/0xf0 label 127 verdict allow cache off hw on hw-after 0
pref 20 src 0.0.0.0/0 mark 0xffffffff verdict allow
pref 30 proto gre verdict allow cache off
pref 4294967295 verdict allow hw off"

add_all() {
	while read -r rule; do
		echo "policy add $rule"
	done <<<"$rules" | pnicfw -b -
}

test_round_trip() {
	ok "add" add_all
	is "show" "$rules" pnicfw policy show
	is "show one" "pref 7 in eth-a out eth-a zone 3 verdict deny" \
		pnicfw policy show pref 7
	ok "what is shown can be given again" eval \
		'pnicfw policy show >"$scratch/shown" && pnicfw policy flush &&
		sed "s/^/policy add /" "$scratch/shown" | pnicfw -b -'
	is "the same again" "$rules" pnicfw policy
	ok "as JSON" json '.[0] == {pref: 1, src: "10.0.0.0/8", dst: "10.1.2.3",
		proto: "tcp", sport: 1024, "sport-max": 65535, dport: 443,
		verdict: "allow", cache: true, hw: false} and
		.[2] == {pref: 7, in: "eth-a", out: "eth-a", zone: 3,
		verdict: "deny"} and
		.[3] == {pref: 10, mark: 16, "mark-mask": 240, label: 127,
		verdict: "allow", cache: false, hw: true, "hw-after": 0}' \
		pnicfw -j policy show
	is "in /proc" "2 all,dst=fd00::/16,proto=udp,dport=53-53 allow - - 9
7 all,in=eth-a,out=eth-a,zone=3 deny - - -" \
		grep "^[27] " /proc/net/pnicfw/policy
	is "in /proc: as many, and the default" 9 \
		eval 'wc -l </proc/net/pnicfw/policy'
	is "another namespace has none" "" in_ns other pnicfw policy show
	ok "del" pnicfw policy del pref 7
	is "is gone" 6 eval 'pnicfw policy show | wc -l'
	ok "flush" pnicfw policy flush
	is "none is left" "[]" pnicfw -j policy show
	ok "flush of none" pnicfw policy flush
}

test_pref() {
	ok "without a pref" eval 'pnicfw policy add proto udp &&
		pnicfw policy add pref 15 proto tcp && pnicfw policy add proto icmp'
	is "10 past the last one" "10 15 25" eval \
		'pnicfw -j policy | jq -r "map(.pref) | join(\" \")"'
	ok "flush" pnicfw policy flush
}

test_many() {
	ok "3000 rules" eval 'for i in {1..3000}; do
		echo "policy add dst 10.$((i / 250)).$((i % 250)).0/24 hw off"
		done | pnicfw -b -'
	is "are shown, in order" "3000 true" eval \
		'pnicfw -j policy | jq -r "\"\(length) \([.[].pref] == ([.[].pref] | sort))\""'
	ok "are deleted" pnicfw policy flush
}

test_usage() {
	ok "unknown word" refused 2 'unknown word "foo"' \
		pnicfw policy add foo 1
	ok "no value" refused 2 'dport: the value is missing' \
		pnicfw policy add dport
	ok "twice" refused 2 'src: given twice' \
		pnicfw policy add src 10.0.0.1 src 10.0.0.2
	ok "no prefix" refused 2 'src: "10.0.0" is no IP prefix' \
		pnicfw policy add src 10.0.0
	ok "no port" refused 2 'dport: "x" is no number up to 65535' \
		pnicfw policy add proto tcp dport x
	ok "no range" refused 2 'dport: "" is no number up to 65535' \
		pnicfw policy add proto tcp dport 1-
	ok "no verdict" refused 2 'verdict: "drop" is neither allow nor deny' \
		pnicfw policy add verdict drop
	ok "deletion of nothing" refused 2 \
		'pref N is missing; "policy flush" is for all' pnicfw policy del
	ok "deletion by something else" refused 2 'unknown word "src"' \
		pnicfw policy del src 10.0.0.1
}

# no TEXT WORD... - "policy add WORD..." is refused for that reason
no() {
	local text=$1

	shift
	ok "refused: $*" refused 1 "$text" pnicfw policy add "$@"
}

test_refusals() {
	local before

	ok "a rule" pnicfw policy add pref 5 proto tcp hw off
	before=$(settings)
	no 'src and dst: address has bits set past the prefix' src 10.0.0.1/24
	no 'src and dst: address has bits set past the prefix' dst fd00::1/64
	no 'src and dst: prefix is longer than the address' src 10.0.0.0/33
	no 'src and dst: prefix is longer than the address' dst ::/129
	no 'src and dst: prefixes are of different families' \
		src 10.0.0.0/8 dst fd00::/8
	no 'sport and dport: range ends before it begins' \
		proto tcp dport 100-99
	no 'sport and dport: need a proto that has ports: tcp, udp or sctp' \
		dport 80
	no 'sport and dport: need a proto that has ports: tcp, udp or sctp' \
		proto icmp sport 80
	no 'in: no such network device in this namespace' in eth-x
	no 'out: no such network device in this namespace' out eth-x
	no 'helper: no such conntrack helper is loaded' helper nobody
	no 'mark: value has bits that the mask lacks' mark 3/1
	no 'mark: integer out of range (1 to 4294967295)' mark 0/0
	no 'label: integer out of range (0 to 127)' label 128
	no 'pref: integer out of range (1 to 4294967295)' pref 0
	no 'proto: integer out of range (1 to 255)' proto 0
	no 'pref: is in use' pref 5 proto udp
	no 'cache, hw and hw-after: have no meaning where the verdict is deny' \
		verdict deny cache off
	ok "refused: deletion of one that is not there" refused 1 \
		'pref: there is no such rule' pnicfw policy del pref 6
	ok "refused: showing one that is not there" refused 1 \
		'pref: there is no such rule' pnicfw -j policy show pref 6
	is "nothing has changed" "$before" settings
	printf 'policy add pref 6 hw off\npolicy add pref 5 hw off\npolicy flush\n' \
		>"$scratch/batch"
	is "a batch ends where it is refused" \
		"Error: $scratch/batch:2: pref: is in use." \
		eval '! pnicfw -b "$scratch/batch"'
	is "what came before is done" "5 6" eval \
		'pnicfw -j policy | jq -r "map(.pref) | join(\" \")"'
	ok "flush" pnicfw policy flush
}

test_privileges() {
	local command

	ok "a rule" pnicfw policy add pref 5 proto tcp hw off
	for command in "add hw off" "del pref 5" flush; do
		# shellcheck disable=SC2086 # words are what is wanted
		ok "without privilege: $command" refused 1 \
			'Operation not permitted' setpriv --reuid=65534 \
			--regid=65534 --clear-groups --inh-caps=-all \
			pnicfw policy $command
	done
	is "everybody may look" "pref 5 proto tcp verdict allow hw off" \
		setpriv --reuid=65534 --regid=65534 --clear-groups \
		--inh-caps=-all pnicfw policy show
	ok "flush" pnicfw policy flush
}

test_monitor() {
	spawn pnicfw -j monitor policy >"$scratch/events"
	ok "monitor: listens" wait_for 10 listening $!
	ok "monitor: add and del" eval \
		'pnicfw policy add pref 3 proto tcp dport 22 verdict deny &&
		pnicfw policy del pref 3'
	ok "monitor: both are told" wait_for 10 eval \
		'[ "$(wc -l <"$scratch/events")" = 2 ]'
	is "monitor: what they say" "policy add 3 tcp 22 deny
policy del 3 tcp 22 deny" jq -r '"\(.object) \(.event) \(.rule.pref) \(.rule.proto) \(.rule.dport) \(.rule.verdict)"' \
		"$scratch/events"
}

ktap_start
# shellcheck source=selftests/netlink_lib.sh
. "$here/netlink_lib.sh"
load_module pnicfw
new_ns other
ip link add eth-a type dummy
defer ip link del eth-a
chmod a+rx "$scratch"
test_round_trip
test_pref
test_many
test_usage
test_refusals
test_privileges
test_monitor
finish
