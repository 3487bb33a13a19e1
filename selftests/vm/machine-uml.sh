# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# User-Mode Linux: the kernel as a process of the host, one processor.
# Sourced by "run", whose variables it uses.
# shellcheck disable=SC2154

machine_modules=""
machine_killed_by=TERM

machine_needs() {
	[ "$icount" = 0 ] || usage_error "--icount needs a kernel that QEMU runs"
}

# How the guest mounts what it shares with the host, its terminal, and the
# serial lines that carry the output
machine_config() {
	cat <<-EOT
	MOUNT_ROOT="-t hostfs -o ro,/ none"
	MOUNT_VM="-t hostfs -o $(printf %q "$shared") none"
	MOUNT_OUT="-t hostfs -o $(printf %q "$out") none"
	TERMINAL=/dev/tty1
	PORT_stdout=/dev/ttyS0
	PORT_stderr=/dev/ttyS1
	EOT
}

# The host's processors that this process may run on
processors() {
	local list range

	list=$(sed -n 's/^Cpus_allowed_list:\s*//p' /proc/self/status)
	for range in ${list//,/ }; do
		seq "${range%-*}" "${range#*-}"
	done
}

# processor - one for the machine, on which as few others of its kind are as may be;
# it has the lock as long as it lives.  Kernel and processes are processes of the
# host that take turns at each system call and page fault: to wake one on another
# processor takes several times as long.
processor() {
	local cpu others lock

	mkdir -p "$cache/processors" || die "cannot make $cache/processors"
	for ((others = 0; ; others++)); do
		for cpu in $(processors); do
			exec {lock}>"$cache/processors/$cpu.$others.lock"
			! flock -n "$lock" || break 2
			exec {lock}>&-
		done
	done
	machine_processor=$cpu
}

# The kernel's console is one line, the command's output or terminal others.
# Its temporary files, the guest's memory among them, are in the run's directory.
machine_command() {
	processor
	exec {console_fd}>"$console"
	machine=(taskset -c "$machine_processor" env TMPDIR="$run"
		"$kernel_dir/image" "mem=${memory}M"
		"initrd=$run/initrd" "uml_dir=$run/" umid=uml
		panic=-1 oops=panic con=null ssl=null "con0=null,fd:$console_fd")
	if [ "$terminal" = 1 ]; then
		machine+=(con1=fd:0,fd:1)
	else
		machine+=("ssl0=null,fd:$out_fd" "ssl1=null,fd:$err_fd")
	fi
}
