/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PNICSIM_PROGRAM_H
#define PNICSIM_PROGRAM_H

#include "rewrite.h"

struct flow_action;
struct netlink_ext_ack;
struct pnicsim_binding;
struct pnicsim_match;
struct pnicsim_profile;

#define PNICSIM_MAX_ENTRIES	32	/* of a flow rule's actions */
#define PNICSIM_MAX_VLANS	2	/* tags pushed or popped */

/**
 * struct pnicsim_program - a rule's actions, on the way from one form to another
 * @binding: the rule's
 * @profile: what the NIC takes
 * @match: the rule's
 * @extack: told why not
 * @rewrites: header fields to rewrite
 * @pops: VLAN tags to take off
 * @num_pushes: VLAN tags to put on
 * @pushes: these tags, ethertype and TCI
 * @num_outputs: outputs so far
 * @num_mirrors: those of them that get the unmodified frame
 * @outputs: the ports
 * @verdict: enum pnicsim_verdict
 * @has_verdict: an action has set @verdict
 *
 * Small enough for the stack.
 */
struct pnicsim_program {
	const struct pnicsim_binding	*binding;
	const struct pnicsim_profile	*profile;
	const struct pnicsim_match	*match;
	struct netlink_ext_ack		*extack;
	struct pnicsim_rewrites		rewrites;
	unsigned int			pops;
	unsigned int			num_pushes;
	u32				pushes[PNICSIM_MAX_VLANS];
	unsigned int			num_outputs;
	unsigned int			num_mirrors;
	struct pnicsim_port		*outputs[PNICSIM_MAX_ENTRIES];
	u8				verdict;
	bool				has_verdict;
};

int pnicsim_program_parse(struct pnicsim_program *program,
			  const struct flow_action *actions,
			  const struct pnicsim_binding *binding,
			  const struct pnicsim_profile *profile,
			  const struct pnicsim_match *match,
			  struct netlink_ext_ack *extack);
unsigned int pnicsim_program_steps(const struct pnicsim_program *program);
void pnicsim_program_emit(const struct pnicsim_program *program,
			  struct pnicsim_action *step);

#endif
