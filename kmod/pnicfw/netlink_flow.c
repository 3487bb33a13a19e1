// SPDX-License-Identifier: GPL-2.0
/*
 * netlink_flow - the netlink family's operations on flows
 */
#include <net/netfilter/nf_conntrack.h>
#include <net/netfilter/nf_conntrack_helper.h>
#include <net/netfilter/nf_conntrack_zones.h>
#include <net/sock.h>

#include "age.h"
#include "compat/genl.h"
#include "denial.h"
#include "net.h"
#include "netlink_filter.h"
#include "netlink_msg.h"
#include "view.h"

static unsigned int flow_addr_len(u8 family)
{
	return family == NFPROTO_IPV4 ? sizeof(struct in_addr) :
					sizeof(struct in6_addr);
}

/**
 * pnicfw_netlink_put_dev - add a device to a message
 * @skb: the message
 * @index_type: attribute for its index
 * @name_type: attribute for its name
 * @dev: the device; nothing is added where it is not known
 *
 * Return: 0 or -EMSGSIZE.
 */
int pnicfw_netlink_put_dev(struct sk_buff *skb, int index_type, int name_type,
			   const struct pnicfw_view_dev *dev)
{
	if (dev->ifindex &&
	    (nla_put_u32(skb, index_type, dev->ifindex) ||
	     nla_put_string(skb, name_type, dev->name)))
		return -EMSGSIZE;
	return 0;
}

/**
 * pnicfw_netlink_put_count - add a pair of counters to a message
 * @skb: the message
 * @type: attribute for them
 * @count: the counters
 *
 * Return: 0 or -EMSGSIZE.
 */
