# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# Kernels built from Debian's linux-source-6.1, with what it takes to have it run
# wherever it may be tested.  Sourced by "kernel", whose variables it uses.
# shellcheck disable=SC2154

source_package=linux-source-6.1
source_tar=/usr/src/$source_package.tar.xz
source_patch=$vm_dir/$source_package.patch

# source_key - changes with Debian's version and our patch
source_key() {
	local version

	version=$(dpkg-query -W -f '${Version}' $source_package 2>/dev/null) ||
		die "$source_package is missing: run selftests/vm/setup"
	echo "$version-$(sha1sum <"$source_patch" | cut -c1-12)"
}

# fragment NAME - the configuration's part that is ours
fragment() {
	local parts=(net)

	case $1 in
	debug) parts+=(debug checks) ;;
	uml) parts+=(uml) ;;
	uml-debug) parts+=(uml checks) ;;
	esac
	(cd "$vm_dir" && cat "${parts[@]/%/.config}")
}

# source_kernel_key NAME - changes with all that the kernel is made from
source_kernel_key() {
	local key

	key=$(source_key)
	echo "$1-$({ fragment "$1"; echo "$key"; } | sha1sum | cut -c1-12)"
}

# Of another version or patch, what has been there for a day goes: kernels of
# these are not used any more.
unpack_source() {
	local dir=$1

	[ -e "$dir/Makefile" ] && return
	[ -e $source_tar ] || die "$source_tar is missing: run selftests/vm/setup"
	find "$cache/src" -maxdepth 1 -name "$source_package-*" ! -name '*.lock' \
		-mtime +0 -exec rm -rf {} +
	need_space "$dir" 2000
	rm -rf "$dir" "$dir.new"
	mkdir -p "$dir.new"
	timeout 900 tar -C "$dir.new" --strip-components=1 -xf $source_tar ||
		die "unpacking $source_tar failed"
	patch -s -d "$dir.new" -p1 <"$source_patch" ||
		die "$source_patch does not fit $source_tar"
	mv "$dir.new" "$dir"
}

# Prints the directory with the kernel's source, shared by all that build it.
kernel_source() {
	local dir

	dir=$cache/src/$source_package-$(source_key)
	locked "$dir.lock" unpack_source "$dir"
	echo "$dir"
}

# What a fragment asks for must be in the result: Kconfig drops in silence
# what depends on something that is off.
check_config() {
	local missing

	missing=$(grep -E '^(CONFIG_|# CONFIG_.* is not set)' "$2" |
		grep -vxFf "$1" || true)
	[ -z "$missing" ] || die "the kernel's configuration lacks ${missing//$'\n'/, }"
}

# compile DIR NAME ARGS... - kernel and modules
compile() {
	local dir=$1 name=$2 source jobs release

	shift 2
	need_commands make gcc flex bison bc depmod
	need_space "$dir" 4000
	source=$(kernel_source)
	mkdir -p "$dir/build"
	fragment "$name" >"$dir/fragment"
	set -- -C "$source" O="$dir/build" "$@"
	logged "$dir/log" timeout 300 make "$@" \
		KCONFIG_ALLCONFIG="$dir/fragment" allnoconfig ||
		die "configuring the kernel failed: $(tail -n1 "$dir/log")"
	check_config "$dir/build/.config" "$dir/fragment"
	jobs=$(nproc)
	logged "$dir/log" timeout 3600 make -j"$jobs" "$@" ||
		die "building the kernel failed: $(grep -m1 -E 'error|\*\*\*' "$dir/log" || tail -n1 "$dir/log")"
	logged "$dir/log" timeout 600 make "$@" modules_install \
		INSTALL_MOD_PATH="$dir/root" ||
		die "installing the kernel's modules failed: $(tail -n1 "$dir/log")"
	release=$(<"$dir/build/include/config/kernel.release")
	rm -f "$dir/root/lib/modules/$release/"{build,source}
	find "$dir/build" -name tools -prune -o -name scripts -prune -o \
		-name '*.o' -exec rm {} +
	rm -f "$dir/build/vmlinux.a" "$dir/build/"*/built-in.a
	echo "$release" >"$dir/release"
	ln -s "root/lib/modules/$release" "$dir/modules"
}

# No vmlinux here: its PVH entry runs code that KASAN has instrumented before
# there is any shadow memory.
build_debug() {
	compile "$1" debug
	ln -s build/arch/x86/boot/bzImage "$1/image"
}

# build_uml DIR NAME
build_uml() {
	compile "$1" "$2" ARCH=um
	ln -s build/linux "$1/image"
	echo ARCH=um >"$1/arch"
}
