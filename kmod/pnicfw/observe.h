/* SPDX-License-Identifier: GPL-2.0 */
/*
 * observe - learn by watching one packet go through the ordinary kernel
 *
 * A packet that the cache does not carry leaves a snapshot at its port of
 * entry. At its port of exit the difference between snapshot and packet is
 * what the kernel did, and, once verified, what the cache may do to the next.
 */
#ifndef PNICFW_OBSERVE_H
#define PNICFW_OBSERVE_H

#include <linux/netfilter.h>

struct pnicfw_packet;
struct pnicfw_port;
struct sk_buff;

int pnicfw_observe_init(void);
void pnicfw_observe_exit(void);
void pnicfw_observe_ingress(const struct pnicfw_port *port,
			    const struct sk_buff *skb,
			    const struct pnicfw_packet *pkt);
unsigned int pnicfw_observe_egress(void *priv, struct sk_buff *skb,
				   const struct nf_hook_state *state);

#endif /* PNICFW_OBSERVE_H */
