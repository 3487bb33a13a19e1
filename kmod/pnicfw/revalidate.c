// SPDX-License-Identifier: GPL-2.0
/*
 * revalidate - what in the kernel can make a learned action untrue
 */
#include <linux/netconf.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <net/fib_notifier.h>
#include <net/ip6_fib.h>
#include <net/ip_fib.h>
#include <net/neighbour.h>
#include <net/netevent.h>
#include <net/sock.h>
#include <net/switchdev.h>

#include "age.h"
#include "bridge.h"
#include "denial.h"
#include "ipsec.h"
#include "net.h"
#include "pardon.h"
#include "path.h"
#include "revalidate.h"

/**
 * pnicfw_revalidate_all - trust nothing that was learned until now
 * @pn: the namespace
 *
 * The cache notices at a flow's next packet; flows in the eswitch are taken
 * out by the age room's next round, which is asked to hurry.
 *
 * Context: any but hard interrupts.
 */
void pnicfw_revalidate_all(struct pnicfw_net *pn)
{
	atomic_inc(&pn->gen);
	pnicfw_path_kill_all(pn, false);
	if (!xa_empty(&pn->records))
		pnicfw_age_soon(pn);
	pnicfw_denial_round_soon(pn);
}

/* Netlink's own listeners ***************************************************/

/**
 * typedef revalidate_matters_t - is what was learned untrue after this?
 * @pn: the namespace
 * @skb: a message that userspace is told something by
 *
 * Return: whether it may be.
 */
typedef bool revalidate_matters_t(struct pnicfw_net *pn,
				  const struct sk_buff *skb);

/* Each transaction of nftables ends with NFT_MSG_NEWGEN, sent once the new
 * rules are in force.
 */
static bool revalidate_is_commit(struct pnicfw_net *pn,
				 const struct sk_buff *skb)
{
	const struct nlmsghdr *nlh = nlmsg_hdr(skb);

	return skb->len >= sizeof(*nlh) &&
	       nlh->nlmsg_type == ((NFNL_SUBSYS_NFTABLES << 8) |
				   NFT_MSG_NEWGEN);
}

/* A message was lost, and it may have mattered. What it told of may not be in force
 * yet, and a bridge's next one is not to be compared with the one before.
 */
static void revalidate_recover(struct work_struct *work)
{
	struct pnicfw_net *pn = container_of(work, struct pnicfw_net,
					     lost_work);

	pnicfw_bridge_forget(pn);
	pnicfw_revalidate_all(pn);
	queue_work(system_unbound_wq, &pn->fib_work);
}

/* Netlink takes a socket that it lost a message of for congested, and delivers no
 * more to it until its owner has found the queue empty by reading, which nobody does
 * here. Who does not want to hear of losses is never congested, and so not any more.
 */
static void revalidate_hear_again(struct socket *sock)
{
	int on;

	for (on = 1; on >= 0; on--)
		sock->ops->setsockopt(sock, SOL_NETLINK, NETLINK_NO_ENOBUFS,
				      KERNEL_SOCKPTR(&on), sizeof(on));
}

/* Netlink may hold its own lock here, with interrupts off. */
static void revalidate_lost(struct sock *sk)
{
	struct pnicfw_net *pn;

	rcu_read_lock();
	pn = rcu_dereference_sk_user_data(sk);
	if (pn) {
		revalidate_hear_again(sk->sk_socket);
		queue_work(system_unbound_wq, &pn->lost_work);
	}
	rcu_read_unlock();
}

/* The queue is emptied at once, in the context of whoever made the change, so
 * it cannot overrun.
 */
static void revalidate_drain(struct sock *sk, revalidate_matters_t *matters)
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

static void revalidate_nft_ready(struct sock *sk)
{
	revalidate_drain(sk, revalidate_is_commit);
}

/* Routes may name nexthops, which are objects of their own: what becomes of
 * these no route tells.
 */
static bool revalidate_is_nexthop(const struct sk_buff *skb)
{
	if (skb->len < sizeof(struct nlmsghdr))
		return false;
	switch (nlmsg_hdr(skb)->nlmsg_type) {
	case RTM_NEWNEXTHOP:
	case RTM_DELNEXTHOP:
	case RTM_NEWNEXTHOPBUCKET:
	case RTM_DELNEXTHOPBUCKET:
		return true;
	}
	return false;
}

/* A setting of a device, or of all: may it forward, does it check where packets
 * come from? A new device tells of all of its settings at once, which concern
 * nobody yet.
 */
static bool revalidate_is_setting(const struct sk_buff *skb)
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
static bool revalidate_is_rtnl(struct pnicfw_net *pn, const struct sk_buff *skb)
{
	if (revalidate_is_setting(skb)) {
		queue_work(system_unbound_wq, &pn->fib_work);
		return true;
	}
	return revalidate_is_nexthop(skb) || pnicfw_bridge_changed(pn, skb);
}

