// SPDX-License-Identifier: GPL-2.0
/* The hardware table: rules by input port, priority and mask
 *
 * An input has a list of groups, each of one priority and one mask. A lookup
 * goes down the list, and asks one hash table, the NIC's, for the frame's
 * fields under each group's mask: its cost is the number of groups, whatever
 * the number of rules.
 */

#include <linux/hash.h>
#include <linux/jhash.h>
#include <linux/rhashtable.h>

#include "extack.h"
#include "group.h"
#include "rule.h"
#include "store.h"
#include "table.h"
#include "tc.h"

static u32 slot_hash(const void *key, u32 len, u32 seed)
{
	const struct pnicsim_slot *slot = key;

	return jhash_1word(slot->hash, seed);
}

/* As a NIC's, they do not shrink: what has been full may well be again. */
static const struct rhashtable_params slot_params = {
	.head_offset		= offsetof(struct pnicsim_rule, slot_node),
	.key_offset		= offsetof(struct pnicsim_rule, slot),
	.key_len		= sizeof_field(struct pnicsim_rule, slot),
	.hashfn			= slot_hash,
};

static const struct rhashtable_params cookie_params = {
	.head_offset		= offsetof(struct pnicsim_rule, cookie_node),
	.key_offset		= offsetof(struct pnicsim_rule, cookie),
	.key_len		= sizeof_field(struct pnicsim_rule, cookie),
};

/* Both are hashed and compared as bytes: the hash first, which mostly does. */
static_assert(sizeof(struct pnicsim_slot) ==
	      2 * sizeof(u64) + sizeof(struct pnicsim_fields));
static_assert(sizeof(struct pnicsim_cookie) == 2 * sizeof(long));

static bool rule_is_ft(const struct pnicsim_rule *rule)
{
	return rule->cookie.binding->kind == PNICSIM_BIND_FT;
}

static struct pnicsim_input *rule_input(const struct pnicsim_rule *rule)
{
	return rule->cookie.binding->input;
}

/* All but the hash is there. Nobody attacks a simulator: a quick one will do. */
static void slot_finish(struct pnicsim_slot *slot)
{
	const u64 *word = (const u64 *)&slot->fields;
	u64 hash = slot->group;
	unsigned int i;

	for (i = 0; i < PNICSIM_FIELDS_WORDS; i++)
		hash = (rol64(hash, 5) ^ word[i]) * GOLDEN_RATIO_64;
	slot->hash = hash ^ hash >> 32;
}

static void fields_mask(struct pnicsim_fields *dst,
			const struct pnicsim_fields *fields,
			const struct pnicsim_fields *mask)
{
	const u64 *f = (const u64 *)fields;
	const u64 *m = (const u64 *)mask;
	u64 *d = (u64 *)dst;
	unsigned int i;

	for (i = 0; i < PNICSIM_FIELDS_WORDS; i++)
		d[i] = f[i] & m[i];
}

static int table_has_room(const struct pnicsim_table *table,
			  const struct pnicsim_rule *rule,
			  const struct pnicsim_limits *limits,
			  struct netlink_ext_ack *extack)
{
	if (table->num_rules >= limits->rules)
		return pnicsim_refuse(extack, -ENOSPC,
				      "The hardware table is full");
	if (rule_is_ft(rule) &&
	    table->num_ft_rules >= limits->ft_rules)
		return pnicsim_refuse(extack, -ENOSPC,
				      "The hardware flow table is full");
	return 0;
}

static int rule_hash(struct pnicsim_table *table, struct pnicsim_rule *rule,
		     struct netlink_ext_ack *extack)
{
	int err;

	err = rhashtable_lookup_insert_fast(&table->slots, &rule->slot_node,
					    slot_params);
	if (err == -EEXIST)
		return pnicsim_refuse(extack, err,
				      "A rule with the same match and priority exists");
	if (err)
		return err;

	/* Its cookie has been looked for already. */
	err = rhashtable_insert_fast(&table->cookies, &rule->cookie_node,
				     cookie_params);
	if (err)
		goto err_slot;

