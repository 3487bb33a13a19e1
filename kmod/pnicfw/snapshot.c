// SPDX-License-Identifier: GPL-2.0
/*
 * snapshot - packets on their way through tier 1, as they came in
 */
#include <linux/hash.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/mm.h>
#include <linux/percpu.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include <net/ipv6.h>

#include "compat.h"
#include "key_parse.h"
#include "net.h"
#include "port.h"
#include "snapshot.h"

/* A NAPI poll hands up to 64 packets to the ingress hook before the first of
 * them moves on.
 */
#define SNAPSHOT_BITS	7

/* One CPU's snapshots, by hash of the skb's address; a newer one overwrites an
 * older.
 */
static DEFINE_PER_CPU(struct pnicfw_snapshot *, snapshot_slots);

/**
 * pnicfw_snapshot_exit - free the room for snapshots
 */
void pnicfw_snapshot_exit(void)
{
	int cpu;

	for_each_possible_cpu(cpu)
		kvfree(per_cpu(snapshot_slots, cpu));
}

/**
 * pnicfw_snapshot_init - make room for snapshots
 *
 * Return: 0 or -ENOMEM.
 */
int pnicfw_snapshot_init(void)
{
	struct pnicfw_snapshot *mine;
	int cpu;

	for_each_possible_cpu(cpu) {
		mine = kvzalloc_node(sizeof(*mine) << SNAPSHOT_BITS,
				     GFP_KERNEL, cpu_to_node(cpu));
		per_cpu(snapshot_slots, cpu) = mine;
		if (!mine) {
			pnicfw_snapshot_exit();
			return -ENOMEM;
		}
	}
	return 0;
}

static struct pnicfw_snapshot *snapshot_slot(const struct sk_buff *skb)
{
	return this_cpu_read(snapshot_slots) + hash_ptr(skb, SNAPSHOT_BITS);
}

/* Who carries a packet from ingress to egress. A process that has had it meanwhile,
 * by NFQUEUE for one, is another, and may want to see the next ones, too.
 */
static const struct task_struct *snapshot_task(void)
{
	return in_serving_softirq() ? NULL : current;
}

static bool snapshot_is(const struct pnicfw_snapshot *snap,
			const struct sk_buff *skb)
{
	return snap->skb == skb && snap->task == snapshot_task();
}

/* Words, as there are a few: cheaper than a call. False where not all of them
 * are within reach.
 */
static __always_inline bool snapshot_copy(struct pnicfw_snapshot *snap,
					  const struct sk_buff *skb)
{
	u64 *to = (u64 *)snap->l3;
	unsigned int i;

	if (unlikely(skb_headlen(skb) < snap->seen))
		return !skb_copy_bits(skb, 0, snap->l3, snap->seen);
	/* The last word may hold bytes that are the buffer's, and not the
	 * packet's: there is at least struct skb_shared_info behind.
	 */
	for (i = 0; i < snap->seen; i += sizeof(*to))
		*to++ = get_unaligned((const u64 *)(skb->data + i));
	return true;
}

/* As much headroom as drivers give. With less, the kernel may clone a packet on
 * its way (skb_expand_head()), and at another address it is not known again.
 */
#define SNAPSHOT_HEADROOM	NET_SKB_PAD

static void snapshot_settle(struct sk_buff *skb)
{
	if (unlikely(skb_headroom(skb) < SNAPSHOT_HEADROOM) &&
	    !skb_shared(skb))
		pskb_expand_head(skb, SNAPSHOT_HEADROOM, 0, GFP_ATOMIC);
}

/* No skb has such an address. */
static const struct sk_buff *snapshot_passed_mark(const struct sk_buff *skb)
{
	return (const struct sk_buff *)((unsigned long)skb | 1);
}

/**
 * pnicfw_snapshot_pass - a packet goes through tier 1 and is not to teach
 * @skb: the packet
 *
 * That it came in by a port is remembered all the same.
 *
 * Context: softirq.
 */
void pnicfw_snapshot_pass(const struct sk_buff *skb)
{
	struct pnicfw_snapshot *snap = snapshot_slot(skb);

	snap->skb = snapshot_passed_mark(skb);
	snap->when = jiffies;
}

/**
 * pnicfw_snapshot_take - remember a packet that goes through tier 1
 * @port: port it came in by
 * @skb: the packet, its data at the network header
 * @inner: the tag before that, which was put aside
 *
 * Of one that came by one of a device's many tunnels the bytes do not tell by
 * which, so nothing that comes by such a device is ever learned.
 *
 * Context: softirq, RCU.
 */
void pnicfw_snapshot_take(const struct pnicfw_port *port, struct sk_buff *skb,
			  struct pnicfw_vlan inner)
{
	struct pnicfw_snapshot *snap = snapshot_slot(skb);

