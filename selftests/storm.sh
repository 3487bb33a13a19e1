#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 900
# races
#
# Connections come and go, each with a message for the eswitch, which is slow and has
# room for a tenth of them; more than that are open at a time. Every message is
# answered; in the end every table is empty, and each packet was counted once: with
# several processors all but a few, that the eswitch carried when its counters had
# been read for the last time and the rule was not out yet.
#
#	near: 10.0.0.2 nic0vf0 ==== pf0vf0 (this namespace) p0 ==== wire0 far: 10.1.0.2
#
# STORM says how many connections (default 1000), for instance
#	selftests/vm/run --kernel uml --memory 4096 --timeout 3600 -- \
#		env STORM=100000 selftests/storm.sh
set -u
here=$(dirname "$(realpath "$0")")
# shellcheck source=selftests/lib.sh
. "$here/lib.sh"
# shellcheck source=selftests/pnicfw.sh
. "$here/pnicfw.sh"

storm=${STORM:-1000}

# counted - connections, and their packets, as conntrack has them, which keeps those
# that have ended
counted() {
	conntrack -L -p tcp 2>/dev/null | grep -o 'packets=[0-9]*' |
		awk -F= '{ sum += $2 } END { printf "%d %d\n", NR / 2, sum }'
}

# counted_are CONNECTIONS PACKETS - all, or all but one in a thousand: what the
# eswitch carries between a rule's last reading and its end.  One processor is
# enough for that, where an interrupt comes between.
counted_are() {
	local connections packets few=$(($2 / 1000))

	counted | tee "$ktap_output.counted"
	read -r connections packets <"$ktap_output.counted"
	[ "$connections" = "$1" ] && [ "$packets" -le "$2" ] &&
		[ "$packets" -ge $(($2 - few)) ]
}

# empty - no record, nothing in the eswitch, nobody who wants to be there
empty() {
	stat_of 'records as $r | "\($r) \(."hw-used") \(."hw-waiting") \(."hw-stale")"' |
		tee "$ktap_output.empty"
	[ "$(<"$ktap_output.empty")" = "0 0 0 0" ]
}

ktap_start
start_sim
only_ipv4
sysctl -qw net.netfilter.nf_conntrack_max=1000000
# The last ACK may be the eswitch's, so that conntrack waits for it.
for state in fin_wait close_wait last_ack time_wait close; do
	sysctl -qw net.netfilter.nf_conntrack_tcp_timeout_$state=36000
done
ok "ports" ports_add
quiet pnicfw param set hw-after 4
quiet knob table_size $((storm / 10))
quiet knob insert_delay_us 200
before=$(received_by_both)
ok "$storm connections, each message answered" \
	eval 'ulimit -n 100000 && python3 "$here/storm.py" "$storm" $((storm / 12))'
ok "the eswitch had some of them" at_least $((storm / 20)) stat_of '"hw-inserted"'
ok "and some had to make room, or found none" at_least 1 stat_of \
	'"hw-evicted" + (."hw-failed".ENOSPC // 0)'
ok "nothing is in any table" wait_for 60 empty
is "nor in the eswitch" 0 rules
is "what was put in has been taken out" \
	"$(stat_of '"hw-inserted"')" stat_of '"hw-deleted"'
ok "each packet was counted, once" \
	wait_for 60 counted_are "$storm" $(($(received_by_both) - before))
note "rules in, connections evicted:" \
	"$(stat_of '"hw-inserted" as $in | "\($in) \(."hw-evicted")"')"
finish
