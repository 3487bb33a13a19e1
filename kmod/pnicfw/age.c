// SPDX-License-Identifier: GPL-2.0
/*
 * age - counters and liveness upwards, of one connection after the other
 */
#include <linux/jiffies.h>
#include <linux/xarray.h>
#include <net/netfilter/nf_conntrack.h>

#include "admit.h"
#include "age.h"
#include "conntrack.h"
#include "doubt.h"
#include "heat.h"
#include "judge.h"
#include "net.h"
#include "pardon.h"
#include "path.h"
#include "policy.h"
#include "recheck.h"
#include "reconcile.h"
#include "record.h"
#include "store.h"

/* Records that are passed by between two moments to let others run. */
#define AGE_STRIDE		256

/* Most connections have carried nothing since last time: reading is cheaper. */
static u64 age_collect(struct pnicfw_dir *dir)
{
	return atomic64_read(&dir->carried) ? atomic64_xchg(&dir->carried, 0) :
					      0;
}

/* Returns packets. */
static u64 age_sync(struct pnicfw_record *rec)
{
	u64 packets = 0;
	int i;

	spin_lock_bh(&rec->lock);
	for (i = 0; i < IP_CT_DIR_MAX; i++) {
		u64 carried = age_collect(&rec->dir[i]);
		struct pnicfw_count more = {
			.packets = carried >> PNICFW_CARRIED_SHIFT,
			.bytes = carried & (PNICFW_CARRIED_PACKET - 1),
		};

		if (!carried)
			continue;
		pnicfw_ct_account(pnicfw_record_ct(rec), i, &more);
		rec->dir[i].cached.packets += more.packets;
		rec->dir[i].cached.bytes += more.bytes;
		packets += more.packets;
	}
	spin_unlock_bh(&rec->lock);
	return packets;
}

/**
 * pnicfw_age_sync - tell conntrack what the cache carried since last time
 * @rec: the record
 *
 * What the eswitch carried it is told as soon as the driver says so.
 *
 * Context: process or BH.
 */
void pnicfw_age_sync(struct pnicfw_record *rec)
{
	age_sync(rec);
}

static void age_poll(struct pnicfw_record *rec)
{
	if (!pnicfw_reconcile_poll(rec))
		pnicfw_doubt_raise(pnicfw_record_net(rec));
}

/**
 * pnicfw_age_look - a user looks at a connection
 * @rec: the record; the caller holds it
 *
 * If the eswitch has it, it is asked for its counters, unless it was a moment
 * ago. Conntrack's timeout follows with the next round.
 *
 * Context: process.
 */
void pnicfw_age_look(struct pnicfw_record *rec)
{
	const struct pnicfw_net *pn = pnicfw_record_net(rec);
	u32 ms = READ_ONCE(pn->params.age_interval);

	if (READ_ONCE(rec->hw_have) &&
	    (u32)jiffies - READ_ONCE(rec->hw->polled) >= msecs_to_jiffies(ms))
		age_poll(rec);
}

/* Packets since last time of a connection that the cache may not have. */
static u32 age_seen(struct pnicfw_record *rec)
{
	struct pnicfw_count count[IP_CT_DIR_MAX];
	bool first = false;
	u32 all, more;

	pnicfw_ct_counted(pnicfw_record_ct(rec), 0, &count[0]);
	pnicfw_ct_counted(pnicfw_record_ct(rec), 1, &count[1]);
	all = count[0].packets + count[1].packets;

	spin_lock_bh(&rec->lock);
	if (!rec->hw)
		first = pnicfw_store_hw(rec);
	more = rec->hw ? all - rec->hw->seen : 0;
	if ((s32)more < 0)	/* somebody has set the counters to zero */
		more = all;
	if (rec->hw)
		rec->hw->seen = all;
	spin_unlock_bh(&rec->lock);
	return first ? 0 : more;
}

/* A connection that the eswitch has becomes hotter or colder when its counters
 * are read; where there is none nobody has to know.
 */
