// SPDX-License-Identifier: GPL-2.0
/*
 * turn - tier 3: whose turn is it at an eswitch, and is it time for one?
 */
#include <linux/err.h>
#include <linux/jiffies.h>

#include "claim.h"
#include "net.h"
#include "pace.h"
#include "record.h"
#include "table.h"
#include "turn.h"

/**
 * pnicfw_turn_due - is it time for one more?
 * @pn: the namespace
 * @pace: how often it is
 * @rate: how often it may be, see pnicfw_pace_ready()
 * @wait: where it is not, becomes no longer than it is until then, jiffies
 *
 * Context: process.
 * Return: whether it is; the turn is the caller's then.
 */
bool pnicfw_turn_due(struct pnicfw_net *pn, struct pnicfw_pace *pace,
		     u32 rate, unsigned long *wait)
{
	bool ready;

	if (!rate)
		return true;
	spin_lock_bh(&pn->hw_lock);
	ready = pnicfw_pace_ready(pace, rate, jiffies);
	if (ready)
		pnicfw_pace_spend(pace);
	else
		*wait = min(*wait, pnicfw_pace_wait(pace, rate));
	spin_unlock_bh(&pn->hw_lock);
	return ready;
}

/**
 * pnicfw_turn_unused - a turn was not made use of
 * @pn: the namespace
 * @pace: whose it is
 *
 * Context: process.
 */
void pnicfw_turn_unused(struct pnicfw_net *pn, struct pnicfw_pace *pace)
{
	spin_lock_bh(&pn->hw_lock);
	pnicfw_pace_refund(pace);
	spin_unlock_bh(&pn->hw_lock);
}

/* The first of a list that nobody has a claim on. Each look at one is one of @looks
 * less.
 */
static struct pnicfw_hw *turn_claim(struct list_head *list, int *looks,
				    struct pnicfw_claim *claim)
{
	struct pnicfw_hw *hw;

	list_for_each_entry(hw, list, node) {
		if (!(*looks)--)
			return NULL;
		if (pnicfw_claim_try(hw, claim))
			return hw;
	}
	return NULL;
}

/* The same of ranks, the coldest or the hottest first. */
static struct pnicfw_hw *turn_claim_ranked(struct pnicfw_ranks *ranks,
					   bool coldest,
					   struct pnicfw_claim *claim)
{
	int rank = coldest ? pnicfw_ranks_coldest(ranks) :
			     pnicfw_ranks_hottest(ranks);
	struct pnicfw_hw *hw = NULL;
	int looks = PNICFW_CLAIM_LOOKS;

	while (rank >= 0 && looks > 0 && !hw) {
		hw = turn_claim(&ranks->list[rank], &looks, claim);
		rank = coldest ? pnicfw_ranks_hotter(ranks, rank) :
				 pnicfw_ranks_colder(ranks, rank);
	}
	return hw;
}

static struct pnicfw_hw *turn_leaving(struct pnicfw_net *pn,
				      struct pnicfw_claim *claim)
{
	int looks = PNICFW_CLAIM_LOOKS;

	if (list_empty(&pn->hw_leaving))
		return NULL;
	return turn_claim(&pn->hw_leaving, &looks, claim) ?: ERR_PTR(-EBUSY);
}

/* Nobody gets in while somebody is to leave whom no worker has in hand: their rules
 * may match the same.
 */
static struct pnicfw_hw *turn_ranked(struct pnicfw_table *table,
				     enum pnicfw_table_list on,
				     struct pnicfw_claim *claim)
{
	struct pnicfw_ranks *ranks = pnicfw_table_ranks(table, on);
	struct pnicfw_hw *hw = NULL;

	if (!ranks->total)
		return NULL;
	if (on != PNICFW_TABLE_WAITING || list_empty(&table->pn->hw_leaving))
		hw = turn_claim_ranked(ranks, on == PNICFW_TABLE_INSIDE, claim);
	return hw ?: ERR_PTR(-EBUSY);
}

/**
 * pnicfw_turn_first - whose turn is it?
 * @pn: the namespace
 * @table: the eswitch; NULL where @on is PNICFW_TABLE_LEAVING
 * @on: the list
 * @claim: filled in: the caller has a claim on the one that is returned
 *
 * Those that are leaving or waiting are in the hands of the worker from here
 * on, which is the caller, and so is the list's reference to the record. Those
 * inside stay on their list, and the caller gets a reference of its own.
 *
 * Context: process.
 * Return: the coldest of those inside, the hottest of those that wait or are
 * stale, the first of those that leave; NULL where there is none; -EBUSY where
 * somebody has a claim on each that was looked at.
 */
struct pnicfw_hw *pnicfw_turn_first(struct pnicfw_net *pn,
				    struct pnicfw_table *table,
				    enum pnicfw_table_list on,
				    struct pnicfw_claim *claim)
{
	struct pnicfw_hw *hw;

	spin_lock_bh(&pn->hw_lock);
	hw = on == PNICFW_TABLE_LEAVING ? turn_leaving(pn, claim) :
					  turn_ranked(table, on, claim);
	if (IS_ERR_OR_NULL(hw))
		goto out;
	if (on == PNICFW_TABLE_LEAVING || on == PNICFW_TABLE_WAITING)
		pnicfw_table_move(hw, PNICFW_TABLE_NOWHERE, 0);
	/* Not zero: what the eswitch has is in the namespace's tables. */
	else
		refcount_inc(&hw->rec->refs);
out:
	spin_unlock_bh(&pn->hw_lock);
	return hw;
}

/**
 * pnicfw_turn_hottest - how hot is the hottest of those that wait?
 * @table: the eswitch
 *
 * Context: process.
 * Return: its heat; 0 where there is none any more.
 */
u16 pnicfw_turn_hottest(struct pnicfw_table *table)
{
	struct pnicfw_net *pn = table->pn;
	const struct pnicfw_hw *hw;
	u16 heat = 0;
	int rank;

	spin_lock_bh(&pn->hw_lock);
	rank = pnicfw_ranks_hottest(&table->waiting);
	if (rank >= 0) {
		hw = list_first_entry(&table->waiting.list[rank],
				      struct pnicfw_hw, node);
		heat = READ_ONCE(hw->rec->heat);
	}
	spin_unlock_bh(&pn->hw_lock);
	return heat;
}

/**
 * pnicfw_turn_next - one of those inside, another one each time
 * @table: the eswitch
 *
 * The coldest are asked for most seldom, so it is their turn, one after the
 * other; where all that are inside are stale it is the hottest of these.
 *
 * Context: process.
 * Return: it, with a reference for the caller; NULL where there is none.
 */
struct pnicfw_hw *pnicfw_turn_next(struct pnicfw_table *table)
{
	struct pnicfw_ranks *ranks = &table->inside;
	struct pnicfw_net *pn = table->pn;
	struct pnicfw_hw *hw = NULL;
	int rank;

	spin_lock_bh(&pn->hw_lock);
	rank = pnicfw_ranks_coldest(&table->inside);
	if (rank < 0) {
		ranks = &table->stale;
		rank = pnicfw_ranks_hottest(ranks);
	}
	if (rank >= 0) {
		hw = list_first_entry(&ranks->list[rank], struct pnicfw_hw,
				      node);
		/* To the end of its rank. Not zero: as above. */
		pnicfw_table_move(hw, hw->on, pnicfw_heat_least(hw->rank));
		refcount_inc(&hw->rec->refs);
	}
	spin_unlock_bh(&pn->hw_lock);
	return hw;
}
