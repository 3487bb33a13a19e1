#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 600
#
# Connections that something else in the kernel has its hands in stay in tier 1,
# say why, and get their data through: a SYN proxy, a flow table, a change that no
# action explains, IPsec, a route's program, IPVS, no conntrack.  What goes to the
# gateway itself concerns nobody.
#
#	near: 10.0.0.2 eth0 ---- v0 (gw) v1 ---- eth0 far: 10.1.0.2
set -u
here=$(dirname "$(realpath "$0")")
# shellcheck source=selftests/lib.sh
. "$here/lib.sh"
# shellcheck source=selftests/pnicfw.sh
. "$here/pnicfw.sh"

# ruleset NAME - from the standard input; a table that is there for one test
ruleset() {
	in_gw nft -f - 2>"$ktap_output" && return
	skip "$1" "none here: $(head -1 "$ktap_output")"
	return 1
}

# has_reason SPORT REASON - that connection is not cached for that reason
has_reason() {
	[ "$(flow '.[]."cacheable-reason"' sport "$1")" = "$2" ]
}

# stays NAME SPORT REASON... - tier 1 keeps connection c, for that reason. A packet that
# was held up on its way says nothing of it; another one does.
stays() {
	wait_for 20 eval "has_reason $2 '${*:3}' || { ends talk c 1; false; }"
	kept "$@"
}

# It shakes hands with near by itself, and then with far: their sequence numbers
# differ, which conntrack makes good.
test_synproxy() {
	ruleset "SYN proxy" <<-EOT || return
		table inet x {
			chain raw {
				type filter hook prerouting priority -300
				tcp dport 5050 tcp flags syn / fin,syn,rst,ack notrack
			}
			chain forward {
				type filter hook forward priority 0
				ct state invalid,untracked tcp dport 5050 \
					synproxy mss 1460 wscale 7 timestamp sack-perm
			}
		}
	EOT
	in_gw sysctl -qw net.netfilter.nf_conntrack_tcp_loose=0
	ok "SYN proxy: a connection" ends open c tcp 41000 10.1.0.2 5050
	ok "SYN proxy: talks" ends talk c 5
	stays "SYN proxy" 41000 SYN proxy
	ok "SYN proxy: data at once" ends exchange c 100000
	ok "SYN proxy: ends" ends fin c
	in_gw nft delete table inet x
	in_gw sysctl -qw net.netfilter.nf_conntrack_tcp_loose=1
}

test_untracked() {
	local before

	in_gw nft -f - <<-EOT
		table inet x {
			chain raw {
				type filter hook prerouting priority -300
				udp dport 5001 notrack
				udp sport 5001 notrack
			}
		}
	EOT
	before=$(counter forwarded)
	ok "notrack: a connection" ends open c udp 41001 10.1.0.2 5001
	ok "notrack: talks" ends talk c 5
	is "notrack: the firewall sees all of it" $((before + 12)) counter forwarded
	ok "notrack: is no connection" flow_gone
	ok "notrack: ends" ends fin c
	in_gw nft delete table inet x
}

flow_table() {
	ruleset "flow table" <<-EOT
		table inet x {
			flowtable ft {
				hook ingress priority 0
				devices = { v0, v1 }
			}
			chain forward {
				type filter hook forward priority -5
				flow add @ft
			}
		}
	EOT
}

# The kernel's own fast path has it as soon as both directions were seen.
test_owned() {
	modprobe -a nf_flow_table nf_flow_table_inet nft_flow_offload 2>/dev/null
	flow_table || return
	ok "flow table: a connection" ends open c tcp 41002 10.1.0.2 5001
	ok "flow table: talks" ends talk c 10
	ok "flow table: has it" wait_for 5 eval \
		'in_gw conntrack -L -p tcp 2>/dev/null | grep -F "[OFFLOAD]"'
	stays "flow table" 41002 owned by a flowtable or act_ct
	ok "flow table: data at once" ends exchange c 100000
	in_gw nft delete table inet x
	ok "no flow table: is cached" speaks c 41002 cached
	ok "a flow table again" flow_table
	ok "a flow table again: has it" wait_for 10 eval \
		'ends talk c 2; has_reason 41002 "owned by a flowtable or act_ct"'
	ok "a flow table again: the connection goes on" ends talk c 10
	ok "flow table: ends" ends fin c
	in_gw nft delete table inet x
}

# The first bytes of the data, wherever the connection goes.
test_change() {
	in_gw nft -f - <<-EOT
		table inet x {
			chain forward {
				type filter hook forward priority 0
				udp dport 5001 @th,80,16 set 0x7979
			}
		}
	EOT
	ok "change: a connection" ends open c udp 41003 10.1.0.2 5001
	ok "change: messages" eval \
		'for i in 1 2 3 4; do ends send c near; ends send c far; done'
	kept "change" 41003 unexplained change at byte 30
	is "change: all arrive" 4 ends pending c far
	is "change: both ways" 4 ends pending c near
	ok "change: ends" ends fin c
	in_gw nft delete table inet x
}

