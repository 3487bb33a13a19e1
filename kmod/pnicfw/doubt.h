/* SPDX-License-Identifier: GPL-2.0 */
/*
 * doubt - tier 3: has an eswitch lost rules, and nobody has asked for them yet?
 *
 * A driver that has forgotten one rule has forgotten all, most of the time: its
 * NIC was reset. An idle connection would hear of that when its turn to be asked
 * for comes only, so one of each eswitch is asked for in each round, whatever
 * their number; and as soon as one turns out to be lost, so are all others.
 */
#ifndef PNICFW_DOUBT_H
#define PNICFW_DOUBT_H

#include <linux/types.h>

struct pnicfw_net;

void pnicfw_doubt_init(struct pnicfw_net *pn);
void pnicfw_doubt_raise(struct pnicfw_net *pn);
bool pnicfw_doubt_begin(struct pnicfw_net *pn);

#endif /* PNICFW_DOUBT_H */
