#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# also: arm64
#
# What users see of real connections: shown, filtered, deleted, explained, in
# /proc, in events, and in a dump of thousands while others come and go.
#
#	vm0: nic0vf0 10.0.0.2 ==== pf0vf0 10.0.0.1 \
#	                                            this namespace routes
#	vm1: nic0vf1 10.1.0.2 ==== pf0vf1 10.1.0.1 /
#
# timeout: 900
set -u
here=$(dirname "$(realpath "$0")")
# shellcheck source=selftests/lib.sh
. "$here/lib.sh"
need pnicfw gojq python3

# end NAME FUNCTION REPRESENTOR SUBNET - one VM and this side of its cable.  An
# address of IPv6 that comes by itself would be a change of routes, and late.
end() {
	new_ns "$1"
	ip link set "$2" netns "$1"
	sysctl -qw "net/ipv6/conf/$3/disable_ipv6=1"
	in_ns "$1" sysctl -qw "net/ipv6/conf/$2/disable_ipv6=1"
	ip -n "$1" addr add "$4.2/24" dev "$2"
	ip -n "$1" link set "$2" up
	ip -n "$1" route add default via "$4.1"
	ip addr add "$4.1/24" dev "$3"
	ip link set "$3" up
}

# udp FIRST COUNT ROUNDS - datagrams and answers
udp() {
	in_ns vm0 python3 "$here/netlink_traffic.py" udp 10.1.0.2 7000 "$@"
}

# flows N FILTER... - true if so many are shown
flows() {
	local n=$1

	shift
	json "length == $n" pnicfw -j flow show "$@"
}

# The one line of /proc that is about source port $1, as the words of JSON
proc_flow() {
	awk -v sport="$1" '
		NR == 1 { for (i = 1; i <= NF; i++) column[$i] = i; next }
		$column["orig-sport"] != sport { next }
		{
			print $column["id"], $column["state"],
				$column["verdict"], $column["protocol"]
			n = split("orig reply", dirs)
			for (d = 1; d <= n; d++) {
				line = ""
				m = split("src sport dst dport in out " \
					"firewall-packets firewall-bytes " \
					"cache-packets cache-bytes " \
					"hw-packets hw-bytes", names)
				for (i = 1; i <= m; i++)
					line = line " " \
						$column[dirs[d] "-" names[i]]
				print substr(line, 2)
			}
		}' /proc/net/pnicfw/flows
}

json_flow() {
	pnicfw -j flow show sport "$1" | jq -r '.[] |
		([.id, .state, .verdict, .protocol] | join(" ")),
		((.orig, .reply) | [.src, .sport, .dst, .dport, .in, .out,
			.firewall.packets, .firewall.bytes, .cache.packets,
			.cache.bytes, .hw.packets, .hw.bytes] |
			map(tostring) | join(" "))'
}

same_in_proc() {
	local shown

	shown=$(json_flow "$1")
	[ -n "$shown" ] && [ "$shown" = "$(proc_flow "$1")" ] && return
	echo "$shown"
	proc_flow "$1"
	return 1
}

# tiers JQ-NUMBER - what all tiers together have carried of a direction
sum='.firewall.X + .cache.X + .hw.X'

