// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of heat and ranks: a rate in a few bits follows what is carried, and keeps
 * an order; and who is coldest is found among many. Both together are a cache:
 * it comes to hold those that carry most, and does not change its mind for
 * nothing.
 */
#include <kunit/test.h>
#include <linux/jiffies.h>
#include <linux/prandom.h>

#include "../heat.h"
#include "../ranks.h"
#include "suites.h"

/* Every heat is the heat of the rate it stands for, and of none above it that
 * the next one does not stand for.
 */
static void heat_rounds_down(struct kunit *test)
{
	u32 rate, next;
	int heat;

	for (heat = 0; heat < PNICFW_HEATS - 1; heat++) {
		rate = pnicfw_heat_rate(heat);
		next = pnicfw_heat_rate(heat + 1);
		KUNIT_ASSERT_LE(test, rate, next);
		KUNIT_EXPECT_LE(test, pnicfw_heat_of(rate), heat);
		KUNIT_EXPECT_EQ(test, pnicfw_heat_rate(pnicfw_heat_of(rate)),
				rate);
		/* A 256th, or a packet a second, is the largest step. */
		KUNIT_EXPECT_LE(test, next - rate, max(rate / 256, 1u));
	}
	KUNIT_EXPECT_EQ(test, pnicfw_heat_rate(PNICFW_HEATS - 1), 261632u);
	KUNIT_EXPECT_EQ(test, pnicfw_heat_of(U32_MAX), PNICFW_HEATS - 1);
}

static const u32 heat_rates[] = { 0, 1, 3, 10, 57, 1000, 12345, 200000 };

static u16 heat_settle(u16 heat, u32 rate, u32 jiffies_each, int times)
{
	while (times--)
		heat = pnicfw_heat_next(heat, (u64)rate * jiffies_each / HZ,
					jiffies_each);
	return heat;
}

/* A steady rate is reached exactly, from below and from above, whether it is
 * looked at twice a second or every eight seconds.
 */
static void heat_settles(struct kunit *test)
{
	static const u32 each[] = { HZ, 8 * HZ };
	int i, j;

	for (i = 0; i < ARRAY_SIZE(heat_rates); i++) {
		for (j = 0; j < ARRAY_SIZE(each); j++) {
			u16 want = pnicfw_heat_of(heat_rates[i]);

			KUNIT_EXPECT_EQ(test, want,
					heat_settle(0, heat_rates[i], each[j],
						    300));
			KUNIT_EXPECT_EQ(test, want,
					heat_settle(PNICFW_HEATS - 1,
						    heat_rates[i], each[j],
						    300));
		}
	}
}

/* What was carried fades: by half in some eight seconds, to nothing in two
 * minutes; however often it is looked at.
 */
static void heat_fades(struct kunit *test)
{
	u16 hot = pnicfw_heat_of(1000), often, seldom;

	often = heat_settle(hot, 0, HZ / 2, 16);
	seldom = heat_settle(hot, 0, 8 * HZ, 1);
	KUNIT_EXPECT_GE(test, pnicfw_heat_rate(often), 300u);
	KUNIT_EXPECT_LE(test, pnicfw_heat_rate(often), 500u);
	KUNIT_EXPECT_GE(test, pnicfw_heat_rate(seldom), 450u);
	KUNIT_EXPECT_LE(test, pnicfw_heat_rate(seldom), 500u);
	KUNIT_EXPECT_EQ(test, heat_settle(hot, 0, HZ / 2, 240), 0);
}

/* No number of packets, and no time, makes it wrap around. */
static void heat_keeps_in_range(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, pnicfw_heat_next(0, U64_MAX, 1),
			PNICFW_HEATS - 1);
	KUNIT_EXPECT_EQ(test, pnicfw_heat_next(PNICFW_HEATS - 1, U64_MAX, 0),
			PNICFW_HEATS - 1);
	KUNIT_EXPECT_LT(test, pnicfw_heat_next(PNICFW_HEATS - 1, 0, U32_MAX),
			pnicfw_heat_of(1));
	KUNIT_EXPECT_EQ(test, pnicfw_heat_next(0, 0, U32_MAX), 0);
	KUNIT_EXPECT_EQ(test, pnicfw_heat_next(1, 0, 1), 0);
}

