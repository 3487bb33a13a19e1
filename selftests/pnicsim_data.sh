#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The simulated NIC's data path, byte by byte: what goes into a function, the
# wire, a representor or the uplink comes out where and as it should.
#
#	nic0vf0 ==== pf0vf0 \
#	nic0vf1 ==== pf0vf1 -- hardware table, one input a port
#	wire0   ==== p0     /
#
# All devices are in one namespace, without addresses: frames are made and
# read by pnicsim_frame.py, "DEVICE FRAME ::: DEVICE FRAME ..." is what is sent
# and all that must be received.
set -u
here=$(dirname "$(realpath "$0")")
# shellcheck source=selftests/lib.sh
. "$here/lib.sh"
# shellcheck source=selftests/pnicsim.sh
. "$here/pnicsim.sh"

devices=(nic0vf0 nic0vf1 wire0 pf0vf0 pf0vf1 p0)

# frame CASE - the answer of pnicsim_frame.py; true if it is "ok"
frame() {
	local line

	echo "$*" >&"${frames[1]}"
	while read -r line <&"${frames[0]}"; do
		case $line in
		ok) return 0 ;;
		bad) return 1 ;;
		*) echo "$line" ;;
		esac
	done
	echo "pnicsim_frame.py has ended"
	return 1
}

# rule DEV PRIO PROTOCOL MATCH-AND-ACTIONS... - a rule of the hardware only
rule() {
	local dev=$1 prio=$2 protocol=$3

	shift 3
	tc filter add dev "$dev" ingress prio "$prio" protocol "$protocol" \
		flower skip_sw "$@" || echo "# cannot add this rule: $*"
}

to() {
	echo action mirred egress redirect dev "$1"
}

# new_table - no rule left, no fault left
new_table() {
	local dev

	for dev in pf0vf0 pf0vf1 p0; do
		tc filter del dev "$dev" ingress
	done
	echo 0 >"$sim/fail_inserts"
	! grep -q . "$sim/rules" || bail "rules are left: $(cat "$sim/rules")"
}

# counted PACKETS BYTES - the only rule has counted that
counted() {
	grep -q "packets=$1 bytes=$2\$" "$sim/rules" && return
	cat "$sim/rules"
	return 1
}

# netdev_packets DEV COUNTER
netdev_packets() {
	cat "/sys/class/net/$1/statistics/$2_packets"
}

test_miss() {
	local t=tcp,src=10.0.0.2,dst=10.1.0.2

	new_table
	ok "a miss of a function arrives at its representor" \
		frame nic0vf0 "ipv4,$t ::: pf0vf0 ipv4,$t"
	ok "a miss of the wire arrives at the uplink" \
		frame wire0 "ipv4,$t ::: p0 ipv4,$t"
	ok "a representor sends to its function" \
		frame pf0vf1 "ipv4,$t ::: nic0vf1 ipv4,$t"
	ok "the uplink sends to the wire" \
		frame p0 "ipv4,$t ::: wire0 ipv4,$t"
	ok "two tags stay as they are" \
		frame nic0vf0 "vlan=7.3.0x88a8,vlan=9,ipv4,$t ::: pf0vf0 vlan=7.3.0x88a8,vlan=9,ipv4,$t"
	ok "broadcast goes no other way" \
		frame nic0vf0 "dmac=ffffffffffff,ipv4,udp ::: pf0vf0 dmac=ffffffffffff,ipv4,udp"
}

