// SPDX-License-Identifier: GPL-2.0
/*
 * capacity - how many connections an eswitch has room for
 */
#include <linux/jiffies.h>
#include <linux/kernel.h>

#include "capacity.h"

/* Between two attempts to have more than there was room for. */
#define CAPACITY_PROBE	(5 * HZ)

/**
 * pnicfw_capacity_init - know nothing
 * @cap: what is known
 */
void pnicfw_capacity_init(struct pnicfw_capacity *cap)
{
	cap->size = PNICFW_CAPACITY_UNKNOWN;
	cap->step = 1;
	cap->probe = 0;
}

/* Is it time to see whether there is room for more? */
static bool capacity_due(const struct pnicfw_capacity *cap, unsigned long now)
{
	return time_after_eq(now, READ_ONCE(cap->probe));
}

/**
 * pnicfw_capacity_full - is there no use in asking for another one?
 * @cap: what is known
 * @used: connections in the table
 * @limit: what the user allows at most, 0 for no limit
 * @now: jiffies
 *
 * Context: any.
 * Return: whether there is none; false as well where it is time to try.
 */
bool pnicfw_capacity_full(const struct pnicfw_capacity *cap, u32 used,
			  u32 limit, unsigned long now)
{
	if (limit && used >= limit)
		return true;
	return used >= READ_ONCE(cap->size) && !capacity_due(cap, now);
}

/**
 * pnicfw_capacity_probe - another one is about to be asked for
 * @cap: what is known
 * @used: connections in the table
 * @now: jiffies
 *
 * Where the table is as full as it can be, and it is time to try, it may become
 * a step fuller.
 */
void pnicfw_capacity_probe(struct pnicfw_capacity *cap, u32 used,
			   unsigned long now)
{
	u32 room = PNICFW_CAPACITY_UNKNOWN - 1;

	if (used < cap->size || !capacity_due(cap, now))
		return;
	WRITE_ONCE(cap->size, used + min(cap->step, room - used));
	cap->step = min(cap->step, room / 2) * 2;
	WRITE_ONCE(cap->probe, now + CAPACITY_PROBE);
}

/**
 * pnicfw_capacity_refused - one more was refused for want of room
 * @cap: what is known
 * @used: connections in the table, without it
 * @now: jiffies
 */
void pnicfw_capacity_refused(struct pnicfw_capacity *cap, u32 used,
			     unsigned long now)
{
	WRITE_ONCE(cap->size, used);
	cap->step = 1;
	WRITE_ONCE(cap->probe, now + CAPACITY_PROBE);
}
