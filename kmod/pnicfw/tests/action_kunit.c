// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of action: what is derived, that verification finds every change that
 * is not explained, and that applying makes the packet that left, checksums
 * computed from scratch.
 */
#include <linux/etherdevice.h>
#include <linux/if_vlan.h>
#include <linux/pnicfw.h>
#include <net/checksum.h>

#include "../action.h"
#include "packet.h"
#include "suites.h"

#define ACTION_RANDOM_ROUNDS	50000

/**
 * struct action_case - one of all the kinds of packets and NAT
 * @family: NFPROTO_IPV4 or NFPROTO_IPV6
 * @protocol: IPPROTO_TCP or IPPROTO_UDP
 * @nat: PNICFW_TEST_SNAT, PNICFW_TEST_DNAT, both or none
 * @csum: what the transport checksum covers
 */
struct action_case {
	u8 family;
	u8 protocol;
	u8 nat;
	u8 csum;
};

static const char * const action_nat_names[] = {
	"no nat", "snat", "dnat", "snat and dnat",
};

static const char * const action_csum_names[] = {
	"full csum", "partial csum", "no csum",
};

/* Only UDP over IPv4 goes without a checksum. */
static bool action_case_exists(const struct action_case *c)
{
	return c->csum != PNICFW_TEST_CSUM_NONE ||
	       (c->family == NFPROTO_IPV4 && c->protocol == IPPROTO_UDP);
}

/* KUnit's parameters, one after the other: where they are is which they are. */
static const void *action_cases_gen_params(const void *prev, char *desc)
{
	static struct action_case cases[2 * 2 * 4 * 3];
	const struct action_case *last = prev;
	unsigned int i = 0;
	struct action_case *c;

	if (last)
		i = last - cases + 1;
	for (; i < ARRAY_SIZE(cases); i++) {
		c = &cases[i];
		c->family = i / 24 ? NFPROTO_IPV6 : NFPROTO_IPV4;
		c->protocol = i / 12 % 2 ? IPPROTO_UDP : IPPROTO_TCP;
		c->nat = i / 3 % 4;
		c->csum = i % 3;
		if (!action_case_exists(c))
			continue;
		snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%s %s, %s, %s",
			 c->family == NFPROTO_IPV4 ? "ipv4" : "ipv6",
			 c->protocol == IPPROTO_TCP ? "tcp" : "udp",
			 action_nat_names[c->nat], action_csum_names[c->csum]);
		return c;
	}
	return NULL;
}

/**
 * struct action_trial - a packet before and after, and what is made of it
 * @in: as it came in
 * @out: as it left
 * @pkt: @in, parsed
 * @to: the key it leaves with
 * @act: what was derived
 * @partial: its checksum is partial
 */
struct action_trial {
	struct pnicfw_test_packet in;
	struct pnicfw_test_packet out;
	struct pnicfw_packet pkt;
	struct pnicfw_key to;
	struct pnicfw_action act;
	bool partial;
};

static void trial_look(const struct action_trial *t,
		       const struct pnicfw_test_packet *p,
		       struct pnicfw_sight *sight)
{
	memset(sight, 0, sizeof(*sight));
	sight->eth = &p->eth;
	sight->l3 = p->l3;
	sight->l3_seen = p->len;
	sight->l3_len = p->len;
	sight->vlan = p->vlan;
	sight->inner = p->inner;
	sight->partial = t->partial;
}

static int trial_derive(struct action_trial *t)
{
	struct pnicfw_sight in, out;

	trial_look(t, &t->in, &in);
	trial_look(t, &t->out, &out);
	memset(&t->act, 0xa5, sizeof(t->act));
	return pnicfw_action_derive(&in, &out, &t->act);
}

static int trial_verify(const struct action_trial *t)
{
	struct pnicfw_sight in, out;

	trial_look(t, &t->in, &in);
	trial_look(t, &t->out, &out);
	return pnicfw_action_verify(&t->act, &t->pkt, &t->to, &in, &out);
}

/* Does the action make the packet that left? */
static bool trial_applies(struct action_trial *t)
{
	u8 *l3 = t->in.l3;

	pnicfw_action_apply(&t->act, l3, &t->pkt, &t->to, t->partial);
	return !memcmp(l3, t->out.l3, t->in.len);
}

