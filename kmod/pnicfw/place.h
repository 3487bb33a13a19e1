/* SPDX-License-Identifier: GPL-2.0 */
/*
 * place - tier 3: places of an eswitch
 *
 * Several workers may be about to put something there, so a place is taken before a
 * driver is asked, and given back where it refuses.
 */
#ifndef PNICFW_PLACE_H
#define PNICFW_PLACE_H

#include <linux/types.h>

struct pnicfw_table;

bool pnicfw_place_full(const struct pnicfw_table *table);
bool pnicfw_place_take(struct pnicfw_table *table, u32 *of);
void pnicfw_place_leave(struct pnicfw_table *table, u32 *of);
bool pnicfw_place_filled(struct pnicfw_table *table);
u32 pnicfw_place_refused(struct pnicfw_table *table, int err, u8 *fails);

#endif /* PNICFW_PLACE_H */
