# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# Debian's kernels, downloaded and unpacked.  Sourced by "kernel".

debian_mirror=${DEBIAN_MIRROR:-http://deb.debian.org}
debian_key=/usr/share/keyrings/debian-archive-keyring.gpg

# suite_sources SUITE - the lines of its sources.list
suite_sources() {
	local deb="deb [signed-by=$debian_key] $debian_mirror"

	case $1 in
	bookworm)
		echo "$deb/debian bookworm main"
		echo "$deb/debian-security bookworm-security main"
		;;
	bookworm-backports)
		echo "$deb/debian bookworm-backports main"
		;;
	esac
}

# apt_options SUITE ARCH - sets apt_options: with these apt knows this suite alone,
# keeps its state in the cache and needs no privileges
apt_options() {
	local dir=$cache/apt/$1 arch=$2

	[ "$arch" = amd64 ] || dir+=-$arch

	mkdir -p "$dir/lists/partial" "$dir/cache/archives/partial"
	suite_sources "$1" >"$dir/sources.list"
	apt_options=(-q -o APT::Sandbox::User="$(id -un)"
		-o Dir::Etc::SourceList="$dir/sources.list"
		-o Dir::Etc::SourceParts=/dev/null
		-o Dir::State::Lists="$dir/lists" -o Dir::Cache="$dir/cache"
		-o APT::Architecture="$arch" -o APT::Architectures::="$arch"
		-o APT::Architectures::=amd64 -o Acquire::Languages=none
		-o Acquire::Retries=3 -o Acquire::http::Timeout=60)
}

# apt_failure LOG - the line of it that says why
apt_failure() {
	grep -m1 '^[EW]: ' "$1" || tail -n1 "$1"
}

# depends PACKAGE PATTERN - the first dependency whose name matches
depends() {
	{ apt-cache "${apt_options[@]}" depends "$1" 2>/dev/null || true; } |
		awk -v re="$2" '$1 == "Depends:" && $2 ~ re && !n++ { print $2 }'
}

# extract_vmlinux VMLINUZ VMLINUX - what the boot loader would have unpacked.
# QEMU starts the plain image (PVH) some 4 s sooner.  The header's fields are
# in the kernel's Documentation/x86/boot.rst: setup_sects, payload_offset.
extract_vmlinux() {
	local sects offset start magic tool

	sects=$(od -An -tu1 -j $((0x1f1)) -N1 "$1")
	offset=$(od -An -tu4 -j $((0x248)) -N4 "$1")
	start=$(((sects + 1) * 512 + offset))
	magic=$(od -An -tx1 -j "$start" -N4 "$1" | tr -d ' ')
	case $magic in
	fd377a58) tool=unxz ;;
	28b52ffd) tool=unzstd ;;
	1f8b08*) tool=gunzip ;;
	*) die "$1 is compressed in a way unknown here ($magic)" ;;
	esac
	need_commands $tool
	# The payload ends in its size, which the tools take for trailing garbage.
	tail -c +$((start + 1)) "$1" | $tool >"$2" 2>/dev/null || true
	[ "$(od -An -tx1 -N4 "$2" | tr -d ' ')" = 7f454c46 ] ||
		die "no kernel found in $1"
}

# unpack_debian DIR SUITE ARCH - the kernel that is current in SUITE
unpack_debian() {
	local dir=$1 suite=$2 arch=$3 image release kbuild deb headers

	need_commands apt-get dpkg depmod
	need_space "$dir" 1200
	apt_options "$suite" "$arch"
	logged "$dir/log" timeout 900 apt-get "${apt_options[@]}" update ||
		die "no package lists of $suite: $(apt_failure "$dir/log")"
	image=$(depends "linux-image-$arch" '^linux-image-[0-9]')
	[ -n "$image" ] ||
		die "no kernel in $suite: $(apt_failure "$dir/log")"
	image=${image%-unsigned}
	release=${image#linux-image-}
	headers=linux-headers-$release
	kbuild=$(depends "$headers" '^linux-kbuild-')
	mkdir -p "$dir/deb" "$dir/root"
	(cd "$dir/deb" && logged "$dir/log" timeout 1800 \
		apt-get "${apt_options[@]}" download "$image" "$headers" \
		"${headers%-*}-common" "$kbuild:amd64") ||
		die "downloading $image: $(apt_failure "$dir/log")"
	for deb in "$dir"/deb/*.deb; do
		logged "$dir/log" dpkg -x "$deb" "$dir/root" ||
			die "unpacking ${deb##*/}: $(tail -n1 "$dir/log")"
	done
	rm -r "$dir/deb"

	# The headers' Makefile and the build link name their installed place.
	headers=${dir%.new}/root/usr/src/$headers
	sed -i "s|/usr/src/|$(dirname "$headers")/|" \
		"$dir/root/usr/src/${headers##*/}/Makefile"
	rm -f "$dir/root/lib/modules/$release/"{build,source}
	depmod -b "$dir/root" "$release"

	echo "$release" >"$dir/release"
	if [ "$arch" = arm64 ]; then
		echo "ARCH=arm64 CROSS_COMPILE=aarch64-linux-gnu-" >"$dir/arch"
		cp "$dir/root/boot/vmlinuz-$release" "$dir/image"
	else
		extract_vmlinux "$dir/root/boot/vmlinuz-$release" "$dir/image"
	fi
	ln -s "root/lib/modules/$release" "$dir/modules"
	ln -s "root/usr/src/${headers##*/}" "$dir/build"
}
