/* SPDX-License-Identifier: GPL-2.0 */
/*
 * snapshot - packets on their way through tier 1, as they came in
 *
 * Nothing ties a packet at egress to the one that came in but its address in
 * memory, and freed addresses are used again. So a snapshot that is found is
 * only a claim, which the observe room examines.
 */
#ifndef PNICFW_SNAPSHOT_H
#define PNICFW_SNAPSHOT_H

#include <linux/if_ether.h>
#include <linux/if_vlan.h>
#include <linux/jiffies.h>
#include <linux/skbuff.h>

#include "action.h"
#include "key.h"

struct pnicfw_net;
struct pnicfw_port;

/* For how long a snapshot is a claim at all, milliseconds: longer than a packet
 * takes, even where the processor is taken away from this machine meanwhile, or
 * an interrupt comes.
 */
#define PNICFW_SNAPSHOT_LASTS	20

/**
 * struct pnicfw_snapshot - a packet as it came in
 * @skb: which one, as a number: never followed; with the lowest bit set, one
 *	that left nothing else
 * @pn: the namespace, likewise
 * @task: the process that carries it, likewise; NULL in a softirq
 * @ifindex: device of the port it came in by
 * @when: jiffies (the low 32 bits)
 * @gen: generation at that moment: a packet judged by old rules must not teach
 *	a new generation
 * @kills: count of events that killed paths at that moment, likewise
 * @mark: skb->mark
 * @priority: skb->priority
 * @vlan: tag in metadata
 * @inner: tag in the packet, which was put aside
 * @len: bytes from the network header on, Ethernet padding included
 * @partial: CHECKSUM_PARTIAL
 * @cloned: somebody else has a copy
 * @copied: one has left this machine since
 * @seen: bytes of @l3 that there are
 * @eth: Ethernet header, with the type of what follows all tags
 * @l3: first bytes from the network header on
 *
 * Most packets that come this way are the first of their connections, and
 * teach nothing: what can be told from the bytes is found out later.
 */
struct pnicfw_snapshot {
	const struct sk_buff *skb;
	const struct pnicfw_net *pn;
	const struct task_struct *task;
	int ifindex;
	u32 when;
	u32 gen;
	u32 kills;
	u32 mark;
	u32 priority;
	struct pnicfw_vlan vlan;
	struct pnicfw_vlan inner;
	u32 len;
	bool partial;
	bool cloned;
	bool copied;
	u8 seen;
	struct ethhdr eth;
	u8 l3[PNICFW_SIGHT_L3] __aligned(8);
};

/**
 * pnicfw_snapshot_vlan - the tag in a packet's metadata
 * @skb: the packet
 *
 * Return: the tag; no protocol where there is none.
 */
static inline struct pnicfw_vlan pnicfw_snapshot_vlan(const struct sk_buff *skb)
{
	struct pnicfw_vlan vlan = {};

	if (skb_vlan_tag_present(skb)) {
		vlan.proto = skb->vlan_proto;
		vlan.tci = skb_vlan_tag_get(skb);
	}
	return vlan;
}

/**
 * pnicfw_snapshot_fresh - may what left a trace still be on its way?
 * @when: jiffies (the low 32 bits) when it did
 *
 * Return: whether it may.
 */
static inline bool pnicfw_snapshot_fresh(u32 when)
{
	return (u32)jiffies - when <= msecs_to_jiffies(PNICFW_SNAPSHOT_LASTS);
}

/**
 * pnicfw_snapshot_cloned - has a packet been cloned since it came in?
 * @snap: its snapshot
 * @skb: the packet, or its clone
 *
 * Return: whether it has, and both are still there.
 */
static inline bool pnicfw_snapshot_cloned(const struct pnicfw_snapshot *snap,
					  const struct sk_buff *skb)
{
	return skb_cloned(skb) && !snap->cloned;
}

int pnicfw_snapshot_init(void);
void pnicfw_snapshot_exit(void);
void pnicfw_snapshot_take(const struct pnicfw_port *port, struct sk_buff *skb,
			  struct pnicfw_vlan inner);
void pnicfw_snapshot_pass(const struct sk_buff *skb);
bool pnicfw_snapshot_passed(const struct sk_buff *skb);
bool pnicfw_snapshot_doubtful(const struct pnicfw_snapshot *snap,
			      const struct sk_buff *skb);
void pnicfw_snapshot_copied(const struct pnicfw_net *pn,
			    const struct sk_buff *copy);
bool pnicfw_snapshot_parse(const struct pnicfw_snapshot *snap,
			   struct pnicfw_packet *pkt);
const struct pnicfw_snapshot *pnicfw_snapshot_peek(const struct sk_buff *skb);
struct pnicfw_snapshot *pnicfw_snapshot_claim(const struct sk_buff *skb);

#endif /* PNICFW_SNAPSHOT_H */
