/* SPDX-License-Identifier: GPL-2.0 */
/*
 * cache - tier 2: the table of directions by key
 *
 * Both directions of a record are in the table from its making to its end.
 * One that has no path yet carries nothing, but finds the record. The same key
 * may be there more than once: two conntrack zones may know the same tuple.
 */
#ifndef PNICFW_CACHE_H
#define PNICFW_CACHE_H

#include <linux/rhashtable.h>

#include "net.h"
#include "record.h"

extern struct pnicfw_key_secret pnicfw_cache_secret;

static __always_inline bool cache_is(const struct pnicfw_dir *dir,
				     const struct pnicfw_key *key, bool ipv4)
{
	const u64 *rest = ipv4 ? NULL : pnicfw_dir_record(dir)->rest[dir->index];

	return pnicfw_key_is_packed(key, dir->core, rest, ipv4);
}

/**
 * pnicfw_cache_lookup - find the directions that a packet may belong to
 * @pn: the namespace
 * @key: the packet's key
 * @ipv4: it is one of IPv4
 *
 * This is rhltable_lookup(), which wants the key in memory, and asks anew for
 * each entry of which family it is: an eighth of what a hit costs.
 *
 * Context: RCU.
 * Return: the first of a list of &struct pnicfw_dir for
 * rhl_for_each_entry_rcu(), nearly always of one, or NULL.
 */
static __always_inline struct rhlist_head *
pnicfw_cache_lookup(struct pnicfw_net *pn, const struct pnicfw_key *key,
		    bool ipv4)
{
	u32 hash = pnicfw_key_hash(key, &pnicfw_cache_secret, ipv4);
	struct rhashtable *ht = &pn->cache.ht;
	struct rhash_lock_head __rcu *const *bucket;
	const struct pnicfw_dir *dir;
	struct bucket_table *table;
	struct rhash_head *pos;

	table = rht_dereference_rcu(ht->tbl, ht);
	do {
		bucket = rht_bucket(table, rht_bucket_index(table, hash));
		do {
			rht_for_each_rcu_from(pos, rht_ptr_rcu(bucket), table,
					      hash) {
				dir = container_of(pos, struct pnicfw_dir,
						   node.rhead);
				if (cache_is(dir, key, ipv4))
					return (void *)&dir->node;
			}
			/* An entry may have gone to another table's bucket
			 * while we stood on it.
			 */
		} while (pos != RHT_NULLS_MARKER(bucket));

		/* A table that is filled from this one is seen here after
		 * whatever has left this one.
		 */
		smp_rmb();
		table = rht_dereference_rcu(table->future_tbl, ht);
	} while (unlikely(table));
	return NULL;
}

int pnicfw_cache_init(struct pnicfw_net *pn);
void pnicfw_cache_exit(struct pnicfw_net *pn);
int pnicfw_cache_insert(struct pnicfw_net *pn, struct pnicfw_record *rec);
void pnicfw_cache_remove(struct pnicfw_net *pn, struct pnicfw_record *rec);
struct pnicfw_record *pnicfw_cache_record(struct pnicfw_net *pn,
					  const struct nf_conn *ct);

#endif /* PNICFW_CACHE_H */
