// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of plain: whatever buffer a packet comes in and whatever its device says
 * of its checksum, it is taken only where conntrack would take it, leaves with
 * the same bytes, and is not written to where somebody else has it.
 */
#include <kunit/test.h>
#include <linux/netfilter.h>
#include <linux/skbuff.h>
#include <net/checksum.h>
#include <net/netfilter/nf_conntrack.h>

#include "../plain.h"
#include "../record.h"
#include "kind.h"
#include "packet.h"
#include "suites.h"

#define PLAIN_PAYLOAD	40

/**
 * struct plain_trial - a packet of a direction
 * @p: the packet
 * @pkt: the same, parsed
 * @dir: the direction, which has a conntrack entry and no more
 */
struct plain_trial {
	struct pnicfw_test_packet p;
	struct pnicfw_packet pkt;
	struct pnicfw_dir dir;
};

static struct nf_conn *plain_ct(struct kunit *test, const struct pnicfw_kind *k)
{
	struct nf_conntrack_tuple *tuple;
	struct nf_conn *ct;

	ct = kunit_kzalloc(test, sizeof(*ct), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, ct);
	tuple = &ct->tuplehash[IP_CT_DIR_ORIGINAL].tuple;
	tuple->src.l3num = k->family;
	tuple->dst.protonum = k->protocol;
	if (k->protocol == IPPROTO_SCTP)
		ct->proto.sctp.vtag[IP_CT_DIR_ORIGINAL] = htonl(0x87654321);
	write_pnet(&ct->ct_net, &init_net);
	return ct;
}

static struct plain_trial *plain_trial(struct kunit *test)
{
	const struct pnicfw_kind *k = test->param_value;
	struct plain_trial *t;
	struct pnicfw_key key;

	t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, t);
	pnicfw_test_key(k->family, k->protocol, &key);
	pnicfw_test_make(&t->p, &key, PLAIN_PAYLOAD);
	KUNIT_ASSERT_EQ(test, pnicfw_test_parse(&t->p, &t->pkt), 0);
	t->dir.ct = plain_ct(test, k);
	return t;
}

/* One bit of the payload is not what the sender sent. */
static void plain_damage(struct plain_trial *t)
{
	t->p.l3[t->p.len - 1] ^= 0x10;
}

/* A buffer as a driver hands it up that says @ip_summed. */
static struct sk_buff *plain_skb(struct kunit *test, const struct plain_trial *t,
				 u8 ip_summed)
{
	struct sk_buff *skb = pnicfw_test_skb(&t->p);

	KUNIT_ASSERT_NOT_NULL(test, skb);
	skb->ip_summed = ip_summed;
	if (ip_summed == CHECKSUM_COMPLETE)
		skb->csum = csum_partial(skb->data, skb->len, 0);
	if (ip_summed == CHECKSUM_PARTIAL)
		pnicfw_test_skb_partial(skb);
	return skb;
}

/* The payload moves to a page of its own. */
static void plain_split(struct kunit *test, const struct plain_trial *t,
			struct sk_buff *skb)
{
	unsigned int n = skb->len - t->pkt.hlen;
	struct page *page = alloc_page(GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, page);
	memcpy(page_address(page), skb->data + t->pkt.hlen, n);
	skb_trim(skb, t->pkt.hlen);
	skb_add_rx_frag(skb, 0, page, 0, n, PAGE_SIZE);
}

static struct sk_buff *plain_make(struct plain_trial *t, struct sk_buff *skb)
{
	return pnicfw_plain_make(skb, &t->dir, t->pkt.thoff, t->pkt.hlen,
				 t->pkt.len);
}

static bool plain_has(const struct plain_trial *t, const struct sk_buff *skb)
{
	u8 found[PNICFW_TEST_L3];

	return skb->len == t->p.len && !skb_copy_bits(skb, 0, found, skb->len) &&
	       !memcmp(found, t->p.l3, skb->len);
}

/* It is taken, is the packet, and its headers may be written. */
static void plain_expect_taken(struct kunit *test, const struct plain_trial *t,
			       const struct sk_buff *skb)
{
	KUNIT_ASSERT_NOT_NULL(test, skb);
	KUNIT_EXPECT_TRUE(test, plain_has(t, skb));
	KUNIT_EXPECT_FALSE(test, skb_shared(skb));
	KUNIT_EXPECT_FALSE(test, skb_cloned(skb));
	KUNIT_EXPECT_GE(test, skb_headlen(skb), (unsigned int)t->pkt.hlen);
	KUNIT_EXPECT_GE(test, skb_headroom(skb), (unsigned int)ETH_HLEN);
}

/* What is there, and comes with @ip_summed, is taken or not; nothing happens to
 * what is not. It says @leaves then, if it is.
 */
static void plain_expect(struct kunit *test, struct plain_trial *t, u8 ip_summed,
			 bool taken, u8 leaves)
{
	struct sk_buff *skb, *own;
	int split;

	for (split = 0; split < 2; split++) {
		skb = plain_skb(test, t, ip_summed);
		if (split)
			plain_split(test, t, skb);
		own = plain_make(t, skb);
		if (taken) {
			plain_expect_taken(test, t, own);
			KUNIT_EXPECT_EQ(test, (u8)own->ip_summed, leaves);
		} else {
			KUNIT_EXPECT_NULL(test, own);
			KUNIT_EXPECT_TRUE(test, plain_has(t, skb));
		}
		kfree_skb(own ?: skb);
	}
}