/* A packet that is routed: in, and out with one hop less, other MAC addresses,
 * and what NAT does. NULL where memory ran out.
 */
static struct action_trial *trial_new(struct kunit *test,
				      const struct action_case *c,
				      unsigned int payload)
{
	struct action_trial *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);
	struct pnicfw_key key;

	KUNIT_ASSERT_NOT_NULL(test, t);
	pnicfw_test_key(c->family, c->protocol, &key);
	pnicfw_test_nat(&key, c->nat, &t->to);
	pnicfw_test_make(&t->in, &key, payload);
	pnicfw_test_seal(&t->in, c->csum);
	t->partial = c->csum == PNICFW_TEST_CSUM_PARTIAL;
	KUNIT_ASSERT_EQ(test, pnicfw_test_parse(&t->in, &t->pkt), 0);

	t->out = t->in;
	memset(t->out.eth.h_dest, 0x44, ETH_ALEN);
	memset(t->out.eth.h_source, 0x46, ETH_ALEN);
	pnicfw_test_set_ttl(&t->out, t->pkt.hops - 1);
	pnicfw_test_address(&t->out, &t->to);
	pnicfw_test_seal(&t->out, c->csum);
	return t;
}

static void action_explains_routing(struct kunit *test)
{
	const struct action_case *c = test->param_value;
	struct action_trial *t = trial_new(test, c, 50);

	KUNIT_ASSERT_EQ(test, trial_derive(t), 0);
	KUNIT_EXPECT_EQ(test, t->act.ttl_dec, 1);
	KUNIT_EXPECT_EQ(test, t->act.dscp, 0);
	KUNIT_EXPECT_EQ(test, t->act.nat, c->nat != 0);
	KUNIT_EXPECT_EQ(test, trial_verify(t), -1);
	KUNIT_EXPECT_TRUE(test, trial_applies(t));
}

static void action_explains_remarking(struct kunit *test)
{
	const struct action_case *c = test->param_value;
	struct action_trial *t = trial_new(test, c, 50);

	/* ECN is the sender's and the network's: it comes through. */
	pnicfw_test_set_tos(&t->in, 0x28 | 0x03);
	pnicfw_test_seal(&t->in, c->csum);
	pnicfw_test_set_tos(&t->out, 0xb8 | 0x03);
	pnicfw_test_seal(&t->out, c->csum);
	KUNIT_ASSERT_EQ(test, pnicfw_test_parse(&t->in, &t->pkt), 0);

	KUNIT_ASSERT_EQ(test, trial_derive(t), 0);
	KUNIT_EXPECT_EQ(test, t->act.dscp, 0xb8);
	KUNIT_EXPECT_EQ(test, trial_verify(t), -1);
	KUNIT_EXPECT_TRUE(test, trial_applies(t));
}

static void action_explains_bridging(struct kunit *test)
{
	const struct action_case *c = test->param_value;
	struct action_trial *t = trial_new(test, c, 50);

	/* Bridges translate addresses, too, but leave the TTL alone. */
	memcpy(&t->out.eth, &t->in.eth, sizeof(t->in.eth));
	pnicfw_test_set_ttl(&t->out, t->pkt.hops);
	pnicfw_test_seal(&t->out, c->csum);

	KUNIT_ASSERT_EQ(test, trial_derive(t), 0);
	KUNIT_EXPECT_EQ(test, t->act.ttl_dec, 0);
	KUNIT_EXPECT_EQ(test, t->act.nat, c->nat != 0);
	KUNIT_EXPECT_EQ(test, trial_verify(t), -1);
	KUNIT_EXPECT_TRUE(test, trial_applies(t));
}

/* Which bits of an IP header, if flipped, are a change of DSCP. */
static bool action_bit_is_dscp(u8 family, unsigned int bit)
{
	unsigned int byte = bit / 8, mask = BIT(bit % 8);

	if (family == NFPROTO_IPV4)
		return byte == 1 && mask >= 0x04;
	return (byte == 0 && mask <= 0x08) || (byte == 1 && mask >= 0x40);
}

