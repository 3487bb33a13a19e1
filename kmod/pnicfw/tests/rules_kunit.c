// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of rules: that the first rule that matches is found, among many of many
 * shapes, whatever was added and deleted before; that a refusal changes
 * nothing; and how much longer it takes among many.
 */
#include <kunit/test.h>
#include <linux/delay.h>
#include <linux/ktime.h>
#include <linux/slab.h>

#include "../rules.h"
#include "suites.h"

#define RULES_MANY	10000
#define RULES_FEW	10
#define RULES_ASKED	2000

static void rules_free(struct kunit_resource *res)
{
	pnicfw_rules_flush(res->data);
}

static struct pnicfw_rules *rules_none(struct kunit *test)
{
	struct pnicfw_rules *rules = kunit_kzalloc(test, sizeof(*rules),
						   GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, rules);
	pnicfw_rules_init(rules);
	kunit_alloc_resource(test, NULL, rules_free, GFP_KERNEL, rules);
	return rules;
}

static struct pnicfw_rule *rules_rule(struct kunit *test, u32 pref)
{
	struct pnicfw_rule *rule = kzalloc(sizeof(*rule), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, rule);
	rule->pref = pref;
	return rule;
}

static void rules_say_dst(struct pnicfw_rule *rule, u32 dst, u8 len)
{
	u32 mask = len ? ~0U << (32 - len) : 0;

	rule->says |= BIT(PNICFW_RULES_DST);
	rule->want.family = NFPROTO_IPV4;
	rule->mask.family = U8_MAX;
	rule->want.dst.ip = htonl(dst & mask);
	rule->mask.dst.ip = htonl(mask);
}

static void rules_say_dport(struct pnicfw_rule *rule, u16 first, u16 last)
{
	rule->says |= BIT(PNICFW_RULES_DPORT);
	rule->dport.first = first;
	rule->dport.last = last;
	if (first == last) {
		rule->want.dport = htons(first);
		rule->mask.dport = htons(U16_MAX);
	}
}

static void rules_add(struct kunit *test, struct pnicfw_rules *rules,
		      struct pnicfw_rule *rule)
{
	KUNIT_ASSERT_EQ(test, pnicfw_rules_add(rules, rule), 0);
}

static void rules_del(struct kunit *test, struct pnicfw_rules *rules, u32 pref)
{
	struct pnicfw_rule *rule = pnicfw_rules_find(rules, pref);

	KUNIT_ASSERT_NOT_NULL(test, rule);
	KUNIT_ASSERT_EQ(test, pnicfw_rules_del(rules, rule), 0);
	kfree_rcu(rule, rcu);
}

static struct pnicfw_rules_subject rules_subject(u32 dst, u16 dport)
{
	return (struct pnicfw_rules_subject) {
		.bits.family = NFPROTO_IPV4,
		.bits.protocol = IPPROTO_TCP,
		.bits.dst.ip = htonl(dst),
		.bits.dport = htons(dport),
	};
}

/* The pref of the rule that matches, 0 where none does. */
static u32 rules_ask(const struct pnicfw_rules *rules,
		     const struct pnicfw_rules_subject *subject)
{
	const struct pnicfw_rule *rule;
	u32 pref;

	rcu_read_lock();
	rule = pnicfw_rules_match(rules, subject);
	pref = rule ? rule->pref : 0;
	rcu_read_unlock();
	return pref;
}

static u32 rules_ask_about(const struct pnicfw_rules *rules, u32 dst, u16 dport)
{
	struct pnicfw_rules_subject subject = rules_subject(dst, dport);

	return rules_ask(rules, &subject);
}

static void rules_begin_empty(struct kunit *test)
{
	struct pnicfw_rules *rules = rules_none(test);

	KUNIT_EXPECT_EQ(test, rules_ask_about(rules, 0x0a000001, 80), 0);
	KUNIT_EXPECT_NULL(test, pnicfw_rules_from(rules, 0));
	pnicfw_rules_flush(rules);
	KUNIT_EXPECT_EQ(test, rules_ask_about(rules, 0x0a000001, 80), 0);
}

