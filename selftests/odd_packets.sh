#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 600
#
# Packets of a cached connection that are malformed, or out of the ordinary in
# any other way, and plain ones: byte for byte the same comes out of the
# gateway as without pnicfw, TTL, MAC addresses and ICMP errors included.
#
#	near: 10.0.0.2 eth0 ---- v0 (gw) v1 ---- eth0 far: 10.1.0.2
#	      fd00::2               MTU 1400                  fd01::2
set -u
here=$(dirname "$(realpath "$0")")
# shellcheck source=selftests/lib.sh
. "$here/lib.sh"
# shellcheck source=selftests/pnicfw.sh
. "$here/pnicfw.sh"

# The far ends make all frames themselves: nobody there is to answer.
no_stacks() {
	only_frames near eth0
	only_frames far eth0
	ip -n gw link set v1 mtu 1400
	ip -n far link set eth0 mtu 1400
}

only_frames() {
	ip -n "$1" addr flush dev "$2"
	in_ns "$1" sysctl -qw net.ipv6.conf.all.disable_ipv6=1
}

# stimulate OUTPUT VERSION PROTOCOL [COMMAND...] - COMMAND has to succeed
# before the odd packets come
stimulate() {
	local output=$1 version=$2 proto=$3 line pid status

	shift 3
	forget_all
	coproc ODD { exec python3 "$here/odd_packets.py" eth0 eth0 "$version" "$proto"; }
	pid=$ODD_PID
	exec {from}<&"${ODD[0]}" {to}>&"${ODD[1]}"
	read -r line <&"$from"
	status=0
	"$@" || status=$?
	echo >&"$to"
	cat <&"$from" >"$output"
	exec {from}<&- {to}>&-
	wait "$pid"
	[ "$status" = 0 ] && [ "$line" = ready ] &&
		[ "$(tail -n1 "$output")" = "done" ]
}

# check_odd WHAT VERSION PROTOCOL
check_odd() {
	local what=$1 version=$2 proto=$3 hits plain reference=$out/reference

	ok "$what: without pnicfw" stimulate "$reference" "$version" "$proto" true
	plain=$(grep -c ':$' "$reference")
	ok "$what: ports" ports_add
	hits=$(stat_of '"cache-hits"')
	ok "$what: cached" stimulate "$out/cached" "$version" "$proto" \
		flow_is cached proto "$proto"
	ok "$what: what comes out, $(grep -c far "$reference") frames and $(
		grep -c near "$reference") back" diff "$reference" "$out/cached"
	ok "$what: the cache carries the plain ones" \
		at_least $((hits + plain)) stat_of '"cache-hits"'
	in_gw pnicfw port del dev v0
	in_gw pnicfw port del dev v1
}

ktap_start
need conntrack gojq nft python3
out=$(mktemp -d)
defer rm -r "$out"
load_module pnicfw
gateway_veth
no_stacks
in_gw nft -f - <<-EOT
	table inet t {
		chain forward {
			type filter hook forward priority 0
			ct state invalid drop
		}
	}
EOT
for version in 4 6; do
	check_odd "IPv$version UDP" $version udp
	check_odd "IPv$version TCP" $version tcp
done
in_gw nft -f - <<-EOT
	table inet nat {
		chain postrouting {
			type nat hook postrouting priority 100
			oifname v1 masquerade
		}
	}
EOT
check_odd "IPv4 UDP with NAT" 4 udp
check_odd "IPv6 TCP with NAT" 6 tcp
finish
