// SPDX-License-Identifier: GPL-2.0
/*
 * evict - tier 3: who gives up a hardware entry
 */
#include <linux/err.h>
#include <linux/jiffies.h>

#include "claim.h"
#include "denial_hw.h"
#include "evict.h"
#include "heat.h"
#include "net.h"
#include "record.h"
#include "table.h"
#include "transfer.h"
#include "turn.h"

/* Connections whose counters are read, for one newcomer at most, to find one
 * that is colder.
 */
#define EVICT_CANDIDATES	8

/**
 * pnicfw_evict_pull - take out a connection that has not asked for it
 * @rec: the record; the caller holds it
 * @why: the reason
 *
 * Context: process; @rec is claimed.
 * Return: whether it was to stay, and is not any more.
 */
bool pnicfw_evict_pull(struct pnicfw_record *rec, enum pnicfw_reason why)
{
	bool mine;

	spin_lock_bh(&rec->lock);
	mine = rec->hw_want && rec->hw_have && !rec->hw_busy;
	/* Not if it has ceased to be since it was looked for. */
	if (why == PNICFW_REASON_STALE)
		mine &= READ_ONCE(rec->hw->on) == PNICFW_TABLE_STALE;
	if (mine) {
		WRITE_ONCE(rec->hw_want, false);
		WRITE_ONCE(rec->hw_why, why);
		rec->hw_busy = true;
		refcount_inc(&rec->refs);
		pnicfw_table_enlist(rec->hw, PNICFW_TABLE_NOWHERE, 0);
	}
	spin_unlock_bh(&rec->lock);
	if (mine)
		pnicfw_transfer_run(rec, false);
	return mine;
}

static bool evict_coldest(struct pnicfw_record *rec)
{
	bool gone = pnicfw_evict_pull(rec, PNICFW_REASON_EVICTED) &&
		    !READ_ONCE(rec->hw_have);

	if (gone)
		atomic64_inc(&pnicfw_record_net(rec)->gauges.hw_evicted);
	return gone;
}

/**
 * pnicfw_evict_colder - make room for a newcomer
 * @table: the eswitch
 * @heat: the newcomer's
 *
 * Denials are there as long as nobody else needs their places: what they drop
 * tier 2 drops as well. What is known of the coldest connection may be old: it is
 * asked for before it has to go. Whoever turns out to be hotter is ranked as such,
 * so that this is not done again for the next newcomer.
 *
 * Context: process; the caller has no claim.
 * Return: whether there is a place now, or was a moment ago.
 */
bool pnicfw_evict_colder(struct pnicfw_table *table, u16 heat)
{
	struct pnicfw_net *pn = table->pn;
	u32 fresh = msecs_to_jiffies(READ_ONCE(pn->params.age_interval));
	bool gone = false, beats = true;
	struct pnicfw_claim claim;
	struct pnicfw_hw *hw;
	int tries;

	if (pnicfw_denial_hw_yield(table))
		return true;
	for (tries = 0; !gone && beats && tries < EVICT_CANDIDATES; tries++) {
		hw = pnicfw_turn_first(pn, table, PNICFW_TABLE_INSIDE, &claim);
		if (IS_ERR_OR_NULL(hw))
			break;
		beats = pnicfw_heat_beats(heat, hw->rec->heat);
		if (beats && (u32)jiffies - hw->polled < fresh)
			gone = evict_coldest(hw->rec);
		else if (beats && READ_ONCE(hw->rec->hw_have))
			pnicfw_transfer_ask(hw->rec);
		pnicfw_claim_end(&claim);
		pnicfw_record_put(hw->rec);
	}
	return gone;
}

/**
 * pnicfw_evict_excess - have one leave where there are more than the user allows
 * @table: the eswitch
 *
 * There are where the limit was lowered.
 *
 * Context: process; the caller has no claim.
 * Return: 1 where there was one; -EBUSY where there is, and somebody has a claim on
 * it; 0 otherwise.
 */
int pnicfw_evict_excess(struct pnicfw_table *table)
{
	struct pnicfw_net *pn = table->pn;
	u32 limit = READ_ONCE(pn->params.hw_limit);
	struct pnicfw_claim claim;
	struct pnicfw_hw *hw;

	if (!limit || pnicfw_table_places(table) <= limit)
		return 0;
	if (pnicfw_denial_hw_yield(table))
		return 1;
	hw = pnicfw_turn_first(pn, table, PNICFW_TABLE_INSIDE, &claim);
	if (IS_ERR_OR_NULL(hw))
		return PTR_ERR_OR_ZERO(hw);
	evict_coldest(hw->rec);
	pnicfw_claim_end(&claim);
	pnicfw_record_put(hw->rec);
	return 1;
}
