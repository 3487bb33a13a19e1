// SPDX-License-Identifier: GPL-2.0
/*
 * suites - the module that holds the tests of the pure rooms
 *
 * It is linked from the rooms' own objects, and runs when it is loaded.
 */
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/random.h>

#include "suites.h"

static ulong seed;
module_param(seed, ulong, 0444);
MODULE_PARM_DESC(seed, "of the random tests; 0: another one each time");

/**
 * pnicfw_test_seed - start a sequence of random numbers, and say which
 * @test: whose log says so
 * @rnd: the sequence
 *
 * Return: the seed: loading the module with it repeats the sequence.
 */
u64 pnicfw_test_seed(struct kunit *test, struct rnd_state *rnd)
{
	u64 value = seed ?: get_random_u32() | 1;

	prandom_seed_state(rnd, value);
	kunit_info(test, "seed=%llu\n", value);
	return value;
}

kunit_test_suites(&pnicfw_key_suite, &pnicfw_parse_suite,
		  &pnicfw_action_suite, &pnicfw_nat_suite,
		  &pnicfw_flower_suite, &pnicfw_match_suite,
		  &pnicfw_policy_suite, &pnicfw_rules_suite,
		  &pnicfw_admit_suite, &pnicfw_heat_suite, &pnicfw_pace_suite,
		  &pnicfw_shape_suite, &pnicfw_recheck_suite,
		  &pnicfw_pardon_suite, &pnicfw_plain_suite,
		  &pnicfw_table_suite, &pnicfw_slots_suite);

MODULE_DESCRIPTION("Tests of pnicfw's pure rooms");
MODULE_LICENSE("GPL");
