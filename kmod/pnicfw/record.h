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
#include <linux/build_bug.h>
#include <linux/if_ether.h>
#include <linux/list.h>
#include <linux/netfilter/nf_conntrack_tuple_common.h>
#include <linux/refcount.h>
#include <linux/spinlock.h>
#include <linux/pnicfw.h>

#include "key.h"
#include "policy.h"

struct nf_conn;
struct pnicfw_net;
struct pnicfw_path;
struct pnicfw_port;
struct pnicfw_table;

/**
 * struct pnicfw_count - a pair of counters
 * @packets: packets
 * @bytes: bytes from the network header on, as conntrack counts them
 */
struct pnicfw_count {
	u64 packets;
	u64 bytes;
};

/* A packet in &struct pnicfw_dir.carried. There is room for 2^21 of them, of
 * half a megabyte each, until the word is negative and is to be collected, and
 * for as many more until that has been done.
 */
#define PNICFW_CARRIED_SHIFT	42
#define PNICFW_CARRIED_PACKET	BIT_ULL(PNICFW_CARRIED_SHIFT)

/**
 * struct pnicfw_dir - one direction of a connection, as the cache sees it
 * @cached: what the cache carried, as far as that has been collected; conntrack's
 *	accounting has it (the record's lock)
 * @core: what its packets look like when they come in: the key's core
 * @path: what to do with them; NULL until learned (RCU; written under the
 *	record's lock)
 * @ct: the conntrack entry, to which the record holds a reference
 * @carried: what the cache carried since that was last collected, bytes from
 *	the network header on and PNICFW_CARRIED_PACKET for each packet
 * @used: jiffies (the low 32 bits) of the last packet in a tier below the
 *	first; of the record's making where there was none
 * @hw_after: as the record's answer has it, 65,535 at most: as soon as @carried
 *	has that many packets the admit room is asked
 * @cacheable: likewise, but not while a packet is to pass tier 1 first, see
 *	@recheck of the record
 * @index: IP_CT_DIR_ORIGINAL or IP_CT_DIR_REPLY; finds the record
 *
 * In the namespace's table as long as its record lives, learned or not. As large as
 * a cache line, and all of a record that finding and carrying a packet of IPv4
 * touches, unless there is NAT.
 */
struct pnicfw_dir {
	struct pnicfw_count cached;
	u64 core[PNICFW_KEY_CORE];
	struct pnicfw_path __rcu *path;
	struct nf_conn *ct;
	atomic64_t carried;
	u32 used;
	u16 hw_after;
	bool cacheable;
	u8 index;
};

/**
 * struct pnicfw_hw - what the eswitch has of a connection, or had
 * @rec: the connection
 * @node: on the list that @on says (the namespace's hw_lock)
 * @table: the eswitch; changed by who wants the connection there, while it is on
 *	no list
 * @path: what each direction's rule was made from, a reference each; the worker
 *	only
 * @carried: what the eswitch carried of each direction, as far as it has said;
 *	written by the eswitch room under the record's lock
 * @due: jiffies (low 32 bits) before which the eswitch is not asked again: for
 *	the counters of a connection that it has, to take one that it has refused
 * @polled: when it was last asked for the counters, or got the connection
 * @seen: packets in all tiers that the age room had last seen, the low 32 bits
 * @err: what the driver answered where it refused, positive
 * @fails: how often in a row it has
 * @rank: the rank that @node is listed with (hw_lock)
 * @on: enum pnicfw_table_list (hw_lock)
 *
 * As large as the kernel's allocator has it.
 */
struct pnicfw_hw {
	struct pnicfw_record *rec;
	struct list_head node;
	struct pnicfw_table *table;
	struct pnicfw_path *path[IP_CT_DIR_MAX];
	struct pnicfw_count carried[IP_CT_DIR_MAX];
	u32 due;
	u32 polled;
	u32 seen;
	u8 err;
	u8 fails;
	u8 rank;
	u8 on;
};

/* Both directions, in &struct pnicfw_record.hw_have; or one or both, of which the
 * driver was told to take them out, and has not.
 */
#define PNICFW_HW_BOTH		(BIT(IP_CT_DIR_ORIGINAL) | BIT(IP_CT_DIR_REPLY))
#define PNICFW_HW_STUCK		BIT(IP_CT_DIR_MAX)

