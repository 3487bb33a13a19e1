// SPDX-License-Identifier: GPL-2.0
/*
 * record - the connection record: its making, what it learns, its end
 *
 * Who holds a record:
 *  - the tables (cache and ids), from pnicfw_record_create() to record_gone();
 *  - the reconcile room's list, while the record is on it;
 *  - anyone else, between pnicfw_record_hold() and pnicfw_record_put().
 * The last to let go has it freed after an RCU grace period. Only then have
 * all packets that the fast path had in hand been counted, so only then are
 * the counters final, and conntrack's reference is kept until they are handed
 * over.
 */
#include <linux/netdevice.h>
#include <net/netfilter/nf_conntrack.h>

#include "age.h"
#include "cache.h"
#include "conntrack.h"
#include "label.h"
#include "net.h"
#include "netlink.h"
#include "path.h"
#include "recheck.h"
#include "reconcile.h"
#include "record.h"
#include "store.h"
#include "table.h"
#include "trace.h"

/* The last id: denials have those behind. */
#define RECORD_IDS	(PNICFW_DENIAL_ID - 1)

/**
 * pnicfw_record_init - make a namespace's tables of records
 * @pn: the namespace
 */
void pnicfw_record_init(struct pnicfw_net *pn)
{
	spin_lock_init(&pn->record_lock);
	xa_init_flags(&pn->records, XA_FLAGS_ALLOC1 | XA_FLAGS_LOCK_BH);
	pn->next_id = 1;
}

/**
 * pnicfw_record_exit - unmake them, empty by then
 * @pn: the namespace
 *
 * Records whose last reference is gone may wait for RCU still, and use the
 * namespace when it comes.
 */
void pnicfw_record_exit(struct pnicfw_net *pn)
{
	rcu_barrier();
	WARN_ON(!xa_empty(&pn->records));
	xa_destroy(&pn->records);
}

static void record_free_rcu(struct rcu_head *rcu)
{
	struct pnicfw_record *rec = container_of(rcu, struct pnicfw_record, rcu);

	pnicfw_age_sync(rec);
	pnicfw_netlink_flow(rec, PNICFW_EVENT_DEL, rec->end_why);
	trace_pnicfw_gone(rec, 0, rec->end_why);
	pnicfw_store_free(rec);
}

/**
 * pnicfw_record_net - the namespace that a connection is in
 * @rec: the record
 *
 * Return: the namespace.
 */
struct pnicfw_net *pnicfw_record_net(const struct pnicfw_record *rec)
{
	return pnicfw_net(nf_ct_net(pnicfw_record_ct(rec)));
}

/**
 * pnicfw_record_hold - keep a record that was found under RCU
 * @rec: the record
 *
 * Context: RCU.
 * Return: false where it is too late.
 */
bool pnicfw_record_hold(struct pnicfw_record *rec)
{
	return refcount_inc_not_zero(&rec->refs);
}

/**
 * pnicfw_record_put - let a record go
 * @rec: the record
 *
 * Context: any but hard interrupts.
 */
void pnicfw_record_put(struct pnicfw_record *rec)
{
	if (refcount_dec_and_test(&rec->refs))
		call_rcu(&rec->rcu, record_free_rcu);
}

/* Make a record findable by its id. The age room may find it before its turn
 * is known, which makes that one an early one at worst.
 */
static int record_number(struct pnicfw_net *pn, struct pnicfw_record *rec)
{
	int err;

	/* Mostly the next one is free: to search for one would cost more. */
	rec->id = pn->next_id;
	err = xa_insert_bh(&pn->records, rec->id, rec, GFP_ATOMIC);
	if (err == -EBUSY)	/* 1 says that the ids have wrapped around. */
		err = xa_alloc_cyclic_bh(&pn->records, &rec->id, rec,
					 XA_LIMIT(1, RECORD_IDS),
					 &pn->next_id, GFP_ATOMIC);
	if (err < 0)
		return err;
	pn->next_id = rec->id < RECORD_IDS ? rec->id + 1 : 1;
	pnicfw_recheck_enter(pn, rec);
	return 0;
}

/**
 * pnicfw_record_create - the record of a connection that has none
 * @pn: the namespace
 * @ct: its conntrack entry; the caller's packet holds a reference
 * @answer: what tier 1 says
 *
 * Both directions' first packets may come here at once: one makes the record,
 * the other gets the same.
 *
 * Context: BH off, RCU.
 * Return: the record, valid under RCU; -ENOMEM, or -ENOSPC at the limit.
 */
