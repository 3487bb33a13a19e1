# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# Debian's kernels, downloaded and unpacked.  Sourced by "kernel".

# apt_get OPTION... - as whoever runs this, patient, and never for ever
apt_get() {
	timeout 1800 apt-get -q -o APT::Sandbox::User="$(id -un)" \
		-o Acquire::Retries=3 -o Acquire::http::Timeout=60 "$@"
}

# depends PACKAGE PATTERN - the first dependency whose name matches
depends() {
	apt-cache depends "$1" 2>/dev/null |
		awk -v re="$2" '$1 == "Depends:" && $2 ~ re { print $2; exit }'
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

# unpack_debian DIR META - the kernel that the package META stands for
unpack_debian() {
	local dir=$1 meta=$2 image release kbuild deb headers

	need_commands apt-get dpkg depmod
	need_space "$dir" 1200
	image=$(depends "$meta" '^linux-image-[0-9]')
	[ -n "$image" ] ||
		die "apt does not know $meta: run apt-get update, or is there no network?"
	image=${image%-unsigned}
	release=${image#linux-image-}
	headers=linux-headers-$release
	kbuild=$(depends "$headers" '^linux-kbuild-')
	mkdir -p "$dir/deb" "$dir/root"
	(cd "$dir/deb" && logged "$dir/log" apt_get download "$image" \
		"$headers" "${headers%-*}-common" "$kbuild") ||
		die "downloading $image: $(grep -m1 '^[EW]: ' "$dir/log" || tail -n1 "$dir/log")"
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
	extract_vmlinux "$dir/root/boot/vmlinuz-$release" "$dir/vmlinux"
	ln -s "root/lib/modules/$release" "$dir/modules"
	ln -s "root/usr/src/${headers##*/}" "$dir/build"
}
