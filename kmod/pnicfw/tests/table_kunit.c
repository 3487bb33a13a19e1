// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of table and claim: who is on which list, in whose hands, and whose rules a
 * driver may be told of
 */
#include <kunit/test.h>

#include "../claim.h"
#include "../net.h"
#include "../place.h"
#include "../record.h"
#include "../table.h"
#include "../turn.h"
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
	pnicfw_claim_init(&t->pn);
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

static struct pnicfw_hw *table_claim(struct table_trial *t,
				     enum pnicfw_table_list on,
				     struct pnicfw_claim *claim)
{
	return pnicfw_turn_first(&t->pn, on == PNICFW_TABLE_LEAVING ?
					  NULL : t->table, on, claim);
}

static struct pnicfw_hw *table_take(struct table_trial *t,
				    enum pnicfw_table_list on)
{
	struct pnicfw_claim claim;
	struct pnicfw_hw *hw;

	hw = table_claim(t, on, &claim);
	if (!IS_ERR_OR_NULL(hw))
		pnicfw_claim_end(&claim);
	return hw;
}

/* Not pnicfw_claim_record(), which would wait. */
static bool table_try(struct pnicfw_hw *hw, struct pnicfw_claim *claim)
{
	struct pnicfw_net *pn = hw->table->pn;
	bool mine;

	spin_lock_bh(&pn->hw_lock);
	mine = pnicfw_claim_try(hw, claim);
	spin_unlock_bh(&pn->hw_lock);
	return mine;
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

/* While somebody has a claim nobody else gets one on the same, and all is as it was. */
static void table_test_claimed(struct kunit *test)
{
	struct table_trial *t = test->priv;
	struct pnicfw_claim claim;

	pnicfw_claim_record(&t->rec, &claim);
	table_enter(t, PNICFW_TABLE_WAITING);
	KUNIT_EXPECT_PTR_EQ(test, table_take(t, PNICFW_TABLE_WAITING),
			    (struct pnicfw_hw *)ERR_PTR(-EBUSY));
	KUNIT_EXPECT_EQ(test, t->hw.on, PNICFW_TABLE_WAITING);
	pnicfw_claim_end(&claim);
	KUNIT_EXPECT_PTR_EQ(test, table_take(t, PNICFW_TABLE_WAITING), &t->hw);
}

/* Who is claimed is passed over for the next one, in the order of their turns. */
static void table_test_passed_over(struct kunit *test)
{
	struct table_trial *t = test->priv;
	struct pnicfw_record *rec = kunit_kzalloc(test, sizeof(*rec), GFP_KERNEL);
	struct pnicfw_hw other = { .rec = rec, .table = t->table };
	struct pnicfw_claim claim, others;

	KUNIT_ASSERT_NOT_NULL(test, rec);
	rec->hw = &other;
	rec->dir[0].core[0] = 1;
	rec->dir[1].core[0] = 2;
	local_bh_disable();
	pnicfw_table_enlist(&t->hw, PNICFW_TABLE_WAITING, 1000);
	pnicfw_table_enlist(&other, PNICFW_TABLE_WAITING, 0);
	local_bh_enable();
	KUNIT_EXPECT_TRUE(test, table_try(&t->hw, &claim));
	KUNIT_EXPECT_PTR_EQ(test, table_claim(t, PNICFW_TABLE_WAITING, &others),
			    &other);
	pnicfw_claim_end(&claim);
	pnicfw_claim_end(&others);
	KUNIT_EXPECT_TRUE(test, bitmap_empty(t->table->claims.lanes,
					     PNICFW_CLAIM_LANES));
	KUNIT_EXPECT_PTR_EQ(test, table_take(t, PNICFW_TABLE_WAITING), &t->hw);
}

/* Who finds one of his lanes taken leaves the other one alone, whichever it is. */
static void table_test_lanes(struct kunit *test)
{
	struct table_trial *t = test->priv;
	struct pnicfw_record *rec = kunit_kzalloc(test, sizeof(*rec), GFP_KERNEL);
	struct pnicfw_hw half = { .rec = rec, .table = t->table };
	struct pnicfw_claim claim, mine;
	int i;

	KUNIT_ASSERT_NOT_NULL(test, rec);
	rec->hw = &half;
	for (i = 0; i < IP_CT_DIR_MAX; i++) {
		rec->dir[i].core[0] = 1;
		rec->dir[!i].core[0] = 0;
		pnicfw_claim_record(&t->rec, &claim);
		KUNIT_EXPECT_FALSE(test, table_try(&half, &mine));
		pnicfw_claim_end(&claim);
		KUNIT_EXPECT_TRUE(test, bitmap_empty(t->table->claims.lanes,
						     PNICFW_CLAIM_LANES));
		KUNIT_EXPECT_TRUE(test, table_try(&half, &mine));
		pnicfw_claim_end(&mine);
	}
}

/* Nobody gets in while somebody is to leave. */
static void table_test_after(struct kunit *test)
{
	struct table_trial *t = test->priv;
	struct pnicfw_record *old = kunit_kzalloc(test, sizeof(*old), GFP_KERNEL);
	struct pnicfw_hw leaves = { .rec = old, .table = t->table };

	KUNIT_ASSERT_NOT_NULL(test, old);
	old->hw = &leaves;
	local_bh_disable();
	pnicfw_table_enlist(&leaves, PNICFW_TABLE_LEAVING, 0);
	local_bh_enable();
	table_enter(t, PNICFW_TABLE_WAITING);
	KUNIT_EXPECT_PTR_EQ(test, table_take(t, PNICFW_TABLE_WAITING),
			    (struct pnicfw_hw *)ERR_PTR(-EBUSY));
	KUNIT_EXPECT_PTR_EQ(test, table_take(t, PNICFW_TABLE_LEAVING), &leaves);
	KUNIT_EXPECT_PTR_EQ(test, table_take(t, PNICFW_TABLE_WAITING), &t->hw);
}

/* Who has a claim on all has it when nobody else has one. */
static void table_test_all(struct kunit *test)
{
	struct table_trial *t = test->priv;
	struct pnicfw_claim all, claim;
	u32 ended = pnicfw_claim_ended(&t->pn);

	pnicfw_claim_all(t->table, &all);
	KUNIT_EXPECT_FALSE(test, table_try(&t->hw, &claim));
	KUNIT_EXPECT_EQ(test, pnicfw_claim_ended(&t->pn), ended);
	pnicfw_claim_end(&all);
	KUNIT_EXPECT_NE(test, pnicfw_claim_ended(&t->pn), ended);
	KUNIT_EXPECT_TRUE(test, table_try(&t->hw, &claim));
	pnicfw_claim_end(&claim);
}

/* Whoever is about to be put there counts: no more are, than there is room for. */
static void table_test_places(struct kunit *test)
{
	struct table_trial *t = test->priv;
	struct pnicfw_table *table = t->table;

	t->pn.params.hw_limit = 2;
	KUNIT_EXPECT_TRUE(test, pnicfw_place_take(table, &table->used));
	KUNIT_EXPECT_TRUE(test, pnicfw_place_take(table, &table->denials));
	KUNIT_EXPECT_FALSE(test, pnicfw_place_take(table, &table->used));
	pnicfw_place_leave(table, &table->denials);
	KUNIT_EXPECT_TRUE(test, pnicfw_place_take(table, &table->used));
	pnicfw_place_leave(table, &table->used);
	pnicfw_place_leave(table, &table->used);
}

/* A turn that was not made use of is somebody else's. */
static void table_test_turns(struct kunit *test)
{
	struct table_trial *t = test->priv;
	struct pnicfw_pace *pace = &t->table->inserts;
	unsigned long wait = MAX_JIFFY_OFFSET;

	KUNIT_EXPECT_TRUE(test, pnicfw_turn_due(&t->pn, pace, 1, &wait));
	KUNIT_EXPECT_EQ(test, wait, MAX_JIFFY_OFFSET);
	KUNIT_EXPECT_FALSE(test, pnicfw_turn_due(&t->pn, pace, 1, &wait));
	KUNIT_EXPECT_LE(test, wait, (unsigned long)HZ);
	pnicfw_turn_unused(&t->pn, pace);
	KUNIT_EXPECT_TRUE(test, pnicfw_turn_due(&t->pn, pace, 1, &wait));
}

static struct kunit_case table_cases[] = {
	KUNIT_CASE(table_test_withdraw),
	KUNIT_CASE(table_test_in_hand),
	KUNIT_CASE(table_test_inside),
	KUNIT_CASE(table_test_claimed),
	KUNIT_CASE(table_test_passed_over),
	KUNIT_CASE(table_test_lanes),
	KUNIT_CASE(table_test_after),
	KUNIT_CASE(table_test_all),
	KUNIT_CASE(table_test_places),
	KUNIT_CASE(table_test_turns),
	{}
};

struct kunit_suite pnicfw_table_suite = {
	.name = "pnicfw_table",
	.init = table_test_init,
	.exit = table_test_exit,
	.test_cases = table_cases,
};
