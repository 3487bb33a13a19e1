// SPDX-License-Identifier: GPL-2.0
/*
 * heat - how busy a connection is, in a few bits
 */
#include <linux/bitops.h>
#include <linux/jiffies.h>
#include <linux/limits.h>
#include <linux/math64.h>
#include <linux/minmax.h>

#include "heat.h"

/* Bits of the mantissa that are stored: its first one is not. */
#define HEAT_MANTISSA	8
#define HEAT_ONE	BIT(HEAT_MANTISSA)
#define HEAT_EXPONENT	14
#define HEAT_MOST	(PNICFW_HEATS - 1)

/* A heat counts parts of a packet a second, so many to one: what is slower than
 * a packet in two minutes or so is as good as idle.
 */
#define HEAT_UNIT	32

/* After so long what was carried before counts as much as what was since. Long
 * enough for bursts to even out, short enough to tell within seconds who has
 * become idle.
 */
#define HEAT_MEMORY	(8 * HZ)

static u32 heat_parts(u16 heat)
{
	if (heat < HEAT_ONE)
		return heat;
	return (HEAT_ONE | (heat & (HEAT_ONE - 1))) <<
	       ((heat >> HEAT_MANTISSA) - 1);
}

/* Rounded down. */
static u16 heat_of_parts(u64 parts)
{
	int exponent;

	if (parts < HEAT_ONE)
		return parts;
	exponent = fls64(parts) - HEAT_MANTISSA - 1;
	if (exponent > HEAT_EXPONENT)
		return HEAT_MOST;
	return (exponent + 1) << HEAT_MANTISSA |
	       ((parts >> exponent) & (HEAT_ONE - 1));
}

/* Rounded to the nearest. */
static u16 heat_about(u64 parts)
{
	u16 heat = heat_of_parts(parts);

	if (heat < HEAT_MOST &&
	    2 * parts >= (u64)heat_parts(heat) + heat_parts(heat + 1))
		heat++;
	return heat;
}

/**
 * pnicfw_heat_rate - the packet rate that a heat stands for
 * @heat: the heat
 *
 * Return: packets a second, rounded down; at most 261,632.
 */
u32 pnicfw_heat_rate(u16 heat)
{
	return heat_parts(heat) / HEAT_UNIT;
}

/**
 * pnicfw_heat_of - the heat of a packet rate
 * @rate: packets a second
 *
 * Return: the highest heat of no higher rate.
 */
u16 pnicfw_heat_of(u32 rate)
{
	return heat_of_parts((u64)rate * HEAT_UNIT);
}

/**
 * pnicfw_heat_next - let time pass, and count what was carried in it
 * @heat: the heat before
 * @packets: packets since then
 * @elapsed: jiffies since then
 *
 * A rate that stays the same is reached, not only approached: at least one step
 * is taken towards it.
 *
 * Return: the heat now.
 */
u16 pnicfw_heat_next(u16 heat, u64 packets, u32 elapsed)
{
	u64 was = heat_parts(heat), now, next;
	u16 result;

	if (!heat && !packets)
		return 0;
	elapsed = clamp_t(u32, elapsed, 1, INT_MAX);
	packets = min_t(u64, packets, U32_MAX);
	now = div_u64(packets * HEAT_UNIT * HZ, elapsed);
	if (now >= was)
		next = was + div64_u64((now - was) * elapsed,
				       (u64)elapsed + HEAT_MEMORY);
	else
		next = was - div64_u64((was - now) * elapsed,
				       (u64)elapsed + HEAT_MEMORY);

	result = heat_about(next);
	if (result == heat && heat_of_parts(now) > heat)
		return heat + 1;
	if (result == heat && now < was)
		return heat - 1;
	return result;
}

/**
 * pnicfw_heat_beats - is a connection enough hotter to take another's place?
 * @heat: the one's heat
 * @other: the other's
 *
 * By a quarter, and two packets a second: of many that carry the same the one
 * that had luck and the one that had none differ by less, most of the time, and
 * would change places again and again.
 *
 * Return: whether it is.
 */
bool pnicfw_heat_beats(u16 heat, u16 other)
{
	u32 parts = heat_parts(other);

	return heat_parts(heat) > parts + parts / 4 + 2 * HEAT_UNIT;
}