static void age_heat(struct pnicfw_record *rec, u64 cached, u32 elapsed)
{
	if (!rec->answer.offloadable)
		return;
	if (READ_ONCE(rec->hw_why) == PNICFW_REASON_PORT_OFF) {
		WRITE_ONCE(rec->heat, 0);
		return;
	}
	if (!rec->answer.cacheable)
		cached += age_seen(rec);
	if (READ_ONCE(rec->hw_have))
		return;
	WRITE_ONCE(rec->heat, pnicfw_heat_next(rec->heat, cached, elapsed));
}

/* The later of the two directions' last packets; false where neither had one
 * since @since.
 */
static bool age_used(const struct pnicfw_record *rec, u32 since, u32 *used)
{
	u32 a = READ_ONCE(rec->dir[0].used), b = READ_ONCE(rec->dir[1].used);

	*used = (s32)(a - b) > 0 ? a : b;
	return (s32)(*used - since) > 0;
}

/* What no packet in tier 1 keeps alive. */
static void age_keep(const struct pnicfw_record *rec, u32 since)
{
	struct pnicfw_net *pn = pnicfw_record_net(rec);
	struct pnicfw_path *path;
	int i;

	rcu_read_lock();
	for (i = 0; i < IP_CT_DIR_MAX; i++) {
		path = rcu_dereference(rec->dir[i].path);
		if (path && (s32)(READ_ONCE(rec->dir[i].used) - since) > 0)
			pnicfw_path_used(pn, path);
	}
	rcu_read_unlock();
}

/* Is conntrack about to let a connection go that was ripe when its record was
 * made? This is asked of each of them in each round, so it asks for no more than
 * may have changed, and is no call.
 */
static __always_inline bool age_ends(const struct nf_conn *ct)
{
	if (nf_ct_is_dying(ct) || nf_ct_is_expired(ct))
		return true;
	switch (nf_ct_protonum(ct)) {
	case IPPROTO_TCP:
		return READ_ONCE(ct->proto.tcp.state) !=
		       TCP_CONNTRACK_ESTABLISHED;
	case IPPROTO_SCTP:
		return READ_ONCE(ct->proto.sctp.state) !=
		       SCTP_CONNTRACK_ESTABLISHED;
	default:
		return false;
	}
}

/* Has the cache carried anything since last time? */
static bool age_carried(const struct pnicfw_record *rec)
{
	return atomic64_read(&rec->dir[0].carried) ||
	       atomic64_read(&rec->dir[1].carried);
}

/* Is it time to ask the eswitch? A connection that is about to end is asked for
 * whatever the time; and one whose packets the cache sees: its rules may be gone.
 */
static bool age_asks(const struct pnicfw_age_round *round,
		     const struct pnicfw_record *rec)
{
	if (!READ_ONCE(rec->hw_have))
		return false;
	return (s32)((u32)jiffies - READ_ONCE(rec->hw->due)) >= 0 ||
	       round->doubt || age_carried(rec) ||
	       age_ends(pnicfw_record_ct(rec));
}

/* Does the eswitch have a connection for good, and is not to be asked for it? */
static bool age_settled(const struct pnicfw_record *rec, u32 now)
{
	const struct pnicfw_hw *hw = READ_ONCE(rec->hw);

	return READ_ONCE(rec->hw_want) &&
	       (s32)(now - READ_ONCE(hw->due)) < 0;
}

/* Or is it not to have it, for a reason that only a packet or a user changes, or that
 * there is room now, which is no use to who is idle? Who gets to the threshold by a
 * packet in tier 1, or for whom there is room, climbs with his next one.
 */
static bool age_remains(const struct pnicfw_record *rec)
{
	if (READ_ONCE(rec->hw_want))
		return false;
	if (!rec->answer.offloadable)
		return true;
	if (READ_ONCE(rec->heat))	/* it has to fade */
		return false;
	switch (READ_ONCE(rec->hw_why)) {
	case PNICFW_REASON_PORT_OFF:
	case PNICFW_REASON_THRESHOLD:
	case PNICFW_REASON_SLOW:
	case PNICFW_REASON_TABLE_FULL:
		return rec->answer.cacheable;
	default:
		return false;
	}
}

/* Is there nothing to do about a connection: is it to stay where it is, and is
 * there no news of it? Likewise.
 */
