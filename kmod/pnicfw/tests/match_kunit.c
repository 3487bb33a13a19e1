// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of flower: a rule matches its packets, and no others, in the eyes of
 * the kernel's flow dissector.
 */
#include <kunit/test.h>
#include <linux/if_vlan.h>
#include <linux/skbuff.h>
#include <net/flow_dissector.h>

#include "suites.h"
#include "trial.h"

/* Does the rule match this packet? Asked in the way of cls_flower. */
static bool match_hits(struct kunit *test, struct pnicfw_trial *t,
		       int ifindex)
{
	struct pnicfw_flower_key seen = {};
	const u8 *mask = (const u8 *)&t->flower.mask;
	const u8 *key = (const u8 *)&t->flower.key;
	const u8 *found = (const u8 *)&seen;
	struct sk_buff *skb;
	unsigned int i;

	skb = pnicfw_test_skb(&t->p);
	KUNIT_ASSERT_NOT_NULL(test, skb);
	skb->dev = t->in.dev;
	skb->skb_iif = ifindex;
	skb_flow_dissect_meta(skb, &t->flower.dissector, &seen);
	skb_flow_dissect(skb, &t->flower.dissector, &seen,
			 FLOW_DISSECTOR_F_STOP_BEFORE_ENCAP);
	kfree_skb(skb);
	for (i = 0; i < sizeof(seen); i++)
		if ((found[i] & mask[i]) != key[i])
			return false;
	return true;
}

static bool match_hits_here(struct kunit *test, struct pnicfw_trial *t)
{
	return match_hits(test, t, PNICFW_TRIAL_IFINDEX_IN);
}

static void match_hits_its_packets(struct kunit *test)
{
	const struct pnicfw_shape *c = test->param_value;
	struct pnicfw_trial *t = pnicfw_trial_new(test, c);

	KUNIT_EXPECT_TRUE(test, match_hits_here(test, t));

	/* Neither ECN, TTL nor PSH makes another flow. */
	pnicfw_test_set_tos(&t->p, t->path.dscp | 0x01);
	pnicfw_test_set_ttl(&t->p, 3);
	if (c->protocol == IPPROTO_TCP)
		t->p.l3[t->pkt.thoff + 13] |= 0xe8;
	pnicfw_test_seal(&t->p, PNICFW_TEST_CSUM_FULL);
	KUNIT_EXPECT_TRUE(test, match_hits_here(test, t));
}

static void match_misses_other_ports(struct kunit *test)
{
	const struct pnicfw_shape *c = test->param_value;
	struct pnicfw_trial *t = pnicfw_trial_new(test, c);
	unsigned int bit;
	int other;

	for (bit = 0; bit < 32; bit++) {
		other = PNICFW_TRIAL_IFINDEX_IN ^ BIT(bit);
		KUNIT_EXPECT_FALSE(test, match_hits(test, t, other));
	}
}

/* Every bit of the addresses, MAC and IP, of the ports and of the DSCP. */
static void match_misses_other_addresses(struct kunit *test)
{
	const struct pnicfw_shape *c = test->param_value;
	struct pnicfw_trial *t = pnicfw_trial_new(test, c);
	unsigned int bit, from = c->family == NFPROTO_IPV4 ? 12 : 8;

	for (bit = 0; bit < 8 * 2 * ETH_ALEN; bit++) {
		((u8 *)&t->p.eth)[bit / 8] ^= BIT(bit % 8);
		KUNIT_EXPECT_FALSE_MSG(test, match_hits_here(test, t),
				       "Ethernet header, bit %u", bit);
		((u8 *)&t->p.eth)[bit / 8] ^= BIT(bit % 8);
	}
	for (bit = 8 * from; bit < 8 * (t->pkt.thoff + 4); bit++) {
		t->p.l3[bit / 8] ^= BIT(bit % 8);
		KUNIT_EXPECT_FALSE_MSG(test, match_hits_here(test, t),
				       "IP packet, bit %u", bit);
		t->p.l3[bit / 8] ^= BIT(bit % 8);
	}
	for (bit = 2; bit < 8; bit++) {
		pnicfw_test_set_tos(&t->p, t->path.dscp ^ BIT(bit));
		KUNIT_EXPECT_FALSE_MSG(test, match_hits_here(test, t),
				       "DSCP, bit %u", bit);
	}
}

/* Every bit of one of the trial's tags but the DEI, its type, its absence. */
static void match_misses_others_at(struct kunit *test, struct pnicfw_trial *t,
				   struct pnicfw_vlan *at)
{
	const struct pnicfw_vlan tag = *at;
	unsigned int bit;

	KUNIT_EXPECT_TRUE(test, match_hits_here(test, t));
	for (bit = 0; bit < 16; bit++) {
		if (BIT(bit) == VLAN_CFI_MASK)
			continue;
		at->tci = tag.tci ^ BIT(bit);
		KUNIT_EXPECT_FALSE_MSG(test, match_hits_here(test, t),
				       "bit %u", bit);
	}
	*at = tag;
	at->proto = htons(ETH_P_8021AD);
	KUNIT_EXPECT_FALSE(test, match_hits_here(test, t));
	at->proto = 0;
	KUNIT_EXPECT_FALSE(test, match_hits_here(test, t));
}

/* That a rule without a tag matches no tagged frame is not the dissector's to
 * say: drivers and tc see it by the Ethernet type.
 */
