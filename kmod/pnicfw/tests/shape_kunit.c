// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of shape: what of a way makes the kind of its rule, and what a port
 * remembers of the kinds that its driver has refused.
 */
#include <kunit/test.h>
#include <linux/in.h>
#include <linux/jiffies.h>
#include <linux/netfilter.h>
#include <linux/pnicfw.h>

#include "../key.h"
#include "../path.h"
#include "../shape.h"
#include "suites.h"

#define TAG(vid)	{ .proto = htons(ETH_P_8021Q), .tci = vid }

/**
 * struct shape_case - a way, and the shape of its rule
 * @name: what is special about it
 * @protocol: IP protocol
 * @family: NFPROTO_IPV4 unless given
 * @path: the way
 * @bits: the shape
 */
struct shape_case {
	const char *name;
	u8 protocol;
	u8 family;
	struct pnicfw_path_key path;
	u32 bits;
};

static const struct shape_case shape_cases[] = {
	{ "bridged TCP", .protocol = IPPROTO_TCP },
	{ "UDP, IPv6", .protocol = IPPROTO_UDP, .family = NFPROTO_IPV6,
	  .bits = PNICFW_SHAPE_BITS_UDP | PNICFW_SHAPE_BITS_IPV6 },
	{ "routed", .protocol = IPPROTO_TCP,
	  .path = { .eth = { 2, 1 }, .act.ttl_dec = 1 },
	  .bits = PNICFW_SHAPE_BITS_MAC | PNICFW_SHAPE_BITS_TTL },
	{ "NAT", .protocol = IPPROTO_TCP, .path.act.nat = true,
	  .bits = PNICFW_SHAPE_BITS_NAT },
	{ "DSCP", .protocol = IPPROTO_TCP, .path.act.dscp = 0x20,
	  .bits = PNICFW_SHAPE_BITS_DSCP },
	{ "a DSCP that stays", .protocol = IPPROTO_TCP,
	  .path = { .dscp = 0x20, .act.dscp = 0x20 } },
	{ "a tag that stays", .protocol = IPPROTO_TCP,
	  .path = { .vlan = TAG(7), .act.vlan = TAG(7) },
	  .bits = PNICFW_SHAPE_BITS_VLAN },
	{ "a tag that changes", .protocol = IPPROTO_TCP,
	  .path = { .vlan = TAG(7), .act.vlan = TAG(8) },
	  .bits = PNICFW_SHAPE_BITS_VLAN | PNICFW_SHAPE_BITS_POP |
		  PNICFW_SHAPE_BITS_PUSH },
	{ "a tag that is put on", .protocol = IPPROTO_TCP,
	  .path.act.vlan = TAG(8), .bits = PNICFW_SHAPE_BITS_PUSH },
	{ "two tags taken off", .protocol = IPPROTO_TCP,
	  .path = { .vlan = TAG(7), .inner = TAG(9) },
	  .bits = PNICFW_SHAPE_BITS_VLAN | PNICFW_SHAPE_BITS_QINQ |
		  PNICFW_SHAPE_BITS_POP },
};

