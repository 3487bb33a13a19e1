// SPDX-License-Identifier: GPL-2.0
/*
 * store - where records' memory comes from, and is accounted
 *
 * There is a slab for each family: IPv4 needs less. What only a connection that
 * the eswitch is to have needs is allocated when it is to.
 */
#include <linux/slab.h>
#include <net/netfilter/nf_conntrack.h>

#include "net.h"
#include "record.h"
#include "store.h"

/* A record of IPv4 is seven halves of a cache line. Aligned to whole ones it would
 * have eight; so every other direction is in two lines, which are neighbours.
 */
#define STORE_ALIGN	32

static struct kmem_cache *store_ipv4 __read_mostly;
static struct kmem_cache *store_ipv6 __read_mostly;

/**
 * pnicfw_store_init - make the slabs
 *
 * Return: 0 or -ENOMEM.
 */
int pnicfw_store_init(void)
{
	struct pnicfw_record *rec;

	BUILD_BUG_ON(sizeof(rec->dir[0]) > 64);
	/* A spinlock that is debugged is larger. */
	BUILD_BUG_ON(sizeof(spinlock_t) == 4 &&
		     sizeof(*rec) > 7 * STORE_ALIGN);
	BUILD_BUG_ON(sizeof(struct pnicfw_hw) > 96);
	store_ipv4 = kmem_cache_create("pnicfw_record_ipv4", sizeof(*rec),
				       STORE_ALIGN, 0, NULL);
	store_ipv6 = kmem_cache_create("pnicfw_record_ipv6",
				       struct_size(rec, rest, IP_CT_DIR_MAX),
				       STORE_ALIGN, 0, NULL);
	if (store_ipv4 && store_ipv6)
		return 0;
	pnicfw_store_exit();
	return -ENOMEM;
}

/**
 * pnicfw_store_exit - unmake them, once the last record is free
 */
void pnicfw_store_exit(void)
{
	kmem_cache_destroy(store_ipv6);
	kmem_cache_destroy(store_ipv4);
}

static struct kmem_cache *store_of(const struct nf_conn *ct)
{
	return nf_ct_l3num(ct) == NFPROTO_IPV4 ? store_ipv4 : store_ipv6;
}

/**
 * pnicfw_store_free - give a record's memory back, and conntrack's reference
 * @rec: the record, which nobody has seen or nobody sees any more
 *
 * Context: any but hard interrupts.
 */
void pnicfw_store_free(struct pnicfw_record *rec)
{
	struct pnicfw_net *pn = pnicfw_record_net(rec);
	struct nf_conn *ct = pnicfw_record_ct(rec);
	struct kmem_cache *slab = store_of(ct);

	if (rec->hw)
		pnicfw_stats_used(pn, -(long)sizeof(*rec->hw));
	kfree(rec->hw);
	pnicfw_stats_used(pn, -(long)kmem_cache_size(slab));
	kmem_cache_free(slab, rec);
	nf_ct_put(ct);
	atomic_dec(&pn->gauges.records);
}

/* Both keys come from conntrack's tuples, so that either direction's first
 * packet finds the record, learned or not.
 */
static void store_keys(struct pnicfw_record *rec, struct nf_conn *ct)
{
	struct pnicfw_key key;
	int i;

	for (i = 0; i < IP_CT_DIR_MAX; i++) {
		rec->dir[i].ct = ct;
		rec->dir[i].index = i;
		rec->dir[i].used = jiffies;
		pnicfw_key_from_tuple(nf_ct_tuple(ct, i), &key);
		pnicfw_key_pack(&key, rec->dir[i].core, rec->rest[i]);
	}
}

/**
 * pnicfw_store_alloc - a record that nobody knows yet
 * @pn: the namespace
 * @ct: the connection's conntrack entry, which gets a reference
 *
 * Context: any but hard interrupts.
 * Return: the record, with the caller's reference; -ENOMEM, or -ENOSPC at the
 * limit.
 */
struct pnicfw_record *pnicfw_store_alloc(struct pnicfw_net *pn,
					 struct nf_conn *ct)
{
	struct kmem_cache *slab = store_of(ct);
	struct pnicfw_record *rec;

	if (atomic_inc_return(&pn->gauges.records) >
	    READ_ONCE(pn->params.cache_limit)) {
		atomic_dec(&pn->gauges.records);
		return ERR_PTR(-ENOSPC);
	}

	rec = kmem_cache_zalloc(slab, GFP_ATOMIC);
	if (!rec) {
		atomic_dec(&pn->gauges.records);
		return ERR_PTR(-ENOMEM);
	}
	pnicfw_stats_used(pn, kmem_cache_size(slab));
	store_keys(rec, ct);
	spin_lock_init(&rec->lock);
	refcount_set(&rec->refs, 1);
	nf_conntrack_get(&ct->ct_general);
	rec->refreshed = jiffies;
	return rec;
}

/**
 * pnicfw_store_hw - make room for what concerns the eswitch
 * @rec: the record, which has none
 *
 * Context: @rec->lock.
 * Return: it, or NULL where memory ran out.
 */
struct pnicfw_hw *pnicfw_store_hw(struct pnicfw_record *rec)
{
	struct pnicfw_hw *hw = kzalloc(sizeof(*hw), GFP_ATOMIC);

	if (!hw)
		return NULL;
	pnicfw_stats_used(pnicfw_record_net(rec), sizeof(*hw));
	hw->rec = rec;
	/* Some read it without the lock. */
	smp_store_release(&rec->hw, hw);
	return hw;
}
