// SPDX-License-Identifier: GPL-2.0
/*
 * listen - hear what the kernel tells userspace only
 */
#include <linux/netconf.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <net/sock.h>

#include "bridge.h"
#include "listen.h"
#include "net.h"
#include "revalidate.h"

/**
 * typedef listen_matters_t - is what was learned untrue after this?
 * @pn: the namespace
 * @skb: a message that userspace is told something by
 *
 * Return: whether it may be.
 */
typedef bool listen_matters_t(struct pnicfw_net *pn,
			      const struct sk_buff *skb);

/* Each transaction of nftables ends with NFT_MSG_NEWGEN, sent once the new
 * rules are in force.
 */
static bool listen_is_commit(struct pnicfw_net *pn, const struct sk_buff *skb)
{
	const struct nlmsghdr *nlh = nlmsg_hdr(skb);

	return skb->len >= sizeof(*nlh) &&
	       nlh->nlmsg_type == ((NFNL_SUBSYS_NFTABLES << 8) |
				   NFT_MSG_NEWGEN);
}

/* A message was lost, and it may have mattered. What it told of may not be in force
 * yet, and a bridge's next one is not to be compared with the one before.
 */
static void listen_recover(struct work_struct *work)
{
	struct pnicfw_net *pn = container_of(work, struct pnicfw_net, lost_work);

	pnicfw_bridge_forget(pn);
	pnicfw_revalidate_all(pn);
	pnicfw_revalidate_settle(pn);
}

/* Netlink takes a socket that it lost a message of for congested, and delivers no
 * more to it until its owner has found the queue empty by reading, which nobody does
 * here. Who does not want to hear of losses is never congested, and so not any more.
 */
static void listen_again(struct socket *sock)
{
	int on;

	for (on = 1; on >= 0; on--)
		sock->ops->setsockopt(sock, SOL_NETLINK, NETLINK_NO_ENOBUFS,
				      KERNEL_SOCKPTR(&on), sizeof(on));
}

/* Netlink may hold its own lock here, with interrupts off. */
static void listen_lost(struct sock *sk)
{
	struct pnicfw_net *pn;

	rcu_read_lock();
	pn = rcu_dereference_sk_user_data(sk);
	if (pn) {
		listen_again(sk->sk_socket);
		queue_work(system_unbound_wq, &pn->lost_work);
	}
	rcu_read_unlock();
}

/* The queue is emptied at once, in the context of whoever made the change, so
 * it cannot overrun.
 */
static void listen_drain(struct sock *sk, listen_matters_t *matters)
{
	struct pnicfw_net *pn;
	struct sk_buff *skb;
	bool any = false;

	rcu_read_lock();
	pn = rcu_dereference_sk_user_data(sk);
	while ((skb = skb_dequeue(&sk->sk_receive_queue))) {
		any |= pn && matters(pn, skb);
		kfree_skb(skb);
	}
	if (any)
		pnicfw_revalidate_all(pn);
	rcu_read_unlock();
}

static void listen_nft_ready(struct sock *sk)
{
	listen_drain(sk, listen_is_commit);
}

/* A change that is one whatever the message says beside its kind:
 *
 * Routes may name nexthops, which are objects of their own: what becomes of these
 * no route tells.
 *
 * What a bridge's port may forward of one VLAN is no part of what is said of the
 * port.
 *
 * A qdisc comes, or goes: a device may not only hand on packets any more, or again.
 * One that is set anew, as shapers may be all the time, replaces none.
 */
static bool listen_is_change(const struct sk_buff *skb)
{
	const struct nlmsghdr *nlh = nlmsg_hdr(skb);

	if (skb->len < sizeof(*nlh))
		return false;
	switch (nlh->nlmsg_type) {
	case RTM_NEWNEXTHOP:
	case RTM_DELNEXTHOP:
	case RTM_NEWNEXTHOPBUCKET:
	case RTM_DELNEXTHOPBUCKET:
	case RTM_NEWVLAN:
	case RTM_DELVLAN:
	case RTM_DELQDISC:
		return true;
	case RTM_NEWQDISC:
		return nlh->nlmsg_flags & NLM_F_REPLACE;
	}
	return false;
}

/* A setting of a device, or of all: may it forward, does it check where packets
 * come from? A new device tells of all of its settings at once, which concern
 * nobody yet.
 */
static bool listen_is_setting(const struct sk_buff *skb)
{
	const struct nlmsghdr *nlh = nlmsg_hdr(skb);
	const struct nlattr *attr;
	int left, n = 0;

	if (skb->len < nlmsg_msg_size(sizeof(struct netconfmsg)) ||
	    nlh->nlmsg_type != RTM_NEWNETCONF)
		return false;
	nlmsg_for_each_attr(attr, nlh, sizeof(struct netconfmsg), left)
		n += nla_type(attr) != NETCONFA_IFINDEX;
	return n == 1;
}

