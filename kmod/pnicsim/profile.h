/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PNICSIM_PROFILE_H
#define PNICSIM_PROFILE_H

#include <linux/types.h>

struct flow_action;
struct netlink_ext_ack;
struct pnicsim_match;

/**
 * struct pnicsim_profile - what a kind of NIC takes, and what it refuses
 * @name: for people, and in debugfs
 * @keys: match keys it knows, bits of enum flow_dissector_key_id
 * @needed_keys: those among them that no rule may lack
 * @actions: actions it knows, bits of enum flow_action_id
 * @fields: header fields it rewrites, bits of enum pnicsim_field_id
 * @max_rewrites: header fields that one rule may rewrite
 * @max_masks: different masks of one priority of an input port
 * @max_ft_rules: rules from flow tables in all
 * @uplink_ft: the uplink takes flow tables, like the representors
 * @check_match: what else to refuse in a match; or NULL
 * @check_actions: what else to refuse in actions; or NULL
 */
struct pnicsim_profile {
	const char	*name;
	u64		keys;
	u64		needed_keys;
	u64		actions;
	u32		fields;
	u8		max_rewrites;
	u32		max_masks;
	u32		max_ft_rules;
	bool		uplink_ft;

	int (*check_match)(const struct pnicsim_match *match,
			   struct netlink_ext_ack *extack);
	int (*check_actions)(const struct flow_action *actions,
			     struct netlink_ext_ack *extack);
};

extern const struct pnicsim_profile pnicsim_profile_mlx5;
extern const struct pnicsim_profile pnicsim_profile_minimal;

int pnicsim_profile_check_keys(const struct pnicsim_profile *profile, u64 used,
			       struct netlink_ext_ack *extack);
const struct pnicsim_profile *pnicsim_profile_find(const char *name);

#endif