test_redirect() {
	local before t=tcp,src=10.0.0.2,dst=10.1.0.2,len=100

	new_table
	# shellcheck disable=SC2046 # the action's words
	rule pf0vf0 1 ip dst_ip 10.1.0.2 $(to p0)
	before=$(netdev_packets pf0vf0 rx)$(netdev_packets p0 tx)
	ok "a hit comes out of the wire" \
		frame nic0vf0 "ipv4,$t ::: wire0 ipv4,$t"
	ok "one packet, with all its bytes but the FCS" counted 1 154
	is "the representor has seen only what follows" \
		"$((${before:0:1} + 1))${before:1}" \
		echo "$(netdev_packets pf0vf0 rx)$(netdev_packets p0 tx)"
	ok "the wire's direction has no such rule" \
		frame wire0 "ipv4,$t ::: p0 ipv4,$t"
	ok "another function's has none either" \
		frame nic0vf1 "ipv4,$t ::: pf0vf1 ipv4,$t"
	ok "an ethertype without VLAN key means untagged" \
		frame nic0vf0 "vlan=5,ipv4,$t ::: pf0vf0 vlan=5,ipv4,$t"
	ok "what the kernel sends is not looked up" \
		frame pf0vf0 "ipv4,$t ::: nic0vf0 ipv4,$t"
	ok "a bad IP length never hits" \
		frame nic0vf0 "ipv4,$t,total=2000 ::: pf0vf0 ipv4,$t,total=2000"
	ok "one packet still" counted 1 154
	ok "padding is carried" \
		frame nic0vf0 "ipv4,$t,pad=6 ::: wire0 ipv4,$t,pad=6"
	ok "and counted" counted 2 314
}

test_order() {
	local t=tcp,src=10.0.0.2,dst=10.1.0.2

	new_table
	# shellcheck disable=SC2046
	{
		rule pf0vf0 20 ip dst_ip 10.1.0.0/16 $(to pf0vf1)
		rule pf0vf0 10 ip dst_ip 10.1.0.2 ip_proto tcp dst_port 80 $(to p0)
		rule pf0vf0 30 ip src_ip 10.0.0.0/8 action drop
	}
	ok "the lowest priority is first, though inserted later" \
		frame nic0vf0 "ipv4,$t,dport=80 ::: wire0 ipv4,$t,dport=80"
	ok "a prefix, where the first rule does not match" \
		frame nic0vf0 "ipv4,$t,dport=81 ::: nic0vf1 ipv4,$t,dport=81"
	ok "drop" frame nic0vf0 "ipv4,udp,src=10.9.9.9,dst=10.2.0.1"
	is "drop counts" "packets=1 bytes=62" \
		sed -n 's/.*actions=drop, //p' "$sim/rules"
	ok "a miss, where none matches" \
		frame nic0vf0 "ipv4,udp,src=11.0.0.1 ::: pf0vf0 ipv4,udp,src=11.0.0.1"
}

