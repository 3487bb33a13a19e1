# shellcheck shell=bash disable=SC2154
# SPDX-License-Identifier: GPL-2.0
#
# For tests of pnicfw: a gateway between two far ends, connections between
# these that a test commands step by step (ends.py), and what pnicfw, nftables
# and conntrack of the gateway say.
#
#	near: 10.0.0.2, fd00::2 ---- gateway ---- far: 10.1.0.2, fd01::2
#	                    10.0.0.1        10.1.0.1
#	                    fd00::1         fd01::1
#
# $gw is the gateway's namespace, empty for this one; $port_near and $port_far
# are its devices, $dev_near and $dev_far those of the far ends.

gw='' port_near='' port_far='' dev_near='' dev_far=''

# in_gw COMMAND...
in_gw() {
	if [ -n "$gw" ]; then
		ip netns exec "$gw" "$@"
	else
		"$@"
	fi
}

# Gateways ####################################################################

# no_addresses NS... - devices to come have only the addresses they are given:
# one that comes by itself is a change of routes, at any time
no_addresses() {
	local ns

	for ns; do
		in_ns "$ns" sysctl -qw net.ipv6.conf.default.addr_gen_mode=1 \
			net.ipv6.conf.default.accept_ra=0 \
			net.ipv6.conf.default.router_solicitations=0
	done
}

# gateway_wires - all three in namespaces, joined by veth, without addresses
gateway_wires() {
	new_ns near gw far
	no_addresses near gw far
	gw=gw port_near=v0 port_far=v1 dev_near=eth0 dev_far=eth0
	ip -n gw link add v0 type veth peer name eth0 netns near
	ip -n gw link add v1 type veth peer name eth0 netns far
	ip -n near link set eth0 up
	ip -n far link set eth0 up
	ip -n gw link set v0 up
	ip -n gw link set v1 up
}

# gateway_veth - the same, and routed
gateway_veth() {
	gateway_wires
	gateway_addresses
}

# gateway_sim [PORT DEV] - this namespace is the NIC's own Linux: near is a
# virtual machine behind a function, far is the world behind the wire or what
# else DEV is, behind PORT
gateway_sim() {
	new_ns near far
	gw='' port_near=pf0vf0 dev_near=nic0vf0
	port_far=${1:-p0} dev_far=${2:-wire0}
	ip link set $dev_near netns near
	ip link set "$dev_far" netns far
	defer conntrack -F
	defer nft flush ruleset
	gateway_addresses
}

# start_sim - both modules, and the gateway on the simulated NIC
start_sim() {
	need conntrack gojq nft python3
	load_sim
	load_pnicfw
	gateway_sim
}

# gateway_addresses [GW-DEV END-DEV GW-DEV END-DEV] - to near and to far; the
# wires' own devices, if not others on top of them.  Every neighbour is known
# beforehand: a packet that waits for one teaches nothing, and what else is on
# the wire would be counted.
gateway_addresses() {
	set -- "${1:-$port_near}" "${2:-$dev_near}" "${3:-$port_far}" "${4:-$dev_far}"
	gateway_forwards
	no_own_addresses near "$1" "$2"
	no_own_addresses far "$3" "$4"
	gateway_side near "$1" "$2" 0
	gateway_side far "$3" "$4" 1
	links_up in_gw "$1" "$3"
	links_up "in_ns near" "$2"
	links_up "in_ns far" "$4"
}

gateway_forwards() {
	in_gw sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 \
		net.ipv4.icmp_ratelimit=0 net.ipv6.icmp.ratelimit=0
	gateway_patience
}

# no_own_addresses NS PORT DEV - devices that have not been made under
# no_addresses, and are not up yet
no_own_addresses() {
	in_gw sysctl -qw "net/ipv6/conf/$2/addr_gen_mode=1" \
		"net/ipv6/conf/$2/accept_ra=0"
	in_ns "$1" sysctl -qw "net/ipv6/conf/$3/addr_gen_mode=1" \
		"net/ipv6/conf/$3/accept_ra=0" \
		"net/ipv6/conf/$3/router_solicitations=0"
}

