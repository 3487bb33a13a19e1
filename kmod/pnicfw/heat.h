/* SPDX-License-Identifier: GPL-2.0 */
/*
 * heat - how busy a connection is, in a few bits
 *
 * A pure room: no lock, no I/O, no global state. A heat is a packet rate that
 * old traffic fades out of, as a small floating-point number: four bits of
 * exponent, eight of mantissa. There may be millions of them, and heats compare
 * as the rates do. A rank is the same without the last bits, 16 to each doubling:
 * so few that there can be a list for each.
 */
#ifndef PNICFW_HEAT_H
#define PNICFW_HEAT_H

#include <linux/bits.h>
#include <linux/types.h>

/* All values that a heat has, and a rank. */
#define PNICFW_HEATS		4096
#define PNICFW_HEAT_RANKS	256

#define PNICFW_HEAT_SHIFT	4

/**
 * pnicfw_heat_rank - the rank of a heat
 * @heat: the heat
 *
 * Return: it.
 */
static inline u8 pnicfw_heat_rank(u16 heat)
{
	return heat >> PNICFW_HEAT_SHIFT;
}

/**
 * pnicfw_heat_least - the lowest heat of a rank
 * @rank: the rank
 *
 * Return: it.
 */
static inline u16 pnicfw_heat_least(u8 rank)
{
	return rank << PNICFW_HEAT_SHIFT;
}

u32 pnicfw_heat_rate(u16 heat);
u16 pnicfw_heat_of(u32 rate);
u16 pnicfw_heat_next(u16 heat, u64 packets, u32 elapsed);
bool pnicfw_heat_beats(u16 heat, u16 other);

#endif /* PNICFW_HEAT_H */