static void match_misses_other_tags(struct kunit *test)
{
	const struct pnicfw_shape *c = test->param_value;
	struct pnicfw_trial *t = pnicfw_trial_new(test, c);

	match_misses_others_at(test, t, &t->p.vlan);
}

static void match_misses_other_inner_tags(struct kunit *test)
{
	static const struct pnicfw_shape c = {
		NFPROTO_IPV4, IPPROTO_TCP, .vlan = PNICFW_TRIAL_SWAP_BOTH,
	};
	struct pnicfw_trial *t = pnicfw_trial_new(test, &c);

	match_misses_others_at(test, t, &t->p.inner);
}

static void match_leaves_the_ends_of_tcp_to_tier_1(struct kunit *test)
{
	const struct pnicfw_shape *c = test->param_value;
	struct pnicfw_trial *t = pnicfw_trial_new(test, c);
	struct pnicfw_packet pkt;
	unsigned int flags;
	u8 *byte;

	byte = &t->p.l3[t->pkt.thoff + 13];
	for (flags = 0; flags < 256; flags++) {
		*byte = flags;
		KUNIT_ASSERT_EQ(test, pnicfw_test_parse(&t->p, &pkt), 0);
		KUNIT_EXPECT_EQ_MSG(test, match_hits_here(test, t),
				    !!pkt.hops, "flags %02x", flags);
	}
}

/* Only the first fragment has ports, and hardware that matched it would part it
 * from the others.
 */
static void match_leaves_fragments_to_tier_1(struct kunit *test)
{
	const struct pnicfw_shape *c = test->param_value;
	struct pnicfw_trial *t = pnicfw_trial_new(test, c);

	t->p.l3[6] = 0x20;
	pnicfw_test_seal_ip(&t->p);
	KUNIT_EXPECT_FALSE(test, match_hits_here(test, t));
	KUNIT_EXPECT_TRUE(test, t->flower.mask.control.flags &
				FLOW_DIS_IS_FRAGMENT);
	KUNIT_EXPECT_FALSE(test, t->flower.key.control.flags &
				 FLOW_DIS_IS_FRAGMENT);
}

/* One of each kind of match: what is done to the packets does not matter. */
static const struct pnicfw_shape match_shapes[] = {
	{ NFPROTO_IPV4, IPPROTO_TCP, 0, PNICFW_TRIAL_NO_VLAN },
	{ NFPROTO_IPV4, IPPROTO_TCP, 0, PNICFW_TRIAL_POP },
	{ NFPROTO_IPV4, IPPROTO_UDP, 0, PNICFW_TRIAL_NO_VLAN },
	{ NFPROTO_IPV4, IPPROTO_UDP, 0, PNICFW_TRIAL_POP },
	{ NFPROTO_IPV6, IPPROTO_TCP, 0, PNICFW_TRIAL_NO_VLAN },
	{ NFPROTO_IPV6, IPPROTO_TCP, 0, PNICFW_TRIAL_POP },
	{ NFPROTO_IPV6, IPPROTO_UDP, 0, PNICFW_TRIAL_NO_VLAN },
	{ NFPROTO_IPV6, IPPROTO_UDP, 0, PNICFW_TRIAL_POP },
};

KUNIT_ARRAY_PARAM(match_shapes, match_shapes, pnicfw_shape_desc);

static const struct pnicfw_shape match_tagged[] = {
	{ NFPROTO_IPV4, IPPROTO_TCP, 0, PNICFW_TRIAL_POP },
	{ NFPROTO_IPV4, IPPROTO_UDP, 0, PNICFW_TRIAL_KEEP },
	{ NFPROTO_IPV6, IPPROTO_TCP, 0, PNICFW_TRIAL_SWAP },
	{ NFPROTO_IPV6, IPPROTO_UDP, 0, PNICFW_TRIAL_POP },
};

KUNIT_ARRAY_PARAM(match_tagged, match_tagged, pnicfw_shape_desc);

static const struct pnicfw_shape match_tcp[] = {
	{ NFPROTO_IPV4, IPPROTO_TCP }, { NFPROTO_IPV6, IPPROTO_TCP },
};

KUNIT_ARRAY_PARAM(match_tcp, match_tcp, pnicfw_shape_desc);

static const struct pnicfw_shape match_ipv4[] = {
	{ NFPROTO_IPV4, IPPROTO_TCP }, { NFPROTO_IPV4, IPPROTO_UDP },
};

KUNIT_ARRAY_PARAM(match_ipv4, match_ipv4, pnicfw_shape_desc);

static struct kunit_case match_suite_cases[] = {
	KUNIT_CASE_PARAM(match_hits_its_packets, match_shapes_gen_params),
	KUNIT_CASE_PARAM(match_misses_other_ports, match_shapes_gen_params),
	KUNIT_CASE_PARAM(match_misses_other_addresses, match_shapes_gen_params),
	KUNIT_CASE_PARAM(match_misses_other_tags, match_tagged_gen_params),
	KUNIT_CASE(match_misses_other_inner_tags),
	KUNIT_CASE_PARAM(match_leaves_the_ends_of_tcp_to_tier_1,
			 match_tcp_gen_params),
	KUNIT_CASE_PARAM(match_leaves_fragments_to_tier_1,
			 match_ipv4_gen_params),
	{}
};

struct kunit_suite pnicfw_match_suite = {
	.name = "pnicfw_match",
	.test_cases = match_suite_cases,
};