static __always_inline bool age_idle(const struct pnicfw_record *rec, u32 now)
{
	u32 used;

	if (!(READ_ONCE(rec->hw_have) ? age_settled(rec, now) :
					age_remains(rec)))
		return false;
	if (age_carried(rec) || age_used(rec, rec->refreshed, &used) ||
	    pnicfw_policy_outdated(pnicfw_record_ct(rec), &rec->answer))
		return false;
	return !age_ends(pnicfw_record_ct(rec));
}

static enum pnicfw_reason age_over(const struct pnicfw_record *rec)
{
	enum pnicfw_reason why = pnicfw_policy_ripe(pnicfw_record_ct(rec));

	switch (why) {
	case PNICFW_REASON_NONE:
		break;
	case PNICFW_REASON_DYING:
		return PNICFW_REASON_TIMEOUT;
	default:
		return PNICFW_REASON_TCP_END;
	}
	if (nf_ct_is_expired(pnicfw_record_ct(rec)))
		return PNICFW_REASON_TIMEOUT;
	/* Its next packet may teach something else. */
	if (pnicfw_policy_taught(rec->answer.cache_why) &&
	    rec->answer.gen != pnicfw_net_gen(pnicfw_record_net(rec)))
		return PNICFW_REASON_STALE;
	return PNICFW_REASON_NONE;
}

/* Bring a connection up to date, held by the caller. Statistics come first: one that
 * lives in the eswitch only may look expired until its counters have been read.
 */
static void age_one(struct pnicfw_record *rec, struct pnicfw_age_round *round)
{
	enum pnicfw_reason why;
	u32 used;

	if (age_asks(round, rec)) {
		age_poll(rec);
		/* Mostly it has nothing to tell, and that is that. */
		if (!round->all && age_idle(rec, jiffies))
			return;
	}
	age_heat(rec, age_sync(rec), round->elapsed);
	if (age_used(rec, rec->refreshed, &used)) {
		pnicfw_ct_refresh(pnicfw_record_ct(rec), used);
		age_keep(rec, rec->refreshed);
		rec->refreshed = used;
	}

	pnicfw_judge_aged(rec);
	why = age_over(rec);
	if (why) {
		pnicfw_record_close(rec, why);
		return;
	}
	pnicfw_pardon_review(rec);
	pnicfw_recheck_review(rec, &round->turns);
	pnicfw_admit_review(rec);
}

/* Is there nothing to do about a connection in a round? Under RCU. */
static bool age_passes_by(const struct pnicfw_record *rec,
			  const struct pnicfw_age_round *round, u32 now)
{
	if (round->all || round->doubt || !age_idle(rec, now))
		return false;
	return !pnicfw_turns_any(&round->turns) ||
	       !pnicfw_recheck_dirs(rec, &round->turns);
}

/* The next record that there is something to do about, held, or NULL for a
 * pause. All of them are looked at, so this is most of what it costs to have
 * many of them idle: neither reference nor lock is taken for one that is passed
 * by.
 */
static struct pnicfw_record *age_next(struct pnicfw_age_round *round, bool *end)
{
	XA_STATE(xas, &round->pn->records, round->id);
	struct pnicfw_record *rec;
	u32 now = jiffies;
	int n = 0;

	rcu_read_lock();
	xas_for_each(&xas, rec, ULONG_MAX) {
		if (xas_retry(&xas, rec))
			continue;
		if (!age_passes_by(rec, round, now) &&
		    pnicfw_record_hold(rec))
			break;
		if (++n == AGE_STRIDE)
			break;
	}
	round->id = xas.xa_index + 1;
	*end = !rec;
	if (n == AGE_STRIDE)
		rec = NULL;
	rcu_read_unlock();
	return rec;
}

/**
 * pnicfw_age_walk - look at all connections, and do what there is to do about each
 * @round: the round
 *
 * Context: process.
 */
void pnicfw_age_walk(struct pnicfw_age_round *round)
{
	struct pnicfw_record *rec;
	bool end;

	do {
		rec = age_next(round, &end);
		if (rec) {
			age_one(rec, round);
			pnicfw_record_put(rec);
		}
		cond_resched();
	} while (!end);
}
