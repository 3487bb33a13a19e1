// SPDX-License-Identifier: GPL-2.0
/* The hardware table: rules by input port, priority and mask
 *
 * An input has a list of groups, each of one priority and one mask. A lookup
 * goes down the list, and asks one hash table, the NIC's, for the frame's
 * fields under each group's mask: its cost is the number of groups, whatever
 * the number of rules.
 */

#include <linux/rhashtable.h>

#include "extack.h"
#include "rule.h"
#include "table.h"
#include "tc.h"

static const struct rhashtable_params slot_params = {
	.head_offset		= offsetof(struct pnicsim_rule, slot_node),
	.key_offset		= offsetof(struct pnicsim_rule, slot),
	.key_len		= sizeof_field(struct pnicsim_rule, slot),
	.automatic_shrinking	= true,
};

static const struct rhashtable_params cookie_params = {
	.head_offset		= offsetof(struct pnicsim_rule, cookie_node),
	.key_offset		= offsetof(struct pnicsim_rule, cookie),
	.key_len		= sizeof_field(struct pnicsim_rule, cookie),
	.automatic_shrinking	= true,
};

/* Both are hashed and compared as bytes. */
static_assert(sizeof(struct pnicsim_slot) ==
	      sizeof(u64) + sizeof(struct pnicsim_fields));
static_assert(sizeof(struct pnicsim_cookie) == 2 * sizeof(long));

/* Rules of blocks come before those of flow tables, whatever the priorities. */
#define ORDER_FT	0x10000

static u32 rule_order(const struct pnicsim_rule *rule)
{
	return rule->prio +
	       (rule->cookie.binding->kind == PNICSIM_BIND_FT ? ORDER_FT : 0);
}

static struct pnicsim_input *rule_input(const struct pnicsim_rule *rule)
{
	return rule->cookie.binding->input;
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

/* The group for the rule, counting those of its priority; or, in @next, the
 * place where a new one goes.
 */
static struct pnicsim_group *
group_find(struct pnicsim_input *input, u32 order,
	   const struct pnicsim_fields *mask, u32 *num_masks,
	   struct list_head **next)
{
	struct pnicsim_group *group;

	*num_masks = 0;
	*next = &input->groups;
	list_for_each_entry(group, &input->groups, list) {
		if (group->order > order) {
			*next = &group->list;
			break;
		}
		if (group->order < order)
			continue;
		if (!memcmp(&group->mask, mask, sizeof(*mask)))
			return group;
		(*num_masks)++;
	}
	return NULL;
}

static struct pnicsim_group *
group_get(struct pnicsim_table *table, struct pnicsim_rule *rule,
	  const struct pnicsim_fields *mask, u32 max_masks,
	  struct netlink_ext_ack *extack)
{
	struct pnicsim_group *group;
	struct list_head *next;
	u32 num_masks;

	group = group_find(rule_input(rule), rule_order(rule), mask,
			   &num_masks, &next);
	if (group)
		return group;
	if (num_masks >= max_masks)
		return pnicsim_refuse_ptr(extack, -ENOSPC,
					  "Too many different masks for one priority");

	group = kzalloc(sizeof(*group), GFP_KERNEL);
	if (!group)
		return ERR_PTR(-ENOMEM);
	group->id = table->next_group++;
	group->order = rule_order(rule);
	group->mask = *mask;
	list_add_tail_rcu(&group->list, next);
	return group;
}

static void group_put_if_empty(struct pnicsim_group *group)
{
	if (group->num_rules)
		return;
	list_del_rcu(&group->list);
	kfree_rcu(group, rcu);
}

static int table_has_room(const struct pnicsim_table *table,
			  const struct pnicsim_rule *rule,
			  const struct pnicsim_limits *limits,
			  struct netlink_ext_ack *extack)
{
	if (table->num_rules >= limits->rules)
		return pnicsim_refuse(extack, -ENOSPC,
				      "The hardware table is full");
	if (rule->cookie.binding->kind == PNICSIM_BIND_FT &&
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

	err = rhashtable_lookup_insert_fast(&table->cookies,
					    &rule->cookie_node, cookie_params);
	if (err)
		goto err_slot;

	err = xa_alloc_cyclic(&table->rules, &rule->id, rule, xa_limit_32b,
			      &table->next_id, GFP_KERNEL);
	if (err < 0)		/* 1: it has wrapped */
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
	group = group_get(table, rule, mask, limits->masks, extack);
	if (IS_ERR(group))
		return PTR_ERR(group);

	rule->group = group;
	rule->slot.group = group->id;
	err = rule_hash(table, rule, extack);
	if (err) {
		group_put_if_empty(group);
		return err;
	}

	group->num_rules++;
	table->num_rules++;
	if (rule->cookie.binding->kind == PNICSIM_BIND_FT)
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
	if (rule->cookie.binding->kind == PNICSIM_BIND_FT)
		table->num_ft_rules--;
	rule_input(rule)->num_rules--;
	rule->group->num_rules--;
	group_put_if_empty(rule->group);
	kfree_rcu(rule, rcu);
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
	xa_init_flags(&table->rules, XA_FLAGS_ALLOC);
	table->next_group = 1;
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
 * pnicsim_input_init - make an input without rules
 * @input: input
 */
void pnicsim_input_init(struct pnicsim_input *input)
{
	INIT_LIST_HEAD(&input->groups);
	input->num_rules = 0;
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
		if (skip_blocks && group->order < ORDER_FT)
			continue;
		key.group = group->id;
		fields_mask(&key.fields, fields, &group->mask);
		rule = rhashtable_lookup(&table->slots, &key, slot_params);
		if (rule)
			return rule;
	}
	return NULL;
}
