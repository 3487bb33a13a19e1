/* SPDX-License-Identifier: GPL-2.0 */
/*
 * denial - what tier 1 has denied, so that tier 2 can drop the next packets
 *
 * A denial drops nothing but what tier 1 would: packets of the same key that
 * came the same way (port, link-layer header, tags, DSCP, mark, priority, TCP
 * flags), under the same rules, for a while. Then one packet asks tier 1 again.
 * It has no conntrack entry, and no connection: where one comes to life that
 * such packets would be a part of, the denial goes.
 *
 * There are params.deny_limit at most. A hit takes no lock: it leaves a mark, and
 * who is in the way when there are too many gets a second chance for it.
 */
#ifndef PNICFW_DENIAL_H
#define PNICFW_DENIAL_H

#include <linux/if_ether.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/refcount.h>
#include <linux/rhashtable-types.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>
#include <linux/pnicfw.h>

#include "key.h"

struct nf_conn;
struct pnicfw_net;
struct pnicfw_packet;
struct pnicfw_port;
struct pnicfw_snapshot;
struct sk_buff;

/* As many as may be asked for. */
#define PNICFW_DENIALS_MAX	BIT(20)

/* While one packet asks tier 1 the others are dropped, for so long; and for so
 * long a denial whose time is over waits for one to come and ask.
 */
#define PNICFW_DENIAL_ASKS	HZ

/* Users see one space of numbers: records have those below. */
#define PNICFW_DENIAL_ID	BIT(31)

/**
 * struct pnicfw_denial_way - what a packet looks like beside its key
 * @eth: destination and source MAC address
 * @vlan: tag in its metadata
 * @inner: tag in the packet behind that
 * @mark: skb->mark, as an ingress chain may have set it
 * @priority: skb->priority, likewise
 * @dscp: DSCP: routing and rules may look at it
 * @flags: TCP's FIN, SYN, RST, ACK and URG, by which conntrack tells what opens a
 *	connection, what it picks up, and what it calls invalid; 0 of others
 * @zero: always zero
 * @word: all of that, to be compared
 */
struct pnicfw_denial_way {
	union {
		struct {
			u8 eth[2 * ETH_ALEN];
			struct pnicfw_vlan vlan;
			struct pnicfw_vlan inner;
			u32 mark;
			u32 priority;
			u8 dscp;
			u8 flags;
			u16 zero;
		};
		u64 word[4];
	};
};

/**
 * struct pnicfw_denial_case - what was denied, and by what
 * @key: the packet's key
 * @way: what else it looked like
 * @port: where it came in
 * @gen: generation when it did
 * @epoch: of the policy, from pnicfw_denial_epoch() before that was asked
 * @kills: the namespace's count of kills when it came in
 * @in: ifindex of @port's device, for those who come after it
 * @out: ifindex of the device that it would have left by; 0 where it did not get
 *	so far
 * @pref: the rule that denies, 0 where netfilter dropped it
 * @lasts: jiffies until tier 1 is asked again
 * @mtu: bytes from the network header on; what has more is tier 1's
 * @zone: conntrack zone
 * @why: PNICFW_REASON_RULE or PNICFW_REASON_NETFILTER
 * @bridged: a bridge chose the device, so that @kills counts
 */
struct pnicfw_denial_case {
	struct pnicfw_key key;
	struct pnicfw_denial_way way;
	struct pnicfw_port *port;
	u32 gen;
	u32 epoch;
	u32 kills;
	int in;
	int out;
	u32 pref;
	u32 lasts;
	u32 mtu;
	u16 zone;
	u8 why;
	bool bridged;
};

/**
 * struct pnicfw_denial - packets that tier 2 drops
 * @node: in the namespace's table, by key
 * @is: what is denied; its key, way and port never change
 * @until: jiffies (the low 32 bits) when tier 1 is to be asked again
 * @used: jiffies of the last packet that was dropped
 * @asked: a packet went to ask, and tier 1 has not denied it, not yet or not at all
 * @hot: one was dropped since the last eviction looked
 * @packets: how many tier 2 dropped
 * @bytes: their bytes, from the network header on
 * @id: names it to users
 * @refs: the table; the eswitch's list; who has pnicfw_denial_hold()
 * @clock: in the order of evictions (lock)
 * @gone: out of the table: nothing brings it back (lock)
 * @hw_node: on the list of the denial_hw room's worker, or, of one that is in the
 *	eswitch and is to stay there, on that of its table (lock)
 * @hw_packets: what the eswitch dropped, as far as it has said (lock)
 * @hw_bytes: likewise
 * @hw_retry: jiffies before which the eswitch is not asked again after a refusal
 * @hw_want: the eswitch should have it (lock)
 * @hw_have: it has it (lock; written by the worker only)
 * @hw_busy: the worker has it, or has it on its list (lock)
 * @hw_err: what the driver answered where it refused, positive; as @hw_retry and
 *	@hw_fails written by who has a claim on it (claim room)
 * @hw_fails: how often in a row it has
 * @hw_why: why the eswitch does not have it, enum pnicfw_reason
 * @rcu: hits are under RCU
 *
 * (lock) is that of &struct pnicfw_denials. The port outlives it: one that goes
 * away has its denials removed, from the eswitch, too, and waits for RCU.
 */
