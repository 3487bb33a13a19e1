#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 600
#
# What stays in tier 1 says why: connections that leave by a device that is no
# port, through a tunnel, of other protocols, copied by a rule, or read by a helper;
# and an FTP helper's data connection is cached for all that.
#
#	near: 10.0.0.2 eth0 ---- v0 (gw) v1 ---- eth0 far: 10.1.0.2
#	                                 v2 ---- eth1      10.2.0.2
#	                             vxlan0 ==== vxlan0    10.3.0.2 (over v1)
#	near: 10.7.0.1 tun0 ======== IP in IP ======== tun0 far: 10.7.0.2
set -u
here=$(dirname "$(realpath "$0")")
# shellcheck source=selftests/lib.sh
. "$here/lib.sh"
# shellcheck source=selftests/pnicfw.sh
. "$here/pnicfw.sh"

second_way() {
	ip -n gw link add v2 type veth peer name eth1 netns far
	gateway_side far v2 eth1 2
	ip -n far route replace default via 10.1.0.1
}

# tunnel KIND [OPTION...] - from the gateway to far, over v1
tunnel() {
	local kind=$1

	shift
	ip -n gw link add "$kind"0 type "$kind" id 9 remote 10.1.0.2 dstport 4789 "$@"
	ip -n far link add "$kind"0 type "$kind" id 9 remote 10.1.0.1 dstport 4789
	gateway_side far "$kind"0 "$kind"0 3
	ip -n far route replace default via 10.1.0.1
	ip -n far route replace 10.0.0.0/24 via 10.3.0.1
}

# stays NAME SPORT REASON... - in tier 1, for that reason, which is told by
# "flow show" and by "flow explain"
stays() {
	local what=$1 sport=$2

	kept "$@"
	shift 2
	ok "$what: is explained" explained "$sport" "$*"
}

explained() {
	in_gw pnicfw flow explain sport "$1" | tee "$ktap_output.explain"
	grep -qF "does not let the flow cache have it: $2." "$ktap_output.explain"
}

test_no_port() {
	ok "no port: a connection" ends open n tcp 41000 10.2.0.2 5001
	ok "no port: talks" ends talk n 5
	stays "no port" 41000 "egress device v2 is not a port"
	ok "no port: counts" stat_of '"not-learned"."egress device is not a port"'
	ok "no port: becomes one" in_gw pnicfw port add dev v2
	ok "no port: talks on" ends talk n 5
	ok "no port: is cached" flow_is cached sport 41000
	ok "no port: is none again" in_gw pnicfw port del dev v2
	ok "no port: talks again" ends talk n 5
	stays "no port" 41000 "egress device v2 is not a port"
	ok "another way" in_gw ip route add 10.2.0.2/32 via 10.1.0.2
	ok "another way: its record goes" wait_for 10 flow_gone sport 41000
	ok "another way: talks on" ends talk n 5
	ok "another way: is cached" flow_is cached sport 41000
	in_gw ip route del 10.2.0.2/32 via 10.1.0.2
	ok "no port: ends" ends fin n
}

test_tunnel() {
	modprobe "$1" 2>/dev/null || {
		skip "$1" "no $1 here"
		return
	}
	tunnel "$@"
	ok "$1: a connection" ends open t tcp 41001 10.3.0.2 5001
	ok "$1: talks" ends talk t 5
	stays "$1" 41001 "egress device ${1}0 is not a port"
	ok "$1: ends" ends fin t
	ip -n gw link del "$1"0
	ip -n far link del "$1"0
}

# Of IP in IP, conntrack sees no more than addresses.
test_protocol() {
	modprobe ipip 2>/dev/null || {
		skip "IP in IP" "none here"
		return
	}
	ip -n near link add tun0 type ipip local 10.0.0.2 remote 10.1.0.2
	ip -n near addr add 10.7.0.1 peer 10.7.0.2 dev tun0
	ip -n near link set tun0 up
	ip -n far link add tun0 type ipip local 10.1.0.2 remote 10.0.0.2
	ip -n far addr add 10.7.0.2 peer 10.7.0.1 dev tun0
	ip -n far link set tun0 up
	ok "IP in IP: a connection" ends open u udp 41002 10.7.0.2 5001
	ok "IP in IP: talks" ends talk u 5
	is "IP in IP: stays in tier 1" "tracked false protocol is for tier 1 only" \
		flow '.[] | "\(.state) \(.cacheable) \(."cacheable-reason")"' \
		proto 4
	ok "IP in IP: ends" ends fin u
	ip -n near link del tun0
	ip -n far link del tun0
}

# Who gets the copies is nobody: far's other device hears them, and far does not.
nobody() {
	in_gw ip -b - <<-EOT
		neigh replace 10.2.0.9 lladdr 02:00:00:00:02:09 dev v2 nud permanent
		neigh replace fd02::9 lladdr 02:00:00:00:02:09 dev v2 nud permanent
	EOT
	ip -n far route replace default via fd01::1
}

