// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of recheck: whose turn comes when
 */
#include <kunit/test.h>

#include "../recheck.h"
#include "suites.h"

#define RECHECK_IDS	10000

/**
 * struct recheck_case - rounds of the age room
 * @name: what is special about them
 * @period: milliseconds of a recheck-time
 * @interval: milliseconds from one round to the next
 * @jitter: more of them, at random, at most
 * @first: the first connection's id; the others follow
 */
struct recheck_case {
	const char *name;
	u32 period;
	u32 interval;
	u32 jitter;
	u32 first;
};

static const struct recheck_case recheck_cases[] = {
	{ "a minute by half seconds", 60000, 500, 0, 1 },
	{ "a second by odd intervals", 1000, 7, 0, 1 },
	{ "rounds at random", 10000, 1, 900, 12345 },
	{ "ids that wrap around", 10000, 100, 20, U32_MAX - 5000 },
	{ "a day by rounds of half a minute", 86400000, 30000, 5000, 7 },
	{ "the longest time there is, hours by hours", U32_MAX, 9000000,
	  9000000, 1 },
	{ "rounds as long as the time", 500, 500, 0, 1 },
};

static void recheck_case_desc(const struct recheck_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(recheck_cases, recheck_cases, recheck_case_desc);

/**
 * struct recheck_crowd - connections
 * @part: as their records have it
 * @turns: how often each one's turn has come
 */
struct recheck_crowd {
	u8 part[RECHECK_IDS];
	u8 turns[RECHECK_IDS];
};

/* When the @i-th connection begins: they come one by one, all in one period. */
static u64 recheck_made(const struct recheck_case *c, u32 i)
{
	return 3ULL * c->period + div_u64((u64)c->period * i, RECHECK_IDS);
}

/* Connections that begin while recheck-time is @period. */
static struct recheck_crowd *recheck_gather(struct kunit *test, u32 period)
{
	const struct recheck_case *c = test->param_value;
	struct recheck_crowd *crowd;
	u32 i;

	crowd = kunit_kzalloc(test, sizeof(*crowd), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, crowd);
	for (i = 0; i < RECHECK_IDS; i++)
		crowd->part[i] = pnicfw_recheck_part(c->first + i, period,
						     recheck_made(c, i));
	return crowd;
}

/* One round, @turn; returns how many had theirs. */
static u32 recheck_round(const struct recheck_case *c,
			 const struct pnicfw_recheck *turn,
			 struct recheck_crowd *crowd)
{
	u32 i, due = 0;

	for (i = 0; i < RECHECK_IDS; i++) {
		if (!pnicfw_recheck_due(turn, c->first + i, crowd->part[i]))
			continue;
		crowd->turns[i]++;
		due++;
	}
	return due;
}

/* Rounds that make up one period, from anywhere in it on: everyone's turn comes
 * once, and in no round many more than the time that has passed accounts for,
 * four times the deviation of chance.
 */
static void recheck_period(struct kunit *test, struct recheck_crowd *crowd)
{
	const struct recheck_case *c = test->param_value;
	struct pnicfw_recheck turn = { .period = c->period };
	struct rnd_state rnd;
	u32 i, due, share, done = 0;

	pnicfw_test_seed(test, &rnd);
	turn.from = prandom_u32_state(&rnd) % c->period;
	while (done < c->period) {
		turn.span = c->interval;
		if (c->jitter)
			turn.span += prandom_u32_state(&rnd) % c->jitter;
		turn.span = min(turn.span, c->period - done);
		due = recheck_round(c, &turn, crowd);
		share = div_u64((u64)RECHECK_IDS * turn.span, c->period);
		KUNIT_EXPECT_LE(test, due, share + 4 * int_sqrt(share) + 8);
		div_u64_rem((u64)turn.from + turn.span, c->period, &turn.from);
		done += turn.span;
	}
	for (i = 0; i < RECHECK_IDS; i++)
		if (crowd->turns[i] != 1)
			break;
	KUNIT_EXPECT_EQ_MSG(test, i, RECHECK_IDS, "id %u had %u turns",
			    c->first + i,
			    crowd->turns[min(i, RECHECK_IDS - 1U)]);
}

static void recheck_is_even(struct kunit *test)
{
	const struct recheck_case *c = test->param_value;

	recheck_period(test, recheck_gather(test, c->period));
}

/* The time is set when they are there already. */
static void recheck_is_even_later(struct kunit *test)
{
	recheck_period(test, recheck_gather(test, 0));
}

/* In half the time from its beginning, less what rounding takes, nobody's turn
 * comes.
 */
static void recheck_waits(struct kunit *test)
{
	const struct recheck_case *c = test->param_value;
	struct recheck_crowd *crowd = recheck_gather(test, c->period);
	struct pnicfw_recheck turn = {
		.period = c->period,
		.span = c->period / 2 - 2,
	};
	u32 i, early = 0;

	for (i = 0; i < RECHECK_IDS; i++) {
		div_u64_rem(recheck_made(c, i), c->period, &turn.from);
		early += pnicfw_recheck_due(&turn, c->first + i,
					    crowd->part[i]);
	}
	KUNIT_EXPECT_EQ(test, early, 0);
}

static struct kunit_case recheck_suite_cases[] = {
	KUNIT_CASE_PARAM(recheck_is_even, recheck_cases_gen_params),
	KUNIT_CASE_PARAM(recheck_is_even_later, recheck_cases_gen_params),
	KUNIT_CASE_PARAM(recheck_waits, recheck_cases_gen_params),
	{}
};

struct kunit_suite pnicfw_recheck_suite = {
	.name = "pnicfw_recheck",
	.test_cases = recheck_suite_cases,
};
