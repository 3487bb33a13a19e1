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

# The kernel's console is one line, the command's output or terminal others.
# Its temporary files, the guest's memory among them, are in the run's directory.
machine_command() {
	exec {console_fd}>"$console"
	machine=(env TMPDIR="$run" "$kernel_dir/image" "mem=${memory}M"
		"initrd=$run/initrd" "uml_dir=$run/" umid=uml
		panic=-1 oops=panic con=null ssl=null "con0=null,fd:$console_fd")
	if [ "$terminal" = 1 ]; then
		machine+=(con1=fd:0,fd:1)
	else
		machine+=("ssl0=null,fd:$out_fd" "ssl1=null,fd:$err_fd")
	fi
}
