// SPDX-License-Identifier: GPL-2.0
/*
 * stray - connections that come in by a port and leave where the observe room
 * does not see them, or are of a protocol that it does not know
 *
 * Postrouting is where every routed packet passes that has been allowed, and
 * where it is known by which device it leaves.
 */
#include <linux/if_macvlan.h>
#include <linux/if_vlan.h>
#include <linux/ipv6.h>
#include <linux/netdevice.h>
#include <linux/netfilter.h>
#include <net/netfilter/nf_conntrack.h>

#include "cache.h"
#include "deny.h"
#include "net.h"
#include "policy.h"
#include "port.h"
#include "record.h"
#include "snapshot.h"
#include "stray.h"

/* Devices that hand on to those below them what they are given, as it is. A
 * tunnel, for one, does not.
 */
static bool stray_hands_on(const struct net_device *dev)
{
	return is_vlan_dev(dev) || netif_is_macvlan(dev) ||
	       netif_is_lag_master(dev) || netif_is_bridge_master(dev) ||
	       netif_is_l3_master(dev) || netif_is_ovs_master(dev);
}

/* May what leaves by a device come to one of the ports? */
static bool stray_reaches_port(struct pnicfw_net *pn, struct net_device *dev)
{
	struct pnicfw_port *port;
	unsigned long ifindex;

	if (pnicfw_port_find(pn, dev->ifindex))
		return true;
	if (!stray_hands_on(dev))
		return false;
	xa_for_each(&pn->ports, ifindex, port)
		if (netdev_has_upper_dev_all_rcu(port->dev, dev))
			return true;
	return false;
}

static void stray_record(struct pnicfw_net *pn, struct nf_conn *ct, u32 gen,
			 enum pnicfw_reason why, u32 detail,
			 struct pnicfw_policy_way way)
{
	const struct pnicfw_answer answer = {
		.cache_why = why,
		.hw_why = why,
		.detail = detail,
		.gen = gen,
		.basis = pnicfw_policy_basis(pn, ct),
		.way = way,
	};

	if (!pnicfw_policy_ripe(ct) && !pnicfw_cache_record(pn, ct))
		pnicfw_record_create(pn, ct, &answer);
}

/* A packet that the ingress hook knew is on its way to where it is not seen
 * any more.
 */
static void stray_known(struct pnicfw_net *pn, const struct sk_buff *skb,
			struct nf_conn *ct, enum ip_conntrack_info ctinfo,
			struct net_device *out)
{
	const struct pnicfw_snapshot *snap = pnicfw_snapshot_peek(skb);
	struct pnicfw_packet pkt;
	struct pnicfw_key key;

	if (!snap || snap->pn != pn || ctinfo == IP_CT_RELATED ||
	    ctinfo == IP_CT_RELATED_REPLY || stray_reaches_port(pn, out))
		return;
	if (pnicfw_key_from_tuple(nf_ct_tuple(ct, CTINFO2DIR(ctinfo)), &key) ||
	    !pnicfw_snapshot_parse(snap, &pkt) ||
	    !pnicfw_key_equal(&key, &pkt.key, pnicfw_key_ipv4(&key)))
		return;
	stray_record(pn, ct, snap->gen, PNICFW_REASON_EGRESS_NOT_PORT,
		     out->ifindex,
		     pnicfw_policy_way(CTINFO2DIR(ctinfo), snap->ifindex,
				       out->ifindex));
	pnicfw_stats_inc(pn, not_learned[PNICFW_REASON_EGRESS_NOT_PORT]);
}

static noinline void stray_look(struct pnicfw_net *pn, const struct sk_buff *skb,
				struct nf_conn *ct, enum ip_conntrack_info ctinfo,
				struct net_device *out)
{
	struct pnicfw_key key;

	if (!pnicfw_key_from_tuple(nf_ct_tuple(ct, 0), &key)) {
		stray_known(pn, skb, ct, ctinfo, out);
	} else if (pnicfw_port_find(pn, skb->skb_iif)) {
		stray_record(pn, ct, pnicfw_net_gen(pn),
			     PNICFW_REASON_PROTOCOL, 0,
			     pnicfw_policy_way(CTINFO2DIR(ctinfo),
					       skb->skb_iif, out->ifindex));
		pnicfw_stats_inc(pn, not_learned[PNICFW_REASON_PROTOCOL]);
	}
}

/* Fragments that IPv6 makes of a packet, if it came in as some, may forget where. */
static bool stray_forgets(const struct sk_buff *skb)
{
	return skb->protocol == htons(ETH_P_IPV6) && IP6CB(skb)->frag_max_size;
}

/* What leaves by a port is looked at there, bridged or routed. */
static bool stray_denied(struct pnicfw_net *pn, struct sk_buff *skb,
			 struct net_device *out)
{
	const struct pnicfw_snapshot *snap;
	bool denied = false;

	local_bh_disable();
	snap = pnicfw_snapshot_peek(skb);
	if (((snap && snap->pn == pn) || pnicfw_port_find(pn, skb->skb_iif)) &&
	    (!stray_reaches_port(pn, out) || stray_forgets(skb)))
		denied = pnicfw_deny_packet(pn, skb, out);
	local_bh_enable();
	return denied;
}

/**
 * pnicfw_stray_postrouting - look for strays
 * @priv: the namespace
 * @skb: a packet that is about to leave
 * @state: the device that it leaves by
 *
 * Most are of a common protocol and leave by a port, or are the first packet of
 * a connection that there is nothing to say about yet.
 *
 * Context: RCU. Who gives a packet back that was queued for user space has BHs on.
 * Return: NF_ACCEPT, or NF_DROP where the policy denies the connection.
 */
unsigned int pnicfw_stray_postrouting(void *priv, struct sk_buff *skb,
				      const struct nf_hook_state *state)
{
	enum ip_conntrack_info ctinfo;
	struct pnicfw_net *pn = priv;
	struct nf_conn *ct;
	u8 protocol;

	if (unlikely(READ_ONCE(pn->rules.denies)) &&
	    stray_denied(pn, skb, state->out))
		return NF_DROP;
	ct = nf_ct_get(skb, &ctinfo);
	if (!ct || !test_bit(IPS_SEEN_REPLY_BIT, &ct->status) || !skb->skb_iif)
		return NF_ACCEPT;
	protocol = nf_ct_protonum(ct);
	if ((protocol != IPPROTO_TCP && protocol != IPPROTO_UDP) ||
	    !pnicfw_port_find(pn, state->out->ifindex)) {
		local_bh_disable();
		stray_look(pn, skb, ct, ctinfo, state->out);
		local_bh_enable();
	}
	return NF_ACCEPT;
}
