/* SPDX-License-Identifier: GPL-2.0 */
/*
 * suites - the test suites there are, and what they share
 */
#ifndef PNICFW_TESTS_SUITES_H
#define PNICFW_TESTS_SUITES_H

#include <kunit/test.h>
#include <linux/prandom.h>

extern struct kunit_suite pnicfw_key_suite;
extern struct kunit_suite pnicfw_parse_suite;
extern struct kunit_suite pnicfw_action_suite;
extern struct kunit_suite pnicfw_nat_suite;
extern struct kunit_suite pnicfw_flower_suite;
extern struct kunit_suite pnicfw_match_suite;
extern struct kunit_suite pnicfw_policy_suite;
extern struct kunit_suite pnicfw_rules_suite;
extern struct kunit_suite pnicfw_admit_suite;
extern struct kunit_suite pnicfw_heat_suite;
extern struct kunit_suite pnicfw_pace_suite;
extern struct kunit_suite pnicfw_shape_suite;
extern struct kunit_suite pnicfw_recheck_suite;
extern struct kunit_suite pnicfw_pardon_suite;
extern struct kunit_suite pnicfw_plain_suite;
extern struct kunit_suite pnicfw_table_suite;
extern struct kunit_suite pnicfw_slots_suite;

u64 pnicfw_test_seed(struct kunit *test, struct rnd_state *rnd);

#endif /* PNICFW_TESTS_SUITES_H */
