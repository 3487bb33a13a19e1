// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of table: who is on which list, and in whose hands
 */
#include <kunit/test.h>

#include "../net.h"
#include "../record.h"
#include "../table.h"
#include "suites.h"

/**
 * struct table_trial - a namespace with an eswitch and a connection
 * @pn: the namespace
 * @table: the eswitch
 * @hw: what concerns the eswitch of the connection
 * @rec: the connection
 */
struct table_trial {
	struct pnicfw_net pn;
	struct pnicfw_table *table;
	struct pnicfw_hw hw;
	struct pnicfw_record rec;	/* its end may vary */
};

static int table_test_init(struct kunit *test)
{
	const struct netdev_phys_item_id id = { .id_len = 1 };
	struct table_trial *t;

	t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);
	if (!t)
		return -ENOMEM;
	pnicfw_table_init(&t->pn);
	t->table = pnicfw_table_get(&t->pn, &id);
	if (!t->table)
		return -ENOMEM;
	refcount_set(&t->rec.refs, 1);
	t->rec.hw = &t->hw;
	t->hw.rec = &t->rec;
	t->hw.table = t->table;
	test->priv = t;
	return 0;
}

static void table_test_exit(struct kunit *test)
{
	struct table_trial *t = test->priv;

	if (t)
		pnicfw_table_exit(&t->pn);
}

static struct pnicfw_hw *table_take(struct table_trial *t,
				    enum pnicfw_table_list on)
{
	return pnicfw_table_first(&t->pn, on == PNICFW_TABLE_LEAVING ?
					  NULL : t->table, on);
}

static void table_enter(struct table_trial *t, enum pnicfw_table_list on)
{
	local_bh_disable();
	pnicfw_table_enlist(&t->hw, on, 0);
	local_bh_enable();
}

static bool table_withdraw(struct table_trial *t)
{
	bool waited;

	local_bh_disable();
	waited = pnicfw_table_withdraw(&t->hw);
	local_bh_enable();
	return waited;
}

/* Who waits, and is not wanted any more, is the next to leave. */
static void table_test_withdraw(struct kunit *test)
{
	struct table_trial *t = test->priv;

	table_enter(t, PNICFW_TABLE_WAITING);
	KUNIT_EXPECT_TRUE(test, table_withdraw(t));
	KUNIT_EXPECT_NULL(test, table_take(t, PNICFW_TABLE_WAITING));
	KUNIT_EXPECT_PTR_EQ(test, table_take(t, PNICFW_TABLE_LEAVING), &t->hw);
	KUNIT_EXPECT_EQ(test, t->hw.on, PNICFW_TABLE_NOWHERE);
}

/* Whom the worker has taken is on no list, nor gets on one behind its back: it would
 * be taken out of the tables twice.
 */
static void table_test_in_hand(struct kunit *test)
{
	struct table_trial *t = test->priv;

	table_enter(t, PNICFW_TABLE_WAITING);
	KUNIT_EXPECT_PTR_EQ(test, table_take(t, PNICFW_TABLE_WAITING), &t->hw);
	KUNIT_EXPECT_FALSE(test, table_withdraw(t));
	KUNIT_EXPECT_NULL(test, table_take(t, PNICFW_TABLE_LEAVING));
}

/* Nor who is inside: that is not the way out. */
static void table_test_inside(struct kunit *test)
{
	struct table_trial *t = test->priv;

	table_enter(t, PNICFW_TABLE_INSIDE);
	KUNIT_EXPECT_FALSE(test, table_withdraw(t));
	KUNIT_EXPECT_PTR_EQ(test, table_take(t, PNICFW_TABLE_INSIDE), &t->hw);
	KUNIT_EXPECT_EQ(test, refcount_read(&t->rec.refs), 2);
	table_enter(t, PNICFW_TABLE_NOWHERE);
}

static struct kunit_case table_cases[] = {
	KUNIT_CASE(table_test_withdraw),
	KUNIT_CASE(table_test_in_hand),
	KUNIT_CASE(table_test_inside),
	{}
};

struct kunit_suite pnicfw_table_suite = {
	.name = "pnicfw_table",
	.init = table_test_init,
	.exit = table_test_exit,
	.test_cases = table_cases,
};