static void heat_beats(struct kunit *test)
{
	int heat, other;

	KUNIT_EXPECT_FALSE(test, pnicfw_heat_beats(pnicfw_heat_of(2), 0));
	KUNIT_EXPECT_TRUE(test, pnicfw_heat_beats(pnicfw_heat_of(3), 0));
	KUNIT_EXPECT_FALSE(test, pnicfw_heat_beats(pnicfw_heat_of(1200),
						   pnicfw_heat_of(1000)));
	KUNIT_EXPECT_TRUE(test, pnicfw_heat_beats(pnicfw_heat_of(1500),
						  pnicfw_heat_of(1000)));
	for (heat = 0; heat < PNICFW_HEATS; heat++)
		for (other = heat; other < PNICFW_HEATS; other++)
			KUNIT_ASSERT_FALSE(test, pnicfw_heat_beats(heat, other));
}

/* Ranks *******************************************************************/

#define HEAT_FLOWS	400
#define HEAT_ROOM	200

/**
 * struct heat_flow - a connection that would like to be in
 * @node: among those that are in
 * @rate: packets a second that it carries
 * @heat: what it looks like
 * @rank: rank that @node was added with
 * @in: it is in
 */
struct heat_flow {
	struct list_head node;
	u32 rate;
	u16 heat;
	u8 rank;
	bool in;
};

/**
 * struct heat_cache - a cache of connections
 * @ranks: those that are in
 * @flow: all of them
 * @inserts: insertions so far
 */
struct heat_cache {
	struct pnicfw_ranks ranks;
	struct heat_flow flow[HEAT_FLOWS];
	unsigned int inserts;
};

static void heat_put_in(struct heat_cache *cache, struct heat_flow *flow)
{
	flow->in = true;
	flow->rank = pnicfw_heat_rank(flow->heat);
	pnicfw_ranks_add(&cache->ranks, &flow->node, flow->rank);
	cache->inserts++;
}

static void heat_take_out(struct heat_cache *cache, struct heat_flow *flow)
{
	flow->in = false;
	pnicfw_ranks_del(&cache->ranks, &flow->node, flow->rank);
}

static struct heat_flow *heat_coldest(struct heat_cache *cache)
{
	int rank = pnicfw_ranks_coldest(&cache->ranks);

	return list_first_entry(&cache->ranks.list[rank], struct heat_flow,
				node);
}

/* Half a second: what each carries in it is a quarter more or less, by chance. */
static void heat_pass(struct heat_cache *cache, struct rnd_state *rnd)
{
	int i;

	for (i = 0; i < HEAT_FLOWS; i++) {
		struct heat_flow *flow = &cache->flow[i];
		u32 packets = flow->rate * 3 / 8 +
			      prandom_u32_state(rnd) % (flow->rate / 4 + 1);

		flow->heat = pnicfw_heat_next(flow->heat, packets, HZ / 2);
		if (!flow->in)
			continue;
		pnicfw_ranks_del(&cache->ranks, &flow->node, flow->rank);
		flow->rank = pnicfw_heat_rank(flow->heat);
		pnicfw_ranks_add(&cache->ranks, &flow->node, flow->rank);
	}
}

static void heat_compete(struct heat_cache *cache)
{
	int i;

	for (i = 0; i < HEAT_FLOWS; i++) {
		struct heat_flow *flow = &cache->flow[i], *coldest;

		if (flow->in)
			continue;
		if (cache->ranks.total >= HEAT_ROOM) {
			coldest = heat_coldest(cache);
			if (!pnicfw_heat_beats(flow->heat, coldest->heat))
				continue;
			heat_take_out(cache, coldest);
		}
		heat_put_in(cache, flow);
	}
}

static u64 heat_carries(const struct heat_cache *cache)
{
	u64 rate = 0;
	int i;

	for (i = 0; i < HEAT_FLOWS; i++)
		rate += cache->flow[i].in ? cache->flow[i].rate : 0;
	return rate;
}

static void heat_run(struct heat_cache *cache, struct rnd_state *rnd,
		     int halves)
{
	while (halves--) {
		heat_pass(cache, rnd);
		heat_compete(cache);
	}
}

/* Twice as many as there is room for, the rates those of one in two hundred
 * times the other, the coldest first to come.
 */
static struct heat_cache *heat_new(struct kunit *test, bool equal)
{
	struct heat_cache *cache;
	int i;

	cache = kunit_kzalloc(test, sizeof(*cache), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, cache);
	pnicfw_ranks_init(&cache->ranks);
	for (i = 0; i < HEAT_FLOWS; i++)
		cache->flow[i].rate = equal ? 200 :
					      20000 / (HEAT_FLOWS - i);
	return cache;
}