test_match() {
	local t=ipv4,tcp,src=10.0.0.2,dst=10.1.0.2 u=ipv4,udp

	new_table
	# shellcheck disable=SC2046
	{
		rule pf0vf0 1 ip ip_proto tcp tcp_flags 0x0/0x5 dst_port 99 $(to p0)
		rule pf0vf0 2 ip ip_proto icmp type 8 code 0 $(to p0)
		rule pf0vf0 3 ip ip_tos 0x20/0xfc ip_ttl 9 $(to p0)
		rule pf0vf0 4 ip dst_mac 02:00:00:00:88:00/ff:00:ff:ff:ff:00 $(to p0)
		rule pf0vf0 5 ipv6 dst_ip fd00:1::/32 $(to p0)
		rule pf0vf0 6 ip ip_flags frag dst_ip 9.9.9.9 $(to p0)
		rule pf0vf0 7 all dst_mac 02:00:00:00:77:00/ff:ff:ff:ff:ff:00 $(to p0)
	}
	ok "TCP without FIN and RST" \
		frame nic0vf0 "$t,dport=99,flags=10 ::: wire0 $t,dport=99,flags=10"
	ok "not with FIN" \
		frame nic0vf0 "$t,dport=99,flags=11 ::: pf0vf0 $t,dport=99,flags=11"
	ok "not with RST" \
		frame nic0vf0 "$t,dport=99,flags=04 ::: pf0vf0 $t,dport=99,flags=04"
	ok "not UDP" \
		frame nic0vf0 "$u,dport=99 ::: pf0vf0 $u,dport=99"
	ok "ports behind IP options" \
		frame nic0vf0 "$t,dport=99,options=3 ::: wire0 $t,dport=99,options=3"
	ok "no ports in a first fragment" \
		frame nic0vf0 "$t,dport=99,frag=first ::: pf0vf0 $t,dport=99,frag=first"
	ok "no ports in a later fragment" \
		frame nic0vf0 "$t,dport=99,frag=later ::: pf0vf0 $t,dport=99,frag=later"
	ok "ICMP type and code" \
		frame nic0vf0 "ipv4,icmp ::: wire0 ipv4,icmp"
	ok "another ICMP type" \
		frame nic0vf0 "ipv4,icmp,itype=3 ::: pf0vf0 ipv4,icmp,itype=3"
	ok "DSCP and TTL" \
		frame nic0vf0 "$u,tos=0x21,ttl=9 ::: wire0 $u,tos=0x21,ttl=9"
	ok "another TTL" \
		frame nic0vf0 "$u,tos=0x21,ttl=8 ::: pf0vf0 $u,tos=0x21,ttl=8"
	ok "a mask with a gap" \
		frame nic0vf0 "$u,dmac=027700008855 ::: wire0 $u,dmac=027700008855"
	ok "outside of it" \
		frame nic0vf0 "$u,dmac=027700018855 ::: pf0vf0 $u,dmac=027700018855"
	ok "IPv6 prefix" \
		frame nic0vf0 "ipv6,tcp,dst=fd00:1::9 ::: wire0 ipv6,tcp,dst=fd00:1::9"
	ok "another IPv6 prefix" \
		frame nic0vf0 "ipv6,tcp,dst=fd00:2::9 ::: pf0vf0 ipv6,tcp,dst=fd00:2::9"
	ok "fragments where they are asked for" \
		frame nic0vf0 "$u,dst=9.9.9.9,frag=later ::: wire0 $u,dst=9.9.9.9,frag=later"
	ok "and only those" \
		frame nic0vf0 "$u,dst=9.9.9.9 ::: pf0vf0 $u,dst=9.9.9.9"
	ok "MAC under a mask, tagged or not" \
		frame nic0vf0 "dmac=020000007755,vlan=3 ::: wire0 dmac=020000007755,vlan=3"
}

test_nat() {
	local t=tcp,src=10.0.0.2,dst=10.1.0.2,sport=1234,dport=80
	local new=smac=02504e000001,dmac=020000000099,ttl=63
	local words=(pedit ex munge eth src set 02:50:4e:00:00:01
		munge eth dst set 02:00:00:00:00:99)

	new_table
	# shellcheck disable=SC2046
	{
		rule pf0vf0 1 ip ip_proto tcp src_port 1234 action "${words[@]}" \
			munge ip src set 192.0.2.1 munge tcp sport set 40000 \
			munge ip ttl add 0xff pipe csum ip4h and tcp pipe $(to p0)
		rule pf0vf0 2 ip ip_proto udp action "${words[@]}" \
			munge ip dst set 192.0.2.7 munge udp dport set 5353 \
			munge ip ttl set 63 pipe $(to p0)
		rule pf0vf0 3 ip ip_proto tcp action "${words[@]}" \
			munge ip dst set 192.0.2.7 munge ip ttl set 63 pipe $(to p0)
		rule pf0vf0 4 ipv6 ip_proto tcp action "${words[@]}" \
			munge ip6 src set 2001:db8::1 munge tcp sport set 7 \
			munge ip6 hoplimit add 0xff pipe $(to p0)
		rule pf0vf0 5 ip ip_proto icmp action pedit ex \
			munge ip dst set 192.0.2.8 \
			munge ip tos set 0xb8 retain 0xfc pipe $(to p0)
	}
	ok "TCP source NAT, TTL decremented" \
		frame nic0vf0 "ipv4,$t ::: wire0 ipv4,$t,$new,src=192.0.2.1,sport=40000"
	ok "a wrong TCP checksum stays wrong" \
		frame nic0vf0 "ipv4,$t,badsum=0x101 ::: wire0 ipv4,$t,$new,src=192.0.2.1,sport=40000,badsum=0x101"
	ok "an odd number of bytes, padding" \
		frame nic0vf0 "ipv4,$t,len=1,pad=5 ::: wire0 ipv4,$t,$new,src=192.0.2.1,sport=40000,len=1,pad=5"
	ok "UDP destination NAT" \
		frame nic0vf0 "ipv4,udp ::: wire0 ipv4,udp,$new,dst=192.0.2.7,dport=5353"
	ok "UDP without checksum stays without" \
		frame nic0vf0 "ipv4,udp,nosum ::: wire0 ipv4,udp,nosum,$new,dst=192.0.2.7,dport=5353"
	ok "IP options stay" \
		frame nic0vf0 "ipv4,$t,options=2 ::: wire0 ipv4,$t,$new,options=2,src=192.0.2.1,sport=40000"
	ok "a first fragment: addresses, and the checksum in it" \
		frame nic0vf0 "ipv4,tcp,frag=first ::: wire0 ipv4,tcp,$new,frag=first,dst=192.0.2.7"
	ok "a later fragment: addresses only" \
		frame nic0vf0 "ipv4,tcp,frag=later ::: wire0 ipv4,tcp,$new,frag=later,dst=192.0.2.7"
	ok "IPv6 NAT" \
		frame nic0vf0 "ipv6,tcp ::: wire0 ipv6,tcp,$new,src=2001:db8::1,sport=7"
	ok "ICMP: address and DSCP, ECN stays" \
		frame nic0vf0 "ipv4,icmp,tos=0x03 ::: wire0 ipv4,icmp,tos=0xbb,dst=192.0.2.8"
}

