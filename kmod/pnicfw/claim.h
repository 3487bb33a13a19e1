/* SPDX-License-Identifier: GPL-2.0 */
/*
 * claim - tier 3: whose rules is a driver being told of?
 *
 * A driver takes calls from several threads, though not two at a time that concern
 * one rule, and it may not be asked for a rule while another one that matches the
 * same is still being taken out. So whoever calls a driver for a connection or a denial
 * has a claim on it: a lane for each key that its rules match, of those that the eswitch
 * has. There are more keys than lanes; two that share one wait for each other, which
 * costs time and nothing else.
 *
 * Who has a claim may try for another, and must not wait for one.
 */
#ifndef PNICFW_CLAIM_H
#define PNICFW_CLAIM_H

#include <linux/bitops.h>
#include <linux/types.h>

struct pnicfw_denial;
struct pnicfw_hw;
struct pnicfw_net;
struct pnicfw_record;
struct pnicfw_table;

/* Several times as many as there may be claims at a time. */
#define PNICFW_CLAIM_LANES	1024

/* So many of a list are looked at, to find one that nobody has a claim on. */
#define PNICFW_CLAIM_LOOKS	16

/**
 * struct pnicfw_claims - claims on what an eswitch has
 * @lanes: those that somebody has
 * @all: somebody has one on all, or will have when there is no other
 *
 * Without a lock: there is a claim for each question for counters.
 */
struct pnicfw_claims {
	DECLARE_BITMAP(lanes, PNICFW_CLAIM_LANES);
	bool all;
};

/**
 * struct pnicfw_claim - one
 * @table: the eswitch
 * @lane: the lanes, the lower one first; they may be the same
 * @all: all of them
 */
struct pnicfw_claim {
	struct pnicfw_table *table;
	u16 lane[2];
	bool all;
};

void pnicfw_claim_init(struct pnicfw_net *pn);

bool pnicfw_claim_try(const struct pnicfw_hw *hw, struct pnicfw_claim *claim);
void pnicfw_claim_record(const struct pnicfw_record *rec,
			 struct pnicfw_claim *claim);
bool pnicfw_claim_try_denial(const struct pnicfw_denial *denial,
			     struct pnicfw_claim *claim);
void pnicfw_claim_denial(const struct pnicfw_denial *denial,
			 struct pnicfw_claim *claim);
void pnicfw_claim_end(const struct pnicfw_claim *claim);

void pnicfw_claim_all(struct pnicfw_table *table, struct pnicfw_claim *claim);
void pnicfw_claim_drain(struct pnicfw_net *pn);
u32 pnicfw_claim_ended(const struct pnicfw_net *pn);
void pnicfw_claim_wait(struct pnicfw_net *pn, u32 ended);

#endif /* PNICFW_CLAIM_H */
