// SPDX-License-Identifier: GPL-2.0
/*
 * netlink_rule - a policy rule as a netlink attribute, read
 *
 * Whatever is contradictory or matches nothing is refused, with the name of the
 * attribute and the reason.
 */
#include <linux/netdevice.h>
#include <net/netfilter/nf_conntrack_helper.h>

#include "key.h"
#include "netlink_msg.h"
#include "netlink_rule.h"
#include "rules.h"

/* What a request may have: not what only the kernel can tell. */
#define RULE_WELCOME	(GENMASK(PNICFW_A_RULE_MAX, 1) &		\
			 ~(BIT(PNICFW_A_RULE_IN_GONE) |			\
			   BIT(PNICFW_A_RULE_OUT_GONE)))

/* A prefix: @attr its address, @len_attr its length. */
static int rule_prefix(struct pnicfw_rule *rule, const struct nlattr *attr,
		       const struct nlattr *len_attr, union nf_inet_addr *addr,
		       union nf_inet_addr *mask, u8 *len,
		       struct netlink_ext_ack *extack)
{
	unsigned int size = attr ? nla_len(attr) : 0, i;
	u8 family;

	if (!attr && !len_attr)
		return 0;
	if (!attr) {
		NL_SET_ERR_MSG_ATTR(extack, len_attr,
				    "src and dst: length without an address");
		return -EINVAL;
	}
	if (size != sizeof(addr->in) && size != sizeof(addr->in6)) {
		NL_SET_ERR_MSG_ATTR(extack, attr,
				    "src and dst: address is neither 4 nor 16 bytes long");
		return -EINVAL;
	}
	family = size == sizeof(addr->in) ? NFPROTO_IPV4 : NFPROTO_IPV6;
	if (rule->mask.family && rule->want.family != family) {
		NL_SET_ERR_MSG_ATTR(extack, attr,
				    "src and dst: prefixes are of different families");
		return -EINVAL;
	}
	*len = len_attr ? nla_get_u8(len_attr) : 8 * size;
	if (*len > 8 * size) {
		NL_SET_ERR_MSG_ATTR(extack, len_attr,
				    "src and dst: prefix is longer than the address");
		return -EINVAL;
	}
	rule->want.family = family;
	rule->mask.family = U8_MAX;
	nla_memcpy(addr, attr, sizeof(*addr));
	for (i = 0; i < *len; i += 32)
		mask->all[i / 32] = *len - i >= 32 ? U32_MAX :
				    ~(__force u32)htonl(U32_MAX >> (*len - i));
	for (i = 0; i < ARRAY_SIZE(addr->all); i++) {
		if (!(addr->all[i] & ~mask->all[i]))
			continue;
		NL_SET_ERR_MSG_ATTR(extack, attr,
				    "src and dst: address has bits set past the prefix");
		return -EINVAL;
	}
	return 0;
}

static int rule_prefixes(struct pnicfw_rule *rule, struct nlattr **tb,
			 struct netlink_ext_ack *extack)
{
	if (tb[PNICFW_A_RULE_SRC])
		rule->says |= BIT(PNICFW_RULES_SRC);
	if (tb[PNICFW_A_RULE_DST])
		rule->says |= BIT(PNICFW_RULES_DST);
	return rule_prefix(rule, tb[PNICFW_A_RULE_SRC],
			   tb[PNICFW_A_RULE_SRC_LEN], &rule->want.src,
			   &rule->mask.src, &rule->src_len, extack) ?:
	       rule_prefix(rule, tb[PNICFW_A_RULE_DST],
			   tb[PNICFW_A_RULE_DST_LEN], &rule->want.dst,
			   &rule->mask.dst, &rule->dst_len, extack);
}

/* A range of ports; a single one is hashed. */
static int rule_range(const struct nlattr *attr, const struct nlattr *max_attr,
		      struct pnicfw_rules_ports *range, __be16 *want,
		      __be16 *mask, struct netlink_ext_ack *extack)
{
	if (!attr && !max_attr)
		return 0;
	if (!attr) {
		NL_SET_ERR_MSG_ATTR(extack, max_attr,
				    "sport and dport: range without its first port");
		return -EINVAL;
	}
	range->first = ntohs(nla_get_be16(attr));
	range->last = max_attr ? ntohs(nla_get_be16(max_attr)) : range->first;
	if (range->last < range->first) {
		NL_SET_ERR_MSG_ATTR(extack, max_attr,
				    "sport and dport: range ends before it begins");
		return -EINVAL;
	}
	if (range->last == range->first) {
		*want = htons(range->first);
		*mask = htons(U16_MAX);
	}
	return 0;
}

