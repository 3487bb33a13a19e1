// SPDX-License-Identifier: GPL-2.0
/*
 * crew - tier 3: who does what there is to do at a namespace's eswitches, and when
 */
#include <linux/bitmap.h>
#include <linux/jiffies.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "claim.h"
#include "crew.h"
#include "net.h"
#include "reconcile.h"

/* While counters are being read an insertion gets its turn this often. */
#define CREW_SLICE	msecs_to_jiffies(10)

/* So long, in jiffies, the worker lets those gather that are in no hurry: to wake it
 * for each would cost more than some drivers do.
 */
#define CREW_GATHER	1

/* A driver that waits so many microseconds for its hardware is slow: that is far more
 * than it costs to wake somebody who helps.
 */
#define CREW_SLOW	100

/* When the first worker is going to run */
enum crew_due {
	CREW_NEVER,
	CREW_SOON,
	CREW_NOW,
};

/* Have one more worker, if there is one that does nothing. */
static void crew_call(struct pnicfw_crew *crew)
{
	/* Pairs with that in pnicfw_crew_enlarge(). */
	struct pnicfw_crew_helper *helper = smp_load_acquire(&crew->helper);
	unsigned int i;

	if (!helper)
		return;
	i = find_first_zero_bit(crew->helping, PNICFW_CREW_HELPERS);
	if (i < PNICFW_CREW_HELPERS && !test_and_set_bit(i, crew->helping))
		queue_work(system_unbound_wq, &helper[i].work);
}

/* Something was listed: if the first worker is in a driver that may not return for
 * long, that is for somebody else.
 */
static void crew_relieve(struct pnicfw_crew *crew, bool slow)
{
	unsigned long since = READ_ONCE(crew->since);

	if (since && (slow || time_after(jiffies, since + CREW_GATHER)))
		crew_call(crew);
}

/* May insertions go on? Those of a driver that waits are in nobody's way. */
static bool crew_hasty(const struct pnicfw_net *pn)
{
	return !READ_ONCE(pn->crew.asking) || READ_ONCE(pn->crew.slow) ||
	       !list_empty(&pn->hw_leaving);
}

/* One thing. Returns whether there may be another one. */
static bool crew_step(struct pnicfw_net *pn, unsigned long *wait)
{
	u32 ended = pnicfw_claim_ended(pn);
	int did = pnicfw_reconcile_step(pn, wait);

	if (did == -EBUSY) {
		/* What is listed meanwhile may be for somebody else, too. */
		WRITE_ONCE(pn->crew.slow, true);
		pnicfw_claim_wait(pn, ended);
	} else if (did && READ_ONCE(pn->crew.slow)) {
		crew_call(&pn->crew);
	}
	cond_resched();
	return did;
}

static bool crew_step_first(struct pnicfw_net *pn, unsigned long *wait)
{
	bool more;

	WRITE_ONCE(pn->crew.since, jiffies | 1);
	more = crew_step(pn, wait);
	WRITE_ONCE(pn->crew.since, 0);
	return more;
}

static void crew_work(struct work_struct *work)
{
	struct pnicfw_net *pn = container_of(to_delayed_work(work),
					     struct pnicfw_net, crew.work);
	unsigned long wait = MAX_JIFFY_OFFSET;
	struct pnicfw_crew *crew = &pn->crew;

	/* Before the lists are looked at: pairs with that in pnicfw_crew_soon(). */
	smp_store_mb(crew->due, CREW_NEVER);
	while (crew_step_first(pn, &wait))
		if (!crew_hasty(pn))
			wait_event_timeout(crew->asked, crew_hasty(pn),
					   CREW_SLICE);
	if (wait != MAX_JIFFY_OFFSET)
		queue_delayed_work(system_unbound_wq, &crew->work, wait);
}

static void crew_help(struct work_struct *work)
{
	struct pnicfw_crew_helper *helper = container_of(work, typeof(*helper),
							 work);
	struct pnicfw_net *pn = helper->pn;
	struct pnicfw_crew *crew = &pn->crew;
	unsigned long wait = MAX_JIFFY_OFFSET;
	bool more = true;

	while (more && crew_hasty(pn))
		more = crew_step(pn, &wait);
	clear_bit(helper - crew->helper, crew->helping);
	/* What there is left, now or later, the first one does: it may have found
	 * nothing and ended before.
	 */
	if (more)
		wait = 0;
	if (wait != MAX_JIFFY_OFFSET)
		queue_delayed_work(system_unbound_wq, &crew->work, wait);
}

/**
 * pnicfw_crew_soon - something was listed that is in no hurry
 * @pn: the namespace
 *
 * Context: any but hard interrupts.
 */
