// SPDX-License-Identifier: GPL-2.0
/*
 * cache - tier 2: the table of directions by key
 */
#include <linux/once.h>
#include <linux/random.h>
#include <net/netfilter/nf_conntrack.h>

#include "cache.h"
#include "net.h"

/* One secret for all namespaces: it protects the hash from those who choose
 * the keys, and nobody who chooses keys can see a hash.
 */
struct pnicfw_key_secret pnicfw_cache_secret __read_mostly;

static u32 cache_hash(const struct pnicfw_key *key)
{
	return pnicfw_key_hash(key, &pnicfw_cache_secret, pnicfw_key_ipv4(key));
}

static u32 cache_hash_key(const void *key, u32 len, u32 seed)
{
	return cache_hash(key);
}

static u32 cache_hash_dir(const void *obj, u32 len, u32 seed)
{
	const struct pnicfw_dir *dir = obj;
	struct pnicfw_key key;

	pnicfw_record_key(pnicfw_dir_record(dir), dir->index, &key);
	return cache_hash(&key);
}

static int cache_cmp(struct rhashtable_compare_arg *arg, const void *obj)
{
	return !cache_is(obj, arg->key, pnicfw_key_ipv4(arg->key));
}

static const struct rhashtable_params cache_params = {
	.head_offset = offsetof(struct pnicfw_dir, node),
	.key_len = sizeof(struct pnicfw_key),
	.hashfn = cache_hash_key,
	.obj_hashfn = cache_hash_dir,
	.obj_cmpfn = cache_cmp,
	.automatic_shrinking = true,
};

/**
 * pnicfw_cache_init - make a namespace's table
 * @pn: the namespace
 *
 * Return: 0 or a negative errno.
 */
int pnicfw_cache_init(struct pnicfw_net *pn)
{
	get_random_once(&pnicfw_cache_secret, sizeof(pnicfw_cache_secret));
	return rhltable_init(&pn->cache, &cache_params);
}

/**
 * pnicfw_cache_exit - free a namespace's table, empty by then
 * @pn: the namespace
 */
void pnicfw_cache_exit(struct pnicfw_net *pn)
{
	rhltable_destroy(&pn->cache);
}

static int cache_insert_dir(struct pnicfw_net *pn, struct pnicfw_record *rec,
			    int index)
{
	struct rhlist_head *node = &rec->dir[index].node;
	struct pnicfw_key key;
	int err;

	pnicfw_record_key(rec, index, &key);
	err = rhltable_insert_key(&pn->cache, &key, node, cache_params);
	if (!err && unlikely(rcu_access_pointer(node->next)))
		WRITE_ONCE(pn->twins, true);
	return err;
}

/**
 * pnicfw_cache_insert - make both directions of a record findable
 * @pn: the namespace
 * @rec: the record, complete
 *
 * Context: BH off.
 * Return: 0 or a negative errno, and then neither is in the table.
 */
int pnicfw_cache_insert(struct pnicfw_net *pn, struct pnicfw_record *rec)
{
	int err;

	err = cache_insert_dir(pn, rec, IP_CT_DIR_ORIGINAL);
	if (err)
		return err;
	err = cache_insert_dir(pn, rec, IP_CT_DIR_REPLY);
	if (err)
		rhltable_remove(&pn->cache, &rec->dir[IP_CT_DIR_ORIGINAL].node,
				cache_params);
	return err;
}

/**
 * pnicfw_cache_remove - make a record's directions unfindable
 * @pn: the namespace
 * @rec: the record; readers may still see it for an RCU grace period
 *
 * Context: BH off.
 */
void pnicfw_cache_remove(struct pnicfw_net *pn, struct pnicfw_record *rec)
{
	int i;

	for (i = 0; i < IP_CT_DIR_MAX; i++)
		rhltable_remove(&pn->cache, &rec->dir[i].node, cache_params);
}

/**
 * pnicfw_cache_record - find a connection's record
 * @pn: the namespace
 * @ct: its conntrack entry
 *
 * Context: RCU.
 * Return: the record, valid under RCU, or NULL.
 */
struct pnicfw_record *pnicfw_cache_record(struct pnicfw_net *pn,
					  const struct nf_conn *ct)
{
	struct rhlist_head *list, *pos;
	struct pnicfw_record *rec;
	struct pnicfw_dir *dir;
	struct pnicfw_key key;

	pnicfw_key_from_tuple(nf_ct_tuple(ct, IP_CT_DIR_ORIGINAL), &key);
	list = pnicfw_cache_lookup(pn, &key, pnicfw_key_ipv4(&key));
	rhl_for_each_entry_rcu(dir, pos, list, node) {
		rec = pnicfw_dir_record(dir);
		if (pnicfw_record_ct(rec) == ct)
			return rec;
	}
	return NULL;
}
