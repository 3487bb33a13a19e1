// SPDX-License-Identifier: GPL-2.0
/*
 * ranks - things in the order of their ranks of heat
 */
#include <linux/bitmap.h>
#include <linux/string.h>

#include "ranks.h"

/**
 * pnicfw_ranks_init - there are none
 * @ranks: them
 */
void pnicfw_ranks_init(struct pnicfw_ranks *ranks)
{
	int i;

	memset(ranks, 0, sizeof(*ranks));
	for (i = 0; i < PNICFW_HEAT_RANKS; i++)
		INIT_LIST_HEAD(&ranks->list[i]);
}

/**
 * pnicfw_ranks_add - one more
 * @ranks: them
 * @node: the one
 * @rank: its rank
 */
void pnicfw_ranks_add(struct pnicfw_ranks *ranks, struct list_head *node,
		      u8 rank)
{
	list_add_tail(node, &ranks->list[rank]);
	ranks->of[rank]++;
	WRITE_ONCE(ranks->total, ranks->total + 1);
	__set_bit(rank, ranks->some);
}

/**
 * pnicfw_ranks_del - one less
 * @ranks: them
 * @node: the one
 * @rank: the rank it was added with
 */
void pnicfw_ranks_del(struct pnicfw_ranks *ranks, struct list_head *node,
		      u8 rank)
{
	list_del(node);
	WRITE_ONCE(ranks->total, ranks->total - 1);
	if (!--ranks->of[rank])
		__clear_bit(rank, ranks->some);
}

/**
 * pnicfw_ranks_coldest - the lowest rank that there is
 * @ranks: them
 *
 * Context: any; without the owner's lock it was true a moment ago.
 * Return: a rank, or -1 where there are none.
 */
int pnicfw_ranks_coldest(const struct pnicfw_ranks *ranks)
{
	unsigned long rank = find_first_bit(ranks->some, PNICFW_HEAT_RANKS);

	return rank < PNICFW_HEAT_RANKS ? rank : -1;
}

/**
 * pnicfw_ranks_hottest - the highest rank that there is
 * @ranks: them
 *
 * Context: any; without the owner's lock it was true a moment ago.
 * Return: a rank, or -1 where there are none.
 */
int pnicfw_ranks_hottest(const struct pnicfw_ranks *ranks)
{
	unsigned long rank = find_last_bit(ranks->some, PNICFW_HEAT_RANKS);

	return rank < PNICFW_HEAT_RANKS ? rank : -1;
}

/**
 * pnicfw_ranks_hotter - the next higher rank that there is
 * @ranks: them
 * @rank: than which
 *
 * Return: a rank, or -1 where there is none.
 */
int pnicfw_ranks_hotter(const struct pnicfw_ranks *ranks, u8 rank)
{
	unsigned long next = find_next_bit(ranks->some, PNICFW_HEAT_RANKS,
					   rank + 1);

	return next < PNICFW_HEAT_RANKS ? next : -1;
}

/**
 * pnicfw_ranks_colder - the next lower rank that there is
 * @ranks: them
 * @rank: than which
 *
 * Return: a rank, or -1 where there is none.
 */
int pnicfw_ranks_colder(const struct pnicfw_ranks *ranks, u8 rank)
{
	unsigned long next = find_last_bit(ranks->some, rank);

	return next < rank ? next : -1;
}
