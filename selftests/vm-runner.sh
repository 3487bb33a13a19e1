#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# where: host
#
# The VM runner keeps its promises: exit status, output, time limit, $OUT, and
# no mistake of the kernel goes unseen.
#
#	this test --- selftests/vm/run ---[ VM: sh, seed.ko ]
set -u
here=$(dirname "$(realpath "$0")")
# shellcheck source=selftests/lib.sh
. "$here/lib.sh"
# shellcheck source=selftests/vm/seed.sh
. "$here/vm/seed.sh"

# one_line STATUS ARG... - refused with this status and one line that says why
one_line() {
	vm "$@" && [ ! -s "$tmp/stdout" ] && [ "$(wc -l <"$tmp/stderr")" -eq 1 ]
}

# one_reason TEXT ARG... - the runner gives up, and its one line has TEXT, but
# for one that a kernel is being fetched
one_reason() {
	local text=$1

	shift
	vm 125 --no-modules "$@" -- true || return
	[ ! -s "$tmp/stdout" ] &&
		[ "$(grep -vc "^vm: getting kernel" "$tmp/stderr")" -eq 1 ] &&
		tail -n1 "$tmp/stderr" | grep "^vm: .*$text" && return
	cat "$tmp/stdout" "$tmp/stderr"
	return 1
}

missing_package() {
	mkdir "$tmp/bin"
	ln -s /usr/sbin/* /usr/bin/* "$tmp/bin" 2>/dev/null
	rm "$tmp/bin/qemu-system-x86_64"
	PATH=$tmp/bin one_reason "qemu-system-x86_64 is missing: run selftests/vm/setup"
}

# What User-Mode Linux runs are processes here, and go with it.
no_leftovers() {
	TMPDIR=$tmp vm 124 --kernel uml --no-modules --timeout 20 -- sh -c '
		while :; do :; done' && ! pgrep -fa "uml_dir=$tmp/"
}

no_space() {
	mkdir "$tmp/full"
	printf '#!/bin/sh\necho Available; echo tmpfs 9 8 1\n' >"$tmp/full/df"
	chmod +x "$tmp/full/df"
	PATH=$tmp/full:$PATH XDG_CACHE_HOME=$tmp/empty \
		one_reason "has 1 MiB free, 1200 are needed"
}

no_network() {
	DEBIAN_MIRROR=http://127.0.0.1:9 XDG_CACHE_HOME=$tmp/empty \
		one_reason "no kernel in bookworm: .*127.0.0.1"
}

# Everything of the kernel is there, but it is no kernel.
no_boot() {
	local kernel dir=$tmp/broken/pnicfw/kernels/6.1

	kernel=$("$here/vm/kernel" 6.1) || return
	mkdir -p "$dir"
	ln -s "$kernel"/{release,root,modules} "$dir"
	head -c 1M /dev/zero >"$dir/image"
	XDG_CACHE_HOME=$tmp/broken one_reason "kernel" --timeout 60
}

script() {
	vm 7 --no-modules --out "$tmp" -- sh -c '
		echo "to stdout"; echo "to stderr" >&2
		[ "$PWD" = "$1" ] && [ "$(id -u)" = 0 ] || exit 1
		[ -z "$(cat)" ] || exit 2
		echo "in the VM" >"$OUT/file" || exit 3
		echo vanish >README.vanish || exit 4
		modprobe nf_conntrack && [ -d /sys/module/nf_conntrack ] || exit 5
		exit 7' sh "$(realpath "$here/..")"
}

big_output() {
	vm 0 --no-modules -- sh -c 'seq 400000; echo end >&2' &&
		[ "$(tail -n1 "$tmp/stderr")" = end ] &&
		cmp "$tmp/stdout" <(seq 400000)
}

arguments() {
	vm 0 --no-modules -- printf '%s|' 'a  b' '$HOME' "c'd" '' &&
		[ "$(<"$tmp/stdout")" = "a  b|\$HOME|c'd||" ]
}

counted() {
	vm 0 --icount --cpus 4 --no-modules -- nproc &&
		[ "$(<"$tmp/stdout")" = 1 ]
}

in_turns() {
	vm 0 --in-turns --cpus 2 --no-modules -- nproc &&
		[ "$(<"$tmp/stdout")" = 2 ]
}

# Output from before the limit is there; a busy host may need a longer limit
# for the VM to get that far.
past_limit() {
	local limit

	for limit in 20 60 300; do
		vm 124 --no-modules --timeout "$limit" -- \
			sh -c 'echo before; sleep 10000' || return
		[ "$(<"$tmp/stdout")" != before ] || return 0
	done
	return 1
}

# A signal ends the runner, and its QEMU, and removes what it made in /tmp.
interrupted() {
	local dir=$tmp/interrupted runner status=0

	mkdir "$dir"
	TMPDIR=$dir "$here/vm/run" --no-modules -- sleep 1000 >/dev/null 2>&1 &
	runner=$!
	defer kill "$runner"
	wait_for 300 booted "$dir" || return
	kill "$runner"
	wait "$runner" || status=$?
	[ "$status" -eq 143 ] && [ -z "$(ls "$dir")" ] &&
		wait_for 10 gone "$dir"
}

booted() {
	grep -q "Linux version" "$1"/*/out/kernel.log
}

