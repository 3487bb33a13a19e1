// SPDX-License-Identifier: GPL-2.0
/*
 * reconcile - tier 3: make the eswitch have what is wanted
 */
#include <linux/jiffies.h>
#include <linux/workqueue.h>

#include "conntrack.h"
#include "eswitch.h"
#include "label.h"
#include "net.h"
#include "netlink.h"
#include "path.h"
#include "port.h"
#include "reconcile.h"
#include "record.h"
#include "trace.h"

/* A refused connection is offered again after this long. */
#define RECONCILE_RETRY		(10 * HZ)

/* Take out what is there. The counters are read first: a driver forgets them
 * with the rule.
 */
static void reconcile_remove(struct pnicfw_record *rec)
{
	struct pnicfw_path *path;
	int i;

	pnicfw_ct_show_hw(pnicfw_record_ct(rec), false);
	pnicfw_label_offloaded(rec, false);
	for (i = 0; i < IP_CT_DIR_MAX; i++) {
		path = rec->hw->path[i];
		if (!path)
			continue;
		pnicfw_eswitch_stats(rec, i, path);
		pnicfw_eswitch_destroy(rec, i, path);
		rec->hw->path[i] = NULL;
		pnicfw_path_put(pnicfw_record_net(rec), path);
	}
	/* Tier 1 may see the rest of the connection. */
	pnicfw_ct_return(pnicfw_record_ct(rec));
}

/* The way of a direction, with a reference, if it is still good. */
static struct pnicfw_path *reconcile_path(struct pnicfw_record *rec, u8 index)
{
	struct pnicfw_path *path;

	rcu_read_lock();
	path = rcu_dereference(rec->dir[index].path);
	if (path && (pnicfw_path_dead(path) ||
		     !pnicfw_eswitch_joins(path->key.in, path->key.out) ||
		     !refcount_inc_not_zero(&path->refs)))
		path = NULL;
	rcu_read_unlock();
	return path;
}

static int reconcile_install_dir(struct pnicfw_record *rec, u8 index)
{
	struct pnicfw_path *path = reconcile_path(rec, index);
	const char *msg;
	int err;

	if (!path)
		return -ESTALE;
	err = pnicfw_eswitch_replace(rec, index, path, &msg);
	if (err) {
		trace_pnicfw_refused(rec, index, err, msg);
		pnicfw_path_put(pnicfw_record_net(rec), path);
		return err;
	}
	rec->hw->path[index] = path;
	return 0;
}

/* Both directions or none. */
static int reconcile_install(struct pnicfw_record *rec)
{
	int err;

	err = reconcile_install_dir(rec, IP_CT_DIR_ORIGINAL);
	if (!err)
		err = reconcile_install_dir(rec, IP_CT_DIR_REPLY);
	if (err) {
		reconcile_remove(rec);
		return err;
	}
	pnicfw_ct_show_hw(pnicfw_record_ct(rec), true);
	pnicfw_label_offloaded(rec, true);
	return 0;
}

static void reconcile_tell(struct pnicfw_record *rec, u8 have, int err)
{
	enum pnicfw_reason why = READ_ONCE(rec->hw_why);

	if (err) {
		pnicfw_netlink_hw(rec, PNICFW_HW_EVENT_FAILED, why, err);
	} else if (have) {
		trace_pnicfw_offloaded(rec, 0, PNICFW_REASON_NONE);
		pnicfw_netlink_hw(rec, PNICFW_HW_EVENT_OFFLOADED, why, 0);
	} else {
		trace_pnicfw_demoted(rec, 0, why);
		pnicfw_netlink_hw(rec, PNICFW_HW_EVENT_DEMOTED, why, 0);
	}
	if (!READ_ONCE(rec->closing))
		pnicfw_netlink_flow(rec, PNICFW_EVENT_CHANGE, why);
}

/* Make the eswitch have what is wanted.
 * Return: true where the wish changed meanwhile.
 */
static bool reconcile_one(struct pnicfw_record *rec)
{
	u8 had = READ_ONCE(rec->hw_have), have = had;
	bool again;
	int err = 0;

	if (READ_ONCE(rec->hw_want) && !have) {
		err = reconcile_install(rec);
		have = err ? 0 : PNICFW_HW_BOTH;
		WRITE_ONCE(rec->hw->err, -err);
		rec->hw->retry = jiffies;
		if (err == -ESTALE) {
			rec->hw_why = PNICFW_REASON_STALE;
		} else if (err) {
			rec->hw_why = PNICFW_REASON_REFUSED;
			rec->hw->retry += RECONCILE_RETRY;
		}
	} else if (!READ_ONCE(rec->hw_want) && have) {
		reconcile_remove(rec);
		have = 0;
	}
	again = pnicfw_record_settled(rec, have);
	if (had != have || err)
		reconcile_tell(rec, have, err);
	return again;
}

