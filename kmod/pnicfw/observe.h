/* SPDX-License-Identifier: GPL-2.0 */
/*
 * observe - learn by watching one packet go through the ordinary kernel
 *
 * A packet that the cache does not carry leaves a snapshot at its port of
 * entry (snapshot room). At its port of exit the difference between snapshot
 * and packet is what the kernel did, and, once verified, what the cache may do
 * to the next.
 */
#ifndef PNICFW_OBSERVE_H
#define PNICFW_OBSERVE_H

#include <linux/netfilter.h>

struct sk_buff;

unsigned int pnicfw_observe_egress(void *priv, struct sk_buff *skb,
				   const struct nf_hook_state *state);

#endif /* PNICFW_OBSERVE_H */
