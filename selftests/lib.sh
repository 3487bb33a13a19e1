# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# For tests written in bash: KTAP output, private namespaces, waiting for
# conditions, and a cleanup that cannot be forgotten.
#
#	. "$(dirname "$0")/lib.sh"
#	ktap_start
#	load_sim functions=2
#	new_ns vm0
#	ok "vm0 answers" ping -c 1 10.0.0.2
#	fails "a device twice is refused" pnicfw port add dev p0
#	finish
#
# A test runs in a VM of selftests/vm/run, as root; selftests/run starts it.

ktap_n=0 ktap_failed=0 ktap_skipped=0 ktap_finished=0
ktap_exit_skip=4	# as kselftest has it
deferred=()

# ktap_start - the header; from here on deferred commands run at the exit
ktap_start() {
	echo "KTAP version 1"
	ktap_output=$(mktemp)
	exec {ktap_stdout}>&1
	defer rm -f "$ktap_output"
	trap run_deferred EXIT
	trap 'exit 129' HUP
	trap 'exit 130' INT
	trap 'exit 143' TERM
}

# note TEXT... - a line for who reads the log
note() {
	printf '# %s\n' "$*"
}

# ktap_result ok|"not ok" NAME [DIRECTIVE]
ktap_result() {
	ktap_n=$((ktap_n + 1))
	echo "$1 $ktap_n ${2//#/}${3:+ # $3}"
}

ktap_fail() {
	ktap_failed=$((ktap_failed + 1))
	ktap_result "not ok" "$1"
	shift
	note "$@"
	sed 's/^/#   /' "$ktap_output"
}

# ok NAME COMMAND... - passes if COMMAND succeeds; shows its output if not
ok() {
	local name=$1 status=0

	shift
	"$@" >"$ktap_output" 2>&1 || status=$?
	if [ $status -eq 0 ]; then
		ktap_result ok "$name"
	else
		ktap_fail "$name" "status $status: $*"
	fi
}

# fails NAME COMMAND... - passes if COMMAND fails, and not by a signal, by
# being no command or past a time limit
fails() {
	local name=$1 status=0

	shift
	"$@" >"$ktap_output" 2>&1 || status=$?
	if [ $status -ge 1 ] && [ $status -lt 124 ]; then
		ktap_result ok "$name"
	else
		ktap_fail "$name" "status $status, not a failure: $*"
	fi
}

# is NAME WANTED COMMAND... - passes if COMMAND succeeds and prints WANTED
is() {
	local name=$1 wanted=$2 status=0

	shift 2
	"$@" >"$ktap_output" 2>&1 || status=$?
	if [ $status -eq 0 ] && [ "$(<"$ktap_output")" = "$wanted" ]; then
		ktap_result ok "$name"
	else
		ktap_fail "$name" "status $status, wanted '$wanted': $*"
	fi
}

# skip NAME REASON...
skip() {
	local name=$1

	shift
	ktap_skipped=$((ktap_skipped + 1))
	ktap_result ok "$name" "SKIP $*"
}

# skip_all REASON... - for a test that cannot run here
skip_all() {
	echo "1..0 # SKIP $*"
	ktap_finished=1
	exit $ktap_exit_skip
}

# need COMMAND... - skips the whole test unless these are there
need() {
	local name

	for name; do
		command -v "$name" >/dev/null || skip_all "no $name here"
	done
}

# on_kernel NAME - skips a test that runs on the host unless selftests/run is
# to use this kernel; by hand it may
on_kernel() {
	[[ " ${KERNELS:-$1} " == *" $1 "* ]] || skip_all "kernel $1 is not asked for"
}

# bail REASON... - the test's own ground is not there: it has failed
bail() {
	echo "Bail out! $*"
	ktap_finished=1
	exit 1
}

# finish - the plan and the exit status
finish() {
	echo "1..$ktap_n"
	note "Totals: pass:$((ktap_n - ktap_failed - ktap_skipped))" \
		"fail:$ktap_failed skip:$ktap_skipped"
	ktap_finished=1
	[ $ktap_n -gt 0 ] || bail "no test ran"
	[ $ktap_failed -eq 0 ] || exit 1
	[ $ktap_skipped -lt $ktap_n ] || exit $ktap_exit_skip
	exit 0
}

# finish_as STATUS - where cases and plan have been somebody else's
finish_as() {
	ktap_finished=1
	exit "$1"
}

# defer COMMAND... - to be run when the test ends, the last one first
defer() {
	local command

	printf -v command '%q ' "$@"
	deferred=("$command" "${deferred[@]}")
}

# What bash itself has against a test (a variable that is not set) may have gone
# where a command's output went.
run_deferred() {
	local status=$? last=$BASH_COMMAND command

	trap '' HUP INT TERM
	set +e
	[ $ktap_finished = 1 ] || {
		echo "Bail out! status $status at: $last"
		cat "$ktap_output"
	} >&"$ktap_stdout"
	for command in "${deferred[@]}"; do
		eval "$command" >/dev/null 2>&1
	done
	exit $status
}

# wait_for SECONDS COMMAND... - until COMMAND succeeds, at most SECONDS, which
# a slow kernel stretches
wait_for() {
	local deadline=$((SECONDS + $1 * ${TIME_SCALE:-1}))

	shift
	until "$@" >/dev/null 2>&1; do
		if [ $SECONDS -gt $deadline ]; then
			echo "gave up waiting for: $*"
			"$@"
			return 1
		fi
		sleep 0.1
	done
}

# jq ARG... - by the program that starts fast: processors may be emulated
jq() {
	gojq "$@"
}

# new_ns NAME... - network namespaces of this test, with loopback up
new_ns() {
	local name

	for name; do
		ip netns add "$name" || bail "cannot make namespace $name"
		defer end_ns "$name"
		ip -n "$name" link set lo up
	done
}

# end_ns NAME... - a process in a namespace keeps it from going, and a NIC's function
# with it
end_ns() {
	local name

	for name; do
		ip netns pids "$name" | xargs -r kill -KILL
		ip netns del "$name"
	done
}

# in_ns NAME COMMAND...
in_ns() {
	ip netns exec "$@"
}

# spawn COMMAND... - in the background until the test ends; $! is its process
spawn() {
	"$@" &
	defer kill "$!"
}

# ask FROM TO SECONDS QUESTION... - a program that answers each line with a line,
# "ok ..." where all is well, and has these descriptors; prints its answer, without
# the "ok"
ask() {
	local from=$1 to=$2 seconds=$3 answer

	shift 3
	echo "$*" >&"$to"
	read -r -t $((seconds * ${TIME_SCALE:-1})) -u "$from" answer ||
		answer="no answer"
	[ "$answer" = ok ] || echo "${answer#ok }"
	[[ $answer = ok* ]]
}

# load_module NAME [PARAMETER=VALUE...]
load_module() {
	[ -n "${MODDIR:-}" ] || skip_all "not in the VM: run it by selftests/run"
	modprobe "$@" || bail "cannot load $1"
	defer unload "$1"
}

load_sim() {
	load_module pnicsim "$@"
}

load_pnicfw() {
	load_module pnicfw "$@"
}

# loaded NAME
loaded() {
	[ -e "/sys/module/$1/refcnt" ]
}

# unload NAME... - each as soon as nothing uses it any more
unload() {
	local name

	for name; do
		! loaded "$name" || wait_for 10 rmmod "$name" || return
	done
}
