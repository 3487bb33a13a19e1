// SPDX-License-Identifier: GPL-2.0
/*
 * denial_hw - denials that the eswitch is to enforce
 */
#include <linux/jiffies.h>
#include <linux/mutex.h>
#include <linux/workqueue.h>

#include "bind.h"
#include "claim.h"
#include "denial.h"
#include "denial_hw.h"
#include "net.h"
#include "netlink.h"
#include "place.h"
#include "port.h"
#include "record.h"
#include "table.h"
#include "trace.h"

/* From here on it is the worker's, or of who acts in its place. The lock is held. */
static void denial_hw_take(struct pnicfw_denial *denial)
{
	if (denial->hw_have)
		list_del(&denial->hw_node);	/* off its table's list */
	denial->hw_busy = true;
	refcount_inc(&denial->refs);
}

/**
 * pnicfw_denial_hw_want - say whether the eswitch should have a denial
 * @pn: the namespace
 * @denial: the denial
 * @want: whether it should
 * @why: why not, where it should not
 *
 * Context: BH off, the lock of the denials held; the table, or the caller, has a
 * reference.
 */
void pnicfw_denial_hw_want(struct pnicfw_net *pn, struct pnicfw_denial *denial,
			   bool want, enum pnicfw_reason why)
{
	lockdep_assert_held(&pn->denials.lock);
	if (denial->hw_want == want)
		return;
	denial->hw_want = want;
	WRITE_ONCE(denial->hw_why, want ? PNICFW_REASON_NONE : why);
	if (denial->hw_busy)
		return;		/* the worker will look again */
	denial_hw_take(denial);
	list_add_tail(&denial->hw_node, &pn->denials.hw_todo);
	queue_work(system_unbound_wq, &pn->denials.hw_work);
}

/**
 * pnicfw_denial_hw_release - have the eswitch give a denial up
 * @pn: the namespace
 * @denial: the denial; the caller holds it
 * @why: the reason
 *
 * Context: any but hard interrupts.
 * Return: whether it still has it.
 */
bool pnicfw_denial_hw_release(struct pnicfw_net *pn,
			      struct pnicfw_denial *denial,
			      enum pnicfw_reason why)
{
	bool has;

	spin_lock_bh(&pn->denials.lock);
	pnicfw_denial_hw_want(pn, denial, false, why);
	has = denial->hw_have || denial->hw_busy;
	spin_unlock_bh(&pn->denials.lock);
	return has;
}

/* Eswitches match TCP's and UDP's headers, and see no mark that an ingress chain
 * would set.
 */
static enum pnicfw_reason denial_hw_why_not(const struct pnicfw_net *pn,
					    const struct pnicfw_denial *denial)
{
	const struct pnicfw_denial_case *is = &denial->is;
	enum pnicfw_reason why;

	if (!READ_ONCE(pn->params.hw))
		return PNICFW_REASON_SWITCHED_OFF;
	if ((is->key.protocol != IPPROTO_TCP &&
	     is->key.protocol != IPPROTO_UDP) ||
	    is->way.mark || is->way.priority)
		return PNICFW_REASON_PROTOCOL;
	why = pnicfw_bind_why_not(is->port);
	if (why)
		return why;
	if (denial->hw_want)
		return PNICFW_REASON_NONE;
	if (atomic64_read(&denial->packets) + denial->hw_packets <
	    READ_ONCE(pn->params.hw_after))
		return PNICFW_REASON_THRESHOLD;
	if (READ_ONCE(denial->hw_err) &&
	    !pnicfw_denial_over(READ_ONCE(denial->hw_retry), jiffies))
		return PNICFW_REASON_REFUSED;
	if (pnicfw_place_full(is->port->table))
		return PNICFW_REASON_TABLE_FULL;
	if (pnicfw_denial_hw_unsupported(denial))
		return PNICFW_REASON_UNSUPPORTED;
	return PNICFW_REASON_NONE;
}

/**
 * pnicfw_denial_hw_review - should the eswitch have this denial, now?
 * @pn: the namespace
 * @denial: the denial; the caller holds it, or is under RCU
 *
 * One whose time is over is to be asked about in tier 1 first, and answered, and one
 * that is on its way out has to be out: the eswitch may have lost it.
 *
 * Context: any but hard interrupts.
 */
