#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# tc flower skip_sw on the simulated NIC, as on a real one: what it takes, what
# it refuses and how it says so, its counters.
#
#	vm0: nic0vf0 ==== pf0vf0 (10.0.0.1)
#	vm1: nic0vf1 ==== pf0vf1 (10.0.1.1)    this namespace routes
#	     wire0   ==== p0
set -u
here=$(dirname "$(realpath "$0")")
# shellcheck source=selftests/lib.sh
. "$here/lib.sh"
# shellcheck source=selftests/pnicsim.sh
. "$here/pnicsim.sh"

redirect='action mirred egress redirect dev'

# rule DEV PROTOCOL MATCH-AND-ACTIONS... - priority 1, of the hardware only
rule() {
	local dev=$1 protocol=$2

	shift 2
	tc filter add dev "$dev" ingress prio "${prio:-1}" protocol "$protocol" \
		flower skip_sw "$@"
}

# refused TEXT COMMAND... - by the NIC, with TEXT in its message
refused() {
	refuses "pnicsim: $1" "${@:2}"
}

flush() {
	local dev

	for dev in pf0vf0 pf0vf1 p0; do
		tc filter del dev "$dev" ingress
	done
}

# ping_rules FROM TO NS DEV - FROM's pings go to DEV in NS, as if routed
ping_rules() {
	local from=$1 to=$2 smac dmac

	smac=$(cat "/sys/class/net/$to/address")
	dmac=$(in_ns "$3" cat "/sys/class/net/$4/address")
	# shellcheck disable=SC2086
	rule "$from" ip ip_proto icmp action pedit ex \
		munge eth src set "$smac" munge eth dst set "$dmac" \
		munge ip ttl add 0xff pipe csum ip4h pipe $redirect "$to"
}

# forwarded - how many packets this namespace has routed
forwarded() {
	awk '/^Ip: [0-9]/ { print $7 }' /proc/net/snmp
}

test_traffic() {
	local before

	ok "routed without rules" in_ns vm0 ping -c 1 -w 20 10.0.1.2
	ok "a rule" ping_rules pf0vf0 pf0vf1 vm1 nic0vf1
	ok "and one for the answers" ping_rules pf0vf1 pf0vf0 vm0 nic0vf0
	is "tc shows it in hardware" 1 \
		grep -c in_hw <(tc filter show dev pf0vf0 ingress)
	before=$(forwarded)
	ok "pings through hardware" in_ns vm0 ping -c 5 -i 0.2 -w 20 10.0.1.2
	ok "tc counts them, with their bytes" grep -q \
		"Sent hardware 490 bytes 5 pkt" <(tc -s filter show dev pf0vf0 ingress)
	ok "and tells each only once" grep -q \
		"Sent hardware 490 bytes 5 pkt" <(tc -s filter show dev pf0vf0 ingress)
	is "the NIC says the same" 2 grep -c "packets=5 bytes=490" "$sim/rules"
	is "none went through the kernel" "$before" forwarded
	ok "delete" tc filter del dev pf0vf0 ingress
	is "leaves the other" 1 rules
	flush
	is "and none" 0 rules
	ok "routed again" in_ns vm0 ping -c 1 -w 20 10.0.1.2
}

test_refused_match() {
	local to_p0="$redirect p0"

	# shellcheck disable=SC2086 # actions are words
	{
	refused_is "Unsupported key" ip ip_proto tcp dst_port 1-5 $to_p0
	refused_is "Unsupported key" arp arp_op request $to_p0
	refused_is "Match on tunnel is not supported" ip enc_key_id 7 $to_p0
	refused_is "tc ct offload isn't enabled" ip ct_state +trk+est $to_p0
	refused_is "Matching on MPLS" mpls_uc mpls_label 5 $to_p0
	refused_is "Match on frag first/later" ip ip_flags firstfrag $to_p0
	refused_is "Requested chain is out of supported range" ip chain 3 $to_p0
	}
}

