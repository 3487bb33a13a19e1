// SPDX-License-Identifier: GPL-2.0
/*
 * witness - a packet at both ends of its way through tier 1
 */
#include <linux/if_vlan.h>
#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <net/dst_metadata.h>
#include <net/ip6_route.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/route.h>

#include "key_parse.h"
#include "net.h"
#include "path.h"
#include "port.h"
#include "snapshot.h"
#include "witness.h"

/* Is the device of entry that the stack knows the port, or one on top of it? */
static bool witness_same_entry(const struct sk_buff *skb,
			       const struct net_device *entry)
{
	struct net_device *seen;

	if (skb->skb_iif == entry->ifindex)
		return true;
	seen = dev_get_by_index_rcu(dev_net(entry), skb->skb_iif);
	return seen && netdev_has_upper_dev_all_rcu((void *)entry, seen);
}

/**
 * pnicfw_witness_mtu - what tier 1 does not send more of in one piece
 * @skb: a packet that is about to leave, or would be
 *
 * Context: any.
 * Return: bytes from the network header on; of what is longer tier 1 makes several,
 * or drops it, perhaps with an answer.
 */
u32 pnicfw_witness_mtu(const struct sk_buff *skb)
{
	u32 mtu = READ_ONCE(skb->dev->mtu);

	return skb_valid_dst(skb) ? min(mtu, dst_mtu(skb_dst(skb))) : mtu;
}

/**
 * pnicfw_witness_match - is the snapshot this packet's?
 * @w: the packet; its direction, port of entry and what it was are filled in
 *	where it is
 * @ctinfo: what conntrack said of it
 *
 * Context: BH off, RCU.
 * Return: PNICFW_REASON_NONE, or why nothing can be learned from it.
 */
enum pnicfw_reason pnicfw_witness_match(struct pnicfw_witness *w,
					enum ip_conntrack_info ctinfo)
{
	const struct pnicfw_snapshot *snap = w->snap;
	struct pnicfw_key key;

	if (snap->pn != w->pn || nf_ct_net(w->ct) != w->pn->net ||
	    !pnicfw_snapshot_fresh(snap->when))
		return PNICFW_REASON_UNKNOWN_ORIGIN;
	w->in = pnicfw_port_find(w->pn, snap->ifindex);
	if (!w->in || READ_ONCE(w->in->dead) ||
	    (w->out && READ_ONCE(w->out->dead)))
		return PNICFW_REASON_PORT_GONE;
	if (!witness_same_entry(w->skb, w->in->dev))
		return PNICFW_REASON_UNKNOWN_ORIGIN;

	/* An ICMP error carries the entry of the connection it is about. */
	if (ctinfo == IP_CT_RELATED || ctinfo == IP_CT_RELATED_REPLY)
		return PNICFW_REASON_TUPLE;
	w->dir = CTINFO2DIR(ctinfo);
	if (!pnicfw_snapshot_parse(snap, &w->pkt) ||
	    pnicfw_key_from_tuple(nf_ct_tuple(w->ct, w->dir), &key) ||
	    !pnicfw_key_equal(&key, &w->pkt.key, pnicfw_key_ipv4(&key)))
		return PNICFW_REASON_TUPLE;
	return pnicfw_key_unicast(&key) ? PNICFW_REASON_NONE :
					  PNICFW_REASON_MULTICAST;
}

/* The link-layer header as it is now, a tag that is in the packet apart.
 * Return: its length, or 0 where there is none.
 */
static unsigned int witness_link_layer(struct pnicfw_witness *w,
				       struct pnicfw_vlan *inner)
{
	const struct sk_buff *skb = w->skb;
	const struct vlan_ethhdr *veth = (const void *)skb->data;

	memset(inner, 0, sizeof(*inner));
	if (skb_headlen(skb) < ETH_HLEN)
		return 0;
	memcpy(&w->eth, skb->data, ETH_HLEN);
	if (likely(!eth_type_vlan(w->eth.h_proto)))
		return ETH_HLEN;
	if (skb_headlen(skb) < VLAN_ETH_HLEN)
		return 0;
	inner->proto = w->eth.h_proto;
	inner->tci = ntohs(veth->h_vlan_TCI);
	w->eth.h_proto = veth->h_vlan_encapsulated_proto;
	return VLAN_ETH_HLEN;
}

