# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# A machine simulated by QEMU, of x86, or of arm64 with programs of its own.
# Sourced by "run", whose variables it uses.
# shellcheck disable=SC2154

# Modules that reach the host's files and carry the output
machine_modules="virtio_pci virtio_console 9pnet_virtio 9p overlay"
machine_killed_by=KILL
emulator=qemu-system-x86_64
[ "$kernel" != arm64 ] || emulator=qemu-system-aarch64

machine_needs() {
	need_commands "$emulator" cpio
}

# machine_root - the directory that is the guest's
machine_root() {
	if [ -d "$kernel_dir/userland" ]; then
		echo "$kernel_dir/userland"
	else
		echo /
	fi
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
	MOUNT_VM="-t 9p -o cache=mmap,$options vm"
	MOUNT_OUT="-t 9p -o cache=mmap,$options out"
	TERMINAL=/dev/hvc0
	EOT
	if [ "$(machine_root)" = / ]; then
		echo "HOT=$(printf %q "$(hot)")"
	else
		cat <<-EOT
		MOUNT_REPO="-t 9p -o ro,cache=loose,$options repo"
		MODULES_DIR=/lib/modules/$(<"$kernel_dir/release")
		EOT
	fi
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
# for all: each look at another clock is a device's work.  Memory is cleared and
# copied step by step, and steps of eight bytes are fewer; where instructions are
# counted a processor does what others do.
x86_machine() {
	local clock=tsc=reliable model=max,-erms,-fsrm

	[ "$icount" = 0 ] || clock='' model=max
	machine=("$emulator" -cpu "$model")
	append="console=ttyS0 no_timer_check reboot=t acpi=noirq $clock"
}

# Pointers are authenticated by what costs the emulator little.
arm64_machine() {
	machine=("$emulator" -M virt,gic-version=3 -cpu max,pauth-impdef=on)
	append="console=ttyAMA0"
}

# A machine that is stuck ends: nothing that runs in it can see to its time limit.
machine_command() {
	local append

	if [ "$kernel" = arm64 ]; then
		arm64_machine
	else
		x86_machine
	fi
	append+=" panic=-1 oops=panic softlockup_panic=1 nokaslr norandmaps"
	machine+=(-nodefaults -no-user-config -display none
		-no-reboot -smp "$cpus" -m "$memory"
		-kernel "$kernel_dir/image" -initrd "$run/initrd" -append "$append"
		-serial "file:${console//,/,,}" -device virtio-serial-pci)
	if [ "$icount" = 1 ] || [ "$in_turns" = 1 ]; then
		machine+=(-accel "tcg,thread=single")
	else
		machine+=(-accel "tcg,thread=multi")
	fi
	[ "$icount" = 0 ] || machine+=(-icount "shift=0,sleep=off")
	share root "$(machine_root)" ,readonly=on
	[ ! -d "$kernel_dir/userland" ] || share repo "$repo" ,readonly=on
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
