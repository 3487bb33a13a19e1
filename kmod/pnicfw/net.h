/* SPDX-License-Identifier: GPL-2.0 */
/*
 * net - what one network namespace owns
 */
#ifndef PNICFW_NET_H
#define PNICFW_NET_H

#include <linux/list.h>
#include <linux/netfilter.h>
#include <linux/rhashtable-types.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>

#include "crew.h"
#include "denial.h"
#include "pace.h"
#include "pardon.h"
#include "rules.h"
#include "slots.h"
#include "stats.h"

struct net;
struct pnicfw_suspects;
struct proc_dir_entry;
struct socket;

/**
 * struct pnicfw_params - what `pnicfw param` shows and sets
 * @cache: connections that nothing speaks against are cacheable
 * @hw: they are offloadable
 * @hw_after: packets a direction has carried before the eswitch is asked
 * @age_interval: milliseconds between two looks at the tiers below
 * @cache_limit: records at most
 * @label_cacheable: label of connections that are cacheable, or
 *	PNICFW_LABEL_OFF
 * @label_offloaded: label of those that the eswitch has, likewise
 * @hw_after_rate: packets a second a connection must have before the eswitch is
 *	asked, 0 for any
 * @hw_rate: connections that an eswitch is asked to take a second at most, 0 for
 *	no limit
 * @hw_limit: connections and denials in an eswitch at most, likewise
 * @revalidate_rate: connections a second that are taken out of the eswitches
 *	after a change that concerns all, 0 for all at once
 * @recheck_time: milliseconds in which a packet of each direction passes tier 1
 *	once, 0 where none has to
 * @deny_limit: denials at most
 * @deny_time: seconds after which tier 1 is asked about one again
 * @learn_denials: what netfilter drops is denied as well
 *
 * Written whole words by the netlink room, read anywhere with READ_ONCE().
 */
struct pnicfw_params {
	u32 cache;
	u32 hw;
	u32 hw_after;
	u32 age_interval;
	u32 cache_limit;
	u32 label_cacheable;
	u32 label_offloaded;
	u32 hw_after_rate;
	u32 hw_rate;
	u32 hw_limit;
	u32 revalidate_rate;
	u32 recheck_time;
	u32 deny_limit;
	u32 deny_time;
	u32 learn_denials;
};

/**
 * struct pnicfw_net - pnicfw in one network namespace
 * @net: the namespace
 * @ports: &struct pnicfw_port by ifindex, changed under RTNL, read under RCU
 * @params: parameters
 * @rules: the policy's rules, changed under @policy_mutex, read under RCU
 * @policy_mutex: serialises changes of the policy and of @params; taken inside
 *	RTNL
 * @labels: conntrack was told that there will be labels, under @policy_mutex
 * @judge_work: the judge room's worker
 * @gen: generation of all that decisions rest on; what advances it kills all
 *	paths
 * @kills: how many events have killed paths (written under @path_lock)
 * @pardon: the pardon room's
 * @cache: &struct pnicfw_dir by key
 * @twins: a key has been there twice at a time (set under @record_lock)
 * @records: &struct pnicfw_record by id
 * @next_id: the id to try next, or where the search for a free one goes on, under
 *	@record_lock
 * @paths: &struct pnicfw_path by key
 * @path_list: the same ones, for walking
 * @path_lock: serialises making and unmaking paths
 * @record_lock: serialises making and unmaking records, so that a connection
 *	has one at most; taken outside of the tables' own locks
 * @denials: what tier 2 drops
 * @suspects: the drop room's, while @params.learn_denials (RCU)
 * @hw_frees: how many claims have been given back (claim room)
 * @hw_freed: one was (likewise)
 * @crew: the crew room's
 * @hw_pulls: pace of what is taken out after a change that concerns all, under
 *	@hw_lock
 * @age_work: the age room's round
 * @age_all: the next one looks at each connection, whatever it looks like
 * @age_last: jiffies when the latest one began
 * @doubt: an eswitch has lost a rule, so it may have lost more
 * @doubt_asked: jiffies when all were last asked for because of that (doubt room,
 *	in the age room's round)
 * @recheck_last: milliseconds since boot at its last round, 0 where there was
 *	none yet (recheck room, in the round)
 * @hw_lock: protects the lists of the table room, and what the place room counts;
 *	innermost
 * @hw_leaving: records that the eswitch is to give up
 * @hw_stuck: likewise, and the driver was told so and has not let go of them
 * @hw_tables: &struct pnicfw_table, one an eswitch; grows under RTNL
 * @nft_sock: hears of nftables commits (listen room)
 * @rtnl_sock: hears of nexthops, bridge ports and settings (listen room)
 * @lost_work: a message of theirs was lost (listen room)
 * @bridge_ports: what bridges last said of their ports, by ifindex (bridge room)
 * @ipsec_default: what becomes of packets without a policy (ipsec room, in the
 *	round)
 * @xtables_seen: what the tables of iptables-legacy looked like (xtables room)
 * @xtables_over: nobody is to look at them any more (xtables room)
 * @fib_nb: hears of route changes (revalidate room)
 * @fib_work: does so again once the change is in force (revalidate room)
 * @hooks: where packets of all devices are looked at, while there are ports (hook
 *	room)
 * @stats: counters, per CPU
 * @gauges: counters that are not
 * @proc: /proc/net/pnicfw
 */
