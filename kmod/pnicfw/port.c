// SPDX-License-Identifier: GPL-2.0
/*
 * port - the network devices that take part
 */
#include <linux/if_arp.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/netfilter/nf_conntrack_acct.h>
#include <net/netfilter/nf_conntrack_core.h>

#include "admit.h"
#include "bind.h"
#include "crew.h"
#include "denial.h"
#include "denial_hw.h"
#include "device.h"
#include "hook.h"
#include "listen.h"
#include "net.h"
#include "netlink.h"
#include "path.h"
#include "port.h"
#include "reconcile.h"
#include "record.h"
#include "xtables.h"

/**
 * pnicfw_port_init_net - a namespace begins, without ports
 * @pn: the namespace
 */
void pnicfw_port_init_net(struct pnicfw_net *pn)
{
	xa_init(&pn->ports);
}

/**
 * pnicfw_port_find - the port that a device is
 * @pn: the namespace
 * @ifindex: the device's
 *
 * Context: RCU, or RTNL.
 * Return: the port, valid for as long, or NULL.
 */
struct pnicfw_port *pnicfw_port_find(struct pnicfw_net *pn, int ifindex)
{
	return xa_load(&pn->ports, ifindex);
}

/* Tier 1 is conntrack, also where no rule of the user's asks for it, and its
 * accounting is what all tiers' counters add up in.
 */
static int port_first(struct pnicfw_net *pn)
{
	int err;

	err = nf_ct_netns_get(pn->net, NFPROTO_INET);
	if (err)
		return err;
	nf_ct_set_acct(pn->net, true);
	err = pnicfw_hook_start_net(pn);
	if (err)
		goto out_ct;
	err = pnicfw_listen_start(pn);
	if (err)
		goto out_hook;
	pnicfw_xtables_begin(pn);
	return 0;

out_hook:
	pnicfw_hook_stop_net(pn);
out_ct:
	nf_ct_netns_put(pn->net, NFPROTO_INET);
	return err;
}

static void port_last(struct pnicfw_net *pn)
{
	pnicfw_listen_stop(pn);
	nf_ct_netns_put(pn->net, NFPROTO_INET);
}

static struct pnicfw_port *port_alloc(struct pnicfw_net *pn,
				      struct net_device *dev)
{
	struct pnicfw_port *port = kzalloc(sizeof(*port), GFP_KERNEL);

	if (!port)
		return NULL;
	port->dev = dev;
	port->pn = pn;
	INIT_LIST_HEAD(&port->block.cb_list);
	pnicfw_shapes_init(&port->unsupported);
	netdev_hold(dev, &port->tracker, GFP_KERNEL);
	return port;
}

static void port_free(struct pnicfw_port *port)
{
	netdev_put(port->dev, &port->tracker);
	kfree_rcu(port, rcu);
}

static int port_check(struct pnicfw_net *pn, const struct net_device *dev,
		      struct netlink_ext_ack *extack)
{
	if (dev->type != ARPHRD_ETHER || dev->flags & IFF_LOOPBACK) {
		NL_SET_ERR_MSG(extack, "dev: not an Ethernet device");
		return -EINVAL;
	}
	if (pnicfw_port_find(pn, dev->ifindex)) {
		NL_SET_ERR_MSG(extack, "dev: device is a port already");
		return -EEXIST;
	}
	return 0;
}

static int port_start(struct pnicfw_net *pn, struct pnicfw_port *port,
		      struct netlink_ext_ack *extack)
{
	bool first = xa_empty(&pn->ports);
	int err;

	if (first) {
		err = port_first(pn);
		if (err) {
			NL_SET_ERR_MSG(extack,
				       "dev: connection tracking cannot start");
			return err;
		}
	}
	err = xa_err(xa_store(&pn->ports, port->dev->ifindex, port,
			      GFP_KERNEL));
	if (err)
		goto out_first;
	err = pnicfw_hook_start_port(port);
	if (!err)
		return 0;

