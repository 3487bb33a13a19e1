#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# races
#
# The simulated NIC is loaded and unloaded again and again, while packets go
# through its hardware and through the kernel, and rules come and go.
#
#	vm0: nic0vf0 10.0.0.2 ==== pf0vf0 10.0.0.1
#	vm1: nic0vf1 10.0.1.2 ==== pf0vf1 10.0.1.1    this namespace routes
#
# ROUNDS, default 5, says how often.
set -u
here=$(dirname "$(realpath "$0")")
# shellcheck source=selftests/lib.sh
. "$here/lib.sh"
# shellcheck source=selftests/pnicsim.sh
. "$here/pnicsim.sh"


# flood NS ADDRESS - pings without end, with and without a NIC
flood() {
	while :; do
		ip netns exec "$1" ping -q -f -c 1000 -w 2 "$2" || sleep 0.1
	done >/dev/null 2>&1
}

# One direction through hardware, the other through the kernel
churn() {
	while :; do
		tc filter add dev pf0vf0 ingress prio 1 protocol ip flower \
			skip_sw ip_proto icmp action pedit ex \
			munge eth src set 02:50:4e:00:02:01 \
			munge eth dst set 02:50:4e:00:02:00 \
			munge ip ttl add 0xff pipe csum ip4h pipe \
			action mirred egress redirect dev pf0vf1
		tc -s filter show dev pf0vf0 ingress
		cat "$sim/rules"
		tc filter del dev pf0vf0 ingress
		echo 1 >"$sim/reset"
	done >/dev/null 2>&1
}

up() {
	local i

	modprobe pnicsim || return
	for i in 0 1; do
		ip link set "nic0vf$i" netns "vm$i" || return
		ip -n "vm$i" link set "nic0vf$i" up
		ip -n "vm$i" addr add "10.0.$i.2/24" dev "nic0vf$i"
		ip -n "vm$i" route add default via "10.0.$i.1"
		ip link set "pf0vf$i" up
		ip addr add "10.0.$i.1/24" dev "pf0vf$i"
		tc qdisc add dev "pf0vf$i" clsact
	done
}

# Both ways have been in use in this round.
busy() {
	local hits

	hits=$(sed -n 's/.*packets=\([0-9]*\) .*/\1/p' "$sim/rules")
	[ "${hits:-0}" -ge 10 ] &&
		[ "$(cat /sys/class/net/pf0vf1/statistics/rx_packets)" -ge 10 ]
}

ktap_start
need tc ping
[ -n "${MODDIR:-}" ] || skip_all "not in the VM: run it by selftests/run"
new_ns vm0 vm1
defer unload pnicsim
sysctl -qw net.ipv4.ip_forward=1
spawn flood vm0 10.0.1.2
spawn flood vm1 10.0.0.2
spawn churn
for round in $(seq "${ROUNDS:-5}"); do
	ok "round $round: load" up
	ok "traffic through hardware and kernel" wait_for 60 busy
	ok "unload, when nobody reads its files" wait_for 10 rmmod pnicsim
done
fails "no device is left" ls -d /sys/class/net/p0
finish
