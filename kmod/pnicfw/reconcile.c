// SPDX-License-Identifier: GPL-2.0
/*
 * reconcile - tier 3: make the eswitch have what is wanted
 */
#include <linux/jiffies.h>
#include <linux/rculist.h>
#include <linux/workqueue.h>

#include "admit.h"
#include "evict.h"
#include "net.h"
#include "pardon.h"
#include "path.h"
#include "port.h"
#include "reconcile.h"
#include "record.h"
#include "store.h"
#include "table.h"
#include "transfer.h"

/* While counters are being read an insertion gets its turn this often. */
#define RECONCILE_SLICE		msecs_to_jiffies(10)

/* So long, in jiffies, the worker lets those gather that are in no hurry: to wake it
 * for each would cost more than some drivers do.
 */
#define RECONCILE_GATHER	1

/* When the worker is going to run */
enum reconcile_due {
	RECONCILE_NEVER,
	RECONCILE_SOON,
	RECONCILE_NOW,
};

static void reconcile_insert(struct pnicfw_net *pn, struct pnicfw_table *table)
{
	struct pnicfw_hw *hw;
	bool room;

	hw = pnicfw_table_first(pn, table, PNICFW_TABLE_WAITING);
	if (!hw)
		return;
	room = pnicfw_table_admits(table) ||
	       pnicfw_evict_colder(table, hw->rec->heat);
	if (room)
		pnicfw_pace_spend(&table->inserts);
	pnicfw_transfer_run(hw->rec, room);
}

static bool reconcile_stale(struct pnicfw_net *pn, struct pnicfw_table *table)
{
	struct pnicfw_hw *hw;

	hw = pnicfw_table_first(pn, table, PNICFW_TABLE_STALE);
	if (!hw)
		return false;
	/* A route that does not concern it may have changed between the age room's two
	 * looks at it, and the next round may be long in coming.
	 */
	pnicfw_pardon_review(hw->rec);
	pnicfw_admit_review(hw->rec);
	if (pnicfw_evict_pull(hw->rec, PNICFW_REASON_STALE))
		pnicfw_pace_spend(&pn->hw_pulls);
	pnicfw_record_put(hw->rec);
	return true;
}

/* Is it time for one more of @ranks? If it is not, @wait becomes no longer than
 * it is until then.
 */
static bool reconcile_due(const struct pnicfw_ranks *ranks,
			  struct pnicfw_pace *pace, u32 rate,
			  unsigned long *wait)
{
	if (!READ_ONCE(ranks->total))
		return false;
	if (pnicfw_pace_ready(pace, rate, jiffies))
		return true;
	*wait = min(*wait, pnicfw_pace_wait(pace, rate));
	return false;
}

/* One thing at one eswitch: what should not be there any more comes before what
 * would like to get there. Returns whether there was one.
 */
static bool reconcile_table(struct pnicfw_net *pn, struct pnicfw_table *table,
			    unsigned long *wait)
{
	if (pnicfw_evict_excess(table))
		return true;
	if (reconcile_due(&table->stale, &pn->hw_pulls,
			  READ_ONCE(pn->params.revalidate_rate), wait) &&
	    reconcile_stale(pn, table))
		return true;
	if (!reconcile_due(&table->waiting, &table->inserts,
			   READ_ONCE(pn->params.hw_rate), wait))
		return false;
	reconcile_insert(pn, table);
	return true;
}

/* One thing, the most urgent first. The mutex is not held for all at once:
 * counters want their turn.
 */
static bool reconcile_step(struct pnicfw_net *pn, unsigned long *wait)
{
	struct pnicfw_table *table;
	struct pnicfw_hw *hw;
	bool done = true;

	mutex_lock(&pn->hw_mutex);
	hw = pnicfw_table_first(pn, NULL, PNICFW_TABLE_LEAVING);
	if (hw) {
		pnicfw_transfer_run(hw->rec, false);
		goto out;
	}
	/* It only grows. */
	list_for_each_entry_rcu(table, &pn->hw_tables, list, true)
		if (reconcile_table(pn, table, wait))
			goto out;
	done = false;
out:
	mutex_unlock(&pn->hw_mutex);
	return done;
}