# links_up WHERE DEV... - the kernel hears of a carrier up to a second late, and
# what comes with it, routes for one, is a change to pnicfw.  It is through with
# that when it shows the link up: who looks waits for RTNL.
links_up() {
	local where=$1 dev

	shift
	for dev; do
		wait_for 10 link_is_up "$where" "$dev" || bail "$dev does not come up"
	done
}

# link_is_up WHERE DEV
link_is_up() {
	local name state

	# shellcheck disable=SC2086 # a command and its argument
	read -r name state _ < <($1 ip -br link show dev "$2") && : "$name"
	[[ $state = UP || $state = UNKNOWN ]]
}

# A connection does not end because the test is slow.
gateway_patience() {
	in_gw sysctl -eqw net.netfilter.nf_conntrack_udp_timeout=600 \
		net.netfilter.nf_conntrack_udp_timeout_stream=600
}

gateway_side() {
	local ns=$1 port=$2 dev=$3 n=$4 port_mac end_mac

	port_mac=02:00:00:00:0$n:01 end_mac=02:00:00:00:0$n:02
	in_gw ip -b - <<-EOT || bail "no gateway"
		link set $port address $port_mac
		link set $port up
		addr replace 10.$n.0.1/24 dev $port
		addr replace fd0$n::1/64 dev $port nodad
		neigh replace 10.$n.0.2 lladdr $end_mac dev $port nud permanent
		neigh replace fd0$n::2 lladdr $end_mac dev $port nud permanent
	EOT
	ip -n "$ns" -b - <<-EOT || bail "no far end"
		link set $dev address $end_mac
		link set $dev up
		addr replace 10.$n.0.2/24 dev $dev
		addr replace fd0$n::2/64 dev $dev nodad
		neigh replace 10.$n.0.1 lladdr $port_mac dev $dev nud permanent
		neigh replace fd0$n::1 lladdr $port_mac dev $dev nud permanent
		route replace default via 10.$n.0.1
		route replace default via fd0$n::1
	EOT
}

# stack NS DEV [PROTOCOL:VID[:OPTION]...] - VLAN devices one on the other, the
# outermost tag first; $top is the uppermost.  NS is empty for this namespace.
stack() {
	local ns=$1 tag proto vid option batch=''

	top=$2
	shift 2
	for tag; do
		IFS=: read -r proto vid option <<<"$tag"
		batch+="link add link $top name $top.$vid type vlan \
			protocol $proto id $vid ${option//-/ }
			link set $top.$vid up
		"
		top=$top.$vid
	done
	ip ${ns:+-n "$ns"} -b - <<<"$batch" || bail "no VLAN devices"
}

# unstack NS DEV [TAG...] - the devices on top of it, and its own addresses
unstack() {
	local vid

	IFS=: read -r _ vid _ <<<"${3:-}"
	ip ${1:+-n "$1"} -b - <<-EOT
		${vid:+link del $2.$vid}
		addr flush dev $2
	EOT
}

# between_vlans NEAR-TAGS FAR-TAGS GATEWAY-FAR-TAGS COMMAND... - with the addresses
# on VLAN devices
between_vlans() {
	local near_tags=$1 far_tags=$2 gw_far_tags=$3 gw_near end_near gw_far end_far

	shift 3
	# shellcheck disable=SC2086 # a word a tag
	{
		stack near "$dev_near" $near_tags
		end_near=$top
		stack "$gw" "$port_near" $near_tags
		gw_near=$top
		stack "$gw" "$port_far" $gw_far_tags
		gw_far=$top
		stack far "$dev_far" $far_tags
		end_far=$top
	}
	gateway_side near "$gw_near" "$end_near" 0
	gateway_side far "$gw_far" "$end_far" 1
	"$@"
	forget_all
	# shellcheck disable=SC2086 # a word a tag
	{
		unstack near "$dev_near" $near_tags
		unstack "$gw" "$port_near" $near_tags
		unstack "$gw" "$port_far" $gw_far_tags
		unstack far "$dev_far" $far_tags
	}
}

