// SPDX-License-Identifier: GPL-2.0
/*
 * revalidate - what in the kernel can make a learned action untrue
 */
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <net/fib_notifier.h>
#include <net/neighbour.h>
#include <net/netevent.h>
#include <net/sock.h>
#include <net/switchdev.h>

#include "age.h"
#include "bridge.h"
#include "denial.h"
#include "net.h"
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
	pnicfw_path_kill_all(pn);
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

/* Should a message be lost after all, it may have mattered. */
static void revalidate_lost(struct sock *sk)
{
	struct pnicfw_net *pn;

	rcu_read_lock();
	pn = rcu_dereference_sk_user_data(sk);
	if (pn)
		pnicfw_revalidate_all(pn);
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

static void revalidate_link_ready(struct sock *sk)
{
	revalidate_drain(sk, pnicfw_bridge_changed);
}

static void revalidate_close(struct socket **sock)
{
	rcu_assign_sk_user_data((*sock)->sk, NULL);
	synchronize_net();
	sock_release(*sock);
	*sock = NULL;
}

static int revalidate_listen(struct pnicfw_net *pn, int protocol, u32 group,
			     void (*ready)(struct sock *sk),
			     struct socket **sock)
{
	struct sockaddr_nl addr = {
		.nl_family = AF_NETLINK,
		.nl_groups = BIT(group - 1),
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
 * pnicfw_revalidate_start - hear of changes to rulesets and bridge ports
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

	err = revalidate_listen(pn, NETLINK_NETFILTER, NFNLGRP_NFTABLES,
				revalidate_nft_ready, &pn->nft_sock);
	if (err)
		return err;
	err = revalidate_listen(pn, NETLINK_ROUTE, RTNLGRP_LINK,
				revalidate_link_ready, &pn->link_sock);
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
	revalidate_close(&pn->link_sock);
	pnicfw_bridge_stop(pn);
	revalidate_close(&pn->nft_sock);
}

/* Routes ******************************************************************/

/* Any route or rule of either family; addresses come as local routes. */
static int revalidate_fib(struct notifier_block *nb, unsigned long event,
			  void *ptr)
{
	pnicfw_revalidate_all(container_of(nb, struct pnicfw_net, fib_nb));
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
	pn->fib_nb.notifier_call = revalidate_fib;
	return register_fib_notifier(pn->net, &pn->fib_nb, NULL, NULL);
}

/**
 * pnicfw_revalidate_exit_net - hear no more of them
 * @pn: the namespace
 */
void pnicfw_revalidate_exit_net(struct pnicfw_net *pn)
{
	unregister_fib_notifier(pn->net, &pn->fib_nb);
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
 * pnicfw_revalidate_init - hear of neighbours and bridges, in all namespaces
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
	if (err)
		unregister_netevent_notifier(&revalidate_netevent_nb);
	return err;
}

/**
 * pnicfw_revalidate_exit - hear no more of them
 */
void pnicfw_revalidate_exit(void)
{
	unregister_switchdev_notifier(&revalidate_switchdev_nb);
	unregister_netevent_notifier(&revalidate_netevent_nb);
}