test_vlan() {
	local t=ipv4,tcp,src=10.0.0.2,dst=10.1.0.2

	new_table
	# shellcheck disable=SC2046
	{
		rule pf0vf0 1 ip dst_ip 10.1.0.2 action vlan push id 5 priority 6 pipe $(to p0)
		rule pf0vf0 2 ip dst_ip 10.1.0.3 action vlan push id 5 pipe \
			action vlan push id 6 protocol 802.1ad pipe $(to p0)
		rule p0 1 802.1q vlan_id 5 vlan_ethtype ip dst_ip 10.1.0.2 action vlan pop pipe $(to pf0vf0)
		rule p0 2 802.1q vlan_id 7 action vlan modify id 8 pipe $(to pf0vf0)
		rule p0 3 802.1ad vlan_id 6 vlan_ethtype 802.1q cvlan_id 5 \
			action vlan pop pipe action vlan pop pipe $(to pf0vf1)
		rule pf0vf1 1 802.1q vlan_id 5 vlan_ethtype ip ip_proto udp action vlan pop pipe \
			action pedit ex munge ip dst set 10.3.0.3 munge udp dport set 9 pipe $(to p0)
	}
	ok "push" frame nic0vf0 "$t ::: wire0 vlan=5.6,$t"
	ok "push twice" frame nic0vf0 "$t,dst=10.1.0.3 ::: wire0 vlan=6.0.0x88a8,vlan=5,$t,dst=10.1.0.3"
	ok "pop" frame wire0 "vlan=5.3,$t ::: nic0vf0 $t"
	ok "not another VLAN's" frame wire0 "vlan=4,$t ::: p0 vlan=4,$t"
	ok "nor where there is a second tag" \
		frame wire0 "vlan=5,vlan=9,$t ::: p0 vlan=5,vlan=9,$t"
	ok "another id, the same priority" frame wire0 "vlan=7.5,$t ::: nic0vf0 vlan=8.5,$t"
	ok "pop twice" frame wire0 "vlan=6.0.0x88a8,vlan=5,$t ::: nic0vf1 $t"
	ok "a tag in the metadata is a tag" \
		frame nic0vf1.5 "ipv4,udp ::: wire0 ipv4,udp,dst=10.3.0.3,dport=9"
}

