// SPDX-License-Identifier: GPL-2.0
/*
 * denial - what tier 1 has denied, so that tier 2 can drop the next packets
 */
#include <linux/jiffies.h>
#include <linux/rhashtable.h>
#include <linux/slab.h>
#include <net/netfilter/nf_conntrack.h>

#include "cache.h"
#include "denial.h"
#include "denial_hw.h"
#include "drop.h"
#include "net.h"
#include "netlink.h"
#include "trace.h"

/* Denials of one key that came different ways; who sends more of them than that
 * only replaces his own.
 */
#define DENIAL_WAYS		4

/* So many get a second chance before one goes that had it coming. */
#define DENIAL_CHANCES		8

static u32 denial_hash(const void *data, u32 len, u32 seed)
{
	return pnicfw_key_hash(data, &pnicfw_cache_secret,
			       pnicfw_key_ipv4(data));
}

static int denial_cmp(struct rhashtable_compare_arg *arg, const void *obj)
{
	const struct pnicfw_denial *denial = obj;

	return !pnicfw_key_equal(&denial->is.key, arg->key,
				 pnicfw_key_ipv4(arg->key));
}

static const struct rhashtable_params denial_params = {
	.head_offset = offsetof(struct pnicfw_denial, node),
	.key_offset = offsetof(struct pnicfw_denial, is.key),
	.key_len = sizeof(struct pnicfw_key),
	.hashfn = denial_hash,
	.obj_cmpfn = denial_cmp,
	.automatic_shrinking = true,
};

static bool denial_came(const struct pnicfw_denial *denial,
			const struct pnicfw_port *port,
			const struct pnicfw_denial_way *way)
{
	const u64 *a = denial->is.way.word, *b = way->word;

	BUILD_BUG_ON(sizeof(*way) != sizeof(way->word));
	return denial->is.port == port &&
	       !((a[0] ^ b[0]) | (a[1] ^ b[1]) | (a[2] ^ b[2]) | (a[3] ^ b[3]));
}

/**
 * pnicfw_denial_find - find the denial of packets
 * @pn: the namespace
 * @port: the port they come in by
 * @key: their key
 * @way: what else they look like
 *
 * Context: RCU.
 * Return: the denial, valid under RCU, or NULL.
 */
struct pnicfw_denial *pnicfw_denial_find(struct pnicfw_net *pn,
					 const struct pnicfw_port *port,
					 const struct pnicfw_key *key,
					 const struct pnicfw_denial_way *way)
{
	struct rhlist_head *list, *pos;
	struct pnicfw_denial *denial;

	list = rhltable_lookup(&pn->denials.table, key, denial_params);
	rhl_for_each_entry_rcu(denial, pos, list, node)
		if (denial_came(denial, port, way))
			return denial;
	return NULL;
}

/* Ends ************************************************************************/

/**
 * pnicfw_denial_put - let a denial go
 * @denial: the denial
 *
 * Context: any but hard interrupts.
 */
void pnicfw_denial_put(struct pnicfw_denial *denial)
{
	if (refcount_dec_and_test(&denial->refs))
		kfree_rcu(denial, rcu);
}

/* Out of the tables. What the eswitch has of it drops a moment longer. The lock
 * is held; the caller tells users, and puts it, without.
 */
static void denial_unlink(struct pnicfw_net *pn, struct pnicfw_denial *denial,
			  enum pnicfw_reason why)
{
	lockdep_assert_held(&pn->denials.lock);
	rhltable_remove(&pn->denials.table, &denial->node, denial_params);
	xa_erase_bh(&pn->denials.by_id, denial->id);
	list_del(&denial->clock);
	denial->gone = true;
	WRITE_ONCE(pn->denials.count, pn->denials.count - 1);
	pnicfw_denial_hw_want(pn, denial, false, why);
}

static void denial_told_gone(struct pnicfw_net *pn,
			     struct pnicfw_denial *denial,
			     enum pnicfw_reason why)
{
	trace_pnicfw_undenied(denial, why);
	pnicfw_netlink_denial(pn, denial, PNICFW_EVENT_DEL, why);
	pnicfw_denial_put(denial);
}

/**
 * pnicfw_denial_end - have packets pass tier 1 again
 * @pn: the namespace
 * @denial: the denial; the caller holds it or is under RCU
 * @why: the reason
 *
 * Context: any but hard interrupts.
 */
void pnicfw_denial_end(struct pnicfw_net *pn, struct pnicfw_denial *denial,
		       enum pnicfw_reason why)
{
	bool gone;

	spin_lock_bh(&pn->denials.lock);
	gone = denial->gone;
	if (!gone)
		denial_unlink(pn, denial, why);
	spin_unlock_bh(&pn->denials.lock);
	if (!gone)
		denial_told_gone(pn, denial, why);
}

