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

/**
 * pnicfw_cache_init - make a namespace's table
 * @pn: the namespace
 *
 * Return: 0 or a negative errno.
 */
int pnicfw_cache_init(struct pnicfw_net *pn)
{
	get_random_once(&pnicfw_cache_secret, sizeof(pnicfw_cache_secret));
	return pnicfw_slots_init(&pn->cache, &pn->record_lock);
}

/**
 * pnicfw_cache_exit - free a namespace's table, empty by then
 * @pn: the namespace
 */
void pnicfw_cache_exit(struct pnicfw_net *pn)
{
	pnicfw_slots_exit(&pn->cache);
}

/**
 * pnicfw_cache_start - begin with the directions of a key
 * @pn: the namespace
 * @key: the key
 * @at: where one stands then
 *
 * Context: RCU.
 */
void pnicfw_cache_start(const struct pnicfw_net *pn,
			const struct pnicfw_key *key, struct pnicfw_cache_at *at)
{
	at->key = key;
	at->hash = cache_hash(key);
	at->table = rcu_dereference(pn->cache.now);
	at->step = 0;
}

/**
 * pnicfw_cache_next - the next direction of a key
 * @at: where one stands
 *
 * Context: RCU, since pnicfw_cache_start().
 * Return: it, or NULL where there are no more.
 */
struct pnicfw_dir *pnicfw_cache_next(struct pnicfw_cache_at *at)
{
	bool ipv4 = pnicfw_key_ipv4(at->key);
	struct pnicfw_slots_hit hit;

	do {
		hit = pnicfw_slots_find(at->table, at->hash, at->step);
		at->step = hit.step;
	} while (hit.entry && !pnicfw_cache_is(hit.entry, at->key, ipv4));
	return hit.entry;
}

static u32 cache_hash_dir(const struct pnicfw_record *rec, int index)
{
	struct pnicfw_key key;

	pnicfw_record_key(rec, index, &key);
	return cache_hash(&key);
}

/* Has another direction the same key? */
static bool cache_twin(struct pnicfw_net *pn, const struct pnicfw_record *rec,
		       int index)
{
	struct pnicfw_cache_at at;
	struct pnicfw_key key;

	pnicfw_record_key(rec, index, &key);
	pnicfw_cache_start(pn, &key, &at);
	return pnicfw_cache_next(&at) && pnicfw_cache_next(&at);
}

static int cache_insert_dir(struct pnicfw_net *pn, struct pnicfw_record *rec,
			    int index)
{
	struct pnicfw_dir *dir = &rec->dir[index];
	int same;

	same = pnicfw_slots_insert(&pn->cache, cache_hash_dir(rec, index), dir,
				   &dir->ct->status);
	if (unlikely(same > 0) && cache_twin(pn, rec, index))
		WRITE_ONCE(pn->twins, true);
	return min(same, 0);
}

static void cache_remove_dir(struct pnicfw_net *pn, struct pnicfw_record *rec,
			     int index)
{
	pnicfw_slots_remove(&pn->cache, cache_hash_dir(rec, index),
			    &rec->dir[index]);
}

/**
 * pnicfw_cache_insert - make both directions of a record findable
 * @pn: the namespace
 * @rec: the record, complete
 *
 * Context: @pn->record_lock.
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
		cache_remove_dir(pn, rec, IP_CT_DIR_ORIGINAL);
	return err;
}

/**
 * pnicfw_cache_remove - make a record's directions unfindable
 * @pn: the namespace
 * @rec: the record; readers may still see it for an RCU grace period
 *
 * Context: @pn->record_lock.
 */
void pnicfw_cache_remove(struct pnicfw_net *pn, struct pnicfw_record *rec)
{
	int i;

	for (i = 0; i < IP_CT_DIR_MAX; i++)
		cache_remove_dir(pn, rec, i);
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
	const struct pnicfw_slots_table *table;
	struct pnicfw_slots_hit hit = {};
	struct pnicfw_dir *dir;
	struct pnicfw_key key;
	u32 hash;

	pnicfw_key_from_tuple(nf_ct_tuple(ct, IP_CT_DIR_ORIGINAL), &key);
	hash = cache_hash(&key);
	table = rcu_dereference(pn->cache.now);
	dir = pnicfw_slots_first(table, hash);
	/* Another one may have the key, or its hash. */
	while (unlikely(dir && dir->ct != ct)) {
		hit = pnicfw_slots_find(table, hash, hit.step);
		dir = hit.entry;
	}
	return dir ? pnicfw_dir_record(dir) : NULL;
}
