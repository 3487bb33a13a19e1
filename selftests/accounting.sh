# shellcheck shell=bash disable=SC2154
# SPDX-License-Identifier: GPL-2.0
#
# For tests that compare pnicfw's and conntrack's counters with those of the far
# ends' interfaces.  There must be no other traffic.

# links - what the interfaces have counted so far, each PACKETS BYTES: sent by
# near, received by far, sent by far, received by near
links() {
	local near far

	near=$(in_ns near cat "/sys/class/net/$dev_near/statistics/"{t,r}x_{packets,bytes}) &&
		far=$(in_ns far cat "/sys/class/net/$dev_far/statistics/"{r,t}x_{packets,bytes}) ||
		return
	# shellcheck disable=SC2086 # four numbers each
	set -- $near $far
	echo "$1 $2 $5 $6 $7 $8 $3 $4"
}

# carried - what they have counted since $links_before, frames and the bytes
# inside them: there, as sent and received, and back
carried() {
	local now before i out=()

	read -ra now <<<"$(links)"
	read -ra before <<<"$links_before"
	for i in 0 2 4 6; do
		out+=($((now[i] - before[i])))
		out+=($((now[i + 1] - before[i + 1] - 14 * out[i])))
	done
	echo "${out[*]}"
}

# tiers SPORT - what pnicfw says in the same form: the sum over all tiers
tiers() {
	flow '.[] | [(.orig, .orig, .reply, .reply) |
		(.firewall.packets + .cache.packets + .hw.packets,
		 .firewall.bytes + .cache.bytes + .hw.bytes)] |
		map(tostring) | join(" ")' sport "$1"
}

# tracked PROTOCOL SPORT - and what conntrack says
tracked() {
	in_gw conntrack -L -p "$1" --orig-port-src "$2" 2>"$ktap_output.ct" |
		grep -o 'packets=[0-9]* bytes=[0-9]*' | tr -c '0-9\n' ' ' |
		awk '{ printf "%s%d %d %d %d", (NR > 1) ? " " : "", $1, $2, $1, $2 }'
}

agree() {
	local one other

	one=$(carried) && other=$("$@") || return
	echo "far ends: $one"
	echo "gateway:  $other"
	[ "$one" = "$other" ]
}

# shares SPORT - for who reads the log
shares() {
	note "$(flow '.[] | .orig, .reply | "bytes by tier: \(.firewall.bytes) \(
		.cache.bytes) \(.hw.bytes)"' sport "$1" | tr '\n' ' ')"
}

# check_accounting PROTOCOL STATE [COMMAND...] - a connection gets to STATE and
# carries much; COMMAND does something to it then
check_accounting() {
	local proto=$1 state=$2

	shift 2
	links_before=$(links)
	ok "$proto: connects" ends open c "$proto" 40000 10.1.0.2 5001
	ok "$proto: talks" ends talk c 40 200
	ok "$proto: is $state" wait_for 10 flow_is "$state" sport 40000
	ok "$proto: talks there" ends talk c 40 1000
	[ "$proto" = udp ] ||
		ok "$proto: 300 kB each way" ends exchange c 300000
	[ $# -eq 0 ] || ok "$proto: $*" "$@"
	ok "$proto: all tiers together have what the far ends have" \
		wait_for 10 agree tiers 40000
	ok "$proto: conntrack, too" wait_for 10 agree tracked "$proto" 40000
	shares 40000
	ok "$proto: ends" ends fin c
	if [ "$proto" = tcp ]; then
		ok "$proto: leaves pnicfw" wait_for 10 flow_gone sport 40000
		ok "$proto: conntrack has it all" wait_for 10 agree tracked "$proto" 40000
	fi
	forget_all
	ok "$proto: is gone" wait_for 10 flow_gone sport 40000
}