static void revalidate_rtnl_ready(struct sock *sk)
{
	revalidate_drain(sk, revalidate_is_rtnl);
}

static void revalidate_close(struct socket **sock)
{
	rcu_assign_sk_user_data((*sock)->sk, NULL);
	synchronize_net();
	sock_release(*sock);
	*sock = NULL;
}

static int revalidate_listen(struct pnicfw_net *pn, int protocol, u32 groups,
			     void (*ready)(struct sock *sk),
			     struct socket **sock)
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
	(*sock)->sk->sk_error_report = revalidate_lost;
	err = kernel_bind(*sock, (struct sockaddr *)&addr, sizeof(addr));
	if (err) {
		sock_release(*sock);
		*sock = NULL;
	}
	return err;
}

/**
 * pnicfw_revalidate_start - hear of changes to rulesets, nexthops, bridge ports
 * and settings
 * @pn: the namespace, about to have its first port
 *
 * A listener makes nftables build a message for each object of a transaction,
 * so there is one only where there is a port.
 *
 * Context: RTNL, process.
 * Return: 0 or a negative errno.
 */
int pnicfw_revalidate_start(struct pnicfw_net *pn)
{
	int err;

	err = revalidate_listen(pn, NETLINK_NETFILTER,
				BIT(NFNLGRP_NFTABLES - 1),
				revalidate_nft_ready, &pn->nft_sock);
	if (err)
		return err;
	err = revalidate_listen(pn, NETLINK_ROUTE,
				BIT(RTNLGRP_LINK - 1) |
				BIT(RTNLGRP_IPV4_NETCONF - 1) |
				BIT(RTNLGRP_IPV6_NETCONF - 1) |
				BIT(RTNLGRP_NEXTHOP - 1),
				revalidate_rtnl_ready, &pn->rtnl_sock);
	if (err) {
		revalidate_close(&pn->nft_sock);
		return err;
	}
	pnicfw_bridge_start(pn);
	/* Whatever changed while nobody listened. */
	pnicfw_revalidate_all(pn);
	return 0;
}

/**
 * pnicfw_revalidate_stop - hear no more of them
 * @pn: the namespace, which has had its last port
 *
 * Context: process.
 */
void pnicfw_revalidate_stop(struct pnicfw_net *pn)
{
	revalidate_close(&pn->rtnl_sock);
	pnicfw_bridge_forget(pn);
	revalidate_close(&pn->nft_sock);
}

/* Routes ******************************************************************/

/* Some of these events come before the change is in force: a route of IPv4 that
 * is deleted, one of IPv6 that is added, a rule. A packet that comes in between
 * the two goes by what is about to end, and would teach it under the new number.
 * All of them come under RTNL, or in a softirq; once both are through, the
 * change is in force, and what was learned until then is not trusted either.
 */
static void revalidate_settled(struct work_struct *work)
{
	struct pnicfw_net *pn = container_of(work, struct pnicfw_net, fib_work);
	u32 announced = READ_ONCE(pn->pardon.announced);

	rtnl_lock();
	rtnl_unlock();
	synchronize_rcu();
	if (!pnicfw_pardon_settled(pn, announced))
		pnicfw_revalidate_all(pn);
	else if (!xa_empty(&pn->records))
		pnicfw_age_soon(pn);
}

/* May a route concern those only whose addresses are in its prefix? An address
 * comes as a route that is local, and more may depend on it.
 */
static bool revalidate_is_plain(u8 type, u32 table)
{
	switch (type) {
	case RTN_UNICAST:
	case RTN_BLACKHOLE:
	case RTN_UNREACHABLE:
	case RTN_PROHIBIT:
		return table != RT_TABLE_LOCAL;
	}
	return false;
}

static bool revalidate_prefix_ipv4(const struct fib_entry_notifier_info *fen,
				   struct pnicfw_prefix *prefix)
{
	prefix->family = NFPROTO_IPV4;
	prefix->len = fen->dst_len;
	prefix->addr.ip = htonl(fen->dst);
	return revalidate_is_plain(fen->type, fen->tb_id);
}

static bool revalidate_prefix_ipv6(const struct fib6_entry_notifier_info *fen,
				   struct pnicfw_prefix *prefix)
{
	const struct fib6_info *rt = fen->rt;

	prefix->family = NFPROTO_IPV6;
	prefix->len = rt->fib6_dst.plen;
	prefix->addr.in6 = rt->fib6_dst.addr;
	return revalidate_is_plain(rt->fib6_type, rt->fib6_table->tb6_id);
}

