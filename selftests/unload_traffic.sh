#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 600
# races
#
# The module is loaded and unloaded again and again, while TCP connections go
# through it as fast as they can: first in software, then in the eswitch.  They
# survive, no conntrack entry is pinned, and the module always goes.
#
# $ROUNDS: how many of them, half on veth and half on the simulated NIC (10)
#
#	near: 10.0.0.2 eth0 ---- v0 (gw) v1 ---- eth0 far: 10.1.0.2
#	near: 10.0.0.2 nic0vf0 ==== pf0vf0 (this namespace) p0 ==== wire0 far: 10.1.0.2
set -u
here=$(dirname "$(realpath "$0")")
# shellcheck source=selftests/lib.sh
. "$here/lib.sh"
# shellcheck source=selftests/pnicfw.sh
. "$here/pnicfw.sh"

rounds=${ROUNDS:-10}

# traffic - iperf3 both ways at once, until it is killed
traffic() {
	ip netns exec far iperf3 -s >"$ktap_output.server" 2>&1 &
	server=$!
	defer kill $server
	wait_for 20 in_ns near nc -z 10.1.0.2 5201 || bail "no iperf3"
	ip netns exec near iperf3 -c 10.1.0.2 --bidir -t 86400 \
		>"$ktap_output.client" 2>&1 &
	client=$!
	defer kill $client
	inside far
	in_far=$!
	received=0
}

end_traffic() {
	kill "$client" "$server"
	! wait "$client" "$server" 2>/dev/null
}

# Loading switches the kernel's netdev hooks on, and unloading off, by patching
# code that both processors are running.  An emulator may go on with its old
# translation of it, and stand still for ever: hooks of somebody else's keep
# them on.
keep_hooks() {
	defer nft delete table netdev keep
	nft -f - <<-EOT
		table netdev keep {
			chain in {
				type filter hook ingress device lo priority 0
			}
			chain out {
				type filter hook egress device lo priority 0
			}
		}
	EOT
}

all_gone() {
	forget_all
	[ "$(in_gw conntrack -C)" = 0 ]
}

# inside NAMESPACE - a process there, to look through /proc with: what a round
# asks often it asks without starting a program
inside() {
	ip netns exec "$1" sleep infinity &
	defer kill $!
}

# moves - packets reach far
moves() {
	local words count=0

	while read -ra words; do
		[ "${words[0]:-}" = "$dev_far:" ] && count=${words[2]}
	done <"/proc/$in_far/net/dev"
	[ "$count" -ge $((received + 50)) ] && received=$count
}

# in_tier STATE - the data connections are both there, and in use.  The file is
# read at once: it changes while it is read line by line.
in_tier() {
	local lines line names words i carried found=0
	declare -A at

	mapfile -t lines <"/proc/$in_gateway/net/pnicfw/flows"
	read -ra names <<<"${lines[0]:-}"
	for i in "${!names[@]}"; do
		at[${names[i]}]=$i
	done
	for line in "${lines[@]:1}"; do
		read -ra words <<<"$line"
		[ "${words[at[state]]}" = "$1" ] || continue
		carried=0
		for i in {orig,reply}-{cache,hw}-packets; do
			carried=$((carried + ${words[at[$i]]}))
		done
		[ "$carried" -le 100 ] || found=$((found + 1))
	done
	[ "$found" -ge 2 ]
}

# one_round STATE - up to the unloading, on whose heels the next one is
one_round() {
	modprobe pnicfw && ports_add || return
	wait_for 60 in_tier "$1" || { in_gw pnicfw flow show; return 1; }
	wait_for 60 moves && rmmod pnicfw && wait_for 60 moves
}

# all_rounds COUNT STATE - up to the first that fails
all_rounds() {
	local i start=$SECONDS

	for ((i = 1; i <= $1; i++)); do
		one_round "$2" || {
			echo "round $i"
			return 1
		}
	done
	echo "took $((SECONDS - start)) s"
}

# check_rounds WHAT COUNT STATE
check_rounds() {
	ok "$1: $2 rounds" all_rounds "$2" "$3"
	fails "$1: the module is gone" loaded pnicfw
	ok "$1: the connections live" kill -0 "$client"
	ok "$1: traffic ends" end_traffic
	ok "$1: conntrack's entries are free" wait_for 10 unpinned
	ok "$1: and go" wait_for 10 all_gone
}

unpinned() {
	in_gw conntrack -L >"$ktap_output.ct" 2>&1
	cat "$ktap_output.ct"
	! grep -q ' use=[02-9]\|OFFLOAD' "$ktap_output.ct"
}

ktap_start
need conntrack iperf3 gojq nc
defer unload pnicfw
ok "hooks of somebody else's" keep_hooks
gateway_veth
only_ipv4
inside gw
in_gateway=$!
in_gw nft add table inet t
in_gw nft add chain inet t forward '{ type filter hook forward priority 0; }'
in_gw nft add rule inet t forward ct state invalid counter
traffic
check_rounds veth $((rounds / 2)) cached
end_ns near gw far

load_module pnicsim
gateway_sim
only_ipv4
in_gateway=self
nft add table inet t
nft add chain inet t forward '{ type filter hook forward priority 0; }'
nft add rule inet t forward ct state invalid counter
traffic
check_rounds pnicsim $((rounds - rounds / 2)) offloaded
finish
