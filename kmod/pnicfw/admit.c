// SPDX-License-Identifier: GPL-2.0
/*
 * admit - tier 3: who gets a hardware entry, and who gives it up
 */
#include <linux/if_vlan.h>
#include <linux/jiffies.h>

#include "admit.h"
#include "bind.h"
#include "conntrack.h"
#include "heat.h"
#include "net.h"
#include "path.h"
#include "port.h"
#include "reconcile.h"
#include "record.h"
#include "table.h"

/* Is one direction's way known, still true, and within one eswitch? */
static enum pnicfw_reason admit_dir(const struct pnicfw_record *rec, u8 index)
{
	const struct pnicfw_dir *dir = &rec->dir[index];
	const struct pnicfw_path *path = rcu_dereference(dir->path);
	enum pnicfw_reason why;

	if (!path)
		return PNICFW_REASON_ONE_WAY;
	/* First: what is only stale need not leave at once, and this has to. */
	why = pnicfw_bind_why_not(path->key.in) ?:
	      pnicfw_bind_why_not(path->key.out);
	if (why)
		return why;
	if (pnicfw_path_dead(path))
		return path->gen == pnicfw_net_gen(pnicfw_record_net(rec)) ?
		       PNICFW_REASON_PATH_DEAD : PNICFW_REASON_STALE;
	if (rec->recheck & BIT(index))
		return PNICFW_REASON_RECHECK;
	if (!pnicfw_bind_joins(path->key.in, path->key.out))
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

/* What the user wants of a connection that is to have a place in the eswitch. */
static enum pnicfw_reason admit_earned(const struct pnicfw_record *rec)
{
	const struct pnicfw_net *pn = pnicfw_record_net(rec);
	u32 rate = READ_ONCE(pn->params.hw_after_rate);

	if (!admit_busy_enough(rec))
		return PNICFW_REASON_THRESHOLD;
	if (rate && READ_ONCE(rec->heat) < pnicfw_heat_of(rate))
		return PNICFW_REASON_SLOW;
	return PNICFW_REASON_NONE;
}

/* Drivers neither match nor write the bit of a tag that says that a frame may be
 * dropped before others.
 */
static bool admit_drop_eligible(const struct pnicfw_path_key *way)
{
	return (way->vlan.tci | way->inner.tci | way->act.vlan.tci |
		way->act.inner.tci) & VLAN_CFI_MASK;
}

/* Has a driver refused a rule like the one for this direction, or would any? */
static bool admit_unsupported(const struct pnicfw_record *rec, u8 index)
{
	const struct pnicfw_path *path = rcu_dereference(rec->dir[index].path);
	struct pnicfw_shapes *shapes = &path->key.in->unsupported;
	struct pnicfw_key key;

	if (admit_drop_eligible(&path->key))
		return true;
	if (!READ_ONCE(shapes->n))
		return false;
	pnicfw_record_key(rec, index, &key);
	return pnicfw_shapes_refuse(shapes, pnicfw_shape_of(&key, &path->key),
				    path->key.out->dev->ifindex, jiffies);
}

/* And what the eswitch has to say. */
static enum pnicfw_reason admit_offered(const struct pnicfw_record *rec)
{
	const struct pnicfw_path *path = rcu_dereference(rec->dir[0].path);

	if (pnicfw_record_refused(rec) &&
	    (s32)((u32)jiffies - READ_ONCE(rec->hw->due)) < 0)
		return PNICFW_REASON_REFUSED;
	if (pnicfw_table_hopeless(path->key.in->table, READ_ONCE(rec->heat)))
		return PNICFW_REASON_TABLE_FULL;
	if (admit_unsupported(rec, 0) || admit_unsupported(rec, 1))
		return PNICFW_REASON_UNSUPPORTED;
	return PNICFW_REASON_NONE;
}

/* Both directions are good; where one is stale only, that is no hurry. */
static enum pnicfw_reason admit_both(const struct pnicfw_record *rec)
{
	enum pnicfw_reason why[IP_CT_DIR_MAX];
	int i;

	for (i = 0; i < IP_CT_DIR_MAX; i++) {
		why[i] = admit_dir(rec, i);
		if (why[i] && why[i] != PNICFW_REASON_STALE)
			return why[i];
	}
	return why[0] ?: why[1];
}

/* Does the eswitch go by another way than the one that is known now? It has
 * changed, and a packet has taught the new one before anybody took the rule out.
 * What the worker has in its hands it sees to itself.
 */
static bool admit_outdated(const struct pnicfw_record *rec)
{
	int i;

	if (!rec->hw_have || rec->hw_busy)
		return false;
	for (i = 0; i < IP_CT_DIR_MAX; i++)
		if (pnicfw_path_outdated(rec->hw->path[i],
					 rcu_dereference(rec->dir[i].path)))
			return true;
	return false;
}

static enum pnicfw_reason admit_why_not(const struct pnicfw_record *rec)
{
	enum pnicfw_reason why;

	if (!rec->answer.offloadable)
		return rec->answer.hw_why;
	why = admit_both(rec);
	if (why)
		return why;
	if (admit_outdated(rec))
		return PNICFW_REASON_PATH_DEAD;
	if (READ_ONCE(rec->hw_want))
		return PNICFW_REASON_NONE;
	return admit_earned(rec) ?: admit_offered(rec);
}

/**
 * pnicfw_admit_review - should the eswitch have this connection, now?
 * @rec: the record; held by the caller, or found under RCU
 *
 * One that it has and that rests on something no longer true is taken out: at
 * once, or, where all rest on rules of before, when its turn comes. Its packets
 * then pass tier 1, which decides and teaches again.
 *
 * Context: process or BH.
 */
void pnicfw_admit_review(struct pnicfw_record *rec)
{
	enum pnicfw_reason why;

	/* Who withdraws the answer withdraws the wish: under the lock, as below. */
	if (!READ_ONCE(rec->answer.offloadable) && !READ_ONCE(rec->hw_want))
		return;

	rcu_read_lock();
	spin_lock_bh(&rec->lock);
	if (!rec->closing) {
		why = admit_why_not(rec);
		if (rec->hw_want == !why)
			WRITE_ONCE(rec->hw_why, why);
		if (why != PNICFW_REASON_STALE || !pnicfw_reconcile_linger(rec))
			pnicfw_reconcile_want(rec, !why, why);
	}
	spin_unlock_bh(&rec->lock);
	rcu_read_unlock();
}
