# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# For tests of the VM runner: the module of mistakes, built in $tmp, which is
# the VM's $OUT as well.  Sourced after lib.sh, with $here and $tmp set.
# shellcheck disable=SC2154

# vm STATUS ARG... - true if the runner ends with this status; what it prints
# is in $tmp/stdout and $tmp/stderr
vm() {
	local wanted=$1 status=0

	shift
	"$here/vm/run" "$@" >"$tmp/stdout" 2>"$tmp/stderr" || status=$?
	[ "$status" -eq "$wanted" ] && return
	echo "exit status $status, not $wanted"
	cat "$tmp/stdout" "$tmp/stderr"
	return 1
}

# build_seed KERNEL
build_seed() {
	local kernel

	kernel=$("$here/vm/kernel" "$1") || return
	cp "$here"/vm/seed/* "$tmp" || return
	# shellcheck disable=SC2046 # ARCH=um, or nothing
	make -C "$kernel/build" M="$tmp" \
		$(cat "$kernel/arch" 2>/dev/null) modules
}

# caught KERNEL KIND TEXT - a mistake of this kind gives 99, and is printed
caught() {
	vm 99 --kernel "$1" --no-modules --timeout 300 --out "$tmp" -- \
		sh -c "insmod \$OUT/seed.ko kind=$2; true" || return
	grep -q "$3" "$tmp/stderr" && return
	cat "$tmp/stderr"
	return 1
}
