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
#include "cache.h"
#include "compat.h"
#include "conntrack.h"
#include "fastpath.h"
#include "key.h"
#include "net.h"
#include "path.h"
#include "port.h"
#include "record.h"
#include "snapshot.h"

/* The longest headers that a key is read from: IPv6 and TCP. */
#define FASTPATH_HEADERS	60

static bool fastpath_parse(struct sk_buff *skb, struct pnicfw_packet *pkt)
{
	unsigned int n = min_t(unsigned int, skb->len, FASTPATH_HEADERS);

	if (skb->protocol != htons(ETH_P_IP) &&
	    skb->protocol != htons(ETH_P_IPV6))
		return false;

	/* Tracked already, or for a certain socket: not ours to shortcut. */
	if (skb->_nfct || skb_sk_is_prefetched(skb) ||
	    skb_mac_header_len(skb) != ETH_HLEN)
		return false;
	if (!pskb_may_pull(skb, n))
		return false;
	return !pnicfw_key_parse(skb->data, n, skb->len, skb->protocol, pkt);
}

/* Did the packet come the way that @path was learned on? */
static bool fastpath_on_path(const struct sk_buff *skb,
			     const struct pnicfw_packet *pkt,
			     const struct pnicfw_port *port,
			     const struct pnicfw_path *path)
{
	const struct pnicfw_vlan *vlan = &path->key.vlan;

	if (path->key.in != port || path->key.dscp != pkt->dscp ||
	    path->key.mark != skb->mark ||
	    path->key.priority != skb->priority ||
	    memcmp(path->key.eth, skb_mac_header(skb), sizeof(path->key.eth)))
		return false;
	if (skb_vlan_tag_present(skb))
		return vlan->proto == skb->vlan_proto &&
		       vlan->tci == skb_vlan_tag_get(skb);
	return !vlan->proto;
}

/* The direction a packet belongs to. One key may stand in several conntrack
 * zones: the way it came tells which. Without a way learned, any will do: it
 * only tells that there is a record.
 */
static struct pnicfw_dir *fastpath_find(const struct pnicfw_port *port,
					const struct sk_buff *skb,
					const struct pnicfw_packet *pkt,
					const struct pnicfw_path **way)
{
	struct rhlist_head *list, *pos;
	const struct pnicfw_path *path;
	struct pnicfw_dir *dir, *any = NULL;

	*way = NULL;
	list = pnicfw_cache_lookup(port->pn, &pkt->key);
	rhl_for_each_entry_rcu(dir, pos, list, node) {
		path = rcu_dereference(dir->path);
		if (path && fastpath_on_path(skb, pkt, port, path)) {
			*way = path;
			return dir;
		}
		any = dir;
	}
	return any;
}

/* What the slow path would answer with ICMP, or drop, it must see. */
static bool fastpath_fits(const struct sk_buff *skb,
			  const struct pnicfw_packet *pkt, u32 mtu)
{
	if (pkt->len <= mtu)
		return true;
	return skb_is_gso(skb) && skb_gso_validate_network_len(skb, mtu);
}

/* Conntrack calls a packet with a wrong transport checksum invalid. Mostly the
 * device has checked it already.
 */
static bool fastpath_intact(const struct pnicfw_port *port, struct sk_buff *skb,
			    const struct pnicfw_packet *pkt)
{
	u8 pf = pkt->key.family;

	if (likely(skb_csum_unnecessary(skb)))
		return true;
	if (pkt->key.protocol == IPPROTO_UDP &&
	    !((const struct udphdr *)(skb->data + pkt->thoff))->check)
		return pf == NFPROTO_IPV4;
	if (!READ_ONCE(port->pn->net->ct.sysctl_checksum))
		return true;
	/* Ethernet padding is no part of what the checksum covers. */
	if (skb->len != pkt->len)
		return false;
	return !nf_checksum(skb, NF_INET_PRE_ROUTING, pkt->thoff,
			    pkt->key.protocol, pf);
}

/* Does the cache answer for this packet? */
static bool fastpath_may(const struct pnicfw_port *port, struct sk_buff *skb,
			 const struct pnicfw_packet *pkt,
			 const struct pnicfw_dir *dir,
			 const struct pnicfw_path *path,
			 const struct pnicfw_record *rec)
{
	return READ_ONCE(dir->gen) == pnicfw_net_gen(port->pn) &&
	       !READ_ONCE(path->dead) &&
	       !READ_ONCE(path->key.out->dead) &&
	       rec->answer.cacheable &&
	       !READ_ONCE(rec->closing) &&
	       !pkt->tcp_end &&
	       pkt->ttl > path->key.act.ttl_dec &&
	       !nf_ct_is_dying(rec->ct) &&
	       fastpath_fits(skb, pkt, path->key.mtu) &&
	       fastpath_intact(port, skb, pkt);
}

/* A buffer of our own with headers that may be written, and room for the
 * outgoing link layer. NULL, and @skb as it was, where memory ran out.
 */
