# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# What the tests of the tool and of the netlink family share, beside lib.sh

# refused STATUS TEXT COMMAND... - true if COMMAND ends with STATUS and says
# "Error: TEXT." on one line of standard error, and nothing else
refused() {
	local want=$1 text=$2 status=0

	shift 2
	"$@" >"$scratch/out" 2>"$scratch/err" || status=$?
	[ $status -eq "$want" ] && [ ! -s "$scratch/out" ] &&
		[ "$(<"$scratch/err")" = "Error: $text." ] && return
	echo "status $status"
	cat "$scratch/out" "$scratch/err"
	return 1
}

# settings - all that a request can set in this namespace
settings() {
	pnicfw -j port show &&
		pnicfw policy show &&
		pnicfw -j param show &&
		cut -d' ' -f1-4 /proc/net/pnicfw/ports &&
		cat /proc/net/pnicfw/policy
}

# json EXPRESSION COMMAND... - true if COMMAND prints JSON of which the jq
# EXPRESSION is true
json() {
	local expression=$1

	shift
	"$@" >"$scratch/json" || return
	jq -e "$expression" "$scratch/json" >/dev/null && return
	cat "$scratch/json"
	return 1
}

# listening - true once somebody has joined a group of the family
listening() {
	awk -v pid="$1" '$2 == 16 && $3 == pid && $4 != "00000000" { found = 1 }
		END { exit !found }' /proc/net/netlink
}

scratch=$(mktemp -d)
defer rm -rf "$scratch"
