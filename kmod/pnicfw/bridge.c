// SPDX-License-Identifier: GPL-2.0
/*
 * bridge - what bridges say of their ports
 */
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/jiffies.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <linux/siphash.h>
#include <linux/xarray.h>
#include <net/netlink.h>

#include "bridge.h"
#include "compat.h"
#include "net.h"

/* What a bridge measures and counts, and decides nothing by. */
static bool bridge_is_gauge(const struct nlattr *attr)
{
	switch (nla_type(attr)) {
	case IFLA_BRPORT_MESSAGE_AGE_TIMER:
	case IFLA_BRPORT_FORWARD_DELAY_TIMER:
	case IFLA_BRPORT_HOLD_TIMER:
	case IFLA_BRPORT_MCAST_EHT_HOSTS_CNT:
	case PNICFW_IFLA_BRPORT_MCAST_N_GROUPS:
		return true;
	}
	return false;
}

static void bridge_digest_one(const struct nlattr *attr, siphash_key_t *sum)
{
	sum->key[0] = siphash(attr, attr->nla_len, sum);
}

static void bridge_digest_port(const struct nlattr *nest, siphash_key_t *sum)
{
	const struct nlattr *attr;
	int left;

	nla_for_each_nested(attr, nest, left)
		if (!bridge_is_gauge(attr))
			bridge_digest_one(attr, sum);
}

/* All that is the bridge's own in a message about a port, as a value that the
 * xarray takes: which bridge it is of, its state and flags, its VLANs. The rest
 * is the device's, and comes by notifiers.
 */
static void *bridge_digest(const struct nlmsghdr *nlh)
{
	const struct nlattr *attr;
	siphash_key_t sum = { };
	int left;

	nlmsg_for_each_attr(attr, nlh, sizeof(struct ifinfomsg), left) {
		switch (nla_type(attr)) {
		case IFLA_PROTINFO:
			bridge_digest_port(attr, &sum);
			break;
		case IFLA_MASTER:
		case IFLA_AF_SPEC:
			bridge_digest_one(attr, &sum);
		}
	}
	return xa_mk_value((unsigned long)sum.key[0] >> 1);
}

/* Remember what is said of a port; where there is no memory for it, that
 * nothing is known.
 */
static void bridge_remember(struct pnicfw_net *pn, int ifindex, void *digest)
{
	if (xa_err(xa_store_bh(&pn->bridge_ports, ifindex, digest, GFP_ATOMIC)))
		xa_erase_bh(&pn->bridge_ports, ifindex);
}

/**
 * pnicfw_bridge_changed - does a message tell of a bridge port that changed?
 * @pn: the namespace
 * @skb: a message to listeners of RTNLGRP_LINK
 *
 * Messages from under RTNL come in the order of the changes. A timer's or a
 * BPDU's may be late: what it says is not remembered, and if it is news, nor is
 * what was.
 *
 * Context: any but hard interrupts.
 * Return: whether it does, or may.
 */
bool pnicfw_bridge_changed(struct pnicfw_net *pn, const struct sk_buff *skb)
{
	const struct nlmsghdr *nlh = nlmsg_hdr(skb);
	const struct ifinfomsg *ifm;
	void *digest;

	if (skb->len < nlmsg_msg_size(sizeof(*ifm)))
		return false;
	ifm = nlmsg_data(nlh);
	if (ifm->ifi_family != AF_BRIDGE)
		return false;
	if (nlh->nlmsg_type != RTM_NEWLINK) {
		xa_erase_bh(&pn->bridge_ports, ifm->ifi_index);
		return true;
	}

	digest = bridge_digest(nlh);
	if (xa_load(&pn->bridge_ports, ifm->ifi_index) == digest)
		return false;
	if (in_serving_softirq())
		xa_erase_bh(&pn->bridge_ports, ifm->ifi_index);
	else
		bridge_remember(pn, ifm->ifi_index, digest);
	return true;
}

/**
 * pnicfw_bridge_init - prepare a namespace: nothing is known
 * @pn: the namespace
 */
void pnicfw_bridge_init(struct pnicfw_net *pn)
{
	xa_init_flags(&pn->bridge_ports, XA_FLAGS_LOCK_BH);
}

