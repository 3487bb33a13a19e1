// SPDX-License-Identifier: GPL-2.0
/*
 * netlink_rule_put - a policy rule as a netlink attribute, written
 */
#include <linux/netdevice.h>

#include "netlink_msg.h"
#include "netlink_rule.h"
#include "rules.h"

static int put_prefix(struct sk_buff *skb, int type, int len_type, u8 family,
		      const union nf_inet_addr *addr, u8 len)
{
	return nla_put(skb, type, family == NFPROTO_IPV4 ? sizeof(addr->in) :
							   sizeof(addr->in6),
		       addr) ?:
	       nla_put_u8(skb, len_type, len);
}

static int put_range(struct sk_buff *skb, int type, int max_type,
		     const struct pnicfw_rules_ports *range)
{
	int err = nla_put_be16(skb, type, htons(range->first));

	if (!err && range->last != range->first)
		err = nla_put_be16(skb, max_type, htons(range->last));
	return err;
}

/* A device may have got another name; one that has gone has the one it had. */
static int put_dev(struct sk_buff *skb, struct net *net, int index_type,
		   int ifindex, const char *was, bool gone)
{
	int type = index_type + 1, gone_type = index_type + 2, err;
	struct net_device *dev;

	BUILD_BUG_ON(PNICFW_A_RULE_IN_GONE - PNICFW_A_RULE_IN_IFINDEX != 2 ||
		     PNICFW_A_RULE_OUT_GONE - PNICFW_A_RULE_OUT_IFINDEX != 2);

	rcu_read_lock();
	dev = gone ? NULL : dev_get_by_index_rcu(net, ifindex);
	err = nla_put_u32(skb, index_type, ifindex) ?:
	      nla_put_string(skb, type, dev ? dev->name : was);
	if (!err && !dev)
		err = nla_put_flag(skb, gone_type);
	rcu_read_unlock();
	return err;
}

static int put_conditions(struct sk_buff *skb, struct net *net,
			  const struct pnicfw_rule *rule)
{
	const struct pnicfw_rules_bits *want = &rule->want;
	u32 says = rule->says;

	if ((says & BIT(PNICFW_RULES_SRC) &&
	     put_prefix(skb, PNICFW_A_RULE_SRC, PNICFW_A_RULE_SRC_LEN,
			want->family, &want->src, rule->src_len)) ||
	    (says & BIT(PNICFW_RULES_DST) &&
	     put_prefix(skb, PNICFW_A_RULE_DST, PNICFW_A_RULE_DST_LEN,
			want->family, &want->dst, rule->dst_len)) ||
	    (says & BIT(PNICFW_RULES_PROTOCOL) &&
	     nla_put_u8(skb, PNICFW_A_RULE_PROTOCOL, want->protocol)) ||
	    (says & BIT(PNICFW_RULES_SPORT) &&
	     put_range(skb, PNICFW_A_RULE_SPORT, PNICFW_A_RULE_SPORT_MAX,
		       &rule->sport)) ||
	    (says & BIT(PNICFW_RULES_DPORT) &&
	     put_range(skb, PNICFW_A_RULE_DPORT, PNICFW_A_RULE_DPORT_MAX,
		       &rule->dport)) ||
	    (says & BIT(PNICFW_RULES_IN) &&
	     put_dev(skb, net, PNICFW_A_RULE_IN_IFINDEX, want->in, rule->in,
		     rule->in_gone)) ||
	    (says & BIT(PNICFW_RULES_OUT) &&
	     put_dev(skb, net, PNICFW_A_RULE_OUT_IFINDEX, want->out, rule->out,
		     rule->out_gone)))
		return -EMSGSIZE;
	return 0;
}

static int put_conntrack(struct sk_buff *skb, const struct pnicfw_rule *rule)
{
	u32 says = rule->says;

	if ((says & BIT(PNICFW_RULES_ZONE) &&
	     nla_put_u16(skb, PNICFW_A_RULE_ZONE, rule->want.zone)) ||
	    (says & BIT(PNICFW_RULES_MARK) &&
	     (nla_put_u32(skb, PNICFW_A_RULE_MARK, rule->want.mark) ||
	      nla_put_u32(skb, PNICFW_A_RULE_MARK_MASK, rule->mask.mark))) ||
	    (says & BIT(PNICFW_RULES_LABEL) &&
	     nla_put_u32(skb, PNICFW_A_RULE_LABEL, rule->label)) ||
	    (says & BIT(PNICFW_RULES_HELPER) &&
	     nla_put_string(skb, PNICFW_A_RULE_HELPER, rule->helper)))
		return -EMSGSIZE;
	return 0;
}

static int put_answer(struct sk_buff *skb, const struct pnicfw_rule *rule)
{
	u32 says = rule->says;

	if (nla_put_u32(skb, PNICFW_A_RULE_VERDICT,
			rule->deny ? PNICFW_VERDICT_DENY :
				     PNICFW_VERDICT_ALLOW) ||
	    (says & BIT(PNICFW_RULES_CACHE) &&
	     nla_put_u32(skb, PNICFW_A_RULE_CACHE, rule->cache)) ||
	    (says & BIT(PNICFW_RULES_HW) &&
	     nla_put_u32(skb, PNICFW_A_RULE_HW, rule->hw)) ||
	    (says & BIT(PNICFW_RULES_HW_AFTER) &&
	     nla_put_u32(skb, PNICFW_A_RULE_HW_AFTER, rule->hw_after)))
		return -EMSGSIZE;
	return 0;
}

/**
 * pnicfw_netlink_put_rule - add a rule to a message
 * @skb: the message
 * @net: the rule's namespace
 * @rule: the rule; the policy's mutex held
 *
 * Context: process.
 * Return: 0 or -EMSGSIZE.
 */
int pnicfw_netlink_put_rule(struct sk_buff *skb, struct net *net,
			    const struct pnicfw_rule *rule)
{
	struct nlattr *nest = nla_nest_start(skb, PNICFW_A_RULE);

	if (!nest || nla_put_u32(skb, PNICFW_A_RULE_PREF, rule->pref) ||
	    put_conditions(skb, net, rule) || put_conntrack(skb, rule) ||
	    put_answer(skb, rule))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}