# end_in_one_net NS N DEV - its addresses where both ends are in one network,
# 10.0.0.0/15 and fd00::/15, N being 0 for near and 1 for far
end_in_one_net() {
	local n=$2 dev=$3 other=$((1 - $2))

	ip -n "$1" -b - <<-EOT || bail "no far end"
		link set $dev up
		addr replace 10.$n.0.2/15 dev $dev
		addr replace fd0$n::2/15 dev $dev nodad
		neigh replace 10.$other.0.2 lladdr 02:00:00:00:0$other:02 dev $dev
		neigh replace fd0$other::2 lladdr 02:00:00:00:0$other:02 dev $dev
	EOT
}

# only_ipv4 - not one frame of anything else
only_ipv4() {
	in_gw sysctl -qw "net.ipv6.conf.$port_near.disable_ipv6=1" \
		"net.ipv6.conf.$port_far.disable_ipv6=1"
	in_ns near sysctl -qw net.ipv6.conf.all.disable_ipv6=1
	in_ns far sysctl -qw net.ipv6.conf.all.disable_ipv6=1
}

# ports_add [hw on|off] - the gateway's devices take part.  Tier 1 sees packets
# again when a test makes it, and not because a time has passed.
ports_add() {
	in_gw pnicfw -b - <<-EOT
		param set recheck-time 0
		port add dev $port_near $*
		port add dev $port_far $*
	EOT
}

# The far ends ################################################################

# start_ends NAMESPACE... - the program that owns both ends of all connections,
# and can watch these namespaces
start_ends() {
	coproc ENDS { exec python3 "$here/ends.py" "$@"; }
	defer kill "$ENDS_PID"
	# The coprocess's own descriptors are not there in subshells
	exec {ends_from}<&"${ENDS[0]}" {ends_to}>&"${ENDS[1]}"
}

# ends COMMAND... - see ends.py; prints the answer, without its "ok"
ends() {
	ask "$ends_from" "$ends_to" 60 "$@"
}

# start_crowd COUNT - the program with so many connections
start_crowd() {
	coproc CROWD { ulimit -n 20000 && exec python3 "$here/crowd.py" "$1"; }
	crowd_pid=$CROWD_PID
	defer kill "$crowd_pid"
	exec {crowd_from}<&"${CROWD[0]}" {crowd_to}>&"${CROWD[1]}"
}

# tell COMMAND... - see crowd.py; prints the answer, without its "ok"
tell() {
	ask "$crowd_from" "$crowd_to" 120 "$@"
}

# all_offloaded - $crowd of them, and no others
all_offloaded() {
	[ "$(flow length state offloaded)" = "$crowd" ]
}

# What the gateway says #######################################################

# flow QUERY FILTER... - jq's answer about the connections that match
flow() {
	local query=$1

	shift
	in_gw pnicfw -j flow show "$@" | jq -er "$query"
}

# flow_is STATE FILTER... - there is one such connection, in that state
flow_is() {
	local state=$1

	shift
	[ "$(flow '.[].state' "$@")" = "$state" ]
}

# flow_gone FILTER... - there is no such connection
flow_gone() {
	[ "$(flow length "$@")" = 0 ]
}

# stat_of NAME - one of pnicfw's statistics; jq path without the first dot
stat_of() {
	in_gw pnicfw -j stats show | jq -er ".$1"
}

# counter NAME - packets that a named counter has seen: of table inet t, or where
# else the firewall counts
counts_in="inet t"
counter() {
	# shellcheck disable=SC2086 # family and table
	in_gw nft -j list counter $counts_in "$1" |
		jq -er '.nftables[].counter // empty | .packets'
}

# forget_all - conntrack's entries, all of them
forget_all() {
	in_gw conntrack -F 2>/dev/null
}

# at_least NUMBER COMMAND... - COMMAND prints no less
at_least() {
	local wanted=$1 got

	shift
	got=$("$@") || return
	echo "$got"
	[ "$got" -ge "$wanted" ]
}

# between LEAST MOST COMMAND... - COMMAND prints no less and no more
between() {
	local least=$1 most=$2 got

	shift 2
	got=$("$@") || return
	echo "$got, and not $least to $most"
	[ "$got" -ge "$least" ] && [ "$got" -le "$most" ]
}

