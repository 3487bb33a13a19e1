// SPDX-License-Identifier: GPL-2.0
/*
 * claim - tier 3: whose rules is a driver being told of?
 */
#include <linux/bitmap.h>
#include <linux/hash.h>
#include <linux/kernel.h>
#include <linux/rculist.h>
#include <linux/wait.h>

#include "claim.h"
#include "denial.h"
#include "net.h"
#include "port.h"
#include "record.h"
#include "table.h"

/**
 * pnicfw_claim_init - a namespace begins, without eswitches
 * @pn: the namespace
 */
void pnicfw_claim_init(struct pnicfw_net *pn)
{
	init_waitqueue_head(&pn->hw_freed);
}

static u16 claim_lane(const u64 *core)
{
	u64 hash = (core[0] * GOLDEN_RATIO_64 + core[1]) * GOLDEN_RATIO_64;

	return reciprocal_scale(hash >> 32, PNICFW_CLAIM_LANES);
}

static struct pnicfw_claim claim_of_record(const struct pnicfw_record *rec)
{
	u16 a = claim_lane(rec->dir[0].core), b = claim_lane(rec->dir[1].core);

	return (struct pnicfw_claim){
		.table = READ_ONCE(rec->hw->table),
		.lane = { min(a, b), max(a, b) },
	};
}

/* Of a denial there is one rule. */
static struct pnicfw_claim claim_of_denial(const struct pnicfw_denial *denial)
{
	u64 core[PNICFW_KEY_CORE], rest[PNICFW_KEY_REST];
	u16 lane;

	pnicfw_key_pack(&denial->is.key, core, rest);
	lane = claim_lane(core);
	return (struct pnicfw_claim){
		.table = denial->is.port->table,
		.lane = { lane, lane },
	};
}

/* A lane was given back, or all. Whoever reads the number before he looks at the lanes,
 * and finds them taken, does not wait in vain.
 */
static void claim_freed(struct pnicfw_net *pn)
{
	/* Pairs with pnicfw_claim_ended(). */
	atomic_fetch_inc_release(&pn->hw_frees);
	if (wq_has_sleeper(&pn->hw_freed))
		wake_up_all(&pn->hw_freed);
}

static bool claim_free(const struct pnicfw_claims *claims,
		       const struct pnicfw_claim *claim)
{
	return !READ_ONCE(claims->all) &&
	       !test_bit(claim->lane[0], claims->lanes) &&
	       !test_bit(claim->lane[1], claims->lanes);
}

static void claim_unlock(struct pnicfw_claims *claims,
			 const struct pnicfw_claim *claim)
{
	if (claim->lane[1] != claim->lane[0])
		clear_bit_unlock(claim->lane[1], claims->lanes);
	clear_bit_unlock(claim->lane[0], claims->lanes);
}

/* Everybody takes the lower lane first, so of two who want the same one gets it.
 * Looking first keeps those who wait for a claim from waking each other: only who was
 * overtaken since has anything to give back.
 */
static bool claim_take(const struct pnicfw_claim *claim)
{
	struct pnicfw_claims *claims = &claim->table->claims;

	if (!claim_free(claims, claim) ||
	    test_and_set_bit(claim->lane[0], claims->lanes))
		return false;
	if (claim->lane[1] != claim->lane[0] &&
	    test_and_set_bit(claim->lane[1], claims->lanes)) {
		clear_bit_unlock(claim->lane[0], claims->lanes);
		claim_freed(claim->table->pn);
		return false;
	}
	/* Taken first: pairs with that in claim_take_all(). */
	if (READ_ONCE(claims->all)) {
		pnicfw_claim_end(claim);
		return false;
	}
	return true;
}

static void claim_await(const struct pnicfw_claim *claim)
{
	wait_event(claim->table->pn->hw_freed, claim_take(claim));
}

/**
 * pnicfw_claim_try - have a claim on a connection, if nobody has one on the same
 * @hw: what concerns the eswitch of it; on a list
 * @claim: filled in, for pnicfw_claim_end()
 *
 * Context: the namespace's hw_lock, which keeps it on the list.
 * Return: whether it is the caller's.
 */
bool pnicfw_claim_try(const struct pnicfw_hw *hw, struct pnicfw_claim *claim)
{
	*claim = claim_of_record(hw->rec);
	return claim_take(claim);
}

