// SPDX-License-Identifier: GPL-2.0
/*
 * deny - packets of connections that a policy rule denies
 */
#include <linux/skbuff.h>
#include <net/netfilter/nf_conntrack.h>

#include "cache.h"
#include "conntrack.h"
#include "deny.h"
#include "net.h"
#include "policy.h"
#include "snapshot.h"

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

static bool deny_asked(const struct pnicfw_net *pn, const struct nf_conn *ct,
		       const struct pnicfw_policy_way *way)
{
	const struct pnicfw_policy_way back = { .in = way->out, .out = way->in };

	if (pnicfw_policy_denies(pn, ct, IP_CT_DIR_ORIGINAL, way))
		return true;
	return deny_picked_up(ct) &&
	       pnicfw_policy_denies(pn, ct, IP_CT_DIR_REPLY, &back);
}

/**
 * pnicfw_deny_packet - is a packet about to leave one of a denied connection?
 * @pn: the namespace
 * @skb: the packet
 * @out: ifindex of the device that it leaves by
 *
 * Worth a call only where there are rules that deny. Where it is, conntrack's
 * entry is gone when this returns. What this machine sends itself is not the
 * policy's affair. Connections that have a record have been asked about, and are
 * again when the answer may be another one (judge room).
 *
 * Context: BH off, RCU.
 * Return: whether it is to be dropped.
 */
bool pnicfw_deny_packet(struct pnicfw_net *pn, struct sk_buff *skb, int out)
{
	struct pnicfw_policy_way way = { .out = out };
	enum ip_conntrack_info ctinfo;
	struct nf_conn *ct;

	ct = nf_ct_get(skb, &ctinfo);
	if (!ct || nf_ct_is_template(ct) || !skb->skb_iif ||
	    nf_ct_net(ct) != pn->net || pnicfw_cache_record(pn, ct))
		return false;
	way.in = deny_entry(pn, skb);
	if (CTINFO2DIR(ctinfo) == IP_CT_DIR_REPLY)
		swap(way.in, way.out);
	if (!deny_asked(pn, ct, &way))
		return false;
	pnicfw_ct_kill(ct);
	pnicfw_stats_inc(pn, not_learned[PNICFW_REASON_RULE]);
	return true;
}
