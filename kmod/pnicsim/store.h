/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PNICSIM_STORE_H
#define PNICSIM_STORE_H

struct pnicsim_rule;

int pnicsim_store_init(void);
void pnicsim_store_exit(void);

struct pnicsim_rule *pnicsim_store_get(unsigned int steps);
void pnicsim_store_put(struct pnicsim_rule *rule);
void pnicsim_store_put_rcu(struct pnicsim_rule *rule);

#endif