/* Each bit of the packet that left is flipped, one at a time. In IPv4, a DSCP
 * that changed is wrong by the header's checksum; in IPv6 there is none, so it
 * is a change like any.
 */
static void action_finds_every_flipped_bit(struct kunit *test)
{
	const struct action_case *c = test->param_value;
	struct action_trial *t = trial_new(test, c, 40);
	unsigned int bit;
	int wanted, at;

	for (bit = 0; bit < 8 * t->out.len; bit++) {
		t->out.l3[bit / 8] ^= BIT(bit % 8);
		KUNIT_ASSERT_EQ(test, trial_derive(t), 0);
		at = trial_verify(t);
		wanted = bit / 8;
		if (action_bit_is_dscp(c->family, bit))
			wanted = c->family == NFPROTO_IPV4 ? 10 : -1;
		if (wanted == 10 && at == 11)
			at = 10;
		KUNIT_EXPECT_EQ_MSG(test, at, wanted, "byte %u, bit %u",
				    bit / 8, bit % 8);
		t->out.l3[bit / 8] ^= BIT(bit % 8);
	}
	KUNIT_ASSERT_EQ(test, trial_derive(t), 0);
	KUNIT_EXPECT_EQ(test, trial_verify(t), -1);
}

static void action_compares_128_bytes(struct kunit *test)
{
	static const struct action_case c = { NFPROTO_IPV4, IPPROTO_UDP };
	struct action_trial *t = trial_new(test, &c, 150);

	KUNIT_ASSERT_EQ(test, trial_derive(t), 0);
	t->out.l3[PNICFW_SIGHT_L3 - 1] ^= 0x10;
	KUNIT_EXPECT_EQ(test, trial_verify(t), PNICFW_SIGHT_L3 - 1);
	t->out.l3[PNICFW_SIGHT_L3 - 1] ^= 0x10;
	t->out.l3[PNICFW_SIGHT_L3] ^= 0x10;
	KUNIT_EXPECT_EQ(test, trial_verify(t), -1);
}

/**
 * struct action_ttl - a TTL that comes out as another
 * @in: at ingress
 * @out: at egress
 * @explained: an action can do that to the next packet
 */
struct action_ttl {
	u8 in;
	u8 out;
	bool explained;
};

static const struct action_ttl action_ttls[] = {
	{ 64, 64, true },
	{ 64, 63, true },
	{ 2, 1, true },
	{ 255, 254, true },
	{ 64, 62, false },
	{ 64, 65, false },
	{ 64, 255, false },
	{ 1, 64, false },
	{ 0, 255, false },
};

static void action_ttl_desc(const struct action_ttl *ttl, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%u becomes %u", ttl->in,
		 ttl->out);
}

KUNIT_ARRAY_PARAM(action_ttls, action_ttls, action_ttl_desc);

/* A TTL that was set looks like one that was counted down for one packet
 * alone; any other way, it cannot be told what the next packet's will be.
 */
static void action_counts_ttl_down_only(struct kunit *test)
{
	const struct action_ttl *ttl = test->param_value;
	struct action_case c = { .protocol = IPPROTO_TCP };
	struct action_trial *t;
	int at;

	for (at = 7; at <= 8; at++) {
		c.family = at == 8 ? NFPROTO_IPV4 : NFPROTO_IPV6;
		t = trial_new(test, &c, 0);
		pnicfw_test_set_ttl(&t->in, ttl->in);
		pnicfw_test_seal(&t->in, c.csum);
		pnicfw_test_set_ttl(&t->out, ttl->out);
		pnicfw_test_seal(&t->out, c.csum);
		KUNIT_ASSERT_EQ(test, pnicfw_test_parse(&t->in, &t->pkt), 0);
		KUNIT_ASSERT_EQ(test, trial_derive(t), 0);
		KUNIT_EXPECT_EQ(test, trial_verify(t),
				ttl->explained ? -1 : at);
	}
}

