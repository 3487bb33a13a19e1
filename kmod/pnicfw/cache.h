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

#include "net.h"
#include "record.h"
#include "slots.h"

extern struct pnicfw_key_secret pnicfw_cache_secret;

/**
 * pnicfw_cache_is - is it a key's direction?
 * @dir: the direction
 * @key: the key
 * @ipv4: it is one of IPv4
 *
 * Return: whether it is.
 */
static __always_inline bool
pnicfw_cache_is(const struct pnicfw_dir *dir, const struct pnicfw_key *key,
		bool ipv4)
{
	const u64 *rest = ipv4 ? NULL : pnicfw_dir_record(dir)->rest[dir->index];

	return pnicfw_key_is_packed(key, dir->core, rest, ipv4);
}

/**
 * struct pnicfw_cache_at - where one stands among the directions of a key
 * @key: the key
 * @table: the table
 * @hash: the key's hash
 * @step: where to go on
 */
struct pnicfw_cache_at {
	const struct pnicfw_key *key;
	const struct pnicfw_slots_table *table;
	u32 hash;
	u32 step;
};

void pnicfw_cache_start(const struct pnicfw_net *pn,
			const struct pnicfw_key *key, struct pnicfw_cache_at *at);
struct pnicfw_dir *pnicfw_cache_next(struct pnicfw_cache_at *at);

/**
 * pnicfw_cache_for_each - all directions that have a key
 * @dir: each of them in turn
 * @at: &struct pnicfw_cache_at
 * @pn: the namespace
 * @key: the key
 *
 * Context: RCU.
 */
#define pnicfw_cache_for_each(dir, at, pn, key)				\
	for (pnicfw_cache_start(pn, key, at);				\
	     (dir = pnicfw_cache_next(at));)

/**
 * pnicfw_cache_first - have a first look for the direction that a packet belongs to
 * @pn: the namespace
 * @key: the packet's key; it can stay in registers
 * @ipv4: it is one of IPv4
 *
 * Context: RCU.
 * Return: NULL where there is none; else a direction that is it, nearly always, or
 * one with the same hash, and then pnicfw_cache_for_each() tells.
 */
static __always_inline struct pnicfw_dir *
pnicfw_cache_first(const struct pnicfw_net *pn, const struct pnicfw_key *key,
		   bool ipv4)
{
	return pnicfw_slots_first(rcu_dereference(pn->cache.now),
				  pnicfw_key_hash(key, &pnicfw_cache_secret,
						  ipv4));
}

int pnicfw_cache_init(struct pnicfw_net *pn);
void pnicfw_cache_exit(struct pnicfw_net *pn);
int pnicfw_cache_insert(struct pnicfw_net *pn, struct pnicfw_record *rec);
void pnicfw_cache_remove(struct pnicfw_net *pn, struct pnicfw_record *rec);
struct pnicfw_record *pnicfw_cache_record(struct pnicfw_net *pn,
					  const struct nf_conn *ct);

#endif /* PNICFW_CACHE_H */
