/* SPDX-License-Identifier: GPL-2.0 */
/*
 * miss - what the cache does not carry, and leaves to tier 1
 */
#ifndef PNICFW_MISS_H
#define PNICFW_MISS_H

#include <linux/types.h>

struct pnicfw_dir;
struct pnicfw_port;
struct pnicfw_vlan;
struct sk_buff;

unsigned int pnicfw_miss(const struct pnicfw_port *port, struct sk_buff *skb,
			 struct pnicfw_vlan inner, struct pnicfw_dir *dir,
			 u8 hops);

#endif /* PNICFW_MISS_H */
