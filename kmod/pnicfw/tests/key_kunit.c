// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of key: that conntrack sees the same in a packet, which keys are equal, and
 * that a key is the same after it was inverted twice, or packed.
 */
#include <linux/skbuff.h>
#include <net/net_namespace.h>
#include <net/netfilter/nf_conntrack_core.h>
#include <net/netfilter/nf_conntrack_tuple.h>

#include "../key.h"
#include "kind.h"
#include "packet.h"
#include "suites.h"

/* As the cache asks: by the family of the key that it looks for */
static bool key_equal(const struct pnicfw_key *a, const struct pnicfw_key *b)
{
	return pnicfw_key_equal(a, b, pnicfw_key_ipv4(a));
}

static u32 key_hash(const struct pnicfw_key *key,
		    const struct pnicfw_key_secret *secret)
{
	return pnicfw_key_hash(key, secret, pnicfw_key_ipv4(key));
}

/* Conntrack's own reading of the packet is the reference. */
static void key_is_conntracks_tuple(struct kunit *test)
{
	const struct pnicfw_kind *kind = test->param_value;
	struct nf_conntrack_tuple tuple, inverse;
	struct pnicfw_key key, made, of_inverse;
	struct pnicfw_test_packet p;
	struct pnicfw_packet pkt;
	struct sk_buff *skb;
	bool found;

	pnicfw_test_key(kind->family, kind->protocol, &key);
	pnicfw_test_make(&p, &key, 10);
	KUNIT_ASSERT_EQ(test, pnicfw_test_parse(&p, &pkt), 0);
	skb = pnicfw_test_skb(&p);
	KUNIT_ASSERT_NOT_NULL(test, skb);
	found = nf_ct_get_tuplepr(skb, 0, kind->family, &init_net, &tuple);
	kfree_skb(skb);
	KUNIT_ASSERT_TRUE(test, found);

	memset(&made, 0xa5, sizeof(made));
	KUNIT_ASSERT_EQ(test, pnicfw_key_from_tuple(&tuple, &made), 0);
	KUNIT_EXPECT_TRUE(test, key_equal(&made, &pkt.key));
	KUNIT_EXPECT_EQ(test, memcmp(&made, &key, sizeof(key)), 0);

	KUNIT_ASSERT_TRUE(test, nf_ct_invert_tuple(&inverse, &tuple));
	KUNIT_ASSERT_EQ(test, pnicfw_key_from_tuple(&inverse, &made), 0);
	pnicfw_key_invert(&key, &of_inverse);
	KUNIT_EXPECT_TRUE(test, key_equal(&made, &of_inverse));
}

static void key_refuses_other_tuples(struct kunit *test)
{
	static const u8 protocols[] = {
		IPPROTO_ICMP, IPPROTO_ICMPV6, IPPROTO_GRE,
		IPPROTO_DCCP, IPPROTO_UDPLITE, IPPROTO_ESP, 0, 255,
	};
	struct nf_conntrack_tuple tuple = { .src.l3num = NFPROTO_IPV4 };
	struct pnicfw_key key;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(protocols); i++) {
		tuple.dst.protonum = protocols[i];
		/* a timestamp of ICMP, a call of PPTP */
		tuple.dst.u.all = htons(ICMP_TIMESTAMP << 8);
		KUNIT_EXPECT_EQ_MSG(test, pnicfw_key_from_tuple(&tuple, &key),
				    -EPROTONOSUPPORT, "protocol %u",
				    protocols[i]);
	}
}

static void key_inverts(struct kunit *test)
{
	const struct pnicfw_kind *kind = test->param_value;
	struct pnicfw_key key, once, twice;

	pnicfw_test_key(kind->family, kind->protocol, &key);
	memset(&once, 0xa5, sizeof(once));
	memset(&twice, 0xa5, sizeof(twice));
	pnicfw_key_invert(&key, &once);
	pnicfw_key_invert(&once, &twice);

	KUNIT_EXPECT_EQ(test, memcmp(&key, &twice, sizeof(key)), 0);
	KUNIT_EXPECT_FALSE(test, key_equal(&key, &once));
	KUNIT_EXPECT_EQ(test, memcmp(&once.src, &key.dst, sizeof(key.dst)), 0);
	KUNIT_EXPECT_EQ(test, memcmp(&once.dst, &key.src, sizeof(key.src)), 0);
	if (!pnicfw_key_is_icmp(kind->protocol)) {
		KUNIT_EXPECT_EQ(test, once.sport, key.dport);
		KUNIT_EXPECT_EQ(test, once.dport, key.sport);
	}
	KUNIT_EXPECT_EQ(test, once.protocol, key.protocol);
	KUNIT_EXPECT_EQ(test, once.family, key.family);
}

/* Half of an IPv4 address's room is not even compared. */
static bool key_bit_is_unread(const struct pnicfw_kind *kind, unsigned int byte)
{
	return kind->family == NFPROTO_IPV4 &&
	       byte < offsetof(struct pnicfw_key, sport) &&
	       byte % sizeof(union nf_inet_addr) >= sizeof(u64);
}

