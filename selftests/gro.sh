#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 600
#
# Datagrams that the kernel has put together at reception (GRO), as one or as a list,
# leave a cached connection as those of the firewall's do: cut again, in order, with the
# same headers and checksums.
#
#	near: 10.0.0.2 eth0 ---- v0 (gw) v1 ---- eth0 far: 10.1.0.2
set -u
here=$(dirname "$(realpath "$0")")
# shellcheck source=selftests/lib.sh
. "$here/lib.sh"
# shellcheck source=selftests/pnicfw.sh
. "$here/pnicfw.sh"

datagrams=10 size=500

# as_wires - near's data is cut before it leaves, and what the gateway sends is finished,
# as on a wire; and the gateway's port has frames a batch at a time
as_wires() {
	in_ns near ethtool -K eth0 tx-udp-segmentation off
	in_gw ethtool -K v1 tx off gso off tx-udp-segmentation off
	in_gw ethtool -K v0 gro on
}

# merges FEATURE on|off
merges() {
	in_gw ethtool -K v0 "$1" "$2"
}

# counts_arrivals - "arrived": what the gateway takes for a packet
counts_arrivals() {
	in_gw nft -f - <<-EOT
		table netdev a {
			counter arrived { }
			chain in {
				type filter hook ingress device v0 priority 0
				meta l4proto udp counter name arrived
			}
		}
	EOT
}

arrived() {
	counts_in="netdev a" counter arrived
}

translates() {
	in_gw nft -f - <<-EOT
		table ip n {
			chain pre {
				type nat hook prerouting priority dstnat
				udp dport 5002 dnat to 10.1.0.2
			}
			chain post {
				type nat hook postrouting priority srcnat
				udp sport 43000 snat to 10.1.0.1:50000
			}
		}
	EOT
}

# frames FILE - what tcpdump says of them, but when, and the number that hosts give
# each packet
frames() {
	sed -n -e 's/^[0-9:.]* //' -e 's/, id [0-9]*//' -e 's/^ *//' \
		-e '/^IP\|UDP/p' "$1"
}

# burst NAME FILE - datagrams at once; FILE gets the frames that arrive of them
burst() {
	local pid

	rm -f "$2.log"	# who starts late has not emptied it yet
	in_ns far timeout 60 tcpdump -i eth0 -Q in -l -nv -c "$datagrams" udp \
		>"$2" 2>"$2.log" &
	pid=$!
	wait_for 30 grep -q "listening on" "$2.log" &&
		ends burst "$1" near "$datagrams" "$size" && wait "$pid"
}

# check NAME SPORT DST DPORT [REAL] - by the firewall and by the cache
check() {
	local what=$1 before seen

	ok "$what: a connection" ends open g udp "${@:2}"
	ok "$what: the cache is off" quiet in_gw pnicfw param set cache off
	ok "$what: a burst, by the firewall" burst g "$scratch/slow"
	ok "$what: the cache is on" quiet in_gw pnicfw param set cache on
	ok "$what: is cached" speaks g "$2" cached
	before=$(arrived) seen=$(counter forwarded)
	ok "$what: a burst, by the cache" burst g "$scratch/fast"
	is "$what: arrived as one" $((before + 1)) arrived
	is "$what: the firewall sees none" "$seen" counter forwarded
	ok "$what: both left alike" diff <(frames "$scratch/slow") \
		<(frames "$scratch/fast")
	is "$what: all of them" $datagrams grep -c "length $size" "$scratch/fast"
	ok "$what: ends" ends fin g
	forget_all
	ok "$what: is gone" wait_for 10 flow_gone
}

# check_feature FEATURE
check_feature() {
	merges "$1" on 2>"$ktap_output" || {
		skip "$1" "none here: $(head -1 "$ktap_output")"
		return
	}
	check "$1, IPv4" 41000 10.1.0.2 5001
	check "$1, IPv6" 42000 fd01::2 5001
	translates
	check "$1, NAT" 43000 10.1.0.1 5002 10.1.0.2
	in_gw nft delete table ip n
	merges "$1" off
}

ktap_start
need conntrack ethtool gojq nft python3 tcpdump
scratch=$(mktemp -d)
defer rm -r "$scratch"
load_module pnicfw
gateway_veth
gw_counts_forwarded
counts_arrivals
ok "ports" ports_add
ok "finished frames, and batches" quiet as_wires
start_ends near far
check_feature rx-udp-gro-forwarding
check_feature rx-gro-list
finish