# test_copies FAMILY HOOK DST GATEWAY - a rule copies one connection's packets, and
# not another's, which come between
test_copies() {
	local what="copies, $1 $2" before

	in_gw nft -f - 2>"$ktap_output" <<-EOT || {
		table $1 x {
			counter copies { }
			chain copy {
				type filter hook $2 priority -150
				udp dport 5001 dup to $4 device "v2"
			}
			chain out {
				type filter hook postrouting priority 0
				oifname "v2" udp dport 5001 counter name copies
			}
		}
	EOT
		skip "$what" "none here: $(head -1 "$ktap_output")"
		return
	}
	counts_in="$1 x"
	ok "$what: a connection" ends open k udp 41030 "$3" 5001
	ok "$what: another" ends open o udp 41031 "$3" 5002
	ok "$what: both talk" eval \
		'for i in 1 2 3 4 5; do ends talk k 1; ends talk o 1; done'
	is "$what: that direction is not learned, and why" \
		"null v0 copies leave by other ways" flow \
		'.[] | "\(.orig.out) \(.reply.out) \(."learn-reason")"' sport 41030
	ok "$what: the other one is cached" flow_is cached sport 41031
	before=$(counter copies)
	ok "$what: talks on" ends talk k 20
	is "$what: each packet is copied" $((before + 20)) counter copies
	ok "$what: ends" ends fin k
	ok "$what: the other ends" ends fin o
	forget_all
	in_gw nft delete table "$1" x
}

queued() {
	cat "$ktap_output.queued"
}

# A program that gets packets from a queue is to see all of them, though the kernel
# goes on with each as if nothing had been. Of checksums that are to be filled in
# it would see them filled in.
test_queue() {
	in_gw nft -f - 2>/dev/null <<-EOT || {
		table inet q {
			chain forward {
				type filter hook forward priority 1
				udp dport 5003 queue num 7
				udp sport 5003 queue num 7
			}
		}
	EOT
		skip "a queue" "nftables has none here"
		return
	}
	quiet in_ns near ethtool -K eth0 tx off
	quiet in_ns far ethtool -K eth0 tx off
	in_gw python3 "$here/queue.py" 7 "$ktap_output.queued" &
	defer kill $!
	ok "a queue: is there" wait_for 10 test -e "$ktap_output.queued"
	ok "a queue: a connection" ends open q udp 41020 10.1.0.2 5003
	ok "a queue: talks" ends talk q 50
	ok "a queue: the program has seen all packets" at_least 100 queued
	ok "a queue: no lower tier knows of it" flow_gone sport 41020
	ok "a queue: ends" ends fin q
	in_gw nft delete table inet q
}

test_helper() {
	gw_has_ftp || {
		skip "helper" "no FTP helper here"
		return
	}
	in_gw nft -f - <<-EOT
		table inet h {
			chain forward {
				type filter hook forward priority 0
				ct state related,established accept
				tcp dport 21 accept
				tcp dport 2000-3000 drop
			}
		}
	EOT
	ok "FTP: a control connection" ends open f tcp 41003 10.1.0.2 21
	ok "FTP: talks" ends talk f 5
	stays "FTP" 41003 helper ftp
	# The helper reads what follows a whole line: 10.1.0.2, 10 * 256 + 1
	ok "FTP: the server greets" ends say f far "220 Ready."
	ok "FTP: the server names a port" ends say f far \
		"227 Entering Passive Mode (10,1,0,2,10,1)."
	ok "FTP: the data connection" ends open d tcp 41004 10.1.0.2 2561
	ok "FTP: carries data" ends talk d 10
	if has_ftp_helper 41004; then
		stays "FTP: data" 41004 helper ftp
	else
		ok "FTP: is cached" wait_for 10 eval \
			'ends talk d 1; flow_is cached sport 41004'
	fi
	ok "FTP: data all at once" ends exchange d 100000
	ok "FTP: the data connection ends" ends fin d
	ok "FTP: the control connection goes on" ends talk f 3
	stays "FTP" 41003 helper ftp
	ok "FTP: ends" ends fin f
	in_gw nft delete table inet h
}

ktap_start
need conntrack gojq nft python3
load_module pnicfw
gateway_veth
second_way
ok "ports" ports_add
start_ends near far
test_no_port
test_tunnel vxlan dev v1
test_tunnel vxlan
test_tunnel geneve
test_protocol
nobody
for hook in prerouting forward postrouting; do
	test_copies ip "$hook" 10.1.0.2 10.2.0.9
	test_copies ip6 "$hook" fd01::2 fd02::9
done
test_queue
test_helper
finish
