#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 600
#
# Policy rules about a conntrack zone and about a conntrack helper, with traffic:
# what they match, what they do not, and what a change of them does.
#
#	near: 10.0.0.2 eth0 ---- v0 (gw) v1 ---- eth0 far: 10.1.0.2
set -u
here=$(dirname "$(realpath "$0")")
# shellcheck source=selftests/lib.sh
. "$here/lib.sh"
# shellcheck source=selftests/pnicfw.sh
. "$here/pnicfw.sh"

# answer SPORT - where a connection is, what tier 1 says of it, and by which rule
answer() {
	flow '.[] | "\(.state), \(.cacheable) \(."cacheable-reason"), \(
		.offloadable) \(."offloadable-reason"), \(.pref)"' sport "$1"
}

# answered SPORT ANSWER
answered() {
	[ "$(answer "$1")" = "$2" ]
}

# speaks_until NAME SPORT ANSWER - a message, and another, until it is answered so
speaks_until() {
	wait_for 20 eval "ends talk $1 1; answered $2 '$3'"
}

# sees MESSAGES COMMAND... - the firewall, while COMMAND runs
sees() {
	local wanted=$1 before

	shift
	before=$(counter forwarded)
	"$@" || return
	echo "$before, now $(counter forwarded), wanted $wanted more"
	[ "$(counter forwarded)" = $((before + wanted)) ]
}

# unheard NAME - a message from near does not arrive
unheard() {
	ends send "$1" near 5 && [ "$(ends pending "$1" far)" = 0 ]
}

# ct_lacks PROTOCOL SPORT - conntrack has no such connection
ct_lacks() {
	! in_gw conntrack -L -p "$1" --orig-port-src "$2" 2>/dev/null | grep .
}

test_zone() {
	in_gw nft -f - <<-EOT
		table inet z {
			chain raw {
				type filter hook prerouting priority raw
				udp dport 5007 ct zone set 7
				udp sport 5007 ct zone set 7
			}
		}
	EOT
	ok "zone: rules" in_gw pnicfw -b - <<-EOT
		policy add pref 10 zone 7 hw off
		policy add pref 20 zone 8 cache off hw off
		policy add pref 30 zone 0 proto udp hw-after 9
	EOT
	ok "zone: a connection in zone 7" ends open a udp 40007 10.1.0.2 5007
	ok "zone: one in none" ends open b udp 40000 10.1.0.2 5001
	ok "zone: 7 is answered by its rule" speaks_until a 40007 \
		"cached, true policy default, false policy rule 10, 10"
	ok "zone: 0 by its own" speaks_until b 40000 \
		"cached, true policy default, true policy default, 30"
	is "zone: and what that says" 9 flow '.[]."hw-after"' sport 40000
	ok "zone: 7 goes on in the cache" sees 0 ends talk a 20
	ok "zone: 7 is tier 1's" in_gw pnicfw policy add pref 5 zone 7 \
		cache off hw off
	ok "zone: so it is answered" wait_for 10 answered 40007 \
		"tracked, false policy rule 5, false policy rule 5, 5"
	ok "zone: the firewall sees all of it" sees 20 ends talk a 10
	ok "zone: and none of the other" sees 0 ends talk b 10
	ok "zone: 7 is denied" in_gw pnicfw policy add pref 1 zone 7 verdict deny
	ok "zone: it ends" wait_for 10 ct_lacks udp 40007
	ok "zone: and is not heard any more" unheard a
	ok "zone: the other one is" ends talk b 10
	ok "zone: no rules" in_gw pnicfw policy flush
	ok "zone: it is heard again" wait_for 10 ends talk a 3
	ok "zone: ends" eval 'ends fin a; ends fin b'
	in_gw nft delete table inet z
}

# Conntrack would pick up in the middle what has been denied, as a connection
# that no helper has expected; here it is not to.
test_helper() {
	local why

	in_gw sysctl -qw net.netfilter.nf_conntrack_tcp_loose=0
	gw_has_ftp || {
		skip "helper" "no FTP helper here"
		return
	}
	in_gw nft -f - <<-EOT
		table inet h {
			chain forward {
				type filter hook forward priority 0
				ct state invalid drop
			}
		}
	EOT
	ok "helper: a rule" in_gw pnicfw policy add pref 10 helper ftp hw off
	ok "helper: a control connection" ends open f tcp 41003 10.1.0.2 21
	ok "helper: the rule matches it, and the helper keeps it" speaks_until f 41003 \
		"tracked, false helper ftp, false helper ftp, 10"
	ok "helper: a connection without one" ends open o tcp 41005 10.1.0.2 2562
	ok "helper: no rule matches that" speaks_until o 41005 \
		"cached, true policy default, true policy default, null"
	# The helper reads what follows a whole line: 10.1.0.2, 10 * 256 + 1
	ok "helper: the server greets" ends say f far "220 Ready."
	ok "helper: the server names a port" ends say f far \
		"227 Entering Passive Mode (10,1,0,2,10,1)."
	ok "helper: the data connection" ends open d tcp 41004 10.1.0.2 2561
	ok "helper: talks" ends talk d 5
	is "helper: the rule matches what was expected" 10 flow '.[].pref' \
		sport 41004
	why="policy rule 10"
	! has_ftp_helper 41004 || why="helper ftp"
	is "helper: and the eswitch may not have it" "$why" flow \
		'.[]."offloadable-reason"' sport 41004
	ok "helper: it carries data" ends exchange d 100000
	ok "helper: its data are denied" in_gw pnicfw policy add pref 1 \
		helper ftp proto tcp dport 2561 verdict deny
	ok "helper: they end" wait_for 10 ct_lacks tcp 41004
	ok "helper: and are not heard any more" unheard d
	ok "helper: the control connection goes on" ends talk f 3
	ok "helper: the other one, too" ends talk o 3
	ok "helper: no rules" in_gw pnicfw policy flush
	ok "helper: ends" eval 'ends fin f; ends fin o'
	in_gw nft delete table inet h
}

ktap_start
need conntrack gojq nft python3
load_module pnicfw
gateway_veth
only_ipv4
gw_counts_forwarded
ok "ports" ports_add
start_ends near far
test_zone
test_helper
finish
