// SPDX-License-Identifier: GPL-2.0
/* FLOW_ACTION_MANGLE and FLOW_ACTION_ADD -> header fields to rewrite
 *
 * Clients give 32-bit words with masks; hardware has fields. An entry is cut
 * into fields, and what is left over is refused.
 */

#include <linux/bitops.h>
#include <linux/in.h>
#include <net/flow_offload.h>

#include "extack.h"
#include "match.h"
#include "profile.h"
#include "rewrite.h"

/**
 * pnicsim_rewrite_field - rewrite one field
 * @rewrites: so far
 * @id: enum pnicsim_field_id
 * @op: PNICSIM_SET or PNICSIM_ADD
 * @mask: bits of the field's word, not 0
 * @val: value of these bits
 * @extack: told why not
 *
 * Return: 0, or -EOPNOTSUPP where the field is rewritten already.
 */
int pnicsim_rewrite_field(struct pnicsim_rewrites *rewrites, unsigned int id,
			  enum pnicsim_op op, u32 mask, u32 val,
			  struct netlink_ext_ack *extack)
{
	struct pnicsim_action *field = &rewrites->fields[id];

	if (!__test_and_set_bit(id, &rewrites->touched))
		*field = (struct pnicsim_action){ .op = op, .field = id };
	if (field->op != op)
		return pnicsim_refuse(extack, -EOPNOTSUPP,
				      "can't set and add to the same HW field");
	if (field->mask & mask)
		return pnicsim_refuse(extack, -EOPNOTSUPP,
				      "Acting twice on same location");
	field->mask |= mask;
	field->val |= val & mask;
	return 0;
}

/**
 * pnicsim_rewrite_parse - take one entry in
 * @act: a FLOW_ACTION_MANGLE or FLOW_ACTION_ADD
 * @profile: what the NIC takes
 * @rewrites: so far
 * @extack: told why not
 *
 * Return: 0, or -EOPNOTSUPP: refused.
 */
int pnicsim_rewrite_parse(const struct flow_action_entry *act,
			  const struct pnicsim_profile *profile,
			  struct pnicsim_rewrites *rewrites,
			  struct netlink_ext_ack *extack)
{
	/* A set bit in the entry's mask says: keep; both are in packet order. */
	u32 left = ~ntohl((__force __be32)act->mangle.mask);
	u32 val = ntohl((__force __be32)act->mangle.val);
	enum pnicsim_op op;
	unsigned int id;
	u32 mask;
	int err;

	if (act->mangle.htype == FLOW_ACT_MANGLE_UNSPEC)
		return pnicsim_refuse(extack, -EOPNOTSUPP,
				      "legacy pedit isn't offloaded");

	op = act->id == FLOW_ACTION_ADD ? PNICSIM_ADD : PNICSIM_SET;
	for (id = 0; left && id < PNICSIM_FIELDS; id++) {
		const struct pnicsim_field *field = &pnicsim_fields[id];

		if (field->htype != act->mangle.htype ||
		    field->word != act->mangle.offset)
			continue;
		mask = left & field->mask;
		if (!mask || !(profile->fields & BIT(id)))
			continue;
		err = pnicsim_rewrite_field(rewrites, id, op, mask, val,
					    extack);
		if (err)
			return err;
		left &= ~mask;
	}
	if (left)
		return pnicsim_refuse(extack, -EOPNOTSUPP,
				      "attempt to offload an unsupported field");
	return 0;
}

static bool mask_is_contiguous(u32 mask)
{
	mask >>= __ffs(mask);
	return !(mask & (mask + 1));
}

static bool match_is_ip(const struct pnicsim_match *match, u16 eth_type)
{
	return match->mask.eth_type == htons(0xffff) &&
	       match->key.eth_type == htons(eth_type);
}

static bool match_is_proto(const struct pnicsim_match *match, u8 proto)
{
	return match->mask.ip_proto == 0xff && match->key.ip_proto == proto;
}

/* Has the header that the field is in been matched on? */
static bool field_is_matched(unsigned int id, const struct pnicsim_match *match)
{
	switch (pnicsim_fields[id].htype) {
	case FLOW_ACT_MANGLE_HDR_TYPE_IP4:
		return match_is_ip(match, ETH_P_IP);
	case FLOW_ACT_MANGLE_HDR_TYPE_IP6:
		return match_is_ip(match, ETH_P_IPV6);
	case FLOW_ACT_MANGLE_HDR_TYPE_TCP:
		return match_is_proto(match, IPPROTO_TCP);
	case FLOW_ACT_MANGLE_HDR_TYPE_UDP:
		return match_is_proto(match, IPPROTO_UDP);
	default:
		return id != PNICSIM_FIELD_VLAN_TCI || match->key.tpid;
	}
}

/* As mlx5: IP headers but for TTL and hop limit only with these protocols */
static bool field_wants_proto(unsigned int id)
{
	u8 htype = pnicsim_fields[id].htype;

	return (htype == FLOW_ACT_MANGLE_HDR_TYPE_IP4 ||
		htype == FLOW_ACT_MANGLE_HDR_TYPE_IP6) &&
	       id != PNICSIM_FIELD_IP4_TTL && id != PNICSIM_FIELD_IP6_HOP_LIMIT;
}

static bool match_has_proto(const struct pnicsim_match *match)
{
	return match_is_proto(match, IPPROTO_TCP) ||
	       match_is_proto(match, IPPROTO_UDP) ||
	       match_is_proto(match, IPPROTO_ICMP);
}

/**
 * pnicsim_rewrite_check - see whether the NIC takes the rewrites together
 * @rewrites: all of a rule
 * @profile: what the NIC takes
 * @match: what the rule matches on
 * @extack: told why not
 *
 * Return: 0, or -EOPNOTSUPP, -ENOSPC: refused.
 */
int pnicsim_rewrite_check(const struct pnicsim_rewrites *rewrites,
			  const struct pnicsim_profile *profile,
			  const struct pnicsim_match *match,
			  struct netlink_ext_ack *extack)
{
	unsigned int id;

	if (hweight_long(rewrites->touched) > profile->max_rewrites)
		return pnicsim_refuse(extack, -ENOSPC,
				      "too many pedit actions, can't offload");

	for_each_set_bit(id, &rewrites->touched, PNICSIM_FIELDS) {
		if (!mask_is_contiguous(rewrites->fields[id].mask))
			return pnicsim_refuse(extack, -EOPNOTSUPP,
					      "rewrite of few sub-fields isn't supported");
		if (!field_is_matched(id, match))
			return pnicsim_refuse(extack, -EOPNOTSUPP,
					      "can't offload re-write of a header that isn't matched");
		if (field_wants_proto(id) && !match_has_proto(match))
			return pnicsim_refuse(extack, -EOPNOTSUPP,
					      "can't offload re-write of non TCP/UDP");
	}
	return 0;
}
