// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of policy: when tier 1 can say something lasting, and that both of its
 * answers, each with a reason, follow from the connection and the parameters.
 */
#include <kunit/test.h>
#include <linux/skbuff.h>
#include <net/dst.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/netfilter/nf_conntrack_extend.h>
#include <net/xfrm.h>

#include "../net.h"
#include "../policy.h"
#include "suites.h"

#define POLICY_HW_AFTER		7

#define LASTING			(IPS_CONFIRMED | IPS_SEEN_REPLY)

/* A connection that is in no table. */
static struct nf_conn *policy_ct(struct kunit *test, u8 protonum)
{
	struct nf_conn *ct = kunit_kzalloc(test, sizeof(*ct), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, ct);
	ct->tuplehash[IP_CT_DIR_ORIGINAL].tuple.dst.protonum = protonum;
	ct->tuplehash[IP_CT_DIR_REPLY].tuple.dst.protonum = protonum;
	return ct;
}

/* Ripe ********************************************************************/

/**
 * struct policy_ripe - a connection, and why tier 1 cannot say anything lasting
 * @name: what it is
 * @protonum: its protocol
 * @tcp_state: TCP's state
 * @status: IPS_* bits
 * @why: the reason, PNICFW_REASON_NONE where tier 1 can
 */
struct policy_ripe {
	const char *name;
	u8 protonum;
	u8 tcp_state;
	unsigned long status;
	enum pnicfw_reason why;
};

