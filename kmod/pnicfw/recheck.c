// SPDX-License-Identifier: GPL-2.0
/*
 * recheck - every so often a packet of each connection passes tier 1
 */
#include <linux/ktime.h>
#include <linux/math64.h>

#include "net.h"
#include "recheck.h"
#include "reconcile.h"
#include "record.h"

/**
 * pnicfw_recheck_begin - a round begins: whose turn is it?
 * @pn: the namespace
 * @turn: filled in
 *
 * Context: the age room's round.
 */
void pnicfw_recheck_begin(struct pnicfw_net *pn, struct pnicfw_recheck *turn)
{
	u64 now = ktime_to_ms(ktime_get());
	u64 since = pn->recheck_last ?: now;
	u32 period = READ_ONCE(pn->params.recheck_time);

	pn->recheck_last = now;
	*turn = (struct pnicfw_recheck) { .period = period };
	if (!period)
		return;
	turn->span = min_t(u64, now - since, period);
	div_u64_rem(now - turn->span, period, &turn->from);
}

/**
 * pnicfw_recheck_end - there will be no round until connections come
 * @pn: the namespace
 *
 * None of those has waited meanwhile.
 *
 * Context: the age room's round.
 */
void pnicfw_recheck_end(struct pnicfw_net *pn)
{
	pn->recheck_last = 0;
}

/* The paths stay: they are true as far as anybody knows, and tell where the
 * connection goes. But no packet takes them until tier 1 has seen one.
 * Return: directions that are to be seen, of those that have a path.
 */
static u8 recheck_mark(struct pnicfw_record *rec)
{
	u8 learned = 0;
	int i;

	lockdep_assert_held(&rec->lock);
	for (i = 0; i < IP_CT_DIR_MAX; i++) {
		if (!rcu_access_pointer(rec->dir[i].path))
			continue;
		learned |= BIT(i);
		WRITE_ONCE(rec->dir[i].cacheable, false);
	}
	return learned;
}

/**
 * pnicfw_recheck_review - send a connection's next packets through tier 1 where
 * its turn has come
 * @rec: the record; the caller holds it
 * @turn: the round
 *
 * The eswitch gives it up. As soon as both directions have been seen, and have
 * taught the same as before, it is offered to the eswitch again.
 *
 * Context: process.
 */
void pnicfw_recheck_review(struct pnicfw_record *rec,
			   const struct pnicfw_recheck *turn)
{
	if (!pnicfw_recheck_due(turn, rec->id))
		return;
	spin_lock_bh(&rec->lock);
	if (!rec->closing) {
		WRITE_ONCE(rec->recheck, recheck_mark(rec));
		pnicfw_reconcile_want(rec, false, PNICFW_REASON_RECHECK);
	}
	spin_unlock_bh(&rec->lock);
}
