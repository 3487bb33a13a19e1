# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# Debian's programs for a machine that cannot execute this one's, unpacked.
# Sourced by "kernel", after kernel-debian.sh.  Nothing of it is configured: what
# packages do when they are installed is done here, as far as tests need it.
# shellcheck disable=SC2154

# What is on every Debian, what a cross compiler links the tool with, and what the
# names that tests use are alternatives of
userland_base="base-passwd bash busybox-static coreutils dash diffutils
	findutils gawk grep gzip hostname kmod mount netbase sed tar util-linux
	libc6-dev libcjson-dev libmnl-dev"
userland_alternatives="sh=dash awk=gawk nc=nc.openbsd
	iptables=xtables-nft-multi iptables-save=xtables-nft-multi
	iptables-restore=xtables-nft-multi ip6tables=xtables-nft-multi
	ebtables=xtables-nft-multi"

# Who programs become, having begun as root
userland_users="tcpdump"

# userland_packages - the names, those of the list's last part among them
userland_packages() {
	echo "$userland_base"
	sed -n '/^# what the tests run$/,$ { /^[^#]/p }' "$vm_dir/packages"
}

# userland_key - another one for other packages
userland_key() {
	cat "$vm_dir/userland.sh" "$vm_dir/packages" | md5sum | cut -c 1-12
}

# unpack_packages DIR DEB... - as dpkg would: /bin, /lib and /sbin are links
unpack_packages() {
	local dir=$1 deb name

	shift
	for name in bin lib sbin; do
		mkdir -p "$dir/usr/$name"
		ln -s "usr/$name" "$dir/$name"
	done
	for deb; do
		dpkg-deb --fsys-tarfile "$deb" |
			tar -x --keep-directory-symlink -C "$dir" || return
	done
}

# configure DIR - users, groups, and which program a name stands for
configure() {
	local dir=$1 pair path user id=500

	cp "$dir/usr/share/base-passwd/passwd.master" "$dir/etc/passwd"
	cp "$dir/usr/share/base-passwd/group.master" "$dir/etc/group"
	for user in $userland_users; do
		echo "$user:x:$id:$id::/nonexistent:/usr/sbin/nologin" >>"$dir/etc/passwd"
		echo "$user:x:$((id++)):" >>"$dir/etc/group"
	done
	for pair in $userland_alternatives; do
		path=$(find "$dir/usr/bin" "$dir/usr/sbin" -name "${pair#*=}" -print -quit)
		[ -n "$path" ] || return
		[ -e "${path%/*}/${pair%=*}" ] ||
			ln -s "${pair#*=}" "${path%/*}/${pair%=*}"
	done
}

# unpack_userland DIR SUITE ARCH - DIR/userland, with the kernel's modules, which are
# in DIR/root
unpack_userland() {
	local dir=$1 suite=$2 arch=$3 deb=$1/deb

	need_space "$dir" 1000
	apt_options "$suite" "$arch"
	mkdir -p "$deb/partial" "$dir/userland"
	: >"$deb/status"
	# shellcheck disable=SC2046 # names
	logged "$dir/log" timeout 1800 apt-get "${apt_options[@]}" -y \
		-o Dir::State::status="$deb/status" -o Dir::Cache::archives="$deb" \
		-o APT::Architectures="$arch" -o APT::Install-Recommends=false \
		install --download-only $(userland_packages) ||
		die "downloading $arch's programs: $(apt_failure "$dir/log")"
	logged "$dir/log" unpack_packages "$dir/userland" "$deb"/*.deb ||
		die "unpacking $arch's programs: $(tail -n1 "$dir/log")"
	configure "$dir/userland" || die "$arch's programs are not complete"
	rm -r "$deb"
	mv "$dir/root/lib/modules" "$dir/userland/lib/"
	ln -s ../../userland/lib/modules "$dir/root/lib/modules"
}
