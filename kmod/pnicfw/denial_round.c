// SPDX-License-Identifier: GPL-2.0
/*
 * denial_round - time, and what changes for many denials at once
 */
#include <linux/jiffies.h>

#include "bind.h"
#include "denial.h"
#include "denial_hw.h"
#include "net.h"
#include "port.h"

/* Is its time over, and nobody has come to ask?  What the eswitch has is taken
 * out first, so that somebody can.
 */
static bool denial_round_over(struct pnicfw_net *pn,
			      struct pnicfw_denial *denial)
{
	u32 until = READ_ONCE(denial->until), now = jiffies;

	if (!pnicfw_denial_over(until, now))
		return false;
	if (pnicfw_denial_hw_release(pn, denial, PNICFW_REASON_TIMEOUT))
		return false;
	return pnicfw_denial_over(until + PNICFW_DENIAL_ASKS, now);
}

static void denial_round_one(struct pnicfw_net *pn,
			     struct pnicfw_denial *denial)
{
	pnicfw_denial_hw_poll(pn, denial);
	if (!pnicfw_denial_current(pn, denial))
		pnicfw_denial_end(pn, denial, PNICFW_REASON_STALE);
	else if (denial_round_over(pn, denial))
		pnicfw_denial_end(pn, denial, PNICFW_REASON_TIMEOUT);
	else
		pnicfw_denial_hw_review(pn, denial);
}

static void denial_round(struct work_struct *work)
{
	struct pnicfw_net *pn = container_of(to_delayed_work(work),
					     struct pnicfw_net, denials.round);
	struct pnicfw_denial *denial;
	unsigned long id = 0;

	pnicfw_denial_hw_again(pn);
	while ((denial = pnicfw_denial_next(pn, &id))) {
		denial_round_one(pn, denial);
		pnicfw_denial_put(denial);
		cond_resched();
	}
	if (READ_ONCE(pn->denials.count))
		pnicfw_denial_round_start(pn);
}

/**
 * pnicfw_denial_round_init - prepare a namespace's rounds
 * @pn: the namespace
 */
void pnicfw_denial_round_init(struct pnicfw_net *pn)
{
	INIT_DELAYED_WORK(&pn->denials.round, denial_round);
}

/**
 * pnicfw_denial_round_exit - end them; no denials are left
 * @pn: the namespace
 */
void pnicfw_denial_round_exit(struct pnicfw_net *pn)
{
	cancel_delayed_work_sync(&pn->denials.round);
}

/**
 * pnicfw_denial_round_start - have a round when its time comes
 * @pn: the namespace
 *
 * Rounds go on while there are denials.
 *
 * Context: any.
 */
void pnicfw_denial_round_start(struct pnicfw_net *pn)
{
	unsigned int ms = READ_ONCE(pn->params.age_interval);

	queue_delayed_work(system_unbound_wq, &pn->denials.round,
			   msecs_to_jiffies(ms));
}

/**
 * pnicfw_denial_round_soon - have a round now, where there are denials: they rest
 * on something that has changed
 * @pn: the namespace
 *
 * They drop nothing any more; the eswitch may.
 *
 * Context: any.
 */
void pnicfw_denial_round_soon(struct pnicfw_net *pn)
{
	if (READ_ONCE(pn->denials.count))
		mod_delayed_work(system_unbound_wq, &pn->denials.round, 0);
}

/**
 * pnicfw_denial_changed - the policy has changed, or a port
 * @pn: the namespace
 *
 * Who asked the policy as it was before has the old epoch, or has it before the
 * new one is seen.
 *
 * Context: any.
 */
void pnicfw_denial_changed(struct pnicfw_net *pn)
{
	spin_lock_bh(&pn->denials.lock);
	/* After the rules are written: pairs with pnicfw_denial_epoch(). */
	smp_store_release(&pn->denials.epoch, pn->denials.epoch + 1);
	spin_unlock_bh(&pn->denials.lock);
	pnicfw_denial_round_soon(pn);
}

/**
 * pnicfw_denial_settle - wait until nothing is dropped by what was true before
 * @pn: the namespace
 *
 * After pnicfw_denial_changed(): the round that it has asked for is had, and what
 * that took from the eswitch is out.
 *
 * Context: process; RTNL may be held, drivers are called without it.
 */
void pnicfw_denial_settle(struct pnicfw_net *pn)
{
	flush_delayed_work(&pn->denials.round);
	pnicfw_denial_hw_flush(pn);
}

/* The next one of a port, held for the caller; NULL at the end. */
static struct pnicfw_denial *denial_of_port(const struct pnicfw_port *port,
					    unsigned long *id)
{
	struct pnicfw_denial *denial;

	while ((denial = pnicfw_denial_next(port->pn, id))) {
		if (denial->is.port == port)
			return denial;
		pnicfw_denial_put(denial);
		cond_resched();
	}
	return NULL;
}

/**
 * pnicfw_denial_port_gone - a port goes away, and takes its denials along
 * @port: the port; no packet of it makes any more
 *
 * Context: process. The eswitch may have some until pnicfw_denial_hw_flush().
 */
void pnicfw_denial_port_gone(const struct pnicfw_port *port)
{
	struct pnicfw_denial *denial;
	unsigned long id = 0;

	while ((denial = denial_of_port(port, &id))) {
		pnicfw_denial_end(port->pn, denial, PNICFW_REASON_PORT_GONE);
		pnicfw_denial_put(denial);
		cond_resched();
	}
}

/**
 * pnicfw_denial_port_off - a port may no longer have rules
 * @port: the port
 *
 * Context: process. The eswitch may have some until pnicfw_denial_hw_flush().
 */
void pnicfw_denial_port_off(const struct pnicfw_port *port)
{
	struct pnicfw_denial *denial;
	unsigned long id = 0;

	while ((denial = denial_of_port(port, &id))) {
		pnicfw_denial_hw_release(port->pn, denial,
					 pnicfw_bind_why_not(port));
		pnicfw_denial_put(denial);
		cond_resched();
	}
}
