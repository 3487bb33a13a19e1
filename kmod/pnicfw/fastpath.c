// SPDX-License-Identifier: GPL-2.0
/*
 * fastpath - tier 2: hit, check, rewrite, transmit
 *
 * A packet leaves here only where tier 1 would have sent the very same. In any
 * doubt it goes on to tier 1, untouched.
 */
#include <linux/if_vlan.h>
#include <linux/netdevice.h>
#include <linux/netfilter.h>
#include <linux/netfilter_netdev.h>
#include <linux/skbuff.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/sock.h>

#include "action.h"
#include "admit.h"
#include "age.h"
#include "cache.h"
#include "compat.h"
#include "exact.h"
#include "fastpath.h"
#include "key_parse.h"
#include "miss.h"
#include "net.h"
#include "path.h"
#include "plain.h"
#include "port.h"
#include "record.h"

/* The longest headers that a key is read from: IPv6 and TCP. */
#define FASTPATH_HEADERS	60

/* What is found stays in registers: no function that is not inlined may get
 * @pkt's address.
 */
static __always_inline bool fastpath_parse(struct sk_buff *skb, bool ipv4,
					   struct pnicfw_vlan inner, bool others,
					   struct pnicfw_packet *pkt)
{
	unsigned int avail = skb_headlen(skb);

	/* Tracked already, or for a certain socket: not ours to shortcut. */
	if (skb->_nfct || skb_sk_is_prefetched(skb))
		return false;
	if (skb_mac_header(skb) + pnicfw_path_hlen(inner) != skb->data)
		return false;
	return ipv4 ? !pnicfw_key_parse_ipv4(skb->data, avail, skb->len, others,
					     pkt) :
		      !pnicfw_key_parse_ipv6(skb->data, avail, skb->len, others,
					     pkt);
}

static __always_inline const struct pnicfw_path *
fastpath_path(const struct pnicfw_dir *dir, const struct sk_buff *skb,
	      const struct pnicfw_packet *pkt, const struct pnicfw_port *port,
	      struct pnicfw_vlan inner)
{
	const struct pnicfw_path *path = rcu_dereference(dir->path);

	if (path && pnicfw_path_takes(path, skb, port, inner, pkt->dscp))
		return path;
	return NULL;
}

/* The direction a packet belongs to, if a first look finds it, and the way it came;
 * NULL where there is no record, or the way was not learned. Returns false where
 * others are to be looked at.
 */
static __always_inline bool
fastpath_first(const struct pnicfw_port *port, const struct sk_buff *skb,
	       const struct pnicfw_packet *pkt, bool ipv4,
	       struct pnicfw_vlan inner, struct pnicfw_dir **dir,
	       const struct pnicfw_path **path)
{
	*path = NULL;
	*dir = pnicfw_cache_first(port->pn, &pkt->key, ipv4);
	if (!*dir)
		return true;
	if (unlikely(!pnicfw_cache_is(*dir, &pkt->key, ipv4)))
		return false;
	*path = fastpath_path(*dir, skb, pkt, port, inner);
	return *path || !READ_ONCE(port->pn->twins);
}

/* The same, of all directions that have the packet's key: it may stand in several
 * conntrack zones, and the way the packet came tells which. Without a way learned,
 * any will do: it only tells that there is a record.
 */
static __always_inline void
fastpath_find(const struct pnicfw_port *port, const struct sk_buff *skb,
	      const struct pnicfw_packet *pkt, struct pnicfw_vlan inner,
	      struct pnicfw_dir **dir, const struct pnicfw_path **path)
{
	struct pnicfw_cache_at at;
	struct pnicfw_dir *any;

	*dir = NULL;
	*path = NULL;
	pnicfw_cache_for_each(any, &at, port->pn, &pkt->key) {
		*dir = any;
		*path = fastpath_path(any, skb, pkt, port, inner);
		if (*path)
			break;
	}
}

/* Does the cache answer for this packet? A record that is closing has no path
 * any more; a port that goes away kills the paths that use it.
 */
static __always_inline bool fastpath_may(const struct sk_buff *skb,
					 const struct pnicfw_packet *pkt,
					 const struct pnicfw_dir *dir,
					 const struct pnicfw_path *path)
{
	if (!dir->cacheable || pkt->hops <= path->key.act.ttl_dec ||
	    READ_ONCE(dir->ct->status) & IPS_DYING)
		return false;
	return likely(pkt->len <= path->fits) ||
	       pnicfw_exact(skb, pkt->len, dir, path);
}

/* As what a driver mostly hands up: nobody else's, sent by nobody here, as long as
 * its IP header says, and checked by the device? The room for the outgoing link
 * layer is then where the incoming one was.
 */
static __always_inline bool fastpath_plain(const struct sk_buff *skb,
					   const struct pnicfw_packet *pkt)
{
	return !skb_shared(skb) && !skb_cloned(skb) && !skb->destructor &&
	       skb->len == pkt->len &&
	       skb->ip_summed == CHECKSUM_UNNECESSARY;
}

