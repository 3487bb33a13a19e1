// SPDX-License-Identifier: GPL-2.0
/*
 * rules - the policy's rules, found by the shape of what they match
 */
#include <linux/bitops.h>
#include <linux/rhashtable.h>
#include <linux/slab.h>

#include "rules.h"

/**
 * struct pnicfw_rules_shape - rules that look at the same bits
 * @mask: the bits
 * @lowest: the lowest pref among them; 0 while no reader has seen the shape
 * @count: how many there are
 * @table: &struct pnicfw_rule by what they want
 * @list: among the shapes
 */
struct pnicfw_rules_shape {
	struct pnicfw_rules_bits mask;
	u32 lowest;
	u32 count;
	struct rhltable table;
	struct list_head list;
};

/**
 * struct pnicfw_rules_order - shapes as a search goes through them
 * @rcu: readers are under RCU
 * @count: how many
 * @at: each, with the lowest pref that it has
 */
struct pnicfw_rules_order {
	struct rcu_head rcu;
	u32 count;
	struct {
		struct pnicfw_rules_shape *shape;
		u32 lowest;
	} at[];
};

static const struct rhashtable_params rules_params = {
	.head_offset = offsetof(struct pnicfw_rule, node),
	.key_offset = offsetof(struct pnicfw_rule, want),
	.key_len = sizeof(struct pnicfw_rules_bits),
	.automatic_shrinking = true,
};

/**
 * pnicfw_rules_init - begin without any
 * @rules: the rules
 */
void pnicfw_rules_init(struct pnicfw_rules *rules)
{
	memset(rules, 0, sizeof(*rules));
	xa_init(&rules->by_pref);
	INIT_LIST_HEAD(&rules->list);
	INIT_LIST_HEAD(&rules->shapes);
}

/* Matching ****************************************************************/

static bool rules_in_range(const struct pnicfw_rules_ports *range, __be16 port)
{
	return ntohs(port) >= range->first && ntohs(port) <= range->last;
}

/* What the hash could not tell. */
static bool rules_rest_matches(const struct pnicfw_rule *rule,
			       const struct pnicfw_rules_subject *subject)
{
	u32 says = rule->says;

	if (READ_ONCE(rule->in_gone) || READ_ONCE(rule->out_gone))
		return false;
	if (says & BIT(PNICFW_RULES_SPORT) &&
	    !rules_in_range(&rule->sport, subject->bits.sport))
		return false;
	if (says & BIT(PNICFW_RULES_DPORT) &&
	    !rules_in_range(&rule->dport, subject->bits.dport))
		return false;
	if (says & BIT(PNICFW_RULES_LABEL) &&
	    (!subject->labels || !test_bit(rule->label, subject->labels)))
		return false;
	return !(says & BIT(PNICFW_RULES_HELPER)) ||
	       (subject->helper && !strcmp(rule->helper, subject->helper));
}

/* The first rule of a shape that matches, if it comes before @best. */
static const struct pnicfw_rule *
rules_shape_match(struct pnicfw_rules_shape *shape,
		  const struct pnicfw_rules_subject *subject,
		  const struct pnicfw_rule *best)
{
	const struct pnicfw_rule *rule;
	struct rhlist_head *list, *pos;
	struct pnicfw_rules_bits bits;
	int i;

	for (i = 0; i < ARRAY_SIZE(bits.word); i++)
		bits.word[i] = subject->bits.word[i] & shape->mask.word[i];
	list = rhltable_lookup(&shape->table, &bits, rules_params);
	rhl_for_each_entry_rcu(rule, pos, list, node)
		if ((!best || rule->pref < best->pref) &&
		    rules_rest_matches(rule, subject))
			best = rule;
	return best;
}

/**
 * pnicfw_rules_match - the first rule that matches a connection
 * @rules: the rules
 * @subject: the connection
 *
 * Context: RCU.
 * Return: the rule, valid under RCU, or NULL where none matches.
 */
const struct pnicfw_rule *
pnicfw_rules_match(const struct pnicfw_rules *rules,
		   const struct pnicfw_rules_subject *subject)
{
	const struct pnicfw_rules_order *order = rcu_dereference(rules->order);
	const struct pnicfw_rule *best = NULL;
	u32 i;

	if (!order)
		return NULL;
	for (i = 0; i < order->count; i++) {
		if (best && best->pref < order->at[i].lowest)
			break;
		best = rules_shape_match(order->at[i].shape, subject, best);
	}
	return best;
}

/* Changing ****************************************************************/

static struct pnicfw_rules_shape *
rules_shape_find(const struct pnicfw_rules *rules,
		 const struct pnicfw_rules_bits *mask)
{
	struct pnicfw_rules_shape *shape;

	list_for_each_entry(shape, &rules->shapes, list)
		if (!memcmp(&shape->mask, mask, sizeof(*mask)))
			return shape;
	return NULL;
}