/* NAT to other than what conntrack's tuple says is nobody's action. */
static void action_nat_follows_the_tuple(struct kunit *test)
{
	static const struct action_case c = {
		NFPROTO_IPV4, IPPROTO_TCP, PNICFW_TEST_SNAT,
	};
	struct action_trial *t = trial_new(test, &c, 10);

	KUNIT_ASSERT_EQ(test, trial_derive(t), 0);
	KUNIT_EXPECT_EQ(test, trial_verify(t), -1);

	t->to.src.ip ^= htonl(0x01000000);
	KUNIT_EXPECT_EQ(test, trial_verify(t), 10);
	t->to.src.ip ^= htonl(0x01000000);
	t->to.dport ^= htons(0x0100);
	KUNIT_EXPECT_EQ(test, trial_verify(t), 22);
}

static void action_takes_over_what_is_beside_the_packet(struct kunit *test)
{
	static const struct action_case c = { NFPROTO_IPV4, IPPROTO_TCP };
	struct action_trial *t = trial_new(test, &c, 10);
	struct pnicfw_action act, wanted = {
		.eth_dst = { 0x44, 0x44, 0x44, 0x44, 0x44, 0x44 },
		.eth_src = { 0x46, 0x46, 0x46, 0x46, 0x46, 0x46 },
		.vlan = { htons(ETH_P_8021AD), 0xe123 },
		.inner = { htons(ETH_P_8021Q), 0x0456 },
		.ttl_dec = 1,
		.mark = 0x12345678,
		.priority = 0x87654321,
	};
	struct pnicfw_sight in, out;

	trial_look(t, &t->in, &in);
	trial_look(t, &t->out, &out);
	in.vlan.proto = htons(ETH_P_8021Q);
	in.vlan.tci = 7;
	in.mark = 1;
	in.priority = 2;
	out.vlan = wanted.vlan;
	out.inner = wanted.inner;
	out.mark = wanted.mark;
	out.priority = wanted.priority;

	/* Compared as bytes: paths are found by them. */
	memset(&act, 0xa5, sizeof(act));
	KUNIT_ASSERT_EQ(test, pnicfw_action_derive(&in, &out, &act), 0);
	KUNIT_EXPECT_EQ(test, memcmp(&act, &wanted, sizeof(act)), 0);
}

static void action_refuses_another_ethertype(struct kunit *test)
{
	static const struct action_case c = { NFPROTO_IPV4, IPPROTO_TCP };
	struct action_trial *t = trial_new(test, &c, 10);

	t->out.eth.h_proto = htons(ETH_P_MPLS_UC);
	KUNIT_EXPECT_EQ(test, trial_derive(t), PNICFW_REASON_ENCAPSULATION);
	t->out.eth.h_proto = htons(ETH_P_IPV6);
	KUNIT_EXPECT_EQ(test, trial_derive(t), PNICFW_REASON_ENCAPSULATION);
}

static void action_refuses_another_length(struct kunit *test)
{
	static const struct action_case c = { NFPROTO_IPV4, IPPROTO_TCP };
	struct action_trial *t = trial_new(test, &c, 10);
	struct pnicfw_sight in, out;

	trial_look(t, &t->in, &in);
	trial_look(t, &t->out, &out);
	out.l3_len++;
	KUNIT_EXPECT_EQ(test, pnicfw_action_derive(&in, &out, &t->act),
			PNICFW_REASON_LENGTH);
	out.l3_len--;
	out.l3_seen--;
	KUNIT_EXPECT_EQ(test, pnicfw_action_derive(&in, &out, &t->act),
			PNICFW_REASON_LENGTH);
}

static void action_refuses_multicast(struct kunit *test)
{
	static const struct action_case c = { NFPROTO_IPV4, IPPROTO_TCP };
	struct action_trial *t = trial_new(test, &c, 10);

	t->out.eth.h_dest[0] = 0x01;
	KUNIT_EXPECT_EQ(test, trial_derive(t), PNICFW_REASON_MULTICAST);
	eth_broadcast_addr(t->out.eth.h_dest);
	KUNIT_EXPECT_EQ(test, trial_derive(t), PNICFW_REASON_MULTICAST);
}

/* UDP's two zeros (RFC 768) *************************************************/

