// SPDX-License-Identifier: GPL-2.0
/*
 * recheck - every so often a packet of each connection passes tier 1
 */
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/math64.h>

#include "bridge.h"
#include "net.h"
#include "path.h"
#include "port.h"
#include "recheck.h"
#include "reconcile.h"
#include "record.h"

static void recheck_turn(struct pnicfw_recheck *turn, u32 period, u64 now,
			 u64 since)
{
	*turn = (struct pnicfw_recheck) { .period = period };
	if (!period)
		return;
	turn->span = min_t(u64, now - since, period);
	div_u64_rem(now - turn->span, period, &turn->from);
}

/* How often bridges have to see packets, the most impatient one, or 0. */
static u32 recheck_bridges(struct pnicfw_net *pn)
{
	pnicfw_bridge_ask_t *ask = pnicfw_bridge_ask();
	struct pnicfw_port *port;
	unsigned long ifindex;
	u32 shortest = 0, ms;

	rcu_read_lock();
	xa_for_each(&pn->ports, ifindex, port) {
		ms = DIV_ROUND_UP(pnicfw_bridge_ageing(port->dev, ask), 3);
		WRITE_ONCE(port->ageing, ms);
		if (ms && (!shortest || ms < shortest))
			shortest = ms;
	}
	rcu_read_unlock();
	pnicfw_bridge_asked(ask);
	return shortest;
}

/**
 * pnicfw_recheck_begin - a round begins: whose turn is it?
 * @pn: the namespace
 * @turns: filled in
 *
 * Context: the age room's round.
 */
void pnicfw_recheck_begin(struct pnicfw_net *pn, struct pnicfw_turns *turns)
{
	u64 now = ktime_to_ms(ktime_get());
	u64 since = pn->recheck_last ?: now;
	u32 period = READ_ONCE(pn->params.recheck_time);
	u32 bridges = recheck_bridges(pn);

	pn->recheck_last = now;
	if (period && period <= bridges)
		bridges = 0;
	recheck_turn(&turns->all, period, now, since);
	recheck_turn(&turns->bridged, bridges, now, since);
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

/**
 * pnicfw_recheck_enter - a connection begins: when will its turn be?
 * @pn: the namespace
 * @rec: the record, which no packet has found yet
 *
 * Context: any.
 */
void pnicfw_recheck_enter(const struct pnicfw_net *pn,
			  struct pnicfw_record *rec)
{
	BUILD_BUG_ON(PNICFW_RECHECK_BITS > 6);	/* of the record's */
	rec->turn = pnicfw_recheck_part(rec->id,
					READ_ONCE(pn->params.recheck_time),
					ktime_to_ms(ktime_get_coarse()));
}

/* Who has been silent for as long as the bridge remembers has been forgotten,
 * and his paths with it, or is kept in mind by others.
 */
static bool recheck_bridged(const struct pnicfw_dir *dir, u32 period)
{
	const struct pnicfw_path *path = rcu_dereference(dir->path);
	u32 idle = (u32)jiffies - READ_ONCE(dir->used);

	return path && READ_ONCE(path->key.in->ageing) &&
	       idle <= 3 * msecs_to_jiffies(period);
}

/**
 * pnicfw_recheck_dirs - is it a connection's turn?
 * @rec: the record
 * @turns: the round
 *
 * Context: any; RCU, or a reference, keeps the record.
 * Return: directions that tier 1 is to see, a bit each.
 */
u8 pnicfw_recheck_dirs(const struct pnicfw_record *rec,
		       const struct pnicfw_turns *turns)
{
	u8 dirs = 0;
	int i;

	if (pnicfw_recheck_due(&turns->all, rec->id, rec->turn))
		return PNICFW_HW_BOTH;
	if (!pnicfw_recheck_due(&turns->bridged, rec->id, rec->turn))
		return 0;
	rcu_read_lock();
	for (i = 0; i < IP_CT_DIR_MAX; i++)
		if (recheck_bridged(&rec->dir[i], turns->bridged.period))
			dirs |= BIT(i);
	rcu_read_unlock();
	return dirs;
}

/* The paths stay: they are true as far as anybody knows, and tell where the
 * connection goes. But no packet takes them until tier 1 has seen one.
 * Return: directions that are to be seen, of those that have a path.
 */
static u8 recheck_mark(struct pnicfw_record *rec, u8 dirs)
{
	u8 marked = rec->recheck & ~dirs;
	int i;

	lockdep_assert_held(&rec->lock);
	for (i = 0; i < IP_CT_DIR_MAX; i++) {
		if (!(dirs & BIT(i)) || !rcu_access_pointer(rec->dir[i].path))
			continue;
		marked |= BIT(i);
		WRITE_ONCE(rec->dir[i].cacheable, false);
	}
	return marked;
}

/**
 * pnicfw_recheck_review - send a connection's next packets through tier 1 where
 * its turn has come
 * @rec: the record; the caller holds it
 * @turns: the round
 *
 * The eswitch gives it up. As soon as the directions have been seen, and have
 * taught the same as before, it is offered to the eswitch again.
 *
 * Context: process.
 */
void pnicfw_recheck_review(struct pnicfw_record *rec,
			   const struct pnicfw_turns *turns)
{
	u8 dirs = pnicfw_recheck_dirs(rec, turns);

	if (!dirs)
		return;
	spin_lock_bh(&rec->lock);
	if (!rec->closing) {
		WRITE_ONCE(rec->recheck, recheck_mark(rec, dirs));
		pnicfw_reconcile_want(rec, false, PNICFW_REASON_RECHECK);
	}
	spin_unlock_bh(&rec->lock);
}