/* Whatever the order in which they came, and the shapes that they have. */
static void rules_first_match_answers(struct kunit *test)
{
	struct pnicfw_rules *rules = rules_none(test);
	struct pnicfw_rule *rule;

	rules_add(test, rules, rules_rule(test, 1000));
	rule = rules_rule(test, 30);
	rules_say_dst(rule, 0x0a000000, 8);
	rules_add(test, rules, rule);
	rule = rules_rule(test, 10);
	rules_say_dport(rule, 443, 443);
	rules_add(test, rules, rule);
	rule = rules_rule(test, 20);
	rules_say_dst(rule, 0x0a010000, 16);
	rules_say_dport(rule, 80, 90);
	rules_add(test, rules, rule);
	rule = rules_rule(test, 5);
	rules_say_dst(rule, 0x0a020000, 16);
	rules_add(test, rules, rule);

	KUNIT_EXPECT_EQ(test, rules_ask_about(rules, 0x0a010203, 443), 10);
	KUNIT_EXPECT_EQ(test, rules_ask_about(rules, 0x0a010203, 80), 20);
	KUNIT_EXPECT_EQ(test, rules_ask_about(rules, 0x0a010203, 90), 20);
	KUNIT_EXPECT_EQ(test, rules_ask_about(rules, 0x0a010203, 91), 30);
	KUNIT_EXPECT_EQ(test, rules_ask_about(rules, 0x0a010203, 79), 30);
	KUNIT_EXPECT_EQ(test, rules_ask_about(rules, 0x0a020203, 443), 5);
	KUNIT_EXPECT_EQ(test, rules_ask_about(rules, 0x0b000000, 22), 1000);
	KUNIT_EXPECT_EQ(test, rules_ask_about(rules, 0x0b000000, 443), 10);
}

/* What no hash can tell. */
static void rules_look_at_the_rest(struct kunit *test)
{
	struct pnicfw_rules_subject subject = rules_subject(0x0a000001, 80);
	unsigned long labels[BITS_TO_LONGS(128)] = {};
	struct pnicfw_rules *rules = rules_none(test);
	struct pnicfw_rule *rule;

	rule = rules_rule(test, 10);
	rule->says = BIT(PNICFW_RULES_LABEL);
	rule->label = 77;
	rules_add(test, rules, rule);
	rule = rules_rule(test, 20);
	rule->says = BIT(PNICFW_RULES_HELPER);
	strscpy(rule->helper, "ftp", sizeof(rule->helper));
	rules_add(test, rules, rule);
	rule = rules_rule(test, 30);
	rule->says = BIT(PNICFW_RULES_MARK);
	rule->want.mark = 0x10;
	rule->mask.mark = 0xf0;
	rules_add(test, rules, rule);

	KUNIT_EXPECT_EQ(test, rules_ask(rules, &subject), 0);
	subject.bits.mark = 0xf1f;
	KUNIT_EXPECT_EQ(test, rules_ask(rules, &subject), 30);
	subject.bits.mark = 0x20;
	KUNIT_EXPECT_EQ(test, rules_ask(rules, &subject), 0);
	subject.helper = "sip";
	KUNIT_EXPECT_EQ(test, rules_ask(rules, &subject), 0);
	subject.helper = "ftp";
	KUNIT_EXPECT_EQ(test, rules_ask(rules, &subject), 20);
	subject.labels = labels;
	KUNIT_EXPECT_EQ(test, rules_ask(rules, &subject), 20);
	__set_bit(77, labels);
	KUNIT_EXPECT_EQ(test, rules_ask(rules, &subject), 10);
}

static void rules_forget_a_device(struct kunit *test)
{
	struct pnicfw_rules_subject subject = rules_subject(0x0a000001, 80);
	struct pnicfw_rules *rules = rules_none(test);
	struct pnicfw_rule *rule = rules_rule(test, 10);

	rule->says = BIT(PNICFW_RULES_IN);
	rule->want.in = 7;
	rule->mask.in = ~0;
	rules_add(test, rules, rule);
	subject.bits.out = 7;
	KUNIT_EXPECT_EQ(test, rules_ask(rules, &subject), 0);
	subject.bits.in = 7;
	KUNIT_EXPECT_EQ(test, rules_ask(rules, &subject), 10);
	pnicfw_rules_device_gone(rules, 8, "a");
	KUNIT_EXPECT_EQ(test, rules_ask(rules, &subject), 10);
	pnicfw_rules_device_gone(rules, 7, "b");
	KUNIT_EXPECT_EQ(test, rules_ask(rules, &subject), 0);
	KUNIT_EXPECT_PTR_EQ(test, pnicfw_rules_find(rules, 10), rule);
	KUNIT_EXPECT_STREQ(test, rule->in, "b");
}

