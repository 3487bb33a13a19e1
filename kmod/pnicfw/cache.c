// SPDX-License-Identifier: GPL-2.0
/*
 * cache - tier 2: the table of directions by key
 */
#include <linux/once.h>
#include <linux/random.h>

#include "cache.h"
#include "net.h"

/* One secret for all namespaces: it protects the hash from those who choose
 * the keys, and nobody who chooses keys can see a hash.
 */
struct pnicfw_key_secret pnicfw_cache_secret __read_mostly;

/**
 * pnicfw_cache_init - make a namespace's table
 * @pn: the namespace
 *
 * Return: 0 or a negative errno.
 */
int pnicfw_cache_init(struct pnicfw_net *pn)
{
	get_random_once(&pnicfw_cache_secret, sizeof(pnicfw_cache_secret));
	return rhltable_init(&pn->cache, &pnicfw_cache_params);
}

/**
 * pnicfw_cache_exit - free a namespace's table, empty by then
 * @pn: the namespace
 */
void pnicfw_cache_exit(struct pnicfw_net *pn)
{
	rhltable_destroy(&pn->cache);
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
	struct pnicfw_dir *orig = &rec->dir[IP_CT_DIR_ORIGINAL];
	struct pnicfw_dir *reply = &rec->dir[IP_CT_DIR_REPLY];
	int err;

	err = rhltable_insert(&pn->cache, &orig->node, pnicfw_cache_params);
	if (err)
		return err;
	err = rhltable_insert(&pn->cache, &reply->node, pnicfw_cache_params);
	if (err)
		rhltable_remove(&pn->cache, &orig->node, pnicfw_cache_params);
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
		rhltable_remove(&pn->cache, &rec->dir[i].node, pnicfw_cache_params);
}

/**
 * pnicfw_cache_record - find a connection's record
 * @pn: the namespace
 * @key: the key of either of its directions
 * @ct: its conntrack entry
 *
 * Context: RCU.
 * Return: the record, valid under RCU, or NULL.
 */
struct pnicfw_record *pnicfw_cache_record(struct pnicfw_net *pn,
					  const struct pnicfw_key *key,
					  const struct nf_conn *ct)
{
	struct rhlist_head *list, *pos;
	struct pnicfw_record *rec;
	struct pnicfw_dir *dir;

	list = pnicfw_cache_lookup(pn, key);
	rhl_for_each_entry_rcu(dir, pos, list, node) {
		rec = pnicfw_dir_record(dir);
		if (rec->ct == ct)
			return rec;
	}
	return NULL;
}