# refused_is TEXT PROTOCOL MATCH-AND-ACTIONS... - on pf0vf0
refused_is() {
	local text=$1 chain=()

	shift
	[ "$2" != chain ] || chain=("$2" "$3")
	if [ ${#chain[@]} -eq 0 ]; then
		ok "refused: $text: ${*:2:4}" refused "$text" rule pf0vf0 "$@"
	else
		ok "refused: $text" refused "$text" tc filter add dev pf0vf0 ingress \
			"${chain[@]}" prio 1 protocol "$1" flower skip_sw "${@:4}"
	fi
}

test_refused_actions() {
	local to_p0="$redirect p0" pedit='action pedit ex munge'

	# shellcheck disable=SC2086
	{
	refused_is "devices are not on same switch HW" ip $redirect lo
	refused_is "can't forward from a VF to itself" ip $redirect pf0vf0
	refused_is "can't duplicate output" ip action mirred egress mirror dev p0 pipe $to_p0
	refused_is "Rule must have at least one forward/drop" ip $pedit ip ttl set 9
	refused_is "Drop with modify header" ip $pedit ip ttl set 9 pipe action drop
	refused_is "No output after" ip action mirred egress mirror dev p0 pipe $pedit ip ttl set 9
	refused_is "Not implemented offload action" ip action skbedit mark 5 pipe $to_p0
	refused_is "Not implemented offload action" ip action goto chain 2
	refused_is "Not implemented offload action" ip action ct pipe $to_p0
	refused_is "Not implemented offload action" ip action mirred ingress redirect dev p0
	refused_is "attempt to offload an unsupported field" ip ip_proto tcp $pedit ip protocol set 6 pipe $to_p0
	refused_is "can't offload re-write of non TCP/UDP" ip ip_proto 47 $pedit ip src set 1.2.3.4 pipe $to_p0
	refused_is "can't offload re-write of a header that isn't matched" ip $pedit tcp sport set 5 pipe $to_p0
	refused_is "Acting twice on same location" ip $pedit ip ttl set 5 pipe $pedit ip ttl set 6 pipe $to_p0
	refused_is "can't set and add" ip $pedit ip ttl set 5 pipe $pedit ip ttl add 6 pipe $to_p0
	refused_is "TC csum action is only offloaded with pedit" ip action csum ip4h pipe $to_p0
	refused_is "can't offload TC csum action" ip ip_proto icmp $pedit ip ttl set 5 pipe csum icmp pipe $to_p0
	refused_is "VLAN rewrite action must have VLAN" ip action vlan modify id 5 pipe $to_p0
	refused_is "Changing VLAN prio" 802.1q vlan_id 4 action vlan modify id 5 priority 3 pipe $to_p0
	refused_is "Total vlans used" ip action vlan push id 1 pipe action vlan push id 2 pipe action vlan push id 3 pipe $to_p0
	refused_is "Flow action HW stats type" ip action mirred egress redirect dev p0 hw_stats immediate
	refused_is "Flow action HW stats type" ip action mirred egress redirect dev p0 hw_stats disabled
	ok "refused: uplink to itself" \
		refused "devices are both uplink" rule p0 ip $redirect p0
	ok "refused: uplink to another NIC's" \
		refused "devices are not the same uplink" rule p0 ip $redirect p1
	ok "refused: another NIC's function" \
		refused "devices are not on same switch HW" rule p0 ip $redirect pf1vf0
	}
	is "nothing of all that is in hardware" 0 rules
}

test_binding() {
	fails "no rule of the hardware at egress" tc filter add dev pf0vf0 egress \
		protocol ip flower skip_sw action drop
	ok "rules that tc may also carry out: refused quietly" tc filter add dev pf0vf0 \
		ingress protocol ip prio 1 flower action skbedit mark 5
	is "are not in hardware" 0 rules
	flush
	ok "offload off" ethtool -K pf0vf0 hw-tc-offload off
	fails "takes no rule" rule pf0vf0 ip action drop
	ethtool -K pf0vf0 hw-tc-offload on
	ok "offload on does" rule pf0vf0 ip action drop
	ok "the uplink, too" rule p0 ip action drop
	fails "but there it cannot be switched off again" ethtool -K p0 hw-tc-offload off
	ok "a qdisc that goes takes its rules along" tc qdisc del dev p0 clsact
	is "one is left" 1 rules
	ok "the block can be bound again" tc qdisc add dev p0 clsact
	flush
	is "none" 0 rules
	ok "a shared block" tc qdisc add dev pf1vf0 ingress_block 7 clsact
	ok "of two ports" tc qdisc add dev pf1vf1 ingress_block 7 clsact
	ok "its rules" tc filter add block 7 protocol ip flower skip_sw action drop
	is "are in each" 2 wc -l </sys/kernel/debug/pnicsim/nic1/rules
	tc qdisc del dev pf1vf0 clsact
	is "which they leave alone" 1 wc -l </sys/kernel/debug/pnicsim/nic1/rules
	tc qdisc del dev pf1vf1 clsact
}

test_minimal() {
	local match='ip_proto tcp src_ip 10.0.0.2 dst_ip 10.0.1.2 src_port 7 dst_port 8'
	local macs='action pedit ex munge eth src set 02:00:00:00:00:01 munge eth dst set 02:00:00:00:00:02'

	echo minimal >"$sim/profile"
	# shellcheck disable=SC2086
	{
	ok "minimal takes a whole 5-tuple" rule pf0vf0 ip indev pf0vf0 $match $macs pipe $redirect p0
	flush
	ok "refused: no input port" refused "A key that every rule needs is missing" \
		rule pf0vf0 ip $match $macs pipe $redirect p0
	ok "refused: a prefix" refused "Only full masks" \
		rule pf0vf0 ip indev pf0vf0 ${match/10.0.1.2/10.0.1.0/24} $macs pipe $redirect p0
	ok "refused: drop" refused "Not implemented" rule pf0vf0 ip indev pf0vf0 $match action drop
	ok "refused: add" refused "Not implemented" rule pf0vf0 ip indev pf0vf0 $match \
		$macs munge ip ttl add 0xff pipe $redirect p0
	ok "refused: TTL" refused "attempt to offload" rule pf0vf0 ip indev pf0vf0 $match \
		$macs munge ip ttl set 9 pipe $redirect p0
	ok "refused: one MAC only" refused "Both MAC addresses" rule pf0vf0 ip indev pf0vf0 $match \
		action pedit ex munge eth src set 02:00:00:00:00:01 pipe $redirect p0
	ok "refused: another order" refused "Actions are not in the order" \
		rule pf0vf0 ip indev pf0vf0 $match action pedit ex munge ip src set 1.2.3.4 pipe \
		$macs pipe $redirect p0
	}
	echo mlx5 >"$sim/profile"
}

ktap_start
need tc ethtool ping
load_sim nics=2
new_ns vm0 vm1
for i in 0 1; do
	ip link set "nic0vf$i" netns "vm$i"
	ip -n "vm$i" link set "nic0vf$i" up
	ip -n "vm$i" addr add "10.0.$i.2/24" dev "nic0vf$i"
	ip -n "vm$i" route add default via "10.0.$i.1"
	ip link set "pf0vf$i" up
	ip addr add "10.0.$i.1/24" dev "pf0vf$i"
done
ip link set p0 up
ip link set wire0 up
sysctl -qw net.ipv4.ip_forward=1
for dev in pf0vf0 pf0vf1 p0; do
	tc qdisc add dev "$dev" clsact
done

test_traffic
test_refused_match
test_refused_actions
test_binding
test_minimal
finish
