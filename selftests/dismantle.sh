#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# races
#
# The namespace that a NIC's ports are in goes, with connections in the eswitch:
# nothing of them is left, the ports are plain devices of the first namespace
# again, and connections that live on climb there. They have come to the namespace
# one by one, or with the whole NIC, which is the only way that mlx5 has for its
# representors.
#
#	near: 10.0.0.2 nic0vf0 ==== pf0vf0 (gw) p0 ==== wire0 far: 10.1.0.2
set -u
here=$(dirname "$(realpath "$0")")
# shellcheck source=selftests/lib.sh
. "$here/lib.sh"
# shellcheck source=selftests/pnicfw.sh
. "$here/pnicfw.sh"
# shellcheck source=selftests/losses_lib.sh
. "$here/losses_lib.sh"

nic=platform/pnicsim.0

# move_ports - each by itself
move_ports() {
	ip link set p0 netns gw && ip link set pf0vf0 netns gw
}

# move_nic - and its uplink and representors with it
move_nic() {
	devlink dev reload "$nic" netns gw
}

# gateway_in [NS] - the gateway is there, or in this namespace
gateway_in() {
	gw=${1-}
	in_ns near sysctl -qw net.ipv6.conf.all.disable_ipv6=0
	in_ns far sysctl -qw net.ipv6.conf.all.disable_ipv6=0
	gateway_addresses
	only_ipv4
	gw_tracks
	ports_add
}

# ports_here - both devices are in this namespace, and nobody's ports
ports_here() {
	[ -e /sys/class/net/p0 ] && [ -e /sys/class/net/pf0vf0 ] &&
		[ "$(pnicfw -j port show | jq length)" = 0 ]
}

# dismantled WHAT COMMAND - with the devices moved by COMMAND
dismantled() {
	local what=$1

	ip netns add gw
	ok "$what: the ports are in a namespace" "$2"
	ok "$what: as ports" gateway_in gw
	loses "$what"
	ok "$what: the namespace is deleted" ip netns del gw
	gw=''
	ok "$what: the ports are plain devices here" wait_for 20 ports_here
	is "$what: the eswitch is empty" 0 rules
	is "$what: this namespace has no connection" 0 flow length
	is "$what: pnicfw is in use by nobody" 0 cat /sys/module/pnicfw/refcnt
	ok "$what: ports here" gateway_in
	mended "$what" anew
	quiet pnicfw port del dev p0
	quiet pnicfw port del dev pf0vf0
}

# A NIC that is reloaded where it is: as if it had been unplugged for a moment.
test_reload() {
	gw_tracks
	ok "reload: ports" ports_add
	loses "reload"
	ok "reload: with their rules in" devlink dev reload "$nic"
	is "reload: the eswitch is empty" 0 rules
	ok "reload: no port is left" ports_here
	ok "reload: nor flow" wait_for 5 flow_gone
	ok "reload: ports again" gateway_in
	mended "reload" once
}

ktap_start
need devlink
start_sim
start_ends near far
dismantled "moved" move_ports
dismantled "reloaded" move_nic
test_reload
ok "modules unload" unload pnicfw pnicsim
finish
