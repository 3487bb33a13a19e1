/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PNICSIM_REWRITE_H
#define PNICSIM_REWRITE_H

#include "field.h"
#include "rule.h"

struct flow_action_entry;
struct netlink_ext_ack;
struct pnicsim_match;
struct pnicsim_profile;

/**
 * struct pnicsim_rewrites - the header fields that a rule rewrites
 * @touched: which of them, by their id
 * @fields: what is done to these
 *
 * Each field can be rewritten once, so their order does not matter.
 */
struct pnicsim_rewrites {
	unsigned long		touched;
	struct pnicsim_action	fields[PNICSIM_FIELDS];
};

static_assert(PNICSIM_FIELDS <= BITS_PER_LONG);

int pnicsim_rewrite_field(struct pnicsim_rewrites *rewrites, unsigned int id,
			  enum pnicsim_op op, u32 mask, u32 val,
			  struct netlink_ext_ack *extack);
int pnicsim_rewrite_parse(const struct flow_action_entry *act,
			  const struct pnicsim_profile *profile,
			  struct pnicsim_rewrites *rewrites,
			  struct netlink_ext_ack *extack);
int pnicsim_rewrite_check(const struct pnicsim_rewrites *rewrites,
			  const struct pnicsim_profile *profile,
			  const struct pnicsim_match *match,
			  struct netlink_ext_ack *extack);

#endif