test_one_flow() {
	local n=6

	ok "a connection" udp 5000 1 $n
	ok "it is cached" wait_for 10 flows 1 sport 5000 state cached
	ok "as it is" wait_for 10 json '.[0] |
		.family == "ipv4" and .protocol == "udp" and .zone == 0 and
		.verdict == "allow" and .cacheable and .offloadable and
		."cacheable-reason" == "policy default" and
		."offloadable-reason" == "policy default" and
		."hw-reason" == "not enough packets yet" and
		(.orig | .src == "10.0.0.2" and .dst == "10.1.0.2" and
			.sport == 5000 and .dport == 7000 and
			.in == "pf0vf0" and .out == "pf0vf1") and
		(.reply | .src == "10.1.0.2" and .dst == "10.0.0.2" and
			.sport == 7000 and .dport == 5000 and
			.in == "pf0vf1" and .out == "pf0vf0")' \
		pnicfw -j flow show sport 5000
	ok "every packet and byte, once" json ".[0] |
		(.orig, .reply) | (${sum//X/packets}) == $n and
		(${sum//X/bytes}) == $n * 128" pnicfw -j flow show sport 5000
	ok "the cache had some" json \
		'.[0] | .orig.cache.packets > 0 and .reply.cache.packets > 0' \
		pnicfw -j flow show sport 5000
	ok "the same in /proc" same_in_proc 5000
	ok "for people" eval 'pnicfw -s flow show sport 5000 |
		grep -q "^    orig firewall .* cache .* hw "'
	ok "ports count it" json 'map(.flows) == [1, 1]' pnicfw -j port show
	ok "stats count it" json '.records == 1 and .cached == 1 and
		.learned == 2 and ."cache-hits" > 0' pnicfw -j stats
	ok "explained" eval 'pnicfw flow explain sport 5000 |
		grep -q "The eswitch is asked after 32 packets."'
}

test_filter() {
	local id condition

	ok "a second connection" udp 6000 1 3
	ok "two flows" wait_for 10 flows 2
	id=$(pnicfw -j flow show sport 6000 | jq '.[0].id')
	for condition in "sport 6000" "id $id" "src 10.0.0.2 sport 6000" \
		"proto udp dport 7000 sport 6000" "dev pf0vf0 id $id" \
		"state cached sport 6000"; do
		# shellcheck disable=SC2086 # words are what is wanted
		ok "one flow: $condition" flows 1 $condition
	done
	for condition in "proto 17" "dst 10.1.0.2" "dev pf0vf1" "dport 7000"; do
		# shellcheck disable=SC2086
		ok "both flows: $condition" flows 2 $condition
	done
	for condition in "src 10.1.0.2" "dst 10.0.0.2" "proto tcp" "src ::1" \
		"state offloaded" "dev lo" "id 0" "sport 7000" \
		"sport 5000 id $id"; do
		# shellcheck disable=SC2086
		ok "no flow: $condition" flows 0 $condition
	done
	is "one deleted" "deleted 1" pnicfw flow del sport 6000
	ok "the other one stays" wait_for 10 json '[.[].orig.sport] == [5000]' \
		pnicfw -j flow show
	ok "traffic brings it back" udp 6000 1 3
	ok "both flows again" wait_for 10 flows 2
}

test_hardware() {
	ok "many packets" udp 5000 1 60
	ok "it climbs" wait_for 10 flows 1 sport 5000 state offloaded
	ok "more packets" udp 5000 1 10
	ok "the eswitch's counters are shown" wait_for 10 json \
		'.[0] | .orig.hw.packets > 0 and .reply.hw.packets > 0' \
		pnicfw -j flow show sport 5000
	ok "every packet and byte, once" wait_for 10 json ".[0] |
		(.orig, .reply) | (${sum//X/packets}) == 76 and
		(${sum//X/bytes}) == 76 * 128" pnicfw -j flow show sport 5000
	ok "the same in /proc" same_in_proc 5000
	ok "explained" eval 'pnicfw flow explain sport 5000 |
		grep -q "The eswitch (tier 3) carries it, both directions."'
	ok "explained in JSON" json '.[0].explanation | length == 1' \
		pnicfw -j flow explain sport 5000
	is "deleted" "deleted 1" pnicfw flow del sport 5000
	ok "out of the eswitch" wait_for 10 json \
		'."hw-inserted" == 2 and ."hw-deleted" == 2' pnicfw -j stats
}

test_params() {
	ok "the cache is switched off" pnicfw param set cache off hw off
	ok "no flow is left" wait_for 10 flows 0
	ok "a connection" udp 5001 1 6
	ok "it stays in the firewall" json '.[0] | .state == "tracked" and
		(.cacheable | not) and (.offloadable | not) and
		."cacheable-reason" == "switched off by param cache" and
		."offloadable-reason" == "switched off by param hw" and
		.orig.cache.packets == 0 and .orig.firewall.packets == 6' \
		pnicfw -j flow show sport 5001
	ok "explained" eval 'pnicfw flow explain sport 5001 |
		grep -q "have it: switched off by param cache."'
	ok "switched on again" pnicfw param set cache on hw on
}

# events EXPRESSION - true if the jq EXPRESSION is true of the list of them
events() {
	jq -s -e "$1" "$scratch/events" >/dev/null
}

test_events() {
	spawn pnicfw -j monitor >"$scratch/events" 2>"$scratch/lost"
	ok "the monitor listens" wait_for 10 listening $!
	pnicfw port set dev pf0vf1 hw off
	pnicfw port set dev pf0vf1 hw on
	pnicfw param set hw-after 20
	udp 5002 1 50
	wait_for 10 flows 1 sport 5002 state offloaded
	pnicfw flow del sport 5002 >/dev/null
	ok "a flow begins" wait_for 10 events 'any(.object == "flow" and
		.event == "add" and .flow.orig.sport == 5002)'
	ok "it is cached" events 'any(.object == "flow" and
		.event == "change" and .flow.state == "cached")'
	ok "it reaches the eswitch" events 'any(.object == "hw" and
		.event == "offloaded" and .flow.orig.sport == 5002)'
	ok "it leaves the eswitch" wait_for 10 events 'any(.object == "hw" and
		.event == "demoted" and .reason == "asked for by a user")'
	ok "it ends, with its counters" wait_for 10 events 'any(
		.object == "flow" and .event == "del" and
		.reason == "asked for by a user" and .flow.state == "closing" and
		(.flow.orig | '"${sum//X/packets}"' == 50))'
	ok "a port changes" events '[.[] | select(.object == "port" and
		.event == "change" and .port.dev == "pf0vf1") | .port.hw] ==
		[false, true]'
	ok "parameters change" events 'any(.object == "param" and
		.param."hw-after" == 20)'
	is "none was lost" "" cat "$scratch/lost"
	kill $!
	wait $! 2>/dev/null
	pnicfw param set hw-after 32
}

