/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PNICSIM_RULE_H
#define PNICSIM_RULE_H

#include <linux/rhashtable-types.h>

#include "counter.h"
#include "parse.h"

struct pnicsim_binding;
struct pnicsim_group;
struct pnicsim_port;
struct seq_file;

/**
 * enum pnicsim_verdict - what becomes of a frame in the end
 * @PNICSIM_FORWARD: the actions say it, the last of them is an output
 * @PNICSIM_DROP: nothing comes out
 * @PNICSIM_ACCEPT: on to the flow tables, as if no block rule had matched
 * @PNICSIM_TRAP: to the representor, as if no rule had matched
 */
enum pnicsim_verdict {
	PNICSIM_FORWARD,
	PNICSIM_DROP,
	PNICSIM_ACCEPT,
	PNICSIM_TRAP,
};

/**
 * enum pnicsim_op - one step of a rule
 * @PNICSIM_OUTPUT: a copy of the frame as it is now leaves through a port
 * @PNICSIM_SET: overwrite bits of a header field
 * @PNICSIM_ADD: add to a header field, modulo its width
 * @PNICSIM_PUSH: put a VLAN tag in front of those there are
 * @PNICSIM_POP: take the outermost VLAN tag off, if there is one
 */
enum pnicsim_op {
	PNICSIM_OUTPUT,
	PNICSIM_SET,
	PNICSIM_ADD,
	PNICSIM_PUSH,
	PNICSIM_POP,
};

/**
 * struct pnicsim_action - one step of a rule
 * @op: enum pnicsim_op
 * @field: for set and add: index of the header field, see field.h
 * @mask: for set and add: bits of the field's 32-bit word, in CPU order
 * @val: for set and add: value of those bits; for push: ethertype in the upper
 *	half, TCI in the lower
 * @port: for output: through whose far end. Ports live as long as the NIC.
 */
struct pnicsim_action {
	u8	op;
	u8	field;
	u32	mask;
	union {
		u32			val;
		struct pnicsim_port	*port;
	};
};

/**
 * struct pnicsim_slot - where a rule is in the hardware table
 * @hash: of the others: a table that grows need not look at them again
 * @group: address of the group, which implies input port, priority and mask
 * @fields: the rule's key
 */
struct pnicsim_slot {
	u64			hash;
	u64			group;
	struct pnicsim_fields	fields;
};

/**
 * struct pnicsim_cookie - what the driver calls a rule
 * @value: the client's cookie
 * @binding: the binding it is valid in
 */
struct pnicsim_cookie {
	unsigned long			value;
	const struct pnicsim_binding	*binding;
};

/**
 * struct pnicsim_rule - one rule of the hardware table
 * @slot_node: in the table's slots
 * @slot: key of @slot_node
 * @cookie_node: in the table's cookies
 * @cookie: key of @cookie_node
 * @group: the group it is in
 * @counter: counts the frames that hit
 * @rcu: frees the rule after the last frame that can see it
 * @id: in the table's rules
 * @prio: priority its client gave it
 * @verdict: enum pnicsim_verdict
 * @num_actions: entries in @actions
 * @actions: steps in order: copies of the frame as it came in, rewrites,
 *	copies of the result
 *
 * Its memory is the store's. Owned by whoever parsed it until the table has taken it;
 * then by the table. Never changes while in the table, but for its counter.
 */
struct pnicsim_rule {
	struct rhash_head	slot_node;
	struct pnicsim_slot	slot;
	struct rhash_head	cookie_node;
	struct pnicsim_cookie	cookie;
	struct pnicsim_group	*group;
	struct pnicsim_counter	counter;
	struct rcu_head		rcu;
	u32			id;
	u16			prio;
	u8			verdict;
	u8			num_actions;
	struct pnicsim_action	actions[];
};

void pnicsim_rule_print(struct seq_file *seq, struct pnicsim_rule *rule);

#endif
