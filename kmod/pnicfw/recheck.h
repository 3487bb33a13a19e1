/* SPDX-License-Identifier: GPL-2.0 */
/*
 * recheck - every so often a packet of each connection passes tier 1
 *
 * No event tells of an element that a packet adds to a set or that expires, of
 * ipset, of ebtables-legacy, of limits and quotas. What rests on them is bounded
 * in time: each direction of a connection sends a packet through tier 1 once in
 * every recheck-time, which decides and teaches again.
 *
 * A bridge forgets an address that it has not heard for its ageing time, and
 * floods what is sent there. So each direction that comes in below a bridge and
 * speaks has to be seen once in a third of that time, whatever recheck-time says.
 *
 * A connection's record has which part of the time its turn is in, and where in
 * there follows from its id, so that the turns are spread evenly. It is given a
 * part that has its first turn wait for half the time at least: a connection that
 * has just climbed is not to be taken down again for that.
 */
#ifndef PNICFW_RECHECK_H
#define PNICFW_RECHECK_H

#include <linux/hash.h>
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/types.h>

struct pnicfw_net;
struct pnicfw_record;

/* The parts of the time, numbered by so many bits. */
#define PNICFW_RECHECK_BITS	6
#define PNICFW_RECHECK_PARTS	BIT(PNICFW_RECHECK_BITS)

/* How many of them begin after half a time from any moment, and end before a
 * whole one has passed.
 */
#define PNICFW_RECHECK_FIRST	(PNICFW_RECHECK_PARTS / 2 - 1)

/**
 * struct pnicfw_recheck - whose turn it is in one round of the age room
 * @period: milliseconds from a connection's turn to its next; 0 where nobody's
 *	comes
 * @from: where in the period the last round was; its turns are over
 * @span: how far the period has advanced since, @period at most
 */
struct pnicfw_recheck {
	u32 period;
	u32 from;
	u32 span;
};

/**
 * struct pnicfw_turns - whose turn it is in one round, and why
 * @all: by recheck-time
 * @bridged: of those below a bridge; of no period where the other is as short
 */
struct pnicfw_turns {
	struct pnicfw_recheck all;
	struct pnicfw_recheck bridged;
};

/**
 * pnicfw_turns_any - may it be anybody's turn?
 * @turns: the round
 *
 * Return: whether it may.
 */
static inline bool pnicfw_turns_any(const struct pnicfw_turns *turns)
{
	return turns->all.span || turns->bridged.span;
}

/**
 * pnicfw_recheck_part - the part of the time that a new connection's turn is in
 * @id: names the connection
 * @period: milliseconds of a recheck-time; 0 where there is none, but may be
 * @now: milliseconds since boot
 *
 * Ids follow one another; multiplying them by the golden ratio spreads any run
 * of them evenly.
 *
 * Return: the part. By the same @period the first turn comes half of it from
 * @now on at the earliest, and before all of it has passed.
 */
static inline u8 pnicfw_recheck_part(u32 id, u32 period, u64 now)
{
	u32 from, at;

	if (!period)
		return hash_32(id, PNICFW_RECHECK_BITS);
	div_u64_rem(now, period, &from);
	at = div_u64((u64)from << PNICFW_RECHECK_BITS, period);
	return (at + PNICFW_RECHECK_PARTS - PNICFW_RECHECK_FIRST +
		reciprocal_scale(hash_32(id, 32), PNICFW_RECHECK_FIRST)) %
	       PNICFW_RECHECK_PARTS;
}

/**
 * pnicfw_recheck_due - is it a connection's turn?
 * @turn: the round
 * @id: names the connection
 * @part: of the time, as its record has it
 *
 * Return: whether it is: of the rounds of a period, in one exactly.
 */
static inline bool pnicfw_recheck_due(const struct pnicfw_recheck *turn, u32 id,
				      u8 part)
{
	u32 within, at;

	if (!turn->span)
		return false;
	/* What neither way to choose the part has made use of */
	within = (hash_32(id, 32) << PNICFW_RECHECK_BITS) * PNICFW_RECHECK_FIRST;
	at = reciprocal_scale((u32)part << (32 - PNICFW_RECHECK_BITS) |
			      within >> PNICFW_RECHECK_BITS, turn->period);
	/* How far after @from it comes, less one */
	return (at > turn->from ? at - turn->from - 1 :
				  at + (turn->period - turn->from) - 1) <
	       turn->span;
}

void pnicfw_recheck_begin(struct pnicfw_net *pn, struct pnicfw_turns *turns);
void pnicfw_recheck_end(struct pnicfw_net *pn);
void pnicfw_recheck_enter(const struct pnicfw_net *pn,
			  struct pnicfw_record *rec);
u8 pnicfw_recheck_dirs(const struct pnicfw_record *rec,
		       const struct pnicfw_turns *turns);
void pnicfw_recheck_review(struct pnicfw_record *rec,
			   const struct pnicfw_turns *turns);

#endif /* PNICFW_RECHECK_H */
