// SPDX-License-Identifier: GPL-2.0
/*
 * netlink - the generic netlink family "pnicfw": its making, and what its parts
 * share
 */
#include <linux/netdevice.h>

#include "netlink.h"
#include "netlink_msg.h"

static const struct genl_multicast_group netlink_groups[] = {
	[PNICFW_NLGRP_FLOW] = { .name = PNICFW_MCGRP_FLOW },
	[PNICFW_NLGRP_PORT] = { .name = PNICFW_MCGRP_PORT },
	[PNICFW_NLGRP_POLICY] = { .name = PNICFW_MCGRP_POLICY },
	[PNICFW_NLGRP_HW] = { .name = PNICFW_MCGRP_HW },
};

/* Operations run in parallel: RTNL, RCU and the records' own references are
 * all the protection they need.
 */
struct genl_family pnicfw_netlink_family __ro_after_init = {
	.name = PNICFW_FAMILY_NAME,
	.version = PNICFW_FAMILY_VERSION,
	.netnsok = true,
	.parallel_ops = true,
	.module = THIS_MODULE,
	.policy = pnicfw_nl_policy,
	.maxattr = ARRAY_SIZE(pnicfw_nl_policy) - 1,
	.small_ops = pnicfw_nl_ops,
	.n_small_ops = ARRAY_SIZE(pnicfw_nl_ops),
	.mcgrps = netlink_groups,
	.n_mcgrps = ARRAY_SIZE(netlink_groups),
};

/**
 * pnicfw_netlink_allow - refuse attributes that a request has no use for
 * @tb: attributes by type
 * @max: the highest type
 * @allowed: types that are welcome, a bit each
 * @extack: says which one is not
 *
 * The policy is one for all requests, so it lets them all through.
 *
 * Return: 0 or -EINVAL.
 */
int pnicfw_netlink_allow(struct nlattr *const *tb, int max, u32 allowed,
			 struct netlink_ext_ack *extack)
{
	int type;

	for (type = 1; type <= max; type++) {
		if (!tb[type] || allowed & BIT(type))
			continue;
		NL_SET_ERR_MSG_ATTR(extack, tb[type],
				    "attribute has no meaning in this request");
		return -EINVAL;
	}
	return 0;
}

/**
 * pnicfw_netlink_ifindex - find the device that a request names
 * @net: the requester's namespace
 * @index: attribute with its index, or NULL
 * @name: attribute with its name, or NULL; not both are
 * @extack: says what is wrong
 *
 * Return: its index, -ENODEV where there is none, -EINVAL where index and name
 * disagree.
 */
int pnicfw_netlink_ifindex(struct net *net, const struct nlattr *index,
			   const struct nlattr *name,
			   struct netlink_ext_ack *extack)
{
	const struct nlattr *attr = name ?: index;
	struct net_device *dev;
	int ifindex = -ENODEV;

	rcu_read_lock();
	if (name)
		dev = dev_get_by_name_rcu(net, nla_data(name));
	else
		dev = dev_get_by_index_rcu(net, nla_get_u32(index));
	if (dev)
		ifindex = dev->ifindex;
	rcu_read_unlock();

	if (ifindex < 0) {
		NL_SET_ERR_MSG_ATTR(extack, attr,
				    "dev: no such network device in this namespace");
	} else if (index && nla_get_u32(index) != ifindex) {
		NL_SET_ERR_MSG_ATTR(extack, index,
				    "dev: index and name are of different network devices");
		return -EINVAL;
	}
	return ifindex;
}

/**
 * pnicfw_netlink_reply - begin the answer to a request
 * @info: the request
 * @size: what the attributes need at most, bytes
 * @hdr: is set to what genlmsg_end() wants
 *
 * Return: the message or NULL.
 */
struct sk_buff *pnicfw_netlink_reply(struct genl_info *info, size_t size,
				     void **hdr)
{
	struct sk_buff *msg = genlmsg_new(size, GFP_KERNEL);

	if (!msg)
		return NULL;
	*hdr = genlmsg_put_reply(msg, info, &pnicfw_netlink_family, 0,
				 info->genlhdr->cmd);
	if (*hdr)
		return msg;
	nlmsg_free(msg);
	return NULL;
}

/**
 * pnicfw_netlink_send - end the answer to a request, and send it
 * @msg: the message, used up
 * @hdr: from pnicfw_netlink_reply()
 * @err: what filling it came to; an error is returned, not sent
 * @info: the request
 *
 * Return: 0 or a negative errno.
 */
int pnicfw_netlink_send(struct sk_buff *msg, void *hdr, int err,
			struct genl_info *info)
{
	if (err) {
		nlmsg_free(msg);
		return err;
	}
	genlmsg_end(msg, hdr);
	return genlmsg_reply(msg, info);
}

/**
 * pnicfw_netlink_init - meet users
 *
 * The namespaces' parts must be there already.
 *
 * Return: 0 or a negative errno.
 */
int pnicfw_netlink_init(void)
{
	int err = genl_register_family(&pnicfw_netlink_family);

	if (!err)
		pnicfw_netlink_ntf_switch(true);
	return err;
}

/**
 * pnicfw_netlink_exit - take leave of users
 *
 * Waits for operations and notifications that are under way; what happens
 * later is told to nobody.
 */
void pnicfw_netlink_exit(void)
{
	pnicfw_netlink_ntf_switch(false);
	genl_unregister_family(&pnicfw_netlink_family);
}