# Only what is asked for: the rest costs the kernel nothing.
test_event_groups() {
	spawn pnicfw monitor port >"$scratch/ports"
	ok "the monitor of ports listens" wait_for 10 listening $!
	udp 5003 1 3
	pnicfw port set dev pf0vf0 hw off
	pnicfw port set dev pf0vf0 hw on
	ok "it tells of ports" wait_for 10 grep -q \
		'^port change pf0vf0: hw on' "$scratch/ports"
	ok "and of nothing else" eval '! grep -v ^port "$scratch/ports"'
	kill $!
}

# ids FILE - of the flows from the first thousands on, in order
ids() {
	jq '.[] | select(.orig.sport >= 10000 and .orig.sport < 12000) | .id' \
		"$1"
}

# A packet that waited on its way teaches nothing, so that it may take several.
thousands() {
	udp 10000 2000 1 && json '.records == 2000' pnicfw -j stats
}

test_thousands() {
	local round bad=0

	pnicfw flow flush >/dev/null
	ok "2000 connections" wait_for 120 thousands
	pnicfw -j flow show >"$scratch/first" || bad=1
	ids "$scratch/first" >"$scratch/ids"
	is "all of them, each once" "2000 2000" eval \
		'echo $(wc -l <"$scratch/ids") $(sort -u "$scratch/ids" | wc -l)'

	ok "memory of theirs" json '(.memory / 2000) | . > 256 and . < 1024' \
		pnicfw -j stats

	# Others come, and are deleted, while dumps are under way.
	udp 20000 1500 1 &
	for round in 1 2 3; do
		pnicfw -j flow show >"$scratch/dump" || bad=1
		ids "$scratch/dump" | cmp - "$scratch/ids" || bad=1
		pnicfw flow del sport $((20000 + round)) >/dev/null || bad=1
	done
	wait $!
	ok "each once while others come and go" test $bad = 0
	is "in /proc, each once" 2000 eval 'awk "NR > 1 && \$9 >= 10000 &&
		\$9 < 12000 { print \$1 }" /proc/net/pnicfw/flows |
		sort -un | wc -l'
	ok "flush" json '.deleted >= 2000' pnicfw -j flow flush
	ok "none is left" wait_for 30 json '.records == 0' pnicfw -j stats
	ok "nor memory of theirs" wait_for 30 json '.memory < 256 * 1024' \
		pnicfw -j stats
}

ktap_start
# shellcheck source=selftests/netlink_lib.sh
. "$here/netlink_lib.sh"
load_sim functions=2
load_module pnicfw
end vm0 nic0vf0 pf0vf0 10.0.0
end vm1 nic0vf1 pf0vf1 10.1.0
sysctl -qw net.ipv4.ip_forward=1
spawn ip netns exec vm1 python3 "$here/netlink_traffic.py" serve 10.1.0.2 7000
wait_for 10 in_ns vm0 ping -c 1 -W 1 10.1.0.2 >/dev/null || bail "no way"
wait_for 20 in_ns vm1 grep -q ':1B58 ' /proc/net/udp || bail "no server"
ok "ports" eval 'pnicfw param set recheck-time 0 && pnicfw port add dev pf0vf0 &&
	pnicfw port add dev pf0vf1'
# However slow the machine: no connection times out meanwhile.
sysctl -qw net.netfilter.nf_conntrack_udp_timeout=3600 \
	net.netfilter.nf_conntrack_udp_timeout_stream=3600
test_one_flow
test_filter
test_hardware
test_params
test_events
test_event_groups
test_thousands
ok "another connection" udp 5004 1 6
ok "is there" wait_for 10 flows 1 sport 5004
pnicfw port del dev pf0vf0
ok "it goes with its port" wait_for 10 flows 0
finish
