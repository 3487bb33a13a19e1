// SPDX-License-Identifier: GPL-2.0
/*
 * drop - denials learned from what netfilter itself drops
 */
#include <linux/jiffies.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/netdevice.h>
#include <linux/preempt.h>
#include <linux/tracepoint.h>
#include <net/netfilter/nf_conntrack.h>
#include <trace/events/skb.h>

#include "cache.h"
#include "compat.h"
#include "denial.h"
#include "deny.h"
#include "drop.h"
#include "net.h"
#include "port.h"
#include "snapshot.h"
#include "witness.h"

/* So many in a row, over so long a time at least: a rule that lets one through every
 * second or more often is no denial.
 */
#define DROP_PATIENCE		4
#define DROP_SPAN		HZ

/* Somebody who comes less often than this begins anew. */
#define DROP_FORGETS		(4 * HZ)

/* For so long tier 1 is not asked. What a bucket of tokens gains meanwhile is there
 * for the packet that asks then.
 */
#define DROP_LASTS		HZ

#define DROP_SETS		1024
#define DROP_WAYS		4

/**
 * struct pnicfw_suspect - packets that netfilter has dropped
 * @key: theirs
 * @gen: generation that they came in under
 * @since: jiffies (the low 32 bits) of the first
 * @last: of the last
 * @drops: how many, in a row; 0 where there are none
 */
struct pnicfw_suspect {
	struct pnicfw_key key;
	u32 gen;
	u32 since;
	u32 last;
	u32 drops;
};

/**
 * struct pnicfw_suspects - those of a namespace
 * @lock: BH; protects what follows
 * @suspect: by hash of the key; who has the fewest drops, or the oldest, makes
 *	room for another
 */
struct pnicfw_suspects {
	spinlock_t lock;		/* suspects */
	struct pnicfw_suspect suspect[DROP_SETS][DROP_WAYS];
};

/* How many namespaces want the probe; under the mutex, as is its registration. */
static DEFINE_MUTEX(drop_mutex);
static unsigned int drop_users;

static struct pnicfw_suspect *drop_set(struct pnicfw_suspects *all,
				       const struct pnicfw_key *key)
{
	u32 hash = pnicfw_key_hash(key, &pnicfw_cache_secret,
				   pnicfw_key_ipv4(key));

	return all->suspect[hash % DROP_SETS];
}

static bool drop_is(const struct pnicfw_suspect *suspect,
		    const struct pnicfw_key *key)
{
	return READ_ONCE(suspect->drops) &&
	       pnicfw_key_equal(&suspect->key, key, pnicfw_key_ipv4(key));
}

/**
 * pnicfw_drop_forget - a packet was let through
 * @pn: the namespace
 * @key: its key, or that of its answer
 *
 * Context: BH off, RCU.
 */
void pnicfw_drop_forget(struct pnicfw_net *pn, const struct pnicfw_key *key)
{
	struct pnicfw_suspects *all = rcu_dereference(pn->suspects);
	struct pnicfw_suspect *set;
	int i;

	if (!all)
		return;
	set = drop_set(all, key);
	for (i = 0; i < DROP_WAYS; i++) {
		if (!drop_is(&set[i], key))
			continue;	/* as it looks without the lock */
		spin_lock(&all->lock);
		if (drop_is(&set[i], key))
			WRITE_ONCE(set[i].drops, 0);
		spin_unlock(&all->lock);
	}
}

/**
 * pnicfw_drop_answered - somebody is told that his packet is not let through
 * @pn: the namespace
 * @ct: the packet's conntrack entry
 *
 * Who is, is to be told the next time as well. The answer comes before the drop.
 *
 * Context: BH off, RCU.
 */
void pnicfw_drop_answered(struct pnicfw_net *pn, const struct nf_conn *ct)
{
	struct pnicfw_key key;

	if (!pnicfw_key_from_tuple(nf_ct_tuple(ct, IP_CT_DIR_ORIGINAL), &key))
		pnicfw_drop_forget(pn, &key);
}

/* The suspect that a packet is of; or the one to make room. */
static struct pnicfw_suspect *drop_choose(struct pnicfw_suspect *set,
					  const struct pnicfw_key *key)
{
	struct pnicfw_suspect *least = set;
	int i;

	for (i = 0; i < DROP_WAYS; i++) {
		if (drop_is(&set[i], key))
			return &set[i];
		if (set[i].drops < least->drops ||
		    (set[i].drops == least->drops &&
		     (s32)(set[i].last - least->last) < 0))
			least = &set[i];
	}
	return least;
}

