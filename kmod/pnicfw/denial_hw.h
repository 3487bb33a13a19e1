/* SPDX-License-Identifier: GPL-2.0 */
/*
 * denial_hw - denials that the eswitch is to enforce
 *
 * As with connections (reconcile room): a denial says what is wanted of the eswitch
 * and what the eswitch has, and a worker makes the second equal the first. A
 * refusal costs speed: tier 2 goes on dropping. So a denial takes a place of the
 * eswitch that is free, within params.hw_limit, and gives it up for any connection
 * that has earned one.
 */
#ifndef PNICFW_DENIAL_HW_H
#define PNICFW_DENIAL_HW_H

#include <linux/types.h>
#include <linux/pnicfw.h>

struct pnicfw_count;
struct pnicfw_denial;
struct pnicfw_net;
struct pnicfw_table;

void pnicfw_denial_hw_init(struct pnicfw_net *pn);
void pnicfw_denial_hw_exit(struct pnicfw_net *pn);

void pnicfw_denial_hw_want(struct pnicfw_net *pn, struct pnicfw_denial *denial,
			   bool want, enum pnicfw_reason why);
bool pnicfw_denial_hw_release(struct pnicfw_net *pn,
			      struct pnicfw_denial *denial,
			      enum pnicfw_reason why);
void pnicfw_denial_hw_review(struct pnicfw_net *pn,
			     struct pnicfw_denial *denial);
bool pnicfw_denial_hw_yield(struct pnicfw_table *table);
void pnicfw_denial_hw_again(struct pnicfw_net *pn);
void pnicfw_denial_hw_flush(struct pnicfw_net *pn);

/* One into its eswitch, out of it, and what came of it there: denial_transfer.c */
bool pnicfw_denial_hw_unsupported(const struct pnicfw_denial *denial);
void pnicfw_denial_hw_refused(struct pnicfw_denial *denial, int err);
enum pnicfw_reason pnicfw_denial_hw_install(struct pnicfw_net *pn,
					    struct pnicfw_denial *denial,
					    int *err);
bool pnicfw_denial_hw_remove(struct pnicfw_net *pn,
			     struct pnicfw_denial *denial);
void pnicfw_denial_hw_carried(struct pnicfw_net *pn,
			      struct pnicfw_denial *denial,
			      const struct pnicfw_count *more, u32 used);
void pnicfw_denial_hw_poll(struct pnicfw_net *pn,
			   struct pnicfw_denial *denial);

#endif /* PNICFW_DENIAL_HW_H */
