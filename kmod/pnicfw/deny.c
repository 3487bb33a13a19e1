// SPDX-License-Identifier: GPL-2.0
/*
 * deny - packets of connections that a policy rule denies
 */
#include <linux/if_vlan.h>
#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <net/ipv6.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/netfilter/nf_conntrack_core.h>
#include <net/netfilter/nf_conntrack_zones.h>

#include "cache.h"
#include "conntrack.h"
#include "denial.h"
#include "deny.h"
#include "flood.h"
#include "net.h"
#include "policy.h"
#include "port.h"
#include "record.h"
#include "snapshot.h"
#include "witness.h"

/* The port that a packet came in by: its snapshot knows. What waited for a
 * neighbour may have none any more, and then there is what the stack knows,
 * which may be a device on top of the port.
 */
static int deny_entry(const struct pnicfw_net *pn, const struct sk_buff *skb)
{
	const struct pnicfw_snapshot *snap = pnicfw_snapshot_peek(skb);

	return snap && snap->pn == pn ? snap->ifindex : skb->skb_iif;
}

/* Where conntrack picks up a TCP connection in the middle, as it does with one
 * that was denied under way, nobody knows which end has begun it.
 */
static bool deny_picked_up(const struct nf_conn *ct)
{
	return nf_ct_protonum(ct) == IPPROTO_TCP &&
	       !test_bit(IPS_SEEN_REPLY_BIT, &ct->status) &&
	       READ_ONCE(ct->proto.tcp.state) != TCP_CONNTRACK_SYN_SENT;
}

/* Does a packet only pass here?  Fragments that IPv6 makes on the way have forgotten
 * where they came in; those of what this machine sends belong to a socket.
 */
static bool deny_passes(const struct sk_buff *skb)
{
	unsigned int at = 0;

	if (skb->skb_iif)
		return true;
	return skb_protocol(skb, true) == htons(ETH_P_IPV6) && !skb->sk &&
	       ipv6_find_hdr(skb, &at, NEXTHDR_FRAGMENT, NULL, NULL) >= 0;
}

/* The pref of the rule that denies a connection, or 0. */
static u32 deny_asked(const struct pnicfw_net *pn, const struct nf_conn *ct,
		      const struct pnicfw_policy_way *way)
{
	u32 pref = pnicfw_policy_denies(pn, ct, IP_CT_DIR_ORIGINAL, way);
	struct pnicfw_policy_way back;

	if (pref || !deny_picked_up(ct))
		return pref;
	back = pnicfw_policy_way(IP_CT_DIR_REPLY, way->in, way->out);
	return pnicfw_policy_denies(pn, ct, IP_CT_DIR_REPLY, &back);
}

/* Has this very packet made the conntrack entry?  Only then will the next one meet
 * tier 1 as it did.
 */
static bool deny_opens(const struct nf_conn *ct, enum ip_conntrack_info ctinfo)
{
	struct pnicfw_count sent, answered;

	pnicfw_ct_counted(ct, IP_CT_DIR_ORIGINAL, &sent);
	pnicfw_ct_counted(ct, IP_CT_DIR_REPLY, &answered);
	return ctinfo == IP_CT_NEW && sent.packets == 1 && !answered.packets;
}

/* Does a bridge send it out there and nowhere else?  It says so where it does not
 * filter VLANs; an Open vSwitch says nothing.
 */
static bool deny_bridge_knows(struct net_device *dev, const u8 *mac)
{
	struct net_device_path_stack stack;
	const struct net_device_path *last;
	struct net_device *bridge;

	bridge = netdev_master_upper_dev_get_rcu(dev);
	if (!bridge || dev_fill_forward_path(bridge, mac, &stack) ||
	    stack.num_paths < 2)
		return false;
	last = &stack.path[stack.num_paths - 1];
	return stack.path[0].type == DEV_PATH_BRIDGE &&
	       !stack.path[0].bridge.vlan_id && last->dev == dev;
}

/* Is it certain that no copy of the packet takes another way?  One that is dropped
 * at ingress has none.
 */
static bool deny_alone(const struct pnicfw_witness *w,
		       struct pnicfw_denial_case *is)
{
	struct net_device *dev = w->skb->dev;

	if (pnicfw_flood_copied(w))
		return false;
	is->bridged = netif_is_bridge_port(dev);
	if (is->bridged)
		return deny_bridge_knows(dev, eth_hdr(w->skb)->h_dest);
	return !netif_is_ovs_port(dev);
}

/**
 * pnicfw_deny_case - may tier 2 drop the next packets like one that was denied?
 * @w: the packet; @pn, @skb, @snap and @ct are filled in, and @out where there is
 *	one
 * @is: filled in but for what denies it, and for how long
 *
 * A rule by helper makes it unsure: what conntrack expects tomorrow it may allow.
 *
 * Context: BH off, RCU.
 * Return: whether it may.
 */
