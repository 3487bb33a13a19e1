/* SPDX-License-Identifier: GPL-2.0 */
/*
 * record - the connection record: what tier 1 decided about a connection, and
 * what the tiers below made of it
 *
 *	new --> tracked --> cached --> offloading --> offloaded
 *	                      ^ ^------- demoted --------'
 *	any of them --> closing --> gone
 *
 * There is one object a connection and one way down: pnicfw_record_close().
 * The state is not stored, it follows from what a record has, so that the two
 * cannot disagree; see pnicfw_view_state().
 */
#ifndef PNICFW_RECORD_H
#define PNICFW_RECORD_H

#include <linux/bits.h>
#include <linux/if_ether.h>
#include <linux/list.h>
#include <linux/netfilter/nf_conntrack_tuple_common.h>
#include <linux/refcount.h>
#include <linux/rhashtable-types.h>
#include <linux/spinlock.h>
#include <linux/pnicfw.h>

#include "key.h"
#include "policy.h"

struct nf_conn;
struct pnicfw_net;
struct pnicfw_path;
struct pnicfw_port;

/**
 * struct pnicfw_count - a pair of counters
 * @packets: packets
 * @bytes: bytes from the network header on, as conntrack counts them
 */
struct pnicfw_count {
	u64 packets;
	u64 bytes;
};

/**
 * struct pnicfw_dir - one direction of a connection, as the cache sees it
 * @node: in the namespace's table; the direction is there as long as its
 *	record lives, learned or not
 * @key: what its packets look like when they come in
 * @path: what to do with them; NULL until learned (RCU; written under the
 *	record's lock)
 * @packets: what the cache carried; written by the fast path
 * @bytes: likewise, bytes from the network header on
 * @ct: the conntrack entry, to which the record holds a reference
 * @gen: generation under which @path was learned
 * @used: jiffies (the low 32 bits) of the last packet in a tier below the
 *	first; of the record's making where there was none
 * @hw_after: as the record's answer has it
 * @cacheable: likewise
 * @index: IP_CT_DIR_ORIGINAL or IP_CT_DIR_REPLY; finds the record
 * @seen_ifindex: device this direction's packets were last seen to come in at
 *	by tier 1, 0 for none yet
 * @seen_kills: the namespace's @kills when they did
 * @seen_src: source MAC address they came in with: a frame from there is the
 *	witness that the other direction may be sent there
 * @hw: what the eswitch carried, as far as it has said; written by the eswitch
 *	room's worker only
 *
 * The first 64 bytes are what finding a packet's flow needs, the others what
 * carrying it does: no packet that the cache carries touches more of a record.
 */
struct pnicfw_dir {
	struct rhlist_head node;
	struct pnicfw_key key;
	struct pnicfw_path __rcu *path;

	atomic64_t packets;
	atomic64_t bytes;
	struct nf_conn *ct;
	u32 gen;
	u32 used;
	u32 hw_after;
	bool cacheable;
	u8 index;
	u8 seen_src[ETH_ALEN];
	int seen_ifindex;
	u32 seen_kills;
	struct pnicfw_count hw;
};

/* Both directions, in &struct pnicfw_record.hw_have. */
#define PNICFW_HW_BOTH		(BIT(IP_CT_DIR_ORIGINAL) | BIT(IP_CT_DIR_REPLY))

