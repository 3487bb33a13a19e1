# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# An x86 machine simulated by QEMU.  Sourced by "run", whose variables it uses.
# shellcheck disable=SC2154

# Modules that reach the host's files and carry the output
machine_modules="virtio_pci virtio_console 9pnet_virtio 9p overlay"
machine_killed_by=KILL

machine_needs() {
	need_commands qemu-system-x86_64 cpio
}

# hot - an archive of what "hot" lists, made anew when packages have changed
hot() {
	local key archive

	key=$({ cat "$vm_dir/hot"; stat -c %y /var/lib/dpkg/status; } | md5sum)
	archive=$cache/hot-${key%% *}.cpio
	if [ ! -e "$archive" ]; then
		mkdir -p "$cache"
		find "$cache" -maxdepth 1 -name 'hot-*.cpio' -mtime +0 -delete
		(cd / && "$vm_dir/hot" | cpio --quiet -o -H newc -R 0:0) \
			>"$run/hot"
		mv "$run/hot" "$archive"
	fi
	echo "$archive"
}

# How the guest mounts what it shares with the host, and its terminal
machine_config() {
	local options=trans=virtio,version=9p2000.L,msize=512000

	cat <<-EOT
	MOUNT_ROOT="-t 9p -o ro,cache=loose,$options root"
	HOT=$(printf %q "$(hot)")
	MOUNT_VM="-t 9p -o cache=mmap,$options vm"
	MOUNT_OUT="-t 9p -o cache=mmap,$options out"
	TERMINAL=/dev/hvc0
	EOT
}

# Commas in a path end an option unless they are doubled.
share() {
	machine+=(-fsdev "local,id=$1,path=${2//,/,,},security_model=none,multidevs=remap$3"
		-device "virtio-9p-pci,fsdev=$1,mount_tag=$1")
}

# channel NAME FD - a virtio-serial port whose output goes to FD
channel() {
	machine+=(-add-fd "fd=$2,set=$2"
		-chardev "file,id=$1,path=/dev/fdset/$2,append=on"
		-device "virtserialport,chardev=$1,name=$1")
}

# All devices have MSI: no need to interpret the ACPI tables' interrupt routing,
# which takes half a minute a device.  The processor's counter of cycles is one
# for all: each look at another clock is a device's work.  A machine that is stuck
# ends: nothing that runs in it can see to its time limit.
machine_command() {
	local clock=tsc=reliable

	[ "$icount" = 0 ] || clock=
	machine=(qemu-system-x86_64 -nodefaults -no-user-config -display none
		-no-reboot -cpu max -smp "$cpus" -m "$memory"
		-kernel "$kernel_dir/image" -initrd "$run/initrd"
		-append "console=ttyS0 panic=-1 no_timer_check oops=panic softlockup_panic=1 reboot=t nokaslr acpi=noirq norandmaps $clock"
		-serial "file:${console//,/,,}" -device virtio-serial-pci)
	if [ "$icount" = 1 ]; then
		machine+=(-accel "tcg,thread=single" -icount "shift=0,sleep=off")
	else
		machine+=(-accel "tcg,thread=multi")
	fi
	share root / ,readonly=on
	share vm "$shared" ""
	share out "$out" ""
	if [ "$terminal" = 1 ]; then
		machine+=(-chardev "stdio,id=tty,signal=off"
			-device "virtconsole,chardev=tty")
	else
		channel stdout "$out_fd"
		channel stderr "$err_fd"
	fi
}