struct pnicfw_record *pnicfw_record_create(struct pnicfw_net *pn,
					   struct nf_conn *ct,
					   const struct pnicfw_answer *answer)
{
	struct pnicfw_record *rec = pnicfw_store_alloc(pn, ct), *other;
	int err = 0;

	if (IS_ERR(rec))
		return rec;
	pnicfw_record_answer(rec, answer);

	spin_lock(&pn->record_lock);
	other = pnicfw_cache_record(pn, ct);
	if (!other)
		err = record_number(pn, rec);
	if (other || err) {
		spin_unlock(&pn->record_lock);
		pnicfw_store_free(rec);	/* nobody has seen it */
		return other ?: ERR_PTR(err);
	}
	err = pnicfw_cache_insert(pn, rec);
	spin_unlock(&pn->record_lock);

	if (unlikely(READ_ONCE(pn->params.label_cacheable) != PNICFW_LABEL_OFF))
		pnicfw_label_cacheable(rec, answer->cacheable);
	trace_pnicfw_tracked(rec, 0, answer->cache_why);
	pnicfw_netlink_flow(rec, PNICFW_EVENT_ADD, PNICFW_REASON_NONE);
	if (err) {
		/* Others may hold it already: it ends as any other does. */
		pnicfw_record_close(rec, PNICFW_REASON_NO_MEMORY);
		return ERR_PTR(err);
	}
	pnicfw_age_start(pn);
	return rec;
}

/**
 * pnicfw_record_answer - tier 1 says, or says anew, what may be done
 * @rec: the record
 * @answer: what it says
 *
 * Context: any; tier 1 is one packet's at a time, or the record nobody else's.
 */
void pnicfw_record_answer(struct pnicfw_record *rec,
			  const struct pnicfw_answer *answer)
{
	int i;

	rec->answer = *answer;
	for (i = 0; i < IP_CT_DIR_MAX; i++) {
		WRITE_ONCE(rec->dir[i].hw_after,
			   min_t(u32, answer->hw_after, U16_MAX));
		WRITE_ONCE(rec->dir[i].cacheable,
			   answer->cacheable && !(rec->recheck & BIT(i)));
	}
}

/**
 * pnicfw_record_learn - a direction's way is known, and verified
 * @rec: the record
 * @index: the direction
 * @path: the way; the caller's reference is taken over, whatever is returned
 *
 * A new way for a direction that the eswitch has takes the connection out of
 * the eswitch, from where it climbs again.
 *
 * Context: BH off, RCU.
 * Return: false where the record is closing.
 */
bool pnicfw_record_learn(struct pnicfw_record *rec, u8 index,
			 struct pnicfw_path *path)
{
	struct pnicfw_dir *dir = &rec->dir[index];
	struct pnicfw_path *old;
	bool moved;

	/* Before the first packet passes conntrack by. */
	if (!rcu_access_pointer(dir->path))
		pnicfw_ct_leave(pnicfw_record_ct(rec));

	spin_lock(&rec->lock);
	if (rec->closing) {
		spin_unlock(&rec->lock);
		pnicfw_path_put(pnicfw_record_net(rec), path);
		return false;
	}
	old = rcu_dereference_protected(dir->path, lockdep_is_held(&rec->lock));
	moved = !pnicfw_path_same(old, path);
	rcu_assign_pointer(dir->path, path);
	WRITE_ONCE(rec->recheck, rec->recheck & ~BIT(index));
	WRITE_ONCE(dir->cacheable, rec->answer.cacheable);
	rec->learn_why = PNICFW_REASON_NONE;
	if (old && moved)
		pnicfw_reconcile_want(rec, false, PNICFW_REASON_PATH_DEAD);
	spin_unlock(&rec->lock);

	pnicfw_path_put(pnicfw_record_net(rec), old);
	trace_pnicfw_cached(rec, index, PNICFW_REASON_NONE);
	if (moved)
		pnicfw_netlink_flow(rec, PNICFW_EVENT_CHANGE,
				    PNICFW_REASON_NONE);
	return true;
}

/* Out of the tables: no packet, no user finds it from here on. */
static void record_gone(struct pnicfw_record *rec)
{
	struct pnicfw_net *pn = pnicfw_record_net(rec);

	spin_lock_bh(&pn->record_lock);
	pnicfw_cache_remove(pn, rec);
	xa_erase_bh(&pn->records, rec->id);
	spin_unlock_bh(&pn->record_lock);
	pnicfw_record_put(rec);
}

/* The paths of a record that is closing, for the caller to put. */
static void record_take_paths(struct pnicfw_record *rec,
			      struct pnicfw_path *paths[IP_CT_DIR_MAX])
{
	int i;

	for (i = 0; i < IP_CT_DIR_MAX; i++)
		paths[i] = rcu_replace_pointer(rec->dir[i].path, NULL,
					       lockdep_is_held(&rec->lock));
}

/**
 * pnicfw_record_reanswer - tier 1 says something else of a connection
 * @rec: the record
 * @answer: what it says now
 *
 * What a tier may no longer have it gives up at once.
 *
 * Context: any but hard interrupts; the caller holds @rec or is under RCU.
 * Return: false where the record is closing.
 */
