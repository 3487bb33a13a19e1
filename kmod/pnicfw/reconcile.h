/* SPDX-License-Identifier: GPL-2.0 */
/*
 * reconcile - tier 3: make the eswitch have what is wanted
 *
 * A record says what is wanted of the eswitch and what the eswitch has. Workers
 * (crew room) make the second equal the first, for both directions or none. There is
 * no work item for an operation, so none can overtake another one's of the same
 * connection, and no memory is needed for one: the queue is made of records (table
 * room).
 */
#ifndef PNICFW_RECONCILE_H
#define PNICFW_RECONCILE_H

#include <linux/types.h>
#include <linux/pnicfw.h>

struct pnicfw_net;
struct pnicfw_record;

void pnicfw_reconcile_want(struct pnicfw_record *rec, bool want,
			   enum pnicfw_reason why);
bool pnicfw_reconcile_linger(struct pnicfw_record *rec);
bool pnicfw_reconcile_poll(struct pnicfw_record *rec);
void pnicfw_reconcile_again(struct pnicfw_net *pn, unsigned int most);
int pnicfw_reconcile_step(struct pnicfw_net *pn, unsigned long *wait);

#endif /* PNICFW_RECONCILE_H */
