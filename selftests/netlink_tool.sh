#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The tool's grammar, exit statuses, batch files and JSON, and that the files
# in /proc say the same. No packet is sent.
#
#	this namespace: eth-a, eth-b (dummy devices)
#
# timeout: 900
set -u
here=$(dirname "$(realpath "$0")")
# shellcheck source=selftests/lib.sh
. "$here/lib.sh"
need pnicfw gojq

test_usage() {
	ok "help" pnicfw help
	ok "help of each object" eval \
		'for o in port policy flow param stats monitor; do pnicfw $o help || exit; done'
	ok "version" pnicfw -V
	is "version, in full" "$(pnicfw -V)" pnicfw --version
	ok "no object" refused 2 \
		'no object is given, try "pnicfw help"' pnicfw
	ok "unknown object" refused 2 \
		'unknown object "foo", try "help"' pnicfw foo
	ok "unknown option" refused 2 \
		'bad option "-x", try "pnicfw help"' pnicfw -x port
	ok "unknown command" refused 2 \
		'unknown command "fly", try "help"' pnicfw port fly
	ok "ambiguous object" refused 2 \
		'object "p" may be port or param' pnicfw p
	ok "ambiguous among more" refused 2 \
		'object "po" may be port or policy' pnicfw po
	ok "ambiguous command" refused 2 \
		'command "s" may be show or set' pnicfw port s
	ok "port without a device" refused 2 'dev NAME is missing' \
		pnicfw port add
	ok "a word without its value" refused 2 'dev: the value is missing' \
		pnicfw port add dev
	ok "a word twice" refused 2 'dev: given twice' \
		pnicfw port add dev eth-a dev eth-b
	ok "hw neither on nor off" refused 2 \
		'hw: "maybe" is neither on nor off' \
		pnicfw port add dev eth-a hw maybe
	ok "unknown parameter" refused 2 'unknown parameter "size"' \
		pnicfw param set size 1
	ok "a parameter that is no number" refused 2 \
		'hw-after: "x" is no number up to 4294967295' \
		pnicfw param set hw-after x
	ok "a time that is none" refused 2 \
		'recheck-time: "1s" is no number up to 4294967295' \
		pnicfw param set recheck-time 1s
	ok "a parameter past 32 bits" refused 2 \
		'hw-after: "4294967296" is no number up to 4294967295' \
		pnicfw param set hw-after 4294967296
	ok "a filter's address" refused 2 'src: "10.0.0" is no IP address' \
		pnicfw flow show src 10.0.0
	ok "a filter's port" refused 2 'sport: "65536" is no number up to 65535' \
		pnicfw flow show sport 65536
	ok "a filter's protocol" refused 2 'proto: "foo" is no IP protocol' \
		pnicfw flow show proto foo
	ok "a filter's state" refused 2 'state: "foo" is no state of a flow' \
		pnicfw flow show state foo
	ok "deletion without a filter" refused 2 \
		'a filter is missing; "flow flush" is for all' pnicfw flow del
	ok "unknown group of events" refused 2 'unknown group "foo"' \
		pnicfw monitor foo
	ok "output that cannot be written" refused 1 \
		'output: No space left on device' \
		bash -c 'pnicfw -j port show >/dev/full'
}

test_ports() {
	is "no port yet" "[]" pnicfw -j port show
	ok "add" pnicfw port add dev eth-a
	ok "add with hw off" pnicfw port add dev eth-b hw off
	is "show" "eth-a: hw on hw-bind none flows 0
eth-b: hw off hw-bind none flows 0" pnicfw port show
	is "show one" "eth-b: hw off hw-bind none flows 0" \
		pnicfw port show dev eth-b
	ok "as JSON" json '. == [
		{dev: "eth-a", hw: true, drain: false, "hw-bind": "none",
		 "switch-id": null, flows: 0},
		{dev: "eth-b", hw: false, drain: false, "hw-bind": "none",
		 "switch-id": null, flows: 0}
		]' pnicfw -j port show
	ok "as pretty JSON" json 'length == 2' pnicfw -j -p port
	ok "drain" pnicfw port set dev eth-b drain on
	is "drain is seen" "eth-b: hw off drain on hw-bind none flows 0" \
		pnicfw port show dev eth-b
	ok "drain as JSON" json '.[0].drain' pnicfw -j port show dev eth-b
	is "in /proc" "dev hw bind switch-id flows table-used table-size drain
eth-a on none - 0 - - off
eth-b off none - 0 - - on" cat /proc/net/pnicfw/ports
	ok "drain neither on nor off" refused 2 \
		'drain: "maybe" is neither on nor off' \
		pnicfw port set dev eth-b drain maybe
	ok "no drain for one that is new" refused 2 'unknown word "drain"' \
		pnicfw port add dev eth-b drain on
	fails "set both, and one is refused" \
		pnicfw port set dev eth-b hw on drain off
	is "neither is set" "eth-b: hw off drain on hw-bind none flows 0" \
		pnicfw port show dev eth-b
	ok "set both" pnicfw port set dev eth-b hw off drain off
	is "both are set" "eth-b: hw off hw-bind none flows 0" \
		pnicfw port show dev eth-b
	ok "set" pnicfw port set dev eth-a hw off
	ok "set is seen" json '.[0].hw == false' pnicfw -j port show dev eth-a
	ok "an alternative name" eval \
		'ip link property add dev eth-a altname a-long-alternative-name &&
		pnicfw port show dev a-long-alternative-name | grep -q ^eth-a:'
	ok "another name" eval 'ip link set eth-b name eth-c &&
		pnicfw port show dev eth-c && ip link set eth-c name eth-b'
	ok "abbreviated" pnicfw por sh
	ok "del" eval 'pnicfw port del dev eth-a && pnicfw port del dev eth-b'
	is "no port left" "" pnicfw port show
	ok "a device that goes takes its port along" eval \
		'ip link add eth-x type dummy && pnicfw port add dev eth-x &&
		ip link del eth-x && [ "$(pnicfw -j port)" = "[]" ]'
}

