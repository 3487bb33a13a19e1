// SPDX-License-Identifier: GPL-2.0
/*
 * observe - learn by watching one packet go through the ordinary kernel
 */
#include <linux/etherdevice.h>
#include <net/netfilter/nf_conntrack.h>

#include "action.h"
#include "admit.h"
#include "cache.h"
#include "compat.h"
#include "denial.h"
#include "deny.h"
#include "drop.h"
#include "flood.h"
#include "judge.h"
#include "net.h"
#include "observe.h"
#include "path.h"
#include "policy.h"
#include "port.h"
#include "record.h"
#include "snapshot.h"
#include "trace.h"
#include "upper.h"
#include "witness.h"

/* An unexplained change that comes this many times in a row is there to stay. */
#define OBSERVE_PATIENCE	3

/* The action that explains the packet, checked byte by byte. */
static enum pnicfw_reason observe_explain(const struct pnicfw_witness *w,
					  struct pnicfw_record *rec,
					  struct pnicfw_action *act)
{
	enum pnicfw_reason why;
	struct pnicfw_key to;
	int diff;

	why = pnicfw_action_derive(&w->before, &w->after, act);
	if (why)
		return why;
	pnicfw_record_key_out(rec, w->dir, &to);
	diff = pnicfw_action_verify(act, &w->pkt, &to, &w->before,
				    &w->after);
	if (diff < 0)
		return PNICFW_REASON_NONE;
	rec->learn_detail = diff;
	return PNICFW_REASON_CHANGE;
}

/* From here on tier 1 keeps the connection. */
static noinline void observe_keep(struct pnicfw_record *rec, u32 gen,
				  enum pnicfw_reason why, u32 detail)
{
	struct pnicfw_answer answer = rec->answer;

	answer.cacheable = false;
	answer.offloadable = false;
	answer.cache_why = why;
	answer.hw_why = why;
	answer.detail = detail;
	answer.gen = gen;
	pnicfw_record_reanswer(rec, &answer);
}

static enum pnicfw_reason observe_learn(const struct pnicfw_witness *w,
					struct pnicfw_record *rec)
{
	struct pnicfw_dir *dir = &rec->dir[w->dir];
	const struct net_device *upper;
	struct pnicfw_path_key key;
	struct pnicfw_action act;
	struct pnicfw_path *path;
	enum pnicfw_reason why;
	bool again, due;

	why = pnicfw_flood_suspect(w, rec);
	if (why)
		return why;
	why = observe_explain(w, rec, &act);
	if (why)
		return why;

	pnicfw_witness_path(w, &act, &key);
	upper = pnicfw_upper_minds(&key);
	if (unlikely(upper)) {
		observe_keep(rec, w->snap->gen, PNICFW_REASON_UPPER,
			     upper->ifindex);
		return PNICFW_REASON_UPPER;
	}
	path = pnicfw_path_get(w->pn, &key);
	if (!path)
		return PNICFW_REASON_NO_MEMORY;

	/* Whatever changed since the packet came in has been counted before
	 * now, or finds the path now that it is made, and kills it.
	 */
	if (w->snap->gen != pnicfw_net_gen(w->pn) ||
	    w->snap->kills != READ_ONCE(w->pn->kills)) {
		pnicfw_path_put(w->pn, path);
		return PNICFW_REASON_GENERATION;
	}
	again = rcu_access_pointer(dir->path);
	due = READ_ONCE(rec->recheck);
	if (!pnicfw_record_learn(rec, w->dir, path))
		return PNICFW_REASON_DYING;
	if (again)
		pnicfw_stats_inc(w->pn, revalidated);
	else
		pnicfw_stats_inc(w->pn, learned);
	/* The eswitch gave it up for this. */
	if (due)
		pnicfw_admit_review(rec);
	return PNICFW_REASON_NONE;
}

/* The ports of the original direction, as a packet of either tells. That a
 * reply goes back by where the original came in is likely and no more: the
 * next packet of the original direction tells.
 */
static struct pnicfw_policy_way observe_way(const struct pnicfw_witness *w)
{
	return pnicfw_policy_way(w->dir, w->in->dev->ifindex,
				 w->out->dev->ifindex);
}

/* Has what rules look at changed, so that they deny the connection now? */
static bool observe_denied(const struct pnicfw_witness *w,
			   struct pnicfw_record *rec)
{
	struct pnicfw_policy_way way;

