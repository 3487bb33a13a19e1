// SPDX-License-Identifier: GPL-2.0
/*
 * admit - tier 3: who gets a hardware entry, and who gives it up
 */
#include <linux/jiffies.h>

#include "admit.h"
#include "conntrack.h"
#include "eswitch.h"
#include "net.h"
#include "path.h"
#include "port.h"
#include "reconcile.h"
#include "record.h"

/* May a port have rules, and if not, would it but for being drained? */
static enum pnicfw_reason admit_port(const struct pnicfw_port *port)
{
	if (pnicfw_eswitch_takes(port))
		return PNICFW_REASON_NONE;
	return READ_ONCE(port->drained) && port->bind != PNICFW_BIND_NONE ?
	       PNICFW_REASON_DRAINED : PNICFW_REASON_PORT_OFF;
}

/* Is one direction's way known, still true, and within one eswitch? */
static enum pnicfw_reason admit_dir(const struct pnicfw_record *rec, u8 index)
{
	const struct pnicfw_dir *dir = &rec->dir[index];
	const struct pnicfw_path *path = rcu_dereference(dir->path);
	enum pnicfw_reason why;

	if (!path)
		return PNICFW_REASON_ONE_WAY;
	if (pnicfw_path_dead(path))
		return path->gen == pnicfw_net_gen(pnicfw_record_net(rec)) ?
		       PNICFW_REASON_PATH_DEAD : PNICFW_REASON_STALE;
	if (rec->recheck & BIT(index))
		return PNICFW_REASON_RECHECK;
	why = admit_port(path->key.in) ?: admit_port(path->key.out);
	if (why)
		return why;
	if (!pnicfw_eswitch_joins(path->key.in, path->key.out))
		return PNICFW_REASON_OTHER_SWITCH;
	return PNICFW_REASON_NONE;
}

/* Packets that a direction has carried, in whichever tier. */
static bool admit_busy_enough(const struct pnicfw_record *rec)
{
	struct pnicfw_count count, cached;
	int i;

	for (i = 0; i < IP_CT_DIR_MAX; i++) {
		pnicfw_ct_counted(pnicfw_record_ct(rec), i, &count);
		pnicfw_record_cached(rec, i, &cached);
		if (max(count.packets, cached.packets) >= rec->answer.hw_after)
			return true;
	}
	return false;
}

static enum pnicfw_reason admit_why_not(const struct pnicfw_record *rec)
{
	enum pnicfw_reason why;
	int i;

	for (i = 0; i < IP_CT_DIR_MAX; i++) {
		why = admit_dir(rec, i);
		if (why)
			return why;
	}
	if (READ_ONCE(rec->hw_want))
		return PNICFW_REASON_NONE;
	if (!admit_busy_enough(rec))
		return PNICFW_REASON_THRESHOLD;
	if (pnicfw_record_refused(rec) && (s32)((u32)jiffies - rec->hw->retry) < 0)
		return PNICFW_REASON_REFUSED;
	return PNICFW_REASON_NONE;
}

/**
 * pnicfw_admit_review - should the eswitch have this connection, now?
 * @rec: the record; held by the caller, or found under RCU
 *
 * One that it has and that rests on something no longer true is taken out. Its
 * packets then pass tier 1, which decides and teaches again.
 *
 * Context: process or BH.
 */
void pnicfw_admit_review(struct pnicfw_record *rec)
{
	enum pnicfw_reason why;

	if (!rec->answer.offloadable)
		return;

	rcu_read_lock();
	spin_lock_bh(&rec->lock);
	if (!rec->closing) {
		why = admit_why_not(rec);
		if (rec->hw_want == !why)
			WRITE_ONCE(rec->hw_why, why);
		pnicfw_reconcile_want(rec, !why, why);
	}
	spin_unlock_bh(&rec->lock);
	rcu_read_unlock();
}
