// SPDX-License-Identifier: GPL-2.0
/*
 * netlink_param - the netlink family's operations on parameters
 */
#include "age.h"
#include "crew.h"
#include "denial.h"
#include "drop.h"
#include "label.h"
#include "net.h"
#include "netlink_msg.h"

/* Where each parameter is; 0 is no parameter's type. */
static const size_t param_at[PNICFW_A_PARAM_MAX + 1] = {
	[PNICFW_A_PARAM_CACHE] = offsetof(struct pnicfw_params, cache),
	[PNICFW_A_PARAM_HW] = offsetof(struct pnicfw_params, hw),
	[PNICFW_A_PARAM_HW_AFTER] = offsetof(struct pnicfw_params, hw_after),
	[PNICFW_A_PARAM_AGE_INTERVAL] =
		offsetof(struct pnicfw_params, age_interval),
	[PNICFW_A_PARAM_CACHE_LIMIT] =
		offsetof(struct pnicfw_params, cache_limit),
	[PNICFW_A_PARAM_LABEL_CACHEABLE] =
		offsetof(struct pnicfw_params, label_cacheable),
	[PNICFW_A_PARAM_LABEL_OFFLOADED] =
		offsetof(struct pnicfw_params, label_offloaded),
	[PNICFW_A_PARAM_HW_AFTER_RATE] =
		offsetof(struct pnicfw_params, hw_after_rate),
	[PNICFW_A_PARAM_HW_RATE] = offsetof(struct pnicfw_params, hw_rate),
	[PNICFW_A_PARAM_HW_LIMIT] = offsetof(struct pnicfw_params, hw_limit),
	[PNICFW_A_PARAM_REVALIDATE_RATE] =
		offsetof(struct pnicfw_params, revalidate_rate),
	[PNICFW_A_PARAM_RECHECK_TIME] =
		offsetof(struct pnicfw_params, recheck_time),
	[PNICFW_A_PARAM_DENY_LIMIT] =
		offsetof(struct pnicfw_params, deny_limit),
	[PNICFW_A_PARAM_DENY_TIME] = offsetof(struct pnicfw_params, deny_time),
	[PNICFW_A_PARAM_LEARN_DENIALS] =
		offsetof(struct pnicfw_params, learn_denials),
};

/**
 * pnicfw_netlink_put_params - add all parameters to a message
 * @skb: the message
 * @params: the parameters
 *
 * Return: 0 or -EMSGSIZE.
 */
int pnicfw_netlink_put_params(struct sk_buff *skb,
			      const struct pnicfw_params *params)
{
	struct nlattr *nest = nla_nest_start(skb, PNICFW_A_PARAM);
	int type;

	if (!nest)
		return -EMSGSIZE;
	for (type = 1; type <= PNICFW_A_PARAM_MAX; type++) {
		const u32 *at = (const void *)params + param_at[type];

		if (nla_put_u32(skb, type, READ_ONCE(*at)))
			return -EMSGSIZE;
	}
	nla_nest_end(skb, nest);
	return 0;
}

/**
 * pnicfw_nl_param_get_doit - PNICFW_CMD_PARAM_GET
 * @skb: the request
 * @info: the request, parsed
 *
 * Return: 0 or a negative errno.
 */
int pnicfw_nl_param_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct pnicfw_net *pn = pnicfw_net(genl_info_net(info));
	struct sk_buff *msg;
	void *hdr;
	int err;

	err = pnicfw_netlink_allow(info->attrs, pnicfw_netlink_family.maxattr,
				   0, info->extack);
	if (err)
		return err;
	msg = pnicfw_netlink_reply(info, NLMSG_DEFAULT_SIZE, &hdr);
	if (!msg)
		return -ENOMEM;
	err = pnicfw_netlink_put_params(msg, &pn->params);
	return pnicfw_netlink_send(msg, hdr, err, info);
}

static bool param_any(struct nlattr *const *tb)
{
	int type;

	for (type = 1; type <= PNICFW_A_PARAM_MAX; type++)
		if (tb[type])
			return true;
	return false;
}

/* A label is one of conntrack's, or none. */
static int param_check_labels(struct nlattr *const *tb,
			      struct netlink_ext_ack *extack)
{
	static const int types[] = {
		PNICFW_A_PARAM_LABEL_CACHEABLE, PNICFW_A_PARAM_LABEL_OFFLOADED,
	};
	u32 label;
	int i;

	for (i = 0; i < ARRAY_SIZE(types); i++) {
		if (!tb[types[i]])
			continue;
		label = nla_get_u32(tb[types[i]]);
		if (label < 128 || label == PNICFW_LABEL_OFF)
			continue;
		NL_SET_ERR_MSG_ATTR(extack, tb[types[i]],
				    "label: is neither 0 to 127 nor off");
		return -ERANGE;
	}
	return 0;
}