static void heat_finds_the_hot(struct kunit *test)
{
	struct heat_cache *cache = heat_new(test, false);
	struct rnd_state rnd;
	unsigned int before;
	u64 best = 0;
	int i;

	pnicfw_test_seed(test, &rnd);
	for (i = HEAT_FLOWS - HEAT_ROOM; i < HEAT_FLOWS; i++)
		best += cache->flow[i].rate;
	heat_run(cache, &rnd, 120);
	KUNIT_EXPECT_GE(test, heat_carries(cache) * 10, best * 9);
	KUNIT_EXPECT_EQ(test, cache->ranks.total, HEAT_ROOM);

	/* And stays with them: few changes of place in a minute more. */
	before = cache->inserts;
	heat_run(cache, &rnd, 120);
	KUNIT_EXPECT_GE(test, heat_carries(cache) * 10, best * 9);
	KUNIT_EXPECT_LE(test, cache->inserts - before, HEAT_ROOM / 2);
}

static void heat_leaves_equals_alone(struct kunit *test)
{
	struct heat_cache *cache = heat_new(test, true);
	struct rnd_state rnd;
	unsigned int before;

	pnicfw_test_seed(test, &rnd);
	heat_run(cache, &rnd, 60);
	before = cache->inserts;
	heat_run(cache, &rnd, 120);
	KUNIT_EXPECT_LE(test, cache->inserts - before, HEAT_ROOM / 4);
}

static void heat_ranks(struct kunit *test)
{
	const int n = PNICFW_HEAT_RANKS;
	struct pnicfw_ranks *ranks;
	struct list_head *node;
	int i;

	ranks = kunit_kzalloc(test, sizeof(*ranks), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, ranks);
	node = kunit_kcalloc(test, n, sizeof(*node), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, node);
	pnicfw_ranks_init(ranks);
	KUNIT_EXPECT_EQ(test, pnicfw_ranks_coldest(ranks), -1);
	KUNIT_EXPECT_EQ(test, pnicfw_ranks_hottest(ranks), -1);
	for (i = 0; i < n; i++) {
		pnicfw_ranks_add(ranks, &node[i], n - 1 - i);
		KUNIT_EXPECT_EQ(test, pnicfw_ranks_coldest(ranks),
				n - 1 - i);
		KUNIT_EXPECT_EQ(test, pnicfw_ranks_hottest(ranks),
				n - 1);
	}
	pnicfw_ranks_del(ranks, &node[0], n - 1);
	KUNIT_EXPECT_EQ(test, pnicfw_ranks_hottest(ranks), n - 2);
	pnicfw_ranks_add(ranks, &node[0], 7);
	pnicfw_ranks_del(ranks, &node[n - 8], 7);
	KUNIT_EXPECT_EQ(test, ranks->of[7], 1u);
	KUNIT_EXPECT_PTR_EQ(test, ranks->list[7].next, &node[0]);
	KUNIT_EXPECT_EQ(test, ranks->total, n - 1);
}

/* From one rank that there is to the next, either way, and to the end. */
static void heat_ranks_in_order(struct kunit *test)
{
	static const u8 some[] = { 0, 1, 63, 64, 200, PNICFW_HEAT_RANKS - 1 };
	struct list_head node[ARRAY_SIZE(some)];
	struct pnicfw_ranks *ranks;
	int last = ARRAY_SIZE(some) - 1, i;

	ranks = kunit_kzalloc(test, sizeof(*ranks), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, ranks);
	pnicfw_ranks_init(ranks);
	for (i = 0; i <= last; i++)
		pnicfw_ranks_add(ranks, &node[i], some[i]);
	for (i = 0; i < last; i++) {
		KUNIT_EXPECT_EQ(test, pnicfw_ranks_hotter(ranks, some[i]),
				some[i + 1]);
		KUNIT_EXPECT_EQ(test, pnicfw_ranks_colder(ranks, some[i + 1]),
				some[i]);
	}
	KUNIT_EXPECT_EQ(test, pnicfw_ranks_hotter(ranks, some[last]), -1);
	KUNIT_EXPECT_EQ(test, pnicfw_ranks_colder(ranks, some[0]), -1);
}

static struct kunit_case heat_suite_cases[] = {
	KUNIT_CASE(heat_rounds_down),
	KUNIT_CASE(heat_settles),
	KUNIT_CASE(heat_fades),
	KUNIT_CASE(heat_keeps_in_range),
	KUNIT_CASE(heat_beats),
	KUNIT_CASE(heat_ranks),
	KUNIT_CASE(heat_ranks_in_order),
	KUNIT_CASE(heat_finds_the_hot),
	KUNIT_CASE(heat_leaves_equals_alone),
	{}
};

struct kunit_suite pnicfw_heat_suite = {
	.name = "pnicfw_heat",
	.test_cases = heat_suite_cases,
};