static bool reconcile_hasty(const struct pnicfw_net *pn)
{
	return !READ_ONCE(pn->hw_asking) || !list_empty(&pn->hw_leaving);
}

static void reconcile_work(struct work_struct *work)
{
	struct pnicfw_net *pn = container_of(to_delayed_work(work),
					     struct pnicfw_net, hw_work);
	unsigned long wait = MAX_JIFFY_OFFSET;

	/* Before the lists are looked at: pairs with that in reconcile_soon(). */
	smp_store_mb(pn->hw_due, RECONCILE_NEVER);
	while (reconcile_step(pn, &wait)) {
		cond_resched();
		if (!reconcile_hasty(pn))
			wait_event_timeout(pn->hw_asked, reconcile_hasty(pn),
					   RECONCILE_SLICE);
	}
	if (wait != MAX_JIFFY_OFFSET)
		queue_delayed_work(system_unbound_wq, &pn->hw_work, wait);
}

/* Something was listed that is in no hurry. */
static void reconcile_soon(struct pnicfw_net *pn)
{
	/* Listed first: if the worker is going to run, it has yet to look at the
	 * lists. Pairs with that in reconcile_work(); a cmpxchg() that fails orders
	 * nothing.
	 */
	smp_mb();
	if (cmpxchg(&pn->hw_due, RECONCILE_NEVER, RECONCILE_SOON) ==
	    RECONCILE_NEVER)
		mod_delayed_work(system_unbound_wq, &pn->hw_work,
				 RECONCILE_GATHER);
}

/**
 * pnicfw_reconcile_kick - there is something to do now, or may be
 * @pn: the namespace
 *
 * Context: any but hard interrupts.
 */
void pnicfw_reconcile_kick(struct pnicfw_net *pn)
{
	if (xchg(&pn->hw_due, RECONCILE_NOW) != RECONCILE_NOW)
		mod_delayed_work(system_unbound_wq, &pn->hw_work, 0);
}

/**
 * pnicfw_reconcile_again - tell drivers once more of what they have not let go of
 * @pn: the namespace
 * @most: of how many connections at most
 *
 * Context: process.
 */
void pnicfw_reconcile_again(struct pnicfw_net *pn, unsigned int most)
{
	if (pnicfw_table_again(pn, most))
		pnicfw_reconcile_kick(pn);
}

/* The eswitch of a connection whose both directions were just seen to be
 * learned, and in the same one.
 */
static struct pnicfw_table *reconcile_where(const struct pnicfw_record *rec)
{
	const struct pnicfw_path *path = rcu_dereference(rec->dir[0].path);

	return path ? path->key.in->table : NULL;
}

/* List it where it belongs now. In the worker's hands it is listed anew when it
 * leaves them.
 */
static void reconcile_list(struct pnicfw_record *rec, bool want)
{
	struct pnicfw_hw *hw = rec->hw;
	struct pnicfw_net *pn = hw->table->pn;

	if (rec->hw_busy) {
		if (!want && pnicfw_table_withdraw(hw))
			pnicfw_reconcile_kick(pn);
		return;
	}
	rec->hw_busy = true;
	/* Not zero: a record that is not closing is in the tables. */
	refcount_inc(&rec->refs);
	pnicfw_table_enlist(hw, want ? PNICFW_TABLE_WAITING :
				       PNICFW_TABLE_LEAVING, rec->heat);
	if (want)
		reconcile_soon(pn);
	else
		pnicfw_reconcile_kick(pn);
}

/* If it is about to be taken out because it rests on rules of before: it does not any
 * more, as its paths were given back after all.
 */
static void reconcile_stay(struct pnicfw_record *rec)
{
	if (READ_ONCE(rec->hw->on) == PNICFW_TABLE_STALE)
		pnicfw_table_enlist(rec->hw, PNICFW_TABLE_INSIDE, rec->heat);
}

/**
 * pnicfw_reconcile_want - say whether the eswitch should have a connection
 * @rec: the record
 * @want: whether it should
 * @why: why not, where it should not
 *
 * Context: BH off, @rec->lock held; RCU, for @want, and RCU or a reference keeps
 * the record.
 */
void pnicfw_reconcile_want(struct pnicfw_record *rec, bool want,
			   enum pnicfw_reason why)
{
	struct pnicfw_table *table;