/* What a packet of one direction leaves as is the inverse of what the other's
 * comes in as.
 */
static noinline void fastpath_nat(struct sk_buff *skb, unsigned int thoff,
				  const struct pnicfw_dir *dir)
{
	struct pnicfw_key to PNICFW_UNINITIALIZED;

	pnicfw_record_key_out(pnicfw_dir_record(dir), dir->index, &to);
	pnicfw_action_nat(skb->data, thoff, &to,
			  skb->ip_summed == CHECKSUM_PARTIAL);
}

/* As ip_rcv(), ip_forward() and the bridge do it. */
static __always_inline void fastpath_forward(struct sk_buff *skb,
					     const struct pnicfw_packet *pkt,
					     const struct pnicfw_dir *dir,
					     const struct pnicfw_action *act,
					     bool ipv4)
{
	skb_clear_tstamp(skb);
	pnicfw_action_ip(act, skb->data, pkt->dscp, ipv4);
	if (act->nat)
		fastpath_nat(skb, pkt->thoff, dir);
}

/* From the network header, which was set on the way in, back to the link layer's:
 * where the other one was.
 */
static __always_inline void
fastpath_link_layer(struct sk_buff *skb, const struct pnicfw_packet *pkt,
		    const struct pnicfw_action *act, bool ipv4)
{
	struct ethhdr *eth;

	skb_set_transport_header(skb, pkt->thoff);
	eth = __skb_push(skb, ETH_HLEN);
	memcpy(eth, &act->eth, sizeof(act->eth));
	eth->h_proto = ipv4 ? htons(ETH_P_IP) : htons(ETH_P_IPV6);
}

/* NULL where memory ran out, and the packet with it. */
static noinline struct sk_buff *fastpath_tag(struct sk_buff *skb,
					     const struct pnicfw_action *act)
{
	const struct pnicfw_vlan *vlan = &act->vlan, *inner = &act->inner;

	if (inner->proto) {
		skb = vlan_insert_tag_set_proto(skb, inner->proto, inner->tci);
		if (!skb)
			return NULL;
	}
	if (vlan->proto)
		__vlan_hwaccel_put_tag(skb, vlan->proto, vlan->tci);
	else
		__vlan_hwaccel_clear_tag(skb);
	return skb;
}

/* What a packet that was carried may be reason for, besides counting it. */
static noinline void fastpath_milestone(struct pnicfw_dir *dir, u64 carried)
{
	struct pnicfw_record *rec = pnicfw_dir_record(dir);

	if ((s64)carried < 0)
		pnicfw_age_sync(rec);
	if (carried >> PNICFW_CARRIED_SHIFT == READ_ONCE(dir->hw_after))
		pnicfw_admit_review(rec);
}

/* Counting comes before sending: nothing may be touched after. */
static __always_inline void fastpath_count(struct pnicfw_net *pn,
					   struct pnicfw_dir *dir, u32 len)
{
	u64 carried = atomic64_add_return(PNICFW_CARRIED_PACKET + len,
					  &dir->carried);
	u32 now = jiffies;

	if (READ_ONCE(dir->used) != now)
		WRITE_ONCE(dir->used, now);
	pnicfw_stats_inc(pn, cache_hits);
	if (unlikely((s64)carried < 0 || carried >> PNICFW_CARRIED_SHIFT ==
					 READ_ONCE(dir->hw_after)))
		fastpath_milestone(dir, carried);
}

/* Every egress hook of the device sees the packet. Ours would see one that has
 * no conntrack entry, and nothing to learn from: where it is the only one, the
 * way there is saved.
 */
static __always_inline void fastpath_skip_own_hook(struct sk_buff *skb)
{
	const struct nf_hook_entries *hooks;

	hooks = rcu_dereference(skb->dev->nf_hooks_egress);
	if (hooks && hooks->num_hook_entries == 1)
		nf_skip_egress(skb, true);
}

static __always_inline void fastpath_send(struct pnicfw_net *pn,
					  struct sk_buff *skb,
					  const struct pnicfw_packet *pkt,
					  struct pnicfw_dir *dir,
					  const struct pnicfw_path *path,
					  bool ipv4)
{
	const struct pnicfw_action *act = &path->key.act;

	fastpath_forward(skb, pkt, dir, act, ipv4);
	fastpath_link_layer(skb, pkt, act, ipv4);
	if (unlikely(path->tagged)) {
		skb = fastpath_tag(skb, act);
		if (!skb)
			return;
	}
	skb->mark = act->mark;
	skb->priority = act->priority;
	skb->dev = path->dev;
	fastpath_skip_own_hook(skb);

	fastpath_count(pn, dir, pkt->len);
	dev_queue_xmit(skb);
}

static unsigned int fastpath_all(struct pnicfw_port *port, struct sk_buff *skb,
				 struct pnicfw_vlan inner);
static unsigned int fastpath_unread(struct pnicfw_port *port,
				    struct sk_buff *skb);