# at_most NUMBER COMMAND... - COMMAND prints no more
at_most() {
	local wanted=$1 got

	shift
	got=$("$@") || return
	echo "$got"
	[ "$got" -le "$wanted" ]
}

# quiet COMMAND... - for a command whose output is not wanted
quiet() {
	"$@" >/dev/null
}

# received near|far - frames at that end's device
received() {
	local dev=$dev_near

	[ "$1" = near ] || dev=$dev_far
	in_ns "$1" cat "/sys/class/net/$dev/statistics/rx_packets"
}

received_by_both() {
	echo $(($(received near) + $(received far)))
}

# speaks NAME SPORT STATE - a message, and another, until it is in that state
speaks() {
	wait_for 20 eval "ends talk $1 1; flow_is $3 sport $2"
}

# flow_minded DEV SPORT - the connection stays in tier 1, because of this device
flow_minded() {
	[ "$(flow '.[] | "\(.state) \(."cacheable-reason")"' sport "$2")" = \
		"tracked device $1 on the way queues or filters" ]
}

# minded NAME SPORT DEV - a message, and another one, until that is so
minded() {
	wait_for 20 eval "ends talk $1 1; flow_minded $3 $2"
}

# The simulated NIC ###########################################################

# shellcheck source=selftests/pnicsim.sh
. "$here/pnicsim.sh"

# trapped - frames that the eswitch left to the kernel
trapped() {
	local near far

	near=$(<"/sys/class/net/$port_near/statistics/rx_packets")
	far=$(<"/sys/class/net/$port_far/statistics/rx_packets")
	echo $((near + far))
}

# climb NAME SPORT - a message, and another one, until the connection is in the
# eswitch: whatever happens in this namespace (a link comes up, a neighbour is
# asked again) may make it learn in vain, and the next packet learns anew
climb() {
	speaks "$1" "$2" offloaded
}

# offload NAME PROTOCOL SPORT - a new connection to port 5001 of 10.1.0.2, and
# enough traffic for the eswitch
offload() {
	ends open "$1" "$2" "$3" 10.1.0.2 5001 && ends talk "$1" 40 && climb "$1" "$3"
}

# Whole checks ################################################################

# gw_counts_forwarded - the firewall counts what it forwards, by the counter
# "forwarded" of table inet t
gw_counts_forwarded() {
	in_gw nft -f - <<-EOT
		table inet t {
			counter forwarded { }
			chain forward {
				type filter hook forward priority 0
				meta l4proto { tcp, udp } counter name forwarded
			}
		}
	EOT
}

# gw_has_ftp - conntrack's helper is there, and reads connections to port 21; what
# is forwarded the table's user says in a chain of his own, of table inet h
gw_has_ftp() {
	modprobe nf_conntrack_ftp 2>/dev/null || return
	in_gw nft -f - <<-EOT
		table inet h {
			ct helper ftp { type "ftp" protocol tcp; }
			chain prerouting {
				type filter hook prerouting priority 0
				tcp dport 21 ct helper set "ftp"
			}
		}
	EOT
}

# kept NAME SPORT REASON... - tier 1 keeps that connection, for that reason
kept() {
	local what=$1 sport=$2

	shift 2
	is "$what: stays in tier 1" "tracked false $*" flow \
		'.[] | "\(.state) \(.cacheable) \(."cacheable-reason")"' \
		sport "$sport"
}

# ipsec_policy add|delete [ACTION] - of what near sends to far
ipsec_policy() {
	in_gw ip xfrm policy "$1" src 10.0.0.0/24 dst 10.1.0.0/24 dir fwd \
		${2:+action "$2"}
}

# has_ftp_helper SPORT - does that helper read it? Some kernels (6.12.95) give it the
# data connections, too.
has_ftp_helper() {
	in_gw conntrack -L 2>/dev/null | grep -q "sport=$1 .*helper=ftp"
}

