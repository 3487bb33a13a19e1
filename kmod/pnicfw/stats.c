// SPDX-License-Identifier: GPL-2.0
/*
 * stats - what happened how often, a set of counters a namespace
 */
#include <linux/kernel.h>
#include <linux/rhashtable.h>
#include <linux/string.h>

#include "net.h"
#include "stats.h"

/**
 * pnicfw_stats_init - make a namespace's counters
 * @pn: the namespace
 *
 * Return: 0 or -ENOMEM.
 */
int pnicfw_stats_init(struct pnicfw_net *pn)
{
	pn->stats = alloc_percpu(struct pnicfw_stats);
	return pn->stats ? 0 : -ENOMEM;
}

/**
 * pnicfw_stats_exit - free a namespace's counters
 * @pn: the namespace
 */
void pnicfw_stats_exit(struct pnicfw_net *pn)
{
	free_percpu(pn->stats);
}

/**
 * pnicfw_stats_sum - add up the counters of all CPUs
 * @pn: the namespace
 * @sum: filled in
 *
 * A CPU may count on meanwhile: each sum was true at some moment since the
 * call, not all at the same one.
 */
void pnicfw_stats_sum(const struct pnicfw_net *pn, struct pnicfw_stats *sum)
{
	unsigned int words = sizeof(*sum) / sizeof(u64), i;
	u64 *total = (u64 *)sum;
	int cpu;

	BUILD_BUG_ON(sizeof(*sum) % sizeof(u64));
	memset(sum, 0, sizeof(*sum));
	for_each_possible_cpu(cpu) {
		const u64 *one = (const u64 *)per_cpu_ptr(pn->stats, cpu);

		for (i = 0; i < words; i++)
			total[i] += READ_ONCE(one[i]);
	}
}

/**
 * pnicfw_stats_hw_failed - count a driver's refusal
 * @pn: the namespace
 * @err: a negative errno
 */
void pnicfw_stats_hw_failed(struct pnicfw_net *pn, int err)
{
	unsigned int i = min_t(unsigned int, abs(err), PNICFW_STATS_ERRNO_MAX);

	atomic64_inc(&pn->gauges.hw_failed[i]);
}

/* A table that is being filled from this one will be all there is. */
static u64 stats_buckets(struct rhashtable *ht)
{
	const struct bucket_table *table;
	u64 bytes;

	rcu_read_lock();
	table = rht_dereference_rcu(ht->tbl, ht);
	bytes = struct_size(table, buckets, table->size);
	rcu_read_unlock();
	return bytes;
}

/* As full as a tree can be: ids are given out one after the other. */
static u64 stats_ids(unsigned int records)
{
	u64 nodes = 0;

	while (records) {
		records = DIV_ROUND_UP(records, XA_CHUNK_SIZE);
		nodes += records;
		if (records == 1)
			break;
	}
	return nodes * sizeof(struct xa_node);
}

static u64 stats_denials(struct pnicfw_net *pn)
{
	u32 count = READ_ONCE(pn->denials.count);

	return (u64)count * sizeof(struct pnicfw_denial) +
	       stats_buckets(&pn->denials.table.ht) + stats_ids(count);
}

/**
 * pnicfw_stats_memory - what connections take up
 * @pn: the namespace
 *
 * Records, paths, denials, and the tables that they are found by; of the trees of
 * ids the least that they can be. Conntrack's entries are not pnicfw's. It is what was
 * asked for: the kernel's allocators round sizes up.
 *
 * Context: any but hard interrupts.
 * Return: bytes.
 */
u64 pnicfw_stats_memory(struct pnicfw_net *pn)
{
	return atomic_long_read(&pn->gauges.memory) +
	       pnicfw_slots_bytes(&pn->cache) + stats_buckets(&pn->paths) +
	       stats_ids(atomic_read(&pn->gauges.records)) +
	       stats_denials(pn);
}
