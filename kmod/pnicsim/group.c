// SPDX-License-Identifier: GPL-2.0
/* Groups: the rules of one priority and one mask, in the order of lookup */

#include <linux/err.h>
#include <linux/rculist.h>
#include <linux/slab.h>

#include "extack.h"
#include "group.h"

/**
 * pnicsim_input_init - make an input without rules
 * @input: input
 */
void pnicsim_input_init(struct pnicsim_input *input)
{
	INIT_LIST_HEAD(&input->groups);
	input->num_rules = 0;
}

/* The group of that order and mask; if there is none, how many masks of that
 * order there are, and in @next the place where a new one goes.
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

/**
 * pnicsim_group_get - the group for a rule, a new one if need be
 * @input: the rule's
 * @order: see pnicsim_order()
 * @mask: the rule's
 * @max_masks: how many different ones there may be of that order
 * @extack: told why not
 *
 * Context: process, the table's lock held.
 * Return: the group, or an error pointer: -ENOSPC, -ENOMEM.
 */
struct pnicsim_group *pnicsim_group_get(struct pnicsim_input *input, u32 order,
					const struct pnicsim_fields *mask,
					u32 max_masks,
					struct netlink_ext_ack *extack)
{
	struct pnicsim_group *group;
	struct list_head *next;
	u32 num_masks;

	group = group_find(input, order, mask, &num_masks, &next);
	if (group)
		return group;
	if (num_masks >= max_masks)
		return pnicsim_refuse_ptr(extack, -ENOSPC,
					  "Too many different masks for one priority");

	group = kzalloc(sizeof(*group), GFP_KERNEL);
	if (!group)
		return ERR_PTR(-ENOMEM);
	group->order = order;
	group->mask = *mask;
	list_add_tail_rcu(&group->list, next);
	return group;
}

/**
 * pnicsim_group_put - let go of a group, which frees it if it has no rule
 * @group: group
 *
 * Context: the table's lock held.
 */
void pnicsim_group_put(struct pnicsim_group *group)
{
	if (group->num_rules)
		return;
	list_del_rcu(&group->list);
	kfree_rcu(group, rcu);
}
