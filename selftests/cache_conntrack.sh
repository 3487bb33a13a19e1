#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 600
#
# What conntrack knows of a connection goes on being true while the cache has
# it: its zone, its labels and mark, and the timeout that a policy gave it; and
# what it does not know, TCP's window, it does not hold against it, in whichever
# of two zones.
#
#	near: 10.0.0.2 eth0 ---- v0 (gw) v1 ---- eth0 far: 10.1.0.2
set -u
here=$(dirname "$(realpath "$0")")
# shellcheck source=selftests/lib.sh
. "$here/lib.sh"
# shellcheck source=selftests/pnicfw.sh
. "$here/pnicfw.sh"

# The label's name is for nft and for conntrack, each in its own place.
rules() {
	mkdir -p /etc/xtables
	echo "5 checked" | tee /etc/connlabel.conf >/etc/xtables/connlabel.conf
	in_gw nft -f - <<-EOT
		table inet c {
			ct timeout long {
				protocol udp
				l3proto ip
				policy = { unreplied : 700, replied : 1000 }
			}
			chain raw {
				type filter hook prerouting priority raw
				udp dport 5002 ct zone set 7
				udp sport 5002 ct zone set 7
			}
			chain forward {
				type filter hook forward priority 0
				udp dport 5003 ct timeout set "long"
				udp dport 5001 ct label set "checked" ct mark set 9
			}
		}
	EOT
}

# entry DPORT OPTION... - conntrack's line about it
entry() {
	local dport=$1

	shift
	in_gw conntrack -L -p udp --orig-port-dst "$dport" "$@" 2>/dev/null
}

# has_entry PATTERN DPORT OPTION...
has_entry() {
	local pattern=$1

	shift
	entry "$@" | tee "$ktap_output.entry"
	grep -qE "$pattern" "$ktap_output.entry"
}

# timeout_of DPORT
timeout_of() {
	entry "$1" | awk '{ print $3 }'
}

# cached NAME DPORT - a connection that the cache carries
cached() {
	ok "$1: a connection" ends open c udp 40000 10.1.0.2 "$2"
	ok "$1: talks" ends talk c 5
	ok "$1: is cached" flow_is cached dport "$2"
	before=$(counter forwarded)
	ok "$1: talks on" ends talk c 20
	is "$1: the firewall sees none of it" "$before" counter forwarded
}

# An idle entry's timeout goes down; packets that only the cache sees bring it
# back to what the policy says.
decayed() {
	at_most 994 timeout_of 5003
}

talks_and_lives() {
	ends talk c 1 && at_least 997 timeout_of 5003
}

# More than a window's data, in the cache, then conntrack sees packets again, be
# it both directions of data at once or what ends the connection.
test_window() {
	in_gw sysctl -qw net.netfilter.nf_conntrack_tcp_be_liberal=0
	in_gw nft -f - <<-EOT
		table inet t {
			counter invalid { }
			chain invalid {
				type filter hook forward priority -10
				ct state invalid counter name invalid drop
			}
		}
	EOT
	ok "window: a connection" ends open c tcp 40001 10.1.0.2 5001
	ok "window: talks" ends talk c 5
	ok "window: is cached" flow_is cached sport 40001
	before=$(counter forwarded)
	ok "window: 3 MB each way" ends exchange c 3000000
	is "window: the firewall sees none of them" "$before" counter forwarded
	in_gw nft add table inet again
	ok "window: 1 MB each way, in tier 1 at first" ends exchange c 1000000
	ok "window: the firewall sees some" at_least $((before + 1)) counter forwarded
	ok "window: is cached again" flow_is cached sport 40001
	ok "window: 3 MB more" ends exchange c 3000000
	ok "window: ends" ends rst c
	ok "window: conntrack has seen it" wait_for 10 \
		eval 'in_gw conntrack -L -p tcp 2>/dev/null | grep CLOSE'
	is "window: no packet was invalid" 0 counter invalid
}

zone_is_cached() {
	[ "$(flow ".[] | select(.zone == $1) | .state" sport 40004)" = cached ]
}

entry_closes() {
	in_gw conntrack -L -p tcp --orig-port-src 40004 2>/dev/null |
		grep -v zone= | grep -q CLOSE
}

# The rules move a connection from one zone to another, where conntrack picks it
# up; each has an entry, and pnicfw a record for each. What ends it comes after a
# change, when no way is known any more to tell whose packet it is.
test_zones_move() {
	in_gw nft -f - <<-EOT
		table inet zones {
			chain raw {
				type filter hook prerouting priority raw
				tcp dport 5004 ct zone set 7
				tcp sport 5004 ct zone set 7
			}
		}
	EOT
	ok "zones: a connection" ends open c tcp 40004 10.1.0.2 5004
	ok "zones: talks" ends talk c 5
	ok "zones: is cached in one" wait_for 10 zone_is_cached 7
	in_gw nft delete table inet zones
	ok "zones: talks in the other" ends talk c 5
	ok "zones: is cached there" wait_for 10 zone_is_cached 0
	in_gw nft add table inet other
	ok "zones: talks after a change" ends talk c 5
	ok "zones: is cached again" wait_for 10 zone_is_cached 0
	before=$(counter forwarded)
	ok "zones: 3 MB each way" ends exchange c 3000000
	is "zones: the firewall sees none of them" "$before" counter forwarded
	in_gw nft delete table inet other
	ok "zones: ends" ends rst c
	ok "zones: conntrack has seen it" wait_for 10 entry_closes
}

ktap_start
need conntrack gojq nft python3
load_module pnicfw
gateway_veth
only_ipv4
gw_counts_forwarded
ok "rules" rules
ok "ports" ports_add
in_gw pnicfw param set age-interval 100
start_ends near far

cached "label and mark" 5001
ok "label and mark: are kept" has_entry 'mark=9 .*labels=checked' 5001 -o labels
ok "label and mark: ends" ends fin c

cached zone 5002
is "zone: is known" 7 flow '.[].zone' dport 5002
ok "zone: conntrack has it" has_entry zone=7 5002
ok "zone: ends" ends fin c

cached "timeout policy" 5003
ok "timeout policy: the entry ages" wait_for 30 decayed
ok "timeout policy: packets in the cache renew it" wait_for 30 talks_and_lives
is "timeout policy: the firewall sees none of them" "$before" counter forwarded
ok "timeout policy: ends" ends fin c

test_window
test_zones_move
finish
