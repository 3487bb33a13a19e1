/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PNICSIM_TABLE_H
#define PNICSIM_TABLE_H

#include <linux/mutex.h>
#include <linux/rhashtable-types.h>
#include <linux/xarray.h>

#include "parse.h"

struct netlink_ext_ack;
struct pnicsim_binding;
struct pnicsim_rule;

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
 * @id: never used twice in a table
 * @order: lookup goes from the lowest to the highest
 * @num_rules: rules in it, protected by the table's lock; the group goes with
 *	the last
 * @mask: bits of the fields that its rules match on
 */
struct pnicsim_group {
	struct list_head	list;
	struct rcu_head		rcu;
	u64			id;
	u32			order;
	u32			num_rules;
	struct pnicsim_fields	mask;
};

/**
 * struct pnicsim_limits - how much a table takes
 * @rules: rules in all
 * @ft_rules: rules from flow tables (TC_SETUP_FT)
 * @masks: different masks of one priority
 */
struct pnicsim_limits {
	u32	rules;
	u32	ft_rules;
	u32	masks;
};

/**
 * struct pnicsim_table - a NIC's hardware table
 * @lock: protects changes and all the numbers
 * @slots: rules by group and key; read under RCU
 * @cookies: rules by binding and cookie; read under RCU
 * @rules: rules by their id, which is in the order of their insertion until
 *	it wraps; read under RCU
 * @next_id: where to look for the next free id
 * @num_rules: rules in all
 * @num_ft_rules: those from flow tables
 * @next_group: id of the next new group
 * @frozen: takes no rule: the eswitch mode is changing
 */
struct pnicsim_table {
	struct mutex		lock;
	struct rhashtable	slots;
	struct rhashtable	cookies;
	struct xarray		rules;
	u32			next_id;
	u32			num_rules;
	u32			num_ft_rules;
	u64			next_group;
	bool			frozen;
};

int pnicsim_table_init(struct pnicsim_table *table);
void pnicsim_table_exit(struct pnicsim_table *table);
void pnicsim_input_init(struct pnicsim_input *input);

int pnicsim_table_insert(struct pnicsim_table *table,
			 struct pnicsim_rule *rule,
			 const struct pnicsim_fields *mask,
			 const struct pnicsim_limits *limits,
			 struct netlink_ext_ack *extack);
int pnicsim_table_remove(struct pnicsim_table *table,
			 const struct pnicsim_binding *binding,
			 unsigned long cookie);
void pnicsim_table_flush(struct pnicsim_table *table,
			 struct pnicsim_input *input);
int pnicsim_table_freeze(struct pnicsim_table *table);
void pnicsim_table_thaw(struct pnicsim_table *table);

struct pnicsim_rule *
pnicsim_table_find(struct pnicsim_table *table,
		   const struct pnicsim_binding *binding,
		   unsigned long cookie);
struct pnicsim_rule *
pnicsim_table_lookup(struct pnicsim_table *table,
		     const struct pnicsim_input *input,
		     const struct pnicsim_fields *fields, bool skip_blocks);

#endif