# gw_counts_bridged - the same of what it bridges, which conntrack is told to
# follow: from here on "counter" is about table bridge b
gw_counts_bridged() {
	counts_in="bridge b"
	in_gw nft -f - <<-EOT
		table bridge b {
			counter forwarded { }
			chain forward {
				type filter hook forward priority 0
				meta protocol { ip, ip6 } ct state new,established accept
			}
			chain seen {
				type filter hook forward priority -10
				meta l4proto { tcp, udp } counter name forwarded
			}
		}
	EOT
}

# What this part of a test is about, ahead of its cases' names; where packets
# of the way there and back come in and go out, if not at the ports they
# should; how many bytes a TCP connection is tried with
plane='' way_cached='' amount=1000000 checks=0

# check_cached PROTOCOL SRC DST [SEEN [REAL]] - a connection becomes cached,
# the firewall sees no more of it, and the data arrive as they were sent.  The
# far end sees it come from SEEN, and listens on REAL, if NAT has it so.
check_cached() {
	local proto=$1 src=$2 dst=$3 before filter heartbeats=0
	local what="${plane:+$plane: }$1 $2 to $3" sport=$((40000 + checks++))

	filter=(proto "$proto" src "$src" dst "$dst" sport "$sport" dport 5001)
	is "$what: connects" "${4:-$src}" ends_open_from c "$proto" "$sport" \
		"$dst" "${5:-}"
	ok "$what: talks" ends talk c 2
	is "$what: is cached, its way and back" \
		"cached ${way_cached:-$port_near $port_far $port_far $port_near}" \
		flow '.[] |
		[.state, .orig.in, .orig.out, .reply.in, .reply.out] |
		join(" ")' \
		"${filter[@]}"
	before=$(counter forwarded)
	ok "$what: 50 messages each way" ends talk c 50 1000
	[ "$proto" != tcp ] ||
		ok "$what: $amount bytes at once each way" \
			ends exchange c "$amount"
	[ "$proto" != sctp ] || heartbeats=4
	ok "$what: the firewall sees none of them" \
		at_most $((before + heartbeats)) counter forwarded
	ok "$what: the cache counts them" flow '.[] |
		[(.orig, .reply).cache | .packets >= 50 and .bytes >= 51200] |
		all' "${filter[@]}"
	ok "$what: ends" ends fin c
}

# check_plane NAME - whatever carries the gateway's addresses, connections
# over it are cached
check_plane() {
	plane_carries "$1" tcp 10.0.0.2 10.1.0.2
	plane_carries "$1" udp fd00::2 fd01::2
}

# plane_carries NAME PROTOCOL SRC DST - the shorter form of check_cached
plane_carries() {
	local name=$1 proto=$2 src=$3 dst=$4 sport=$((40000 + checks++))

	ok "$name: $proto $src to $dst: is cached, its way and back" \
		plane_caches
	ok "$name: $proto $src to $dst: goes on, unseen by the firewall" \
		plane_goes_on
}

# Right after a plane has been set up more may happen: links come up, bridges
# and neighbours notice.  Then a packet or two teach again.
plane_caches() {
	ends open c "$proto" "$sport" "$dst" 5001 && ends talk c 3 &&
		wait_for 10 plane_known
}

plane_known() {
	local way="$port_near $port_far $port_far $port_near"

	ends talk c 1 || return
	flow '.[] | [.state, .orig.in, .orig.out, .reply.in, .reply.out] |
		join(" ")' \
		proto "$proto" src "$src" dst "$dst" sport "$sport" |
		tee "$ktap_output.way"
	[ "$(<"$ktap_output.way")" = "cached ${way_cached:-$way}" ]
}

plane_goes_on() {
	wait_for 20 plane_unseen && ends fin c
}

plane_unseen() {
	local before

	before=$(counter forwarded)
	ends talk c 20 1000 || return
	[ "$proto" != tcp ] || ends exchange c 200000 || return
	[ "$(counter forwarded)" = "$before" ]
}

# ends_open_from NAME PROTOCOL SPORT DST [REAL] - only the address it comes from
ends_open_from() {
	local answer

	answer=$(ends open "$1" "$2" "$3" "$4" 5001 "$5") || {
		echo "$answer"
		return 1
	}
	echo "${answer% *}"
}
