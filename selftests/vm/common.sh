# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# What the scripts around the VM share: places, names, and how to fail.
# To be sourced; needs "set -euo pipefail".
# shellcheck disable=SC2034

vm_dir=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
repo=$(realpath "$vm_dir/../..")
cache=${XDG_CACHE_HOME:-$HOME/.cache}/pnicfw

kernel_names="6.1 6.12 debug uml uml-debug arm64"
default_kernel=6.1

# Exit statuses of the runner's own, chosen beside those of timeout(1)
EXIT_USAGE=2
EXIT_REPORT=99
EXIT_TIMEOUT=124
EXIT_SETUP=125

# die MESSAGE... - one line, and the status of "this machine could not do it"
die() {
	echo "vm: $*" >&2
	exit $EXIT_SETUP
}

usage_error() {
	echo "vm: $*" >&2
	exit $EXIT_USAGE
}

check_kernel_name() {
	[[ " $kernel_names " == *" $1 "* ]] ||
		usage_error "unknown kernel '$1' (known: $kernel_names)"
}

# has_races TEST - is the test about what happens at the same time?
has_races() {
	grep -qx '# races' "$1"
}

# need_commands NAME... - refuses to go on without these programs
need_commands() {
	local name

	for name; do
		command -v "$name" >/dev/null ||
			die "$name is missing: run selftests/vm/setup"
	done
}

# need_space DIR MIB
need_space() {
	local free

	mkdir -p "$1" || die "cannot make $1"
	free=$(df -Pm "$1" | awk 'NR == 2 { print $4 }')
	[ "$free" -ge "$2" ] ||
		die "$1 has $free MiB free, $2 are needed"
}

# logged LOG COMMAND... - a long step whose output matters only if it fails
logged() {
	local log=$1

	shift
	"$@" >"$log" 2>&1 </dev/null
}

# locked FILE COMMAND... - one process at a time, at most an hour's wait
locked() {
	local file=$1 fd

	shift
	mkdir -p "$(dirname "$file")"
	exec {fd}>"$file"
	flock -w 3600 "$fd" || die "$file stayed locked for an hour"
	"$@"
	exec {fd}>&-
}