static int rule_ports(struct pnicfw_rule *rule, struct nlattr **tb,
		      struct netlink_ext_ack *extack)
{
	const struct nlattr *protocol = tb[PNICFW_A_RULE_PROTOCOL];
	const struct nlattr *sport = tb[PNICFW_A_RULE_SPORT];
	const struct nlattr *dport = tb[PNICFW_A_RULE_DPORT];
	int err;

	if (protocol) {
		rule->says |= BIT(PNICFW_RULES_PROTOCOL);
		rule->want.protocol = nla_get_u8(protocol);
		rule->mask.protocol = U8_MAX;
	}
	err = rule_range(sport, tb[PNICFW_A_RULE_SPORT_MAX], &rule->sport,
			 &rule->want.sport, &rule->mask.sport, extack) ?:
	      rule_range(dport, tb[PNICFW_A_RULE_DPORT_MAX], &rule->dport,
			 &rule->want.dport, &rule->mask.dport, extack);
	if (err || (!sport && !dport))
		return err;
	if (!pnicfw_key_has_ports(rule->want.protocol)) {
		NL_SET_ERR_MSG_ATTR(extack, sport ?: dport,
				    "sport and dport: need a proto that has ports: tcp, udp or sctp");
		return -EINVAL;
	}
	if (sport)
		rule->says |= BIT(PNICFW_RULES_SPORT);
	if (dport)
		rule->says |= BIT(PNICFW_RULES_DPORT);
	return 0;
}

static int rule_dev(struct net *net, const struct nlattr *index,
		    const struct nlattr *name, int *want, int *mask,
		    char *was, struct netlink_ext_ack *extack)
{
	struct net_device *dev;
	int ifindex;

	if (!index && !name)
		return 0;
	ifindex = pnicfw_netlink_ifindex(net, index, name, extack);
	if (ifindex < 0)
		return ifindex;
	rcu_read_lock();
	dev = dev_get_by_index_rcu(net, ifindex);
	if (dev)
		strscpy(was, dev->name, IFNAMSIZ);
	rcu_read_unlock();
	*want = ifindex;
	*mask = ~0;
	return 1;
}

static int rule_devs(struct pnicfw_rule *rule, struct net *net,
		     struct nlattr **tb, struct netlink_ext_ack *extack)
{
	int err;

	err = rule_dev(net, tb[PNICFW_A_RULE_IN_IFINDEX], tb[PNICFW_A_RULE_IN],
		       &rule->want.in, &rule->mask.in, rule->in, extack);
	if (err == -ENODEV)
		NL_SET_ERR_MSG(extack, "in: no such network device in this namespace");
	if (err < 0)
		return err;
	if (err)
		rule->says |= BIT(PNICFW_RULES_IN);
	err = rule_dev(net, tb[PNICFW_A_RULE_OUT_IFINDEX],
		       tb[PNICFW_A_RULE_OUT], &rule->want.out, &rule->mask.out,
		       rule->out, extack);
	if (err == -ENODEV)
		NL_SET_ERR_MSG(extack, "out: no such network device in this namespace");
	if (err < 0)
		return err;
	if (err)
		rule->says |= BIT(PNICFW_RULES_OUT);
	return 0;
}

static int rule_mark(struct pnicfw_rule *rule, struct nlattr **tb,
		     struct netlink_ext_ack *extack)
{
	const struct nlattr *mark = tb[PNICFW_A_RULE_MARK];
	const struct nlattr *mask = tb[PNICFW_A_RULE_MARK_MASK];

	if (!mark && mask) {
		NL_SET_ERR_MSG_ATTR(extack, mask, "mark: mask without a value");
		return -EINVAL;
	}
	if (!mark)
		return 0;
	rule->says |= BIT(PNICFW_RULES_MARK);
	rule->want.mark = nla_get_u32(mark);
	rule->mask.mark = mask ? nla_get_u32(mask) : U32_MAX;
	if (!(rule->want.mark & ~rule->mask.mark))
		return 0;
	NL_SET_ERR_MSG_ATTR(extack, mark, "mark: value has bits that the mask lacks");
	return -EINVAL;
}

/* A helper is one of a family and a protocol; any of that name will do. */
static bool rule_helper_known(const char *name)
{
	static const u8 protocols[] = { IPPROTO_TCP, IPPROTO_UDP };
	static const u16 families[] = { AF_INET, AF_INET6 };
	bool known = false;
	int i, j;

	rcu_read_lock();
	for (i = 0; i < ARRAY_SIZE(families); i++)
		for (j = 0; j < ARRAY_SIZE(protocols); j++)
			known |= !!__nf_conntrack_helper_find(name, families[i],
							      protocols[j]);
	rcu_read_unlock();
	return known;
}

