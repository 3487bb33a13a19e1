#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 600
#
# Ports that go away with connections on them: their device deleted or moved,
# their namespace deleted, the port itself deleted, its hardware switched off.
# The connections leave pnicfw, and nothing of it stays behind.
#
#	near: 10.0.0.2 eth0 ---- v0 (gw) v1 ---- eth0 far: 10.1.0.2
#	near: 10.0.0.2 nic0vf0 ==== pf0vf0 (this namespace) p0 ==== wire0 far: 10.1.0.2
set -u
here=$(dirname "$(realpath "$0")")
# shellcheck source=selftests/lib.sh
. "$here/lib.sh"
# shellcheck source=selftests/pnicfw.sh
. "$here/pnicfw.sh"

# unpinned - conntrack's entries have no references but its own
unpinned() {
	in_gw conntrack -L >"$ktap_output.ct" 2>&1
	cat "$ktap_output.ct"
	grep -q ' use=' "$ktap_output.ct" && ! grep -q ' use=[02-9]' "$ktap_output.ct"
}

cached() {
	ends open "$1" udp "$2" 10.1.0.2 5001 && ends talk "$1" 5 &&
		flow_is cached sport "$2"
}

port_names() {
	in_gw pnicfw -j port show | jq -r '[.[].dev] | sort | join(" ")'
}

test_del() {
	ok "port del: a connection" cached a 40001
	ok "port del" in_gw pnicfw port del dev v1
	ok "port del: its connection is gone" wait_for 10 flow_gone
	ok "port del: conntrack's entry is free" wait_for 10 unpinned
	is "port del: the other port stays" v0 port_names
	ok "port del: the connection goes on" ends talk a 5
	ok "port del: in tier 1" flow_is tracked sport 40001
	is "port add: without a word" "" in_gw pnicfw port add dev v1
	ok "port add: the connection goes on" ends talk a 5
	ok "port add: and is cached" flow_is cached sport 40001
}

# What each direction's packets become is explained by no action: the record is
# there, but knows no port.
test_last_port() {
	ok "last port: a rule that sets the TTL" in_gw nft -f - <<-EOT
		table inet ttl {
			chain forward {
				type filter hook forward priority 0
				ip ttl set 9
			}
		}
	EOT
	ok "last port: a connection" ends open t udp 40009 10.1.0.2 5001
	ok "last port: talks" ends talk t 5
	ok "last port: in tier 1" flow_is tracked sport 40009
	ok "last port: one goes" in_gw pnicfw port del dev v0
	ok "last port: the other goes" in_gw pnicfw port del dev v1
	ok "last port: all connections are gone" wait_for 10 flow_gone
	ok "last port: conntrack's entries are free" wait_for 10 unpinned
	in_gw nft delete table inet ttl
	ok "last port: ports" ports_add
}

test_device_moves() {
	new_ns elsewhere
	ok "move: a connection" cached b 40002
	ok "move" ip -n gw link set v1 netns elsewhere
	ok "move: all connections are gone" wait_for 10 flow_gone
	ok "move: conntrack's entries are free" wait_for 10 unpinned
	is "move: it is no port any more" v0 port_names
	is "move: nor where it is now" 0 \
		eval 'ip netns exec elsewhere pnicfw -j port show | jq length'
}

# Both ends are in namespaces that stay: the devices go with the gateway's.
test_namespace_deleted() {
	ip -n elsewhere link set v1 netns gw
	ip -n gw link set v1 up
	ip -n gw addr add 10.1.0.1/24 dev v1
	ip -n gw neigh replace 10.1.0.2 lladdr 02:00:00:00:01:02 dev v1
	ok "namespace: its port again" in_gw pnicfw port add dev v1
	ok "namespace: a connection" cached c 40003
	ok "namespace: is deleted" ip netns del gw
	ok "namespace: its devices go" wait_for 20 no_device near eth0
	is "namespace: pnicfw is in use by nobody" 0 cat /sys/module/pnicfw/refcnt
}

no_device() {
	! ip -n "$1" link show dev "$2"
}

test_device_deleted() {
	gateway_veth
	ok "ports" ports_add
	start_ends near far
	ok "device: a connection" cached a 40001
	ok "device: is deleted" ip -n gw link del v1
	ok "device: its connection is gone" wait_for 10 flow_gone
	ok "device: conntrack's entry is free" wait_for 10 unpinned
	is "device: the other port stays" v0 port_names
}

