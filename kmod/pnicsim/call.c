// SPDX-License-Identifier: GPL-2.0
/* What a driver relies on: clients call from where it may sleep, and with one
 * command a rule at a time
 *
 * A real driver makes a rule's cookie known once the hardware has the rule. A
 * second command meanwhile does not find it, or finds it half made, and two that
 * read counters share out what is new at random.
 */

#include <linux/bug.h>
#include <linux/kernel.h>

#include "call.h"

/**
 * pnicsim_calls_init - no command is under way
 * @calls: the NIC's
 */
void pnicsim_calls_init(struct pnicsim_calls *calls)
{
	spin_lock_init(&calls->lock);
	INIT_LIST_HEAD(&calls->list);
}

static bool call_meets_another(const struct pnicsim_calls *calls,
			       const struct pnicsim_call *call)
{
	const struct pnicsim_call *other;

	list_for_each_entry(other, &calls->list, list)
		if (other->cookie == call->cookie &&
		    other->binding == call->binding)
			return true;
	return false;
}

/**
 * pnicsim_call_begin - a client's command begins; complain if it may not
 * @calls: the NIC's
 * @call: room for it, until pnicsim_call_end()
 * @binding: through which it came
 * @cookie: the rule it is about
 *
 * Context: process.
 */
void pnicsim_call_begin(struct pnicsim_calls *calls, struct pnicsim_call *call,
			const struct pnicsim_binding *binding,
			unsigned long cookie)
{
	bool another;

	might_sleep();
	call->binding = binding;
	call->cookie = cookie;
	spin_lock(&calls->lock);
	another = call_meets_another(calls, call);
	list_add(&call->list, &calls->list);
	if (++calls->now > calls->most)
		calls->most = calls->now;
	spin_unlock(&calls->lock);
	WARN_ONCE(another, "two commands at once about cookie %lx\n", cookie);
}

/**
 * pnicsim_call_end - it has been carried out
 * @calls: the NIC's
 * @call: the command
 */
void pnicsim_call_end(struct pnicsim_calls *calls, struct pnicsim_call *call)
{
	spin_lock(&calls->lock);
	list_del(&call->list);
	calls->now--;
	spin_unlock(&calls->lock);
}
