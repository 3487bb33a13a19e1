# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# bash completion for pnicfw(8)

_pnicfw_ports()
{
	tail -n +2 /proc/net/pnicfw/ports 2>/dev/null | cut -d ' ' -f 1
}

_pnicfw_devices()
{
	local path

	for path in /sys/class/net/*; do
		echo "${path##*/}"
	done
}

_pnicfw_prefs()
{
	tail -n +2 /proc/net/pnicfw/policy 2>/dev/null | cut -d ' ' -f 1 |
		grep -v default
}

# What may come after the words so far: $1 object, $2 command, $3 last word
_pnicfw_next()
{
	case "$1 $2 $3" in
	"port add dev") _pnicfw_devices ;;
	port\ *\ dev | flow\ *\ dev) _pnicfw_ports ;;
	port\ *\ hw | port\ set\ drain | param\ set\ hw | param\ set\ cache | \
	param\ set\ learn-denials) echo on off ;;
	flow\ *\ proto | policy\ *\ proto) echo tcp udp icmp icmpv6 sctp gre ;;
	policy\ *\ in | policy\ *\ out) _pnicfw_devices ;;
	policy\ *\ cache | policy\ *\ hw) echo on off ;;
	policy\ *\ verdict) echo allow deny ;;
	policy\ del\ pref | policy\ show\ pref) _pnicfw_prefs ;;
	policy\ *\ pref | policy\ *\ src | policy\ *\ dst | policy\ *\ sport | \
	policy\ *\ dport | policy\ *\ zone | policy\ *\ mark | policy\ *\ label | \
	policy\ *\ helper | policy\ *\ hw-after) ;;
	flow\ *\ state)
		echo tracked cached offloading offloaded closing denied ;;
	flow\ *\ src | flow\ *\ dst | flow\ *\ sport | flow\ *\ dport | \
	flow\ *\ id | param\ set\ hw-after | param\ set\ age-interval | \
	param\ set\ cache-limit | param\ set\ hw-*rate | param\ set\ hw-limit | \
	param\ set\ revalidate-rate | param\ set\ recheck-time | \
	param\ set\ deny-limit | param\ set\ deny-time) ;;
	param\ set\ label-*) echo off ;;
	port\ add\ *) echo dev hw ;;
	port\ set\ *) echo dev hw drain ;;
	port\ del\ * | port\ show\ *) echo dev ;;
	flow\ show\ * | flow\ del\ * | flow\ explain\ *)
		echo src dst proto sport dport dev state id ;;
	policy\ add\ *)
		echo pref src dst proto sport dport in out zone mark label helper \
			verdict cache hw hw-after ;;
	policy\ del\ * | policy\ show\ *) echo pref ;;
	param\ set\ *)
		echo cache hw hw-after age-interval cache-limit \
			label-cacheable label-offloaded hw-after-rate hw-rate \
			hw-limit revalidate-rate recheck-time deny-limit \
			deny-time learn-denials ;;
	port\ *) echo add set del show help ;;
	policy\ *) echo add del flush show help ;;
	flow\ *) echo show del flush explain help ;;
	param\ *) echo show set help ;;
	stats\ *) echo show help ;;
	monitor\ *) echo flow port policy hw help ;;
	*) echo port policy flow param stats monitor help ;;
	esac
}

_pnicfw()
{
	local cur=${COMP_WORDS[COMP_CWORD]} words=() i

	COMPREPLY=()
	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		-b*) mapfile -t COMPREPLY < <(compgen -f -- "$cur"); return ;;
		-*) ;;
		*) words+=("${COMP_WORDS[i]}") ;;
		esac
	done
	if [[ $cur == -* && ${#words[@]} -eq 0 ]]; then
		mapfile -t COMPREPLY < <(compgen -W "-V --version -j -p -s -b" -- "$cur")
		return
	fi
	mapfile -t COMPREPLY < <(compgen -W "$(_pnicfw_next "${words[0]:-}" \
		"${words[1]:-}" "${words[*]: -1}")" -- "$cur")
}

complete -F _pnicfw pnicfw
