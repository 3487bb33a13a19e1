// SPDX-License-Identifier: GPL-2.0
/*
 * transfer - tier 3: one connection into its eswitch, or out of it
 */
#include <linux/jiffies.h>
#include <net/netfilter/nf_conntrack.h>

#include "bind.h"
#include "conntrack.h"
#include "eswitch.h"
#include "label.h"
#include "net.h"
#include "netlink.h"
#include "path.h"
#include "place.h"
#include "port.h"
#include "record.h"
#include "table.h"
#include "trace.h"
#include "transfer.h"

/* Take out what is there. The counters are read first: a driver forgets them
 * with the rule. Returns what is there after that: 0, or PNICFW_HW_STUCK.
 */
static u8 transfer_remove(struct pnicfw_record *rec)
{
	struct pnicfw_path *path;
	u8 have = 0;
	int i;

	pnicfw_ct_show_hw(pnicfw_record_ct(rec), false);
	pnicfw_label_offloaded(rec, false);
	for (i = 0; i < IP_CT_DIR_MAX; i++) {
		path = rec->hw->path[i];
		if (!path)
			continue;
		pnicfw_eswitch_stats(rec, i, path);
		if (!pnicfw_eswitch_destroy(rec, i, path)) {
			have = PNICFW_HW_STUCK;
			continue;
		}
		rec->hw->path[i] = NULL;
		pnicfw_path_put(pnicfw_record_net(rec), path);
	}
	/* Tier 1 may see the rest of the connection. */
	pnicfw_ct_return(pnicfw_record_ct(rec));
	return have;
}

/* The way of a direction, with a reference, if it is still good, and in the eswitch
 * whose turn it is.
 */
static struct pnicfw_path *transfer_path(struct pnicfw_record *rec, u8 index)
{
	struct pnicfw_path *path;

	rcu_read_lock();
	path = rcu_dereference(rec->dir[index].path);
	if (path && (pnicfw_path_dead(path) ||
		     path->key.in->table != rec->hw->table ||
		     !pnicfw_bind_joins(path->key.in, path->key.out) ||
		     !refcount_inc_not_zero(&path->refs)))
		path = NULL;
	rcu_read_unlock();
	return path;
}

/* A driver that has no support for a rule is remembered for it; one that takes
 * one has some.
 */
static void transfer_learn(const struct pnicfw_record *rec, u8 index,
			   const struct pnicfw_path *path, int err)
{
	struct pnicfw_shapes *shapes = &path->key.in->unsupported;
	int out = path->key.out->dev->ifindex;
	struct pnicfw_key key;
	u32 bits;

	if (!err && !READ_ONCE(shapes->n))
		return;		/* there is nothing to forget */
	pnicfw_record_key(rec, index, &key);
	bits = pnicfw_shape_of(&key, &path->key);
	if (!err)
		pnicfw_shapes_forget(shapes, bits, out);
	else if (err == -EOPNOTSUPP)
		pnicfw_shapes_learn(shapes, bits, out, jiffies);
}

static int transfer_install_dir(struct pnicfw_record *rec, u8 index)
{
	struct pnicfw_path *path = transfer_path(rec, index);
	const char *msg;
	int err;

	if (!path)
		return -ESTALE;
	err = pnicfw_eswitch_replace(rec, index, path, &msg);
	transfer_learn(rec, index, path, err);
	if (err) {
		trace_pnicfw_refused(rec, index, err, msg);
		pnicfw_path_put(pnicfw_record_net(rec), path);
		return err;
	}
	rec->hw->path[index] = path;
	return 0;
}

/* Jiffies between two rounds of the age room */
static u32 transfer_round(const struct pnicfw_record *rec)
{
	const struct pnicfw_params *params = &rec->hw->table->pn->params;

	return msecs_to_jiffies(READ_ONCE(params->age_interval));
}

/* Both directions or none; @have becomes what is there after that. It is asked for
 * when it has had the time to carry something: a round may be under way.
 */
static int transfer_install(struct pnicfw_record *rec, u8 *have)
{
	struct pnicfw_hw *hw = rec->hw;
	int err;

	err = transfer_install_dir(rec, IP_CT_DIR_ORIGINAL);
	if (!err)
		err = transfer_install_dir(rec, IP_CT_DIR_REPLY);
	if (err) {
		*have = transfer_remove(rec);
		return err;
	}
	*have = PNICFW_HW_BOTH;
	WRITE_ONCE(hw->polled, (u32)jiffies);
	WRITE_ONCE(hw->due, (u32)jiffies + transfer_round(rec) / 2);
	pnicfw_ct_show_hw(pnicfw_record_ct(rec), true);
	pnicfw_label_offloaded(rec, true);
	return 0;
}

/* A driver has refused, or what it was to be offered is no longer true. When it
 * may be asked again depends on why.
 */
static void transfer_refused(struct pnicfw_record *rec, int err)
{
	struct pnicfw_hw *hw = rec->hw;

	if (err == -ESTALE) {
		WRITE_ONCE(rec->hw_why, PNICFW_REASON_STALE);
		WRITE_ONCE(hw->due, (u32)jiffies);
		return;
	}
	WRITE_ONCE(rec->hw_why, PNICFW_REASON_REFUSED);
	WRITE_ONCE(hw->due, pnicfw_place_refused(hw->table, err, &hw->fails));
}