/* Nobody has looked at the checksum: conntrack would. GRE's is not its concern. */
static void plain_checks_none(struct kunit *test)
{
	const struct pnicfw_kind *k = test->param_value;
	struct plain_trial *t = plain_trial(test);

	plain_expect(test, t, CHECKSUM_NONE, true, CHECKSUM_NONE);
	plain_damage(t);
	plain_expect(test, t, CHECKSUM_NONE, k->protocol == IPPROTO_GRE,
		     CHECKSUM_NONE);
}

/* The device has added up the packet, which tells a wrong one from a right one,
 * and is no sum of what leaves. Conntrack cannot use it for SCTP, and takes the
 * device's having looked at it for enough.
 */
static void plain_checks_complete(struct kunit *test)
{
	const struct pnicfw_kind *k = test->param_value;
	bool unused = k->protocol == IPPROTO_GRE ||
		      k->protocol == IPPROTO_SCTP;
	struct plain_trial *t = plain_trial(test);

	plain_expect(test, t, CHECKSUM_COMPLETE, true,
		     unused ? CHECKSUM_NONE : CHECKSUM_UNNECESSARY);
	plain_damage(t);
	plain_expect(test, t, CHECKSUM_COMPLETE, unused, CHECKSUM_NONE);
}

/* A device's sum that is wrong condemns no packet. */
static void plain_doubts_complete(struct kunit *test)
{
	struct plain_trial *t = plain_trial(test);
	struct sk_buff *skb, *own;

	skb = plain_skb(test, t, CHECKSUM_COMPLETE);
	skb->csum = csum_add(skb->csum, (__force __wsum)1);
	own = plain_make(t, skb);
	plain_expect_taken(test, t, own);
	KUNIT_EXPECT_NE(test, (u8)own->ip_summed, (u8)CHECKSUM_COMPLETE);
	kfree_skb(own);
}

/* What the device vouches for, or has yet to compute, is its business. */
static void plain_trusts_device(struct kunit *test)
{
	struct plain_trial *t = plain_trial(test);

	plain_damage(t);
	plain_expect(test, t, CHECKSUM_UNNECESSARY, true, CHECKSUM_UNNECESSARY);
	plain_expect(test, t, CHECKSUM_PARTIAL, true, CHECKSUM_PARTIAL);
}

/* UDP may do without over IPv4 only. */
static void plain_without_checksum(struct kunit *test)
{
	const struct pnicfw_kind *k = test->param_value;
	struct plain_trial *t = plain_trial(test);

	if (k->protocol != IPPROTO_UDP)
		kunit_skip(test, "has to have one");
	pnicfw_test_seal(&t->p, PNICFW_TEST_CSUM_NONE);
	plain_expect(test, t, CHECKSUM_NONE, k->family == NFPROTO_IPV4,
		     CHECKSUM_NONE);
}

/* Whoever else holds the buffer, or a clone of it, finds it as it was. */
static void plain_spares_others(struct kunit *test)
{
	struct plain_trial *t = plain_trial(test);
	struct sk_buff *skb, *own, *other;
	int way;

	for (way = 0; way < 4; way++) {
		skb = plain_skb(test, t, CHECKSUM_UNNECESSARY);
		if (way & 1)
			plain_split(test, t, skb);
		other = way & 2 ? skb_get(skb) : skb_clone(skb, GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, other);

		own = plain_make(t, skb);
		KUNIT_EXPECT_PTR_NE(test, own, other);
		plain_expect_taken(test, t, own);
		memset(own->data, 0xff, t->pkt.hlen);
		__skb_push(own, ETH_HLEN);
		memset(own->data, 0xff, ETH_HLEN);

		KUNIT_EXPECT_FALSE(test, skb_shared(other));
		KUNIT_EXPECT_TRUE(test, plain_has(t, other));
		KUNIT_EXPECT_EQ(test, memcmp(skb_mac_header(other), &t->p.eth,
					     ETH_HLEN), 0);
		kfree_skb(own);
		kfree_skb(other);
	}
}

/* Ethernet's padding goes, as ip_rcv() has it; where it would have to be told from
 * what the checksum covers, tier 1 does so.
 */
static void plain_trims_padding(struct kunit *test)
{
	const struct pnicfw_kind *k = test->param_value;
	struct plain_trial *t = plain_trial(test);
	bool unchecked = k->protocol == IPPROTO_GRE;
	struct sk_buff *skb, *own;
	u8 summed;

	for (summed = CHECKSUM_NONE; summed <= CHECKSUM_UNNECESSARY; summed++) {
		skb = plain_skb(test, t, summed);
		skb_put_zero(skb, min(6, skb_tailroom(skb)));
		KUNIT_ASSERT_GT(test, skb->len, t->p.len);
		own = plain_make(t, skb);
		if (summed == CHECKSUM_UNNECESSARY || unchecked)
			plain_expect_taken(test, t, own);
		else
			KUNIT_EXPECT_NULL(test, own);
		kfree_skb(own ?: skb);
	}
}

static struct kunit_case plain_suite_cases[] = {
	KUNIT_CASE_PARAM(plain_checks_none, pnicfw_kinds_gen_params),
	KUNIT_CASE_PARAM(plain_checks_complete, pnicfw_kinds_gen_params),
	KUNIT_CASE_PARAM(plain_doubts_complete, pnicfw_kinds_gen_params),
	KUNIT_CASE_PARAM(plain_trusts_device, pnicfw_kinds_gen_params),
	KUNIT_CASE_PARAM(plain_without_checksum, pnicfw_kinds_gen_params),
	KUNIT_CASE_PARAM(plain_spares_others, pnicfw_kinds_gen_params),
	KUNIT_CASE_PARAM(plain_trims_padding, pnicfw_kinds_gen_params),
	{}
};

struct kunit_suite pnicfw_plain_suite = {
	.name = "pnicfw_plain",
	.test_cases = plain_suite_cases,
};