bool pnicfw_record_reanswer(struct pnicfw_record *rec,
			    const struct pnicfw_answer *answer)
{
	struct pnicfw_path *paths[IP_CT_DIR_MAX] = {};
	bool back;
	int i;

	spin_lock_bh(&rec->lock);
	if (rec->closing) {
		spin_unlock_bh(&rec->lock);
		return false;
	}
	back = rec->answer.cacheable && !answer->cacheable;
	pnicfw_record_answer(rec, answer);
	if (!answer->cacheable && !answer->offloadable)
		record_take_paths(rec, paths);
	if (!answer->offloadable)
		pnicfw_reconcile_want(rec, false, answer->hw_why);
	spin_unlock_bh(&rec->lock);

	pnicfw_label_cacheable(rec, answer->cacheable);
	if (back)
		pnicfw_ct_return(pnicfw_record_ct(rec));
	for (i = 0; i < IP_CT_DIR_MAX; i++)
		pnicfw_path_put(pnicfw_record_net(rec), paths[i]);
	return true;
}

/**
 * pnicfw_record_close - end a connection in all tiers
 * @rec: the record
 * @why: the reason
 *
 * From here on its packets take the way through tier 1. What the eswitch has
 * of it is taken out first, by the reconcile room's worker, and then the record
 * leaves the tables; where the eswitch has nothing it leaves them now.
 *
 * Context: any but hard interrupts; the caller holds @rec or is under RCU.
 */
void pnicfw_record_close(struct pnicfw_record *rec, enum pnicfw_reason why)
{
	struct pnicfw_path *paths[IP_CT_DIR_MAX];
	bool gone;
	int i;

	spin_lock_bh(&rec->lock);
	if (rec->closing) {
		spin_unlock_bh(&rec->lock);
		return;
	}
	rec->closing = true;
	rec->end_why = why;
	record_take_paths(rec, paths);
	pnicfw_reconcile_want(rec, false, why);
	gone = !rec->hw_have && !rec->hw_busy;
	spin_unlock_bh(&rec->lock);

	/* Whatever tier 1 sees from here on follows packets it has not seen. */
	pnicfw_ct_return(pnicfw_record_ct(rec));
	trace_pnicfw_closing(rec, 0, why);
	for (i = 0; i < IP_CT_DIR_MAX; i++)
		pnicfw_path_put(pnicfw_record_net(rec), paths[i]);
	if (gone)
		record_gone(rec);
}

/**
 * pnicfw_record_settled - the reconcile room's worker has dealt with a record
 * @rec: the record; the caller holds it
 * @have: what the eswitch has now: both directions or none, or PNICFW_HW_STUCK
 * @give_up: it was refused, and nothing is wanted any more until the admit room
 *	asks again
 *
 * Where the wish has changed meanwhile it is listed anew; and so is what the
 * driver has not let go of, for the next round.
 *
 * Context: process; the reconcile room's worker only.
 * Return: true where it is, and so is the list's reference.
 */
bool pnicfw_record_settled(struct pnicfw_record *rec, u8 have, bool give_up)
{
	bool again, gone;

	spin_lock_bh(&rec->lock);
	if (rec->hw_want && have != PNICFW_HW_BOTH && give_up)
		rec->hw_want = false;
	rec->hw_have = have;
	again = have == PNICFW_HW_STUCK || rec->hw_want != !!have;
	rec->hw_busy = again;
	gone = rec->closing && !again;
	if (have == PNICFW_HW_STUCK)
		pnicfw_table_enlist(rec->hw, PNICFW_TABLE_STUCK, 0);
	else if (again)
		pnicfw_table_enlist(rec->hw, rec->hw_want ?
				    PNICFW_TABLE_WAITING : PNICFW_TABLE_LEAVING,
				    rec->heat);
	else if (have)
		pnicfw_table_enlist(rec->hw, PNICFW_TABLE_INSIDE, rec->heat);
	spin_unlock_bh(&rec->lock);
	if (gone)
		record_gone(rec);
	return again;
}

/**
 * pnicfw_record_next - walk all records of a namespace
 * @pn: the namespace
 * @id: in: the smallest id to return; out: one more than the id returned
 *
 * Ids grow with time, so a walk returns each record that lives throughout it
 * exactly once.
 *
 * Context: any.
 * Return: a record, held for the caller, or NULL at the end.
 */
struct pnicfw_record *pnicfw_record_next(struct pnicfw_net *pn,
					 unsigned long *id)
{
	struct pnicfw_record *rec;

	rcu_read_lock();
	do {
		rec = xa_find(&pn->records, id, ULONG_MAX, XA_PRESENT);
		if (!rec)
			break;
		++*id;
	} while (!pnicfw_record_hold(rec));
	rcu_read_unlock();
	return rec;
}

/**
 * pnicfw_record_uses - does a connection pass a port in a lower tier?
 * @rec: the record
 * @port: the port
 *
 * Context: any.
 * Return: whether it does, dead or alive.
 */
bool pnicfw_record_uses(const struct pnicfw_record *rec,
			const struct pnicfw_port *port)
{
	const struct pnicfw_path *path;
	bool uses = false;
	int i;

	rcu_read_lock();
	for (i = 0; i < IP_CT_DIR_MAX; i++) {
		path = rcu_dereference(rec->dir[i].path);
		uses |= path && (path->key.in == port || path->key.out == port);
	}
	rcu_read_unlock();
	return uses;
}
