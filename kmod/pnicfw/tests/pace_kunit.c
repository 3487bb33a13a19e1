// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of pace and capacity: so many a second and no more; how soon again after
 * a refusal, or after silence; how large a table turns out to be.
 */
#include <kunit/test.h>
#include <linux/jiffies.h>

#include "../capacity.h"
#include "../pace.h"
#include "suites.h"

/* Where the count of jiffies wraps around, soon. */
#define PACE_START	((unsigned long)-3 * HZ)

static u32 pace_count(struct pnicfw_pace *pace, u32 rate, unsigned long from,
		      unsigned long until, unsigned long stride)
{
	unsigned long now;
	u32 n = 0;

	for (now = from; time_before(now, until); now += stride) {
		while (n < 100000000 && pnicfw_pace_ready(pace, rate, now)) {
			pnicfw_pace_spend(pace);
			n++;
		}
	}
	return n;
}

static const u32 pace_rates[] = { 1, 3, 100, HZ, 10000, 1000000 };

/* As many as the rate has, and a burst of an eighth of a second, or of one. */
static void pace_keeps_the_rate(struct kunit *test)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(pace_rates); i++) {
		u32 rate = pace_rates[i], burst = max(rate / 8, 1u), n;
		struct pnicfw_pace pace = { .stamp = PACE_START - 100 * HZ };

		n = pace_count(&pace, rate, PACE_START, PACE_START + 10 * HZ, 1);
		KUNIT_EXPECT_LE(test, n, 10 * rate + burst);
		KUNIT_EXPECT_GE(test, n, 10 * rate - rate / 8);
	}
}

/* After a pause, however long, no more than a burst comes at once. */
static void pace_saves_a_burst(struct kunit *test)
{
	struct pnicfw_pace pace = { .stamp = PACE_START };

	KUNIT_EXPECT_EQ(test, 1250u, pace_count(&pace, 10000,
						PACE_START + 3600 * HZ,
						PACE_START + 3600 * HZ + 1, 1));
	KUNIT_EXPECT_EQ(test, 0u, pace_count(&pace, 10000,
					     PACE_START + 3600 * HZ,
					     PACE_START + 3600 * HZ + 1, 1));
}

static void pace_knows_no_limit(struct kunit *test)
{
	struct pnicfw_pace pace = {};
	int i;

	for (i = 0; i < 10; i++) {
		KUNIT_EXPECT_TRUE(test, pnicfw_pace_ready(&pace, 0, 5));
		pnicfw_pace_spend(&pace);
	}
}

/* Whoever waits as long as is said finds a token, and not much earlier. */
static void pace_says_how_long(struct kunit *test)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(pace_rates); i++) {
		struct pnicfw_pace pace = { .stamp = PACE_START };
		unsigned long now = PACE_START, wait;
		u32 rate = pace_rates[i];

		pace_count(&pace, rate, now, now + 1, 1);
		wait = pnicfw_pace_wait(&pace, rate);
		KUNIT_EXPECT_GE(test, wait, 1ul);
		KUNIT_EXPECT_LE(test, wait, max_t(unsigned long, 1,
						  HZ / rate + 1));
		KUNIT_EXPECT_TRUE(test, pnicfw_pace_ready(&pace, rate,
							  now + wait));
	}
}

static void pace_backs_off(struct kunit *test)
{
	int fails;
	u32 last = 0;

	KUNIT_EXPECT_EQ(test, pnicfw_pace_backoff(-EBUSY, 200), (u32)HZ);
	KUNIT_EXPECT_EQ(test, pnicfw_pace_backoff(-ENOSPC, 200), (u32)HZ);
	KUNIT_EXPECT_EQ(test, pnicfw_pace_backoff(-EINVAL, 0), (u32)HZ);
	KUNIT_EXPECT_EQ(test, pnicfw_pace_backoff(-EINVAL, 1), (u32)HZ);
	for (fails = 1; fails < 7; fails++) {
		u32 wait = pnicfw_pace_backoff(-ENOMEM, fails);

		KUNIT_EXPECT_GT(test, wait, last);
		last = wait;
	}
	KUNIT_EXPECT_EQ(test, pnicfw_pace_backoff(-EIO, 255), (u32)(64 * HZ));
}

static void pace_asks(struct kunit *test)
{
	const s32 long_time = 3600 * HZ;
	u32 since = 0, asked = 0, at;
	int i;

	/* Busy: in each round. */
	KUNIT_EXPECT_EQ(test, pnicfw_pace_ask(HZ / 2, 0, long_time), (u32)HZ / 2);
	/* Idle: less and less often, and then every sixteen seconds. */
	for (i = 0; i < 10; i++)
		since = pnicfw_pace_ask(HZ / 2, since, long_time);
	KUNIT_EXPECT_EQ(test, since, (u32)(16 * HZ));
	/* Rounds that are longer than that are what the user wants. */
	KUNIT_EXPECT_EQ(test, pnicfw_pace_ask(30 * HZ, 30 * HZ, long_time),
			(u32)(30 * HZ));
	KUNIT_EXPECT_EQ(test, pnicfw_pace_ask(HZ / 2, U32_MAX, long_time),
			(u32)(16 * HZ));
	/* What has timed out is looked at in the next round. */
	KUNIT_EXPECT_EQ(test, pnicfw_pace_ask(HZ / 2, 8 * HZ, -1), (u32)HZ / 2);

	/* On its way to a timeout of six seconds it is asked for often. */
	for (at = 0; at < 6 * HZ - HZ / 2; asked++) {
		since = pnicfw_pace_ask(HZ / 2, 8 * HZ, 6 * HZ - at);
		KUNIT_EXPECT_LE(test, since, max_t(u32, HZ / 2,
						   (6 * HZ - at) / 3));
		at += since;
	}
	KUNIT_EXPECT_GE(test, asked, 5u);
}

