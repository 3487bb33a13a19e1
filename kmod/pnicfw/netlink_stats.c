// SPDX-License-Identifier: GPL-2.0
/*
 * netlink_stats - the netlink family's statistics
 */
#include "net.h"
#include "netlink_msg.h"
#include "table.h"
#include "view.h"

/* Add a count of what @key, a reason or an errno, stands for, under @type. */
static int netlink_put_tally(struct sk_buff *skb, int type, int key, u32 value,
			     u64 count)
{
	struct nlattr *nest;

	if (!count)
		return 0;
	nest = nla_nest_start(skb, type);
	if (!nest || nla_put_u32(skb, key, value) ||
	    nla_put_u64_64bit(skb, PNICFW_A_TALLY_COUNT, count,
			      PNICFW_A_TALLY_PAD))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int netlink_put_tallies(struct sk_buff *skb, struct pnicfw_net *pn,
			       const struct pnicfw_stats *sum)
{
	int i;

	for (i = 0; i <= PNICFW_REASON_MAX; i++)
		if (netlink_put_tally(skb, PNICFW_A_STATS_NOT_LEARNED,
				      PNICFW_A_TALLY_REASON, i,
				      sum->not_learned[i]))
			return -EMSGSIZE;
	for (i = 0; i <= PNICFW_STATS_ERRNO_MAX; i++)
		if (netlink_put_tally(skb, PNICFW_A_STATS_HW_FAILED,
				      PNICFW_A_TALLY_ERRNO, i,
				      atomic64_read(&pn->gauges.hw_failed[i])))
			return -EMSGSIZE;
	return 0;
}

/* Add one bar of a histogram, under @type. */
static int netlink_put_bar(struct sk_buff *skb, int type, unsigned int bar,
			   u64 count)
{
	struct nlattr *nest;

	if (!count)
		return 0;
	nest = nla_nest_start(skb, type);
	if (!nest ||
	    nla_put_u32(skb, PNICFW_A_BUCKET_FROM, pnicfw_stats_from(bar)) ||
	    nla_put_u64_64bit(skb, PNICFW_A_BUCKET_COUNT, count,
			      PNICFW_A_BUCKET_PAD))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

/* Add a histogram that is counted all the time. */
static int netlink_put_bars(struct sk_buff *skb, int type,
			    const atomic64_t bars[PNICFW_STATS_BARS])
{
	int i;

	for (i = 0; i < PNICFW_STATS_BARS; i++)
		if (netlink_put_bar(skb, type, i, atomic64_read(&bars[i])))
			return -EMSGSIZE;
	return 0;
}

/* What the eswitches have, and how they take it. */
static int netlink_put_tables(struct sk_buff *skb, struct pnicfw_net *pn,
			      u32 stale)
{
	struct pnicfw_gauges *g = &pn->gauges;
	struct pnicfw_table_census census;
	int i;

	pnicfw_table_census(pn, &census);
	if (nla_put_u32(skb, PNICFW_A_STATS_HW_USED, census.used) ||
	    nla_put_u32(skb, PNICFW_A_STATS_HW_DENIED, census.denied) ||
	    nla_put_u32(skb, PNICFW_A_STATS_HW_WAITING, census.waiting) ||
	    nla_put_u32(skb, PNICFW_A_STATS_HW_STALE, stale) ||
	    netlink_put_bars(skb, PNICFW_A_STATS_HW_INSERT_US,
			     g->hw_insert_us) ||
	    netlink_put_bars(skb, PNICFW_A_STATS_HW_DELETE_US,
			     g->hw_delete_us) ||
	    netlink_put_bars(skb, PNICFW_A_STATS_HW_STATS_US, g->hw_stats_us))
		return -EMSGSIZE;
	for (i = 0; i < PNICFW_STATS_BARS; i++)
		if (netlink_put_bar(skb, PNICFW_A_STATS_HW_HEAT, i,
				    census.heat[i]))
			return -EMSGSIZE;
	return 0;
}

static int netlink_put_count(struct sk_buff *skb, int type, u64 count)
{
	return nla_put_u64_64bit(skb, type, count, PNICFW_A_STATS_PAD);
}

static int netlink_put_stats(struct sk_buff *skb, struct pnicfw_net *pn,
			     const struct pnicfw_view_census *census,
			     const struct pnicfw_stats *sum)
{
	const u32 *by_state = census->by_state;
	struct pnicfw_gauges *g = &pn->gauges;
	struct nlattr *nest;

	nest = nla_nest_start(skb, PNICFW_A_STATS);
	if (!nest ||
	    nla_put_u32(skb, PNICFW_A_STATS_RECORDS, census->total) ||
	    nla_put_u32(skb, PNICFW_A_STATS_CACHED,
			by_state[PNICFW_STATE_CACHED] +
			by_state[PNICFW_STATE_OFFLOADING]) ||
	    nla_put_u32(skb, PNICFW_A_STATS_OFFLOADED,
			by_state[PNICFW_STATE_OFFLOADED]) ||
	    nla_put_u32(skb, PNICFW_A_STATS_DENIED,
			READ_ONCE(pn->denials.count)) ||
	    netlink_put_count(skb, PNICFW_A_STATS_CACHE_HITS,
			      sum->cache_hits) ||
	    netlink_put_count(skb, PNICFW_A_STATS_CACHE_MISSES,
			      sum->cache_misses) ||
	    netlink_put_count(skb, PNICFW_A_STATS_LEARNED,
			      sum->learned) ||
	    netlink_put_count(skb, PNICFW_A_STATS_REVALIDATED,
			      sum->revalidated) ||
	    netlink_put_count(skb, PNICFW_A_STATS_HW_INSERTED,
			      atomic64_read(&g->hw_inserted)) ||
	    netlink_put_count(skb, PNICFW_A_STATS_HW_DELETED,
			      atomic64_read(&g->hw_deleted)) ||
	    netlink_put_count(skb, PNICFW_A_STATS_HW_EVICTED,
			      atomic64_read(&g->hw_evicted)) ||
	    netlink_put_count(skb, PNICFW_A_STATS_MEMORY,
			      pnicfw_stats_memory(pn)) ||
	    netlink_put_count(skb, PNICFW_A_STATS_DENIED_HITS,
			      sum->denied_hits) ||
	    netlink_put_count(skb, PNICFW_A_STATS_DENIED_MADE,
			      sum->denied_made) ||
	    netlink_put_count(skb, PNICFW_A_STATS_DENIED_EVICTED,
			      sum->denied_evicted) ||
	    netlink_put_tallies(skb, pn, sum) ||
	    netlink_put_tables(skb, pn, census->stale))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

/**
 * pnicfw_nl_stats_get_doit - PNICFW_CMD_STATS_GET
 * @skb: the request
 * @info: the request, parsed
 *
 * Return: 0 or a negative errno.
 */
int pnicfw_nl_stats_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct pnicfw_net *pn = pnicfw_net(genl_info_net(info));
	struct pnicfw_view_census census;
	struct pnicfw_stats sum;
	struct sk_buff *msg;
	void *hdr;
	int err;

	err = pnicfw_netlink_allow(info->attrs, pnicfw_netlink_family.maxattr,
				   0, info->extack);
	if (err)
		return err;
	/* Room for every tally and bar there can be: 40 bytes each at most */
	msg = pnicfw_netlink_reply(info, 1024 + 40 * (PNICFW_REASON_MAX + 1 +
					PNICFW_STATS_ERRNO_MAX + 1 +
					4 * PNICFW_STATS_BARS), &hdr);
	if (!msg)
		return -ENOMEM;
	pnicfw_view_census(pn, &census);
	pnicfw_stats_sum(pn, &sum);
	err = netlink_put_stats(msg, pn, &census, &sum);
	return pnicfw_netlink_send(msg, hdr, err, info);
}