/* Take out the one whose turn it is. The lock is held; there is one at least. */
static struct pnicfw_denial *denial_evict(struct pnicfw_net *pn)
{
	struct list_head *clock = &pn->denials.clock;
	struct pnicfw_denial *denial;
	int chances;

	for (chances = DENIAL_CHANCES; ; chances--) {
		denial = list_first_entry(clock, struct pnicfw_denial, clock);
		if (!chances || !READ_ONCE(denial->hot))
			break;
		WRITE_ONCE(denial->hot, false);
		list_move_tail(&denial->clock, clock);
	}
	denial_unlink(pn, denial, PNICFW_REASON_LIMIT);
	return denial;
}

static void denial_evicted(struct pnicfw_net *pn, struct pnicfw_denial *denial)
{
	if (!denial)
		return;
	pnicfw_stats_inc(pn, denied_evicted);
	denial_told_gone(pn, denial, PNICFW_REASON_LIMIT);
}

/**
 * pnicfw_denial_trim - the limit may be lower than it was
 * @pn: the namespace
 *
 * Context: process.
 */
void pnicfw_denial_trim(struct pnicfw_net *pn)
{
	struct pnicfw_denial *victim;

	do {
		victim = NULL;
		spin_lock_bh(&pn->denials.lock);
		if (pn->denials.count > READ_ONCE(pn->params.deny_limit))
			victim = denial_evict(pn);
		spin_unlock_bh(&pn->denials.lock);
		denial_evicted(pn, victim);
		cond_resched();
	} while (victim);
}

/**
 * pnicfw_denial_refute - a packet leaves that tier 1 allows to open a connection
 * @pn: the namespace
 * @ct: its conntrack entry, confirmed where conntrack is done with it
 *
 * From here on packets of either direction are the connection's. Its replies may
 * have been denied while there was none.
 *
 * Context: BH off, RCU.
 */
void pnicfw_denial_refute(struct pnicfw_net *pn, const struct nf_conn *ct)
{
	struct rhlist_head *list, *pos;
	struct pnicfw_denial *denial;
	struct pnicfw_key key;
	int i;

	for (i = 0; i < IP_CT_DIR_MAX; i++) {
		if (pnicfw_key_from_tuple(nf_ct_tuple(ct, i), &key))
			return;
		pnicfw_drop_forget(pn, &key);
		list = rhltable_lookup(&pn->denials.table, &key, denial_params);
		rhl_for_each_entry_rcu(denial, pos, list, node)
			pnicfw_denial_end(pn, denial, PNICFW_REASON_REFUTED);
	}
}

/* Beginnings ******************************************************************/

static void denial_renew(struct pnicfw_denial *denial,
			 const struct pnicfw_denial_case *is)
{
	denial->is.out = is->out;
	denial->is.pref = is->pref;
	denial->is.zone = is->zone;
	denial->is.why = is->why;
	denial->is.bridged = is->bridged;
	WRITE_ONCE(denial->is.mtu, is->mtu);
	WRITE_ONCE(denial->is.kills, is->kills);
	WRITE_ONCE(denial->is.epoch, is->epoch);
	WRITE_ONCE(denial->is.gen, is->gen);
	WRITE_ONCE(denial->asked, false);
	WRITE_ONCE(denial->until, (u32)jiffies + is->lasts);
}

static struct pnicfw_denial *denial_known(struct pnicfw_net *pn,
					  const struct pnicfw_denial_case *is)
{
	struct pnicfw_denial *denial;

	spin_lock_bh(&pn->denials.lock);
	denial = pnicfw_denial_find(pn, is->port, &is->key, &is->way);
	if (denial) {
		denial_renew(denial, is);
		refcount_inc(&denial->refs);
	}
	spin_unlock_bh(&pn->denials.lock);
	return denial;
}

static struct pnicfw_denial *denial_alloc(const struct pnicfw_denial_case *is)
{
	struct pnicfw_denial *denial = kzalloc(sizeof(*denial), GFP_ATOMIC);

	if (!denial)
		return NULL;
	denial->is = *is;
	denial->used = jiffies;
	denial->until = (u32)jiffies + is->lasts;
	denial->hw_why = PNICFW_REASON_THRESHOLD;
	denial->gone = true;			/* until it is there */
	refcount_set(&denial->refs, 2);		/* the table's, the caller's */
	return denial;
}

/* One that is in the way of another of the same key, if there are many. */
static struct pnicfw_denial *denial_crowded(struct pnicfw_net *pn,
					    const struct pnicfw_key *key)
{
	struct pnicfw_denial *denial, *last = NULL;
	struct rhlist_head *list, *pos;
	int ways = 0;

	list = rhltable_lookup(&pn->denials.table, key, denial_params);
	rhl_for_each_entry_rcu(denial, pos, list, node) {
		last = denial;
		ways++;
	}
	return ways < DENIAL_WAYS ? NULL : last;
}