/* What else conntrack knows of a connection. */
static int rule_conntrack(struct pnicfw_rule *rule, struct nlattr **tb,
			  struct netlink_ext_ack *extack)
{
	if (tb[PNICFW_A_RULE_ZONE]) {
		rule->says |= BIT(PNICFW_RULES_ZONE);
		rule->want.zone = nla_get_u16(tb[PNICFW_A_RULE_ZONE]);
		rule->mask.zone = U16_MAX;
	}
	if (tb[PNICFW_A_RULE_LABEL]) {
		rule->says |= BIT(PNICFW_RULES_LABEL);
		rule->label = nla_get_u32(tb[PNICFW_A_RULE_LABEL]);
	}
	if (tb[PNICFW_A_RULE_HELPER]) {
		rule->says |= BIT(PNICFW_RULES_HELPER);
		nla_strscpy(rule->helper, tb[PNICFW_A_RULE_HELPER],
			    sizeof(rule->helper));
		if (!rule_helper_known(rule->helper)) {
			NL_SET_ERR_MSG_ATTR(extack, tb[PNICFW_A_RULE_HELPER],
					    "helper: no such conntrack helper is loaded");
			return -ENOENT;
		}
	}
	return rule_mark(rule, tb, extack);
}

static void rule_answer(struct pnicfw_rule *rule, struct nlattr **tb)
{
	if (tb[PNICFW_A_RULE_VERDICT])
		rule->deny = nla_get_u32(tb[PNICFW_A_RULE_VERDICT]) ==
			     PNICFW_VERDICT_DENY;
	if (tb[PNICFW_A_RULE_CACHE]) {
		rule->says |= BIT(PNICFW_RULES_CACHE);
		rule->cache = nla_get_u32(tb[PNICFW_A_RULE_CACHE]);
	}
	if (tb[PNICFW_A_RULE_HW]) {
		rule->says |= BIT(PNICFW_RULES_HW);
		rule->hw = nla_get_u32(tb[PNICFW_A_RULE_HW]);
	}
	if (tb[PNICFW_A_RULE_HW_AFTER]) {
		rule->says |= BIT(PNICFW_RULES_HW_AFTER);
		rule->hw_after = nla_get_u32(tb[PNICFW_A_RULE_HW_AFTER]);
	}
}

/* A denied connection is nowhere. */
static int rule_makes_sense(const struct pnicfw_rule *rule, struct nlattr **tb,
			    struct netlink_ext_ack *extack)
{
	const struct nlattr *attr = tb[PNICFW_A_RULE_CACHE] ?:
				    tb[PNICFW_A_RULE_HW] ?:
				    tb[PNICFW_A_RULE_HW_AFTER];

	if (!rule->deny || !attr)
		return 0;
	NL_SET_ERR_MSG_ATTR(extack, attr,
			    "cache, hw and hw-after: have no meaning where the verdict is deny");
	return -EINVAL;
}

/**
 * pnicfw_netlink_rule_parse - read a rule
 * @rule: filled in; its pref is 0 where it has none
 * @net: the requester's namespace
 * @nest: the attribute
 * @extack: says what is wrong
 *
 * Context: process; the policy's mutex held, so that a device that goes is
 * either not found or the rule is told of it.
 * Return: 0 or a negative errno.
 */
int pnicfw_netlink_rule_parse(struct pnicfw_rule *rule, struct net *net,
			      const struct nlattr *nest,
			      struct netlink_ext_ack *extack)
{
	struct nlattr *tb[PNICFW_A_RULE_MAX + 1];
	int err;

	err = nla_parse_nested(tb, PNICFW_A_RULE_MAX, nest,
			       pnicfw_rule_nl_policy, extack) ?:
	      pnicfw_netlink_allow(tb, PNICFW_A_RULE_MAX, RULE_WELCOME, extack);
	if (err)
		return err;
	memset(rule, 0, sizeof(*rule));
	if (tb[PNICFW_A_RULE_PREF])
		rule->pref = nla_get_u32(tb[PNICFW_A_RULE_PREF]);
	rule_answer(rule, tb);
	return rule_prefixes(rule, tb, extack) ?:
	       rule_ports(rule, tb, extack) ?:
	       rule_devs(rule, net, tb, extack) ?:
	       rule_conntrack(rule, tb, extack) ?:
	       rule_makes_sense(rule, tb, extack);
}
