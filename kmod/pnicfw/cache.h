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

static inline u32 pnicfw_cache_hash_key(const void *key, u32 len, u32 seed)
{
	return pnicfw_key_hash(key, &pnicfw_cache_secret);
}

static inline u32 pnicfw_cache_hash_dir(const void *obj, u32 len, u32 seed)
{
	const struct pnicfw_dir *dir = obj;

	return pnicfw_key_hash(&dir->key, &pnicfw_cache_secret);
}

static inline int pnicfw_cache_cmp(struct rhashtable_compare_arg *arg,
				   const void *obj)
{
	const struct pnicfw_dir *dir = obj;

	return !pnicfw_key_equal(arg->key, &dir->key);
}

/* In the header, for the compiler to build a lookup of our own from. */
static const struct rhashtable_params pnicfw_cache_params = {
	.head_offset = offsetof(struct pnicfw_dir, node),
	.key_offset = offsetof(struct pnicfw_dir, key),
	.key_len = sizeof(struct pnicfw_key),
	.hashfn = pnicfw_cache_hash_key,
	.obj_hashfn = pnicfw_cache_hash_dir,
	.obj_cmpfn = pnicfw_cache_cmp,
	.automatic_shrinking = true,
};

/**
 * pnicfw_cache_lookup - find the directions that a packet may belong to
 * @pn: the namespace
 * @key: the packet's key
 *
 * Context: RCU.
 * Return: a list of &struct pnicfw_dir for rhl_for_each_entry_rcu(), nearly
 * always of one, or NULL.
 */
static inline struct rhlist_head *
pnicfw_cache_lookup(struct pnicfw_net *pn, const struct pnicfw_key *key)
{
	return rhltable_lookup(&pn->cache, key, pnicfw_cache_params);
}

int pnicfw_cache_init(struct pnicfw_net *pn);
void pnicfw_cache_exit(struct pnicfw_net *pn);
int pnicfw_cache_insert(struct pnicfw_net *pn, struct pnicfw_record *rec);
void pnicfw_cache_remove(struct pnicfw_net *pn, struct pnicfw_record *rec);
struct pnicfw_record *pnicfw_cache_record(struct pnicfw_net *pn,
					  const struct pnicfw_key *key,
					  const struct nf_conn *ct);

#endif /* PNICFW_CACHE_H */