/**
 * struct pnicfw_record - a connection
 * @dir: its two directions
 * @hw: what concerns the eswitch, once it was to have the connection; freed with
 *	the record
 * @lock: protects the directions' paths and what is marked (lock) here; taken
 *	with BH off; only the pardon room's, the path table's, the eswitch
 *	list's and conntrack's own locks are taken inside
 * @refs: see record.c
 * @id: names it to users, and is where it is found
 * @answer: what tier 1 said; see pnicfw_record_answer()
 * @seen_ifindex: device each direction's packets were last seen to come in at
 *	by tier 1, 0 for none yet
 * @seen_kills: the namespace's @kills when they did (lock, while not closing)
 * @seen_src: source MAC address they came in with: a frame from there is the
 *	witness that the other direction may be sent there (likewise)
 * @learn_why: why its latest packet in tier 1 taught nothing
 * @learn_detail: what belongs to it: the byte that changed without explanation
 * @learn_fails: packets in a row that changed without explanation, as far as
 *	these are forgiven
 * @turn: the part of the time that its turn to be rechecked is in; it does not
 *	change once packets find the record, so it can share a byte
 * @end_why: why it is closing
 * @closing: no way back: never learned or offloaded again (lock)
 * @hw_want: the eswitch should have it (lock)
 * @hw_busy: the reconcile room's worker has it, or has it on its list (lock)
 * @hw_have: directions the eswitch has, a bit each, or PNICFW_HW_STUCK (lock;
 *	written by the worker only)
 * @hw_why: why the eswitch does not have it although tier 1 allows it
 * @recheck: directions, a bit each, whose next packet is to pass tier 1 although
 *	nothing is known to have changed (lock)
 * @heat: how busy it is; written by the age room's round, and by who has
 *	a claim on it (claim room)
 * @refreshed: value of the directions' "used" that conntrack's timeout rests
 *	on; the age room's round only
 * @rcu: lookups are under RCU; by then it is closing and on no list
 * @rest: of IPv6, the rest of each direction's key
 *
 * There may be millions: what not all of them need is kept apart.
 */
struct pnicfw_record {
	struct pnicfw_dir dir[IP_CT_DIR_MAX];
	struct pnicfw_hw *hw;
	spinlock_t lock;		/* what is marked above */
	refcount_t refs;
	u32 id;
	struct pnicfw_answer answer;
	int seen_ifindex[IP_CT_DIR_MAX];
	u8 learn_why;
	u8 learn_detail;
	u8 learn_fails : 2;
	u8 turn : 6;
	u8 end_why;
	union {
		struct {
			u32 refreshed;
			u32 seen_kills[IP_CT_DIR_MAX];
			u8 seen_src[IP_CT_DIR_MAX][ETH_ALEN];
		};
		struct rcu_head rcu;
	};
	bool closing;
	bool hw_want;
	bool hw_busy;
	u8 hw_have;
	u8 hw_why;
	u8 recheck;
	u16 heat;
	u64 rest[][PNICFW_KEY_REST];
};

/**
 * pnicfw_dir_record - the record that a direction belongs to
 * @dir: the direction
 *
 * Return: its record.
 */
static inline struct pnicfw_record *
pnicfw_dir_record(const struct pnicfw_dir *dir)
{
	return container_of((struct pnicfw_dir *)dir - dir->index,
			    struct pnicfw_record, dir[0]);
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
 * pnicfw_record_key - what a direction's packets look like when they come in
 * @rec: the record
 * @index: the direction
 * @key: filled in
 *
 * Context: any.
 */
static inline void pnicfw_record_key(const struct pnicfw_record *rec, int index,
				     struct pnicfw_key *key)
{
	pnicfw_key_unpack(key, rec->dir[index].core, rec->rest[index]);
}

/**
 * pnicfw_record_key_out - what a direction's packets look like when they leave
 * @rec: the record
 * @index: the direction
 * @key: filled in: whatever NAT does, the inverse of what the other direction's
 *	come in as
 *
 * Context: any.
 */
static inline void pnicfw_record_key_out(const struct pnicfw_record *rec,
					 int index, struct pnicfw_key *key)
{
	struct pnicfw_key other;

	pnicfw_record_key(rec, !index, &other);
	pnicfw_key_invert(&other, key);
}

/**
 * pnicfw_record_cached - what the cache carried of a direction
 * @rec: the record
 * @index: the direction
 * @count: filled in
 *
 * Context: @rec->lock.
 */
static inline void pnicfw_record_cached(const struct pnicfw_record *rec,
					int index, struct pnicfw_count *count)
{
	u64 carried = atomic64_read(&rec->dir[index].carried);

	*count = rec->dir[index].cached;
	count->packets += carried >> PNICFW_CARRIED_SHIFT;
	count->bytes += carried & (PNICFW_CARRIED_PACKET - 1);
}

/**
 * pnicfw_record_refused - has the driver refused a connection when last asked?
 * @rec: the record
 *
 * Context: any.
 * Return: what it answered, a positive errno; 0 where it was never asked, or
 * did not refuse.
 */
static inline u8 pnicfw_record_refused(const struct pnicfw_record *rec)
{
	const struct pnicfw_hw *hw = READ_ONCE(rec->hw);

	return hw ? READ_ONCE(hw->err) : 0;
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
			 struct pnicfw_path *path);
void pnicfw_record_close(struct pnicfw_record *rec, enum pnicfw_reason why);
bool pnicfw_record_settled(struct pnicfw_record *rec, u8 have, bool give_up);

struct pnicfw_net *pnicfw_record_net(const struct pnicfw_record *rec);
bool pnicfw_record_hold(struct pnicfw_record *rec);
void pnicfw_record_put(struct pnicfw_record *rec);
struct pnicfw_record *pnicfw_record_next(struct pnicfw_net *pn,
					 unsigned long *id);

bool pnicfw_record_uses(const struct pnicfw_record *rec,
			const struct pnicfw_port *port);

#endif /* PNICFW_RECORD_H */
