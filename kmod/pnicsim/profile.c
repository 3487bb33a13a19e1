// SPDX-License-Identifier: GPL-2.0
/* What the kinds of NICs take: the one list for each of them
 *
 * mlx5 follows ConnectX and BlueField with mlx5_core in switchdev mode, less
 * what is not simulated: tunnels, connection tracking, MPLS, policing,
 * sampling and chains. minimal is what every driver takes that nftables' flow
 * tables can be offloaded to.
 */

#include <linux/bits.h>
#include <linux/in.h>
#include <linux/limits.h>
#include <net/flow_offload.h>

#include "extack.h"
#include "field.h"
#include "match.h"
#include "profile.h"

#define KEY(_key)	BIT_ULL(FLOW_DISSECTOR_KEY_ ## _key)
#define ACTION(_action)	BIT_ULL(FLOW_ACTION_ ## _action)
#define FIELD(_field)	BIT(PNICSIM_FIELD_ ## _field)

/* mlx5: 65,536 entries in the flow tables' hardware table, two of them taken;
 * 15 large groups, each of one mask; 16 rewrites is an assumption.
 */
const struct pnicsim_profile pnicsim_profile_mlx5 = {
	.name		= "mlx5",
	.keys		= KEY(META) | KEY(CONTROL) | KEY(BASIC) |
			  KEY(ETH_ADDRS) | KEY(VLAN) | KEY(CVLAN) |
			  KEY(IPV4_ADDRS) | KEY(IPV6_ADDRS) | KEY(IP) |
			  KEY(PORTS) | KEY(TCP) | KEY(ICMP),
	.actions	= ACTION(ACCEPT) | ACTION(DROP) | ACTION(TRAP) |
			  ACTION(REDIRECT) | ACTION(MIRRED) |
			  ACTION(VLAN_PUSH) | ACTION(VLAN_POP) |
			  ACTION(VLAN_MANGLE) | ACTION(MANGLE) | ACTION(ADD) |
			  ACTION(CSUM),
	.fields		= GENMASK(PNICSIM_FIELDS - 1, 0),
	.max_rewrites	= 16,
	.max_masks	= 15,
	.max_ft_rules	= 65534,
};

/* Exactly an untagged 5-tuple; some TCP flags may be excluded. */
static int minimal_check_match(const struct pnicsim_match *match,
			       struct netlink_ext_ack *extack)
{
	bool ipv6 = match->key.eth_type == htons(ETH_P_IPV6);
	struct pnicsim_fields mask = match->mask;
	struct pnicsim_fields want = {
		.eth_type	= htons(0xffff),
		.tpid		= htons(0xffff),
		.ip_proto	= 0xff,
		.sport		= htons(0xffff),
		.dport		= htons(0xffff),
	};

	memset(want.src, 0xff, ipv6 ? sizeof(want.src) : sizeof(*want.src));
	memset(want.dst, 0xff, ipv6 ? sizeof(want.dst) : sizeof(*want.dst));
	mask.tcp_flags = 0;
	if (memcmp(&mask, &want, sizeof(want)))
		return pnicsim_refuse(extack, -EOPNOTSUPP,
				      "Only full masks of untagged 5-tuples are supported");
	return 0;
}

/* The rewrites that nf_flow_table_offload makes, each in its own entry */
static const struct {
	u8	htype;
	u8	offset;
	u32	keep;
} minimal_rewrites[] = {
	{ FLOW_ACT_MANGLE_HDR_TYPE_ETH,	0,	0x00000000 },
	{ FLOW_ACT_MANGLE_HDR_TYPE_ETH,	4,	0x0000ffff },
	{ FLOW_ACT_MANGLE_HDR_TYPE_ETH,	4,	0xffff0000 },
	{ FLOW_ACT_MANGLE_HDR_TYPE_ETH,	8,	0x00000000 },
	{ FLOW_ACT_MANGLE_HDR_TYPE_IP4,	12,	0x00000000 },
	{ FLOW_ACT_MANGLE_HDR_TYPE_IP4,	16,	0x00000000 },
	{ FLOW_ACT_MANGLE_HDR_TYPE_TCP,	0,	0x0000ffff },
	{ FLOW_ACT_MANGLE_HDR_TYPE_TCP,	0,	0xffff0000 },
	{ FLOW_ACT_MANGLE_HDR_TYPE_UDP,	0,	0x0000ffff },
	{ FLOW_ACT_MANGLE_HDR_TYPE_UDP,	0,	0xffff0000 },
};

static int minimal_check_rewrite(const struct flow_action_entry *act,
				 struct netlink_ext_ack *extack)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(minimal_rewrites); i++)
		if (act->mangle.htype == minimal_rewrites[i].htype &&
		    act->mangle.offset == minimal_rewrites[i].offset &&
		    ntohl((__force __be32)act->mangle.mask) ==
		    minimal_rewrites[i].keep)
			return 0;
	return pnicsim_refuse(extack, -EOPNOTSUPP,
			      "Only whole MACs, IPv4 addresses and ports can be rewritten");
}

