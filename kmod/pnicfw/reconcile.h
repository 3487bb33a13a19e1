/* SPDX-License-Identifier: GPL-2.0 */
/*
 * reconcile - tier 3: make the eswitch have what is wanted
 *
 * A record says what is wanted of the eswitch and what the eswitch has. A
 * worker makes the second equal the first, for both directions or none. There
 * is no work item for an operation, so nothing can overtake anything, and no
 * memory is needed for one: the queue is made of records (table room).
 */
#ifndef PNICFW_RECONCILE_H
#define PNICFW_RECONCILE_H

#include <linux/types.h>
#include <linux/pnicfw.h>

struct pnicfw_net;
struct pnicfw_record;

void pnicfw_reconcile_init(struct pnicfw_net *pn);
void pnicfw_reconcile_exit(struct pnicfw_net *pn);
void pnicfw_reconcile_want(struct pnicfw_record *rec, bool want,
			   enum pnicfw_reason why);
bool pnicfw_reconcile_linger(struct pnicfw_record *rec);
bool pnicfw_reconcile_poll(struct pnicfw_record *rec);
void pnicfw_reconcile_asking(struct pnicfw_net *pn, bool asking);
void pnicfw_reconcile_kick(struct pnicfw_net *pn);
void pnicfw_reconcile_again(struct pnicfw_net *pn, unsigned int most);
void pnicfw_reconcile_flush(struct pnicfw_net *pn);

#endif /* PNICFW_RECONCILE_H */