gone() {
	! pgrep -f "qemu.*$1"
}

# dies_once MESSAGE - a test whose machine ends after this message, and which passes
# on the next one
dies_once() {
	rm -rf "$tmp/twice"
	cat >"$tmp/dies.sh" <<-EOT
		#!/bin/bash
		if [ ! -e "\$OUT/died" ]; then
			touch "\$OUT/died"
			echo "<2>$1" >/dev/kmsg
			echo c >/proc/sysrq-trigger
		fi
		echo "ok 1 lives"
		echo 1..1
	EOT
	chmod +x "$tmp/dies.sh"
	"$here/run" --kernel 6.1 --out "$tmp/twice" "$tmp/dies.sh"
}

ktap_start
tmp=$(mktemp -d)
defer rm -rf "$tmp"
ok "the exit status passes through" script
is "stdout streams through" "to stdout" cat "$tmp/stdout"
is "stderr streams through" "to stderr" cat "$tmp/stderr"
is "\$OUT is writable" "in the VM" cat "$tmp/file"
fails "writes to the tree vanish" test -e "$here/../README.vanish"
ok "the kernel log is kept in \$OUT" grep -q "Linux version 6.1" "$tmp/kernel.log"
ok "output is complete" big_output
ok "arguments arrive as they were" arguments
ok "status 124 past the time limit" past_limit
ok "SIGTERM ends the machine" interrupted
ok "--icount gives one processor" counted
ok "--in-turns leaves them all" in_turns
ok "an unknown kernel is refused" one_line 2 --kernel 9.9 -- true
ok "an unknown option is refused" one_line 2 --fast -- true
ok "a senseless number is refused" one_line 2 --cpus none -- true
ok "no command is refused" one_line 2
[[ " ${KERNELS:-uml} " != *" uml "* ]] ||
	ok "User-Mode Linux leaves nothing behind" no_leftovers
ok "a missing package is named" missing_package
ok "a full disk is named" no_space
ok "a network that is not there is named" no_network
ok "an image that is no kernel is no hang" no_boot
ok "where the emulator was stuck a test runs once more" \
	dies_once "soft lockup: poke_int3_handler+0x62/0x1f0"
fails "where the kernel was it does not" dies_once "soft lockup: vfs_read+0x1/0x2"
ok "a module of mistakes builds" build_seed 6.1
ok "a WARN is caught" caught 6.1 warn "WARNING: .*seed_warn"
ok "an oops is caught" caught 6.1 oops "BUG: kernel NULL pointer"
ok "a refcount report is caught" caught 6.1 refcount "refcount_t: addition on 0"
finish
