/* SPDX-License-Identifier: GPL-2.0 */
/*
 * admit - tier 3: who gets a hardware entry, and who gives it up
 */
#ifndef PNICFW_ADMIT_H
#define PNICFW_ADMIT_H

struct pnicfw_record;

void pnicfw_admit_review(struct pnicfw_record *rec);

#endif /* PNICFW_ADMIT_H */
