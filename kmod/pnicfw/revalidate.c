// SPDX-License-Identifier: GPL-2.0
/*
 * revalidate - what in the kernel can make a learned action untrue
 */
#include <linux/rtnetlink.h>
#include <net/fib_notifier.h>
#include <net/ip6_fib.h>
#include <net/ip_fib.h>
#include <net/neighbour.h>
#include <net/netevent.h>
#include <net/switchdev.h>

#include "age.h"
#include "denial.h"
#include "ipsec.h"
#include "net.h"
#include "pardon.h"
#include "path.h"
#include "revalidate.h"

/* Eswitches know of no generation: what is in them is looked through. */
static void revalidate_soon(struct pnicfw_net *pn)
{
	if (!xa_empty(&pn->records))
		pnicfw_age_soon(pn);
	pnicfw_denial_round_soon(pn);
}

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
	revalidate_soon(pn);
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
	else
		revalidate_soon(pn);
}

/**
 * pnicfw_revalidate_settle - trust nothing that is learned until a change is in
 * force
 * @pn: the namespace
 *
 * For changes that are told of before they are in force, and made under RTNL or
 * in a softirq.
 *
 * Context: any.
 */
void pnicfw_revalidate_settle(struct pnicfw_net *pn)
{
	queue_work(system_unbound_wq, &pn->fib_work);
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
		revalidate_soon(pn);
	}
	if (!xa_empty(&pn->ports))
		pnicfw_revalidate_settle(pn);
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
	pnicfw_ipsec_init_net(pn);
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
	cancel_work_sync(&pn->fib_work);
}

/* Neighbours and bridges **************************************************/

static void revalidate_neigh(struct neighbour *neigh)
{
	if (neigh->dev)
		pnicfw_path_kill_neigh(pnicfw_net(dev_net(neigh->dev)), neigh);
}

/* A neighbour, or by what the packets of a route that has several ways are spread
 * over these, which no route tells.
 */
static int revalidate_netevent(struct notifier_block *nb, unsigned long event,
			       void *ptr)
{
	switch (event) {
	case NETEVENT_NEIGH_UPDATE:
		revalidate_neigh(ptr);
		break;
	case NETEVENT_IPV4_MPATH_HASH_UPDATE:
	case NETEVENT_IPV6_MPATH_HASH_UPDATE:
		pnicfw_revalidate_all(pnicfw_net(ptr));
	}
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