	lockdep_assert_held(&rec->lock);
	if (rec->hw_want == want) {
		if (want)
			reconcile_stay(rec);
		return;
	}
	if (!rec->hw && !pnicfw_store_hw(rec)) {
		WRITE_ONCE(rec->hw_why, PNICFW_REASON_NO_MEMORY);
		return;		/* the admit room will ask again */
	}
	if (want && !rec->hw_busy) {
		table = reconcile_where(rec);
		if (!table)
			return;
		rec->hw->table = table;
	}
	WRITE_ONCE(rec->hw_want, want);
	WRITE_ONCE(rec->hw_why, why);
	reconcile_list(rec, want);
}

/**
 * pnicfw_reconcile_linger - a connection in the eswitch rests on rules of before
 * @rec: the record
 *
 * It leaves when its turn comes: the hottest first, at the rate that the user
 * wants.
 *
 * Context: BH off, @rec->lock held.
 * Return: false where it is not in the eswitch, or not to stay there at all.
 */
bool pnicfw_reconcile_linger(struct pnicfw_record *rec)
{
	struct pnicfw_net *pn = pnicfw_record_net(rec);

	lockdep_assert_held(&rec->lock);
	if (!READ_ONCE(pn->params.revalidate_rate) || !rec->hw_have ||
	    rec->hw_busy)
		return false;
	if (READ_ONCE(rec->hw->on) == PNICFW_TABLE_STALE)
		return true;
	pnicfw_table_enlist(rec->hw, PNICFW_TABLE_STALE, rec->heat);
	reconcile_soon(pn);
	return true;
}

/**
 * pnicfw_reconcile_poll - hear what the eswitch carried of a connection
 * @rec: the record; the caller holds it
 *
 * A rule that the driver no longer knows is not there, whatever anybody wants:
 * the connection is taken out whole, at once, and climbs again.
 *
 * Context: process.
 * Return: false where that was so.
 */
bool pnicfw_reconcile_poll(struct pnicfw_record *rec)
{
	struct pnicfw_net *pn = pnicfw_record_net(rec);
	int err = 0;

	if (READ_ONCE(rec->hw_have) != PNICFW_HW_BOTH)
		return true;

	mutex_lock(&pn->hw_mutex);
	if (rec->hw_have == PNICFW_HW_BOTH) {
		err = pnicfw_transfer_ask(rec);
		if (err) {
			pnicfw_transfer_lost(rec, err);
			pnicfw_evict_pull(rec, PNICFW_REASON_REFUSED);
		}
	}
	mutex_unlock(&pn->hw_mutex);
	/* It may be wanted in again since, and listed for the worker. */
	if (err)
		pnicfw_reconcile_kick(pn);
	return !err;
}

/**
 * pnicfw_reconcile_asking - many counters are going to be read, or have been
 * @pn: the namespace
 * @asking: which of both
 *
 * Between the two, insertions wait, most of the time, so that a burst of them
 * does not keep a live connection from being seen alive.
 *
 * Context: process; one caller at a time.
 */
void pnicfw_reconcile_asking(struct pnicfw_net *pn, bool asking)
{
	WRITE_ONCE(pn->hw_asking, asking);
	if (!asking)
		wake_up(&pn->hw_asked);
}

/**
 * pnicfw_reconcile_flush - wait until the eswitch has what was wanted before
 * @pn: the namespace
 *
 * Context: process; RTNL may be held, drivers are called without it.
 */
void pnicfw_reconcile_flush(struct pnicfw_net *pn)
{
	/* Who has listed something may not have come to kicking yet. */
	mod_delayed_work(system_unbound_wq, &pn->hw_work, 0);
	flush_delayed_work(&pn->hw_work);
}

/**
 * pnicfw_reconcile_init - prepare a namespace's reconciler
 * @pn: the namespace
 */
void pnicfw_reconcile_init(struct pnicfw_net *pn)
{
	init_waitqueue_head(&pn->hw_asked);
	INIT_DELAYED_WORK(&pn->hw_work, reconcile_work);
}

/**
 * pnicfw_reconcile_exit - end it; no records are left
 * @pn: the namespace
 */
void pnicfw_reconcile_exit(struct pnicfw_net *pn)
{
	cancel_delayed_work_sync(&pn->hw_work);
}