	if (unlikely(skb_dst(skb))) {
		pnicfw_snapshot_pass(skb);
		return;
	}
	snapshot_settle(skb);
	snap->skb = skb;
	snap->pn = port->pn;
	snap->task = snapshot_task();
	snap->ifindex = port->dev->ifindex;
	snap->when = jiffies;
	snap->gen = pnicfw_net_gen(port->pn);
	snap->kills = READ_ONCE(port->pn->kills);
	snap->mark = skb->mark;
	snap->priority = skb->priority;
	snap->vlan = pnicfw_snapshot_vlan(skb);
	snap->inner = inner;
	snap->cloned = skb_cloned(skb);
	snap->copied = false;
	snap->len = skb->len;
	snap->partial = skb->ip_summed == CHECKSUM_PARTIAL;
	snap->seen = min_t(u32, skb->len, PNICFW_SIGHT_L3);
	snap->eth = *(const struct ethhdr *)skb_mac_header(skb);
	snap->eth.h_proto = skb->protocol;
	if (unlikely(!snapshot_copy(snap, skb)))
		snap->skb = NULL;
}

/**
 * pnicfw_snapshot_passed - is a packet without a snapshot one of those?
 * @skb: the packet
 *
 * It is told once.
 *
 * Context: BH off.
 * Return: whether it is.
 */
bool pnicfw_snapshot_passed(const struct sk_buff *skb)
{
	struct pnicfw_snapshot *snap = snapshot_slot(skb);

	if (snap->skb != snapshot_passed_mark(skb))
		return false;
	snap->skb = NULL;
	return pnicfw_snapshot_fresh(snap->when);
}

/* Does a packet look as another one came in?  Of what NAT leaves as it is. */
static bool snapshot_alike(const struct pnicfw_snapshot *snap,
			   const struct sk_buff *skb)
{
	const struct ipv6hdr *was6 = (const void *)snap->l3;
	const struct iphdr *was = (const void *)snap->l3;

	if (snap->eth.h_proto != skb->protocol)
		return false;
	if (skb->protocol == htons(ETH_P_IP))
		return was->id == ip_hdr(skb)->id &&
		       was->tot_len == ip_hdr(skb)->tot_len &&
		       was->protocol == ip_hdr(skb)->protocol;
	return was6->payload_len == ipv6_hdr(skb)->payload_len &&
	       was6->nexthdr == ipv6_hdr(skb)->nexthdr &&
	       ip6_flowlabel(was6) == ip6_flowlabel(ipv6_hdr(skb));
}

/**
 * pnicfw_snapshot_doubtful - may a packet be another one than its snapshot shows?
 * @snap: what pnicfw_snapshot_claim() found
 * @skb: the packet
 *
 * One that was dropped on its way leaves its snapshot, and its memory, which a copy
 * of the next one may get before that is too old. What is in a tag is not looked at.
 *
 * Context: BH off.
 * Return: whether it may.
 */
bool pnicfw_snapshot_doubtful(const struct pnicfw_snapshot *snap,
			      const struct sk_buff *skb)
{
	if (pnicfw_snapshot_cloned(snap, skb))
		return true;
	return snap->eth.h_proto == skb->protocol && !snapshot_alike(snap, skb);
}

/**
 * pnicfw_snapshot_copied - a copy leaves of a packet that is on its way here
 * @pn: the namespace
 * @copy: the copy, its data at the network header
 *
 * Nothing tells which one it was made of, and several may be on their way at once:
 * all that look like it are marked.
 *
 * Context: BH off.
 */
void pnicfw_snapshot_copied(const struct pnicfw_net *pn,
			    const struct sk_buff *copy)
{
	struct pnicfw_snapshot *snap = this_cpu_read(snapshot_slots);
	const struct pnicfw_snapshot *end = snap + BIT(SNAPSHOT_BITS);

	for (; snap < end; snap++)
		if (snap->pn == pn && pnicfw_snapshot_fresh(snap->when) &&
		    snapshot_alike(snap, copy))
			snap->copied = true;
}

/**
 * pnicfw_snapshot_parse - find out what a packet was as it came in
 * @snap: its snapshot
 * @pkt: filled in where it returns true
 *
 * Return: whether it is one that the cache may take.
 */
noinline bool pnicfw_snapshot_parse(const struct pnicfw_snapshot *snap,
				    struct pnicfw_packet *pkt)
{
	return !pnicfw_key_parse(snap->l3, snap->seen, snap->len,
				 snap->eth.h_proto, pkt);
}

/**
 * pnicfw_snapshot_peek - see a packet's snapshot, if it left one here
 * @skb: the packet
 *
 * Context: BH off.
 * Return: a snapshot of a packet at the same address, for others to claim
 * still; or NULL.
 */
const struct pnicfw_snapshot *pnicfw_snapshot_peek(const struct sk_buff *skb)
{
	const struct pnicfw_snapshot *snap = snapshot_slot(skb);

	return snapshot_is(snap, skb) ? snap : NULL;
}

/**
 * pnicfw_snapshot_claim - find a packet's snapshot, if it left one here
 * @skb: the packet
 *
 * Each can be claimed once.
 *
 * Context: BH off.
 * Return: a snapshot of a packet at the same address, good until the next one
 * is taken on this CPU; or NULL.
 */
struct pnicfw_snapshot *pnicfw_snapshot_claim(const struct sk_buff *skb)
{
	struct pnicfw_snapshot *snap = snapshot_slot(skb);

	if (!snapshot_is(snap, skb))
		return NULL;
	snap->skb = NULL;
	return snap;
}
