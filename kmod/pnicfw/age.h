/* SPDX-License-Identifier: GPL-2.0 */
/*
 * age - counters and liveness upwards: what the tiers below carried goes into
 * conntrack's entry, and what conntrack ends, ends below
 */
#ifndef PNICFW_AGE_H
#define PNICFW_AGE_H

#include <linux/types.h>

#include "recheck.h"

struct pnicfw_net;
struct pnicfw_record;

/**
 * struct pnicfw_age_round - a round
 * @pn: the namespace
 * @elapsed: jiffies since the one before
 * @all: each connection is to be looked at closely
 * @doubt: and each that an eswitch has is to be asked for
 * @turns: whose turn it is to be seen by tier 1
 * @id: where it goes on
 */
struct pnicfw_age_round {
	struct pnicfw_net *pn;
	u32 elapsed;
	bool all;
	bool doubt;
	struct pnicfw_turns turns;
	unsigned long id;
};

/* What is done about connections: age.c */
void pnicfw_age_sync(struct pnicfw_record *rec);
void pnicfw_age_look(struct pnicfw_record *rec);
void pnicfw_age_walk(struct pnicfw_age_round *round);

/* And when: age_round.c */
void pnicfw_age_init(struct pnicfw_net *pn);
void pnicfw_age_exit(struct pnicfw_net *pn);
void pnicfw_age_start(struct pnicfw_net *pn);
void pnicfw_age_soon(struct pnicfw_net *pn);

#endif /* PNICFW_AGE_H */