static struct sk_buff *fastpath_own(struct sk_buff *skb,
				    const struct pnicfw_packet *pkt,
				    const struct net_device *out)
{
	struct sk_buff *own = skb;

	if (skb_shared(skb)) {
		own = skb_clone(skb, GFP_ATOMIC);
		if (!own)
			return NULL;
	}
	if (skb_cow_head(own, LL_RESERVED_SPACE(out)) ||
	    (skb_cloned(own) && skb_ensure_writable(own, pkt->hlen)) ||
	    (own->len > pkt->len && pskb_trim_rcsum(own, pkt->len))) {
		if (own != skb)
			kfree_skb(own);
		return NULL;
	}
	if (own != skb)
		consume_skb(skb);
	return own;
}

static void fastpath_link_layer(struct sk_buff *skb,
				const struct pnicfw_packet *pkt,
				const struct pnicfw_action *act)
{
	struct ethhdr *eth;

	skb_reset_network_header(skb);
	skb_set_transport_header(skb, pkt->thoff);
	eth = skb_push(skb, ETH_HLEN);
	skb_reset_mac_header(skb);
	skb_reset_mac_len(skb);
	memcpy(eth, &act->eth, sizeof(act->eth));
	eth->h_proto = skb->protocol;

	if (act->vlan.proto)
		__vlan_hwaccel_put_tag(skb, act->vlan.proto, act->vlan.tci);
	else
		__vlan_hwaccel_clear_tag(skb);
}

/* Counting comes before sending: nothing may be touched after. */
static void fastpath_count(struct pnicfw_net *pn, struct pnicfw_dir *dir,
			   struct pnicfw_record *rec, u32 len)
{
	u64 packets = atomic64_inc_return(&dir->packets);
	u32 now = jiffies;

	atomic64_add(len, &dir->bytes);
	if (READ_ONCE(dir->used) != now)
		WRITE_ONCE(dir->used, now);
	pnicfw_stats_inc(pn, cache_hits);
	if (unlikely(packets == rec->answer.hw_after))
		pnicfw_admit_review(rec);
}

/* What a packet of one direction leaves as is the inverse of what the other's
 * comes in as.
 */
static noinline void fastpath_nat(struct sk_buff *skb,
				  const struct pnicfw_packet *pkt,
				  const struct pnicfw_dir *other)
{
	struct pnicfw_key to PNICFW_UNINITIALIZED;

	pnicfw_key_invert(&other->key, &to);
	pnicfw_action_nat(skb->data, pkt, &to,
			  skb->ip_summed == CHECKSUM_PARTIAL);
}

/* Every egress hook of the device sees the packet. Ours would see one that has
 * no conntrack entry, and nothing to learn from: where it is the only one, the
 * way there is saved.
 */
static void fastpath_skip_own_hook(struct sk_buff *skb)
{
	const struct nf_hook_entries *hooks;

	hooks = rcu_dereference(skb->dev->nf_hooks_egress);
	if (hooks && hooks->num_hook_entries == 1)
		nf_skip_egress(skb, true);
}

static void fastpath_send(struct pnicfw_net *pn, struct sk_buff *skb,
			  const struct pnicfw_packet *pkt,
			  struct pnicfw_dir *dir,
			  const struct pnicfw_path *path)
{
	const struct pnicfw_action *act = &path->key.act;
	struct pnicfw_record *rec = pnicfw_dir_record(dir);

	/* As ip_rcv(), ip_forward() and the bridge do it. */
	if (act->ttl_dec)
		skb_orphan(skb);
	skb_forward_csum(skb);
	skb_clear_tstamp(skb);

	pnicfw_action_ip(act, skb->data, pkt);
	if (act->nat)
		fastpath_nat(skb, pkt, &rec->dir[!dir->index]);
	fastpath_link_layer(skb, pkt, act);
	skb->mark = act->mark;
	skb->priority = act->priority;
	skb->dev = path->key.out->dev;
	fastpath_skip_own_hook(skb);

	fastpath_count(pn, dir, rec, pkt->len);
	dev_queue_xmit(skb);
}

/**
 * pnicfw_fastpath_ingress - carry a packet, or let tier 1 have it
 * @priv: the port
 * @skb: the packet, its data at the network header
 * @state: unused
 *
 * Context: softirq, RCU.
 * Return: NF_STOLEN where the packet was carried, else NF_ACCEPT.
 */
unsigned int pnicfw_fastpath_ingress(void *priv, struct sk_buff *skb,
				     const struct nf_hook_state *state)
{
	const struct pnicfw_path *path;
	struct pnicfw_port *port = priv;
	struct pnicfw_record *rec;
	struct pnicfw_packet pkt PNICFW_UNINITIALIZED;
	struct pnicfw_dir *dir;
	struct sk_buff *own;

	if (!fastpath_parse(skb, &pkt))
		return NF_ACCEPT;

	dir = fastpath_find(port, skb, &pkt, &path);
	if (dir) {
		rec = pnicfw_dir_record(dir);
		if (path && fastpath_may(port, skb, &pkt, dir, path, rec)) {
			own = fastpath_own(skb, &pkt, path->key.out->dev);
			if (own) {
				fastpath_send(port->pn, own, &pkt, dir, path);
				return NF_STOLEN;
			}
		}
		/* Conntrack sees this one, after some that it has not. */
		if (pnicfw_record_bypassed(rec))
			pnicfw_ct_return(rec->ct);
	}

	pnicfw_stats_inc(port->pn, cache_misses);
	if (!dir || rec->answer.cacheable || rec->answer.offloadable)
		pnicfw_snapshot_take(port, skb, &pkt);
	return NF_ACCEPT;
}
