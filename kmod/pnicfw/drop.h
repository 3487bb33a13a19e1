/* SPDX-License-Identifier: GPL-2.0 */
/*
 * drop - denials learned from what netfilter itself drops
 *
 * A packet that would open a connection, and that netfilter drops, is suspected.
 * Several of them in a row, over a while in which none was let through, make a
 * denial, for a moment only: a rule that limits a rate, or counts, may allow the
 * next one. What belongs to a connection that conntrack has is never suspected, nor
 * is what a rule rejects: its sender is answered, each time.
 */
#ifndef PNICFW_DROP_H
#define PNICFW_DROP_H

#include <linux/types.h>

struct nf_conn;
struct pnicfw_key;
struct pnicfw_net;

int pnicfw_drop_switch(struct pnicfw_net *pn, bool on);
void pnicfw_drop_exit(struct pnicfw_net *pn);
void pnicfw_drop_forget(struct pnicfw_net *pn, const struct pnicfw_key *key);
void pnicfw_drop_answered(struct pnicfw_net *pn, const struct nf_conn *ct);

#endif /* PNICFW_DROP_H */
