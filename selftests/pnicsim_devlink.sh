#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The simulated NIC in devlink and sysfs: instances, ports, eswitch mode; its
# netdevs in other namespaces; loading and unloading.
#
#	nic0vf0 ==== pf0vf0 \
#	nic0vf1 ==== pf0vf1 -- NIC 0, platform/pnicsim.0
#	wire0   ==== p0     /
set -u
here=$(dirname "$(realpath "$0")")
# shellcheck source=selftests/lib.sh
. "$here/lib.sh"
# shellcheck source=selftests/pnicsim.sh
. "$here/pnicsim.sh"

nic=platform/pnicsim.0

# attribute DEV NAME
attribute() {
	cat "/sys/class/net/$1/$2"
}

mode() {
	devlink dev eswitch show "$nic" | sed 's/.* mode \([a-z]*\).*/\1/'
}

set_mode() {
	devlink dev eswitch set "$nic" mode "$1"
}

exists() {
	[ -e "/sys/class/net/$1" ]
}

test_names() {
	is "an instance" $nic devlink dev show $nic
	ok "the uplink is a physical port" grep -q \
		"^$nic/0: type eth netdev p0 flavour physical port 0 " <(devlink port)
	ok "a representor is a function's port" grep -q \
		"^$nic/2: type eth netdev pf0vf1 flavour pcivf .*pfnum 0 vfnum 1 " \
		<(devlink port)
	is "three ports" 3 grep -c "^$nic/" <(devlink port)
	is "port name of the uplink" p0 attribute p0 phys_port_name
	is "port name of a representor" pf0vf1 attribute pf0vf1 phys_port_name
	is "one switch id" "$(attribute p0 phys_switch_id)" \
		attribute pf0vf1 phys_switch_id
	fails "none on a function" attribute nic0vf0 phys_switch_id
	fails "none on the wire" attribute wire0 phys_switch_id
	is "driver" pnicsim sh -c "ethtool -i p0 | sed -n 's/^driver: //p'"
}

test_second_nic() {
	ok "a second NIC" devlink dev show platform/pnicsim.1
	for dev in p1 wire1 nic1vf0 nic1vf1 pf1vf0 pf1vf1; do
		ok "has $dev" exists $dev
	done
	ok "another switch id" test "$(attribute p0 phys_switch_id)" != \
		"$(attribute p1 phys_switch_id)"
}

# talk A B - in legacy mode, A's and B's namespaces reach each other
talk() {
	in_ns "$1" ping -c 1 -w 20 "$2"
}

test_legacy() {
	is "switchdev from the start" switchdev mode
	tc qdisc add dev pf0vf0 clsact
	tc filter add dev pf0vf0 ingress protocol ip flower skip_sw action drop
	ok "busy as long as there is a rule" refuses "E-Switch is busy" set_mode legacy
	is "switchdev still" switchdev mode
	is "the rule is there" 1 grep -c actions=drop "$sim/rules"
	is "and is counted" 1 cat "$sim/table_used"
	tc filter del dev pf0vf0 ingress
	ok "legacy" set_mode legacy
	is "it says so" legacy mode
	fails "no representor" exists pf0vf0
	ok "the uplink stays" exists p0
	fails "without a switch id" attribute p0 phys_switch_id
	fails "takes no rule" sh -c "tc qdisc add dev p0 clsact &&
		tc filter add dev p0 ingress protocol ip flower skip_sw action drop"
	ip addr add 10.0.0.1/24 dev p0
	ip link set p0 up
	ok "function to function" talk vm0 10.0.0.12
	ok "function to wire" talk vm0 10.0.0.13
	ok "wire to function" talk far 10.0.0.12
	ok "function to host" talk vm1 10.0.0.1
	ok "wire to host" talk far 10.0.0.1
	ok "switchdev" set_mode switchdev
	is "says so" switchdev mode
	ok "representors" exists pf0vf1
	fails "functions reach each other no more" in_ns vm0 ping -c 1 -W 1 10.0.0.12
	ok "the same mode again" set_mode switchdev
}

test_namespaces() {
	ip netns add gone
	ip -n vm1 link set nic0vf1 netns gone
	ip link set pf0vf1 netns gone
	ok "a function and its representor in a namespace" \
		ip -n gone link set nic0vf1 up
	ip netns del gone
	ok "come back when that goes" wait_for 20 exists nic0vf1
	ok "both" wait_for 20 exists pf0vf1
}

# Names that somebody else has: the NIC cannot have them.
test_collision() {
	rmmod pnicsim
	ip link add p0 type dummy
	fails "a name that is taken: not loaded" modprobe pnicsim
	fails "nothing is left" exists wire0
	ip link del p0
	ok "loaded as soon as it is free" modprobe pnicsim functions=1
	rmmod pnicsim
	fails "no NIC" modprobe pnicsim nics=0
	fails "too many NICs" modprobe pnicsim nics=17
	fails "too many functions" modprobe pnicsim functions=129
	ok "as many as there may be" modprobe pnicsim functions=128
	is "are there" 128 sh -c 'ls -d /sys/class/net/pf0vf* | wc -l'
	rmmod pnicsim
	ok "none" modprobe pnicsim functions=0
	rmmod pnicsim
}

# The driver is taken from the device while there are rules and traffic.
test_unbind() {
	modprobe pnicsim
	ip link set nic0vf0 up
	ip link set pf0vf0 up
	tc qdisc add dev pf0vf0 clsact
	tc filter add dev pf0vf0 ingress protocol ip flower skip_sw action drop
	ok "unbind with a rule" sh -c \
		'echo pnicsim.0 >/sys/bus/platform/drivers/pnicsim/unbind'
	fails "all gone" exists nic0vf0
	ok "bind" sh -c 'echo pnicsim.0 >/sys/bus/platform/drivers/pnicsim/bind'
	ok "all there" exists pf0vf1
	is "no rule" "" cat "$sim/rules"
}

ktap_start
need devlink tc ethtool ping
load_sim nics=2
new_ns vm0 vm1 far
test_names
test_second_nic
i=11
for at in vm0/nic0vf0 vm1/nic0vf1 far/wire0; do
	ip link set "${at#*/}" netns "${at%/*}"
	ip -n "${at%/*}" addr add "10.0.0.$i/24" dev "${at#*/}"
	ip -n "${at%/*}" link set "${at#*/}" up
	i=$((i + 1))
done
test_legacy
test_namespaces
test_collision
test_unbind
finish