test_params() {
	local before

	before=$(pnicfw -j param show)
	ok "params as JSON" json '. == {cache: true, hw: true, "hw-after": 32,
		"age-interval": 500, "cache-limit": 1048576,
		"label-cacheable": null, "label-offloaded": null,
		"hw-after-rate": 0, "hw-rate": 10000, "hw-limit": 0,
		"revalidate-rate": 50000, "recheck-time": 60000,
		"deny-limit": 16384, "deny-time": 10, "learn-denials": false}' \
		pnicfw -j param
	ok "set several" pnicfw param set cache off hw off hw-after 7 \
		age-interval 30000 cache-limit 1 label-cacheable 0 \
		label-offloaded 127 recheck-time 0 deny-limit 1 deny-time 3600 \
		learn-denials on
	is "they are set" "cache off
hw off
hw-after 7
age-interval 30000
cache-limit 1
label-cacheable 0
label-offloaded 127
hw-after-rate 0
hw-rate 10000
hw-limit 0
revalidate-rate 50000
recheck-time 0
deny-limit 1
deny-time 3600
learn-denials on" pnicfw param show
	is "policy's default answer in /proc" \
		"pref match verdict cache hw hw-after
default all allow off off 7" cat /proc/net/pnicfw/policy
	ok "set back" pnicfw param set cache on hw on hw-after 32 \
		age-interval 500 cache-limit 1048576 label-cacheable off \
		label-offloaded off recheck-time 60000 deny-limit 16384 \
		deny-time 10 learn-denials off
	is "as before" "$before" pnicfw -j param show
}

test_flows_and_stats() {
	is "no flows" "[]" pnicfw -j flow show
	is "deletion of none" "deleted 0" pnicfw flow del src 10.0.0.1
	is "deletion of none, as JSON" '{"deleted":0}' pnicfw -j flow flush
	ok "explanation of none" pnicfw flow explain dst ::1
	is "explanation of none, as JSON" "[]" pnicfw -j flow explain dst ::1
	is "no flows in /proc" 1 eval 'wc -l </proc/net/pnicfw/flows'
	ok "stats as JSON" json '
		([.records, .cached, .offloaded, .denied, ."cache-hits",
		."cache-misses", .learned, ."hw-inserted", ."hw-deleted",
		."hw-evicted", .revalidated,
		."denied-hits", ."denied-made", ."denied-evicted"] | all(. == 0)) and
		(."not-learned" | type) == "object" and
		(."hw-failed" | type) == "object"' pnicfw -j stats show
	ok "stats as text" eval 'pnicfw stats | grep -qx "records 0"'
	ok "stats in /proc" grep -qx "cache-hits 0" /proc/net/pnicfw/stats
}

test_batch() {
	local batch

	batch=$(mktemp)
	defer rm -f "$batch"
	cat >"$batch" <<-EOT
	# two ports

	port add dev eth-a	# the first
	port add dev eth-b
	param set hw-after 9
	EOT
	ok "batch" pnicfw -b "$batch"
	ok "all of it was done" eval '[ "$(pnicfw port | wc -l)" = 2 ] &&
		pnicfw param | grep -qx "hw-after 9"'
	printf 'port del dev eth-a\nport del dev eth-x\nport del dev eth-b\n' \
		>"$batch"
	is "batch that fails" "Error: $batch:2: dev: no such network device in this namespace." \
		eval "! pnicfw -b $batch"
	ok "nothing past the failing line was done" json \
		'[.[].dev] == ["eth-b"]' pnicfw -j port
	printf 'port sho\nport foo\nport del dev eth-b' >"$batch"
	ok "wrong usage in a batch" eval "pnicfw -b $batch; [ \$? = 2 ]"
	ok "batch on standard input" eval \
		'echo "port del dev eth-b" | pnicfw -b - && [ -z "$(pnicfw port)" ]'
	ok "no such batch" refused 2 "/nowhere: No such file or directory" \
		pnicfw -b /nowhere
	ok "batch and a command" refused 2 '"port" after -b FILE' \
		pnicfw -b "$batch" port
}

ktap_start
# shellcheck source=selftests/netlink_lib.sh
. "$here/netlink_lib.sh"
for command in "" -j "-j -p"; do
	# shellcheck disable=SC2086 # several options
	ok "without the module, $command" refused 1 \
		"the kernel module pnicfw is not loaded" pnicfw $command port show
done
load_module pnicfw
ip link add eth-a type dummy
ip link add eth-b type dummy
defer ip link del eth-a
defer ip link del eth-b
test_usage
test_ports
test_params
test_flows_and_stats
test_batch
finish
