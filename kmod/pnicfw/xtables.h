/* SPDX-License-Identifier: GPL-2.0 */
/*
 * xtables - rules of iptables as it was before nftables
 *
 * Nobody is told when these change, but with each change a table gets other memory.
 * So every round of the age room looks where that is.
 */
#ifndef PNICFW_XTABLES_H
#define PNICFW_XTABLES_H

struct pnicfw_net;

void pnicfw_xtables_begin(struct pnicfw_net *pn);
void pnicfw_xtables_review(struct pnicfw_net *pn);
void pnicfw_xtables_end(struct pnicfw_net *pn);

#endif /* PNICFW_XTABLES_H */