/* The prefix that an event is about, where it is about no more than that. */
static bool revalidate_prefix(unsigned long event, const void *ptr,
			      struct pnicfw_prefix *prefix)
{
	const struct fib_notifier_info *info = ptr;

	switch (event) {
	case FIB_EVENT_ENTRY_REPLACE:
	case FIB_EVENT_ENTRY_APPEND:
	case FIB_EVENT_ENTRY_ADD:
	case FIB_EVENT_ENTRY_DEL:
		if (info->family == AF_INET)
			return revalidate_prefix_ipv4(ptr, prefix);
		if (info->family == AF_INET6)
			return revalidate_prefix_ipv6(ptr, prefix);
	}
	return false;
}

/* Any route or rule of either family; addresses come as local routes. */
static int revalidate_fib(struct notifier_block *nb, unsigned long event,
			  void *ptr)
{
	struct pnicfw_net *pn = container_of(nb, struct pnicfw_net, fib_nb);
	struct pnicfw_prefix prefix;

	if (!revalidate_prefix(event, ptr, &prefix)) {
		pnicfw_revalidate_all(pn);
	} else {
		pnicfw_pardon_route(pn, &prefix);
		if (!xa_empty(&pn->records))
			pnicfw_age_soon(pn);
	}
	if (!xa_empty(&pn->ports))
		queue_work(system_unbound_wq, &pn->fib_work);
	return NOTIFY_DONE;
}

/**
 * pnicfw_revalidate_init_net - hear of a namespace's routes
 * @pn: the namespace
 *
 * Context: process, without RTNL, which the notifier takes itself: therefore
 * not with the first port.
 * Return: 0 or a negative errno.
 */
int pnicfw_revalidate_init_net(struct pnicfw_net *pn)
{
	pnicfw_bridge_init(pn);
	pnicfw_ipsec_init_net(pn);
	INIT_WORK(&pn->lost_work, revalidate_recover);
	INIT_WORK(&pn->fib_work, revalidate_settled);
	pn->fib_nb.notifier_call = revalidate_fib;
	return register_fib_notifier(pn->net, &pn->fib_nb, NULL, NULL);
}

/**
 * pnicfw_revalidate_exit_net - hear no more of them
 * @pn: the namespace
 *
 * Context: process, without RTNL.
 */
void pnicfw_revalidate_exit_net(struct pnicfw_net *pn)
{
	unregister_fib_notifier(pn->net, &pn->fib_nb);
	cancel_work_sync(&pn->lost_work);
	cancel_work_sync(&pn->fib_work);
}

/* Neighbours and bridges **************************************************/

static int revalidate_netevent(struct notifier_block *nb, unsigned long event,
			       void *ptr)
{
	struct neighbour *neigh = ptr;

	if (event == NETEVENT_NEIGH_UPDATE && neigh->dev)
		pnicfw_path_kill_neigh(pnicfw_net(dev_net(neigh->dev)), neigh);
	return NOTIFY_DONE;
}

static struct notifier_block revalidate_netevent_nb = {
	.notifier_call = revalidate_netevent,
};

static int revalidate_switchdev(struct notifier_block *nb, unsigned long event,
				void *ptr)
{
	struct net_device *dev = switchdev_notifier_info_to_dev(ptr);
	const struct switchdev_notifier_fdb_info *fdb = ptr;

	switch (event) {
	case SWITCHDEV_FDB_ADD_TO_DEVICE:
	case SWITCHDEV_FDB_DEL_TO_DEVICE:
		pnicfw_path_kill_fdb(pnicfw_net(dev_net(dev)), dev, fdb->addr,
				     event == SWITCHDEV_FDB_ADD_TO_DEVICE);
	}
	return NOTIFY_DONE;
}

static struct notifier_block revalidate_switchdev_nb = {
	.notifier_call = revalidate_switchdev,
};

/**
 * pnicfw_revalidate_init - hear of neighbours, bridges and IPsec policies, in all
 * namespaces
 *
 * Return: 0 or a negative errno.
 */
int pnicfw_revalidate_init(void)
{
	int err;

	err = register_netevent_notifier(&revalidate_netevent_nb);
	if (err)
		return err;
	err = register_switchdev_notifier(&revalidate_switchdev_nb);
	if (err) {
		unregister_netevent_notifier(&revalidate_netevent_nb);
		return err;
	}
	pnicfw_ipsec_init();
	return 0;
}

/**
 * pnicfw_revalidate_exit - hear no more of them
 */
void pnicfw_revalidate_exit(void)
{
	pnicfw_ipsec_exit();
	unregister_switchdev_notifier(&revalidate_switchdev_nb);
	unregister_netevent_notifier(&revalidate_netevent_nb);
}
