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

#include "record.h"

struct pnicfw_net;

int pnicfw_cache_init(struct pnicfw_net *pn);
void pnicfw_cache_exit(struct pnicfw_net *pn);
int pnicfw_cache_insert(struct pnicfw_net *pn, struct pnicfw_record *rec);
void pnicfw_cache_remove(struct pnicfw_net *pn, struct pnicfw_record *rec);
struct rhlist_head *pnicfw_cache_lookup(struct pnicfw_net *pn,
					const struct pnicfw_key *key);
struct pnicfw_record *pnicfw_cache_record(struct pnicfw_net *pn,
					  const struct pnicfw_key *key,
					  const struct nf_conn *ct);

#endif /* PNICFW_CACHE_H */
