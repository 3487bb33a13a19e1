// SPDX-License-Identifier: GPL-2.0
/*
 * denial_hit - what packets look like, and which of them a denial drops
 */
#include <linux/jiffies.h>
#include <net/tcp.h>

#include "denial.h"
#include "denial_hw.h"
#include "key_parse.h"
#include "net.h"
#include "port.h"
#include "snapshot.h"

/* What a packet looks like ****************************************************/

/* Tier 1 answers a packet that may hop no further, and SCTP's chunks, which it
 * treats differently, are not told apart here.
 */
static bool denial_look_inside(const u8 *l3, const struct pnicfw_packet *pkt,
			       struct pnicfw_denial_way *way)
{
	u8 hops = pnicfw_key_ipv4(&pkt->key) ?
		  ((const struct iphdr *)l3)->ttl :
		  ((const struct ipv6hdr *)l3)->hop_limit;

	way->dscp = pkt->dscp;
	way->flags = 0;
	way->zero = 0;
	if (pkt->key.protocol == IPPROTO_TCP)
		way->flags = tcp_flag_byte((const struct tcphdr *)
					   (l3 + pkt->thoff)) &
			     (TCPHDR_FIN | TCPHDR_SYN | TCPHDR_RST |
			      TCPHDR_ACK | TCPHDR_URG);
	return hops > 1 && pkt->key.protocol != IPPROTO_SCTP;
}

/**
 * pnicfw_denial_look - what a packet looked like as it came in
 * @snap: its snapshot
 * @pkt: the same, parsed
 * @way: filled in
 *
 * Return: whether there may be a denial of such packets.
 */
bool pnicfw_denial_look(const struct pnicfw_snapshot *snap,
			const struct pnicfw_packet *pkt,
			struct pnicfw_denial_way *way)
{
	memcpy(way->eth, &snap->eth, sizeof(way->eth));
	way->vlan = snap->vlan;
	way->inner = snap->inner;
	way->mark = snap->mark;
	way->priority = snap->priority;
	return denial_look_inside(snap->l3, pkt, way);
}

static bool denial_look_now(const struct sk_buff *skb,
			    const struct pnicfw_packet *pkt,
			    struct pnicfw_vlan inner,
			    struct pnicfw_denial_way *way)
{
	memcpy(way->eth, skb_mac_header(skb), sizeof(way->eth));
	way->vlan = pnicfw_snapshot_vlan(skb);
	way->inner = inner;
	way->mark = skb->mark;
	way->priority = skb->priority;
	return denial_look_inside(skb->data, pkt, way);
}

/**
 * pnicfw_denial_epoch - the policy's epoch, before it is asked
 * @pn: the namespace
 *
 * Return: it; it wraps around, so compare it for equality only.
 */
u32 pnicfw_denial_epoch(const struct pnicfw_net *pn)
{
	/* Before the rules are read: pairs with pnicfw_denial_changed(). */
	return smp_load_acquire(&pn->denials.epoch);
}

/**
 * pnicfw_denial_current - does a denial rest on what is true now?
 * @pn: the namespace
 * @denial: the denial
 *
 * Context: any.
 * Return: whether it does.
 */
bool pnicfw_denial_current(const struct pnicfw_net *pn,
			   const struct pnicfw_denial *denial)
{
	const struct pnicfw_denial_case *is = &denial->is;

	return READ_ONCE(is->gen) == pnicfw_net_gen(pn) &&
	       READ_ONCE(is->epoch) == READ_ONCE(pn->denials.epoch) &&
	       (!is->bridged || READ_ONCE(is->kills) == READ_ONCE(pn->kills));
}

/* Is this the packet that asks tier 1 again?  If the one that asked before was not
 * denied, the denial is over: what tier 1 keeps for this machine itself leaves by no
 * port that would tell.
 */
static bool denial_asks(struct pnicfw_net *pn, struct pnicfw_denial *denial)
{
	/* Who sees that it was asked sees until when, too. */
	bool asked = smp_load_acquire(&denial->asked);
	u32 until = READ_ONCE(denial->until), now = jiffies;

	if (likely(!pnicfw_denial_over(until, now)))
		return false;
	if (asked) {
		pnicfw_denial_end(pn, denial, PNICFW_REASON_REFUTED);
		return true;
	}
	if (cmpxchg(&denial->until, until, now + PNICFW_DENIAL_ASKS) != until)
		return false;
	/* Pairs with the load above. */
	smp_store_release(&denial->asked, true);
	return true;
}

static void denial_count(struct pnicfw_net *pn, struct pnicfw_denial *denial,
			 u32 len)
{
	u64 packets = atomic64_inc_return(&denial->packets);
	u32 now = jiffies;

	atomic64_add(len, &denial->bytes);
	if (!READ_ONCE(denial->hot))
		WRITE_ONCE(denial->hot, true);
	if (READ_ONCE(denial->used) != now)
		WRITE_ONCE(denial->used, now);
	pnicfw_stats_inc(pn, denied_hits);
	if (packets == READ_ONCE(pn->params.hw_after))
		pnicfw_denial_hw_review(pn, denial);
}

/**
 * pnicfw_denial_hit - has tier 1 denied packets like this one?
 * @port: the port it came in by
 * @skb: the packet, its data at the network header; there is no record of its key
 * @inner: the tag before that, which was put aside
 *
 * Worth a call only where there are denials. A checksum is not looked at: what has
 * a wrong one conntrack calls invalid, and nobody can use.
 *
 * Context: softirq, RCU.
 * Return: whether it is to be dropped.
 */
bool pnicfw_denial_hit(const struct pnicfw_port *port,
		       const struct sk_buff *skb, struct pnicfw_vlan inner)
{
	struct pnicfw_net *pn = port->pn;
	struct pnicfw_denial_way way;
	struct pnicfw_denial *denial;
	struct pnicfw_packet pkt;

	if (pnicfw_key_parse(skb->data, skb_headlen(skb), skb->len,
			     skb->protocol, &pkt) ||
	    !denial_look_now(skb, &pkt, inner, &way))
		return false;
	denial = pnicfw_denial_find(pn, port, &pkt.key, &way);
	if (!denial || !pnicfw_denial_current(pn, denial) ||
	    skb->len > READ_ONCE(denial->is.mtu) || denial_asks(pn, denial))
		return false;
	denial_count(pn, denial, pkt.len);
	return true;
}
