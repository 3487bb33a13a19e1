/* SPDX-License-Identifier: GPL-2.0 */
/*
 * turn - tier 3: whose turn is it at an eswitch, and is it time for one?
 *
 * Of those whom the lists of the table room put first it is who can be dealt with at
 * once: nobody else has a claim on it, and nothing that its rules could be taken for is
 * still to leave.
 */
#ifndef PNICFW_TURN_H
#define PNICFW_TURN_H

#include <linux/types.h>

#include "table.h"

struct pnicfw_claim;
struct pnicfw_hw;
struct pnicfw_net;
struct pnicfw_pace;

bool pnicfw_turn_due(struct pnicfw_net *pn, struct pnicfw_pace *pace,
		     u32 rate, unsigned long *wait);
void pnicfw_turn_unused(struct pnicfw_net *pn, struct pnicfw_pace *pace);

struct pnicfw_hw *pnicfw_turn_first(struct pnicfw_net *pn,
				    struct pnicfw_table *table,
				    enum pnicfw_table_list on,
				    struct pnicfw_claim *claim);
u16 pnicfw_turn_hottest(struct pnicfw_table *table);
struct pnicfw_hw *pnicfw_turn_next(struct pnicfw_table *table);

#endif /* PNICFW_TURN_H */