/* Where an action stands in a rule: MACs, NAT, checksum, output */
static unsigned int minimal_stage(const struct flow_action_entry *act)
{
	switch (act->id) {
	case FLOW_ACTION_MANGLE:
		return act->mangle.htype == FLOW_ACT_MANGLE_HDR_TYPE_ETH ?
		       0 : 1;
	case FLOW_ACTION_CSUM:
		return 2;
	default:
		return 3;
	}
}

static int minimal_check_actions(const struct flow_action *actions,
				 struct netlink_ext_ack *extack)
{
	const struct flow_action_entry *act;
	unsigned int stage = 0, macs = 0;
	int err, i;

	flow_action_for_each(i, act, actions) {
		if (~act->hw_stats & FLOW_ACTION_HW_STATS_ANY)
			return pnicsim_refuse(extack, -EOPNOTSUPP,
					      "HW stats type cannot be chosen");
		if (minimal_stage(act) < stage)
			return pnicsim_refuse(extack, -EOPNOTSUPP,
					      "Actions are not in the order MAC, NAT, checksum, redirect");
		stage = minimal_stage(act);
		if (act->id != FLOW_ACTION_MANGLE)
			continue;
		err = minimal_check_rewrite(act, extack);
		if (err)
			return err;
		macs += !stage;
	}
	if (macs != 4)
		return pnicsim_refuse(extack, -EINVAL,
				      "Both MAC addresses must be rewritten");
	if (actions->entries[actions->num_entries - 1].id !=
	    FLOW_ACTION_REDIRECT)
		return pnicsim_refuse(extack, -EOPNOTSUPP,
				      "One redirect must come last");
	return 0;
}

/* minimal: what mtk_ppe and others have in common */
const struct pnicsim_profile pnicsim_profile_minimal = {
	.name		= "minimal",
	.keys		= KEY(META) | KEY(CONTROL) | KEY(BASIC) |
			  KEY(IPV4_ADDRS) | KEY(IPV6_ADDRS) | KEY(PORTS) |
			  KEY(TCP),
	.needed_keys	= KEY(META) | KEY(CONTROL) | KEY(BASIC) | KEY(PORTS),
	.actions	= ACTION(REDIRECT) | ACTION(MANGLE) | ACTION(CSUM),
	.fields		= FIELD(DMAC_HI) | FIELD(DMAC_LO) |
			  FIELD(SMAC_HI) | FIELD(SMAC_LO) |
			  FIELD(IP4_SADDR) | FIELD(IP4_DADDR) |
			  FIELD(TCP_SPORT) | FIELD(TCP_DPORT) |
			  FIELD(UDP_SPORT) | FIELD(UDP_DPORT),
	.max_rewrites	= 16,
	.max_masks	= U32_MAX,
	.max_ft_rules	= U32_MAX,
	.uplink_ft	= true,
	.check_match	= minimal_check_match,
	.check_actions	= minimal_check_actions,
};

#define TUNNEL_KEYS	(KEY(ENC_KEYID) | KEY(ENC_IPV4_ADDRS) |		\
			 KEY(ENC_IPV6_ADDRS) | KEY(ENC_PORTS) |		\
			 KEY(ENC_CONTROL) | KEY(ENC_IP) | KEY(ENC_OPTS))

/**
 * pnicsim_profile_check_keys - see whether the NIC knows the keys of a match
 * @profile: what the NIC takes
 * @used: bits of enum flow_dissector_key_id
 * @extack: told why not, for some as mlx5 says it of a port without tunnels
 *
 * Return: 0, or -EOPNOTSUPP.
 */
int pnicsim_profile_check_keys(const struct pnicsim_profile *profile, u64 used,
			       struct netlink_ext_ack *extack)
{
	u64 unknown = used & ~profile->keys;

	if (unknown & TUNNEL_KEYS)
		return pnicsim_refuse(extack, -EOPNOTSUPP,
				      "Match on tunnel is not supported");
	if (unknown & KEY(CT))
		return pnicsim_refuse(extack, -EOPNOTSUPP,
				      "tc ct offload isn't enabled");
	if (unknown & KEY(MPLS))
		return pnicsim_refuse(extack, -EOPNOTSUPP,
				      "Matching on MPLS is supported only for MPLS over UDP");
	if (unknown)
		return pnicsim_refuse(extack, -EOPNOTSUPP, "Unsupported key");
	if (profile->needed_keys & ~used)
		return pnicsim_refuse(extack, -EOPNOTSUPP,
				      "A key that every rule needs is missing");
	return 0;
}

/**
 * pnicsim_profile_find - the profile of a name
 * @name: name
 *
 * Return: the profile, or NULL.
 */
const struct pnicsim_profile *pnicsim_profile_find(const char *name)
{
	if (!strcmp(name, pnicsim_profile_mlx5.name))
		return &pnicsim_profile_mlx5;
	if (!strcmp(name, pnicsim_profile_minimal.name))
		return &pnicsim_profile_minimal;
	return NULL;
}
