// SPDX-License-Identifier: GPL-2.0
/* Flow counters, read as a NIC's driver reads them
 *
 * A driver polls all its counters every so many milliseconds, and answers
 * requests from what it saw then. No poll happens here: time is cut in
 * periods, and the first to touch a counter in a new period, a frame or a
 * request, does what the poll at its beginning would have done.
 */

#include <linux/jiffies.h>

#include "counter.h"

/**
 * pnicsim_counter_construct - prepare the memory of one counter after the other
 * @counter: counter
 */
void pnicsim_counter_construct(struct pnicsim_counter *counter)
{
	spin_lock_init(&counter->lock);
}

/**
 * pnicsim_counter_init - start a counter at zero, last used now
 * @counter: counter, constructed
 */
void pnicsim_counter_init(struct pnicsim_counter *counter)
{
	const struct pnicsim_count zero = { .lastused = jiffies };

	counter->tick = 0;
	counter->now = zero;
	counter->polled = zero;
	counter->told.packets = 0;
	counter->told.bytes = 0;
}

/* What the poll saw changed is as new as the poll, not as the last frame. */
static void counter_poll(struct pnicsim_counter *counter, unsigned long period)
{
	unsigned long tick = period ? jiffies / period : 0;

	lockdep_assert_held(&counter->lock);
	if (!period) {
		counter->polled = counter->now;
		return;
	}
	if (tick == counter->tick)
		return;

	if (counter->now.packets != counter->polled.packets) {
		unsigned long used = counter->now.lastused;

		counter->polled = counter->now;
		counter->polled.lastused = (used / period + 1) * period;
	}
	counter->tick = tick;
}

/**
 * pnicsim_counter_add - count a frame
 * @counter: counter
 * @len: the frame's length, bytes
 * @period: time between two polls, jiffies; 0: requests see every frame
 *
 * Context: any but hard interrupts.
 */
void pnicsim_counter_add(struct pnicsim_counter *counter, unsigned int len,
			 unsigned long period)
{
	spin_lock_bh(&counter->lock);
	if (period)
		counter_poll(counter, period);
	counter->now.packets++;
	counter->now.bytes += len;
	counter->now.lastused = jiffies;
	spin_unlock_bh(&counter->lock);
}

/**
 * pnicsim_counter_poll - what a statistics request is told
 * @counter: counter
 * @period: time between two polls, jiffies; 0: requests see every frame
 * @delta: packets and bytes that no earlier request was told of, and when the
 *	rule was last seen used
 *
 * Context: process, or BH.
 */
void pnicsim_counter_poll(struct pnicsim_counter *counter,
			  unsigned long period, struct pnicsim_count *delta)
{
	spin_lock_bh(&counter->lock);
	counter_poll(counter, period);
	*delta = counter->polled;
	delta->packets -= counter->told.packets;
	delta->bytes -= counter->told.bytes;
	counter->told.packets = counter->polled.packets;
	counter->told.bytes = counter->polled.bytes;
	spin_unlock_bh(&counter->lock);
}

/**
 * pnicsim_counter_peek - what the hardware has counted, now
 * @counter: counter
 * @now: result
 *
 * Context: process, or BH.
 */
void pnicsim_counter_peek(struct pnicsim_counter *counter,
			  struct pnicsim_count *now)
{
	spin_lock_bh(&counter->lock);
	*now = counter->now;
	spin_unlock_bh(&counter->lock);
}
