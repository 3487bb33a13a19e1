// SPDX-License-Identifier: GPL-2.0
/*
 * policy - tier 1: the verdict on a connection, and the two independent
 * answers
 */
#include <net/netfilter/nf_conntrack.h>
#include <net/netfilter/nf_conntrack_helper.h>
#include <net/netfilter/nf_conntrack_seqadj.h>
#include <net/netfilter/nf_conntrack_synproxy.h>
#include <net/xfrm.h>

#include "net.h"
#include "policy.h"

/* Conntrack has yet to see the packet that assures it of a connection which it
 * picked up in the middle; until then the entry goes first when the table is
 * full.
 */
static bool policy_tcp_lasts(const struct nf_conn *ct)
{
	return READ_ONCE(ct->proto.tcp.state) == TCP_CONNTRACK_ESTABLISHED &&
	       test_bit(IPS_ASSURED_BIT, &ct->status);
}

/**
 * pnicfw_policy_ripe - can tier 1 say anything lasting about a connection?
 * @ct: its conntrack entry
 *
 * A connection that is only beginning, or ending, is tier 1's alone.
 *
 * Context: any.
 * Return: PNICFW_REASON_NONE where it can, else why not.
 */
enum pnicfw_reason pnicfw_policy_ripe(const struct nf_conn *ct)
{
	if (nf_ct_is_template(ct))
		return PNICFW_REASON_UNTRACKED;
	if (!nf_ct_is_confirmed(ct))
		return PNICFW_REASON_UNCONFIRMED;
	if (nf_ct_is_dying(ct))
		return PNICFW_REASON_DYING;
	if (!test_bit(IPS_SEEN_REPLY_BIT, &ct->status))
		return PNICFW_REASON_UNREPLIED;
	if (nf_ct_protonum(ct) == IPPROTO_TCP && !policy_tcp_lasts(ct))
		return PNICFW_REASON_NOT_ESTABLISHED;
	if (nf_ct_protonum(ct) == IPPROTO_SCTP &&
	    READ_ONCE(ct->proto.sctp.state) != SCTP_CONNTRACK_ESTABLISHED)
		return PNICFW_REASON_NOT_ESTABLISHED;
	return PNICFW_REASON_NONE;
}

/* Eswitches tell the connections of these two protocols apart. ICMP's
 * identifier and GRE's version they do not match, and SCTP's checksum they do
 * not keep right.
 */
static bool policy_hw_knows(u8 protocol)
{
	return protocol == IPPROTO_TCP || protocol == IPPROTO_UDP;
}

/* What makes every packet of a connection tier 1's affair. */
static enum pnicfw_reason policy_forbids(const struct nf_conn *ct,
					 const struct sk_buff *skb)
{
	const struct dst_entry *dst = skb_dst(skb);

	if (nfct_help(ct))
		return PNICFW_REASON_HELPER;
	if (nfct_synproxy(ct))
		return PNICFW_REASON_SYNPROXY;
	if (nfct_seqadj(ct))
		return PNICFW_REASON_SEQADJ;
	if (test_bit(IPS_NAT_CLASH_BIT, &ct->status))
		return PNICFW_REASON_NAT_CLASH;
	if (test_bit(IPS_OFFLOAD_BIT, &ct->status))
		return PNICFW_REASON_OWNED;
	if (secpath_exists(skb) || (dst && dst_xfrm(dst)))
		return PNICFW_REASON_IPSEC;
	return PNICFW_REASON_NONE;
}

/**
 * pnicfw_policy_classify - answer both questions about a connection
 * @pn: the namespace
 * @ct: its conntrack entry, ripe
 * @skb: a packet of it, about to leave
 * @answer: filled in
 *
 * Context: RCU.
 */
void pnicfw_policy_classify(const struct pnicfw_net *pn,
			    const struct nf_conn *ct,
			    const struct sk_buff *skb,
			    struct pnicfw_answer *answer)
{
	enum pnicfw_reason why = policy_forbids(ct, skb);

	memset(answer, 0, sizeof(*answer));
	answer->hw_after = READ_ONCE(pn->params.hw_after);
	answer->cache_why = why;
	answer->hw_why = why;
	if (why)
		return;

	answer->cacheable = READ_ONCE(pn->params.cache);
	answer->offloadable = READ_ONCE(pn->params.hw);
	answer->cache_why = answer->cacheable ? PNICFW_REASON_DEFAULT :
						PNICFW_REASON_SWITCHED_OFF;
	answer->hw_why = answer->offloadable ? PNICFW_REASON_DEFAULT :
					       PNICFW_REASON_SWITCHED_OFF;
	if (policy_hw_knows(nf_ct_protonum(ct)))
		return;
	answer->offloadable = false;
	answer->hw_why = PNICFW_REASON_PROTOCOL;
}