/* Capacity ****************************************************************/

static void capacity_learns(struct kunit *test)
{
	unsigned long now = PACE_START;
	struct pnicfw_capacity cap;

	pnicfw_capacity_init(&cap);
	KUNIT_EXPECT_FALSE(test, pnicfw_capacity_full(&cap, 1000000, 0, now));
	pnicfw_capacity_probe(&cap, 500, now);
	KUNIT_EXPECT_EQ(test, cap.size, PNICFW_CAPACITY_UNKNOWN);

	pnicfw_capacity_refused(&cap, 500, now);
	KUNIT_EXPECT_TRUE(test, pnicfw_capacity_full(&cap, 500, 0, now));
	KUNIT_EXPECT_FALSE(test, pnicfw_capacity_full(&cap, 499, 0, now));
	/* It is not tried again soon. */
	now += HZ;
	pnicfw_capacity_probe(&cap, 500, now);
	KUNIT_EXPECT_TRUE(test, pnicfw_capacity_full(&cap, 500, 0, now));
}

/* Steps that double while the driver agrees; one after a refusal. */
static void capacity_probes(struct kunit *test)
{
	unsigned long now = PACE_START;
	struct pnicfw_capacity cap;
	u32 used = 10, step;

	pnicfw_capacity_init(&cap);
	pnicfw_capacity_refused(&cap, used, now);
	for (step = 1; step < 100; step *= 2) {
		now += 5 * HZ;
		KUNIT_EXPECT_FALSE(test, pnicfw_capacity_full(&cap, used, 0,
							      now));
		pnicfw_capacity_probe(&cap, used, now);
		KUNIT_EXPECT_EQ(test, cap.size, used + step);
		used += step;
		KUNIT_EXPECT_TRUE(test, pnicfw_capacity_full(&cap, used, 0,
							     now));
	}
	pnicfw_capacity_refused(&cap, used - 3, now);
	KUNIT_EXPECT_EQ(test, cap.size, used - 3);
	now += 5 * HZ;
	pnicfw_capacity_probe(&cap, used - 3, now);
	KUNIT_EXPECT_EQ(test, cap.size, used - 2);

	/* Nobody asks for more than there is room for: nothing is tried. */
	now += 5 * HZ;
	pnicfw_capacity_probe(&cap, 5, now);
	KUNIT_EXPECT_EQ(test, cap.size, used - 2);
}

static void capacity_obeys(struct kunit *test)
{
	struct pnicfw_capacity cap;

	pnicfw_capacity_init(&cap);
	KUNIT_EXPECT_TRUE(test, pnicfw_capacity_full(&cap, 7, 7, 0));
	KUNIT_EXPECT_TRUE(test, pnicfw_capacity_full(&cap, 8, 7, 0));
	KUNIT_EXPECT_FALSE(test, pnicfw_capacity_full(&cap, 6, 7, 0));
	/* A limit is one also when it is time to try for more. */
	pnicfw_capacity_refused(&cap, 7, 0);
	KUNIT_EXPECT_TRUE(test, pnicfw_capacity_full(&cap, 7, 7, 100 * HZ));
}

/* At the end of what numbers can say. */
static void capacity_does_not_wrap(struct kunit *test)
{
	unsigned long now = PACE_START;
	struct pnicfw_capacity cap;
	u32 used = 1;
	int i;

	pnicfw_capacity_init(&cap);
	pnicfw_capacity_refused(&cap, used, now);
	for (i = 0; i < 100; i++) {
		now += 5 * HZ;
		pnicfw_capacity_probe(&cap, used, now);
		KUNIT_ASSERT_GE(test, cap.size, used);
		used = cap.size;
	}
	KUNIT_EXPECT_LT(test, used, PNICFW_CAPACITY_UNKNOWN);
}

static struct kunit_case pace_suite_cases[] = {
	KUNIT_CASE(pace_keeps_the_rate),
	KUNIT_CASE(pace_saves_a_burst),
	KUNIT_CASE(pace_knows_no_limit),
	KUNIT_CASE(pace_says_how_long),
	KUNIT_CASE(pace_backs_off),
	KUNIT_CASE(pace_asks),
	KUNIT_CASE(capacity_learns),
	KUNIT_CASE(capacity_probes),
	KUNIT_CASE(capacity_obeys),
	KUNIT_CASE(capacity_does_not_wrap),
	{}
};

struct kunit_suite pnicfw_pace_suite = {
	.name = "pnicfw_pace",
	.test_cases = pace_suite_cases,
};
