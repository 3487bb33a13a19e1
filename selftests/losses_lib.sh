# shellcheck shell=bash disable=SC2154
# SPDX-License-Identifier: GPL-2.0
#
# For tests that take devices away, with traffic.  Frames are lost then: those in
# the NIC's own hands, and those to a device that is not there.  TCP must get
# through all the same; of UDP only what is sent meanwhile may be lost, and each
# packet that arrives has been counted once, in whichever tier.

# gw_tracks - conntrack goes on where there is no port any more that wants it
gw_tracks() {
	in_gw nft -f - <<-EOT
		table inet tracks {
			chain forward {
				type filter hook forward priority 0
				ct state established accept
			}
		}
	EOT
}

# loses WHAT - it is about to; with a connection of each kind in the eswitch
loses() {
	ok "$1: a connection" offload t tcp 40000
	ok "$1: another" ends open u udp 40001 10.1.0.2 5001
	quiet ends pump t
	quiet ends stream u
	ok "$1: they are in the eswitch" wait_for 20 rules_are 4
	quiet ends failing u
}

# mended WHAT once|anew - it is over; packets have been counted once, or where
# conntrack knew nothing of the connections any more, anew
mended() {
	quiet ends mended u
	ok "$1: they are in the eswitch again" wait_for 30 rules_are 4
	ok "$1: no message of the one was lost" at_least 10 ends pumped t
	ok "$1: of the other none but meanwhile" only_meanwhile
	sed 's/^/# /' "$ktap_output"
	ok "$1: packets were counted $2" wait_for 10 counted "$2"
	quiet ends fin t
	quiet ends fin u
	forget_all
	ok "$1: leaves nothing" wait_for 10 rules_are 0
}

only_meanwhile() {
	local lost

	read -r lost sent arrived answered < <(ends streamed u)
	echo "lost $lost, sent $sent, arrived $arrived, answered $answered"
	[ "$lost" = 0 ] && [ "$arrived" -ge 10 ]
}

# counted once|anew - not more than were sent; and once, all that arrived, after the
# one packet each way that opened the connection; anew, either way may be the first
counted() {
	local there back

	read -r there back < <(flow '.[] | [(.orig, .reply) |
		.firewall.packets + .cache.packets + .hw.packets] |
		map(tostring) | join(" ")' proto udp)
	echo "counted $there and $back"
	[ "${there:-0}" -ge 1 ] &&
		[ $((there + back)) -le $((sent + arrived + 2)) ] || return
	[ "$1" = anew ] ||
		{ [ "$there" -gt "$arrived" ] && [ "$back" -gt "$answered" ] &&
		[ "$there" -le $((sent + 1)) ]; }
}
