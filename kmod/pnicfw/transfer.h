/* SPDX-License-Identifier: GPL-2.0 */
/*
 * transfer - tier 3: one connection into its eswitch, or out of it
 *
 * Both directions or none. Whose turn it is, and when, is up to the reconcile
 * room.
 */
#ifndef PNICFW_TRANSFER_H
#define PNICFW_TRANSFER_H

#include <linux/types.h>

struct pnicfw_record;

void pnicfw_transfer_run(struct pnicfw_record *rec, bool room);
void pnicfw_transfer_lost(struct pnicfw_record *rec, int err);
int pnicfw_transfer_ask(struct pnicfw_record *rec);

#endif /* PNICFW_TRANSFER_H */
