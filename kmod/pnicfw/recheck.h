/* SPDX-License-Identifier: GPL-2.0 */
/*
 * recheck - every so often a packet of each connection passes tier 1
 *
 * No event tells of an element that a packet adds to a set or that expires, of
 * ipset, of iptables-legacy, of limits and quotas. What rests on them is bounded
 * in time: each direction of a connection sends a packet through tier 1 once in
 * every recheck-time, which decides and teaches again.
 *
 * A bridge forgets an address that it has not heard for its ageing time, and
 * floods what is sent there. So each direction that comes in below a bridge and
 * speaks has to be seen once in a third of that time, whatever recheck-time says.
 *
 * When a connection's turn comes follows from its id, so that the turns are
 * spread evenly over the time, and nothing is to be remembered.
 */
#ifndef PNICFW_RECHECK_H
#define PNICFW_RECHECK_H

#include <linux/hash.h>
#include <linux/kernel.h>
#include <linux/types.h>

struct pnicfw_net;
struct pnicfw_record;

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
 * pnicfw_recheck_due - is it a connection's turn?
 * @turn: the round
 * @id: names the connection
 *
 * Ids follow one another; multiplying them by the golden ratio spreads any run
 * of them evenly.
 *
 * Return: whether it is: of the rounds of a period, in one exactly.
 */
static inline bool pnicfw_recheck_due(const struct pnicfw_recheck *turn, u32 id)
{
	u32 at;

	if (!turn->span)
		return false;
	at = reciprocal_scale(hash_32(id, 32), turn->period);
	/* How far after @from it comes, less one */
	return (at > turn->from ? at - turn->from - 1 :
				  at + (turn->period - turn->from) - 1) <
	       turn->span;
}

void pnicfw_recheck_begin(struct pnicfw_net *pn, struct pnicfw_turns *turns);
void pnicfw_recheck_end(struct pnicfw_net *pn);
u8 pnicfw_recheck_dirs(const struct pnicfw_record *rec,
		       const struct pnicfw_turns *turns);
void pnicfw_recheck_review(struct pnicfw_record *rec,
			   const struct pnicfw_turns *turns);

#endif /* PNICFW_RECHECK_H */