void pnicfw_denial_hw_review(struct pnicfw_net *pn,
			     struct pnicfw_denial *denial)
{
	enum pnicfw_reason why;

	spin_lock_bh(&pn->denials.lock);
	if (!denial->gone && pnicfw_denial_current(pn, denial) &&
	    !READ_ONCE(denial->asked) &&
	    !pnicfw_denial_over(READ_ONCE(denial->until), jiffies) &&
	    (denial->hw_want || !denial->hw_busy)) {
		why = denial_hw_why_not(pn, denial);
		if (denial->hw_want == !why && why)
			WRITE_ONCE(denial->hw_why, why);
		pnicfw_denial_hw_want(pn, denial, !why, why);
	}
	spin_unlock_bh(&pn->denials.lock);
}

/* Keep what came of it, and @why it is not in where it was to get in.
 * Return: true where the wish changed meanwhile, or the driver has not done it.
 */
static bool denial_hw_settled(struct pnicfw_net *pn,
			      struct pnicfw_denial *denial, bool have,
			      enum pnicfw_reason why)
{
	bool again;

	spin_lock_bh(&pn->denials.lock);
	if (why) {
		denial->hw_want = false;
		WRITE_ONCE(denial->hw_why, why);
	}
	WRITE_ONCE(denial->hw_have, have);
	again = denial->hw_want != have;
	denial->hw_busy = again;
	if (have && !again)
		list_add_tail(&denial->hw_node,
			      &denial->is.port->table->denied);
	spin_unlock_bh(&pn->denials.lock);
	return again;
}

static void denial_hw_tell(struct pnicfw_net *pn, struct pnicfw_denial *denial,
			   bool have, int err)
{
	enum pnicfw_reason why = READ_ONCE(denial->hw_why);
	enum pnicfw_hw_event event;

	if (err) {
		event = PNICFW_HW_EVENT_FAILED;
	} else if (have) {
		event = PNICFW_HW_EVENT_OFFLOADED;
		trace_pnicfw_denial_offloaded(denial, PNICFW_REASON_NONE);
	} else {
		event = PNICFW_HW_EVENT_DEMOTED;
		trace_pnicfw_denial_demoted(denial, why);
	}
	pnicfw_netlink_denial_hw(pn, denial, event, why, err);
}

/* The driver does not let go of it: it is told again in the next round, and what
 * denial_hw_take() took is the list's until then.
 */
static void denial_hw_stuck(struct pnicfw_net *pn, struct pnicfw_denial *denial)
{
	spin_lock_bh(&pn->denials.lock);
	list_add_tail(&denial->hw_node, &pn->denials.hw_stuck);
	spin_unlock_bh(&pn->denials.lock);
	pnicfw_denial_round_start(pn);
}

/* Make the eswitch have what is wanted; see denial_hw_settled(). @stuck becomes
 * whether the driver did not let go of it.
 */
static bool denial_hw_one(struct pnicfw_net *pn, struct pnicfw_denial *denial,
			  bool *stuck)
{
	bool want = READ_ONCE(denial->hw_want), had = denial->hw_have;
	enum pnicfw_reason why = PNICFW_REASON_NONE;
	bool have = had, again;
	int err = 0;

	if (want && !had) {
		why = pnicfw_denial_hw_install(pn, denial, &err);
		have = !why;
	} else if (!want && had) {
		have = !pnicfw_denial_hw_remove(pn, denial);
		*stuck = have;
	}
	again = denial_hw_settled(pn, denial, have, why);
	if (had != have || err)
		denial_hw_tell(pn, denial, have, err);
	return again;
}

/* The same until nobody wants anything else, and give back what denial_hw_take()
 * took. It is claimed. Returns whether the eswitch has it.
 */
static bool denial_hw_run(struct pnicfw_net *pn, struct pnicfw_denial *denial)
{
	bool stuck = false, again, have;

	do {
		again = denial_hw_one(pn, denial, &stuck);
	} while (again && !stuck);
	have = denial->hw_have;
	if (again)
		denial_hw_stuck(pn, denial);
	else
		pnicfw_denial_put(denial);
	return have;
}

static struct pnicfw_denial *denial_hw_next(struct pnicfw_net *pn)
{
	struct pnicfw_denial *denial;

