/* SPDX-License-Identifier: GPL-2.0 */
/*
 * stats - what happened how often, a set of counters a namespace
 */
#ifndef PNICFW_STATS_H
#define PNICFW_STATS_H

#include <linux/bitops.h>
#include <linux/minmax.h>
#include <linux/percpu.h>
#include <linux/types.h>
#include <linux/pnicfw.h>

struct pnicfw_net;

/* Errno values are small; whatever is past the end counts as the last. */
#define PNICFW_STATS_ERRNO_MAX	134

/* Bars of a histogram: nothing, and then each as wide as all before it. */
#define PNICFW_STATS_BARS	20

/**
 * struct pnicfw_stats - events, counted on the CPU they happened on
 * @cache_hits: packets that the cache carried
 * @cache_misses: packets at a port's ingress that it did not
 * @learned: directions learned
 * @not_learned: packets that could have taught something and did not, by
 *	reason
 * @revalidated: directions that had become stale and were learned again
 * @denied_hits: packets that the cache dropped
 * @denied_made: denials made
 * @denied_evicted: denials that made room for others
 */
struct pnicfw_stats {
	u64 cache_hits;
	u64 cache_misses;
	u64 learned;
	u64 revalidated;
	u64 denied_hits;
	u64 denied_made;
	u64 denied_evicted;
	u64 not_learned[PNICFW_REASON_MAX + 1];
};

/**
 * struct pnicfw_gauges - what there is, and what only one worker counts
 * @records: records that exist
 * @memory: bytes of records, of paths and of what belongs to them
 * @hw_inserted: rules the driver accepted
 * @hw_deleted: rules taken out again
 * @hw_evicted: connections and denials that gave up their entries for others
 * @hw_failed: refusals, by errno
 * @hw_insert_us: how long a driver took to accept or refuse a rule, microseconds,
 *	by pnicfw_stats_bar()
 * @hw_delete_us: to take one out, likewise
 * @hw_stats_us: to say what one carried, likewise
 */
struct pnicfw_gauges {
	atomic_t records;
	atomic_long_t memory;
	atomic64_t hw_inserted;
	atomic64_t hw_deleted;
	atomic64_t hw_evicted;
	atomic64_t hw_failed[PNICFW_STATS_ERRNO_MAX + 1];
	atomic64_t hw_insert_us[PNICFW_STATS_BARS];
	atomic64_t hw_delete_us[PNICFW_STATS_BARS];
	atomic64_t hw_stats_us[PNICFW_STATS_BARS];
};

/**
 * pnicfw_stats_bar - where in a histogram a value counts
 * @value: the value
 *
 * Return: the bar, the last one where it is past the end.
 */
static inline unsigned int pnicfw_stats_bar(u64 value)
{
	return min_t(unsigned int, fls64(value), PNICFW_STATS_BARS - 1);
}

/**
 * pnicfw_stats_from - the lowest value that counts in a bar of a histogram
 * @bar: the bar
 *
 * Return: the value.
 */
static inline u32 pnicfw_stats_from(unsigned int bar)
{
	return bar ? BIT(bar - 1) : 0;
}

int pnicfw_stats_init(struct pnicfw_net *pn);
void pnicfw_stats_exit(struct pnicfw_net *pn);
void pnicfw_stats_sum(const struct pnicfw_net *pn, struct pnicfw_stats *sum);
void pnicfw_stats_hw_failed(struct pnicfw_net *pn, int err);
u64 pnicfw_stats_memory(struct pnicfw_net *pn);

/* Add one to a counter of this namespace; any context. */
#define pnicfw_stats_inc(pn, field)	this_cpu_inc((pn)->stats->field)

/* Memory that came into use, or, where negative, went; any context. */
#define pnicfw_stats_used(pn, bytes)	\
	atomic_long_add(bytes, &(pn)->gauges.memory)

#endif /* PNICFW_STATS_H */
