// SPDX-License-Identifier: GPL-2.0
/*
 * age - counters and liveness upwards
 */
#include <linux/jiffies.h>
#include <net/netfilter/nf_conntrack.h>

#include "admit.h"
#include "age.h"
#include "conntrack.h"
#include "judge.h"
#include "net.h"
#include "pardon.h"
#include "policy.h"
#include "recheck.h"
#include "reconcile.h"
#include "record.h"

/* Most connections have carried nothing since last time: reading is cheaper. */
static u64 age_collect(struct pnicfw_dir *dir)
{
	return atomic64_read(&dir->carried) ? atomic64_xchg(&dir->carried, 0) :
					      0;
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
		rec->cached[i].packets += more.packets;
		rec->cached[i].bytes += more.bytes;
	}
	spin_unlock_bh(&rec->lock);
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

/* Statistics come first: a connection that lives in the eswitch only may look
 * expired until its counters have been read.
 */
static void age_one(struct pnicfw_record *rec,
		    const struct pnicfw_recheck *turn)
{
	enum pnicfw_reason why;
	u32 used;

	pnicfw_reconcile_poll(rec);
	pnicfw_age_sync(rec);
	if (age_used(rec, rec->refreshed, &used)) {
		pnicfw_ct_refresh(pnicfw_record_ct(rec), used);
		rec->refreshed = used;
	}

	pnicfw_judge_aged(rec);
	why = age_over(rec);
	if (why) {
		pnicfw_record_close(rec, why);
		return;
	}
	pnicfw_pardon_review(rec);
	pnicfw_recheck_review(rec, turn);
	pnicfw_admit_review(rec);
}

static void age_round(struct work_struct *work)
{
	struct pnicfw_net *pn = container_of(to_delayed_work(work),
					     struct pnicfw_net, age_work);
	struct pnicfw_recheck turn;
	struct pnicfw_record *rec;
	unsigned long id = 0;
	u32 upto;

	upto = pnicfw_pardon_begin(pn);
	pnicfw_recheck_begin(pn, &turn);
	while ((rec = pnicfw_record_next(pn, &id))) {
		age_one(rec, &turn);
		pnicfw_record_put(rec);
		cond_resched();
	}
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
 * Context: any.
 */
void pnicfw_age_soon(struct pnicfw_net *pn)
{
	mod_delayed_work(system_unbound_wq, &pn->age_work, 0);
}
