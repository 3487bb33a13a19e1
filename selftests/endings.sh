#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 600
#
# However a connection ends, it ends in all tiers: FIN, RST, its timeout,
# conntrack's users, pnicfw's users.  All of them from the eswitch.
#
#	near: 10.0.0.2 nic0vf0 ==== pf0vf0 (this namespace) p0 ==== wire0 far: 10.1.0.2
set -u
here=$(dirname "$(realpath "$0")")
# shellcheck source=selftests/lib.sh
. "$here/lib.sh"
# shellcheck source=selftests/pnicfw.sh
. "$here/pnicfw.sh"

# entry TEXT - conntrack's entry says so
entry() {
	conntrack -L 2>"$ktap_output.ct" | tee "$ktap_output.entry" | grep "$1" &&
		return
	cat "$ktap_output.entry"
	return 1
}

# An entry with one reference only: conntrack's own
unpinned() {
	entry "$1.*sport=40000" | grep ' use=1' | grep -v OFFLOAD
}

no_entry() {
	! entry "sport=40000"
}

test_tcp_ends() {
	ok "fin: a connection" offload c tcp 40000
	ok "fin: ends" ends fin c
	ok "fin: leaves the eswitch" wait_for 10 rules_are 0
	ok "fin: leaves pnicfw" wait_for 10 flow_gone
	ok "fin: conntrack has seen it" wait_for 10 unpinned TIME_WAIT
	forget_all

	sysctl -qw net.netfilter.nf_conntrack_tcp_timeout_close=120
	ok "rst: a connection" offload c tcp 40000
	ok "rst: ends" ends rst c
	ok "rst: leaves the eswitch" wait_for 10 rules_are 0
	ok "rst: leaves pnicfw" wait_for 10 flow_gone
	ok "rst: conntrack has seen it" wait_for 10 unpinned CLOSE
	forget_all
}

# alive_for SECONDS - messages all the time; conntrack sees none of them
alive_for() {
	local until=$((SECONDS + $1)) before

	before=$(trapped)
	while [ "$SECONDS" -lt "$until" ]; do
		quiet ends talk c 1 || break
	done
	is "timeout: alive in the eswitch only" "$before" trapped
}

test_timeout() {
	local seconds=$((6 * ${TIME_SCALE:-1})) id last

	sysctl -qw net.netfilter.nf_conntrack_udp_timeout=$seconds \
		net.netfilter.nf_conntrack_udp_timeout_stream=$seconds
	ok "timeout: a connection" offload c udp 40000
	id=$(flow '.[].id' sport 40000)
	alive_for $((seconds * 2))
	last=$SECONDS
	is "timeout: does not come while there are packets" "$id" \
		flow '.[].id' sport 40000
	ok "timeout: conntrack's entry is there" entry 'sport=40000.*HW_OFFLOAD'
	ok "timeout: leaves the eswitch" wait_for $((seconds * 4)) rules_are 0
	ok "timeout: within 2 s of it" \
		between $((seconds - 1)) $((seconds + 2 * ${TIME_SCALE:-1})) \
		echo $((SECONDS - last))
	ok "timeout: comes to the idle" wait_for 10 no_entry
	ok "timeout: leaves pnicfw" wait_for 10 flow_gone
	quiet ends fin c
	gateway_patience
}

# emptied - how long the eswitch takes to get empty, in a note; without a
# process of its own, which would take long, too
emptied() {
	local start=${EPOCHREALTIME/./} deadline=$((SECONDS + 20)) _

	while read -r _ <"$sim/rules"; do
		[ "$SECONDS" -lt "$deadline" ] || return
	done
	note "took $(((${EPOCHREALTIME/./} - start) / 1000)) ms"
}

ruleset() {
	nft -f - <<-EOT
		table inet t {
			counter dropped { }
			chain forward {
				type filter hook forward priority 0
				tcp dport 5001 counter name dropped drop
			}
		}
	EOT
}

test_conntrack_delete() {
	ok "conntrack -D: a connection" offload c tcp 40000
	ok "conntrack -D" conntrack -D -p tcp --orig-port-src 40000
	emptied
	is "conntrack -D: takes it out of the eswitch" 0 rules
	ok "conntrack -D: and out of pnicfw" wait_for 10 flow_gone
	ok "conntrack -D: a rule that drops it now" ruleset
	ok "conntrack -D: a message" ends send c near
	ok "conntrack -D: meets the rule" wait_for 10 at_least 1 counter dropped
	is "conntrack -D: and not the other end" 0 ends pending c far
	nft flush ruleset
	quiet ends rst c
	forget_all

	ok "conntrack -F: a connection" offload c udp 40000
	ok "conntrack -F" conntrack -F
	ok "conntrack -F: takes it out of the eswitch" wait_for 10 rules_are 0
	ok "conntrack -F: leaves no entry" wait_for 10 no_entry
	ok "conntrack -F: the next packet is a new connection's" ends talk c 2
	ok "conntrack -F: which is cached" flow_is cached sport 40000
	quiet ends fin c
	forget_all
}

test_user() {
	local id

	ok "flow del: a connection" offload c tcp 40000
	ok "flow del: another" offload d udp 40001
	id=$(flow '.[].id' sport 40000)
	ok "flow del" pnicfw flow del sport 40000
	ok "flow del: takes it out of the eswitch" wait_for 10 rules_are 2
	ok "flow del: leaves conntrack's entry alone" \
		wait_for 10 unpinned ESTABLISHED
	ok "flow del: the connection goes on" ends talk c 5
	ok "flow del: as a new flow" eval '[ "$(flow ".[].id" sport 40000)" -gt '"$id ]"
	ok "flow flush" pnicfw flow flush
	ok "flow flush: takes all out of the eswitch" wait_for 10 rules_are 0
	ok "flow flush: and out of pnicfw" wait_for 10 flow_gone
	ok "flow flush: connections go on" ends talk c 5
	ok "flow flush: all of them" ends talk d 5
}

ktap_start
start_sim
ok "ports" ports_add
start_ends near far
test_tcp_ends
test_timeout
test_conntrack_delete
test_user
finish