test_hw_switch() {
	local callbacks

	ok "hw off: a connection" offload a tcp 40001
	ok "hw off: another" offload b udp 40002
	ok "hw off" pnicfw port set dev p0 hw off
	is "hw off: the eswitch is empty" 0 rules
	is "hw off: the port is unbound" none \
		eval 'pnicfw -j port show dev p0 | jq -r ".[].\"hw-bind\""'
	ok "hw off: connections go on in software" ends talk a 40
	ok "hw off: cached" flow_is cached sport 40001
	ok "hw off: others may use the block" tc qdisc add dev p0 clsact
	fails "hw on: not while they do" pnicfw port set dev p0 hw on
	tc qdisc del dev p0 clsact
	for callbacks in 0 2; do
		quiet knob callbacks $callbacks
		ok "hw on: not where a driver gives $callbacks callbacks" \
			refuses "driver takes no rules" \
			pnicfw port set dev p0 hw on
	done
	quiet knob callbacks 1
	quiet knob unlocked 0
	ok "hw on: not where a driver needs RTNL for its rules" \
		refuses "under RTNL only" pnicfw port set dev p0 hw on
	quiet knob unlocked 1
	ok "hw on" pnicfw port set dev p0 hw on
	ok "hw on: connections climb" wait_for 20 eval \
		'ends talk a 1; ends talk b 1; rules_are 4'
	ok "hw on: both of them" flow_is offloaded sport 40002
	test_hw_switch_silent
	test_hw_switch_busy
	ok "port del" pnicfw port del dev pf0vf0
	is "port del: the eswitch is empty" 0 rules
	ok "port del: its connections are gone" wait_for 10 flow_gone
	ok "port del: conntrack's entries are free" wait_for 10 unpinned
}

port_off() {
	[ "$(flow '.[] | "\(.state) \(."hw-reason")"' "$@")" = \
		"cached port takes no hardware rules" ]
}

# A connection that nobody asks anything of is not looked at again and again: it
# hears of the port all the same.
test_hw_switch_silent() {
	local name="hw on, silent"

	ok "$name: off" pnicfw port set dev p0 hw off
	quiet pnicfw param set hw-after 2
	ok "$name: a connection" ends open c udp 40003 10.1.0.2 5001
	ok "$name: is learned" ends say c near more
	ok "$name: stays in software" wait_for 10 port_off sport 40003
	ok "$name: on" pnicfw port set dev p0 hw on
	ok "$name: it climbs without a packet" wait_for 10 \
		flow_is offloaded sport 40003
	ok "$name: ends" forget_all
	quiet pnicfw param set hw-after 32
}

# off_under_traffic - while the worker takes the rules out, and that takes it
# long, there are packets and reviews enough to want them in again
off_under_traffic() {
	local status=0

	echo exchange a 3000000 >&"$ends_to"
	pnicfw port set dev p0 hw off || status=1
	rules_are 0 || { cat "$sim/rules"; status=1; }
	read -r -t 60 -u "$ends_from" _
	rules_are 0 || status=1
	pnicfw port set dev p0 hw on || status=1
	return "$status"
}

test_hw_switch_busy() {
	local i

	quiet pnicfw param set age-interval 10
	knob delete_delay_us 100000
	for i in 1 2 3; do
		ok "hw off under traffic, $i: leaves nothing" off_under_traffic
		ok "hw on, $i: climbs" climb a 40001
	done
	knob delete_delay_us 0
}

# warns TEXT COMMAND... - COMMAND succeeds, with a warning that has TEXT in it
warns() {
	local text=$1 message status=0

	shift
	message=$("$@" 2>&1) || status=$?
	echo "$message"
	[ "$status" = 0 ] && [[ $message = "Warning: "*"$text"* ]]
}

# Who adds a port while somebody else has its block may not expect it.
test_block_held() {
	quiet pnicfw port del dev p0
	quiet tc qdisc add dev p0 clsact
	ok "block held: port add says so" warns "such as clsact, holds" \
		pnicfw port add dev p0
	is "block held: it is a port, in software" none \
		eval 'pnicfw -j port show dev p0 | jq -r ".[].\"hw-bind\""'
	quiet tc qdisc del dev p0 clsact
	is "block held: hw on, once it is not, without a word" "" \
		pnicfw port set dev p0 hw on
}

# The NIC goes while its ports have connections in it.
test_nic_goes() {
	ok "port add" pnicfw port add dev pf0vf0
	ok "NIC: connections climb" wait_for 20 eval 'ends talk a 1; rules_are 2'
	ip netns pids far | xargs -r kill
	ok "NIC: goes" rmmod pnicsim
	is "NIC: no port is left" 0 eval 'pnicfw -j port show | jq length'
	ok "NIC: no connection" wait_for 10 flow_gone
	ok "NIC: conntrack's entries are free" wait_for 10 unpinned
	ok "pnicfw goes" wait_for 10 rmmod pnicfw
}

no_complaint() {
	! dmesg | grep -i 'waiting for .* to become free'
}

ktap_start
need conntrack gojq nft python3 tc
load_module pnicsim
load_module pnicfw
gateway_veth
ok "ports" ports_add
start_ends near far
test_del
test_last_port
test_device_moves
test_namespace_deleted
end_ns near far elsewhere
test_device_deleted
end_ns near gw far
gateway_sim
ok "ports" ports_add
start_ends near far
test_hw_switch
test_block_held
test_nic_goes
ok "no device was waited for" no_complaint
finish