static struct pnicfw_rules_shape *
rules_shape_new(struct pnicfw_rules *rules,
		const struct pnicfw_rules_bits *mask)
{
	struct pnicfw_rules_shape *shape;

	shape = kzalloc(sizeof(*shape), GFP_KERNEL_ACCOUNT);
	if (!shape)
		return NULL;
	if (rhltable_init(&shape->table, &rules_params)) {
		kfree(shape);
		return NULL;
	}
	shape->mask = *mask;
	list_add(&shape->list, &rules->shapes);
	return shape;
}

/* For a shape that no reader can see any more. */
static void rules_shape_free(struct pnicfw_rules_shape *shape)
{
	list_del(&shape->list);
	rhltable_destroy(&shape->table);
	kfree(shape);
}

/* The shapes in order, with @shape where @lowest puts it, or left out where
 * that is 0.
 */
static struct pnicfw_rules_order *
rules_order_with(const struct pnicfw_rules *rules,
		 struct pnicfw_rules_shape *shape, u32 lowest)
{
	const struct pnicfw_rules_order *old;
	u32 count, n = 0, i;
	struct pnicfw_rules_order *new;

	old = rcu_dereference_protected(rules->order, true);
	count = old ? old->count : 0;
	new = kvmalloc(struct_size(new, at, count + 1), GFP_KERNEL_ACCOUNT);
	if (!new)
		return NULL;
	for (i = 0; i <= count; i++) {
		if (lowest && (i == count || old->at[i].lowest > lowest)) {
			new->at[n].shape = shape;
			new->at[n++].lowest = lowest;
			lowest = 0;
		}
		if (i < count && old->at[i].shape != shape)
			new->at[n++] = old->at[i];
	}
	new->count = n;
	return new;
}

static void rules_order_set(struct pnicfw_rules *rules,
			    struct pnicfw_rules_order *new)
{
	struct pnicfw_rules_order *old;

	if (new && !new->count) {
		kvfree(new);
		new = NULL;
	}
	old = rcu_replace_pointer(rules->order, new, true);
	if (old)
		kvfree_rcu(old, rcu);
}

static void rules_said(struct pnicfw_rules *rules,
		       const struct pnicfw_rule *rule, int change)
{
	u32 uses = 0;
	int i;

	for (i = 0; i < PNICFW_RULES_PARTS; i++) {
		if (rule->says & BIT(i))
			rules->said[i] += change;
		if (rules->said[i])
			uses |= BIT(i);
	}
	WRITE_ONCE(rules->uses, uses);
	if (rule->deny)
		WRITE_ONCE(rules->denies, rules->denies + change);
}

/* Make a rule findable by packets. */
static int rules_enter(struct pnicfw_rules *rules, struct pnicfw_rule *rule)
{
	struct pnicfw_rules_shape *shape = rules_shape_find(rules, &rule->mask);
	struct pnicfw_rules_order *order = NULL;
	int err = -ENOMEM;

	if (!shape)
		shape = rules_shape_new(rules, &rule->mask);
	if (!shape)
		return err;
	if (!shape->lowest || rule->pref < shape->lowest) {
		order = rules_order_with(rules, shape, rule->pref);
		if (!order)
			goto out;
	}
	err = rhltable_insert(&shape->table, &rule->node, rules_params);
	if (err)
		goto out;
	rule->shape = shape;
	shape->count++;
	if (order) {
		shape->lowest = rule->pref;
		rules_order_set(rules, order);
	}
	return 0;

out:
	kvfree(order);
	if (!shape->lowest)
		rules_shape_free(shape);
	return err;
}

/**
 * pnicfw_rules_add - add a rule
 * @rules: the rules
 * @rule: the rule, complete; where its pref is 0 it becomes the last one, and
 *	is given one. From here on it belongs to @rules, unless it is refused.
 *
 * Context: process, the only writer.
 * Return: 0; -EEXIST where there is one of this pref, -ERANGE where there is no
 * higher one, or -ENOMEM. Then nothing has changed.
 */
int pnicfw_rules_add(struct pnicfw_rules *rules, struct pnicfw_rule *rule)
{
	struct pnicfw_rule *last, *next;
	int err;

	if (!rule->pref) {
		rule->pref = PNICFW_RULES_STEP;
		if (!list_empty(&rules->list)) {
			last = list_last_entry(&rules->list, struct pnicfw_rule,
					       list);
			if (last->pref > U32_MAX - PNICFW_RULES_STEP)
				return -ERANGE;
			rule->pref += last->pref;
		}
	}
	err = xa_insert(&rules->by_pref, rule->pref, rule, GFP_KERNEL_ACCOUNT);
	if (err)
		return err == -EBUSY ? -EEXIST : err;
	err = rules_enter(rules, rule);
	if (err) {
		xa_erase(&rules->by_pref, rule->pref);
		return err;
	}
	next = pnicfw_rules_from(rules, (u64)rule->pref + 1);
	list_add_tail(&rule->list, next ? &next->list : &rules->list);
	rules_said(rules, rule, 1);
	return 0;
}

