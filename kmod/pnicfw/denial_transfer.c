// SPDX-License-Identifier: GPL-2.0
/*
 * denial_transfer - one denial into its eswitch, or out of it
 */
#include <linux/jiffies.h>

#include "bind.h"
#include "denial.h"
#include "denial_hw.h"
#include "eswitch.h"
#include "net.h"
#include "pace.h"
#include "port.h"
#include "record.h"
#include "shape.h"
#include "table.h"
#include "trace.h"

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

/**
 * pnicfw_denial_hw_late - why may a denial not get in at this moment?
 * @pn: the namespace
 * @denial: the denial
 *
 * How full the table is, and how much it has been asked for, only those know who may
 * change that. A denial for which it is too much is offered again in the next round.
 *
 * Context: process, the namespace's hw_mutex.
 * Return: PNICFW_REASON_NONE where it may.
 */
enum pnicfw_reason pnicfw_denial_hw_late(const struct pnicfw_net *pn,
					 const struct pnicfw_denial *denial)
{
	enum pnicfw_reason why = pnicfw_bind_why_not(denial->is.port);
	struct pnicfw_table *table = denial->is.port->table;

	if (why)
		return why;
	if (!pnicfw_table_admits(table))
		return PNICFW_REASON_TABLE_FULL;
	return pnicfw_pace_ready(&table->inserts, READ_ONCE(pn->params.hw_rate),
				 jiffies) ?
	       PNICFW_REASON_NONE : PNICFW_REASON_HW_RATE;
}

/**
 * pnicfw_denial_hw_refused - a driver has refused a denial, or lost it
 * @denial: the denial
 * @err: its answer
 *
 * When it may be asked again depends on that, as with connections.
 *
 * Context: process, the namespace's hw_mutex.
 */
void pnicfw_denial_hw_refused(struct pnicfw_denial *denial, int err)
{
	struct pnicfw_table *table = denial->is.port->table;

	if (err == -EOPNOTSUPP)
		pnicfw_shapes_learn(&denial->is.port->unsupported,
				    transfer_shape(denial), 0, jiffies);
	WRITE_ONCE(denial->hw_retry,
		   pnicfw_table_refused(table, err, &denial->hw_fails));
	WRITE_ONCE(denial->hw_err, -err);
}

/**
 * pnicfw_denial_hw_install - have the eswitch drop what is denied
 * @pn: the namespace
 * @denial: the denial
 *
 * Two denials may not match the same: hw_mutex, and the order of the worker's list,
 * see to it that one is out before the next of its kind comes in.
 *
 * Context: process, the namespace's hw_mutex.
 * Return: 0 or a negative errno.
 */
int pnicfw_denial_hw_install(struct pnicfw_net *pn,
			     struct pnicfw_denial *denial)
{
	struct pnicfw_table *table = denial->is.port->table;
	const char *msg = NULL;
	int err;

	pnicfw_pace_spend(&table->inserts);
	err = pnicfw_eswitch_deny(pn, denial, &msg);
	if (err) {
		trace_pnicfw_denial_refused(denial, err, msg);
		pnicfw_denial_hw_refused(denial, err);
		return err;
	}
	denial->hw_fails = 0;
	WRITE_ONCE(denial->hw_err, 0);
	pnicfw_shapes_forget(&denial->is.port->unsupported,
			     transfer_shape(denial), 0);
	WRITE_ONCE(table->denials, table->denials + 1);
	return 0;
}

/**
 * pnicfw_denial_hw_remove - have it let the packets climb again
 * @pn: the namespace
 * @denial: the denial
 *
 * The counters are read first: a driver forgets them with the rule.
 *
 * Context: process, the namespace's hw_mutex.
 * Return: false where the driver does not let go of it.
 */
bool pnicfw_denial_hw_remove(struct pnicfw_net *pn,
			     struct pnicfw_denial *denial)
{
	struct pnicfw_table *table = denial->is.port->table;

	pnicfw_eswitch_deny_stats(pn, denial);
	if (!pnicfw_eswitch_undeny(pn, denial))
		return false;
	WRITE_ONCE(table->denials, table->denials - 1);
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
 * Context: process, the namespace's hw_mutex.
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
