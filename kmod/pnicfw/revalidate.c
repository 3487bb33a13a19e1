// SPDX-License-Identifier: GPL-2.0
/*
 * revalidate - what in the kernel can make a learned action untrue
 */
#include <linux/netlink.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <net/fib_notifier.h>
#include <net/neighbour.h>
#include <net/netevent.h>
#include <net/sock.h>
#include <net/switchdev.h>

#include "age.h"
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
 * Context: any.
 */
void pnicfw_revalidate_all(struct pnicfw_net *pn)
{
	atomic_inc(&pn->gen);
	if (!xa_empty(&pn->records))
		pnicfw_age_soon(pn);
}

/* nftables ****************************************************************/

/* Each transaction ends with NFT_MSG_NEWGEN, sent once the new rules are in
 * force.
 */
static bool revalidate_is_commit(const struct sk_buff *skb)
{
	const struct nlmsghdr *nlh = nlmsg_hdr(skb);

	return skb->len >= sizeof(*nlh) &&
	       nlh->nlmsg_type == ((NFNL_SUBSYS_NFTABLES << 8) |
				   NFT_MSG_NEWGEN);
}

/* The queue is emptied at once, in the context of whoever commits, so it
 * cannot overrun.
 */
static void revalidate_nft_ready(struct sock *sk)
{
	struct pnicfw_net *pn;
	bool commit = false;
	struct sk_buff *skb;

	while ((skb = skb_dequeue(&sk->sk_receive_queue))) {
		commit |= revalidate_is_commit(skb);
		kfree_skb(skb);
	}
	rcu_read_lock();
	pn = rcu_dereference_sk_user_data(sk);
	if (pn && commit)
		pnicfw_revalidate_all(pn);
	rcu_read_unlock();
}

/* Should a message be lost after all, it may have been a commit. */
static void revalidate_nft_error(struct sock *sk)
{
	struct pnicfw_net *pn;

	rcu_read_lock();
	pn = rcu_dereference_sk_user_data(sk);
	if (pn)
		pnicfw_revalidate_all(pn);
	rcu_read_unlock();
}

/**
 * pnicfw_revalidate_start - hear of ruleset changes
 * @pn: the namespace, about to have its first port
 *
 * A listener makes nftables build a message for each object of a transaction,
 * so there is one only where there is a port.
 *
 * Context: process.
 * Return: 0 or a negative errno.
 */
int pnicfw_revalidate_start(struct pnicfw_net *pn)
{
	struct sockaddr_nl addr = {
		.nl_family = AF_NETLINK,
		.nl_groups = BIT(NFNLGRP_NFTABLES - 1),
	};
	struct socket *sock;
	int err;

	err = sock_create_kern(pn->net, AF_NETLINK, SOCK_RAW, NETLINK_NETFILTER,
			       &sock);
	if (err)
		return err;
	rcu_assign_sk_user_data(sock->sk, pn);
	sock->sk->sk_data_ready = revalidate_nft_ready;
	sock->sk->sk_error_report = revalidate_nft_error;
	err = kernel_bind(sock, (struct sockaddr *)&addr, sizeof(addr));
	if (err) {
		sock_release(sock);
		return err;
	}
	pn->nl_sock = sock;
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
	rcu_assign_sk_user_data(pn->nl_sock->sk, NULL);
	synchronize_net();
	sock_release(pn->nl_sock);
	pn->nl_sock = NULL;
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
