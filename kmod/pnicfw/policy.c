// SPDX-License-Identifier: GPL-2.0
/*
 * policy - tier 1: the verdict on a connection, and the two independent
 * answers
 */
#include <linux/jhash.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/netfilter/nf_conntrack_helper.h>
#include <net/netfilter/nf_conntrack_labels.h>
#include <net/netfilter/nf_conntrack_seqadj.h>
#include <net/netfilter/nf_conntrack_synproxy.h>
#include <net/netfilter/nf_conntrack_zones.h>
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

/* IPVS has a timeout of its own for a connection, and once that has run out it may
 * choose another server for it.
 */
static bool policy_balanced(const struct sk_buff *skb)
{
#if IS_ENABLED(CONFIG_IP_VS)
	return skb->ipvs_property;
#else
	return false;
#endif
}

/**
 * pnicfw_policy_taken - has somebody taken a connection over since it began?
 * @ct: its conntrack entry
 * @skb: a packet of it, about to leave, or NULL
 *
 * Of IPsec and IPVS only a packet tells.
 *
 * Context: any.
 * Return: PNICFW_REASON_NONE, or what makes it tier 1's affair now.
 */
enum pnicfw_reason pnicfw_policy_taken(const struct nf_conn *ct,
				       const struct sk_buff *skb)
{
	const struct dst_entry *dst = skb ? skb_dst(skb) : NULL;

	if (pnicfw_policy_owned(ct))
		return PNICFW_REASON_OWNED;
	if (skb && (secpath_exists(skb) || (dst && dst_xfrm(dst))))
		return PNICFW_REASON_IPSEC;
	if (skb && policy_balanced(skb))
		return PNICFW_REASON_IPVS;
	return PNICFW_REASON_NONE;
}

/* What makes every packet of a connection tier 1's affair. */
static enum pnicfw_reason policy_forbids(const struct nf_conn *ct,
					 const struct sk_buff *skb)
{
	if (nfct_help(ct))
		return PNICFW_REASON_HELPER;
	if (nfct_synproxy(ct))
		return PNICFW_REASON_SYNPROXY;
	if (nfct_seqadj(ct))
		return PNICFW_REASON_SEQADJ;
	if (test_bit(IPS_NAT_CLASH_BIT, &ct->status))
		return PNICFW_REASON_NAT_CLASH;
	return pnicfw_policy_taken(ct, skb);
}

static u32 policy_mark(const struct nf_conn *ct)
{
#ifdef CONFIG_NF_CONNTRACK_MARK
	return READ_ONCE(ct->mark);
#else
	return 0;
#endif
}

static const unsigned long *policy_labels(const struct nf_conn *ct)
{
	const struct nf_conn_labels *labels = nf_ct_labels_find(ct);

	return labels ? labels->bits : NULL;
}

/* The helper that reads a connection, or, of one that was expected, the one
 * that expected it. Under RCU.
 */
static const char *policy_helper(const struct nf_conn *ct)
{
	const struct nf_conn_help *help = nfct_help(ct);
	const struct nf_conntrack_helper *helper;

	if (!help && ct->master)
		help = nfct_help(ct->master);
	helper = help ? rcu_dereference(help->helper) : NULL;
	return helper ? helper->name : NULL;
}

/**
 * pnicfw_policy_basis - what rules look at, and may change while a connection
 * lives
 * @pn: the namespace
 * @ct: its conntrack entry
 *
 * Context: any; the caller holds @ct.
 * Return: a number that changes when mark or labels do; 0 where no rule looks
 * at them.
 */
u32 pnicfw_policy_basis(const struct pnicfw_net *pn, const struct nf_conn *ct)
{
	u32 uses = READ_ONCE(pn->rules.uses), basis = 0;
	const unsigned long *labels;

	if (uses & BIT(PNICFW_RULES_MARK))
		basis = jhash_1word(policy_mark(ct), 0);
	labels = uses & BIT(PNICFW_RULES_LABEL) ? policy_labels(ct) : NULL;
	if (labels)
		basis = jhash(labels, sizeof(struct nf_conn_labels), basis);
	return basis;
}

/* The rule that answers for a connection, or NULL. @dir is the direction that
 * counts as its original one. Where there are no rules nothing of this is to
 * be paid for, such as a stack that is cleared.
 */
static noinline const struct pnicfw_rule *
policy_rule(const struct pnicfw_net *pn, const struct nf_conn *ct,
	    enum ip_conntrack_dir dir, const struct pnicfw_policy_way *way)
{
	const struct nf_conntrack_tuple *tuple;
	struct pnicfw_rules_subject subject;
	struct pnicfw_rules_bits *bits;

	tuple = nf_ct_tuple(ct, dir);
	bits = &subject.bits;
	bits->src = tuple->src.u3;
	bits->dst = tuple->dst.u3;
	bits->sport = tuple->src.u.all;
	bits->dport = tuple->dst.u.all;
	bits->zone = nf_ct_zone_id(nf_ct_zone(ct), dir);
	bits->protocol = tuple->dst.protonum;
	bits->family = tuple->src.l3num;
	bits->in = way->in;
	bits->out = way->out;
	bits->mark = policy_mark(ct);
	subject.labels = policy_labels(ct);
	subject.helper = policy_helper(ct);
	return pnicfw_rules_match(&pn->rules, &subject);
}