	NL_SET_ERR_MSG(extack, "dev: device's netfilter hooks cannot be taken");
	xa_erase(&pn->ports, port->dev->ifindex);
	synchronize_net();
out_first:
	if (first) {
		pnicfw_hook_stop_net(pn);
		port_last(pn);
	}
	return err;
}

/* A new port may be where the packets of some connections went all along. */
static void port_forget_strays(struct pnicfw_net *pn)
{
	struct pnicfw_record *rec;
	unsigned long id = 0;

	/* Whoever did not find the port has made its record by then, and from
	 * here on all find it.
	 */
	synchronize_net();
	while ((rec = pnicfw_record_next(pn, &id))) {
		if (rec->answer.cache_why == PNICFW_REASON_EGRESS_NOT_PORT)
			pnicfw_record_close(rec, PNICFW_REASON_STALE);
		pnicfw_record_put(rec);
		cond_resched();
	}
}

/**
 * pnicfw_port_add - make a device a port
 * @pn: the namespace
 * @dev: the device, of that namespace
 * @hw: its flows may go to the eswitch
 * @extack: where the reason for a refusal goes
 *
 * A device that belongs to no eswitch, or whose driver takes no rules, is a
 * port all the same, in software; "bind" tells. Of the second, which nobody may
 * have expected, @extack has the reason.
 *
 * Context: RTNL.
 * Return: 0 or a negative errno.
 */
int pnicfw_port_add(struct pnicfw_net *pn, struct net_device *dev, bool hw,
		    struct netlink_ext_ack *extack)
{
	struct pnicfw_port *port;
	int err;

	ASSERT_RTNL();
	err = port_check(pn, dev, extack);
	if (err)
		return err;
	port = port_alloc(pn, dev);
	if (!port)
		return -ENOMEM;
	err = port_start(pn, port, extack);
	if (err) {
		port_free(port);
		return err;
	}
	pnicfw_device_keep_dst(dev);
	port_forget_strays(pn);
	port->hw_wanted = hw;
	if (hw && pnicfw_bind_eswitch(port))
		pnicfw_bind_take(port, extack);
	pnicfw_netlink_port(port, PNICFW_EVENT_ADD);
	return 0;
}

typedef void port_act_t(struct pnicfw_record *rec);
typedef void port_deny_t(const struct pnicfw_port *port);

/* Do it to every connection that passes a port, or to all of the namespace's
 * where @port is NULL.
 */
static void port_walk_records(struct pnicfw_net *pn,
			      const struct pnicfw_port *port, port_act_t *act)
{
	struct pnicfw_record *rec;
	unsigned long id = 0;

	while ((rec = pnicfw_record_next(pn, &id))) {
		if (!port || pnicfw_record_uses(rec, port))
			act(rec);
		pnicfw_record_put(rec);
		cond_resched();
	}
}

static void port_close_record(struct pnicfw_record *rec)
{
	pnicfw_record_close(rec, PNICFW_REASON_PORT_GONE);
}

static void port_demote_record(struct pnicfw_record *rec)
{
	spin_lock_bh(&rec->lock);
	pnicfw_reconcile_want(rec, false, PNICFW_REASON_PORT_OFF);
	spin_unlock_bh(&rec->lock);
}

/* Have the workers do what there is to do, what a driver has not let go of, too. */
static void port_flush(struct pnicfw_net *pn)
{
	pnicfw_reconcile_again(pn, UINT_MAX);
	pnicfw_crew_flush(pn);
	pnicfw_denial_hw_again(pn);
	pnicfw_denial_hw_flush(pn);
}

/* Nothing of the port's is in the eswitch when this returns, unless the driver does
 * not let go of it, and nothing will be: the workers look at the binding's and the
 * port's word before they install.
 */
