/* SPDX-License-Identifier: GPL-2.0 */
/*
 * age - counters and liveness upwards: what the tiers below carried goes into
 * conntrack's entry, and what conntrack ends, ends below
 */
#ifndef PNICFW_AGE_H
#define PNICFW_AGE_H

struct pnicfw_net;
struct pnicfw_record;

void pnicfw_age_init(struct pnicfw_net *pn);
void pnicfw_age_exit(struct pnicfw_net *pn);
void pnicfw_age_start(struct pnicfw_net *pn);
void pnicfw_age_soon(struct pnicfw_net *pn);
void pnicfw_age_sync(struct pnicfw_record *rec);
void pnicfw_age_look(struct pnicfw_record *rec);

#endif /* PNICFW_AGE_H */