/* No memory cgroup pays for denials, and conntrack does not bound them. */
static int param_check_deny_limit(struct nlattr *const *tb,
				  struct netlink_ext_ack *extack)
{
	const struct nlattr *limit = tb[PNICFW_A_PARAM_DENY_LIMIT];

	if (!limit || nla_get_u32(limit) <= PNICFW_DENIALS_MAX)
		return 0;
	NL_SET_ERR_MSG_ATTR(extack, limit,
			    "deny-limit: is more than 1048576");
	return -ERANGE;
}

/* Returns types of parameters that were different before, a bit each. */
static u32 param_write(struct pnicfw_params *params, struct nlattr *const *tb)
{
	u32 changed = 0;
	int type;

	for (type = 1; type <= PNICFW_A_PARAM_MAX; type++) {
		u32 *at = (void *)params + param_at[type];

		if (!tb[type] || READ_ONCE(*at) == nla_get_u32(tb[type]))
			continue;
		WRITE_ONCE(*at, nla_get_u32(tb[type]));
		changed |= BIT(type);
	}
	return changed;
}

/* Connections that were answered by the old parameters go back to tier 1, to
 * be answered by the new ones. Answers are given under RCU, so the wait lets
 * every record made by an old one be there when they are closed.
 */
static void param_changed(struct pnicfw_net *pn, u32 changed)
{
	if (changed & (BIT(PNICFW_A_PARAM_LABEL_CACHEABLE) |
		       BIT(PNICFW_A_PARAM_LABEL_OFFLOADED)))
		pnicfw_label_need(pn);
	if (changed & (BIT(PNICFW_A_PARAM_CACHE) | BIT(PNICFW_A_PARAM_HW) |
		       BIT(PNICFW_A_PARAM_HW_AFTER))) {
		synchronize_rcu();
		pnicfw_netlink_close_flows(pn, NULL, PNICFW_REASON_STALE);
	}
	if (changed & (BIT(PNICFW_A_PARAM_AGE_INTERVAL) |
		       BIT(PNICFW_A_PARAM_RECHECK_TIME)))
		pnicfw_age_soon(pn);
	if (changed & BIT(PNICFW_A_PARAM_AGE_INTERVAL))
		pnicfw_denial_round_soon(pn);
	if (changed & (BIT(PNICFW_A_PARAM_HW_RATE) |
		       BIT(PNICFW_A_PARAM_HW_LIMIT) |
		       BIT(PNICFW_A_PARAM_REVALIDATE_RATE)))
		pnicfw_crew_kick(pn);
	if (changed & BIT(PNICFW_A_PARAM_DENY_LIMIT))
		pnicfw_denial_trim(pn);
}

/* The one that may still be refused, as what it takes may not be there. */
static int param_learn_denials(struct pnicfw_net *pn, const struct nlattr *attr,
			       struct netlink_ext_ack *extack)
{
	int err = attr ? pnicfw_drop_switch(pn, nla_get_u32(attr)) : 0;

	if (err)
		NL_SET_ERR_MSG_ATTR(extack, attr,
				    "learn-denials: cannot hear of what netfilter drops");
	return err;
}

/**
 * pnicfw_nl_param_set_doit - PNICFW_CMD_PARAM_SET
 * @skb: the request
 * @info: the request, parsed
 *
 * Return: 0 or a negative errno.
 */
int pnicfw_nl_param_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct pnicfw_net *pn = pnicfw_net(genl_info_net(info));
	struct nlattr *tb[PNICFW_A_PARAM_MAX + 1];
	u32 changed = 0;
	int err;

	err = pnicfw_netlink_allow(info->attrs, pnicfw_netlink_family.maxattr,
				   BIT(PNICFW_A_PARAM), info->extack);
	if (err)
		return err;
	if (GENL_REQ_ATTR_CHECK(info, PNICFW_A_PARAM)) {
		GENL_SET_ERR_MSG(info, "param: attribute is missing");
		return -EINVAL;
	}
	err = nla_parse_nested(tb, PNICFW_A_PARAM_MAX,
			       info->attrs[PNICFW_A_PARAM],
			       pnicfw_param_nl_policy, info->extack);
	if (err)
		return err;

	if (!param_any(tb)) {
		NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[PNICFW_A_PARAM],
				    "param: none is named");
		return -EINVAL;
	}
	err = param_check_labels(tb, info->extack) ?:
	      param_check_deny_limit(tb, info->extack);
	if (err)
		return err;
	mutex_lock(&pn->policy_mutex);
	err = param_learn_denials(pn, tb[PNICFW_A_PARAM_LEARN_DENIALS],
				  info->extack);
	/* Nothing can be refused from here on. */
	if (!err)
		changed = param_write(&pn->params, tb);
	mutex_unlock(&pn->policy_mutex);
	if (err)
		return err;
	param_changed(pn, changed);
	pnicfw_netlink_params(pn->net, &pn->params);
	return 0;
}
