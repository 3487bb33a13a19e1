#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 600
#
# Beside what the cache does to a packet's bytes: its mark and priority are
# those that the firewall gives it, so shaping goes on; and whoever else looks
# at packets at ingress, ahead of pnicfw, or at egress, sees each of them.
#
#	near: eth0 ---- v0: nftables ingress (gw)
#	                v1: nftables egress, tc egress, prio qdisc ---- eth0 far
set -u
here=$(dirname "$(realpath "$0")")
# shellcheck source=selftests/lib.sh
. "$here/lib.sh"
# shellcheck source=selftests/pnicfw.sh
. "$here/pnicfw.sh"

onlookers() {
	in_gw nft -f - <<-EOT || return
		table netdev n {
			counter came { }
			counter went { }
			counter marked { }
			chain in {
				type filter hook ingress device v0 priority 0
				udp dport 5001 counter name came
			}
			chain out {
				type filter hook egress device v1 priority 0
				udp dport 5001 counter name went
				meta mark 7 counter name marked
			}
		}
		table inet t {
			chain dress {
				type filter hook forward priority 10
				udp dport 5001 meta mark set 7 meta priority set 1:3
			}
		}
	EOT
	in_gw tc qdisc add dev v1 root handle 1: prio bands 3
	in_gw tc qdisc add dev v1 parent 1:1 handle 11: pfifo
	in_gw tc qdisc add dev v1 parent 1:3 handle 13: pfifo
	in_gw tc qdisc add dev v1 clsact
	in_gw tc filter add dev v1 egress protocol ip flower ip_proto udp \
		dst_port 5001 action ok
}

# netdev_counter NAME
netdev_counter() {
	counts_in="netdev n" counter "$1"
}

# in_band - packets that the third band has sent
in_band() {
	in_gw tc -s -j qdisc show dev v1 |
		jq -er '.[] | select(.handle == "13:").packets'
}

tc_seen() {
	in_gw tc -s -j filter show dev v1 egress |
		jq -er '[.[].options.actions[]?.stats.packets] | add'
}

all_counts() {
	echo "$(netdev_counter came) $(netdev_counter went) $(
		netdev_counter marked) $(tc_seen) $(in_band)"
}

# more NUMBER COUNTS - the same, each with so many more
more() {
	local n sum=()

	for n in $2; do
		sum+=($((n + $1)))
	done
	echo "${sum[*]}"
}

ktap_start
need conntrack gojq nft python3 tc
load_module pnicfw
gateway_veth
only_ipv4
gw_counts_forwarded
onlookers || bail "no onlookers"
ok "ports" ports_add
start_ends near far
ok "a connection" ends open c udp 40000 10.1.0.2 5001
ok "talks" ends talk c 5
ok "is cached" flow_is cached sport 40000
before=$(counter forwarded) counts=$(all_counts)
note "$counts"
ok "talks on" ends talk c 30
is "the firewall sees none of it" "$before" counter forwarded
is "ingress, egress, mark, tc and qdisc see all of it" \
	"$(more 30 "$counts")" all_counts

# Another rule: another mark and priority, at once
in_gw nft flush chain inet t dress
ok "another rule: talks" ends talk c 5
ok "another rule: is cached" flow_is cached sport 40000
marked=$(netdev_counter marked) band=$(in_band)
ok "another rule: talks on" ends talk c 30
is "another rule: no mark" "$marked" netdev_counter marked
is "another rule: another band" "$band" in_band

# What an ingress chain drops is not carried, whatever the cache knows
in_gw nft add rule netdev n in udp dport 5001 drop
ok "an ingress chain that drops: a message" ends send c near
is "an ingress chain that drops: it does not arrive" 0 ends pending c far
finish
