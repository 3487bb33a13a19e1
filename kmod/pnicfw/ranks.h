/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ranks - things in the order of their ranks of heat
 *
 * A pure room: no lock, no I/O, no global state. A list for each rank, and a
 * bitmap of those that are not empty: adding, taking away and finding the
 * coldest or the hottest cost the same whatever their number, so nobody has to
 * walk a million connections to find the one that should go.
 */
#ifndef PNICFW_RANKS_H
#define PNICFW_RANKS_H

#include <linux/list.h>
#include <linux/types.h>

#include "heat.h"

/**
 * struct pnicfw_ranks - them
 * @total: how many there are
 * @some: ranks of which there are some, a bit each
 * @of: how many there are of each rank
 * @list: the things themselves; within a rank the oldest is first
 */
struct pnicfw_ranks {
	u32 total;
	DECLARE_BITMAP(some, PNICFW_HEAT_RANKS);
	u32 of[PNICFW_HEAT_RANKS];
	struct list_head list[PNICFW_HEAT_RANKS];
};

void pnicfw_ranks_init(struct pnicfw_ranks *ranks);
void pnicfw_ranks_add(struct pnicfw_ranks *ranks, struct list_head *node,
		      u8 rank);
void pnicfw_ranks_del(struct pnicfw_ranks *ranks, struct list_head *node,
		      u8 rank);
int pnicfw_ranks_coldest(const struct pnicfw_ranks *ranks);
int pnicfw_ranks_hottest(const struct pnicfw_ranks *ranks);
int pnicfw_ranks_hotter(const struct pnicfw_ranks *ranks, u8 rank);
int pnicfw_ranks_colder(const struct pnicfw_ranks *ranks, u8 rank);

#endif /* PNICFW_RANKS_H */
