/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PNICSIM_TABLE_H
#define PNICSIM_TABLE_H

#include <linux/mutex.h>
#include <linux/rhashtable-types.h>
#include <linux/xarray.h>

#include "parse.h"

struct netlink_ext_ack;
struct pnicsim_binding;
struct pnicsim_input;
struct pnicsim_rule;

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
 * @frozen: takes no rule: the eswitch mode is changing
 */
struct pnicsim_table {
	struct mutex		lock;		/* changes */
	struct rhashtable	slots;
	struct rhashtable	cookies;
	struct xarray		rules;
	u32			next_id;
	u32			num_rules;
	u32			num_ft_rules;
	bool			frozen;
};

int pnicsim_table_init(struct pnicsim_table *table);
void pnicsim_table_exit(struct pnicsim_table *table);

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
