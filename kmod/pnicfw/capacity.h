/* SPDX-License-Identifier: GPL-2.0 */
/*
 * capacity - how many connections an eswitch has room for
 *
 * A pure room: no lock, no I/O, no global state. No driver says how large its
 * table is, and others may use it as well. A refusal for want of room teaches
 * it: there is room for as many as there are then. Whether there is more by now
 * is tried again and again, in steps that double until the next refusal.
 */
#ifndef PNICFW_CAPACITY_H
#define PNICFW_CAPACITY_H

#include <linux/limits.h>
#include <linux/types.h>

/* So many there may be as long as nothing is known. */
#define PNICFW_CAPACITY_UNKNOWN	U32_MAX

/**
 * struct pnicfw_capacity - what is known of it
 * @size: connections that there is room for, or PNICFW_CAPACITY_UNKNOWN
 * @step: how many more are tried next time
 * @probe: jiffies from which on they are
 *
 * One writer; others may read it without a lock, and are told a number that was
 * true a moment ago.
 */
struct pnicfw_capacity {
	u32 size;
	u32 step;
	unsigned long probe;
};

void pnicfw_capacity_init(struct pnicfw_capacity *cap);
bool pnicfw_capacity_full(const struct pnicfw_capacity *cap, u32 used,
			  u32 limit, unsigned long now);
void pnicfw_capacity_probe(struct pnicfw_capacity *cap, u32 used,
			   unsigned long now);
void pnicfw_capacity_refused(struct pnicfw_capacity *cap, u32 used,
			     unsigned long now);

#endif /* PNICFW_CAPACITY_H */