test_mirror() {
	local t=ipv4,tcp,src=10.0.0.2,dst=10.1.0.2

	new_table
	# shellcheck disable=SC2046
	{
		rule pf0vf0 1 ip ip_proto tcp dst_port 1 \
			action mirred egress mirror dev pf0vf1 pipe $(to p0)
		rule pf0vf0 1 ip ip_proto tcp dst_port 2 \
			action mirred egress mirror dev pf0vf1 pipe \
			action pedit ex munge ip ttl set 9 pipe $(to p0)
		rule pf0vf0 1 ip ip_proto tcp dst_port 3 \
			action pedit ex munge ip ttl set 9 pipe \
			action mirred egress mirror dev pf0vf1 pipe $(to p0)
	}
	ok "two outputs" frame nic0vf0 "$t,dport=1 ::: wire0 $t,dport=1 ::: nic0vf1 $t,dport=1"
	ok "a mirror before a rewrite gets the frame as it came in" \
		frame nic0vf0 "$t,dport=2 ::: wire0 $t,dport=2,ttl=9 ::: nic0vf1 $t,dport=2"
	ok "a mirror after it does not" \
		frame nic0vf0 "$t,dport=3 ::: wire0 $t,dport=3,ttl=9 ::: nic0vf1 $t,dport=3,ttl=9"
}

test_trap() {
	local t=ipv4,tcp,src=10.0.0.2,dst=10.1.0.2

	new_table
	# shellcheck disable=SC2046
	{
		rule pf0vf0 1 ip ip_proto tcp dst_port 1 action trap
		rule pf0vf0 2 ip ip_proto tcp dst_port 2 action ok
		rule pf0vf0 3 ip $(to p0)
	}
	ok "trap: to the representor" frame nic0vf0 "$t,dport=1 ::: pf0vf0 $t,dport=1"
	ok "accept: past the block's other rules" frame nic0vf0 "$t,dport=2 ::: pf0vf0 $t,dport=2"
	ok "both have counted" test "$(grep -c 'packets=1 bytes=74' "$sim/rules")" -eq 2
}

test_links() {
	local t=ipv4,udp

	new_table
	# shellcheck disable=SC2046
	rule pf0vf0 1 ip dst_ip 10.1.0.2 $(to pf0vf1)
	ip link set nic0vf1 down
	is "no carrier where the other side is down" 0 cat /sys/class/net/pf0vf1/carrier
	ok "what is for a function that is down is dropped" frame nic0vf0 "$t,dst=10.1.0.2"
	is "and counted" 1 cat /sys/class/net/nic0vf1/statistics/rx_dropped
	ip link set nic0vf1 up
	ok "as soon as it is up it receives" \
		frame nic0vf0 "$t,dst=10.1.0.2 ::: nic0vf1 $t,dst=10.1.0.2"
	ok "MTU" ip link set nic0vf0 mtu 9000
	ok "a frame longer than the receiver's MTU is dropped" \
		frame nic0vf0 "$t,len=4000,src=10.7.7.7"
	ip link set pf0vf0 mtu 9000
	ok "or not longer" frame nic0vf0 "$t,len=4000 ::: pf0vf0 $t,len=4000"
	ip link set nic0vf0 mtu 1500
	ip link set pf0vf0 mtu 1500
}

ktap_start
need tc python3
load_sim nics=1
# What this is set to, the devices of the next test start with.
defer sysctl -qw net.ipv6.conf.default.disable_ipv6=0
sysctl -qw net.ipv6.conf.default.disable_ipv6=1
for dev in "${devices[@]}"; do
	sysctl -qw "net.ipv6.conf.$dev.disable_ipv6=1"
	ip link set "$dev" up
done
ip link add link nic0vf1 name nic0vf1.5 type vlan id 5
ip link set nic0vf1.5 up
for dev in pf0vf0 pf0vf1 p0; do
	tc qdisc add dev "$dev" clsact
done
coproc frames { exec python3 "$here/pnicsim_frame.py" "${devices[@]}"; }
# shellcheck disable=SC2154 # set by coproc
defer kill "$frames_PID"

test_miss
test_redirect
test_order
test_match
test_nat
test_vlan
test_mirror
test_trap
test_links
finish
