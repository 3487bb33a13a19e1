// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of action against the kernel's own NAT: nf_nat rewrites a packet in a
 * socket buffer, action rewrites a copy of its bytes, and both are the same,
 * whatever the checksum covers.
 */
#include <linux/netfilter.h>
#include <linux/skbuff.h>
#include <net/dsfield.h>
#include <net/ip.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/netfilter/nf_nat.h>

#include "../action.h"
#include "packet.h"
#include "suites.h"

#define NAT_ROUNDS	5000

/**
 * struct nat_case - a kind of packet
 * @name: what it is
 * @family: NFPROTO_IPV4 or NFPROTO_IPV6
 * @protocol: one that a key may have
 * @csum: what its transport checksum covers
 */
struct nat_case {
	const char *name;
	u8 family;
	u8 protocol;
	enum pnicfw_test_csum csum;
};

static const struct nat_case nat_cases[] = {
	{ "ipv4 tcp, full csum", NFPROTO_IPV4, IPPROTO_TCP,
	  PNICFW_TEST_CSUM_FULL },
	{ "ipv4 tcp, partial csum", NFPROTO_IPV4, IPPROTO_TCP,
	  PNICFW_TEST_CSUM_PARTIAL },
	{ "ipv4 udp, full csum", NFPROTO_IPV4, IPPROTO_UDP,
	  PNICFW_TEST_CSUM_FULL },
	{ "ipv4 udp, partial csum", NFPROTO_IPV4, IPPROTO_UDP,
	  PNICFW_TEST_CSUM_PARTIAL },
	{ "ipv4 udp, no csum", NFPROTO_IPV4, IPPROTO_UDP,
	  PNICFW_TEST_CSUM_NONE },
	{ "ipv6 tcp, full csum", NFPROTO_IPV6, IPPROTO_TCP,
	  PNICFW_TEST_CSUM_FULL },
	{ "ipv6 tcp, partial csum", NFPROTO_IPV6, IPPROTO_TCP,
	  PNICFW_TEST_CSUM_PARTIAL },
	{ "ipv6 udp, full csum", NFPROTO_IPV6, IPPROTO_UDP,
	  PNICFW_TEST_CSUM_FULL },
	{ "ipv6 udp, partial csum", NFPROTO_IPV6, IPPROTO_UDP,
	  PNICFW_TEST_CSUM_PARTIAL },
	{ "ipv4 sctp", NFPROTO_IPV4, IPPROTO_SCTP, PNICFW_TEST_CSUM_FULL },
	{ "ipv6 sctp", NFPROTO_IPV6, IPPROTO_SCTP, PNICFW_TEST_CSUM_FULL },
	{ "icmp", NFPROTO_IPV4, IPPROTO_ICMP, PNICFW_TEST_CSUM_FULL },
	{ "icmpv6", NFPROTO_IPV6, IPPROTO_ICMPV6, PNICFW_TEST_CSUM_FULL },
	{ "ipv4 gre", NFPROTO_IPV4, IPPROTO_GRE, PNICFW_TEST_CSUM_FULL },
	{ "ipv6 gre", NFPROTO_IPV6, IPPROTO_GRE, PNICFW_TEST_CSUM_FULL },
};

