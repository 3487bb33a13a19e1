#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 600
#
# One tracepoint for each step in the life of a connection; and the file of
# connections in /proc agrees with the tool.
#
#	near: 10.0.0.2 nic0vf0 ==== pf0vf0 (this namespace) p0 ==== wire0 far: 10.1.0.2
set -u
here=$(dirname "$(realpath "$0")")
# shellcheck source=selftests/lib.sh
. "$here/lib.sh"
# shellcheck source=selftests/pnicfw.sh
. "$here/pnicfw.sh"

tracing=/sys/kernel/tracing

# event NAME TEXT - it has been traced; each is looked for after the one before
event() {
	local line

	while read -r line; do
		events=${events#*$'\n'}
		[[ $line = *" pnicfw_$1: "*"$2"* ]] && return
	done <<<"$events"
	echo "no pnicfw_$1 with $2 among:"
	grep -v '^#' "$tracing/trace"
	return 1
}

# proc_flows - each connection as the tool prints it, from /proc
proc_flows() {
	awk 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
	{
		print $at["id"], $at["state"], $at["protocol"],
			$at["orig-src"], $at["orig-sport"], $at["orig-in"],
			$at["reply-out"], $at["orig-firewall-packets"],
			$at["orig-cache-bytes"], $at["reply-hw-packets"],
			$at["reply-hw-bytes"]
	}' /proc/net/pnicfw/flows
}

tool_flows() {
	flow '.[] | "\(.id) \(.state) \(.protocol) \(.orig.src) \(.orig.sport) \(
		.orig.in) \(.reply.out) \(.orig.firewall.packets) \(
		.orig.cache.bytes) \(.reply.hw.packets) \(.reply.hw.bytes)"'
}

both_say_the_same() {
	local proc tool

	proc=$(proc_flows) && tool=$(tool_flows) || return
	printf '%s\n' "$proc" "-- and the tool:" "$tool"
	[ "$proc" = "$tool" ]
}

test_steps() {
	local id

	id=$(flow '.[].id' sport 40000)
	quiet ends fin c
	ok "ends" wait_for 10 flow_gone proto tcp
	ok "is gone" wait_for 10 grep -q "pnicfw_gone: id=$id " "$tracing/trace"
	events=$(grep -v '^#' "$tracing/trace")
	ok "tracked" event tracked "id=$id dir=0 proto=6 10.0.0.2:40000 > 10.1.0.2:5001"
	ok "cached" event cached "id=$id dir=0"
	ok "cached, the other direction" event cached "id=$id dir=1"
	ok "refused" event refused "id=$id dir=0 err=-28"
	ok "offloaded" event offloaded "id=$id "
	ok "demoted, as a rule changed" event demoted "id=$id "
	ok "offloaded again" event offloaded "id=$id "
	ok "closing" event closing "id=$id "
	ok "demoted at the end" event demoted "id=$id "
	ok "gone" event gone "id=$id "
}

ktap_start
need conntrack gojq nft python3
load_module pnicsim
load_module pnicfw
[ -d "$tracing/events" ] || mount -t tracefs tracefs "$tracing"
gateway_sim
only_ipv4
ok "ports" ports_add
start_ends near far
echo 1 >"$tracing/events/pnicfw/enable"
knob fail_errno 28
knob fail_inserts 1
ok "a connection" ends open c tcp 40000 10.1.0.2 5001
ok "is refused at first" ends talk c 40
ok "climbs" wait_for 30 eval 'ends talk c 1; flow_is offloaded sport 40000'
quiet nft add table inet again
ok "leaves the eswitch" wait_for 10 rules_are 0
ok "goes on" ends talk c 40
ok "climbs again" wait_for 20 flow_is offloaded sport 40000
ok "another connection" ends open d udp 40001 10.1.0.2 5001
ok "talks" ends talk d 5
ok "/proc and the tool agree" wait_for 10 both_say_the_same
ip neigh replace 10.1.0.2 lladdr 02:00:00:00:01:99 dev p0
ok "a neighbour that changed" wait_for 10 \
	grep -q 'pnicfw_path_dead: .*dst=02:00:00:00:01:02' "$tracing/trace"
ip neigh replace 10.1.0.2 lladdr 02:00:00:00:01:02 dev p0
ok "goes on" ends talk c 40
ok "climbs once more" wait_for 20 flow_is offloaded sport 40000
test_steps
finish