	spin_lock_bh(&pn->denials.lock);
	denial = list_first_entry_or_null(&pn->denials.hw_todo,
					  struct pnicfw_denial, hw_node);
	if (denial)
		list_del(&denial->hw_node);
	spin_unlock_bh(&pn->denials.lock);
	return denial;
}

static void denial_hw_work(struct work_struct *work)
{
	struct pnicfw_net *pn = container_of(work, struct pnicfw_net,
					     denials.hw_work);
	struct pnicfw_denial *denial;
	struct pnicfw_claim claim;

	while ((denial = denial_hw_next(pn))) {
		pnicfw_claim_denial(denial, &claim);
		denial_hw_run(pn, denial);
		pnicfw_claim_end(&claim);
		cond_resched();
	}
}

/* The one that has dropped nothing for longest, of those that nobody has a claim on.
 * The lock is held.
 */
static struct pnicfw_denial *denial_hw_least(struct pnicfw_table *table,
					     struct pnicfw_claim *claim)
{
	int looks = PNICFW_CLAIM_LOOKS;
	struct pnicfw_denial *denial;

	list_for_each_entry(denial, &table->denied, hw_node) {
		if (pnicfw_claim_try_denial(denial, claim))
			return denial;
		if (!--looks)
			break;
	}
	return NULL;
}

/**
 * pnicfw_denial_hw_yield - have a denial give up its place in an eswitch
 * @table: the eswitch
 *
 * It is the one that has dropped nothing for longest; tier 2 goes on with it.
 *
 * Context: process; the caller has no claim.
 * Return: whether there was one, and there is a place now.
 */
bool pnicfw_denial_hw_yield(struct pnicfw_table *table)
{
	struct pnicfw_net *pn = table->pn;
	struct pnicfw_denial *denial;
	struct pnicfw_claim claim;
	bool gone;

	if (!READ_ONCE(table->denials))
		return false;
	mutex_lock(&pn->denials.hw_yields);
	spin_lock_bh(&pn->denials.lock);
	denial = denial_hw_least(table, &claim);
	if (denial) {
		denial_hw_take(denial);
		denial->hw_want = false;
		WRITE_ONCE(denial->hw_why, PNICFW_REASON_EVICTED);
	}
	spin_unlock_bh(&pn->denials.lock);
	gone = denial && !denial_hw_run(pn, denial);
	if (denial)
		pnicfw_claim_end(&claim);
	mutex_unlock(&pn->denials.hw_yields);
	if (gone)
		atomic64_inc(&pn->gauges.hw_evicted);
	return gone;
}

/**
 * pnicfw_denial_hw_again - tell drivers once more of what they have not let go of
 * @pn: the namespace
 *
 * Context: any but hard interrupts.
 */
void pnicfw_denial_hw_again(struct pnicfw_net *pn)
{
	struct pnicfw_denials *all = &pn->denials;

	spin_lock_bh(&all->lock);
	if (!list_empty(&all->hw_stuck)) {
		list_splice_tail_init(&all->hw_stuck, &all->hw_todo);
		queue_work(system_unbound_wq, &all->hw_work);
	}
	spin_unlock_bh(&all->lock);
}

/**
 * pnicfw_denial_hw_flush - wait until the eswitch has what was wanted before
 * @pn: the namespace
 *
 * Context: process; RTNL may be held, drivers are called without it.
 */
void pnicfw_denial_hw_flush(struct pnicfw_net *pn)
{
	flush_work(&pn->denials.hw_work);
	/* And who has one in hand in the worker's place: pnicfw_denial_hw_yield() */
	mutex_lock(&pn->denials.hw_yields);
	mutex_unlock(&pn->denials.hw_yields);
}

/**
 * pnicfw_denial_hw_init - prepare a namespace's worker
 * @pn: the namespace
 */
void pnicfw_denial_hw_init(struct pnicfw_net *pn)
{
	INIT_LIST_HEAD(&pn->denials.hw_todo);
	INIT_LIST_HEAD(&pn->denials.hw_stuck);
	INIT_WORK(&pn->denials.hw_work, denial_hw_work);
	mutex_init(&pn->denials.hw_yields);
}

/**
 * pnicfw_denial_hw_exit - end it; no denials are left
 * @pn: the namespace
 */
void pnicfw_denial_hw_exit(struct pnicfw_net *pn)
{
	cancel_work_sync(&pn->denials.hw_work);
}