/* A driver has answered. */
static void transfer_offered(struct pnicfw_record *rec, int err)
{
	WRITE_ONCE(rec->hw->err, -err);
	if (err)
		transfer_refused(rec, err);
	else
		rec->hw->fails = 0;
}

/* A connection got the last place, or there was none for it. */
static void transfer_tell_full(struct pnicfw_record *rec, int err)
{
	if (!pnicfw_place_filled(rec->hw->table))
		return;
	trace_pnicfw_full(rec, 0, PNICFW_REASON_TABLE_FULL);
	pnicfw_netlink_hw(rec, PNICFW_HW_EVENT_FULL, PNICFW_REASON_TABLE_FULL,
			  err);
}

static void transfer_tell(struct pnicfw_record *rec, u8 have, int err)
{
	enum pnicfw_reason why = READ_ONCE(rec->hw_why);

	if (err) {
		pnicfw_netlink_hw(rec, PNICFW_HW_EVENT_FAILED, why, err);
	} else if (have) {
		trace_pnicfw_offloaded(rec, 0, PNICFW_REASON_NONE);
		pnicfw_netlink_hw(rec, PNICFW_HW_EVENT_OFFLOADED, why, 0);
	} else {
		trace_pnicfw_demoted(rec, 0, why);
		pnicfw_netlink_hw(rec, PNICFW_HW_EVENT_DEMOTED, why, 0);
	}
	if (have == PNICFW_HW_BOTH || err == -ENOSPC)
		transfer_tell_full(rec, err);
	if (!READ_ONCE(rec->closing))
		pnicfw_netlink_flow(rec, PNICFW_EVENT_CHANGE, why);
}

/* Wanted out and in again before there was time for the first: is what is there
 * still what is wanted? What a driver did not let go of is half of it, maybe.
 */
static bool transfer_outdated(const struct pnicfw_record *rec)
{
	bool outdated = false;
	int i;

	if (rec->hw_have == PNICFW_HW_STUCK)
		return true;
	rcu_read_lock();
	for (i = 0; i < IP_CT_DIR_MAX; i++)
		outdated |= pnicfw_path_outdated(rec->hw->path[i],
						 rcu_dereference(rec->dir[i].path));
	rcu_read_unlock();
	return outdated;
}

/**
 * pnicfw_transfer_run - make the eswitch have what is wanted of a connection
 * @rec: the record, on no list
 * @room: a place was taken for it, should it have none and be wanted in
 *
 * The list's reference, which is the caller's now, is given back, or is a list's
 * again.
 *
 * Context: process; @rec is claimed, and in the caller's hands.
 */
void pnicfw_transfer_run(struct pnicfw_record *rec, bool room)
{
	u8 had = READ_ONCE(rec->hw_have), have = had;
	struct pnicfw_table *table = rec->hw->table;
	bool want = READ_ONCE(rec->hw_want);
	int err = 0;

	if (want && !have && room)
		err = transfer_install(rec, &have);
	else if (want && !have)
		WRITE_ONCE(rec->hw_why, PNICFW_REASON_TABLE_FULL);
	else if (have && (!want || transfer_outdated(rec)))
		have = transfer_remove(rec);
	if ((had || room) && !have)
		pnicfw_place_leave(table, &table->used);
	if (want && !had && room)
		transfer_offered(rec, err);
	if (have == PNICFW_HW_STUCK && had != have)
		transfer_tell(rec, have, -EUCLEAN);
	if (!pnicfw_record_settled(rec, have, want && !had)) {
		if (had != have || err)
			transfer_tell(rec, have, err);
		pnicfw_record_put(rec);
	}
}

/**
 * pnicfw_transfer_lost - the eswitch did not have what it was thought to have
 * @rec: the record; it is going to be taken out
 * @err: the driver's answer when asked
 *
 * Whoever forgets rules, or says that they are there when they are not, is not
 * given them again at once.
 *
 * Context: process; @rec is claimed.
 */
void pnicfw_transfer_lost(struct pnicfw_record *rec, int err)
{
	pnicfw_stats_hw_failed(pnicfw_record_net(rec), err);
	WRITE_ONCE(rec->hw->err, -err);
	transfer_refused(rec, err);
}

/**
 * pnicfw_transfer_ask - hear what the eswitch carried of a connection, and how
 * busy that makes it
 * @rec: the record, which the eswitch has; the caller holds it
 *
 * Context: process; @rec is claimed.
 * Return: 0, or a negative errno where the driver does not know a rule.
 */
int pnicfw_transfer_ask(struct pnicfw_record *rec)
{
	struct pnicfw_hw *hw = rec->hw;
	u64 before, more;
	int err = 0, i;
	u32 since;
	s32 left;

	before = hw->carried[0].packets + hw->carried[1].packets;
	for (i = 0; i < IP_CT_DIR_MAX; i++)
		err = pnicfw_eswitch_stats(rec, i, hw->path[i]) ?: err;
	more = hw->carried[0].packets + hw->carried[1].packets - before;

	since = (u32)jiffies - hw->polled;
	left = READ_ONCE(pnicfw_record_ct(rec)->timeout) - nfct_time_stamp;
	WRITE_ONCE(hw->polled, (u32)jiffies);
	WRITE_ONCE(hw->due, (u32)jiffies +
		   pnicfw_pace_ask(transfer_round(rec), more ? 0 : since,
				   left));
	WRITE_ONCE(rec->heat, pnicfw_heat_next(rec->heat, more, since));
	pnicfw_table_rerank(hw, rec->heat);
	return err;
}
