/* SPDX-License-Identifier: GPL-2.0 */
/*
 * fastpath - tier 2: hit, check, rewrite, transmit
 */
#ifndef PNICFW_FASTPATH_H
#define PNICFW_FASTPATH_H

#include <linux/netfilter.h>

struct sk_buff;

unsigned int pnicfw_fastpath_ingress(void *priv, struct sk_buff *skb,
				     const struct nf_hook_state *state);

#endif /* PNICFW_FASTPATH_H */
