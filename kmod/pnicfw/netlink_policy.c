// SPDX-License-Identifier: GPL-2.0
/*
 * netlink_policy - the netlink family's operations on policy rules
 */
#include <linux/slab.h>
#include <net/sock.h>

#include "compat/genl.h"
#include "judge.h"
#include "label.h"
#include "net.h"
#include "netlink_msg.h"
#include "netlink_rule.h"

/* The rule attribute of a request. */
static struct nlattr *policy_nest(struct genl_info *info)
{
	int err;

	err = pnicfw_netlink_allow(info->attrs, pnicfw_netlink_family.maxattr,
				   BIT(PNICFW_A_RULE), info->extack);
	if (err)
		return ERR_PTR(err);
	if (GENL_REQ_ATTR_CHECK(info, PNICFW_A_RULE)) {
		GENL_SET_ERR_MSG(info, "rule: attribute is missing");
		return ERR_PTR(-EINVAL);
	}
	return info->attrs[PNICFW_A_RULE];
}

/* The rule that a request names by its pref, and nothing else. */
static struct pnicfw_rule *policy_named(struct genl_info *info)
{
	struct pnicfw_net *pn = pnicfw_net(genl_info_net(info));
	struct nlattr *nest = policy_nest(info);
	struct nlattr *tb[PNICFW_A_RULE_MAX + 1];
	struct pnicfw_rule *rule;
	int err;

	if (IS_ERR(nest))
		return ERR_CAST(nest);
	err = nla_parse_nested(tb, PNICFW_A_RULE_MAX, nest,
			       pnicfw_rule_nl_policy, info->extack) ?:
	      pnicfw_netlink_allow(tb, PNICFW_A_RULE_MAX,
				   BIT(PNICFW_A_RULE_PREF), info->extack);
	if (err)
		return ERR_PTR(err);
	if (NL_REQ_ATTR_CHECK(info->extack, nest, tb, PNICFW_A_RULE_PREF)) {
		GENL_SET_ERR_MSG(info, "pref: attribute is missing");
		return ERR_PTR(-EINVAL);
	}
	rule = pnicfw_rules_find(&pn->rules,
				 nla_get_u32(tb[PNICFW_A_RULE_PREF]));
	if (rule)
		return rule;
	NL_SET_ERR_MSG_ATTR(info->extack, tb[PNICFW_A_RULE_PREF],
			    "pref: there is no such rule");
	return ERR_PTR(-ENOENT);
}

/* The mutex is not held: drivers may take their time. When the user has the answer,
 * nothing is dropped that only the rules of before denied.
 */
static void policy_changed(struct pnicfw_net *pn)
{
	pnicfw_label_need(pn);
	pnicfw_denial_settle(pn);
}

static int policy_add(struct pnicfw_net *pn, struct pnicfw_rule *rule,
		      struct nlattr *nest, struct netlink_ext_ack *extack)
{
	int err;

	err = pnicfw_netlink_rule_parse(rule, pn->net, nest, extack) ?:
	      pnicfw_rules_add(&pn->rules, rule);
	switch (err) {
	case 0:
		pnicfw_netlink_rule(pn->net, rule, PNICFW_EVENT_ADD);
		pnicfw_judge_changed(pn);
		break;
	case -EEXIST:
		NL_SET_ERR_MSG_ATTR(extack, nest, "pref: is in use");
		break;
	case -ERANGE:
		NL_SET_ERR_MSG_ATTR(extack, nest,
				    "pref: no higher one is left, give one");
		break;
	}
	return err;
}

/**
 * pnicfw_nl_policy_add_doit - PNICFW_CMD_POLICY_ADD
 * @skb: the request
 * @info: the request, parsed
 *
 * Return: 0 or a negative errno.
 */
int pnicfw_nl_policy_add_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct pnicfw_net *pn = pnicfw_net(genl_info_net(info));
	struct nlattr *nest = policy_nest(info);
	struct pnicfw_rule *rule;
	int err;

	if (IS_ERR(nest))
		return PTR_ERR(nest);
	rule = kmalloc(sizeof(*rule), GFP_KERNEL_ACCOUNT);
	if (!rule)
		return -ENOMEM;
	mutex_lock(&pn->policy_mutex);
	err = policy_add(pn, rule, nest, info->extack);
	mutex_unlock(&pn->policy_mutex);
	if (err)
		kfree(rule);
	else
		policy_changed(pn);
	return err;
}

/* Nobody is told before it has happened. */
static int policy_del(struct pnicfw_net *pn, struct genl_info *info)
{
	struct pnicfw_rule *rule = policy_named(info);
	int err;

	if (IS_ERR(rule))
		return PTR_ERR(rule);
	err = pnicfw_rules_del(&pn->rules, rule);
	if (err) {
		GENL_SET_ERR_MSG(info, "rule: stays, as memory ran out");
		return err;
	}
	pnicfw_netlink_rule(pn->net, rule, PNICFW_EVENT_DEL);
	kfree_rcu(rule, rcu);
	pnicfw_judge_changed(pn);
	return 0;
}

