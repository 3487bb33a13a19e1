// SPDX-License-Identifier: GPL-2.0
/* The header fields that the eswitch can rewrite: the one list of them */

#include <net/flow_offload.h>

#include "field.h"

#define FIELD(_id, _name, _htype, _word, _mask)				\
	[PNICSIM_FIELD_ ## _id] = {					\
		.name	= _name,					\
		.htype	= FLOW_ACT_MANGLE_HDR_TYPE_ ## _htype,		\
		.word	= _word,					\
		.mask	= _mask,					\
	}

/* All fields, by their id */
const struct pnicsim_field pnicsim_fields[PNICSIM_FIELDS] = {
	FIELD(DMAC_HI,		"dmac_hi",	ETH,	0,  0xffffffff),
	FIELD(DMAC_LO,		"dmac_lo",	ETH,	4,  0xffff0000),
	FIELD(SMAC_HI,		"smac_hi",	ETH,	4,  0x0000ffff),
	FIELD(SMAC_LO,		"smac_lo",	ETH,	8,  0xffffffff),
	FIELD(ETH_TYPE,		"eth_type",	ETH,	12, 0xffff0000),
	FIELD(VLAN_TCI,		"vlan_tci",	ETH,	12, 0x0000ffff),

	FIELD(IP4_DSCP,		"ip4_dscp",	IP4,	0,  0x00fc0000),
	FIELD(IP4_TTL,		"ip4_ttl",	IP4,	8,  0xff000000),
	FIELD(IP4_SADDR,	"ip4_src",	IP4,	12, 0xffffffff),
	FIELD(IP4_DADDR,	"ip4_dst",	IP4,	16, 0xffffffff),

	FIELD(IP6_DSCP,		"ip6_dscp",	IP6,	0,  0x0fc00000),
	FIELD(IP6_HOP_LIMIT,	"ip6_hop_limit", IP6,	4,  0x000000ff),
	FIELD(IP6_SADDR0,	"ip6_src0",	IP6,	8,  0xffffffff),
	FIELD(IP6_SADDR1,	"ip6_src1",	IP6,	12, 0xffffffff),
	FIELD(IP6_SADDR2,	"ip6_src2",	IP6,	16, 0xffffffff),
	FIELD(IP6_SADDR3,	"ip6_src3",	IP6,	20, 0xffffffff),
	FIELD(IP6_DADDR0,	"ip6_dst0",	IP6,	24, 0xffffffff),
	FIELD(IP6_DADDR1,	"ip6_dst1",	IP6,	28, 0xffffffff),
	FIELD(IP6_DADDR2,	"ip6_dst2",	IP6,	32, 0xffffffff),
	FIELD(IP6_DADDR3,	"ip6_dst3",	IP6,	36, 0xffffffff),

	FIELD(TCP_SPORT,	"tcp_sport",	TCP,	0,  0xffff0000),
	FIELD(TCP_DPORT,	"tcp_dport",	TCP,	0,  0x0000ffff),
	FIELD(TCP_FLAGS,	"tcp_flags",	TCP,	12, 0x00ff0000),

	FIELD(UDP_SPORT,	"udp_sport",	UDP,	0,  0xffff0000),
	FIELD(UDP_DPORT,	"udp_dport",	UDP,	0,  0x0000ffff),
};