/**
 * pnicfw_claim_record - have a claim on a connection that an eswitch has or had
 * @rec: the record; the caller holds it
 * @claim: filled in, likewise
 *
 * As long as the eswitch has it, it is in the same one.
 *
 * Context: process; the caller has no other.
 */
void pnicfw_claim_record(const struct pnicfw_record *rec,
			 struct pnicfw_claim *claim)
{
	for (;;) {
		*claim = claim_of_record(rec);
		claim_await(claim);
		if (claim->table == READ_ONCE(rec->hw->table))
			return;
		pnicfw_claim_end(claim);
	}
}

/**
 * pnicfw_claim_try_denial - have a claim on a denial, if nobody has
 * @denial: the denial, of a port with an eswitch
 * @claim: filled in, likewise
 *
 * Context: any but hard interrupts.
 * Return: whether it is the caller's.
 */
bool pnicfw_claim_try_denial(const struct pnicfw_denial *denial,
			     struct pnicfw_claim *claim)
{
	*claim = claim_of_denial(denial);
	return claim_take(claim);
}

/**
 * pnicfw_claim_denial - have a claim on a denial
 * @denial: the denial, of a port with an eswitch; the caller holds it
 * @claim: filled in, likewise
 *
 * Context: process; the caller has no other.
 */
void pnicfw_claim_denial(const struct pnicfw_denial *denial,
			 struct pnicfw_claim *claim)
{
	*claim = claim_of_denial(denial);
	claim_await(claim);
}

/**
 * pnicfw_claim_end - give a claim back
 * @claim: the claim
 *
 * Context: any but hard interrupts.
 */
void pnicfw_claim_end(const struct pnicfw_claim *claim)
{
	struct pnicfw_claims *claims = &claim->table->claims;

	if (claim->all) {
		/* Who has one next sees what was done: to take one is a full barrier. */
		smp_store_release(&claims->all, false);
	} else {
		claim_unlock(claims, claim);
	}
	claim_freed(claim->table->pn);
}

/* A full barrier between this and the look at the lanes: pairs with claim_take(). */
static bool claim_take_all(struct pnicfw_claims *claims)
{
	return !xchg(&claims->all, true);
}

static bool claim_none(const struct pnicfw_claims *claims)
{
	if (!bitmap_empty(claims->lanes, PNICFW_CLAIM_LANES))
		return false;
	/* What was done under the claims that there were comes before. */
	smp_acquire__after_ctrl_dep();
	return true;
}

/**
 * pnicfw_claim_all - have a claim on all that an eswitch has
 * @table: the eswitch
 * @claim: filled in, likewise
 *
 * Context: process; the caller has no other. RTNL may be held.
 */
void pnicfw_claim_all(struct pnicfw_table *table, struct pnicfw_claim *claim)
{
	wait_queue_head_t *freed = &table->pn->hw_freed;

	*claim = (struct pnicfw_claim){ .table = table, .all = true };
	wait_event(*freed, claim_take_all(&table->claims));
	wait_event(*freed, claim_none(&table->claims));
}

/**
 * pnicfw_claim_drain - wait until whoever has a claim now has given it back
 * @pn: the namespace
 *
 * Context: process; the caller has none. RTNL may be held.
 */
void pnicfw_claim_drain(struct pnicfw_net *pn)
{
	struct pnicfw_table *table;
	struct pnicfw_claim claim;

	/* It only grows. */
	list_for_each_entry_rcu(table, &pn->hw_tables, list, true) {
		pnicfw_claim_all(table, &claim);
		pnicfw_claim_end(&claim);
	}
}

/**
 * pnicfw_claim_ended - how many claims have been given back
 * @pn: the namespace
 *
 * Context: any; before a claim is tried for.
 * Return: the number, for pnicfw_claim_wait(); it wraps around.
 */
u32 pnicfw_claim_ended(const struct pnicfw_net *pn)
{
	/* Pairs with claim_freed(). */
	return atomic_read_acquire(&pn->hw_frees);
}

/**
 * pnicfw_claim_wait - wait for another one to be given back
 * @pn: the namespace
 * @ended: how many had been, before one was tried for and somebody had it
 *
 * Context: process; the caller has none.
 */
void pnicfw_claim_wait(struct pnicfw_net *pn, u32 ended)
{
	/* A driver may take its time: that is no sign of a task that hangs. */
	wait_event_idle(pn->hw_freed, pnicfw_claim_ended(pn) != ended);
}
