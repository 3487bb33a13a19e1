/* SPDX-License-Identifier: GPL-2.0 */
/*
 * policy - tier 1: the verdict on a connection, and the two independent
 * answers: may the cache process it, may the eswitch
 *
 * Only this room answers. Which rule does, the rules room finds.
 */
#ifndef PNICFW_POLICY_H
#define PNICFW_POLICY_H

#include <linux/minmax.h>
#include <linux/netfilter/nf_conntrack_tuple_common.h>
#include <linux/types.h>
#include <linux/pnicfw.h>
#include <net/netfilter/nf_conntrack.h>

struct pnicfw_net;
struct sk_buff;

/**
 * struct pnicfw_policy_way - the ports of a connection's original direction
 * @in: ifindex of the one it comes in at, 0 where nobody knows
 * @out: of the one it leaves by, likewise
 */
struct pnicfw_policy_way {
	int in;
	int out;
};

/**
 * struct pnicfw_answer - what tier 1 says about a connection
 * @cacheable: tier 2 may process it
 * @offloadable: tier 3 may process it
 * @cache_why: the reason for @cacheable
 * @hw_why: the reason for @offloadable
 * @detail: what belongs to the reason, such as a byte's position or a device
 * @gen: generation of an answer that a packet's way has taught, see
 *	pnicfw_policy_taught()
 * @hw_after: packets a direction has carried before the eswitch is asked
 * @pref: the rule that answered, 0 where none did
 * @basis: what else rules looked at and may change, see pnicfw_policy_basis()
 * @way: ports that rules looked at
 */
struct pnicfw_answer {
	bool cacheable;
	bool offloadable;
	u8 cache_why;
	u8 hw_why;
	u32 detail;
	u32 gen;
	u32 hw_after;
	u32 pref;
	u32 basis;
	struct pnicfw_policy_way way;
};

/**
 * pnicfw_policy_taught - does an answer rest on the way that a packet took?
 * @why: its reason
 *
 * Return: whether another way may lead to another answer.
 */
static inline bool pnicfw_policy_taught(enum pnicfw_reason why)
{
	switch (why) {
	case PNICFW_REASON_EGRESS_NOT_PORT:
	case PNICFW_REASON_CHANGE:
	case PNICFW_REASON_LENGTH:
	case PNICFW_REASON_ENCAPSULATION:
	case PNICFW_REASON_IPSEC:
	case PNICFW_REASON_IPVS:
	case PNICFW_REASON_UPPER:
		return true;
	default:
		return false;
	}
}

/**
 * pnicfw_policy_way - turn the ports of a packet's direction into a way, or those
 * of a way into a direction's
 * @dir: the direction
 * @in: ifindex of the port that it comes in at
 * @out: of the one that it leaves by
 *
 * Return: the same, turned round for the reply direction.
 */
static inline struct pnicfw_policy_way
pnicfw_policy_way(enum ip_conntrack_dir dir, int in, int out)
{
	struct pnicfw_policy_way way = { .in = in, .out = out };

	if (dir == IP_CT_DIR_REPLY)
		swap(way.in, way.out);
	return way;
}

/**
 * pnicfw_policy_owned - do a flow table or act_ct have a connection?
 * @ct: its conntrack entry
 *
 * Context: any.
 * Return: whether they do, and it is theirs.
 */
static inline bool pnicfw_policy_owned(const struct nf_conn *ct)
{
	return test_bit(IPS_OFFLOAD_BIT, &ct->status);
}

/**
 * pnicfw_policy_outdated - has a flow table or act_ct taken a connection over, or
 * let go of it, since the answer?
 * @ct: its conntrack entry
 * @answer: the answer
 *
 * Each connection is asked for in each round of the age room, so it is in here.
 *
 * Context: any.
 * Return: whether it has, and the answer may be another one now.
 */
static inline bool pnicfw_policy_outdated(const struct nf_conn *ct,
					  const struct pnicfw_answer *answer)
{
	if (answer->cache_why == PNICFW_REASON_OWNED)
		return !pnicfw_policy_owned(ct);
	return (answer->cacheable || answer->offloadable) &&
	       pnicfw_policy_owned(ct);
}

enum pnicfw_reason pnicfw_policy_ripe(const struct nf_conn *ct);
enum pnicfw_verdict pnicfw_policy_classify(const struct pnicfw_net *pn,
					   const struct nf_conn *ct,
					   const struct sk_buff *skb,
					   const struct pnicfw_policy_way *way,
					   struct pnicfw_answer *answer);
enum pnicfw_verdict pnicfw_policy_again(const struct pnicfw_net *pn,
					const struct nf_conn *ct,
					const struct pnicfw_policy_way *way,
					const struct pnicfw_answer *old,
					struct pnicfw_answer *answer);
enum pnicfw_reason pnicfw_policy_taken(const struct nf_conn *ct,
				       const struct sk_buff *skb);
u32 pnicfw_policy_denies(const struct pnicfw_net *pn, const struct nf_conn *ct,
			 enum ip_conntrack_dir dir,
			 const struct pnicfw_policy_way *way);
u32 pnicfw_policy_basis(const struct pnicfw_net *pn, const struct nf_conn *ct);

#endif /* PNICFW_POLICY_H */