/* What the shape's lowest pref is once @rule has gone; 0 where none is left. */
static u32 rules_lowest_without(struct pnicfw_rules *rules,
				struct pnicfw_rule *rule)
{
	struct pnicfw_rule *other = rule;

	if (rule->shape->count > 1)
		list_for_each_entry_continue(other, &rules->list, list)
			if (other->shape == rule->shape)
				return other->pref;
	return 0;
}

/**
 * pnicfw_rules_del - delete a rule
 * @rules: the rules
 * @rule: one of them; it is the caller's again where it is deleted, to be freed
 *	once no reader sees it any more
 *
 * Context: process, the only writer; may wait for readers.
 * Return: 0; or -ENOMEM, and then nothing has changed.
 */
int pnicfw_rules_del(struct pnicfw_rules *rules, struct pnicfw_rule *rule)
{
	struct pnicfw_rules_shape *shape = rule->shape;
	struct pnicfw_rules_order *order = NULL;
	u32 lowest = shape->lowest;

	if (rule->pref == lowest) {
		lowest = rules_lowest_without(rules, rule);
		order = rules_order_with(rules, shape, lowest);
		if (!order)
			return -ENOMEM;
	}
	rhltable_remove(&shape->table, &rule->node, rules_params);
	rules_said(rules, rule, -1);
	if (order) {
		shape->lowest = lowest;
		rules_order_set(rules, order);
	}
	xa_erase(&rules->by_pref, rule->pref);
	list_del(&rule->list);
	if (!--shape->count) {
		synchronize_rcu();
		rules_shape_free(shape);
	}
	return 0;
}

/**
 * pnicfw_rules_flush - delete all rules
 * @rules: the rules
 *
 * Context: process, the only writer; may wait for readers.
 */
void pnicfw_rules_flush(struct pnicfw_rules *rules)
{
	struct pnicfw_rules_shape *shape, *next_shape;
	struct pnicfw_rule *rule, *next;

	WRITE_ONCE(rules->uses, 0);
	WRITE_ONCE(rules->denies, 0);
	memset(rules->said, 0, sizeof(rules->said));
	rules_order_set(rules, NULL);
	synchronize_rcu();
	list_for_each_entry_safe(shape, next_shape, &rules->shapes, list)
		rules_shape_free(shape);
	list_for_each_entry_safe(rule, next, &rules->list, list) {
		list_del(&rule->list);
		kfree(rule);
	}
	xa_destroy(&rules->by_pref);
}

/**
 * pnicfw_rules_find - find a rule by its pref
 * @rules: the rules
 * @pref: the pref
 *
 * Context: the only writer.
 * Return: the rule or NULL.
 */
struct pnicfw_rule *pnicfw_rules_find(struct pnicfw_rules *rules, u32 pref)
{
	return xa_load(&rules->by_pref, pref);
}

/**
 * pnicfw_rules_from - find the first rule from a pref on
 * @rules: the rules
 * @pref: the pref
 *
 * Context: the only writer.
 * Return: the rule or NULL.
 */
struct pnicfw_rule *pnicfw_rules_from(struct pnicfw_rules *rules, u64 pref)
{
	unsigned long index = pref;

	return xa_find(&rules->by_pref, &index, ULONG_MAX, XA_PRESENT);
}

/**
 * pnicfw_rules_next - walk the rules in order
 * @rules: the rules
 * @rule: one of them
 *
 * Context: the only writer.
 * Return: the one after it or NULL.
 */
struct pnicfw_rule *pnicfw_rules_next(struct pnicfw_rules *rules,
				      struct pnicfw_rule *rule)
{
	return list_is_last(&rule->list, &rules->list) ?
	       NULL : list_next_entry(rule, list);
}

/**
 * pnicfw_rules_device_gone - a device that rules may say goes away
 * @rules: the rules
 * @ifindex: its ifindex, which may be another device's one day
 * @name: its name, which may be another one than when the rule was made
 *
 * Such a rule stays, and matches nothing any more.
 *
 * Context: the only writer.
 */
void pnicfw_rules_device_gone(struct pnicfw_rules *rules, int ifindex,
			      const char *name)
{
	struct pnicfw_rule *rule;

	if (!(rules->uses & (BIT(PNICFW_RULES_IN) | BIT(PNICFW_RULES_OUT))))
		return;
	list_for_each_entry(rule, &rules->list, list) {
		if (rule->want.in == ifindex && !rule->in_gone) {
			WRITE_ONCE(rule->in_gone, true);
			strscpy(rule->in, name, sizeof(rule->in));
		}
		if (rule->want.out == ifindex && !rule->out_gone) {
			WRITE_ONCE(rule->out_gone, true);
			strscpy(rule->out, name, sizeof(rule->out));
		}
	}
}