/* One more.  Are these enough? */
static bool drop_suspect(struct pnicfw_suspects *all,
			 const struct pnicfw_denial_case *is)
{
	struct pnicfw_suspect *suspect;
	u32 now = jiffies;
	bool enough;

	spin_lock(&all->lock);
	suspect = drop_choose(drop_set(all, &is->key), &is->key);
	if (!drop_is(suspect, &is->key) || suspect->gen != is->gen ||
	    now - suspect->last > DROP_FORGETS) {
		suspect->key = is->key;
		suspect->gen = is->gen;
		suspect->since = now;
		suspect->drops = 0;
	}
	suspect->last = now;
	if (suspect->drops < DROP_PATIENCE)
		WRITE_ONCE(suspect->drops, suspect->drops + 1);
	enough = suspect->drops == DROP_PATIENCE &&
		 now - suspect->since >= DROP_SPAN;
	spin_unlock(&all->lock);
	return enough;
}

/* On a bridge it is one of several ways that netfilter has closed. */
static bool drop_bridged(const struct pnicfw_witness *w)
{
	return netif_is_bridge_port(w->skb->dev) ||
	       netif_is_bridge_port(w->in->dev) ||
	       netif_is_ovs_port(w->in->dev);
}

static void drop_learn(struct pnicfw_net *pn, struct pnicfw_suspects *all,
		       const struct sk_buff *skb, struct nf_conn *ct)
{
	struct pnicfw_denial_case is = {
		.epoch = pnicfw_denial_epoch(pn),
		.why = PNICFW_REASON_NETFILTER,
		.lasts = DROP_LASTS,
	};
	struct pnicfw_witness w = {
		.pn = pn,
		.skb = skb,
		.snap = pnicfw_snapshot_claim(skb),
		.ct = ct,
	};

	if (!w.snap || !skb->dev || !pnicfw_deny_case(&w, &is) ||
	    drop_bridged(&w))
		return;
	if (!pnicfw_deny_remember(&w, &is, true) && drop_suspect(all, &is))
		pnicfw_deny_remember(&w, &is, false);
}

/* A packet is freed, anywhere in the kernel. */
static void drop_probe(PNICFW_KFREE_SKB_ARGS(void *data, struct sk_buff *skb,
					     void *location,
					     enum skb_drop_reason reason))
{
	struct pnicfw_suspects *all;
	enum ip_conntrack_info ctinfo;
	struct pnicfw_net *pn;
	struct nf_conn *ct;

	if (likely(reason != SKB_DROP_REASON_NETFILTER_DROP))
		return;
	ct = nf_ct_get(skb, &ctinfo);
	if (!ct || ctinfo != IP_CT_NEW || nf_ct_is_template(ct) ||
	    nf_ct_is_confirmed(ct) || !in_softirq() || in_hardirq())
		return;
	rcu_read_lock();
	pn = pnicfw_net(nf_ct_net(ct));
	all = rcu_dereference(pn->suspects);
	if (all)
		drop_learn(pn, all, skb, ct);
	rcu_read_unlock();
}

/* The mutex is held, here and below. */
static int drop_probe_get(void)
{
	int err = 0;

	if (!drop_users)
		err = register_trace_kfree_skb(drop_probe, NULL);
	if (!err)
		drop_users++;
	return err;
}

static void drop_probe_put(void)
{
	if (--drop_users)
		return;
	unregister_trace_kfree_skb(drop_probe, NULL);
	tracepoint_synchronize_unregister();
}

static int drop_start(struct pnicfw_net *pn)
{
	struct pnicfw_suspects *all = kvzalloc(sizeof(*all), GFP_KERNEL);
	int err;

	if (!all)
		return -ENOMEM;
	spin_lock_init(&all->lock);
	err = drop_probe_get();
	if (err) {
		kvfree(all);
		return err;
	}
	rcu_assign_pointer(pn->suspects, all);
	return 0;
}

static void drop_stop(struct pnicfw_net *pn)
{
	struct pnicfw_suspects *all;

	all = rcu_replace_pointer(pn->suspects, NULL,
				  lockdep_is_held(&drop_mutex));
	drop_probe_put();
	synchronize_net();
	kvfree(all);
}

/**
 * pnicfw_drop_switch - learn from what netfilter drops, or no longer
 * @pn: the namespace
 * @on: whether to
 *
 * The kernel's tracepoint has a probe only while some namespace wants it.
 *
 * Context: process.
 * Return: 0 or a negative errno, and then it is as it was.
 */
int pnicfw_drop_switch(struct pnicfw_net *pn, bool on)
{
	int err = 0;

	mutex_lock(&drop_mutex);
	if (on && !rcu_access_pointer(pn->suspects))
		err = drop_start(pn);
	else if (!on && rcu_access_pointer(pn->suspects))
		drop_stop(pn);
	mutex_unlock(&drop_mutex);
	return err;
}

/**
 * pnicfw_drop_exit - a namespace ends
 * @pn: the namespace
 *
 * Context: process.
 */
void pnicfw_drop_exit(struct pnicfw_net *pn)
{
	pnicfw_drop_switch(pn, false);
}