static void rules_give_prefs(struct kunit *test)
{
	struct pnicfw_rules *rules = rules_none(test);
	struct pnicfw_rule *rule = rules_rule(test, 0), *twice;

	rules_add(test, rules, rule);
	KUNIT_EXPECT_EQ(test, rule->pref, 10);
	rules_add(test, rules, rules_rule(test, 25));
	rule = rules_rule(test, 0);
	rules_add(test, rules, rule);
	KUNIT_EXPECT_EQ(test, rule->pref, 35);
	twice = rules_rule(test, 25);
	KUNIT_EXPECT_EQ(test, pnicfw_rules_add(rules, twice), -EEXIST);
	rules_add(test, rules, rules_rule(test, U32_MAX));
	twice->pref = 0;
	KUNIT_EXPECT_EQ(test, pnicfw_rules_add(rules, twice), -ERANGE);
	kfree(twice);

	rule = pnicfw_rules_from(rules, 0);
	KUNIT_EXPECT_EQ(test, rule->pref, 10);
	rule = pnicfw_rules_next(rules, rule);
	KUNIT_EXPECT_EQ(test, rule->pref, 25);
	rule = pnicfw_rules_next(rules, rule);
	KUNIT_EXPECT_EQ(test, rule->pref, 35);
	rule = pnicfw_rules_next(rules, rule);
	KUNIT_EXPECT_EQ(test, rule->pref, U32_MAX);
	KUNIT_EXPECT_NULL(test, pnicfw_rules_next(rules, rule));
}

static void rules_count_what_they_use(struct kunit *test)
{
	struct pnicfw_rules *rules = rules_none(test);
	struct pnicfw_rule *rule = rules_rule(test, 1);

	rules_say_dport(rule, 1, 2);
	rule->deny = true;
	rules_add(test, rules, rule);
	rule = rules_rule(test, 2);
	rules_say_dport(rule, 1, 2);
	rules_add(test, rules, rule);
	KUNIT_EXPECT_EQ(test, rules->uses, BIT(PNICFW_RULES_DPORT));
	KUNIT_EXPECT_EQ(test, rules->denies, 1);
	rules_del(test, rules, 1);
	KUNIT_EXPECT_EQ(test, rules->uses, BIT(PNICFW_RULES_DPORT));
	KUNIT_EXPECT_EQ(test, rules->denies, 0);
	rules_del(test, rules, 2);
	KUNIT_EXPECT_EQ(test, rules->uses, 0);
	KUNIT_EXPECT_NULL(test, rcu_access_pointer(rules->order));
	KUNIT_EXPECT_TRUE(test, list_empty(&rules->shapes));
}

/* What comes out when the rules are looked at one by one. */
static u32 rules_ask_slowly(struct pnicfw_rules *rules, u32 dst, u16 dport)
{
	struct pnicfw_rule *rule;

	for (rule = pnicfw_rules_from(rules, 0); rule;
	     rule = pnicfw_rules_next(rules, rule))
		if (!((htonl(dst) ^ rule->want.dst.ip) & rule->mask.dst.ip) &&
		    (!(rule->says & BIT(PNICFW_RULES_DPORT)) ||
		     (dport >= rule->dport.first && dport <= rule->dport.last)))
			return rule->pref;
	return 0;
}