bool pnicfw_deny_case(struct pnicfw_witness *w, struct pnicfw_denial_case *is)
{
	const struct pnicfw_net *pn = w->pn;
	enum ip_conntrack_info ctinfo;

	nf_ct_get(w->skb, &ctinfo);
	if (!READ_ONCE(pn->params.cache) ||
	    READ_ONCE(pn->rules.uses) & BIT(PNICFW_RULES_HELPER) ||
	    !deny_opens(w->ct, ctinfo) || pnicfw_witness_match(w, ctinfo) ||
	    !pnicfw_denial_look(w->snap, &w->pkt, &is->way) ||
	    !deny_alone(w, is))
		return false;
	is->key = w->pkt.key;
	is->port = w->in;
	is->in = w->in->dev->ifindex;
	is->gen = w->snap->gen;
	is->kills = w->snap->kills;
	is->mtu = pnicfw_witness_mtu(w->skb);
	is->zone = nf_ct_zone_id(nf_ct_zone(w->ct), IP_CT_DIR_ORIGINAL);
	return true;
}

/* A connection that has the same packets may have come to life meanwhile; from when
 * the denial is there on it is refuted by that.
 */
static bool deny_contradicted(const struct pnicfw_witness *w)
{
	const struct nf_conn *ct = w->ct;
	struct nf_conntrack_tuple_hash *other;

	smp_mb();	/* pairs with that in observe_opens() */
	other = nf_conntrack_find_get(w->pn->net, nf_ct_zone(ct),
				      nf_ct_tuple(ct, IP_CT_DIR_ORIGINAL));
	if (!other)
		return false;
	nf_ct_put(nf_ct_tuplehash_to_ctrack(other));
	return true;
}

/**
 * pnicfw_deny_remember - have tier 2 drop the next packets like one
 * @w: the packet
 * @is: what is denied, from pnicfw_deny_case(), and completed
 * @known: only where it drops such packets already
 *
 * Context: BH off, RCU; conntrack has nothing of the packet any more.
 * Return: whether it does.
 */
bool pnicfw_deny_remember(const struct pnicfw_witness *w,
			  const struct pnicfw_denial_case *is, bool known)
{
	struct pnicfw_denial *denial = pnicfw_denial_make(w->pn, is, known);

	if (!denial)
		return false;
	if (deny_contradicted(w))
		pnicfw_denial_end(w->pn, denial, PNICFW_REASON_REFUTED);
	pnicfw_denial_put(denial);
	return true;
}

static void deny_learn(struct pnicfw_net *pn, struct sk_buff *skb,
		       struct nf_conn *ct, struct pnicfw_denial_case *is)
{
	struct pnicfw_witness w = {
		.pn = pn,
		.out = pnicfw_port_find(pn, is->out),
		.skb = skb,
		.snap = pnicfw_snapshot_claim(skb),
		.ct = ct,
	};
	bool may = w.snap && pnicfw_deny_case(&w, is);

	pnicfw_ct_kill(ct);
	if (may)
		pnicfw_deny_remember(&w, is, false);
}

/**
 * pnicfw_deny_packet - is a packet about to leave one of a denied connection?
 * @pn: the namespace
 * @skb: the packet
 * @out: the device that it leaves by
 *
 * Worth a call only where there are rules that deny. Where it is, conntrack's
 * entry is gone when this returns. What this machine sends itself is not the
 * policy's affair. Connections that have a record have been asked about, and are
 * again when the answer may be another one (judge room).
 *
 * Context: BH off, RCU.
 * Return: whether it is to be dropped.
 */
bool pnicfw_deny_packet(struct pnicfw_net *pn, struct sk_buff *skb,
			const struct net_device *out)
{
	struct pnicfw_denial_case is = {
		.epoch = pnicfw_denial_epoch(pn),
		.out = out->ifindex,
		.why = PNICFW_REASON_RULE,
		.lasts = READ_ONCE(pn->params.deny_time) * HZ,
	};
	enum ip_conntrack_info ctinfo;
	struct pnicfw_policy_way way;
	struct nf_conn *ct;

	ct = nf_ct_get(skb, &ctinfo);
	if (!ct || nf_ct_is_template(ct) || !deny_passes(skb) ||
	    nf_ct_net(ct) != pn->net || pnicfw_cache_record(pn, ct))
		return false;
	way = pnicfw_policy_way(CTINFO2DIR(ctinfo), deny_entry(pn, skb),
				out->ifindex);
	is.pref = deny_asked(pn, ct, &way);
	if (!is.pref)
		return false;
	pnicfw_stats_inc(pn, not_learned[PNICFW_REASON_RULE]);
	deny_learn(pn, skb, ct, &is);
	return true;
}