struct pnicfw_denial {
	struct rhlist_head node;
	struct pnicfw_denial_case is;
	u32 until;
	u32 used;
	bool asked;
	bool hot;
	atomic64_t packets;
	atomic64_t bytes;
	u32 id;
	refcount_t refs;
	struct list_head clock;
	bool gone;
	struct list_head hw_node;
	u64 hw_packets;
	u64 hw_bytes;
	u32 hw_retry;
	bool hw_want;
	bool hw_have;
	bool hw_busy;
	u8 hw_err;
	u8 hw_fails;
	u8 hw_why;
	struct rcu_head rcu;
};

/**
 * struct pnicfw_denials - the denials of a namespace
 * @table: &struct pnicfw_denial by key
 * @by_id: the same by id
 * @next_id: where the search for a free id goes on
 * @count: how many there are; written under @lock, read anywhere
 * @epoch: advances when the policy or a port changes
 * @lock: BH. Makes and unmakes denials, and protects what is marked so in them;
 *	inside are only the tables' own locks
 * @clock: the denials, the one to go next first
 * @round: ends those whose time is over, and hears of those in the eswitch
 * @hw_todo: those whose state in the eswitch is not what is wanted
 * @hw_stuck: those that the driver was told to let go of, and has not; they are as
 *	the worker's until it is told again
 * @hw_work: the denial_hw room's worker
 * @hw_yields: held by who has a denial in hand in the worker's place
 */
struct pnicfw_denials {
	struct rhltable table;
	struct xarray by_id;
	u32 next_id;
	u32 count;
	u32 epoch;
	spinlock_t lock;		/* denials come and go */
	struct list_head clock;
	struct delayed_work round;
	struct list_head hw_todo;
	struct list_head hw_stuck;
	struct work_struct hw_work;
	struct mutex hw_yields;		/* one gives up its place */
};

/**
 * pnicfw_denial_over - is a time over?
 * @until: when it is, jiffies (the low 32 bits)
 * @now: jiffies, likewise
 *
 * Return: whether it is.
 */
static inline bool pnicfw_denial_over(u32 until, u32 now)
{
	return (s32)(now - until) >= 0;
}

int pnicfw_denial_init(struct pnicfw_net *pn);
void pnicfw_denial_exit(struct pnicfw_net *pn);

/* What packets look like, and hits: denial_hit.c */
bool pnicfw_denial_look(const struct pnicfw_snapshot *snap,
			const struct pnicfw_packet *pkt,
			struct pnicfw_denial_way *way);
u32 pnicfw_denial_epoch(const struct pnicfw_net *pn);
bool pnicfw_denial_current(const struct pnicfw_net *pn,
			   const struct pnicfw_denial *denial);
bool pnicfw_denial_hit(const struct pnicfw_port *port,
		       const struct sk_buff *skb, struct pnicfw_vlan inner);

/* Beginnings and ends: denial.c */
struct pnicfw_denial *pnicfw_denial_find(struct pnicfw_net *pn,
					 const struct pnicfw_port *port,
					 const struct pnicfw_key *key,
					 const struct pnicfw_denial_way *way);
struct pnicfw_denial *pnicfw_denial_make(struct pnicfw_net *pn,
					 const struct pnicfw_denial_case *is,
					 bool known);
void pnicfw_denial_refute(struct pnicfw_net *pn, const struct nf_conn *ct);
void pnicfw_denial_end(struct pnicfw_net *pn, struct pnicfw_denial *denial,
		       enum pnicfw_reason why);
void pnicfw_denial_trim(struct pnicfw_net *pn);

/* What changes for many, and time: denial_round.c */
void pnicfw_denial_round_init(struct pnicfw_net *pn);
void pnicfw_denial_round_exit(struct pnicfw_net *pn);
void pnicfw_denial_round_start(struct pnicfw_net *pn);
void pnicfw_denial_round_soon(struct pnicfw_net *pn);
void pnicfw_denial_changed(struct pnicfw_net *pn);
void pnicfw_denial_settle(struct pnicfw_net *pn);
void pnicfw_denial_port_gone(const struct pnicfw_port *port);
void pnicfw_denial_port_off(const struct pnicfw_port *port);

struct pnicfw_denial *pnicfw_denial_next(struct pnicfw_net *pn,
					 unsigned long *id);
void pnicfw_denial_put(struct pnicfw_denial *denial);

#endif /* PNICFW_DENIAL_H */