	do {	/* Once ids have wrapped, one may be in use still. */
		rule->id = table->next_id++;
		err = xa_insert(&table->rules, rule->id, rule, GFP_KERNEL);
	} while (err == -EBUSY);
	if (err)
		goto err_cookie;
	return 0;

err_cookie:
	rhashtable_remove_fast(&table->cookies, &rule->cookie_node,
			       cookie_params);
err_slot:
	rhashtable_remove_fast(&table->slots, &rule->slot_node, slot_params);
	return err;
}

static int table_insert(struct pnicsim_table *table, struct pnicsim_rule *rule,
			const struct pnicsim_fields *mask,
			const struct pnicsim_limits *limits,
			struct netlink_ext_ack *extack)
{
	struct pnicsim_group *group;
	int err;

	err = table_has_room(table, rule, limits, extack);
	if (err)
		return err;
	group = pnicsim_group_get(rule_input(rule),
				  pnicsim_order(rule_is_ft(rule), rule->prio),
				  mask, limits->masks, extack);
	if (IS_ERR(group))
		return PTR_ERR(group);

	rule->group = group;
	rule->slot.group = (unsigned long)group;
	slot_finish(&rule->slot);
	err = rule_hash(table, rule, extack);
	if (err) {
		pnicsim_group_put(group);
		return err;
	}

	group->num_rules++;
	table->num_rules++;
	if (rule_is_ft(rule))
		table->num_ft_rules++;
	rule_input(rule)->num_rules++;
	return 0;
}

static void table_remove(struct pnicsim_table *table,
			 struct pnicsim_rule *rule)
{
	lockdep_assert_held(&table->lock);
	xa_erase(&table->rules, rule->id);
	rhashtable_remove_fast(&table->cookies, &rule->cookie_node,
			       cookie_params);
	rhashtable_remove_fast(&table->slots, &rule->slot_node, slot_params);
	table->num_rules--;
	if (rule_is_ft(rule))
		table->num_ft_rules--;
	rule_input(rule)->num_rules--;
	rule->group->num_rules--;
	pnicsim_group_put(rule->group);
	pnicsim_store_put_rcu(rule);
}

/**
 * pnicsim_table_init - make an empty table
 * @table: table
 *
 * Context: process. Return: 0 or a negative errno.
 */
int pnicsim_table_init(struct pnicsim_table *table)
{
	int err;

	mutex_init(&table->lock);
	xa_init(&table->rules);
	err = rhashtable_init(&table->slots, &slot_params);
	if (err)
		return err;
	err = rhashtable_init(&table->cookies, &cookie_params);
	if (err)
		rhashtable_destroy(&table->slots);
	return err;
}

/**
 * pnicsim_table_exit - free a table
 * @table: table, all its inputs flushed
 *
 * Context: process, no lookup can be under way.
 */
void pnicsim_table_exit(struct pnicsim_table *table)
{
	WARN_ON(table->num_rules);
	xa_destroy(&table->rules);
	rhashtable_destroy(&table->cookies);
	rhashtable_destroy(&table->slots);
	mutex_destroy(&table->lock);
}

/**
 * pnicsim_table_insert - put a rule into the hardware
 * @table: table
 * @rule: rule with its cookie, priority and key set, which the table owns
 *	from now on where it succeeds
 * @mask: bits of the fields that count; the key has no others
 * @limits: how much the table takes
 * @extack: told why not
 *
 * From the moment of success on frames hit the rule and the cookie is known.
 *
 * Context: process.
 * Return: 0; -EBUSY while the eswitch mode is changing, -EEXIST where the
 * cookie or the match is there already, -ENOSPC where there is no room for
 * it, -ENOMEM.
 */
int pnicsim_table_insert(struct pnicsim_table *table,
			 struct pnicsim_rule *rule,
			 const struct pnicsim_fields *mask,
			 const struct pnicsim_limits *limits,
			 struct netlink_ext_ack *extack)
{
	int err;