#define TCP_IN(_state, _why)						\
	{ "tcp in " #_state, IPPROTO_TCP, TCP_CONNTRACK_##_state,	\
	  LASTING | IPS_ASSURED, PNICFW_REASON_##_why }

static const struct policy_ripe policy_ripes[] = {
	TCP_IN(ESTABLISHED, NONE),
	TCP_IN(NONE, NOT_ESTABLISHED),
	TCP_IN(SYN_SENT, NOT_ESTABLISHED),
	TCP_IN(SYN_RECV, NOT_ESTABLISHED),
	TCP_IN(FIN_WAIT, NOT_ESTABLISHED),
	TCP_IN(CLOSE_WAIT, NOT_ESTABLISHED),
	TCP_IN(LAST_ACK, NOT_ESTABLISHED),
	TCP_IN(TIME_WAIT, NOT_ESTABLISHED),
	TCP_IN(CLOSE, NOT_ESTABLISHED),
	TCP_IN(SYN_SENT2, NOT_ESTABLISHED),
	{ "tcp, picked up and not assured", IPPROTO_TCP,
	  TCP_CONNTRACK_ESTABLISHED, LASTING, PNICFW_REASON_NOT_ESTABLISHED },
	{ "udp, replied", IPPROTO_UDP, TCP_CONNTRACK_NONE, LASTING,
	  PNICFW_REASON_NONE },
	{ "udp, replied, where tcp would be closed", IPPROTO_UDP,
	  TCP_CONNTRACK_CLOSE, LASTING, PNICFW_REASON_NONE },
	{ "udp, unreplied", IPPROTO_UDP, TCP_CONNTRACK_NONE, IPS_CONFIRMED,
	  PNICFW_REASON_UNREPLIED },
	{ "udp, unconfirmed", IPPROTO_UDP, TCP_CONNTRACK_NONE, IPS_SEEN_REPLY,
	  PNICFW_REASON_UNCONFIRMED },
	{ "udp, dying", IPPROTO_UDP, TCP_CONNTRACK_NONE, LASTING | IPS_DYING,
	  PNICFW_REASON_DYING },
	{ "tcp, dying and in no lasting state", IPPROTO_TCP,
	  TCP_CONNTRACK_TIME_WAIT, LASTING | IPS_DYING, PNICFW_REASON_DYING },
	{ "a template", IPPROTO_UDP, TCP_CONNTRACK_NONE,
	  LASTING | IPS_TEMPLATE, PNICFW_REASON_UNTRACKED },
};

static void policy_ripe_desc(const struct policy_ripe *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(policy_ripes, policy_ripes, policy_ripe_desc);

static void policy_knows_what_is_ripe(struct kunit *test)
{
	const struct policy_ripe *c = test->param_value;
	struct nf_conn *ct = policy_ct(test, c->protonum);

	ct->proto.tcp.state = c->tcp_state;
	ct->status = c->status;
	KUNIT_EXPECT_EQ(test, pnicfw_policy_ripe(ct), c->why);
}

/* Forbidden ***************************************************************/

/**
 * struct policy_bar - what makes a connection tier 1's affair
 * @name: what it is
 * @extension: it has this extension, where not NF_CT_EXT_NUM
 * @status: and these IPS_* bits
 * @secpath: its packet came out of IPsec
 * @xfrm: its packet goes into IPsec
 * @why: the reason
 */
struct policy_bar {
	const char *name;
	enum nf_ct_ext_id extension;
	unsigned long status;
	bool secpath;
	bool xfrm;
	enum pnicfw_reason why;
};

static const struct policy_bar policy_bars[] = {
	{ "a helper", NF_CT_EXT_HELPER, .why = PNICFW_REASON_HELPER },
#if IS_ENABLED(CONFIG_NETFILTER_SYNPROXY)
	{ "a SYN proxy", NF_CT_EXT_SYNPROXY, .why = PNICFW_REASON_SYNPROXY },
#endif
	{ "adjusted sequence numbers", NF_CT_EXT_SEQADJ,
	  .why = PNICFW_REASON_SEQADJ },
	{ "a clash resolved", NF_CT_EXT_NUM, IPS_NAT_CLASH,
	  .why = PNICFW_REASON_NAT_CLASH },
	{ "another flow table's", NF_CT_EXT_NUM, IPS_OFFLOAD,
	  .why = PNICFW_REASON_OWNED },
#if IS_ENABLED(CONFIG_XFRM)
	{ "out of IPsec", NF_CT_EXT_NUM, .secpath = true,
	  .why = PNICFW_REASON_IPSEC },
	{ "into IPsec", NF_CT_EXT_NUM, .xfrm = true,
	  .why = PNICFW_REASON_IPSEC },
#endif
};

static void policy_bar_desc(const struct policy_bar *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(policy_bars, policy_bars, policy_bar_desc);

static struct pnicfw_net *policy_net(struct kunit *test, bool cache, bool hw)
{
	struct pnicfw_net *pn = kunit_kzalloc(test, sizeof(*pn), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, pn);
	pn->params.cache = cache;
	pn->params.hw = hw;
	pn->params.hw_after = POLICY_HW_AFTER;
	return pn;
}

static void policy_free_skb(struct kunit_resource *res)
{
	kfree_skb(res->data);
}

static struct sk_buff *policy_skb(struct kunit *test)
{
	struct sk_buff *skb = alloc_skb(64, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, skb);
	kunit_alloc_resource(test, NULL, policy_free_skb, GFP_KERNEL, skb);
	return skb;
}

/* The packet before and after IPsec. */
static void policy_set_ipsec(struct kunit *test, const struct policy_bar *c,
			     struct sk_buff *skb, struct dst_entry *dst)
{
#if IS_ENABLED(CONFIG_XFRM)
	if (c->secpath)
		KUNIT_ASSERT_NOT_NULL(test, secpath_set(skb));
	if (c->xfrm) {
		dst->xfrm = (struct xfrm_state *)dst; /* only looked for */
		skb->_skb_refdst = (unsigned long)dst | SKB_DST_NOREF;
	}
#endif
}

static void policy_free_ext(struct kunit_resource *res)
{
	kfree(res->data);
}

static void policy_says_no_twice(struct kunit *test)
{
	const struct policy_bar *c = test->param_value;
	struct pnicfw_net *pn = policy_net(test, true, true);
	struct nf_conn *ct = policy_ct(test, IPPROTO_UDP);
	struct sk_buff *skb = policy_skb(test);
	const struct pnicfw_policy_way way = {};
	struct pnicfw_answer answer;
	struct dst_entry *dst;

	dst = kunit_kzalloc(test, sizeof(*dst), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, dst);
	if (c->extension != NF_CT_EXT_NUM) {
		KUNIT_ASSERT_NOT_NULL(test, nf_ct_ext_add(ct, c->extension,
							  GFP_KERNEL));
		kunit_alloc_resource(test, NULL, policy_free_ext, GFP_KERNEL,
				     ct->ext);
	}
	ct->status = LASTING | c->status;
	policy_set_ipsec(test, c, skb, dst);

	memset(&answer, 0xa5, sizeof(answer));
	rcu_read_lock();
	pnicfw_policy_classify(pn, ct, skb, &way, &answer);
	skb->_skb_refdst = 0;
	rcu_read_unlock();
	KUNIT_EXPECT_FALSE(test, answer.cacheable);
	KUNIT_EXPECT_FALSE(test, answer.offloadable);
	KUNIT_EXPECT_EQ(test, answer.cache_why, c->why);
	KUNIT_EXPECT_EQ(test, answer.hw_why, c->why);
	KUNIT_EXPECT_EQ(test, answer.detail, 0);
}

/* Two answers *************************************************************/

/**
 * struct policy_switches - what the parameters say
 * @name: that, in words
 * @cache: connections are cacheable
 * @hw: they are offloadable
 */
struct policy_switches {
	const char *name;
	bool cache;
	bool hw;
};

static const struct policy_switches policy_switches[] = {
	{ "neither", false, false },
	{ "cache only", true, false },
	{ "eswitch only", false, true },
	{ "both", true, true },
};

static void policy_switches_desc(const struct policy_switches *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(policy_switches, policy_switches, policy_switches_desc);

static void policy_answers_independently(struct kunit *test)
{
	const struct policy_switches *c = test->param_value;
	struct pnicfw_net *pn = policy_net(test, c->cache, c->hw);
	struct nf_conn *ct = policy_ct(test, IPPROTO_TCP);
	struct sk_buff *skb = policy_skb(test);
	const struct pnicfw_policy_way way = {};
	struct pnicfw_answer answer;

	ct->status = LASTING | IPS_ASSURED | IPS_SRC_NAT | IPS_SRC_NAT_DONE;
	memset(&answer, 0xa5, sizeof(answer));
	rcu_read_lock();
	pnicfw_policy_classify(pn, ct, skb, &way, &answer);
	rcu_read_unlock();
	KUNIT_EXPECT_EQ(test, answer.cacheable, c->cache);
	KUNIT_EXPECT_EQ(test, answer.offloadable, c->hw);
	KUNIT_EXPECT_EQ(test, answer.cache_why,
			c->cache ? PNICFW_REASON_DEFAULT :
				   PNICFW_REASON_SWITCHED_OFF);
	KUNIT_EXPECT_EQ(test, answer.hw_why,
			c->hw ? PNICFW_REASON_DEFAULT :
				PNICFW_REASON_SWITCHED_OFF);
	KUNIT_EXPECT_EQ(test, answer.hw_after, POLICY_HW_AFTER);
	KUNIT_EXPECT_EQ(test, answer.detail, 0);
}

/* Rules *******************************************************************/

/**
 * struct policy_ruled - what a rule says, and what comes of it
 * @name: that, in words
 * @protonum: the connection's protocol
 * @status: IPS_* bits beside those of a lasting connection
 * @says: parts that the rule has
 * @deny: its verdict
 * @cache: its answer
 * @hw: its answer
 * @verdict: the verdict
 * @cacheable: the answer
 * @offloadable: the answer
 * @cache_why: the reason
 * @hw_why: the reason
 */
struct policy_ruled {
	const char *name;
	u8 protonum;
	unsigned long status;
	u32 says;
	bool deny;
	bool cache;
	bool hw;
	enum pnicfw_verdict verdict;
	bool cacheable;
	bool offloadable;
	enum pnicfw_reason cache_why;
	enum pnicfw_reason hw_why;
};

#define SAYS_CACHE	BIT(PNICFW_RULES_CACHE)
#define SAYS_HW		BIT(PNICFW_RULES_HW)

/* The parameters say that the cache is on and the eswitch off. */
static const struct policy_ruled policy_ruleds[] = {
	{ "says nothing", IPPROTO_TCP, 0, 0, .cacheable = true,
	  .cache_why = PNICFW_REASON_DEFAULT,
	  .hw_why = PNICFW_REASON_SWITCHED_OFF },
	{ "cache off", IPPROTO_TCP, 0, SAYS_CACHE,
	  .cache_why = PNICFW_REASON_RULE,
	  .hw_why = PNICFW_REASON_SWITCHED_OFF },
	{ "hw on", IPPROTO_TCP, 0, SAYS_HW, .hw = true, .cacheable = true,
	  .offloadable = true, .cache_why = PNICFW_REASON_DEFAULT,
	  .hw_why = PNICFW_REASON_RULE },
	{ "cache off hw on", IPPROTO_TCP, 0, SAYS_CACHE | SAYS_HW, .hw = true,
	  .offloadable = true, .cache_why = PNICFW_REASON_RULE,
	  .hw_why = PNICFW_REASON_RULE },
	{ "hw on, and a protocol that no eswitch knows", IPPROTO_ICMP, 0,
	  SAYS_HW, .hw = true, .cacheable = true,
	  .cache_why = PNICFW_REASON_DEFAULT,
	  .hw_why = PNICFW_REASON_PROTOCOL },
	{ "both on, and another flow table's", IPPROTO_TCP, IPS_OFFLOAD,
	  SAYS_CACHE | SAYS_HW, .cache = true, .hw = true,
	  .cache_why = PNICFW_REASON_OWNED, .hw_why = PNICFW_REASON_OWNED },
	{ "deny", IPPROTO_TCP, 0, 0, .deny = true,
	  .verdict = PNICFW_VERDICT_DENY, .cache_why = PNICFW_REASON_RULE,
	  .hw_why = PNICFW_REASON_RULE },
	{ "deny another flow table's", IPPROTO_TCP, IPS_OFFLOAD, 0,
	  .deny = true, .verdict = PNICFW_VERDICT_DENY,
	  .cache_why = PNICFW_REASON_RULE, .hw_why = PNICFW_REASON_RULE },
};

static void policy_ruled_desc(const struct policy_ruled *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(policy_ruleds, policy_ruleds, policy_ruled_desc);

static void policy_flush(struct kunit_resource *res)
{
	pnicfw_rules_flush(res->data);
}

static struct pnicfw_net *policy_net_ruled(struct kunit *test,
					   const struct policy_ruled *c)
{
	struct pnicfw_net *pn = policy_net(test, true, false);
	struct pnicfw_rule *rule = kzalloc(sizeof(*rule), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, rule);
	pnicfw_rules_init(&pn->rules);
	kunit_alloc_resource(test, NULL, policy_flush, GFP_KERNEL, &pn->rules);
	rule->pref = 77;
	rule->says = c->says;
	rule->deny = c->deny;
	rule->cache = c->cache;
	rule->hw = c->hw;
	KUNIT_ASSERT_EQ(test, pnicfw_rules_add(&pn->rules, rule), 0);
	return pn;
}

static void policy_expect_ruled(struct kunit *test,
				const struct policy_ruled *c,
				const struct pnicfw_answer *answer)
{
	KUNIT_EXPECT_EQ(test, answer->cacheable, c->cacheable);
	KUNIT_EXPECT_EQ(test, answer->offloadable, c->offloadable);
	KUNIT_EXPECT_EQ(test, answer->cache_why, c->cache_why);
	KUNIT_EXPECT_EQ(test, answer->hw_why, c->hw_why);
	KUNIT_EXPECT_EQ(test, answer->hw_after, POLICY_HW_AFTER);
	KUNIT_EXPECT_EQ(test, answer->pref, 77);
}

static void policy_says_what_the_rule_says(struct kunit *test)
{
	const struct policy_ruled *c = test->param_value;
	struct pnicfw_net *pn = policy_net_ruled(test, c);
	struct nf_conn *ct = policy_ct(test, c->protonum);
	struct sk_buff *skb = policy_skb(test);
	const struct pnicfw_policy_way way = {};
	struct pnicfw_answer answer, again;

	ct->status = LASTING | IPS_ASSURED | c->status;
	rcu_read_lock();
	KUNIT_EXPECT_EQ(test, c->verdict,
			pnicfw_policy_classify(pn, ct, skb, &way, &answer));
	KUNIT_EXPECT_EQ(test, c->verdict,
			pnicfw_policy_again(pn, ct, &way, &answer, &again));
	rcu_read_unlock();
	policy_expect_ruled(test, c, &answer);
	policy_expect_ruled(test, c, &again);
}

/* What a packet has taught no rule can overrule; but it can deny. */
static void policy_keeps_what_was_taught(struct kunit *test)
{
	const struct pnicfw_answer old = {
		.cache_why = PNICFW_REASON_CHANGE,
		.hw_why = PNICFW_REASON_CHANGE,
		.detail = 22,
		.gen = 3,
	};
	struct policy_ruled c = {
		.says = SAYS_CACHE | SAYS_HW,
		.cache = true,
		.hw = true,
	};
	struct pnicfw_net *pn = policy_net_ruled(test, &c);
	struct nf_conn *ct = policy_ct(test, IPPROTO_TCP);
	const struct pnicfw_policy_way way = {};
	struct pnicfw_answer answer;

	ct->status = LASTING | IPS_ASSURED;
	rcu_read_lock();
	pnicfw_policy_again(pn, ct, &way, &old, &answer);
	rcu_read_unlock();
	KUNIT_EXPECT_FALSE(test, answer.cacheable);
	KUNIT_EXPECT_FALSE(test, answer.offloadable);
	KUNIT_EXPECT_EQ(test, answer.cache_why, PNICFW_REASON_CHANGE);
	KUNIT_EXPECT_EQ(test, answer.detail, 22);
	KUNIT_EXPECT_EQ(test, answer.gen, 3);
}

static struct kunit_case policy_suite_cases[] = {
	KUNIT_CASE_PARAM(policy_knows_what_is_ripe, policy_ripes_gen_params),
	KUNIT_CASE_PARAM(policy_says_no_twice, policy_bars_gen_params),
	KUNIT_CASE_PARAM(policy_answers_independently,
			 policy_switches_gen_params),
	KUNIT_CASE_PARAM(policy_says_what_the_rule_says,
			 policy_ruleds_gen_params),
	KUNIT_CASE(policy_keeps_what_was_taught),
	{}
};

struct kunit_suite pnicfw_policy_suite = {
	.name = "pnicfw_policy",
	.test_cases = policy_suite_cases,
};
