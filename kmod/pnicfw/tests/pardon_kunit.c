// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of pardon: whom the route of a prefix concerns
 */
#include <kunit/test.h>
#include <linux/inet.h>

#include "../pardon.h"
#include "suites.h"

/**
 * struct pardon_case - a prefix, and a connection's addresses
 * @prefix: the prefix's address
 * @len: its length
 * @src: source
 * @dst: destination
 * @concerned: whether one of them is in it
 */
struct pardon_case {
	const char *prefix;
	u8 len;
	const char *src;
	const char *dst;
	bool concerned;
};

static const struct pardon_case pardon_cases[] = {
	{ "10.1.0.0", 16, "10.0.0.2", "10.1.255.255", true },
	{ "10.1.0.0", 16, "10.1.0.0", "10.2.0.2", true },
	{ "10.1.0.0", 16, "10.0.255.255", "10.2.0.0", false },
	{ "10.1.0.2", 32, "10.0.0.2", "10.1.0.2", true },
	{ "10.1.0.2", 32, "10.0.0.2", "10.1.0.3", false },
	{ "10.1.0.2", 31, "10.0.0.2", "10.1.0.3", true },
	{ "128.0.0.0", 1, "10.0.0.2", "192.0.2.1", true },
	{ "128.0.0.0", 1, "10.0.0.2", "127.255.255.255", false },
	{ "0.0.0.0", 0, "10.0.0.2", "10.1.0.2", true },
	{ "0.0.0.0", 0, "fd00::2", "fd01::2", false },
	{ "::", 0, "10.0.0.2", "10.1.0.2", false },
	{ "::", 0, "fd00::2", "fd01::2", true },
	{ "fd01::", 16, "fd00::2", "fd01::2", true },
	{ "fd01::", 16, "fd00::2", "fd02::2", false },
	{ "fd01::2", 128, "fd01::2", "fd00::2", true },
	{ "fd01::2", 128, "fd01::3", "fd00::2", false },
	{ "fd01::", 65, "fd01::7fff:0:0:1", "fd00::2", true },
	{ "fd01::", 65, "fd01::8000:0:0:1", "fd00::2", false },
};

static void pardon_case_desc(const struct pardon_case *c, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%s to %s, route of %s/%u",
		 c->src, c->dst, c->prefix, c->len);
}

KUNIT_ARRAY_PARAM(pardon_cases, pardon_cases, pardon_case_desc);

static u8 pardon_addr(struct kunit *test, const char *text,
		      union nf_inet_addr *addr)
{
	if (in4_pton(text, -1, (u8 *)&addr->in, -1, NULL))
		return NFPROTO_IPV4;
	KUNIT_ASSERT_EQ(test, in6_pton(text, -1, (u8 *)&addr->in6, -1, NULL), 1);
	return NFPROTO_IPV6;
}

static void pardon_knows_whom_it_concerns(struct kunit *test)
{
	const struct pardon_case *c = test->param_value;
	struct pnicfw_prefix prefix = { .len = c->len };
	struct pnicfw_key key = { };

	prefix.family = pardon_addr(test, c->prefix, &prefix.addr);
	key.family = pardon_addr(test, c->src, &key.src);
	pardon_addr(test, c->dst, &key.dst);
	KUNIT_EXPECT_EQ(test, pnicfw_prefix_concerns(&prefix, &key),
			c->concerned);
}

static struct kunit_case pardon_suite_cases[] = {
	KUNIT_CASE_PARAM(pardon_knows_whom_it_concerns,
			 pardon_cases_gen_params),
	{}
};

struct kunit_suite pnicfw_pardon_suite = {
	.name = "pnicfw_pardon",
	.test_cases = pardon_suite_cases,
};
