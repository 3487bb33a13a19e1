// SPDX-License-Identifier: GPL-2.0
/*
 * denial_transfer - one denial into its eswitch, or out of it
 */
#include <linux/jiffies.h>

#include "bind.h"
#include "claim.h"
#include "denial.h"
#include "denial_hw.h"
#include "eswitch.h"
#include "net.h"
#include "place.h"
#include "port.h"
#include "record.h"
#include "shape.h"
#include "table.h"
#include "trace.h"
#include "turn.h"

static u32 transfer_shape(const struct pnicfw_denial *denial)
{
	const struct pnicfw_denial_case *is = &denial->is;

	return pnicfw_shape_of_drop(&is->key, &is->way.vlan, &is->way.inner);
}

/**
 * pnicfw_denial_hw_unsupported - has the driver refused rules like a denial's?
 * @denial: the denial
 *
 * Context: any but hard interrupts.
 * Return: whether it has, for good; now and then one is told that it has not, and
 * tries.
 */
bool pnicfw_denial_hw_unsupported(const struct pnicfw_denial *denial)
{
	return pnicfw_shapes_refuse(&denial->is.port->unsupported,
				    transfer_shape(denial), 0, jiffies);
}

/* Take a place and a turn. Returns why there is none. */
static enum pnicfw_reason transfer_admit(struct pnicfw_net *pn,
					 const struct pnicfw_denial *denial)
{
	enum pnicfw_reason why = pnicfw_bind_why_not(denial->is.port);
	struct pnicfw_table *table = denial->is.port->table;
	unsigned long wait = MAX_JIFFY_OFFSET;

	if (why)
		return why;
	if (!pnicfw_place_take(table, &table->denials))
		return PNICFW_REASON_TABLE_FULL;
	if (pnicfw_turn_due(pn, &table->inserts, READ_ONCE(pn->params.hw_rate),
			    &wait))
		return PNICFW_REASON_NONE;
	pnicfw_place_leave(table, &table->denials);
	return PNICFW_REASON_HW_RATE;
}

/**
 * pnicfw_denial_hw_refused - a driver has refused a denial, or lost it
 * @denial: the denial
 * @err: its answer
 *
 * When it may be asked again depends on that, as with connections.
 *
 * Context: process; @denial is claimed.
 */
void pnicfw_denial_hw_refused(struct pnicfw_denial *denial, int err)
{
	struct pnicfw_table *table = denial->is.port->table;

	if (err == -EOPNOTSUPP)
		pnicfw_shapes_learn(&denial->is.port->unsupported,
				    transfer_shape(denial), 0, jiffies);
	WRITE_ONCE(denial->hw_retry,
		   pnicfw_place_refused(table, err, &denial->hw_fails));
	WRITE_ONCE(denial->hw_err, -err);
}

/**
 * pnicfw_denial_hw_install - have the eswitch drop what is denied
 * @pn: the namespace
 * @denial: the denial
 * @err: set to what the driver answered where it refused, a negative errno
 *
 * One for which there is no place or no turn is offered again in the next round.
 * Two denials may not match the same: the claim, and the order of the worker's list,
 * see to it that one is out before the next of its kind comes in.
 *
 * Context: process; @denial is claimed.
 * Return: PNICFW_REASON_NONE where it does; else why not.
 */
enum pnicfw_reason pnicfw_denial_hw_install(struct pnicfw_net *pn,
					    struct pnicfw_denial *denial,
					    int *err)
{
	struct pnicfw_table *table = denial->is.port->table;
	enum pnicfw_reason why = transfer_admit(pn, denial);
	const char *msg = NULL;

	if (why)
		return why;
	*err = pnicfw_eswitch_deny(pn, denial, &msg);
	if (*err) {
		pnicfw_place_leave(table, &table->denials);
		trace_pnicfw_denial_refused(denial, *err, msg);
		pnicfw_denial_hw_refused(denial, *err);
		return PNICFW_REASON_REFUSED;
	}
	denial->hw_fails = 0;
	WRITE_ONCE(denial->hw_err, 0);
	pnicfw_shapes_forget(&denial->is.port->unsupported,
			     transfer_shape(denial), 0);
	return PNICFW_REASON_NONE;
}

/**
 * pnicfw_denial_hw_remove - have it let the packets climb again
 * @pn: the namespace
 * @denial: the denial
 *
 * The counters are read first: a driver forgets them with the rule.
 *
 * Context: process; @denial is claimed.
 * Return: false where the driver does not let go of it.
 */
bool pnicfw_denial_hw_remove(struct pnicfw_net *pn,
			     struct pnicfw_denial *denial)
{
	struct pnicfw_table *table = denial->is.port->table;

	pnicfw_eswitch_deny_stats(pn, denial);
	if (!pnicfw_eswitch_undeny(pn, denial))
		return false;
	pnicfw_place_leave(table, &table->denials);
	return true;
}

/**
 * pnicfw_denial_hw_carried - the eswitch dropped packets
 * @pn: the namespace
 * @denial: the denial
 * @more: how many since last time
 * @used: jiffies (the low 32 bits) of the last one
 *
 * They count as those that tier 2 drops do.
 *
 * Context: process; @denial is claimed.
 */
void pnicfw_denial_hw_carried(struct pnicfw_net *pn,
			      struct pnicfw_denial *denial,
			      const struct pnicfw_count *more, u32 used)
{
	if (more->packets) {
		spin_lock_bh(&pn->denials.lock);
		denial->hw_packets += more->packets;
		denial->hw_bytes += more->bytes;
		if (denial->hw_have && !denial->hw_busy)
			list_move_tail(&denial->hw_node,
				       &denial->is.port->table->denied);
		spin_unlock_bh(&pn->denials.lock);
		WRITE_ONCE(denial->hot, true);
	}
	if ((s32)(used - READ_ONCE(denial->used)) > 0)
		WRITE_ONCE(denial->used, used);
}

/**
 * pnicfw_denial_hw_poll - hear what the eswitch dropped
 * @pn: the namespace
 * @denial: the denial; the caller holds it
 *
 * A rule that the driver no longer knows is not there, and is offered again, though
 * not at once.
 *
 * Context: process.
 */
void pnicfw_denial_hw_poll(struct pnicfw_net *pn, struct pnicfw_denial *denial)
{
	struct pnicfw_claim claim;
	int err = 0;

	if (!READ_ONCE(denial->hw_have))
		return;
	pnicfw_claim_denial(denial, &claim);
	if (denial->hw_have)
		err = pnicfw_eswitch_deny_stats(pn, denial);
	if (err)
		pnicfw_denial_hw_refused(denial, err);
	pnicfw_claim_end(&claim);
	if (!err)
		return;
	pnicfw_stats_hw_failed(pn, err);
	pnicfw_denial_hw_release(pn, denial, PNICFW_REASON_REFUSED);
}