static const struct action_case action_udp_cases[] = {
	{ NFPROTO_IPV4, IPPROTO_UDP, PNICFW_TEST_SNAT },
	{ NFPROTO_IPV4, IPPROTO_UDP, PNICFW_TEST_DNAT },
	{ NFPROTO_IPV6, IPPROTO_UDP, PNICFW_TEST_SNAT },
	{ NFPROTO_IPV6, IPPROTO_UDP, PNICFW_TEST_DNAT },
};

static void action_udp_desc(const struct action_case *c, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%s, %s",
		 c->family == NFPROTO_IPV4 ? "ipv4" : "ipv6",
		 action_nat_names[c->nat]);
}

KUNIT_ARRAY_PARAM(action_udp, action_udp_cases, action_udp_desc);

/* Give a packet a payload that makes its checksum come out as zero. */
static void action_balance(struct pnicfw_test_packet *p)
{
	__sum16 *last = (__sum16 *)(p->l3 + p->len - sizeof(*last));

	*last = 0;
	pnicfw_test_seal(p, PNICFW_TEST_CSUM_FULL);
	*last = *pnicfw_test_l4_csum(p);
	pnicfw_test_seal(p, PNICFW_TEST_CSUM_FULL);
}

static void action_udp_result_of_zero_is_all_ones(struct kunit *test)
{
	const struct action_case *c = test->param_value;
	struct action_trial *t = trial_new(test, c, 32);

	action_balance(&t->out);
	memcpy(t->in.l3 + t->pkt.hlen, t->out.l3 + t->pkt.hlen, 32);
	pnicfw_test_seal(&t->in, c->csum);
	KUNIT_ASSERT_EQ(test, (__force u16)*pnicfw_test_l4_csum(&t->out),
			0xffff);

	KUNIT_ASSERT_EQ(test, trial_derive(t), 0);
	KUNIT_EXPECT_EQ(test, trial_verify(t), -1);
	KUNIT_EXPECT_TRUE(test, trial_applies(t));
}

static void action_udp_all_ones_is_a_checksum(struct kunit *test)
{
	const struct action_case *c = test->param_value;
	struct action_trial *t = trial_new(test, c, 32);

	action_balance(&t->in);
	memcpy(t->out.l3 + t->pkt.hlen, t->in.l3 + t->pkt.hlen, 32);
	pnicfw_test_seal(&t->out, c->csum);
	KUNIT_ASSERT_EQ(test, (__force u16)*pnicfw_test_l4_csum(&t->in),
			0xffff);

	KUNIT_ASSERT_EQ(test, trial_derive(t), 0);
	KUNIT_EXPECT_EQ(test, trial_verify(t), -1);
	KUNIT_EXPECT_TRUE(test, trial_applies(t));
}

static void action_udp_zero_stays_zero(struct kunit *test)
{
	static const struct action_case c = {
		NFPROTO_IPV4, IPPROTO_UDP,
		PNICFW_TEST_SNAT | PNICFW_TEST_DNAT, PNICFW_TEST_CSUM_NONE,
	};
	struct action_trial *t = trial_new(test, &c, 32);

	KUNIT_ASSERT_EQ(test, trial_derive(t), 0);
	KUNIT_ASSERT_TRUE(test, trial_applies(t));
	KUNIT_EXPECT_EQ(test, (__force u16)*pnicfw_test_l4_csum(&t->in), 0);
}

/* Anything at all ***********************************************************/

static void action_random_in(struct rnd_state *rnd, struct action_trial *t,
			     const struct action_case *c)
{
	unsigned int payload = prandom_u32_state(rnd) % 100, hlen;
	struct pnicfw_key key;

	pnicfw_test_random_key(rnd, c->family, c->protocol, &key);
	pnicfw_test_random_key(rnd, c->family, c->protocol, &t->to);
	if (!(c->nat & PNICFW_TEST_SNAT)) {
		t->to.src = key.src;
		t->to.sport = key.sport;
	}
	if (!(c->nat & PNICFW_TEST_DNAT)) {
		t->to.dst = key.dst;
		t->to.dport = key.dport;
	}

	pnicfw_test_make(&t->in, &key, payload);
	hlen = pnicfw_test_hlen(c->family, c->protocol);
	prandom_bytes_state(rnd, t->in.l3 + hlen, payload);
	if (c->family == NFPROTO_IPV4)
		prandom_bytes_state(rnd, t->in.l3 + 4, 2);
	pnicfw_test_set_tos(&t->in, prandom_u32_state(rnd));
	pnicfw_test_set_ttl(&t->in, prandom_u32_state(rnd) % 254 + 2);
	t->partial = c->csum == PNICFW_TEST_CSUM_PARTIAL;
	pnicfw_test_seal(&t->in, c->csum);
}