# xfrm NAMESPACE DIR-TO-FAR DIR-TO-NEAR - a tunnel between gateway and far
xfrm() {
	local key

	printf -v key '%032d' 1
	ip -n "$1" -b - <<-EOT
		xfrm state add src 10.1.0.1 dst 10.1.0.2 proto esp spi 1 mode tunnel auth-trunc hmac(sha256) 0x$key 128 enc cbc(aes) 0x$key
		xfrm state add src 10.1.0.2 dst 10.1.0.1 proto esp spi 2 mode tunnel auth-trunc hmac(sha256) 0x$key 128 enc cbc(aes) 0x$key
		xfrm policy add src 10.0.0.0/24 dst 10.1.0.0/24 dir $2 tmpl src 10.1.0.1 dst 10.1.0.2 proto esp mode tunnel
		xfrm policy add src 10.1.0.0/24 dst 10.0.0.0/24 dir $3 tmpl src 10.1.0.2 dst 10.1.0.1 proto esp mode tunnel
	EOT
}

test_ipsec() {
	modprobe -a xfrm_user esp4 2>/dev/null
	{ xfrm gw out fwd && xfrm far in out; } 2>"$ktap_output" || {
		skip "IPsec" "none here: $(head -1 "$ktap_output")"
		return
	}
	ok "IPsec: a connection" ends open c udp 41004 10.1.0.2 5001
	ok "IPsec: talks" ends talk c 10
	ok "IPsec: packets pass the tunnel" eval \
		'ip -n far -s xfrm state | tee /dev/stderr | grep -q "11(packets)"'
	stays "IPsec" 41004 IPsec
	ip -n gw xfrm policy deleteall
	ip -n far xfrm policy deleteall
	ok "no IPsec: is cached" speaks c 41004 cached
	ip -n gw xfrm state deleteall
	ip -n far xfrm state deleteall
	xfrm gw out fwd
	xfrm far in out
	ok "IPsec again: is noticed" wait_for 10 eval \
		'ends talk c 2; has_reason 41004 IPsec'
	ip -n gw xfrm policy deleteall
	ip -n far xfrm policy deleteall
	ok "IPsec: ends" ends fin c
}

# route_program - the route to far has one, which drops what is longer than 500 bytes
route_program() {
	local dir=$ktap_output.bpf

	mkdir "$dir" && mount -t bpf bpf "$dir" && defer umount "$dir" &&
		python3 "$here/lwt_bpf.py" "$dir/longest" 500 &&
		ip -n gw route replace 10.1.0.0/24 \
			encap bpf out pinned "$dir/longest" dev v1
}

# It looks at each packet, and no two need be alike to it.
test_route_program() {
	route_program 2>"$ktap_output" || {
		skip "a route's program" "none here: $(head -1 "$ktap_output")"
		return
	}
	ok "a route's program: a connection" ends open c udp 41006 10.1.0.2 5001
	ok "a route's program: talks" ends talk c 10
	stays "a route's program" 41006 encapsulation changed
	ok "a route's program: drops a long message" eval '! ends talk c 1 600'
	ip -n gw route replace 10.1.0.0/24 dev v1
	ok "no program: is cached" speaks c 41006 cached
	ok "no program: ends" ends fin c
}

# virtual_server - 10.5.0.1 is far, which IPVS tells conntrack
virtual_server() {
	modprobe -a ip_vs ip_vs_rr &&
		in_gw sysctl -qw net.ipv4.vs.conntrack=1 &&
		in_gw ip addr add 10.5.0.1/32 dev lo &&
		in_gw ipvsadm -A -u 10.5.0.1:5001 -s rr &&
		in_gw ipvsadm -a -u 10.5.0.1:5001 -r 10.1.0.2:5001 -m
}

# It forgets which server has a connection that it sees no packets of.
test_ipvs() {
	virtual_server 2>"$ktap_output" || {
		skip "IPVS" "none here: $(head -1 "$ktap_output")"
		return
	}
	ok "IPVS: a connection" ends open c udp 41007 10.5.0.1 5001 10.1.0.2
	ok "IPVS: talks" ends talk c 10
	stays "IPVS" 41007 balanced by IPVS
	ok "IPVS: ends" ends fin c
	in_gw ipvsadm -C
	in_gw ip addr del 10.5.0.1/32 dev lo
}

test_local() {
	local before

	before=$(stat_of learned)
	ok "local: near and the gateway" in_ns near ping -qc 5 -i 0.2 10.0.0.1
	is "local: teaches nothing" "$before" stat_of learned
	ok "local: is no connection of pnicfw's" flow_gone
}

ktap_start
need conntrack gojq nft python3
load_module pnicfw
gateway_veth
only_ipv4
gw_counts_forwarded
ok "ports" ports_add
start_ends near far
for name in synproxy untracked owned change ipsec route_program ipvs \
	local; do
	"test_$name"
	forget_all
	ok "$name: leaves nothing" wait_for 10 flow_gone
done
finish