/* Bits that a key of this kind may have set: of an IPv4 key all but the three
 * upper words of an address, and the family, by which the hash goes.
 */
static bool key_bit_counts(const struct pnicfw_kind *kind, unsigned int byte)
{
	if (byte == offsetof(struct pnicfw_key, family))
		return false;
	if (byte >= offsetof(struct pnicfw_key, zero))
		return false;
	return kind->family == NFPROTO_IPV6 ||
	       byte >= offsetof(struct pnicfw_key, sport) ||
	       byte % sizeof(union nf_inet_addr) < sizeof(__be32);
}

static void key_equality_and_hash_agree(struct kunit *test)
{
	/* Any numbers with bits in both halves. */
	static const struct pnicfw_key_secret secret = { {
		0x9e3779b97f4a7c15, 0xbf58476d1ce4e5b9, 0x94d049bb133111eb,
		0xd6e8feb86659fd93, 0xa0761d6478bd642f, 0xe7037ed1a0b428db,
		0x8ebc6af09c88c6e3, 0x589965cc75374cc3, 0x1d8e4e27c47d124f,
		0xeb44accab455d165, 0x2127599bf4325c37,
	} };
	static const struct pnicfw_key_secret other = { {
		0x880355f21e6d1965, 0xff51afd7ed558ccd, 0xc4ceb9fe1a85ec53,
		0x87c37b91114253d5, 0x4cf5ad432745937f, 0x52dce729da3ed7a6,
		0x38495ab5fa6e4a1d, 0x165667b19e3779f9, 0x2545f4914f6cdd1d,
		0x369dea0f31a53f85, 0x61c8864680b583eb,
	} };
	const struct pnicfw_kind *kind = test->param_value;
	struct pnicfw_key key, changed;
	unsigned int bit;

	pnicfw_test_key(kind->family, kind->protocol, &key);
	changed = key;
	KUNIT_EXPECT_TRUE(test, key_equal(&key, &changed));
	KUNIT_EXPECT_EQ(test, key_hash(&key, &secret),
			key_hash(&changed, &secret));
	KUNIT_EXPECT_NE(test, key_hash(&key, &secret),
			key_hash(&key, &other));

	for (bit = 0; bit < BITS_PER_BYTE * sizeof(key); bit++) {
		changed = key;
		((u8 *)&changed)[bit / 8] ^= BIT(bit % 8);
		/* Of an IPv4 address's other words nobody looks at any: they
		 * are zero.
		 */
		KUNIT_EXPECT_EQ_MSG(test, key_equal(&key, &changed),
				    key_bit_is_unread(kind, bit / 8),
				    "bit %u", bit);
		if (key_bit_counts(kind, bit / 8))
			KUNIT_EXPECT_NE_MSG(test,
					    key_hash(&key, &secret),
					    key_hash(&changed, &secret),
					    "bit %u", bit);
	}
}

/* Packed, an IPv4 address is four bytes. */
static bool key_bit_is_dropped(const struct pnicfw_kind *kind, unsigned int byte)
{
	return kind->family == NFPROTO_IPV4 &&
	       byte < offsetof(struct pnicfw_key, sport) &&
	       byte % sizeof(union nf_inet_addr) >= sizeof(struct in_addr);
}

/* A key comes back as it was packed, and only IPv6's needs more than the core. */
static void key_packs(struct kunit *test)
{
	u64 core[PNICFW_KEY_CORE], rest[PNICFW_KEY_REST], *more = rest;
	const struct pnicfw_kind *kind = test->param_value;
	bool ipv4 = kind->family == NFPROTO_IPV4;
	struct pnicfw_key key, back, changed;
	unsigned int bit;

	if (ipv4)
		more = NULL;
	pnicfw_test_key(kind->family, kind->protocol, &key);
	memset(&back, 0xa5, sizeof(back));
	pnicfw_key_pack(&key, core, more);
	pnicfw_key_unpack(&back, core, more);
	KUNIT_EXPECT_EQ(test, memcmp(&key, &back, sizeof(key)), 0);

	for (bit = 0; bit < BITS_PER_BYTE * sizeof(key); bit++) {
		changed = key;
		((u8 *)&changed)[bit / 8] ^= BIT(bit % 8);
		KUNIT_EXPECT_EQ_MSG(test,
				    pnicfw_key_is_packed(&changed, core, more,
							 ipv4),
				    key_bit_is_dropped(kind, bit / 8),
				    "bit %u", bit);
	}
}

static struct kunit_case key_cases[] = {
	KUNIT_CASE_PARAM(key_is_conntracks_tuple, pnicfw_kinds_gen_params),
	KUNIT_CASE(key_refuses_other_tuples),
	KUNIT_CASE_PARAM(key_inverts, pnicfw_kinds_gen_params),
	KUNIT_CASE_PARAM(key_equality_and_hash_agree,
			 pnicfw_kinds_gen_params),
	KUNIT_CASE_PARAM(key_packs, pnicfw_kinds_gen_params),
	{}
};

struct kunit_suite pnicfw_key_suite = {
	.name = "pnicfw_key",
	.test_cases = key_cases,
};