/* What happens to it; true where it leaves with other addresses or ports. */
static bool action_random_out(struct rnd_state *rnd, struct action_trial *t,
			      const struct action_case *c)
{
	u32 dice = prandom_u32_state(rnd);

	t->out = t->in;
	if (dice & 1)
		pnicfw_test_set_ttl(&t->out, t->pkt.hops - 1);
	if (dice & 2)
		pnicfw_test_set_tos(&t->out, (dice >> 8 & 0xfc) |
					     (t->in.l3[1] >> 4 * (c->family ==
					      NFPROTO_IPV6) & 0x03));
	pnicfw_test_address(&t->out, &t->to);
	pnicfw_test_seal(&t->out, c->csum);
	return !pnicfw_key_equal(&t->to, &t->pkt.key,
				 pnicfw_key_ipv4(&t->to));
}

static void action_explains_random_packets(struct kunit *test)
{
	struct action_trial *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);
	struct action_case c;
	struct rnd_state rnd;
	unsigned int round;
	bool nat;

	KUNIT_ASSERT_NOT_NULL(test, t);
	pnicfw_test_seed(test, &rnd);
	for (round = 0; round < ACTION_RANDOM_ROUNDS; round++) {
		c.family = round & 1 ? NFPROTO_IPV6 : NFPROTO_IPV4;
		c.protocol = round & 2 ? IPPROTO_UDP : IPPROTO_TCP;
		c.nat = round >> 2 & 3;
		c.csum = (round >> 4) % 3;
		if (!action_case_exists(&c))
			continue;
		action_random_in(&rnd, t, &c);
		KUNIT_ASSERT_EQ(test, pnicfw_test_parse(&t->in, &t->pkt), 0);
		nat = action_random_out(&rnd, t, &c);
		KUNIT_ASSERT_EQ(test, trial_derive(t), 0);
		KUNIT_ASSERT_EQ_MSG(test, t->act.nat, nat, "round %u", round);
		KUNIT_ASSERT_EQ_MSG(test, trial_verify(t), -1, "round %u",
				    round);
		KUNIT_ASSERT_TRUE_MSG(test, trial_applies(t), "round %u",
				      round);
	}
}

static struct kunit_case action_suite_cases[] = {
	KUNIT_CASE_PARAM(action_explains_routing, action_cases_gen_params),
	KUNIT_CASE_PARAM(action_explains_remarking, action_cases_gen_params),
	KUNIT_CASE_PARAM(action_explains_bridging, action_cases_gen_params),
	KUNIT_CASE_PARAM(action_finds_every_flipped_bit,
			 action_cases_gen_params),
	KUNIT_CASE(action_compares_128_bytes),
	KUNIT_CASE_PARAM(action_counts_ttl_down_only, action_ttls_gen_params),
	KUNIT_CASE(action_nat_follows_the_tuple),
	KUNIT_CASE(action_takes_over_what_is_beside_the_packet),
	KUNIT_CASE(action_refuses_another_ethertype),
	KUNIT_CASE(action_refuses_another_length),
	KUNIT_CASE(action_refuses_multicast),
	KUNIT_CASE_PARAM(action_udp_result_of_zero_is_all_ones,
			 action_udp_gen_params),
	KUNIT_CASE_PARAM(action_udp_all_ones_is_a_checksum,
			 action_udp_gen_params),
	KUNIT_CASE(action_udp_zero_stays_zero),
	KUNIT_CASE(action_explains_random_packets),
	{}
};

struct kunit_suite pnicfw_action_suite = {
	.name = "pnicfw_action",
	.test_cases = action_suite_cases,
};
