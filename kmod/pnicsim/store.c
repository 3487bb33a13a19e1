// SPDX-License-Identifier: GPL-2.0
/* Memory for rules
 *
 * Many thousand a second come and go. They get a slab of their own, as
 * kmalloc's next size may be half as large again, and with a constructor: kernels
 * that clear all memory they give away leave that to it.
 */

#include <linux/rcupdate.h>
#include <linux/slab.h>

#include "rule.h"
#include "store.h"

/* As many steps as a rule has mostly: MAC addresses, TTL, NAT of IPv4, output */
#define STORE_STEPS	10

static struct kmem_cache *store_rules;

/* What is true of each that is not in use */
static void store_construct(void *obj)
{
	struct pnicsim_rule *rule = obj;

	pnicsim_counter_construct(&rule->counter);
}

/**
 * pnicsim_store_init - make ready for rules
 *
 * Return: 0 or -ENOMEM.
 */
int __init pnicsim_store_init(void)
{
	struct pnicsim_rule *rule;

	store_rules = kmem_cache_create("pnicsim_rule",
					struct_size(rule, actions, STORE_STEPS),
					0, 0, store_construct);
	return store_rules ? 0 : -ENOMEM;
}

/**
 * pnicsim_store_exit - there are no more rules
 *
 * Context: process.
 */
void pnicsim_store_exit(void)
{
	rcu_barrier();
	kmem_cache_destroy(store_rules);
}

/**
 * pnicsim_store_get - memory for a rule
 * @steps: how many it has
 *
 * Context: process.
 * Return: the rule; its counter is constructed, nothing else is set. NULL where
 * there is no memory.
 */
struct pnicsim_rule *pnicsim_store_get(unsigned int steps)
{
	struct pnicsim_rule *rule;

	if (steps <= STORE_STEPS)
		return kmem_cache_alloc(store_rules, GFP_KERNEL);
	rule = kmalloc(struct_size(rule, actions, steps), GFP_KERNEL);
	if (rule)
		store_construct(rule);
	return rule;
}

/**
 * pnicsim_store_put - give a rule's memory back
 * @rule: the rule, which no frame can hit; its counter is as it was constructed,
 *	but for numbers
 *
 * Context: any but hard interrupts.
 */
void pnicsim_store_put(struct pnicsim_rule *rule)
{
	kfree(rule);	/* of either kind */
}

static void store_put_rcu(struct rcu_head *rcu)
{
	pnicsim_store_put(container_of(rcu, struct pnicsim_rule, rcu));
}

/**
 * pnicsim_store_put_rcu - the same, after the last frame that can see the rule
 * @rule: the rule, which is in no table any more
 *
 * Context: any but hard interrupts.
 */
void pnicsim_store_put_rcu(struct pnicsim_rule *rule)
{
	call_rcu(&rule->rcu, store_put_rcu);
}