/* Ask a bridge for the message that it would send about its port. */
static int bridge_ask(struct net_device *bridge, struct net_device *dev,
		      struct sk_buff *skb)
{
	if (!bridge->netdev_ops->ndo_bridge_getlink)
		return -EOPNOTSUPP;
	return bridge->netdev_ops->ndo_bridge_getlink(skb, 0, 0, dev,
				RTEXT_FILTER_BRVLAN_COMPRESSED, 0);
}

static void bridge_learn(struct pnicfw_net *pn, struct net_device *dev)
{
	struct net_device *bridge = netdev_master_upper_dev_get(dev);
	struct sk_buff *skb;

	if (!bridge)
		return;
	skb = nlmsg_new(NLMSG_DEFAULT_SIZE, GFP_KERNEL);
	if (!skb)
		return;
	/* What it has said meanwhile is newer. */
	if (!bridge_ask(bridge, dev, skb) && skb->len)
		xa_cmpxchg_bh(&pn->bridge_ports, dev->ifindex, NULL,
			      bridge_digest(nlmsg_hdr(skb)), GFP_KERNEL);
	kfree_skb(skb);
}

/**
 * pnicfw_bridge_start - learn how the bridges' ports are now
 * @pn: the namespace; messages about them are heard already
 *
 * What cannot be learned counts as changed with the first message about it.
 *
 * Context: RTNL, process.
 */
void pnicfw_bridge_start(struct pnicfw_net *pn)
{
	struct net_device *dev;

	for_each_netdev(pn->net, dev)
		if (netif_is_bridge_port(dev))
			bridge_learn(pn, dev);
}

/**
 * pnicfw_bridge_forget - forget how they are
 * @pn: the namespace; a message was lost, or none are heard any more
 *
 * What is said of a port from here on counts as a change.
 *
 * Context: any but hard interrupts.
 */
void pnicfw_bridge_forget(struct pnicfw_net *pn)
{
	xa_destroy(&pn->bridge_ports);
}

/**
 * pnicfw_bridge_ask - get what bridges can be asked by
 *
 * The bridge module is asked if it is there, and not needed to be. It stays until
 * pnicfw_bridge_asked().
 *
 * Context: process.
 * Return: for pnicfw_bridge_ageing(); NULL where there are no bridges.
 */
pnicfw_bridge_ask_t *pnicfw_bridge_ask(void)
{
#if IS_ENABLED(CONFIG_BRIDGE)
	return symbol_get(br_get_ageing_time);
#else
	return NULL;
#endif
}

/**
 * pnicfw_bridge_asked - give it back
 * @ask: what pnicfw_bridge_ask() returned
 *
 * Context: process.
 */
void pnicfw_bridge_asked(pnicfw_bridge_ask_t *ask)
{
#if IS_ENABLED(CONFIG_BRIDGE)
	if (ask)
		symbol_put(br_get_ageing_time);
#endif
}

/**
 * struct bridge_ages - looking for bridges on top of a device
 * @ask: what they are asked by
 * @ms: the shortest ageing time until now, 0 for none
 */
struct bridge_ages {
	pnicfw_bridge_ask_t *ask;
	u32 ms;
};

static int bridge_age(struct net_device *upper, struct netdev_nested_priv *priv)
{
	struct bridge_ages *ages = priv->data;
	u32 ms;

	if (!netif_is_bridge_master(upper))
		return 0;
	ms = jiffies_to_msecs(clock_t_to_jiffies(ages->ask(upper)));
	if (ms && (!ages->ms || ms < ages->ms))
		ages->ms = ms;
	return 0;
}

/**
 * pnicfw_bridge_ageing - how long do bridges remember who is behind a device?
 * @dev: the device
 * @ask: what pnicfw_bridge_ask() returned
 *
 * Context: RCU.
 * Return: milliseconds, the shortest of all bridges on top of it; 0 where there
 * is none, or none forgets.
 */
u32 pnicfw_bridge_ageing(struct net_device *dev, pnicfw_bridge_ask_t *ask)
{
	struct bridge_ages ages = { .ask = ask };
	struct netdev_nested_priv priv = { .data = &ages };

	if (ask)
		netdev_walk_all_upper_dev_rcu(dev, bridge_age, &priv);
	return ages.ms;
}
