/* SPDX-License-Identifier: GPL-2.0 */
/*
 * revalidate - what in the kernel can make a learned action untrue
 *
 * What concerns one neighbour, one address behind a bridge or one port kills
 * the paths that rest on it. What may concern anything (a ruleset, a route)
 * advances the generation: whatever was learned under an older one goes through
 * tier 1 once more before it is trusted.
 */
#ifndef PNICFW_REVALIDATE_H
#define PNICFW_REVALIDATE_H

struct pnicfw_net;

int pnicfw_revalidate_init(void);
void pnicfw_revalidate_exit(void);
int pnicfw_revalidate_init_net(struct pnicfw_net *pn);
void pnicfw_revalidate_exit_net(struct pnicfw_net *pn);
void pnicfw_revalidate_all(struct pnicfw_net *pn);
void pnicfw_revalidate_settle(struct pnicfw_net *pn);

#endif /* PNICFW_REVALIDATE_H */