static void port_clear(struct pnicfw_port *port, port_act_t *act,
		       port_deny_t *deny)
{
	port_walk_records(port->pn, port, act);
	deny(port);
	port_flush(port->pn);
}

static void port_unbind(struct pnicfw_port *port, port_act_t *act,
			port_deny_t *deny)
{
	port_clear(port, act, deny);
	pnicfw_bind_release(port);
	/* What the driver has not let go of is let go of here. */
	port_flush(port->pn);
}

/**
 * pnicfw_port_set_hw - let a port's flows go to the eswitch, or not
 * @port: the port
 * @hw: whether they may
 * @extack: where the reason for a refusal goes
 *
 * Context: RTNL.
 * Return: 0, or what pnicfw_bind_take() says; then nothing has changed.
 */
int pnicfw_port_set_hw(struct pnicfw_port *port, bool hw,
		       struct netlink_ext_ack *extack)
{
	int err = 0;

	ASSERT_RTNL();
	if (hw && port->bind == PNICFW_BIND_NONE) {
		err = pnicfw_bind_take(port, extack);
		if (err)
			return err;
	}
	WRITE_ONCE(port->hw_wanted, hw);
	if (hw)
		port_walk_records(port->pn, port, pnicfw_admit_review);
	else
		port_unbind(port, port_demote_record, pnicfw_denial_port_off);
	pnicfw_netlink_port(port, PNICFW_EVENT_CHANGE);
	return 0;
}

/**
 * pnicfw_port_set_drain - take all of a port's flows out of the eswitch and keep
 * them out, or let them climb again
 * @port: the port
 * @drain: whether they are to be out
 *
 * When this returns the eswitch has no rule of a flow that passes the port, and
 * what it counted has been collected. The binding stays. A review under the
 * record's lock comes before or after the walk's: either way the port's word has
 * the last one, and what the worker had begun it is waited for.
 *
 * Context: RTNL.
 */
void pnicfw_port_set_drain(struct pnicfw_port *port, bool drain)
{
	ASSERT_RTNL();
	WRITE_ONCE(port->drained, drain);
	if (drain)
		port_clear(port, pnicfw_admit_review, pnicfw_denial_port_off);
	else
		port_walk_records(port->pn, port, pnicfw_admit_review);
	pnicfw_netlink_port(port, PNICFW_EVENT_CHANGE);
}

static void port_stop(struct pnicfw_port *port)
{
	struct pnicfw_net *pn = port->pn;

	pnicfw_netlink_port(port, PNICFW_EVENT_DEL);
	WRITE_ONCE(port->dead, true);
	pnicfw_path_kill_port(pn, port);
	/* Who saw the port alive is done with it: no record can come to use it
	 * any more, and the walk finds all that do.
	 */
	synchronize_net();
	port_unbind(port, port_close_record, pnicfw_denial_port_gone);

	xa_erase(&pn->ports, port->dev->ifindex);
	pnicfw_hook_stop_port(port);
	if (xa_empty(&pn->ports))
		pnicfw_hook_stop_net(pn);
	/* The last ones that had a path to it in hand. */
	synchronize_net();
	if (!xa_empty(&pn->ports))
		return;
	/* What is left never learned a way. */
	port_walk_records(pn, NULL, port_close_record);
	port_last(pn);
}

/**
 * pnicfw_port_del - make a port a plain device again
 * @port: the port; gone on return, as are all its flows
 *
 * Context: RTNL, process.
 */
void pnicfw_port_del(struct pnicfw_port *port)
{
	ASSERT_RTNL();
	port_stop(port);
	port_free(port);
}

/**
 * pnicfw_port_exit_net - a namespace ends
 * @pn: the namespace
 *
 * Its devices have gone before, so there is nothing to do but say so where it
 * is not true.
 */
void pnicfw_port_exit_net(struct pnicfw_net *pn)
{
	WARN_ON(!xa_empty(&pn->ports));
	xa_destroy(&pn->ports);
}