void pnicfw_crew_soon(struct pnicfw_net *pn)
{
	struct pnicfw_crew *crew = &pn->crew;

	/* Listed first: if the worker is going to run, it has yet to look at the
	 * lists. Pairs with that in crew_work(); a cmpxchg() that fails orders
	 * nothing.
	 */
	smp_mb();
	if (cmpxchg(&crew->due, CREW_NEVER, CREW_SOON) == CREW_NEVER)
		mod_delayed_work(system_unbound_wq, &crew->work, CREW_GATHER);
	crew_relieve(crew, false);
}

/**
 * pnicfw_crew_kick - there is something to do now, or may be
 * @pn: the namespace
 *
 * Context: any but hard interrupts.
 */
void pnicfw_crew_kick(struct pnicfw_net *pn)
{
	struct pnicfw_crew *crew = &pn->crew;

	if (xchg(&crew->due, CREW_NOW) != CREW_NOW)
		mod_delayed_work(system_unbound_wq, &crew->work, 0);
	crew_relieve(crew, READ_ONCE(crew->slow));
}

/**
 * pnicfw_crew_asking - many counters are going to be read, or have been
 * @pn: the namespace
 * @asking: which of both
 *
 * Between the two, insertions wait, most of the time, so that a burst of them
 * does not keep a live connection from being seen alive.
 *
 * Context: process; one caller at a time.
 */
void pnicfw_crew_asking(struct pnicfw_net *pn, bool asking)
{
	struct pnicfw_crew *crew = &pn->crew;

	WRITE_ONCE(crew->asking, asking);
	if (!asking)
		wake_up(&crew->asked);
}

/**
 * pnicfw_crew_took - a driver has put a rule in, or taken one out
 * @pn: the namespace
 * @us: how long it took, microseconds, if it has waited for anything; 0 otherwise
 *
 * Context: process.
 */
void pnicfw_crew_took(struct pnicfw_net *pn, u64 us)
{
	bool slow = us >= CREW_SLOW;

	if (READ_ONCE(pn->crew.slow) != slow)
		WRITE_ONCE(pn->crew.slow, slow);
}

/**
 * pnicfw_crew_flush - wait until the eswitches have what was wanted before
 * @pn: the namespace
 *
 * Context: process; RTNL may be held, drivers are called without it.
 */
void pnicfw_crew_flush(struct pnicfw_net *pn)
{
	struct pnicfw_crew *crew = &pn->crew;
	int twice;

	/* What somebody has in hand may be listed anew, as the wish has changed. */
	for (twice = 0; twice < 2; twice++) {
		/* Who has listed something may not have come to kicking yet. */
		mod_delayed_work(system_unbound_wq, &crew->work, 0);
		flush_delayed_work(&crew->work);
		pnicfw_claim_drain(pn);
	}
}

/**
 * pnicfw_crew_enlarge - there is an eswitch, so there may be a use for helpers
 * @pn: the namespace
 *
 * Where memory runs out the first worker does it all.
 *
 * Context: RTNL, process.
 */
void pnicfw_crew_enlarge(struct pnicfw_net *pn)
{
	struct pnicfw_crew_helper *helper;
	int i;

	if (pn->crew.helper)
		return;
	helper = kcalloc(PNICFW_CREW_HELPERS, sizeof(*helper), GFP_KERNEL);
	if (!helper)
		return;
	for (i = 0; i < PNICFW_CREW_HELPERS; i++) {
		helper[i].pn = pn;
		INIT_WORK(&helper[i].work, crew_help);
	}
	/* Whoever sees them sees all of them: pairs with that in crew_call(). */
	smp_store_release(&pn->crew.helper, helper);
}

/**
 * pnicfw_crew_init - prepare a namespace's workers
 * @pn: the namespace
 */
void pnicfw_crew_init(struct pnicfw_net *pn)
{
	struct pnicfw_crew *crew = &pn->crew;

	init_waitqueue_head(&crew->asked);
	INIT_DELAYED_WORK(&crew->work, crew_work);
}

/**
 * pnicfw_crew_exit - end them; no records are left
 * @pn: the namespace
 */
void pnicfw_crew_exit(struct pnicfw_net *pn)
{
	struct pnicfw_crew *crew = &pn->crew;
	int i;

	/* There is nothing left to do, so a helper calls no other, but may yet call the
	 * first one.
	 */
	cancel_delayed_work_sync(&crew->work);
	for (i = 0; crew->helper && i < PNICFW_CREW_HELPERS; i++)
		flush_work(&crew->helper[i].work);
	cancel_delayed_work_sync(&crew->work);
	kfree(crew->helper);
}