/* What the rule, or else the parameters say, where nothing forbids it. */
static void policy_allow(const struct pnicfw_net *pn,
			 const struct pnicfw_rule *rule,
			 struct pnicfw_answer *answer)
{
	u32 says = rule ? rule->says : 0;

	answer->cacheable = READ_ONCE(pn->params.cache);
	answer->offloadable = READ_ONCE(pn->params.hw);
	answer->cache_why = answer->cacheable ? PNICFW_REASON_DEFAULT :
						PNICFW_REASON_SWITCHED_OFF;
	answer->hw_why = answer->offloadable ? PNICFW_REASON_DEFAULT :
					       PNICFW_REASON_SWITCHED_OFF;
	if (says & BIT(PNICFW_RULES_CACHE)) {
		answer->cacheable = rule->cache;
		answer->cache_why = PNICFW_REASON_RULE;
	}
	if (says & BIT(PNICFW_RULES_HW)) {
		answer->offloadable = rule->hw;
		answer->hw_why = PNICFW_REASON_RULE;
	}
	if (says & BIT(PNICFW_RULES_HW_AFTER))
		answer->hw_after = rule->hw_after;
}

/* @why speaks against it, where it is a reason. */
static enum pnicfw_verdict policy_answer(const struct pnicfw_net *pn,
					 const struct nf_conn *ct,
					 const struct pnicfw_policy_way *way,
					 enum pnicfw_reason why,
					 struct pnicfw_answer *answer)
{
	const struct pnicfw_rule *rule = NULL;

	memset(answer, 0, sizeof(*answer));
	if (rcu_access_pointer(pn->rules.order)) {
		rule = policy_rule(pn, ct, IP_CT_DIR_ORIGINAL, way);
		answer->basis = pnicfw_policy_basis(pn, ct);
		answer->pref = rule ? rule->pref : 0;
	}
	answer->hw_after = READ_ONCE(pn->params.hw_after);
	answer->way = *way;
	if (rule && rule->deny)
		why = PNICFW_REASON_RULE;
	answer->cache_why = why;
	answer->hw_why = why;
	if (why)
		return rule && rule->deny ? PNICFW_VERDICT_DENY :
					    PNICFW_VERDICT_ALLOW;

	policy_allow(pn, rule, answer);
	if (!policy_hw_knows(nf_ct_protonum(ct))) {
		answer->offloadable = false;
		answer->hw_why = PNICFW_REASON_PROTOCOL;
	}
	return PNICFW_VERDICT_ALLOW;
}

/**
 * pnicfw_policy_classify - answer both questions about a connection
 * @pn: the namespace
 * @ct: its conntrack entry
 * @skb: a packet of it, about to leave
 * @way: the ports of its original direction
 * @answer: filled in; both are no where it is denied
 *
 * What makes a connection tier 1's affair wins over a rule's yes.
 *
 * Context: RCU.
 * Return: the verdict.
 */
enum pnicfw_verdict pnicfw_policy_classify(const struct pnicfw_net *pn,
					   const struct nf_conn *ct,
					   const struct sk_buff *skb,
					   const struct pnicfw_policy_way *way,
					   struct pnicfw_answer *answer)
{
	return policy_answer(pn, ct, way, policy_forbids(ct, skb), answer);
}

/**
 * pnicfw_policy_again - answer both questions once more
 * @pn: the namespace
 * @ct: its conntrack entry
 * @way: the ports of its original direction
 * @old: the answer that it has
 * @answer: filled in
 *
 * What only a packet can tell stays: that a protocol or a change it came with
 * cannot be repeated, IPsec.
 *
 * Context: RCU.
 * Return: the verdict.
 */
enum pnicfw_verdict pnicfw_policy_again(const struct pnicfw_net *pn,
					const struct nf_conn *ct,
					const struct pnicfw_policy_way *way,
					const struct pnicfw_answer *old,
					struct pnicfw_answer *answer)
{
	enum pnicfw_reason why = old->cache_why;
	enum pnicfw_verdict verdict;

	if (!pnicfw_policy_taught(why) && why != PNICFW_REASON_PROTOCOL)
		why = policy_forbids(ct, NULL);
	verdict = policy_answer(pn, ct, way, why, answer);
	answer->gen = old->gen;
	if (why == old->cache_why)
		answer->detail = old->detail;
	return verdict;
}

/**
 * pnicfw_policy_denies - does a rule deny a connection?
 * @pn: the namespace
 * @ct: its conntrack entry
 * @dir: the direction that counts as its original one
 * @way: the ports of that direction
 *
 * Context: RCU.
 * Return: the pref of the rule that does, or 0.
 */
u32 pnicfw_policy_denies(const struct pnicfw_net *pn, const struct nf_conn *ct,
			 enum ip_conntrack_dir dir,
			 const struct pnicfw_policy_way *way)
{
	const struct pnicfw_rule *rule = policy_rule(pn, ct, dir, way);

	return rule && rule->deny ? rule->pref : 0;
}
