// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of slots: all that is in is found, and nothing that is out, while the table
 * grows and shrinks; and no hashes make a lookup long
 */
#include <kunit/test.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "../key.h"
#include "../slots.h"
#include "suites.h"

#define SLOTS_CROWD	20000
/* So few of the crowd may find no room while the table grows. */
#define SLOTS_UNLUCKY	3U

#define SLOTS_ROOMS	(PNICFW_SLOTS_LINE * PNICFW_SLOTS_LINES)

/**
 * struct slots_guest - what is put in
 * @hash: its hash
 * @in: it is in
 */
struct slots_guest {
	u32 hash;
	bool in;
};

/**
 * struct slots_house - a table, and who may be in it
 * @slots: the table
 * @lock: the table's user's
 * @rnd: random numbers
 * @guest: SLOTS_CROWD of them
 */
struct slots_house {
	struct pnicfw_slots slots;
	spinlock_t lock;		/* of the table */
	struct rnd_state rnd;
	struct slots_guest *guest;
};

static int slots_setup(struct kunit *test)
{
	struct slots_house *house;
	u32 i;

	house = kunit_kzalloc(test, sizeof(*house), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, house);
	house->guest = vcalloc(SLOTS_CROWD, sizeof(*house->guest));
	KUNIT_ASSERT_NOT_NULL(test, house->guest);
	test->priv = house;

	spin_lock_init(&house->lock);
	pnicfw_test_seed(test, &house->rnd);
	for (i = 0; i < SLOTS_CROWD; i++)
		house->guest[i].hash = prandom_u32_state(&house->rnd);
	return pnicfw_slots_init(&house->slots, &house->lock);
}

static bool slots_enter(struct slots_house *house, struct slots_guest *guest)
{
	spin_lock_bh(&house->lock);
	guest->in = pnicfw_slots_insert(&house->slots, guest->hash, guest,
					guest) >= 0;
	spin_unlock_bh(&house->lock);
	return guest->in;
}

static void slots_leave(struct slots_house *house, struct slots_guest *guest)
{
	spin_lock_bh(&house->lock);
	pnicfw_slots_remove(&house->slots, guest->hash, guest);
	spin_unlock_bh(&house->lock);
	guest->in = false;
}

/* As a packet's lookup goes. */
static bool slots_finds(struct slots_house *house,
			const struct slots_guest *guest)
{
	const struct pnicfw_slots_table *table;
	struct pnicfw_slots_hit hit = {};
	const void *entry;

	rcu_read_lock();
	table = rcu_dereference(house->slots.now);
	entry = pnicfw_slots_first(table, guest->hash);
	while (entry && entry != guest) {
		hit = pnicfw_slots_find(table, guest->hash, hit.step);
		entry = hit.entry;
	}
	rcu_read_unlock();
	return entry;
}

/* Who is in is found, and nobody else is. */
static void slots_expect_truth(struct kunit *test, struct slots_house *house)
{
	u32 i, wrong = 0;

	for (i = 0; i < SLOTS_CROWD; i++)
		wrong += slots_finds(house, &house->guest[i]) !=
			 house->guest[i].in;
	KUNIT_EXPECT_EQ(test, wrong, 0U);
}

static void slots_empty(struct slots_house *house)
{
	u32 i;

	for (i = 0; i < SLOTS_CROWD; i++)
		if (house->guest[i].in)
			slots_leave(house, &house->guest[i]);
}

static void slots_teardown(struct kunit *test)
{
	struct slots_house *house = test->priv;

	slots_empty(house);
	pnicfw_slots_exit(&house->slots);
	rcu_barrier();
	vfree(house->guest);
}

/* How many of them find no room. The worker gets to run now and then: where there is
 * no large memory for who cannot wait, it makes the larger tables.
 */
static u32 slots_enter_all(struct slots_house *house)
{
	u32 i, refused = 0;

	for (i = 0; i < SLOTS_CROWD; i++) {
		refused += !slots_enter(house, &house->guest[i]);
		if (i % 250 == 0)
			flush_delayed_work(&house->slots.work);
	}
	return refused;
}

static u32 slots_size(struct slots_house *house)
{
	u32 size;

	flush_delayed_work(&house->slots.work);
	rcu_read_lock();
	size = rcu_dereference(house->slots.now)->size;
	rcu_read_unlock();
	return size;
}

static void slots_test_crowd(struct kunit *test)
{
	struct slots_house *house = test->priv;

	KUNIT_EXPECT_LE(test, slots_enter_all(house), SLOTS_UNLUCKY);
	slots_expect_truth(test, house);
	KUNIT_EXPECT_GE(test, slots_size(house), SLOTS_CROWD / 3 * 4);
	slots_expect_truth(test, house);
}

