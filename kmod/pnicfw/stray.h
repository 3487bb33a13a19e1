/* SPDX-License-Identifier: GPL-2.0 */
/*
 * stray - connections that come in by a port and leave where the observe room
 * does not see them, or are of a protocol that it does not know
 *
 * There is nothing to learn from them, but their users want to know why they
 * stay in tier 1: so they get a record that says it.
 */
#ifndef PNICFW_STRAY_H
#define PNICFW_STRAY_H

struct pnicfw_net;

int pnicfw_stray_start(struct pnicfw_net *pn);
void pnicfw_stray_stop(struct pnicfw_net *pn);

#endif /* PNICFW_STRAY_H */
