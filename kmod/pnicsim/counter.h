/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PNICSIM_COUNTER_H
#define PNICSIM_COUNTER_H

#include <linux/spinlock.h>
#include <linux/types.h>

/**
 * struct pnicsim_count - what a flow counter has counted
 * @packets: frames
 * @bytes: their lengths as they came in, from the destination MAC address to
 *	the last byte before the FCS, VLAN tags included
 * @lastused: jiffies of the latest frame
 */
struct pnicsim_count {
	u64		packets;
	u64		bytes;
	unsigned long	lastused;
};

/**
 * struct pnicsim_counter - a flow counter that the driver polls
 * @lock: protects all the rest; innermost, taken with BH off
 * @now: what the hardware has counted
 * @polled: what the driver saw when it polled last: at the beginning of @tick
 * @told: what earlier statistics requests have been told
 * @tick: number of the poll period in which @now was last brought to @polled
 */
struct pnicsim_counter {
	spinlock_t		lock;		/* all the rest */
	unsigned long		tick;
	struct pnicsim_count	now;
	struct pnicsim_count	polled;
	struct {
		u64		packets;
		u64		bytes;
	} told;
};

void pnicsim_counter_construct(struct pnicsim_counter *counter);
void pnicsim_counter_init(struct pnicsim_counter *counter);
void pnicsim_counter_add(struct pnicsim_counter *counter, unsigned int len,
			 unsigned long period);
void pnicsim_counter_poll(struct pnicsim_counter *counter,
			  unsigned long period, struct pnicsim_count *delta);
void pnicsim_counter_peek(struct pnicsim_counter *counter,
			  struct pnicsim_count *now);

#endif