static void nat_case_desc(const struct nat_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(nat_cases, nat_cases, nat_case_desc);

/* All that nf_nat asks of a connection: the tuple that answers. */
static void nat_set_reply(struct nf_conn *ct, const struct pnicfw_key *to)
{
	struct nf_conntrack_tuple *reply;
	struct pnicfw_key answer;

	pnicfw_key_invert(to, &answer);
	reply = &ct->tuplehash[IP_CT_DIR_REPLY].tuple;
	memset(reply, 0, sizeof(*reply));
	reply->src.l3num = to->family;
	reply->src.u3 = answer.src;
	reply->src.u.all = answer.sport;
	reply->dst.u3 = answer.dst;
	reply->dst.u.all = answer.dport;
	reply->dst.protonum = to->protocol;
	reply->dst.dir = IP_CT_DIR_REPLY;
}

/* The order in which a routed packet has it: prerouting, forwarding,
 * postrouting.
 */
static bool nat_forward(struct sk_buff *skb, struct nf_conn *ct,
			unsigned int nat, u8 dscp)
{
	const struct nf_nat_hook *hook;
	bool ok = true;

	rcu_read_lock();
	hook = rcu_dereference(nf_nat_hook);
	if (nat & PNICFW_TEST_DNAT)
		ok = hook->manip_pkt(skb, ct, NF_NAT_MANIP_DST,
				     IP_CT_DIR_ORIGINAL) == NF_ACCEPT;
	if (skb->protocol == htons(ETH_P_IP)) {
		ip_decrease_ttl(ip_hdr(skb));
		ipv4_change_dsfield(ip_hdr(skb), INET_ECN_MASK, dscp);
	} else {
		ipv6_hdr(skb)->hop_limit--;
		ipv6_change_dsfield(ipv6_hdr(skb), INET_ECN_MASK, dscp);
	}
	if (nat & PNICFW_TEST_SNAT)
		ok &= hook->manip_pkt(skb, ct, NF_NAT_MANIP_SRC,
				      IP_CT_DIR_ORIGINAL) == NF_ACCEPT;
	rcu_read_unlock();
	return ok;
}

/**
 * struct nat_trial - what one round needs
 * @p: the packet
 * @pkt: the same, parsed
 * @to: the key it leaves with
 * @ct: its connection, as far as NAT looks at it
 * @seen: its bytes as they left
 */
struct nat_trial {
	struct pnicfw_test_packet p;
	struct pnicfw_packet pkt;
	struct pnicfw_key to;
	struct nf_conn ct;
	struct pnicfw_test_packet seen;
};

static void nat_look(const struct pnicfw_test_packet *p, bool partial,
		     struct pnicfw_sight *sight)
{
	memset(sight, 0, sizeof(*sight));
	sight->eth = &p->eth;
	sight->l3 = p->l3;
	sight->l3_seen = p->len;
	sight->l3_len = p->len;
	sight->partial = partial;
}

static void nat_make(struct rnd_state *rnd, const struct nat_case *c,
		     unsigned int nat, struct nat_trial *t)
{
	unsigned int payload = prandom_u32_state(rnd) % 60;
	struct pnicfw_key key;

	pnicfw_test_random_key(rnd, c->family, c->protocol, &key);
	pnicfw_test_random_key(rnd, c->family, c->protocol, &t->to);
	if (!(nat & PNICFW_TEST_SNAT)) {
		t->to.src = key.src;
		t->to.sport = key.sport;
	}
	if (!(nat & PNICFW_TEST_DNAT)) {
		t->to.dst = key.dst;
		t->to.dport = key.dport;
	}
	pnicfw_test_make(&t->p, &key, payload);
	prandom_bytes_state(rnd, t->p.l3 + t->p.len - payload, payload);
	pnicfw_test_seal(&t->p, c->csum);
	nat_set_reply(&t->ct, &t->to);
}

/* The packet after nf_nat, in @t->seen; and with its checksum completed, as a
 * device would send it, in @t->p. NULL where all went well, else what did not.
 */
static const char *nat_by_the_kernel(struct nat_trial *t,
				     const struct nat_case *c,
				     unsigned int nat, u8 dscp)
{
	struct sk_buff *skb = pnicfw_test_skb(&t->p);
	const char *err = NULL;

	if (!skb)
		return "memory ran out";
	if (c->csum == PNICFW_TEST_CSUM_PARTIAL)
		pnicfw_test_skb_partial(skb);
	if (!nat_forward(skb, &t->ct, nat, dscp))
		err = "nf_nat refused the packet";
	t->seen = t->p;
	memcpy(t->seen.l3, skb->data, skb->len);
	if (skb->ip_summed == CHECKSUM_PARTIAL && skb_checksum_help(skb))
		err = "the checksum could not be completed";
	memcpy(t->p.l3, skb->data, skb->len);
	kfree_skb(skb);
	return err;
}

static void nat_round(struct kunit *test, struct rnd_state *rnd,
		      const struct nat_case *c, struct nat_trial *t)
{
	bool partial = c->csum == PNICFW_TEST_CSUM_PARTIAL;
	unsigned int nat = prandom_u32_state(rnd) & 3;
	u8 dscp = prandom_u32_state(rnd) & 0xfc;
	struct pnicfw_test_packet in, whole;
	struct pnicfw_sight before, after;
	struct pnicfw_action act;
	const char *err;
	__sum16 *check;

	nat_make(rnd, c, nat, t);
	in = t->p;
	KUNIT_ASSERT_EQ(test, pnicfw_test_parse(&in, &t->pkt), 0);
	err = nat_by_the_kernel(t, c, nat, dscp);
	KUNIT_ASSERT_NULL_MSG(test, err, "%s", err);

	nat_look(&in, partial, &before);
	nat_look(&t->seen, partial, &after);
	KUNIT_ASSERT_EQ(test, pnicfw_action_derive(&before, &after, &act), 0);
	KUNIT_ASSERT_EQ(test, pnicfw_action_verify(&act, &t->pkt, &t->to,
						   &before, &after), -1);
	pnicfw_action_apply(&act, in.l3, &t->pkt, &t->to, partial);
	KUNIT_ASSERT_EQ(test, memcmp(in.l3, t->seen.l3, in.len), 0);

	/* What goes out on the wire in the end has right checksums. The one
	 * that skb_checksum_help() computes is never zero, even in TCP.
	 */
	whole = t->p;
	pnicfw_test_seal(&whole, partial ? PNICFW_TEST_CSUM_FULL : c->csum);
	check = pnicfw_test_l4_csum(&whole);
	if (partial && !*check)
		*check = CSUM_MANGLED_0;
	KUNIT_ASSERT_EQ(test, memcmp(whole.l3, t->p.l3, whole.len), 0);
}

static void nat_does_as_the_kernel(struct kunit *test)
{
	const struct nat_case *c = test->param_value;
	struct rnd_state rnd;
	struct nat_trial *t;
	unsigned int round;

	if (!rcu_access_pointer(nf_nat_hook))
		kunit_skip(test, "nf_nat is not loaded");
	t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, t);
	pnicfw_test_seed(test, &rnd);
	for (round = 0; round < NAT_ROUNDS; round++)
		nat_round(test, &rnd, c, t);
}

static struct kunit_case nat_suite_cases[] = {
	KUNIT_CASE_PARAM(nat_does_as_the_kernel, nat_cases_gen_params),
	{}
};

struct kunit_suite pnicfw_nat_suite = {
	.name = "pnicfw_nat",
	.test_cases = nat_suite_cases,
};