	if (likely(!(READ_ONCE(w->pn->rules.uses) & PNICFW_RULES_MOVING)))
		return false;
	way = observe_way(w);
	return pnicfw_judge_packet(rec, w->dir == IP_CT_DIR_ORIGINAL ? &way :
								       NULL);
}

/* Find or make the record; NULL and a reason where there is to be none, such
 * as @why where there is one already.
 */
static struct pnicfw_record *observe_record(const struct pnicfw_witness *w,
					    enum pnicfw_reason *why)
{
	struct pnicfw_policy_way way;
	struct pnicfw_answer answer;
	struct pnicfw_record *rec;

	rec = pnicfw_cache_record(w->pn, w->ct);
	if (rec && *why) {
		pnicfw_record_close(rec, *why == PNICFW_REASON_DYING ?
				    PNICFW_REASON_TIMEOUT :
				    PNICFW_REASON_TCP_END);
		return NULL;
	}
	if (rec || *why)
		return rec;

	way = observe_way(w);
	if (pnicfw_policy_classify(w->pn, w->ct, w->skb, &way, &answer) ==
	    PNICFW_VERDICT_DENY) {
		*why = PNICFW_REASON_RULE;
		return NULL;
	}
	answer.gen = w->snap->gen;
	rec = pnicfw_record_create(w->pn, w->ct, &answer);
	if (!IS_ERR(rec))
		return rec;
	switch (PTR_ERR(rec)) {
	case -ENOSPC:
		*why = PNICFW_REASON_LIMIT;
		break;
	default:
		*why = PNICFW_REASON_NO_MEMORY;
	}
	return NULL;
}

/* A change that nothing explains is forgiven a few times: it may have been
 * that packet's own.
 */
static void observe_failed(struct pnicfw_record *rec, u32 gen,
			   enum pnicfw_reason why)
{
	rec->learn_why = why;
	if (!pnicfw_policy_taught(why))
		return;
	if (rec->answer.cache_why == why)
		return;		/* it is tier 1's already, for that */
	if (rec->learn_fails < OBSERVE_PATIENCE - 1)
		rec->learn_fails++;
	else
		observe_keep(rec, gen, why, rec->learn_detail);
}

/* Where this direction comes in. A closing record's is somebody else's memory. */
static void observe_seen(const struct pnicfw_witness *w,
			 struct pnicfw_record *rec)
{
	spin_lock(&rec->lock);
	WRITE_ONCE(rec->seen_ifindex[w->dir], w->in->dev->ifindex);
	if (!rec->closing) {
		ether_addr_copy(rec->seen_src[w->dir], w->snap->eth.h_source);
		WRITE_ONCE(rec->seen_kills[w->dir], w->snap->kills);
	}
	spin_unlock(&rec->lock);
}

/* What the packet teaches. @ripe says why nothing can be said about the
 * connection, which may end what has been said.
 */
static enum pnicfw_reason observe_packet(struct pnicfw_witness *w,
					 enum ip_conntrack_info ctinfo,
					 enum pnicfw_reason ripe)
{
	enum pnicfw_reason why;
	struct pnicfw_record *rec;

	why = pnicfw_witness_match(w, ctinfo);
	if (why)
		return why;
	rec = observe_record(w, &ripe);
	if (!rec)
		return ripe;
	if (observe_denied(w, rec))
		return PNICFW_REASON_RULE;

	observe_seen(w, rec);
	if (!rec->answer.cacheable && !rec->answer.offloadable)
		return PNICFW_REASON_NONE;
	why = pnicfw_policy_taken(w->ct, w->skb);
	if (unlikely(why)) {
		observe_keep(rec, w->snap->gen, why, 0);
		return why;
	}
	why = pnicfw_witness_compare(w);
	if (!why)
		why = observe_learn(w, rec);
	if (why)
		observe_failed(rec, w->snap->gen, why);
	else
		rec->learn_fails = 0;
	return why;
}

/* No packet of a connection that is only beginning can teach, and there is no
 * record that could know of it.
 */
static bool observe_beginning(enum pnicfw_reason ripe)
{
	return ripe == PNICFW_REASON_UNREPLIED ||
	       ripe == PNICFW_REASON_UNCONFIRMED ||
	       ripe == PNICFW_REASON_UNTRACKED;
}

