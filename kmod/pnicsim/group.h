/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PNICSIM_GROUP_H
#define PNICSIM_GROUP_H

#include <linux/list.h>
#include <linux/rcupdate.h>

#include "parse.h"

struct netlink_ext_ack;

/**
 * struct pnicsim_input - one input port's part of the hardware table
 * @groups: struct pnicsim_group, in the order of lookup; changed under the
 *	table's lock, read under RCU
 * @num_rules: rules in all of them, changed under the table's lock
 */
struct pnicsim_input {
	struct list_head	groups;
	u32			num_rules;
};

/**
 * struct pnicsim_group - an input's rules of one priority and one mask
 * @list: in the input's groups
 * @rcu: frees the group after the last lookup that can see it
 * @order: see pnicsim_order()
 * @num_rules: rules in it, protected by the table's lock; the group goes with
 *	the last
 * @mask: bits of the fields that its rules match on
 */
struct pnicsim_group {
	struct list_head	list;
	struct rcu_head		rcu;
	u32			order;
	u32			num_rules;
	struct pnicsim_fields	mask;
};

/**
 * pnicsim_order - where a rule stands among its input's
 * @ft: it comes from a flow table
 * @prio: its priority
 *
 * Rules of blocks come before those of flow tables, whatever the priorities.
 *
 * Return: a number; lookup goes from the lowest to the highest.
 */
static inline u32 pnicsim_order(bool ft, u16 prio)
{
	return (ft ? 0x10000 : 0) + prio;
}

void pnicsim_input_init(struct pnicsim_input *input);
struct pnicsim_group *pnicsim_group_get(struct pnicsim_input *input, u32 order,
					const struct pnicsim_fields *mask,
					u32 max_masks,
					struct netlink_ext_ack *extack);
void pnicsim_group_put(struct pnicsim_group *group);

#endif