/* Some hundred rules that overlap in many ways, as they come and go. */
static void rules_agree_with_the_slow_way(struct kunit *test)
{
	struct pnicfw_rules *rules = rules_none(test);
	struct rnd_state rnd;
	struct pnicfw_rule *rule;
	u32 i, pref, dst, wrong = 0;
	u16 port;

	pnicfw_test_seed(test, &rnd);
	for (i = 0; i < 3000; i++) {
		pref = 1 + prandom_u32_state(&rnd) % 300;
		if (pnicfw_rules_find(rules, pref)) {
			rules_del(test, rules, pref);
		} else {
			rule = rules_rule(test, pref);
			rules_say_dst(rule, prandom_u32_state(&rnd) & 0x03030303,
				      prandom_u32_state(&rnd) % 33);
			port = prandom_u32_state(&rnd) % 8;
			if (prandom_u32_state(&rnd) % 2)
				rules_say_dport(rule, port,
						port + prandom_u32_state(&rnd) % 3);
			rules_add(test, rules, rule);
		}
		dst = prandom_u32_state(&rnd) & 0x03030303;
		port = prandom_u32_state(&rnd) % 10;
		wrong += rules_ask_about(rules, dst, port) !=
			 rules_ask_slowly(rules, dst, port);
	}
	KUNIT_EXPECT_EQ(test, wrong, 0);
}

/* Rules as an operator has them: hosts, networks, services, hosts' services. */
static void rules_fill(struct kunit *test, struct pnicfw_rules *rules, u32 n)
{
	struct pnicfw_rule *rule;
	u32 i;

	for (i = 1; i <= n; i++) {
		rule = rules_rule(test, i);
		switch (i % 4) {
		case 0:
			rules_say_dst(rule, 0x0a000000 + i, 32);
			break;
		case 1:
			rules_say_dst(rule, i << 8, 24);
			break;
		case 2:
			rules_say_dport(rule, i, i);
			break;
		default:
			rules_say_dst(rule, 0x0a000000 + i, 32);
			rules_say_dport(rule, 443, 443);
		}
		rules_add(test, rules, rule);
	}
}

static u32 rules_shapes(const struct pnicfw_rules *rules)
{
	const struct list_head *at;
	u32 n = 0;

	list_for_each(at, &rules->shapes)
		n++;
	return n;
}

/* Nanoseconds for a question that no rule answers, so that none is spared. */
static u64 rules_time(struct pnicfw_rules *rules)
{
	u64 start, best = U64_MAX;
	int i, j;

	for (i = 0; i < 5; i++) {
		start = ktime_get_ns();
		for (j = 0; j < RULES_ASKED; j++)
			rules_ask_about(rules, 0xc0000000 + j, 50000);
		best = min(best, ktime_get_ns() - start);
	}
	return div_u64(best, RULES_ASKED);
}

/* No time is judged: how many tables a search looks into is, and that is the
 * same for both.
 */
static void rules_many_cost_little(struct kunit *test)
{
	struct pnicfw_rules *few = rules_none(test), *many = rules_none(test);

	rules_fill(test, few, RULES_FEW);
	rules_fill(test, many, RULES_MANY);
	KUNIT_EXPECT_EQ(test, rules_shapes(few), 4);
	KUNIT_EXPECT_EQ(test, rules_shapes(many), 4);
	KUNIT_EXPECT_EQ(test, rules_ask_about(many, 0x0a002004, 1), 0x2004);
	KUNIT_EXPECT_EQ(test, rules_ask_about(many, 0x0a002003, 443), 0x2003);
	msleep(100); /* A worker makes the tables larger. */
	kunit_info(test, "%u rules: %llu ns, %u rules: %llu ns\n", RULES_FEW,
		   rules_time(few), RULES_MANY, rules_time(many));
}

static struct kunit_case rules_suite_cases[] = {
	KUNIT_CASE(rules_begin_empty),
	KUNIT_CASE(rules_first_match_answers),
	KUNIT_CASE(rules_look_at_the_rest),
	KUNIT_CASE(rules_forget_a_device),
	KUNIT_CASE(rules_give_prefs),
	KUNIT_CASE(rules_count_what_they_use),
	KUNIT_CASE(rules_agree_with_the_slow_way),
	KUNIT_CASE(rules_many_cost_little),
	{}
};

struct kunit_suite pnicfw_rules_suite = {
	.name = "pnicfw_rules",
	.test_cases = rules_suite_cases,
};