int pnicfw_netlink_put_count(struct sk_buff *skb, int type,
			     const struct pnicfw_count *count)
{
	struct nlattr *nest = nla_nest_start(skb, type);

	if (!nest ||
	    nla_put_u64_64bit(skb, PNICFW_A_COUNT_PACKETS, count->packets,
			      PNICFW_A_COUNT_PAD) ||
	    nla_put_u64_64bit(skb, PNICFW_A_COUNT_BYTES, count->bytes,
			      PNICFW_A_COUNT_PAD))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

/* What stands in the place of ports, where the protocol has others or none. */
static int flow_put_ports(struct sk_buff *skb, const struct pnicfw_key *key)
{
	if (pnicfw_key_is_icmp(key->protocol))
		return nla_put_be16(skb, PNICFW_A_DIR_ICMP_ID, key->sport);
	if (!pnicfw_key_has_ports(key->protocol))
		return 0;
	return nla_put_be16(skb, PNICFW_A_DIR_SPORT, key->sport) ?:
	       nla_put_be16(skb, PNICFW_A_DIR_DPORT, key->dport);
}

/**
 * pnicfw_netlink_put_tuple - add what names a direction to a message
 * @skb: the message
 * @key: the direction's key
 *
 * Return: 0 or -EMSGSIZE.
 */
int pnicfw_netlink_put_tuple(struct sk_buff *skb, const struct pnicfw_key *key)
{
	return nla_put(skb, PNICFW_A_DIR_SRC, flow_addr_len(key->family),
		       &key->src) ?:
	       nla_put(skb, PNICFW_A_DIR_DST, flow_addr_len(key->family),
		       &key->dst) ?:
	       flow_put_ports(skb, key);
}

static int flow_put_dir(struct sk_buff *skb, int type,
			struct pnicfw_record *rec, int index)
{
	struct pnicfw_view_counts counts;
	struct pnicfw_view_devs devs;
	struct pnicfw_key key;
	struct nlattr *nest;

	pnicfw_record_key(rec, index, &key);
	pnicfw_view_devs(rec, index, &devs);
	pnicfw_view_counts(rec, index, &counts);

	nest = nla_nest_start(skb, type);
	if (!nest ||
	    pnicfw_netlink_put_tuple(skb, &key) ||
	    pnicfw_netlink_put_dev(skb, PNICFW_A_DIR_IN_IFINDEX,
				   PNICFW_A_DIR_IN, &devs.in) ||
	    pnicfw_netlink_put_dev(skb, PNICFW_A_DIR_OUT_IFINDEX,
				   PNICFW_A_DIR_OUT, &devs.out) ||
	    (counts.counted &&
	     pnicfw_netlink_put_count(skb, PNICFW_A_DIR_FIREWALL,
				      &counts.firewall)) ||
	    pnicfw_netlink_put_count(skb, PNICFW_A_DIR_CACHE, &counts.cache) ||
	    pnicfw_netlink_put_count(skb, PNICFW_A_DIR_HW, &counts.hw))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

/* Tier 1's answers, and what became of them. */
static int flow_put_answers(struct sk_buff *skb, struct pnicfw_record *rec,
			    enum pnicfw_state state)
{
	const struct pnicfw_answer *answer = &rec->answer;

	if ((answer->cacheable &&
	     nla_put_flag(skb, PNICFW_A_FLOW_CACHEABLE)) ||
	    nla_put_u32(skb, PNICFW_A_FLOW_CACHEABLE_REASON,
			answer->cache_why) ||
	    (answer->offloadable &&
	     nla_put_flag(skb, PNICFW_A_FLOW_OFFLOADABLE)) ||
	    nla_put_u32(skb, PNICFW_A_FLOW_OFFLOADABLE_REASON,
			answer->hw_why) ||
	    nla_put_u32(skb, PNICFW_A_FLOW_DETAIL, answer->detail) ||
	    nla_put_u32(skb, PNICFW_A_FLOW_HW_AFTER, answer->hw_after) ||
	    (answer->pref &&
	     nla_put_u32(skb, PNICFW_A_FLOW_PREF, answer->pref)) ||
	    nla_put_u32(skb, PNICFW_A_FLOW_LEARN_REASON,
			READ_ONCE(rec->learn_why)) ||
	    nla_put_u32(skb, PNICFW_A_FLOW_LEARN_DETAIL,
			READ_ONCE(rec->learn_detail)))
		return -EMSGSIZE;
	if (state != PNICFW_STATE_OFFLOADED &&
	    (nla_put_u32(skb, PNICFW_A_FLOW_HW_REASON,
			 READ_ONCE(rec->hw_why)) ||
	     nla_put_u32(skb, PNICFW_A_FLOW_HW_ERRNO,
			 pnicfw_record_refused(rec))))
		return -EMSGSIZE;
	if (state == PNICFW_STATE_CLOSING &&
	    nla_put_u32(skb, PNICFW_A_FLOW_END_REASON,
			READ_ONCE(rec->end_why)))
		return -EMSGSIZE;
	return 0;
}

static int flow_put_helper(struct sk_buff *skb, const struct nf_conn *ct)
{
	const struct nf_conn_help *help = nfct_help(ct);
	const struct nf_conntrack_helper *helper;
	int err = 0;

	if (!help)
		return 0;
	rcu_read_lock();
	helper = rcu_dereference(help->helper);
	if (helper)
		err = nla_put_string(skb, PNICFW_A_FLOW_HELPER, helper->name);
	rcu_read_unlock();
	return err;
}

/**
 * pnicfw_netlink_put_flow - add a connection to a message
 * @skb: the message
 * @rec: the record; the caller holds it
 *
 * Context: process or BH.
 * Return: 0 or -EMSGSIZE.
 */
int pnicfw_netlink_put_flow(struct sk_buff *skb, struct pnicfw_record *rec)
{
	const struct nf_conntrack_zone *zone = nf_ct_zone(pnicfw_record_ct(rec));
	enum pnicfw_state state = pnicfw_view_state(rec);
	struct pnicfw_key key;
	struct nlattr *nest;

	BUILD_BUG_ON(NFPROTO_IPV4 != AF_INET || NFPROTO_IPV6 != AF_INET6);
	pnicfw_record_key(rec, IP_CT_DIR_ORIGINAL, &key);

	nest = nla_nest_start(skb, PNICFW_A_FLOW);
	if (!nest ||
	    nla_put_u32(skb, PNICFW_A_FLOW_ID, rec->id) ||
	    nla_put_u8(skb, PNICFW_A_FLOW_FAMILY, key.family) ||
	    nla_put_u8(skb, PNICFW_A_FLOW_PROTOCOL, key.protocol) ||
	    nla_put_u16(skb, PNICFW_A_FLOW_ZONE,
			nf_ct_zone_id(zone, IP_CT_DIR_ORIGINAL)) ||
	    nla_put_u32(skb, PNICFW_A_FLOW_STATE, state) ||
	    nla_put_u32(skb, PNICFW_A_FLOW_VERDICT, PNICFW_VERDICT_ALLOW) ||
	    flow_put_answers(skb, rec, state) ||
	    flow_put_dir(skb, PNICFW_A_FLOW_ORIG, rec, IP_CT_DIR_ORIGINAL) ||
	    flow_put_dir(skb, PNICFW_A_FLOW_REPLY, rec, IP_CT_DIR_REPLY) ||
	    flow_put_helper(skb, pnicfw_record_ct(rec)))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int flow_get_record(struct sk_buff *msg, struct pnicfw_net *pn, u32 id)
{
	unsigned long from = id;
	struct pnicfw_record *rec;
	int err = -ENOENT;

	rec = pnicfw_record_next(pn, &from);
	if (!rec)
		return err;
	if (rec->id == id) {
		pnicfw_age_look(rec);
		err = pnicfw_netlink_put_flow(msg, rec);
	}
	pnicfw_record_put(rec);
	return err;
}

/**
 * pnicfw_nl_flow_get_doit - PNICFW_CMD_FLOW_GET, one flow
 * @skb: the request
 * @info: the request, parsed
 *
 * Return: 0 or a negative errno.
 */
int pnicfw_nl_flow_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *nest = info->attrs[PNICFW_A_FILTER];
	struct net *net = genl_info_net(info);
	struct pnicfw_netlink_filter filter;
	struct sk_buff *msg;
	void *hdr;
	int err;

	err = pnicfw_netlink_allow(info->attrs, pnicfw_netlink_family.maxattr,
				   BIT(PNICFW_A_FILTER), info->extack) ?:
	      pnicfw_netlink_filter_parse(&filter, net, nest, info->extack);
	if (err)
		return err;
	if (filter.given != BIT(PNICFW_A_FILTER_ID)) {
		NL_SET_ERR_MSG_ATTR(info->extack, nest,
				    "id: one flow is named by its id, and by nothing else");
		return -EINVAL;
	}

	msg = pnicfw_netlink_reply(info, NLMSG_DEFAULT_SIZE, &hdr);
	if (!msg)
		return -ENOMEM;
	if (filter.id < PNICFW_DENIAL_ID)
		err = flow_get_record(msg, pnicfw_net(net), filter.id);
	else
		err = pnicfw_netlink_get_denial(msg, pnicfw_net(net),
						filter.id);
	if (err == -ENOENT)
		NL_SET_ERR_MSG_ATTR(info->extack, nest, "id: no such flow");
	return pnicfw_netlink_send(msg, hdr, err, info);
}

static int flow_dump_one(struct sk_buff *skb, struct netlink_callback *cb,
			 struct pnicfw_record *rec)
{
	void *hdr = genlmsg_put(skb, NETLINK_CB(cb->skb).portid,
				cb->nlh->nlmsg_seq, &pnicfw_netlink_family,
				NLM_F_MULTI, PNICFW_CMD_FLOW_GET);

	if (!hdr)
		return -EMSGSIZE;
	if (pnicfw_netlink_put_flow(skb, rec)) {
		genlmsg_cancel(skb, hdr);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, hdr);
	return 0;
}

static int flow_dump_records(struct sk_buff *skb, struct netlink_callback *cb,
			     struct pnicfw_net *pn, unsigned long *id,
			     const struct pnicfw_netlink_filter *filter)
{
	struct pnicfw_record *rec;
	int err = 0;

	while (!err && (rec = pnicfw_record_next(pn, id))) {
		if (pnicfw_netlink_filter_matches(filter, rec)) {
			pnicfw_age_look(rec);
			err = flow_dump_one(skb, cb, rec);
		}
		if (err)
			*id = rec->id;
		pnicfw_record_put(rec);
		cond_resched();
	}
	return err;
}

/**
 * pnicfw_nl_flow_get_dumpit - PNICFW_CMD_FLOW_GET, all flows of a filter
 * @skb: the answer
 * @cb: the dump; args[0] is the id that it goes on with
 *
 * Ids only ever grow, so a flow that lives throughout the dump is in it once; those
 * of denials are the higher ones, and come last.
 *
 * Return: bytes in @skb, 0 at the end, or a negative errno.
 */
int pnicfw_nl_flow_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct nlattr *const *attrs = pnicfw_genl_dump_attrs(cb);
	struct net *net = sock_net(skb->sk);
	struct pnicfw_netlink_filter filter;
	unsigned long id = cb->args[0];
	int err;

	err = pnicfw_netlink_allow(attrs, pnicfw_netlink_family.maxattr,
				   BIT(PNICFW_A_FILTER), cb->extack) ?:
	      pnicfw_netlink_filter_parse(&filter, net,
					  attrs[PNICFW_A_FILTER], cb->extack);
	if (err)
		return err;

	err = flow_dump_records(skb, cb, pnicfw_net(net), &id, &filter) ?:
	      pnicfw_netlink_dump_denials(skb, cb, pnicfw_net(net), &id,
					  &filter);
	cb->args[0] = id;
	return err && !skb->len ? err : skb->len;
}

/**
 * pnicfw_netlink_close_flows - take flows out of the tiers below the first
 * @pn: the namespace
 * @filter: which; NULL for all
 * @why: the reason
 *
 * Tier 1 may let them in again with their next packets.
 *
 * Context: process; may take a while.
 * Return: how many.
 */
u32 pnicfw_netlink_close_flows(struct pnicfw_net *pn,
			       const struct pnicfw_netlink_filter *filter,
			       enum pnicfw_reason why)
{
	struct pnicfw_record *rec;
	unsigned long id = 0;
	u32 closed;

	closed = pnicfw_netlink_end_denials(pn, filter, why);
	while ((rec = pnicfw_record_next(pn, &id))) {
		if (pnicfw_view_state(rec) != PNICFW_STATE_CLOSING &&
		    (!filter || pnicfw_netlink_filter_matches(filter, rec))) {
			pnicfw_record_close(rec, why);
			closed++;
		}
		pnicfw_record_put(rec);
		cond_resched();
	}
	return closed;
}

/**
 * pnicfw_nl_flow_del_doit - PNICFW_CMD_FLOW_DEL
 * @skb: the request
 * @info: the request, parsed
 *
 * Return: 0 or a negative errno.
 */
int pnicfw_nl_flow_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *nest = info->attrs[PNICFW_A_FILTER];
	struct net *net = genl_info_net(info);
	struct pnicfw_netlink_filter filter;
	struct sk_buff *msg;
	u32 deleted;
	void *hdr;
	int err;

	err = pnicfw_netlink_allow(info->attrs, pnicfw_netlink_family.maxattr,
				   BIT(PNICFW_A_FILTER) | BIT(PNICFW_A_FLUSH),
				   info->extack) ?:
	      pnicfw_netlink_filter_parse(&filter, net, nest, info->extack);
	if (err)
		return err;
	if (!filter.given == !info->attrs[PNICFW_A_FLUSH]) {
		NL_SET_ERR_MSG_ATTR(info->extack,
				    nest ?: info->attrs[PNICFW_A_FLUSH],
				    "filter and flush: give a filter with a condition, or flush");
		return -EINVAL;
	}
	msg = pnicfw_netlink_reply(info, NLMSG_DEFAULT_SIZE, &hdr);
	if (!msg)
		return -ENOMEM;

	deleted = pnicfw_netlink_close_flows(pnicfw_net(net), &filter,
					     PNICFW_REASON_USER);
	err = nla_put_u32(msg, PNICFW_A_DELETED, deleted);
	return pnicfw_netlink_send(msg, hdr, err, info);
}