/* The kernel tells of a setting before it has forgotten the routes that it found
 * under the old one.
 */
static bool listen_is_rtnl(struct pnicfw_net *pn, const struct sk_buff *skb)
{
	if (listen_is_setting(skb)) {
		pnicfw_revalidate_settle(pn);
		return true;
	}
	return listen_is_change(skb) || pnicfw_bridge_changed(pn, skb);
}

static void listen_rtnl_ready(struct sock *sk)
{
	listen_drain(sk, listen_is_rtnl);
}

static void listen_close(struct socket **sock)
{
	rcu_assign_sk_user_data((*sock)->sk, NULL);
	synchronize_net();
	sock_release(*sock);
	*sock = NULL;
}

static int listen_open(struct pnicfw_net *pn, int protocol, u32 groups,
		       void (*ready)(struct sock *sk), struct socket **sock)
{
	struct sockaddr_nl addr = {
		.nl_family = AF_NETLINK,
		.nl_groups = groups,
	};
	int err;

	err = sock_create_kern(pn->net, AF_NETLINK, SOCK_RAW, protocol, sock);
	if (err)
		return err;
	rcu_assign_sk_user_data((*sock)->sk, pn);
	(*sock)->sk->sk_data_ready = ready;
	(*sock)->sk->sk_error_report = listen_lost;
	err = kernel_bind(*sock, (struct sockaddr *)&addr, sizeof(addr));
	if (err) {
		sock_release(*sock);
		*sock = NULL;
	}
	return err;
}

static int listen_open_nft(struct pnicfw_net *pn)
{
	return listen_open(pn, NETLINK_NETFILTER, BIT(NFNLGRP_NFTABLES - 1),
			   listen_nft_ready, &pn->nft_sock);
}

/* An address has room for 32 groups. */
static int listen_open_rtnl(struct pnicfw_net *pn)
{
	int group = RTNLGRP_BRVLAN, err;

	err = listen_open(pn, NETLINK_ROUTE,
			  BIT(RTNLGRP_LINK - 1) |
			  BIT(RTNLGRP_TC - 1) |
			  BIT(RTNLGRP_IPV4_NETCONF - 1) |
			  BIT(RTNLGRP_IPV6_NETCONF - 1) |
			  BIT(RTNLGRP_NEXTHOP - 1),
			  listen_rtnl_ready, &pn->rtnl_sock);
	if (err)
		return err;
	err = pn->rtnl_sock->ops->setsockopt(pn->rtnl_sock, SOL_NETLINK,
					     NETLINK_ADD_MEMBERSHIP,
					     KERNEL_SOCKPTR(&group),
					     sizeof(group));
	if (err)
		listen_close(&pn->rtnl_sock);
	return err;
}

/**
 * pnicfw_listen_init - prepare a namespace
 * @pn: the namespace
 */
void pnicfw_listen_init(struct pnicfw_net *pn)
{
	pnicfw_bridge_init(pn);
	INIT_WORK(&pn->lost_work, listen_recover);
}

/**
 * pnicfw_listen_exit - wait for what a lost message left to do
 * @pn: the namespace, which nobody listens to any more
 *
 * Context: process.
 */
void pnicfw_listen_exit(struct pnicfw_net *pn)
{
	cancel_work_sync(&pn->lost_work);
}

/**
 * pnicfw_listen_start - hear of changes to rulesets, nexthops, bridge ports,
 * their VLANs, qdiscs and settings
 * @pn: the namespace, about to have its first port
 *
 * A listener makes nftables build a message for each object of a transaction,
 * so there is one only where there is a port.
 *
 * Context: RTNL, process.
 * Return: 0 or a negative errno.
 */
int pnicfw_listen_start(struct pnicfw_net *pn)
{
	int err;

	err = listen_open_nft(pn);
	if (err)
		return err;
	err = listen_open_rtnl(pn);
	if (err) {
		listen_close(&pn->nft_sock);
		return err;
	}
	pnicfw_bridge_start(pn);
	/* Whatever changed while nobody listened. */
	pnicfw_revalidate_all(pn);
	return 0;
}

/**
 * pnicfw_listen_stop - hear no more of them
 * @pn: the namespace, which has had its last port
 *
 * Context: process.
 */
void pnicfw_listen_stop(struct pnicfw_net *pn)
{
	listen_close(&pn->rtnl_sock);
	pnicfw_bridge_forget(pn);
	listen_close(&pn->nft_sock);
}