/**
 * struct pnicfw_record - a connection
 * @dir: its two directions
 * @lock: protects the directions' paths and what is marked (lock) here; taken
 *	with BH off; only the path table's, the eswitch list's and conntrack's
 *	own locks are taken inside
 * @refs: see record.c
 * @id: names it to users, and is where it is found
 * @answer: what tier 1 said; see pnicfw_record_answer()
 * @synced: how much of cache and hardware conntrack's accounting already has,
 *	by direction; written by the age room's worker only
 * @learn_why: why its latest packet in tier 1 taught nothing
 * @learn_detail: what belongs to it: the byte that changed without explanation
 * @learn_fails: packets in a row that changed without explanation
 * @end_why: why it is closing
 * @closing: no way back: never learned or offloaded again (lock)
 * @hw_want: the eswitch should have it (lock)
 * @hw_busy: the reconcile room's worker has it, or has it on its list (lock)
 * @hw_have: directions the eswitch has, a bit each (lock; written by the
 *	worker only)
 * @hw_why: why the eswitch does not have it although tier 1 allows it
 * @hw_errno: what the driver answered where it refused, positive
 * @hw_retry: jiffies (low 32 bits) before which the eswitch is not asked again
 *	after a refusal
 * @refreshed: value of the directions' "used" that conntrack's timeout rests
 *	on; the age room's round only
 * @hw_path: what each direction's hardware rule was made from, a reference
 *	each; the worker only
 * @hw_node: on the reconcile room's list
 * @rcu: lookups are under RCU; by then it is on no list
 */
struct pnicfw_record {
	struct pnicfw_dir dir[IP_CT_DIR_MAX];
	spinlock_t lock;		/* what is marked above */
	refcount_t refs;
	u32 id;
	struct pnicfw_answer answer;
	u32 hw_retry;
	struct pnicfw_count synced[IP_CT_DIR_MAX];
	u8 learn_why;
	u8 learn_detail;
	u8 learn_fails;
	u8 end_why;
	bool closing;
	bool hw_want;
	bool hw_busy;
	u8 hw_have;
	u8 hw_why;
	u8 hw_errno;
	u32 refreshed;
	struct pnicfw_path *hw_path[IP_CT_DIR_MAX];
	union {
		struct list_head hw_node;
		struct rcu_head rcu;
	};
};

/**
 * pnicfw_dir_record - the record that a direction belongs to
 * @dir: the direction
 *
 * Return: its record.
 */
static inline struct pnicfw_record *pnicfw_dir_record(struct pnicfw_dir *dir)
{
	return container_of(dir - dir->index, struct pnicfw_record, dir[0]);
}

/**
 * pnicfw_record_ct - a connection's conntrack entry
 * @rec: the record, which holds a reference to it
 *
 * Return: the entry.
 */
static inline struct nf_conn *pnicfw_record_ct(const struct pnicfw_record *rec)
{
	return rec->dir[0].ct;
}

/**
 * pnicfw_record_bypassed - may packets of a connection pass tier 1 by?
 * @rec: the record
 *
 * Context: any.
 * Return: whether a lower tier may carry some.
 */
static inline bool pnicfw_record_bypassed(const struct pnicfw_record *rec)
{
	return rcu_access_pointer(rec->dir[0].path) ||
	       rcu_access_pointer(rec->dir[1].path) || READ_ONCE(rec->hw_have);
}

int pnicfw_record_slab_init(void);
void pnicfw_record_slab_exit(void);
void pnicfw_record_init(struct pnicfw_net *pn);
void pnicfw_record_exit(struct pnicfw_net *pn);

struct pnicfw_record *pnicfw_record_create(struct pnicfw_net *pn,
					   struct nf_conn *ct,
					   const struct pnicfw_answer *answer);
void pnicfw_record_answer(struct pnicfw_record *rec,
			  const struct pnicfw_answer *answer);
bool pnicfw_record_reanswer(struct pnicfw_record *rec,
			    const struct pnicfw_answer *answer);
bool pnicfw_record_learn(struct pnicfw_record *rec, u8 index,
			 struct pnicfw_path *path, u32 gen);
void pnicfw_record_close(struct pnicfw_record *rec, enum pnicfw_reason why);
bool pnicfw_record_settled(struct pnicfw_record *rec, u8 have);

struct pnicfw_net *pnicfw_record_net(const struct pnicfw_record *rec);
bool pnicfw_record_hold(struct pnicfw_record *rec);
void pnicfw_record_put(struct pnicfw_record *rec);
struct pnicfw_record *pnicfw_record_next(struct pnicfw_net *pn,
					 unsigned long *id);

bool pnicfw_record_uses(const struct pnicfw_record *rec,
			const struct pnicfw_port *port);

#endif /* PNICFW_RECORD_H */