/* Into the tables, and @victim out of them. The lock is held. */
static int denial_link(struct pnicfw_net *pn, struct pnicfw_denial *denial,
		       struct pnicfw_denial **victim)
{
	const struct xa_limit ids = XA_LIMIT(PNICFW_DENIAL_ID, U32_MAX);
	struct pnicfw_denials *all = &pn->denials;
	int err;

	if (pnicfw_denial_find(pn, denial->is.port, &denial->is.key,
			       &denial->is.way))
		return -EEXIST;
	*victim = denial_crowded(pn, &denial->is.key);
	if (*victim)
		denial_unlink(pn, *victim, PNICFW_REASON_LIMIT);
	else if (all->count >= READ_ONCE(pn->params.deny_limit))
		*victim = denial_evict(pn);

	err = xa_alloc_cyclic_bh(&all->by_id, &denial->id, denial, ids,
				 &all->next_id, GFP_ATOMIC);
	if (err < 0)
		return err;
	err = rhltable_insert(&all->table, &denial->node, denial_params);
	if (err) {
		xa_erase_bh(&all->by_id, denial->id);
		return err;
	}
	list_add_tail(&denial->clock, &all->clock);
	denial->gone = false;
	WRITE_ONCE(all->count, all->count + 1);
	return 0;
}

/**
 * pnicfw_denial_make - tier 1 has denied a packet
 * @pn: the namespace
 * @is: what it was, and why
 * @known: only where there is a denial of such packets already
 *
 * Makes a denial, or renews the one there is.
 *
 * Context: BH off, RCU; the port was not dead in the same section.
 * Return: the denial, held for the caller; or NULL.
 */
struct pnicfw_denial *pnicfw_denial_make(struct pnicfw_net *pn,
					 const struct pnicfw_denial_case *is,
					 bool known)
{
	struct pnicfw_denial *denial = denial_known(pn, is), *victim = NULL;
	int err;

	if (denial || known)
		return denial;
	denial = denial_alloc(is);
	if (!denial)
		return NULL;
	spin_lock_bh(&pn->denials.lock);
	err = denial_link(pn, denial, &victim);
	spin_unlock_bh(&pn->denials.lock);
	denial_evicted(pn, victim);
	if (err) {
		/* The table's reference, too: others may know it by its id. */
		pnicfw_denial_put(denial);
		pnicfw_denial_put(denial);
		return NULL;
	}
	pnicfw_stats_inc(pn, denied_made);
	trace_pnicfw_denied(denial, is->why);
	pnicfw_netlink_denial(pn, denial, PNICFW_EVENT_ADD, is->why);
	pnicfw_denial_round_start(pn);
	return denial;
}

/* All of them *****************************************************************/

/**
 * pnicfw_denial_next - walk all denials of a namespace
 * @pn: the namespace
 * @id: in: the smallest id to return; out: one more than the id returned
 *
 * Ids grow with time, so a walk returns each denial that lives throughout it
 * exactly once.
 *
 * Context: any.
 * Return: a denial, held for the caller, or NULL at the end.
 */
struct pnicfw_denial *pnicfw_denial_next(struct pnicfw_net *pn,
					 unsigned long *id)
{
	struct pnicfw_denial *denial;

	rcu_read_lock();
	do {
		denial = xa_find(&pn->denials.by_id, id, ULONG_MAX, XA_PRESENT);
		if (!denial)
			break;
		++*id;
	} while (!refcount_inc_not_zero(&denial->refs));
	rcu_read_unlock();
	return denial;
}

/**
 * pnicfw_denial_init - make a namespace's table
 * @pn: the namespace
 *
 * Return: 0 or a negative errno.
 */
int pnicfw_denial_init(struct pnicfw_net *pn)
{
	struct pnicfw_denials *all = &pn->denials;

	spin_lock_init(&all->lock);
	INIT_LIST_HEAD(&all->clock);
	xa_init_flags(&all->by_id, XA_FLAGS_ALLOC | XA_FLAGS_LOCK_BH);
	pnicfw_denial_round_init(pn);
	pnicfw_denial_hw_init(pn);
	return rhltable_init(&all->table, &denial_params);
}

/**
 * pnicfw_denial_exit - unmake it; the last port has taken all denials along
 * @pn: the namespace
 */
void pnicfw_denial_exit(struct pnicfw_net *pn)
{
	pnicfw_denial_round_exit(pn);
	pnicfw_denial_hw_exit(pn);
	WARN_ON(pn->denials.count);
	xa_destroy(&pn->denials.by_id);
	rhltable_destroy(&pn->denials.table);
}
