#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 900
# races
#
# The ruleset changes again and again, with traffic. No packet that is sent after
# a commit is judged by the rules before it, in the cache; and with thousands of
# connections in the eswitch and ten commits a second none is lost or waits long.
#
#	near: 10.0.0.2 eth0 ---- v0 (gw) v1 ---- eth0 far: 10.1.0.2
#	near: 10.0.0.2 nic0vf0 ==== pf0vf0 (this namespace) p0 ==== wire0 far: 10.1.0.2
set -u
here=$(dirname "$(realpath "$0")")
# shellcheck source=selftests/lib.sh
. "$here/lib.sh"
# shellcheck source=selftests/pnicfw.sh
. "$here/pnicfw.sh"

crowd=2000

# obeys TIMES - of the messages sent while a rule denied them none arrived, and
# there were many of these and of others
obeys() {
	local late sent passed

	read -r late sent passed < <(tell obeyed "$1" \
		"ip+netns+exec+gw+nft+add+rule+inet+t+forward+udp+dport+6001+drop" \
		"ip+netns+exec+gw+nft+flush+chain+inet+t+forward")
	echo "late $late, sent $sent, passed $passed"
	[ "$late" = 0 ] && [ "$sent" -ge $((10 * $1)) ] &&
		[ "$passed" -ge $((10 * $1)) ]
}

test_obeyed() {
	in_gw nft -f - <<-EOT
		table inet t {
			chain forward { type filter hook forward priority 0; }
		}
	EOT
	start_crowd 1
	is "a connection talks, and nothing is lost" 0 tell talk 5
	ok "is cached" flow_is cached sport 20000
	ok "of 40 changes each is obeyed at once" obeys 40
	is "it talks, and nothing is lost" 0 tell talk 5
	ok "is cached" flow_is cached sport 20000
}

# commits TIMES - ten a second, each one a transaction
commits() {
	local i

	for ((i = 0; i < $1; i++)); do
		if ((i % 2)); then
			echo "delete table inet churn"
		else
			echo "add table inet churn"
		fi
		sleep 0.1
	done | nft -i >/dev/null
}

# undisturbed COMMAND... - the crowd talks meanwhile: nothing is lost, nobody
# waits long
undisturbed() {
	local lost messages pause

	tell begin || return
	"$@"
	read -r lost messages pause < <(tell end)
	echo "lost $lost of $messages messages, longest pause $pause ms"
	[ "$lost" = 0 ] && [ "$messages" -ge 1000 ] &&
		[ "$pause" -le $((3000 * ${TIME_SCALE:-1})) ]
}

test_churn() {
	local before

	quiet pnicfw param set hw-after 2
	start_crowd "$crowd"
	is "a crowd talks, and nothing is lost" 0 tell talk 3
	ok "climbs" wait_for 60 all_offloaded
	ok "each has its rules" [ "$(rules)" = $((2 * crowd)) ]
	before=$(stat_of revalidated)
	ok "goes on while the ruleset changes" undisturbed commits 100
	sed 's/^/# /' "$ktap_output"
	ok "and has been looked at anew" at_least $((before + 1000)) \
		stat_of revalidated
	is "talks on, and nothing is lost" 0 tell talk 2
	ok "climbs again" wait_for 60 eval 'tell talk 1; all_offloaded'
	note "rules in and out: $(stat_of '"hw-inserted"') $(stat_of '"hw-deleted"')"
}

ktap_start
need conntrack gojq nft python3
load_sim
load_pnicfw
gateway_veth
only_ipv4
ok "ports" ports_add
test_obeyed
kill "$crowd_pid"
end_ns near gw far
gateway_sim
only_ipv4
ok "ports" ports_add
test_churn
finish
