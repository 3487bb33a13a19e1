/* SPDX-License-Identifier: GPL-2.0 */
/*
 * evict - tier 3: who gives up a hardware entry
 *
 * The coldest, for one who is hotter, or for nobody where there are too many; and
 * whoever must not stay, without having asked to leave.
 */
#ifndef PNICFW_EVICT_H
#define PNICFW_EVICT_H

#include <linux/types.h>
#include <linux/pnicfw.h>

struct pnicfw_record;
struct pnicfw_table;

bool pnicfw_evict_pull(struct pnicfw_record *rec, enum pnicfw_reason why);
bool pnicfw_evict_colder(struct pnicfw_table *table, u16 heat);
int pnicfw_evict_excess(struct pnicfw_table *table);

#endif /* PNICFW_EVICT_H */
