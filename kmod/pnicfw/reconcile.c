// SPDX-License-Identifier: GPL-2.0
/*
 * reconcile - tier 3: make the eswitch have what is wanted
 */
#include <linux/err.h>
#include <linux/rculist.h>

#include "admit.h"
#include "claim.h"
#include "crew.h"
#include "evict.h"
#include "net.h"
#include "pardon.h"
#include "path.h"
#include "place.h"
#include "port.h"
#include "reconcile.h"
#include "record.h"
#include "store.h"
#include "table.h"
#include "transfer.h"
#include "turn.h"

/* The hottest of those that wait gets in, if there is a place. There is one more where
 * one that is colder leaves, which is found out before anybody has the newcomer in hand:
 * who has one claim does not wait for another.
 */
static int reconcile_insert(struct pnicfw_net *pn, struct pnicfw_table *table)
{
	struct pnicfw_claim claim;
	struct pnicfw_hw *hw;
	bool room;

	room = pnicfw_place_take(table, &table->used) ||
	       (pnicfw_evict_colder(table, pnicfw_turn_hottest(table)) &&
		pnicfw_place_take(table, &table->used));
	hw = pnicfw_turn_first(pn, table, PNICFW_TABLE_WAITING, &claim);
	if (IS_ERR_OR_NULL(hw)) {
		if (room)
			pnicfw_place_leave(table, &table->used);
		pnicfw_turn_unused(pn, &table->inserts);
		return PTR_ERR_OR_ZERO(hw);
	}
	if (!room)
		pnicfw_turn_unused(pn, &table->inserts);
	pnicfw_transfer_run(hw->rec, room);
	pnicfw_claim_end(&claim);
	return 1;
}

static int reconcile_stale(struct pnicfw_net *pn, struct pnicfw_table *table)
{
	struct pnicfw_claim claim;
	struct pnicfw_hw *hw;

	hw = pnicfw_turn_first(pn, table, PNICFW_TABLE_STALE, &claim);
	if (IS_ERR_OR_NULL(hw)) {
		pnicfw_turn_unused(pn, &pn->hw_pulls);
		return PTR_ERR_OR_ZERO(hw);
	}
	/* A route that does not concern it may have changed between the age room's two
	 * looks at it, and the next round may be long in coming.
	 */
	pnicfw_pardon_review(hw->rec);
	pnicfw_admit_review(hw->rec);
	if (!pnicfw_evict_pull(hw->rec, PNICFW_REASON_STALE))
		pnicfw_turn_unused(pn, &pn->hw_pulls);
	pnicfw_claim_end(&claim);
	pnicfw_record_put(hw->rec);
	return 1;
}

/* One thing at one eswitch: what should not be there any more comes before what
 * would like to get there. Returns as pnicfw_reconcile_step() does.
 */
static int reconcile_table(struct pnicfw_net *pn, struct pnicfw_table *table,
			   unsigned long *wait)
{
	int did = pnicfw_evict_excess(table);

	if (did)
		return did;
	if (READ_ONCE(table->stale.total) &&
	    pnicfw_turn_due(pn, &pn->hw_pulls,
			    READ_ONCE(pn->params.revalidate_rate), wait))
		did = reconcile_stale(pn, table);
	if (did <= 0 && READ_ONCE(table->waiting.total) &&
	    pnicfw_turn_due(pn, &table->inserts,
			    READ_ONCE(pn->params.hw_rate), wait))
		did = reconcile_insert(pn, table) ?: did;
	return did;
}

/* What is to leave, whatever the eswitch. */
static int reconcile_leaving(struct pnicfw_net *pn)
{
	struct pnicfw_claim claim;
	struct pnicfw_hw *hw;

	if (list_empty(&pn->hw_leaving))
		return 0;
	hw = pnicfw_turn_first(pn, NULL, PNICFW_TABLE_LEAVING, &claim);
	if (IS_ERR_OR_NULL(hw))
		return PTR_ERR_OR_ZERO(hw);
	pnicfw_transfer_run(hw->rec, false);
	pnicfw_claim_end(&claim);
	return 1;
}

/**
 * pnicfw_reconcile_step - do one thing, the most urgent first
 * @pn: the namespace
 * @wait: becomes no longer than it is until something may be done that may not yet,
 *	jiffies
 *
 * Context: process; the crew room's workers, each at once.
 * Return: 1 where there was one; 0 where there is nothing to do now; -EBUSY where
 * somebody has a claim on what there is.
 */
int pnicfw_reconcile_step(struct pnicfw_net *pn, unsigned long *wait)
{
	int leaving = reconcile_leaving(pn), busy = leaving, did;
	struct pnicfw_table *table;

	if (leaving > 0)
		return leaving;
	/* It only grows. */
	list_for_each_entry_rcu(table, &pn->hw_tables, list, true) {
		did = reconcile_table(pn, table, wait);
		if (did > 0)
			return did;
		busy = busy ?: did;
	}
	/* Others may be waiting for one who has begun to leave since, and whom nobody
	 * has a claim on.
	 */
	if (busy && !leaving && !list_empty(&pn->hw_leaving))
		return 1;
	return busy;
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
		pnicfw_crew_kick(pn);
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
			pnicfw_crew_kick(pn);
		return;
	}
	rec->hw_busy = true;
	/* Not zero: a record that is not closing is in the tables. */
	refcount_inc(&rec->refs);
	pnicfw_table_enlist(hw, want ? PNICFW_TABLE_WAITING :
				       PNICFW_TABLE_LEAVING, rec->heat);
	if (want)
		pnicfw_crew_soon(pn);
	else
		pnicfw_crew_kick(pn);
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
	pnicfw_crew_soon(pn);
	return true;
}

/**
 * pnicfw_reconcile_poll - hear what the eswitch carried of a connection
 * @rec: the record; the caller holds it
 *
 * A rule that the driver no longer knows is not there, whatever anybody wants:
 * the connection is taken out whole, at once, and climbs again.
 *
 * Context: process; the caller has no claim.
 * Return: false where that was so.
 */
bool pnicfw_reconcile_poll(struct pnicfw_record *rec)
{
	struct pnicfw_net *pn = pnicfw_record_net(rec);
	struct pnicfw_claim claim;
	int err = 0;

	if (READ_ONCE(rec->hw_have) != PNICFW_HW_BOTH)
		return true;

	pnicfw_claim_record(rec, &claim);
	if (rec->hw_have == PNICFW_HW_BOTH) {
		err = pnicfw_transfer_ask(rec);
		if (err) {
			pnicfw_transfer_lost(rec, err);
			pnicfw_evict_pull(rec, PNICFW_REASON_REFUSED);
		}
	}
	pnicfw_claim_end(&claim);
	/* It may be wanted in again since, and listed for the worker. */
	if (err)
		pnicfw_crew_kick(pn);
	return !err;
}
