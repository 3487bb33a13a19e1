// SPDX-License-Identifier: GPL-2.0
/*
 * judge - ask the policy again about connections that exist
 */
#include <linux/rcupdate.h>
#include <linux/workqueue.h>

#include "admit.h"
#include "conntrack.h"
#include "denial.h"
#include "judge.h"
#include "net.h"
#include "netlink.h"
#include "policy.h"
#include "record.h"

/* Do two answers mean the same to the tiers, and to users? */
static bool judge_same(const struct pnicfw_answer *a,
		       const struct pnicfw_answer *b)
{
	return a->cacheable == b->cacheable &&
	       a->offloadable == b->offloadable &&
	       a->cache_why == b->cache_why && a->hw_why == b->hw_why &&
	       a->hw_after == b->hw_after && a->pref == b->pref;
}

/* From here on conntrack knows nothing of the connection: a packet of it that
 * comes is the first of another one, about which the policy is asked. The record
 * comes first: a packet that found conntrack's entry dying would end it for another
 * reason.
 */
static void judge_deny(struct pnicfw_record *rec)
{
	pnicfw_record_close(rec, PNICFW_REASON_RULE);
	pnicfw_ct_kill(pnicfw_record_ct(rec));
}

/* Under RCU; @why is what users are told to be the reason, where something has
 * changed. Returns whether it is denied now.
 */
static bool judge_one(struct pnicfw_record *rec,
		      const struct pnicfw_policy_way *way,
		      enum pnicfw_reason why)
{
	struct pnicfw_net *pn = pnicfw_record_net(rec);
	struct pnicfw_answer old = rec->answer, new;
	enum pnicfw_verdict verdict;

	if (READ_ONCE(rec->closing))
		return false;
	verdict = pnicfw_policy_again(pn, pnicfw_record_ct(rec), way, &old,
				      &new);
	if (verdict == PNICFW_VERDICT_DENY) {
		judge_deny(rec);
		return true;
	}
	if (!pnicfw_record_reanswer(rec, &new) || judge_same(&old, &new))
		return false;
	pnicfw_netlink_flow(rec, PNICFW_EVENT_CHANGE, why);
	pnicfw_admit_review(rec);
	return false;
}

/**
 * pnicfw_judge_packet - a packet of a connection has come by in tier 1
 * @rec: the record
 * @way: the ports of the original direction where this packet tells, or NULL
 *
 * Worth a call only where a rule looks at what may change
 * (PNICFW_RULES_MOVING).
 *
 * Context: BH off, RCU.
 * Return: whether the connection is denied now, and this packet with it.
 */
bool pnicfw_judge_packet(struct pnicfw_record *rec,
			 const struct pnicfw_policy_way *way)
{
	struct pnicfw_policy_way was = rec->answer.way;
	u32 basis;

	basis = pnicfw_policy_basis(pnicfw_record_net(rec),
				    pnicfw_record_ct(rec));
	if (basis == rec->answer.basis &&
	    (!way || (way->in == was.in && way->out == was.out)))
		return false;
	return judge_one(rec, way ?: &was, PNICFW_REASON_RULE);
}

/**
 * pnicfw_judge_aged - time to look whether a connection's mark or labels are
 * others, or whether it is another's
 * @rec: the record; the caller holds it
 *
 * Context: process.
 */
void pnicfw_judge_aged(struct pnicfw_record *rec)
{
	const struct pnicfw_net *pn = pnicfw_record_net(rec);
	struct pnicfw_policy_way way = rec->answer.way;

	if (pnicfw_policy_outdated(pnicfw_record_ct(rec), &rec->answer)) {
		rcu_read_lock();
		judge_one(rec, &way, PNICFW_REASON_OWNED);
		rcu_read_unlock();
		return;
	}
	if (!(READ_ONCE(pn->rules.uses) &
	      (BIT(PNICFW_RULES_MARK) | BIT(PNICFW_RULES_LABEL))))
		return;
	rcu_read_lock();
	pnicfw_judge_packet(rec, NULL);
	rcu_read_unlock();
}

/* Answers are given under RCU: once no reader of the old rules is left, all
 * records that rest on them are there.
 */
static void judge_all(struct work_struct *work)
{
	struct pnicfw_net *pn = container_of(work, struct pnicfw_net,
					     judge_work);
	struct pnicfw_record *rec;
	unsigned long id = 0;

	synchronize_rcu();
	while ((rec = pnicfw_record_next(pn, &id))) {
		struct pnicfw_policy_way way = rec->answer.way;

		rcu_read_lock();
		judge_one(rec, &way, PNICFW_REASON_RULE);
		rcu_read_unlock();
		pnicfw_record_put(rec);
		cond_resched();
	}
}

/**
 * pnicfw_judge_changed - the rules have changed: ask about all connections anew
 * @pn: the namespace
 *
 * This is done by a worker, so that a batch of rules costs some walks, and not
 * one for each rule.
 *
 * Context: any.
 */
void pnicfw_judge_changed(struct pnicfw_net *pn)
{
	pnicfw_denial_changed(pn);
	queue_work(system_unbound_wq, &pn->judge_work);
}

/**
 * pnicfw_judge_init - prepare a namespace's policy
 * @pn: the namespace
 */
void pnicfw_judge_init(struct pnicfw_net *pn)
{
	pnicfw_rules_init(&pn->rules);
	mutex_init(&pn->policy_mutex);
	INIT_WORK(&pn->judge_work, judge_all);
}

/**
 * pnicfw_judge_exit - end it; no port is left, and no user can come any more
 * @pn: the namespace
 *
 * Context: process.
 */
void pnicfw_judge_exit(struct pnicfw_net *pn)
{
	cancel_work_sync(&pn->judge_work);
	pnicfw_rules_flush(&pn->rules);
	mutex_destroy(&pn->policy_mutex);
}