static noinline void observe_trace(const struct pnicfw_port *port,
				   const struct pnicfw_snapshot *snap,
				   enum pnicfw_reason why)
{
	struct pnicfw_packet pkt;

	if (pnicfw_snapshot_parse(snap, &pkt))
		trace_pnicfw_not_learned(&pkt.key, port->dev, why);
}

static void observe_taught_nothing(const struct pnicfw_port *port,
				   const struct pnicfw_snapshot *snap,
				   enum pnicfw_reason why)
{
	pnicfw_stats_inc(port->pn, not_learned[why]);
	if (trace_pnicfw_not_learned_enabled())
		observe_trace(port, snap, why);
}

/* A packet that may teach. */
static noinline enum pnicfw_reason
observe_leaving(struct pnicfw_port *port, const struct sk_buff *skb,
		const struct pnicfw_snapshot *snap, enum pnicfw_reason ripe)
{
	struct pnicfw_witness w PNICFW_UNINITIALIZED;
	enum ip_conntrack_info ctinfo;
	enum pnicfw_reason why;

	w.ct = nf_ct_get(skb, &ctinfo);
	w.pn = port->pn;
	w.out = port;
	w.skb = skb;
	w.snap = snap;
	why = observe_packet(&w, ctinfo, ripe);
	if (!why)
		return PNICFW_REASON_NONE;
	observe_taught_nothing(port, snap, why);
	if (pnicfw_snapshot_doubtful(snap, skb))
		pnicfw_flood_stranger(skb);
	return why;
}

/* Is it a packet of the connection, and not one about it: an ICMP error, or the
 * reset that a rule rejects it with?
 */
static bool observe_is_part(const struct sk_buff *skb, const struct nf_conn *ct)
{
	enum ip_conntrack_info ctinfo = skb->_nfct & NFCT_INFOMASK;

	return ctinfo == IP_CT_NEW ||
	       (ctinfo == IP_CT_RELATED &&
		test_bit(IPS_EXPECTED_BIT, &ct->status));
}

/* A connection that tier 1 allows, or one that somebody gets an answer about:
 * what was denied of its packets is no more, or is not to be.
 */
static void observe_opens(struct pnicfw_net *pn, const struct sk_buff *skb,
			  const struct nf_conn *ct)
{
	/* Conntrack has it, or its entry is not in the table yet: whoever makes a
	 * denial now finds it there. Pairs with that in deny_contradicted().
	 */
	smp_mb();
	if (likely(!pnicfw_denial_any(pn)))
		return;
	if (observe_is_part(skb, ct))
		pnicfw_denial_refute(pn, ct);
	else
		pnicfw_drop_answered(pn, ct);
}

/**
 * pnicfw_observe_egress - look at a packet that leaves by a port
 * @priv: the port
 * @skb: the packet
 * @state: unused
 *
 * What the cache transmits comes by here as well, and has no conntrack entry:
 * it never passed conntrack.
 *
 * Context: BH off, RCU.
 * Return: NF_ACCEPT, or NF_DROP where the policy denies the connection.
 */
unsigned int pnicfw_observe_egress(void *priv, struct sk_buff *skb,
				   const struct nf_hook_state *state)
{
	const struct nf_conn *ct = (const void *)(skb->_nfct & NFCT_PTRMASK);
	const struct pnicfw_snapshot *snap;
	struct pnicfw_port *port = priv;
	enum pnicfw_reason ripe;

	if (!ct)
		return NF_ACCEPT;
	if (unlikely(READ_ONCE(port->pn->rules.denies)) &&
	    pnicfw_deny_packet(port->pn, skb, port->dev))
		return NF_DROP;
	if (!test_bit(IPS_SEEN_REPLY_BIT, &ct->status))
		observe_opens(port->pn, skb, ct);
	snap = pnicfw_snapshot_claim(skb);
	if (!snap) {
		pnicfw_flood_stranger(skb);
		return NF_ACCEPT;
	}
	ripe = pnicfw_policy_ripe(ct);
	if (observe_beginning(ripe))
		observe_taught_nothing(port, snap, ripe);
	else if (observe_leaving(port, skb, snap, ripe) == PNICFW_REASON_RULE)
		return NF_DROP;
	return NF_ACCEPT;
}
