// SPDX-License-Identifier: GPL-2.0
/*
 * netlink_denial - denials, as the netlink family shows them: flows of one
 * direction, in state denied
 */
#include "denial.h"
#include "denial_hw.h"
#include "net.h"
#include "netlink_filter.h"
#include "netlink_msg.h"
#include "view.h"

static int denial_put_dir(struct sk_buff *skb, struct pnicfw_net *pn,
			  struct pnicfw_denial *denial)
{
	struct nlattr *nest = nla_nest_start(skb, PNICFW_A_FLOW_ORIG);
	struct pnicfw_view_counts counts;
	struct pnicfw_view_devs devs;

	pnicfw_view_denial_devs(pn, denial, &devs);
	pnicfw_view_denial_counts(pn, denial, &counts);
	if (!nest || pnicfw_netlink_put_tuple(skb, &denial->is.key) ||
	    pnicfw_netlink_put_dev(skb, PNICFW_A_DIR_IN_IFINDEX,
				   PNICFW_A_DIR_IN, &devs.in) ||
	    pnicfw_netlink_put_dev(skb, PNICFW_A_DIR_OUT_IFINDEX,
				   PNICFW_A_DIR_OUT, &devs.out) ||
	    pnicfw_netlink_put_count(skb, PNICFW_A_DIR_CACHE, &counts.cache) ||
	    pnicfw_netlink_put_count(skb, PNICFW_A_DIR_HW, &counts.hw))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

/* Tier 2 has it, or there would be none; tier 3 may, if its driver does. */
static int denial_put_answers(struct sk_buff *skb, struct pnicfw_net *pn,
			      const struct pnicfw_denial *denial)
{
	u32 why = READ_ONCE(denial->is.why), pref = READ_ONCE(denial->is.pref);

	if (nla_put_flag(skb, PNICFW_A_FLOW_CACHEABLE) ||
	    nla_put_u32(skb, PNICFW_A_FLOW_CACHEABLE_REASON, why) ||
	    (READ_ONCE(pn->params.hw) &&
	     nla_put_flag(skb, PNICFW_A_FLOW_OFFLOADABLE)) ||
	    nla_put_u32(skb, PNICFW_A_FLOW_OFFLOADABLE_REASON,
			READ_ONCE(pn->params.hw) ? why :
						   PNICFW_REASON_SWITCHED_OFF) ||
	    nla_put_u32(skb, PNICFW_A_FLOW_HW_AFTER,
			READ_ONCE(pn->params.hw_after)) ||
	    (pref && nla_put_u32(skb, PNICFW_A_FLOW_PREF, pref)))
		return -EMSGSIZE;
	if (READ_ONCE(denial->hw_have))
		return 0;
	return nla_put_u32(skb, PNICFW_A_FLOW_HW_REASON,
			   READ_ONCE(denial->hw_why)) ?:
	       nla_put_u32(skb, PNICFW_A_FLOW_HW_ERRNO,
			   READ_ONCE(denial->hw_err));
}

/**
 * pnicfw_netlink_put_denial - add a denial to a message
 * @skb: the message
 * @pn: the namespace
 * @denial: the denial; the caller holds it
 *
 * Context: process or BH.
 * Return: 0 or -EMSGSIZE.
 */
int pnicfw_netlink_put_denial(struct sk_buff *skb, struct pnicfw_net *pn,
			      struct pnicfw_denial *denial)
{
	const struct pnicfw_denial_case *is = &denial->is;
	struct nlattr *nest = nla_nest_start(skb, PNICFW_A_FLOW);

	if (!nest || nla_put_u32(skb, PNICFW_A_FLOW_ID, denial->id) ||
	    nla_put_u8(skb, PNICFW_A_FLOW_FAMILY, is->key.family) ||
	    nla_put_u8(skb, PNICFW_A_FLOW_PROTOCOL, is->key.protocol) ||
	    nla_put_u16(skb, PNICFW_A_FLOW_ZONE, READ_ONCE(is->zone)) ||
	    nla_put_u32(skb, PNICFW_A_FLOW_STATE, PNICFW_STATE_DENIED) ||
	    nla_put_u32(skb, PNICFW_A_FLOW_VERDICT, PNICFW_VERDICT_DENY) ||
	    denial_put_answers(skb, pn, denial) ||
	    denial_put_dir(skb, pn, denial))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

/**
 * pnicfw_netlink_get_denial - add the one that has an id to a message
 * @skb: the message
 * @pn: the namespace
 * @id: the id
 *
 * Return: 0, -EMSGSIZE, or -ENOENT where there is none.
 */
int pnicfw_netlink_get_denial(struct sk_buff *skb, struct pnicfw_net *pn,
			      u32 id)
{
	struct pnicfw_denial *denial;
	unsigned long from = id;
	int err = -ENOENT;

	denial = pnicfw_denial_next(pn, &from);
	if (!denial)
		return err;
	if (denial->id == id)
		err = pnicfw_netlink_put_denial(skb, pn, denial);
	pnicfw_denial_put(denial);
	return err;
}

static int denial_dump_one(struct sk_buff *skb, struct netlink_callback *cb,
			   struct pnicfw_net *pn, struct pnicfw_denial *denial)
{
	void *hdr = genlmsg_put(skb, NETLINK_CB(cb->skb).portid,
				cb->nlh->nlmsg_seq, &pnicfw_netlink_family,
				NLM_F_MULTI, PNICFW_CMD_FLOW_GET);

	if (!hdr)
		return -EMSGSIZE;
	if (pnicfw_netlink_put_denial(skb, pn, denial)) {
		genlmsg_cancel(skb, hdr);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, hdr);
	return 0;
}

/**
 * pnicfw_netlink_dump_denials - dump all denials of a filter
 * @skb: the answer
 * @cb: the dump
 * @pn: the namespace
 * @id: in: the smallest id to show; out: where to go on
 * @filter: the filter
 *
 * Return: 0 at the end, -EMSGSIZE where the answer is full.
 */
int pnicfw_netlink_dump_denials(struct sk_buff *skb, struct netlink_callback *cb,
				struct pnicfw_net *pn, unsigned long *id,
				const struct pnicfw_netlink_filter *filter)
{
	struct pnicfw_denial *denial;
	int err = 0;

	while (!err && (denial = pnicfw_denial_next(pn, id))) {
		if (pnicfw_netlink_filter_denial(filter, denial))
			err = denial_dump_one(skb, cb, pn, denial);
		if (err)
			*id = denial->id;
		pnicfw_denial_put(denial);
		cond_resched();
	}
	return err;
}

/**
 * pnicfw_netlink_end_denials - have tier 1 asked about packets that are denied
 * @pn: the namespace
 * @filter: which; NULL for all
 * @why: the reason
 *
 * When this returns the eswitch drops none of them any more.
 *
 * Context: process; may take a while.
 * Return: how many.
 */
u32 pnicfw_netlink_end_denials(struct pnicfw_net *pn,
			       const struct pnicfw_netlink_filter *filter,
			       enum pnicfw_reason why)
{
	struct pnicfw_denial *denial;
	unsigned long id = 0;
	u32 ended = 0;

	while ((denial = pnicfw_denial_next(pn, &id))) {
		if (!filter || pnicfw_netlink_filter_denial(filter, denial)) {
			pnicfw_denial_end(pn, denial, why);
			ended++;
		}
		pnicfw_denial_put(denial);
		cond_resched();
	}
	pnicfw_denial_hw_flush(pn);
	return ended;
}