struct pnicfw_net {
	struct net *net;
	struct xarray ports;
	struct pnicfw_params params;
	struct pnicfw_rules rules;
	struct mutex policy_mutex;	/* rules, labels, params */
	bool labels;
	struct work_struct judge_work;
	atomic_t gen;
	u32 kills;
	struct pnicfw_pardon pardon;

	struct pnicfw_slots cache;
	bool twins;
	struct xarray records;
	u32 next_id;
	struct rhashtable paths;
	struct list_head path_list;
	spinlock_t path_lock;		/* paths come and go */
	spinlock_t record_lock;		/* records come and go */

	struct pnicfw_denials denials;
	struct pnicfw_suspects __rcu *suspects;

	atomic_t hw_frees;
	wait_queue_head_t hw_freed;
	struct pnicfw_crew crew;
	struct pnicfw_pace hw_pulls;
	struct delayed_work age_work;
	bool age_all;
	unsigned long age_last;
	bool doubt;
	unsigned long doubt_asked;
	u64 recheck_last;
	spinlock_t hw_lock;		/* lists and places of eswitches */
	struct list_head hw_leaving;
	struct list_head hw_stuck;
	struct list_head hw_tables;

	struct socket *nft_sock;
	struct socket *rtnl_sock;
	struct work_struct lost_work;
	struct xarray bridge_ports;
	u8 ipsec_default[4];
	u32 xtables_seen;
	bool xtables_over;
	struct notifier_block fib_nb;
	struct work_struct fib_work;
	struct nf_hook_ops hooks[2];

	struct pnicfw_stats __percpu *stats;
	struct pnicfw_gauges gauges;
	struct proc_dir_entry *proc;
};

/**
 * pnicfw_net_gen - the generation of all that decisions rest on, now
 * @pn: the namespace
 *
 * Return: it; it wraps around, so compare it for equality only.
 */
static inline u32 pnicfw_net_gen(const struct pnicfw_net *pn)
{
	return atomic_read(&pn->gen);
}

/**
 * pnicfw_denial_any - is there anything that tier 2 drops, or may soon?
 * @pn: the namespace
 *
 * Return: whether there is.
 */
static inline bool pnicfw_denial_any(const struct pnicfw_net *pn)
{
	return READ_ONCE(pn->denials.count) ||
	       rcu_access_pointer(pn->suspects);
}

struct pnicfw_net *pnicfw_net(const struct net *net);
int pnicfw_net_init(void);
void pnicfw_net_exit(void);

#endif /* PNICFW_NET_H */
