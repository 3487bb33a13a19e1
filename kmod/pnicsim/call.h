/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PNICSIM_CALL_H
#define PNICSIM_CALL_H

#include <linux/list.h>
#include <linux/spinlock.h>

struct pnicsim_binding;

/**
 * struct pnicsim_calls - clients' commands under way
 * @lock: protects the rest
 * @list: &struct pnicsim_call, as many as there are callers at the moment
 * @now: how many these are
 * @most: how many they were at most, for users, who may write it
 */
struct pnicsim_calls {
	spinlock_t		lock;		/* the rest */
	struct list_head	list;
	u32			now;
	u32			most;
};

/**
 * struct pnicsim_call - one command under way
 * @list: among the others
 * @binding: through which it came
 * @cookie: the rule it is about
 *
 * On its caller's stack.
 */
struct pnicsim_call {
	struct list_head		list;
	const struct pnicsim_binding	*binding;
	unsigned long			cookie;
};

void pnicsim_calls_init(struct pnicsim_calls *calls);
void pnicsim_call_begin(struct pnicsim_calls *calls, struct pnicsim_call *call,
			const struct pnicsim_binding *binding,
			unsigned long cookie);
void pnicsim_call_end(struct pnicsim_calls *calls, struct pnicsim_call *call);

#endif
