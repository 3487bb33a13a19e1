// SPDX-License-Identifier: GPL-2.0
/*
 * view - what users see of connections, the same by netlink and in /proc
 */
#include <linux/netdevice.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/netfilter/nf_conntrack_acct.h>

#include "conntrack.h"
#include "denial.h"
#include "net.h"
#include "path.h"
#include "port.h"
#include "table.h"
#include "view.h"

/**
 * pnicfw_view_state - where a connection is in its life
 * @rec: the record
 *
 * Context: any.
 * Return: the state, as it was at some moment since the call.
 */
enum pnicfw_state pnicfw_view_state(const struct pnicfw_record *rec)
{
	if (READ_ONCE(rec->closing))
		return PNICFW_STATE_CLOSING;
	if (READ_ONCE(rec->hw_want))
		return READ_ONCE(rec->hw_have) == PNICFW_HW_BOTH ?
		       PNICFW_STATE_OFFLOADED : PNICFW_STATE_OFFLOADING;
	if (rec->answer.cacheable &&
	    (rcu_access_pointer(rec->dir[0].path) ||
	     rcu_access_pointer(rec->dir[1].path)))
		return PNICFW_STATE_CACHED;
	return PNICFW_STATE_TRACKED;
}

static void view_dev(const struct net_device *dev, struct pnicfw_view_dev *view)
{
	view->ifindex = dev->ifindex;
	strscpy(view->name, dev->name, sizeof(view->name));
}

static void view_ifindex(struct net *net, int ifindex,
			 struct pnicfw_view_dev *view)
{
	const struct net_device *dev = dev_get_by_index_rcu(net, ifindex);

	if (dev)
		view_dev(dev, view);
}

/* A direction that is not learned may have been seen to come in. Of a connection
 * that no lower tier may have none is to be, and packets are not looked at again:
 * it is shown the way that its first packet told tier 1, of either direction.
 */
static void view_told(const struct pnicfw_record *rec, int index,
		      struct pnicfw_view_devs *devs)
{
	struct net *net = pnicfw_record_net(rec)->net;
	struct pnicfw_policy_way way = {};

	if (!rec->answer.cacheable && !rec->answer.offloadable)
		way = pnicfw_policy_way(index, rec->answer.way.in,
					rec->answer.way.out);
	view_ifindex(net, READ_ONCE(rec->seen_ifindex[index]) ?: way.in,
		     &devs->in);
	view_ifindex(net, way.out, &devs->out);
}

/**
 * pnicfw_view_devs - see the devices of a direction, as far as they are known
 * @rec: the record; the caller holds it
 * @index: the direction
 * @devs: filled in
 *
 * Context: any.
 */
void pnicfw_view_devs(const struct pnicfw_record *rec, int index,
		      struct pnicfw_view_devs *devs)
{
	const struct pnicfw_dir *dir = &rec->dir[index];
	const struct pnicfw_path *path;

	memset(devs, 0, sizeof(*devs));
	rcu_read_lock();
	path = rcu_dereference(dir->path);
	if (path) {
		view_dev(path->key.in->dev, &devs->in);
		view_dev(path->key.out->dev, &devs->out);
	} else {
		view_told(rec, index, devs);
	}
	rcu_read_unlock();
}

static void view_less(struct pnicfw_count *count,
		      const struct pnicfw_count *less)
{
	count->packets -= min(less->packets, count->packets);
	count->bytes -= min(less->bytes, count->bytes);
}

/**
 * pnicfw_view_counts - see what each tier carried of a direction
 * @rec: the record; the caller holds it
 * @index: the direction
 * @counts: filled in
 *
 * Conntrack counts what tier 1 sees, and is told what the others carried; so
 * tier 1's part is the rest.
 *
 * Context: process or BH.
 */
void pnicfw_view_counts(struct pnicfw_record *rec, int index,
			struct pnicfw_view_counts *counts)
{
	memset(counts, 0, sizeof(*counts));
	spin_lock_bh(&rec->lock);
	counts->counted = nf_conn_acct_find(pnicfw_record_ct(rec));
	pnicfw_ct_counted(pnicfw_record_ct(rec), index, &counts->firewall);
	if (rec->hw)
		counts->hw = rec->hw->carried[index];
	view_less(&counts->firewall, &rec->dir[index].cached);
	view_less(&counts->firewall, &counts->hw);
	pnicfw_record_cached(rec, index, &counts->cache);
	spin_unlock_bh(&rec->lock);
}

/**
 * pnicfw_view_denial_devs - see the devices of what is denied
 * @pn: the namespace
 * @denial: the denial; the caller holds it
 * @devs: filled in, as far as they are still there
 *
 * Context: any.
 */
void pnicfw_view_denial_devs(const struct pnicfw_net *pn,
			     const struct pnicfw_denial *denial,
			     struct pnicfw_view_devs *devs)
{
	memset(devs, 0, sizeof(*devs));
	rcu_read_lock();
	view_ifindex(pn->net, denial->is.in, &devs->in);
	view_ifindex(pn->net, READ_ONCE(denial->is.out), &devs->out);
	rcu_read_unlock();
}

/**
 * pnicfw_view_denial_counts - see what each tier dropped of what is denied
 * @pn: the namespace
 * @denial: the denial; the caller holds it
 * @counts: filled in
 *
 * Context: process or BH.
 */
void pnicfw_view_denial_counts(struct pnicfw_net *pn,
			       const struct pnicfw_denial *denial,
			       struct pnicfw_view_counts *counts)
{
	memset(counts, 0, sizeof(*counts));
	counts->cache.packets = atomic64_read(&denial->packets);
	counts->cache.bytes = atomic64_read(&denial->bytes);
	spin_lock_bh(&pn->denials.lock);
	counts->hw.packets = denial->hw_packets;
	counts->hw.bytes = denial->hw_bytes;
	spin_unlock_bh(&pn->denials.lock);
}

/* A change kills the ways that rest on it, and conntrack ends an entry, at once.
 * Whom that concerns the age room finds, and then they wait to be taken out, which
 * is all that the eswitch's list of these would show.
 */
static bool view_stale(const struct pnicfw_record *rec)
{
	const struct pnicfw_path *path;
	bool stale;
	int i;

	if (READ_ONCE(rec->hw_have) != PNICFW_HW_BOTH)
		return false;
	stale = READ_ONCE(rec->hw->on) == PNICFW_TABLE_STALE ||
		nf_ct_is_dying(pnicfw_record_ct(rec));
	rcu_read_lock();
	for (i = 0; i < IP_CT_DIR_MAX; i++) {
		path = rcu_dereference(rec->dir[i].path);
		stale |= !path || pnicfw_path_dead(path);
	}
	rcu_read_unlock();
	return stale;
}

/**
 * pnicfw_view_census - count a namespace's connections
 * @pn: the namespace
 * @census: filled in
 *
 * Context: process; may take a while.
 */
void pnicfw_view_census(struct pnicfw_net *pn,
			struct pnicfw_view_census *census)
{
	struct pnicfw_record *rec;
	unsigned long id = 0;

	memset(census, 0, sizeof(*census));
	while ((rec = pnicfw_record_next(pn, &id))) {
		census->by_state[pnicfw_view_state(rec)]++;
		census->total++;
		census->stale += view_stale(rec);
		pnicfw_record_put(rec);
		cond_resched();
	}
}
