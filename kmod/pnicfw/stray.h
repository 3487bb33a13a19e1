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

struct nf_hook_state;
struct sk_buff;

unsigned int pnicfw_stray_postrouting(void *priv, struct sk_buff *skb,
				      const struct nf_hook_state *state);

#endif /* PNICFW_STRAY_H */
