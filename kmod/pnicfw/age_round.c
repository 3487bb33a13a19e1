// SPDX-License-Identifier: GPL-2.0
/*
 * age_round - when all connections are looked at, and what else is done then
 */
#include <linux/jiffies.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>

#include "age.h"
#include "crew.h"
#include "doubt.h"
#include "ipsec.h"
#include "net.h"
#include "pardon.h"
#include "reconcile.h"
#include "record.h"
#include "xtables.h"

/* What a driver does not let go of it is told once more in each round, so many at
 * most: each may take it long.
 */
#define AGE_AGAIN		256

static void age_round(struct work_struct *work)
{
	struct pnicfw_net *pn = container_of(to_delayed_work(work),
					     struct pnicfw_net, age_work);
	struct pnicfw_age_round round = {
		.pn = pn,
		.elapsed = jiffies - pn->age_last,
		/* Of rules that look at marks and labels nothing tells. */
		.all = READ_ONCE(pn->rules.uses) &
		       (BIT(PNICFW_RULES_MARK) | BIT(PNICFW_RULES_LABEL)),
		.doubt = pnicfw_doubt_begin(pn),
	};
	u32 upto;

	pnicfw_ipsec_review(pn);
	pnicfw_xtables_review(pn);
	if (xchg(&pn->age_all, false))
		round.all = true;
	pn->age_last += round.elapsed;
	upto = pnicfw_pardon_begin(pn);
	pnicfw_recheck_begin(pn, &round.turns);
	pnicfw_reconcile_again(pn, AGE_AGAIN);
	pnicfw_crew_asking(pn, true);
	pnicfw_age_walk(&round);
	pnicfw_crew_asking(pn, false);
	pnicfw_pardon_end(pn, upto);
	if (!xa_empty(&pn->records))
		pnicfw_age_start(pn);
	else
		pnicfw_recheck_end(pn);
}

/**
 * pnicfw_age_init - prepare a namespace's rounds
 * @pn: the namespace
 */
void pnicfw_age_init(struct pnicfw_net *pn)
{
	pn->age_last = jiffies;
	pnicfw_doubt_init(pn);
	INIT_DELAYED_WORK(&pn->age_work, age_round);
}

/**
 * pnicfw_age_exit - end them; no records are left
 * @pn: the namespace
 */
void pnicfw_age_exit(struct pnicfw_net *pn)
{
	cancel_delayed_work_sync(&pn->age_work);
}

/**
 * pnicfw_age_start - have a round when its time comes
 * @pn: the namespace
 *
 * Rounds go on while there are records. Context: any.
 */
void pnicfw_age_start(struct pnicfw_net *pn)
{
	unsigned int ms = READ_ONCE(pn->params.age_interval);

	queue_delayed_work(system_unbound_wq, &pn->age_work,
			   msecs_to_jiffies(ms));
}

/**
 * pnicfw_age_soon - have a round now: something changed for many
 * @pn: the namespace
 *
 * It looks at all of them, so the change must be there to be seen.
 *
 * Context: any.
 */
void pnicfw_age_soon(struct pnicfw_net *pn)
{
	WRITE_ONCE(pn->age_all, true);
	mod_delayed_work(system_unbound_wq, &pn->age_work, 0);
}