/* Clients count their ports up, and scanners addresses. */
static void slots_test_rows(struct kunit *test)
{
	struct slots_house *house = test->priv;
	struct pnicfw_key_secret secret;
	struct pnicfw_key key;
	u32 i, round;

	for (round = 0; round < 20; round++) {
		prandom_bytes_state(&house->rnd, &secret, sizeof(secret));
		memset(&key, 0, sizeof(key));
		key.src.ip = htonl(0x0a000001);
		key.dst.ip = htonl(0x0a010002);
		key.dport = htons(443);
		key.protocol = IPPROTO_TCP;
		key.family = NFPROTO_IPV4;
		for (i = 0; i < SLOTS_CROWD; i++) {
			if (round % 2)
				key.sport = htons(1024 + i);
			else
				key.dst.ip = htonl(0x0a010000 + i);
			house->guest[i].hash = pnicfw_key_hash(&key, &secret,
							       true);
		}
		KUNIT_EXPECT_LE(test, slots_enter_all(house), SLOTS_UNLUCKY);
		slots_expect_truth(test, house);
		slots_empty(house);
	}
}

/* One hash has so much room, and no more: some of its lines may be the same. Who
 * leaves makes room for one, and hides nobody.
 */
static void slots_test_one_hash(struct kunit *test)
{
	struct slots_house *house = test->priv;
	u32 i, in = 0;

	for (i = 0; i < SLOTS_CROWD; i++)
		house->guest[i].hash = house->guest[0].hash;
	for (i = 0; i < 2 * SLOTS_ROOMS; i++)
		in += slots_enter(house, &house->guest[i]);
	KUNIT_EXPECT_GE(test, in, SLOTS_ROOMS / 4);
	KUNIT_EXPECT_LE(test, in, SLOTS_ROOMS);
	slots_expect_truth(test, house);

	slots_leave(house, &house->guest[1]);
	slots_expect_truth(test, house);
	KUNIT_EXPECT_TRUE(test, slots_enter(house, &house->guest[SLOTS_CROWD - 1]));
	slots_expect_truth(test, house);
}

static void slots_test_same(struct kunit *test)
{
	struct slots_house *house = test->priv;
	struct slots_guest *one = &house->guest[0], *other = &house->guest[1];

	other->hash = one->hash;
	spin_lock_bh(&house->lock);
	KUNIT_EXPECT_EQ(test, pnicfw_slots_insert(&house->slots, one->hash, one,
						  one), 0);
	KUNIT_EXPECT_EQ(test, pnicfw_slots_insert(&house->slots, other->hash,
						  other, other), 1);
	spin_unlock_bh(&house->lock);
	one->in = true;
	other->in = true;
	slots_expect_truth(test, house);
}

/* They come and go, more at first, then fewer, until all are gone; and some hashes
 * are much alike, so that lines are full.
 */
static void slots_test_come_and_go(struct kunit *test)
{
	struct slots_house *house = test->priv;
	u32 i, least = slots_size(house);
	struct slots_guest *guest;

	for (i = 0; i < SLOTS_CROWD; i += 4)
		house->guest[i].hash &= 0xff00000f;

	for (i = 0; i < 20 * SLOTS_CROWD; i++) {
		guest = &house->guest[prandom_u32_state(&house->rnd) %
				      SLOTS_CROWD];
		if (guest->in)
			slots_leave(house, guest);
		else if (i < 10 * SLOTS_CROWD ||
			 prandom_u32_state(&house->rnd) % 8 == 0)
			slots_enter(house, guest);
		if (i % SLOTS_CROWD == 0)
			slots_expect_truth(test, house);
	}
	slots_empty(house);
	slots_expect_truth(test, house);
	while (slots_size(house) > least && i--)
		cond_resched();
	KUNIT_EXPECT_EQ(test, slots_size(house), least);
}

static struct kunit_case slots_cases[] = {
	KUNIT_CASE(slots_test_crowd),
	KUNIT_CASE(slots_test_rows),
	KUNIT_CASE(slots_test_one_hash),
	KUNIT_CASE(slots_test_same),
	KUNIT_CASE(slots_test_come_and_go),
	{}
};

struct kunit_suite pnicfw_slots_suite = {
	.name = "pnicfw_slots",
	.init = slots_setup,
	.exit = slots_teardown,
	.test_cases = slots_cases,
};