	mutex_lock(&table->lock);
	if (table->frozen)
		err = pnicsim_refuse(extack, -EBUSY,
				     "The E-Switch mode is changing");
	else if (rhashtable_lookup_fast(&table->cookies, &rule->cookie,
					cookie_params))
		err = pnicsim_refuse(extack, -EEXIST,
				     "flow cookie already exists, ignoring");
	else
		err = table_insert(table, rule, mask, limits, extack);
	mutex_unlock(&table->lock);
	return err;
}

/**
 * pnicsim_table_remove - take a rule out of the hardware
 * @table: table
 * @binding: the binding it came through
 * @cookie: what the client calls it
 *
 * Context: process. Return: 0, or -EINVAL where there is no such rule.
 */
int pnicsim_table_remove(struct pnicsim_table *table,
			 const struct pnicsim_binding *binding,
			 unsigned long cookie)
{
	struct pnicsim_rule *rule;

	mutex_lock(&table->lock);
	rcu_read_lock();
	rule = pnicsim_table_find(table, binding, cookie);
	rcu_read_unlock();	/* Only holders of the lock remove rules. */
	if (rule)
		table_remove(table, rule);
	mutex_unlock(&table->lock);
	return rule ? 0 : -EINVAL;
}

/**
 * pnicsim_table_flush - take all rules out of the hardware
 * @table: table
 * @input: only this input's; NULL: everybody's
 *
 * Context: process.
 */
void pnicsim_table_flush(struct pnicsim_table *table,
			 struct pnicsim_input *input)
{
	struct pnicsim_rule *rule;
	unsigned long id;

	mutex_lock(&table->lock);
	xa_for_each(&table->rules, id, rule)
		if (!input || rule_input(rule) == input)
			table_remove(table, rule);
	mutex_unlock(&table->lock);
}

/**
 * pnicsim_table_freeze - take no more rules
 * @table: table
 *
 * Context: process. Return: 0, or -EBUSY where there are rules in it.
 */
int pnicsim_table_freeze(struct pnicsim_table *table)
{
	int err = -EBUSY;

	mutex_lock(&table->lock);
	if (!table->num_rules) {
		table->frozen = true;
		err = 0;
	}
	mutex_unlock(&table->lock);
	return err;
}

/**
 * pnicsim_table_thaw - take rules again
 * @table: table
 *
 * Context: process.
 */
void pnicsim_table_thaw(struct pnicsim_table *table)
{
	mutex_lock(&table->lock);
	table->frozen = false;
	mutex_unlock(&table->lock);
}

/**
 * pnicsim_table_find - the rule a client means
 * @table: table
 * @binding: the binding it came through
 * @cookie: what the client calls it
 *
 * Context: RCU read section. Return: the rule, or NULL.
 */
struct pnicsim_rule *
pnicsim_table_find(struct pnicsim_table *table,
		   const struct pnicsim_binding *binding,
		   unsigned long cookie)
{
	struct pnicsim_cookie key = { .value = cookie, .binding = binding };

	return rhashtable_lookup(&table->cookies, &key, cookie_params);
}

/**
 * pnicsim_table_lookup - the rule a frame hits
 * @table: table
 * @input: the port the frame came in through
 * @fields: the frame's
 * @skip_blocks: look at flow tables' rules only
 *
 * Rules of blocks come first, in the order of their priorities, then those of
 * flow tables. Where two rules of the same priority match, either may win.
 *
 * Context: RCU read section. Return: the rule, or NULL: a miss.
 */
struct pnicsim_rule *
pnicsim_table_lookup(struct pnicsim_table *table,
		     const struct pnicsim_input *input,
		     const struct pnicsim_fields *fields, bool skip_blocks)
{
	const struct pnicsim_group *group;
	struct pnicsim_rule *rule;
	struct pnicsim_slot key;

	list_for_each_entry_rcu(group, &input->groups, list) {
		if (skip_blocks && group->order < pnicsim_order(true, 0))
			continue;
		key.group = (unsigned long)group;
		fields_mask(&key.fields, fields, &group->mask);
		slot_finish(&key);
		rule = rhashtable_lookup(&table->slots, &key, slot_params);
		if (rule)
			return rule;
	}
	return NULL;
}