static struct pnicfw_record *reconcile_next(struct pnicfw_net *pn)
{
	struct pnicfw_hw *hw;

	spin_lock_bh(&pn->hw_lock);
	hw = list_first_entry_or_null(&pn->hw_todo, struct pnicfw_hw, node);
	if (hw)
		list_del(&hw->node);
	spin_unlock_bh(&pn->hw_lock);
	return hw ? hw->rec : NULL;
}

static void reconcile_work(struct work_struct *work)
{
	struct pnicfw_net *pn = container_of(work, struct pnicfw_net, hw_work);
	struct pnicfw_record *rec;
	bool again;

	while ((rec = reconcile_next(pn))) {
		/* Not for all at once: statistics want their turn. */
		mutex_lock(&pn->hw_mutex);
		do {
			again = reconcile_one(rec);
		} while (again);
		mutex_unlock(&pn->hw_mutex);
		pnicfw_record_put(rec);
		cond_resched();
	}
}

/**
 * pnicfw_reconcile_want - say whether the eswitch should have a connection
 * @rec: the record
 * @want: whether it should
 * @why: why not, where it should not
 *
 * Context: BH off, @rec->lock held; RCU or a reference keeps the record.
 */
void pnicfw_reconcile_want(struct pnicfw_record *rec, bool want,
			   enum pnicfw_reason why)
{
	struct pnicfw_net *pn = pnicfw_record_net(rec);

	lockdep_assert_held(&rec->lock);
	if (rec->hw_want == want)
		return;
	if (!rec->hw && !pnicfw_record_hw(rec)) {
		WRITE_ONCE(rec->hw_why, PNICFW_REASON_NO_MEMORY);
		return;		/* the admit room will ask again */
	}
	WRITE_ONCE(rec->hw_want, want);
	WRITE_ONCE(rec->hw_why, why);
	if (rec->hw_busy)
		return;		/* the worker will look again */
	rec->hw_busy = true;

	/* Not zero: a record that is not closing is in the tables. */
	refcount_inc(&rec->refs);
	spin_lock(&pn->hw_lock);
	list_add_tail(&rec->hw->node, &pn->hw_todo);
	spin_unlock(&pn->hw_lock);
	queue_work(system_unbound_wq, &pn->hw_work);
}

/**
 * pnicfw_reconcile_poll - hear what the eswitch carried of a connection
 * @rec: the record; the caller holds it
 *
 * A rule that the driver no longer knows is not there: the connection is taken
 * out whole, and climbs again.
 *
 * Context: process.
 */
void pnicfw_reconcile_poll(struct pnicfw_record *rec)
{
	struct pnicfw_net *pn = pnicfw_record_net(rec);
	int err = 0, i;

	if (!READ_ONCE(rec->hw_have))
		return;

	mutex_lock(&pn->hw_mutex);
	for (i = 0; i < IP_CT_DIR_MAX && rec->hw_have; i++)
		err = pnicfw_eswitch_stats(rec, i, rec->hw->path[i]) ?: err;
	mutex_unlock(&pn->hw_mutex);
	if (!err)
		return;

	pnicfw_stats_hw_failed(pn, err);
	spin_lock_bh(&rec->lock);
	pnicfw_reconcile_want(rec, false, PNICFW_REASON_REFUSED);
	spin_unlock_bh(&rec->lock);
}

/**
 * pnicfw_reconcile_flush - wait until the eswitch has what was wanted before
 * @pn: the namespace
 *
 * Context: process; RTNL may be held, drivers are called without it.
 */
void pnicfw_reconcile_flush(struct pnicfw_net *pn)
{
	flush_work(&pn->hw_work);
}

/**
 * pnicfw_reconcile_init - prepare a namespace's reconciler
 * @pn: the namespace
 */
void pnicfw_reconcile_init(struct pnicfw_net *pn)
{
	spin_lock_init(&pn->hw_lock);
	INIT_LIST_HEAD(&pn->hw_todo);
	INIT_WORK(&pn->hw_work, reconcile_work);
}

/**
 * pnicfw_reconcile_exit - end it; no records are left
 * @pn: the namespace
 */
void pnicfw_reconcile_exit(struct pnicfw_net *pn)
{
	cancel_work_sync(&pn->hw_work);
}