/* Once with each value of @ipv4 built in, for the plain and frequent; and once
 * for all else.
 */
static __always_inline unsigned int fastpath_run(struct pnicfw_port *port,
						 struct sk_buff *skb, bool ipv4,
						 struct pnicfw_vlan inner,
						 bool all)
{
	struct pnicfw_packet pkt PNICFW_UNINITIALIZED;
	const struct pnicfw_path *path;
	struct pnicfw_dir *dir;
	struct sk_buff *plain;

	if (unlikely(!fastpath_parse(skb, ipv4, inner, all, &pkt)))
		return all ? NF_ACCEPT : fastpath_unread(port, skb);

	if (all)
		fastpath_find(port, skb, &pkt, inner, &dir, &path);
	else if (!fastpath_first(port, skb, &pkt, ipv4, inner, &dir, &path))
		return fastpath_all(port, skb, inner);
	if (unlikely(!path) || !fastpath_may(skb, &pkt, dir, path))
		return pnicfw_miss(port, skb, inner, dir, pkt.hops);

	if (all || unlikely(!fastpath_plain(skb, &pkt))) {
		plain = pnicfw_plain_make(skb, dir, pkt.thoff, pkt.hlen,
					  pkt.len);
		if (!plain)
			return pnicfw_miss(port, skb, inner, dir, pkt.hops);
		skb = plain;
		/* As ip_forward() does, and no bridge. */
		if (path->key.act.ttl_dec)
			skb_orphan(skb);
	}
	fastpath_send(port->pn, skb, &pkt, dir, path, ipv4);
	return NF_STOLEN;
}

static noinline unsigned int fastpath_ipv6(struct pnicfw_port *port,
					   struct sk_buff *skb)
{
	return fastpath_run(port, skb, false, (struct pnicfw_vlan){}, false);
}

static noinline unsigned int fastpath_all(struct pnicfw_port *port,
					  struct sk_buff *skb,
					  struct pnicfw_vlan inner)
{
	return fastpath_run(port, skb, skb->protocol == htons(ETH_P_IP), inner,
			    true);
}

/* What could not be read may have its headers in pieces, or be neither TCP nor
 * UDP.
 */
static noinline unsigned int fastpath_unread(struct pnicfw_port *port,
					     struct sk_buff *skb)
{
	unsigned int n = min_t(unsigned int, skb->len, FASTPATH_HEADERS);

	if (skb_headlen(skb) < n &&
	    (skb_shared(skb) || !__pskb_pull_tail(skb, n - skb_headlen(skb))))
		return NF_ACCEPT;
	return fastpath_all(port, skb, (struct pnicfw_vlan){});
}

/* The kernel takes one tag out of a packet and into its metadata; one more is
 * still there. It is put aside, and back again where tier 1 has the packet.
 */
static noinline unsigned int fastpath_tagged(struct pnicfw_port *port,
					     struct sk_buff *skb)
{
	unsigned int n = min_t(unsigned int, skb->len,
			       VLAN_HLEN + FASTPATH_HEADERS), verdict;
	const struct vlan_hdr *vh;
	struct pnicfw_vlan inner;

	if (skb_shared(skb) || n <= VLAN_HLEN || !pskb_may_pull(skb, n))
		return NF_ACCEPT;
	vh = (const void *)skb->data;
	if (vh->h_vlan_encapsulated_proto != htons(ETH_P_IP) &&
	    vh->h_vlan_encapsulated_proto != htons(ETH_P_IPV6))
		return NF_ACCEPT;
	inner.proto = skb->protocol;
	inner.tci = ntohs(vh->h_vlan_TCI);

	skb->protocol = vh->h_vlan_encapsulated_proto;
	skb_pull_rcsum(skb, VLAN_HLEN);
	skb_reset_network_header(skb);
	verdict = fastpath_all(port, skb, inner);
	if (verdict != NF_ACCEPT)
		return verdict;
	skb_push_rcsum(skb, VLAN_HLEN);
	skb_reset_network_header(skb);
	skb->protocol = inner.proto;
	return NF_ACCEPT;
}

/**
 * pnicfw_fastpath_ingress - carry a packet, or let tier 1 have it
 * @priv: the port
 * @skb: the packet, its data at the network header
 * @state: unused
 *
 * Context: softirq, RCU.
 * Return: NF_STOLEN where the packet was carried, NF_DROP where it is denied, else
 * NF_ACCEPT.
 */
unsigned int pnicfw_fastpath_ingress(void *priv, struct sk_buff *skb,
				     const struct nf_hook_state *state)
{
	struct pnicfw_port *port = priv;

	if (likely(skb->protocol == htons(ETH_P_IP)))
		return fastpath_run(port, skb, true, (struct pnicfw_vlan){},
				    false);
	if (skb->protocol == htons(ETH_P_IPV6))
		return fastpath_ipv6(port, skb);
	if (eth_type_vlan(skb->protocol))
		return fastpath_tagged(port, skb);
	return NF_ACCEPT;
}