/**
 * pnicfw_witness_compare - both looks, side by side
 * @w: the packet, matched; both looks at it are filled in
 *
 * Context: BH off.
 * Return: PNICFW_REASON_NONE, or why they cannot be compared.
 */
enum pnicfw_reason pnicfw_witness_compare(struct pnicfw_witness *w)
{
	const struct pnicfw_snapshot *snap = w->snap;
	unsigned int n = min_t(unsigned int, w->pkt.len, PNICFW_SIGHT_L3);
	const struct sk_buff *skb = w->skb;
	struct pnicfw_vlan inner;
	unsigned int nhoff = witness_link_layer(w, &inner);

	if (!nhoff || w->eth.h_proto != snap->eth.h_proto)
		return PNICFW_REASON_ENCAPSULATION;
	/* The device puts it into a tunnel that is named beside the bytes, or its
	 * route has a program that looks at each packet ("encap bpf").
	 */
	if (skb_dst(skb) && (!skb_valid_dst(skb) || skb_dst(skb)->lwtstate))
		return PNICFW_REASON_ENCAPSULATION;
	if (skb->len != nhoff + w->pkt.len ||
	    skb_copy_bits(skb, nhoff, w->l3, n))
		return PNICFW_REASON_LENGTH;

	w->before = (struct pnicfw_sight) {
		.eth = &snap->eth,
		.l3 = snap->l3,
		.l3_seen = n,
		.l3_len = w->pkt.len,
		.vlan = snap->vlan,
		.inner = snap->inner,
		.partial = snap->partial,
		.mark = snap->mark,
		.priority = snap->priority,
	};
	w->after = (struct pnicfw_sight) {
		.eth = &w->eth,
		.l3 = w->l3,
		.l3_seen = n,
		.l3_len = skb->len - nhoff,
		.vlan = pnicfw_snapshot_vlan(skb),
		.inner = inner,
		.partial = skb->ip_summed == CHECKSUM_PARTIAL,
		.mark = skb->mark,
		.priority = skb->priority,
	};
	return PNICFW_REASON_NONE;
}

/* The neighbour that the packet was sent to, where there was routing. */
static void witness_next_hop(const struct pnicfw_witness *w,
			     struct pnicfw_path_key *key)
{
	struct dst_entry *dst = skb_dst(w->skb);
	struct in6_addr daddr;
	struct rtable *rt;

	if (!skb_valid_dst(w->skb) || (dst->dev->flags & IFF_NOARP))
		return;

	if (dst->ops->family == AF_INET) {
		rt = container_of(dst, struct rtable, dst);
		key->nh_family = AF_INET;
		key->nh.ip = rt_nexthop(rt, ((struct iphdr *)w->l3)->daddr);
	} else {
		daddr = ((struct ipv6hdr *)w->l3)->daddr;
		key->nh_family = AF_INET6;
		key->nh.in6 = *rt6_nexthop(container_of(dst, struct rt6_info,
							dst), &daddr);
	}
	key->nh_ifindex = dst->dev->ifindex;
}

/**
 * pnicfw_witness_path - the way that the packet went
 * @w: the packet, compared
 * @act: what explains the difference
 * @key: filled in
 *
 * Context: BH off, RCU.
 */
void pnicfw_witness_path(const struct pnicfw_witness *w,
			 const struct pnicfw_action *act,
			 struct pnicfw_path_key *key)
{
	memset(key, 0, sizeof(*key));
	key->in = w->in;
	key->out = w->out;
	memcpy(key->eth, w->before.eth, sizeof(key->eth));
	key->vlan = w->before.vlan;
	key->inner = w->before.inner;
	key->dscp = w->pkt.dscp;
	key->mark = w->before.mark;
	key->priority = w->before.priority;
	key->mtu = pnicfw_witness_mtu(w->skb);
	key->act = *act;
	witness_next_hop(w, key);
}