static void shape_case_desc(const struct shape_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(shape_cases, shape_cases, shape_case_desc);

static void shape_is(struct kunit *test)
{
	const struct shape_case *c = test->param_value;
	const struct pnicfw_key key = {
		.family = c->family ?: NFPROTO_IPV4,
		.protocol = c->protocol,
	};

	KUNIT_EXPECT_EQ(test, pnicfw_shape_of(&key, &c->path), c->bits);
}

/* What is dropped is matched as all else, and that is all. */
static void shape_of_drop_is(struct kunit *test)
{
	const struct pnicfw_key tcp = {
		.family = NFPROTO_IPV4,
		.protocol = IPPROTO_TCP,
	};
	const struct pnicfw_key udp = {
		.family = NFPROTO_IPV6,
		.protocol = IPPROTO_UDP,
	};
	const struct pnicfw_vlan none = {}, tag = TAG(7);

	KUNIT_EXPECT_EQ(test, pnicfw_shape_of_drop(&tcp, &none, &none),
			(u32)PNICFW_SHAPE_BITS_DROP);
	KUNIT_EXPECT_EQ(test, pnicfw_shape_of_drop(&udp, &tag, &tag),
			(u32)(PNICFW_SHAPE_BITS_DROP | PNICFW_SHAPE_BITS_IPV6 |
			      PNICFW_SHAPE_BITS_UDP | PNICFW_SHAPE_BITS_VLAN |
			      PNICFW_SHAPE_BITS_QINQ));
}

/* One connection tries again once a minute, and the others wait for it. */
static void shape_is_remembered(struct kunit *test)
{
	unsigned long now = jiffies;
	struct pnicfw_shapes shapes;

	pnicfw_shapes_init(&shapes);
	KUNIT_EXPECT_FALSE(test, pnicfw_shapes_refuse(&shapes, 3, 7, now));
	pnicfw_shapes_learn(&shapes, 3, 7, now);
	pnicfw_shapes_learn(&shapes, 3, 7, now);
	KUNIT_EXPECT_EQ(test, shapes.n, 1u);
	KUNIT_EXPECT_TRUE(test, pnicfw_shapes_refuse(&shapes, 3, 7, now));
	KUNIT_EXPECT_FALSE(test, pnicfw_shapes_refuse(&shapes, 3, 8, now));
	KUNIT_EXPECT_FALSE(test, pnicfw_shapes_refuse(&shapes, 2, 7, now));

	now += 60 * HZ;
	KUNIT_EXPECT_TRUE(test, pnicfw_shapes_refuse(&shapes, 3, 7, now - 1));
	KUNIT_EXPECT_FALSE(test, pnicfw_shapes_refuse(&shapes, 3, 7, now));
	KUNIT_EXPECT_TRUE(test, pnicfw_shapes_refuse(&shapes, 3, 7, now));

	pnicfw_shapes_forget(&shapes, 3, 8);
	KUNIT_EXPECT_TRUE(test, pnicfw_shapes_refuse(&shapes, 3, 7, now));
	pnicfw_shapes_forget(&shapes, 3, 7);
	KUNIT_EXPECT_FALSE(test, pnicfw_shapes_refuse(&shapes, 3, 7, now));
}

/* Those that do not fit are not remembered, and push out no others. */
static void shape_memory_is_bounded(struct kunit *test)
{
	struct pnicfw_shape_kind kind;
	struct pnicfw_shapes shapes;
	unsigned long now = jiffies;
	u32 i;

	pnicfw_shapes_init(&shapes);
	for (i = 0; i < 2 * PNICFW_SHAPES; i++)
		pnicfw_shapes_learn(&shapes, i, 7, now);
	for (i = 0; i < 2 * PNICFW_SHAPES; i++) {
		KUNIT_EXPECT_EQ(test, i < PNICFW_SHAPES,
				pnicfw_shapes_refuse(&shapes, i, 7, now));
		KUNIT_EXPECT_EQ(test, i < PNICFW_SHAPES,
				pnicfw_shapes_get(&shapes, i, &kind));
	}
	pnicfw_shapes_forget_all(&shapes);
	KUNIT_EXPECT_FALSE(test, pnicfw_shapes_get(&shapes, 0, &kind));
}

static struct kunit_case shape_suite_cases[] = {
	KUNIT_CASE_PARAM(shape_is, shape_cases_gen_params),
	KUNIT_CASE(shape_of_drop_is),
	KUNIT_CASE(shape_is_remembered),
	KUNIT_CASE(shape_memory_is_bounded),
	{}
};

struct kunit_suite pnicfw_shape_suite = {
	.name = "pnicfw_shape",
	.test_cases = shape_suite_cases,
};
