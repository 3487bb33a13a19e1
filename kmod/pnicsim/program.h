/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PNICSIM_PROGRAM_H
#define PNICSIM_PROGRAM_H

#include "field.h"
#include "rule.h"

struct flow_action;
struct netlink_ext_ack;
struct pnicsim_binding;
struct pnicsim_match;
struct pnicsim_profile;

#define PNICSIM_MAX_ENTRIES	32	/* of a flow rule's actions */
#define PNICSIM_MAX_VLANS	2	/* tags pushed or popped */

#define PNICSIM_MAX_ACTIONS	\
	(PNICSIM_MAX_ENTRIES + PNICSIM_FIELDS + PNICSIM_MAX_VLANS)

/**
 * struct pnicsim_program - a rule's actions
 * @verdict: enum pnicsim_verdict
 * @num_actions: entries in @actions
 * @actions: see struct pnicsim_rule
 */
struct pnicsim_program {
	u8			verdict;
	u8			num_actions;
	struct pnicsim_action	actions[PNICSIM_MAX_ACTIONS];
};

int pnicsim_program_parse(const struct flow_action *actions,
			  const struct pnicsim_binding *binding,
			  const struct pnicsim_profile *profile,
			  const struct pnicsim_match *match,
			  struct pnicsim_program *program,
			  struct netlink_ext_ack *extack);

#endif