/**
 * pnicfw_nl_policy_del_doit - PNICFW_CMD_POLICY_DEL
 * @skb: the request
 * @info: the request, parsed
 *
 * Return: 0 or a negative errno.
 */
int pnicfw_nl_policy_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct pnicfw_net *pn = pnicfw_net(genl_info_net(info));
	int err;

	mutex_lock(&pn->policy_mutex);
	err = policy_del(pn, info);
	mutex_unlock(&pn->policy_mutex);
	if (!err)
		policy_changed(pn);
	return err;
}

/**
 * pnicfw_nl_policy_flush_doit - PNICFW_CMD_POLICY_FLUSH
 * @skb: the request
 * @info: the request, parsed
 *
 * Return: 0 or a negative errno.
 */
int pnicfw_nl_policy_flush_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct pnicfw_net *pn = pnicfw_net(genl_info_net(info));
	const struct pnicfw_rule *rule;
	int err;

	err = pnicfw_netlink_allow(info->attrs, pnicfw_netlink_family.maxattr,
				   0, info->extack);
	if (err)
		return err;
	mutex_lock(&pn->policy_mutex);
	list_for_each_entry(rule, &pn->rules.list, list)
		pnicfw_netlink_rule(pn->net, rule, PNICFW_EVENT_DEL);
	pnicfw_rules_flush(&pn->rules);
	mutex_unlock(&pn->policy_mutex);
	pnicfw_judge_changed(pn);
	policy_changed(pn);
	return 0;
}

/**
 * pnicfw_nl_policy_get_doit - PNICFW_CMD_POLICY_GET, one rule
 * @skb: the request
 * @info: the request, parsed
 *
 * Return: 0 or a negative errno.
 */
int pnicfw_nl_policy_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct pnicfw_net *pn = pnicfw_net(genl_info_net(info));
	const struct pnicfw_rule *rule;
	struct sk_buff *msg;
	void *hdr;
	int err;

	msg = pnicfw_netlink_reply(info, NLMSG_DEFAULT_SIZE, &hdr);
	if (!msg)
		return -ENOMEM;
	mutex_lock(&pn->policy_mutex);
	rule = policy_named(info);
	err = IS_ERR(rule) ? PTR_ERR(rule) :
			     pnicfw_netlink_put_rule(msg, pn->net, rule);
	mutex_unlock(&pn->policy_mutex);
	return pnicfw_netlink_send(msg, hdr, err, info);
}

static int policy_dump_one(struct sk_buff *skb, struct netlink_callback *cb,
			   struct net *net, const struct pnicfw_rule *rule)
{
	void *hdr = genlmsg_put(skb, NETLINK_CB(cb->skb).portid,
				cb->nlh->nlmsg_seq, &pnicfw_netlink_family,
				NLM_F_MULTI, PNICFW_CMD_POLICY_GET);

	if (!hdr)
		return -EMSGSIZE;
	if (pnicfw_netlink_put_rule(skb, net, rule)) {
		genlmsg_cancel(skb, hdr);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, hdr);
	return 0;
}

/**
 * pnicfw_nl_policy_get_dumpit - PNICFW_CMD_POLICY_GET, all rules, in order
 * @skb: the answer
 * @cb: the dump; args[0] is the pref that it goes on with, args[1] tells that
 *	there is none
 *
 * A rule that is there throughout the dump is in it once.
 *
 * Return: bytes in @skb, 0 at the end, or a negative errno.
 */
int pnicfw_nl_policy_get_dumpit(struct sk_buff *skb,
				struct netlink_callback *cb)
{
	struct net *net = sock_net(skb->sk);
	struct pnicfw_net *pn = pnicfw_net(net);
	struct pnicfw_rule *rule = NULL;
	int err;

	err = pnicfw_netlink_allow(pnicfw_genl_dump_attrs(cb),
				   pnicfw_netlink_family.maxattr, 0,
				   cb->extack);
	if (err)
		return err;

	mutex_lock(&pn->policy_mutex);
	if (!cb->args[1])
		rule = pnicfw_rules_from(&pn->rules, cb->args[0]);
	for (; rule; rule = pnicfw_rules_next(&pn->rules, rule)) {
		cb->args[0] = rule->pref;
		err = policy_dump_one(skb, cb, net, rule);
		if (err)
			break;
	}
	cb->args[1] = !rule;
	mutex_unlock(&pn->policy_mutex);
	return err && !skb->len ? err : skb->len;
}
