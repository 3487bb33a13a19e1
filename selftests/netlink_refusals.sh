#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Bad input, by the tool and as raw netlink messages: each is refused with a
# reason, and nothing has changed afterwards.
#
#	this namespace: eth-a, a port; eth-b, none     other: eth-o, a port there
#
# timeout: 900
set -u
here=$(dirname "$(realpath "$0")")
# shellcheck source=selftests/lib.sh
. "$here/lib.sh"
need pnicfw gojq python3 setpriv unshare

# changed_nothing NAME - everything is as at the start
changed_nothing() {
	is "$1 changed nothing" "$before" settings
}

test_tool() {
	local none='dev: no such network device in this namespace'

	ok "unknown device" refused 1 "$none" pnicfw port add dev eth-x
	ok "a device twice" refused 1 'dev: device is a port already' \
		pnicfw port add dev eth-a
	ok "not an Ethernet device" refused 1 'dev: not an Ethernet device' \
		pnicfw port add dev lo
	ok "a device of another namespace" refused 1 "$none" \
		pnicfw port add dev eth-o
	ok "a port of another namespace" refused 1 "$none" \
		pnicfw port del dev eth-o
	ok "a device that is no port, to delete" refused 1 \
		'dev: device is not a port' pnicfw port del dev eth-b
	ok "a device that is no port, to set" refused 1 \
		'dev: device is not a port' pnicfw port set dev eth-b hw on
	ok "a device that is no port, to show" refused 1 \
		'dev: device is not a port' pnicfw -j port show dev eth-b
	ok "an unknown device, of flows" refused 1 "$none" \
		pnicfw -j flow show dev eth-x
	ok "an unknown device, to explain flows" refused 1 "$none" \
		pnicfw -j flow explain dev eth-x
	ok "set without anything to set" refused 1 \
		'port: neither hw nor drain is given' pnicfw port set dev eth-a
	ok "draining a device that is no port" refused 1 \
		'dev: device is not a port' pnicfw port set dev eth-b drain on
	ok "an interval too short" refused 1 \
		'age-interval: integer out of range (10 to 30000)' \
		pnicfw param set age-interval 9
	ok "an interval too long" refused 1 \
		'age-interval: integer out of range (10 to 30000)' \
		pnicfw param set age-interval 30001
	ok "a limit of 0" refused 1 \
		'cache-limit: integer out of range (1 to 4294967295)' \
		pnicfw param set cache-limit 0
	ok "no denial at all" refused 1 \
		'deny-limit: integer out of range (1 to 4294967295)' \
		pnicfw param set deny-limit 0
	ok "a denial for no time" refused 1 \
		'deny-time: integer out of range (1 to 3600)' \
		pnicfw param set deny-time 0
	ok "a denial for ever" refused 1 \
		'deny-time: integer out of range (1 to 3600)' \
		pnicfw param set deny-time 3601
	ok "a label that conntrack does not have" refused 1 \
		'label: is neither 0 to 127 nor off' \
		pnicfw param set label-cacheable 128
	ok "one bad parameter of two" refused 1 \
		'cache-limit: integer out of range (1 to 4294967295)' \
		pnicfw param set hw-after 5 cache-limit 0
	ok "addresses of two families" refused 1 \
		'src and dst: addresses are of different families' \
		pnicfw flow show src 10.0.0.1 dst ::1
	ok "the same, to delete" refused 1 \
		'src and dst: addresses are of different families' \
		pnicfw flow del src 10.0.0.1 dst ::1
	ok "ports of a protocol that has none" refused 1 \
		'sport and dport: the protocol has no ports' \
		pnicfw flow show proto icmp dport 1
	ok "an unknown device in a filter" refused 1 "$none" \
		pnicfw flow show dev eth-x
	changed_nothing "the tool"
}

# as_user COMMAND... - without any privilege, but able to find the tool
as_user() {
	setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all \
		"$@"
}

# in_user_ns COMMAND... - root of a user namespace, in this network namespace
in_user_ns() {
	unshare --user --map-root-user "$@"
}

test_privileges() {
	local who=$1 command

	for command in "port add dev eth-b" "port set dev eth-a hw off" \
		"port del dev eth-a" "flow flush" "param set hw off"; do
		# shellcheck disable=SC2086 # words are what is wanted
		ok "$who: $command" refused 1 'Operation not permitted' \
			"$who" pnicfw $command
	done
	printf '%s\n' port flow param stats >"$scratch/all"
	chmod -R a+rX "$scratch"
	ok "$who: everything can be shown" "$who" pnicfw -b "$scratch/all"
	ok "$who: everything can be read" "$who" \
		cat /proc/net/pnicfw/{ports,policy,flows,stats}
	changed_nothing "$who"
}

test_other_namespace() {
	ok "root of a user namespace in a network namespace of its own" \
		in_user_ns unshare --net bash -c \
		'ip link add eth-u type dummy && pnicfw port add dev eth-u &&
		pnicfw param set hw off && pnicfw port del dev eth-u'
	is "the other namespace's port is still there" \
		"eth-o: hw on hw-bind none flows 0" in_ns other pnicfw port show
	changed_nothing "what is done elsewhere"
}

test_raw() {
	local verdict what want

	python3 "$here/netlink_raw.py" eth-a eth-b >"$scratch/raw" ||
		bail "netlink_raw.py has failed"
	while read -r verdict what; do
		want=refused
		[[ $what != control* ]] || want=taken
		ok "raw: $what" test "$verdict" = $want
	done <"$scratch/raw"
	changed_nothing "raw messages"
	ok "the family still answers" pnicfw -j flow show
}

ktap_start
# shellcheck source=selftests/netlink_lib.sh
. "$here/netlink_lib.sh"
load_module pnicfw
new_ns other
ip link add eth-a type dummy
ip link add eth-b type dummy
defer ip link del eth-a
defer ip link del eth-b
ip -n other link add eth-o type dummy
ok "a port here" pnicfw port add dev eth-a hw off
ok "a port in another namespace" in_ns other pnicfw port add dev eth-o
is "it is not seen here" 1 eval 'pnicfw port | wc -l'
before=$(settings)
test_tool
test_privileges as_user
test_privileges in_user_ns
test_other_namespace
test_raw
finish
