/* SPDX-License-Identifier: GPL-2.0 */
/*
 * flood - is a packet that leaves the only one, or one of several copies?
 */
#ifndef PNICFW_FLOOD_H
#define PNICFW_FLOOD_H

#include <linux/pnicfw.h>

struct nf_hook_state;
struct pnicfw_record;
struct pnicfw_witness;
struct sk_buff;

void pnicfw_flood_stranger(const struct sk_buff *skb);
bool pnicfw_flood_copied(const struct pnicfw_witness *w);
enum pnicfw_reason pnicfw_flood_suspect(const struct pnicfw_witness *w,
					const struct pnicfw_record *rec);
unsigned int pnicfw_flood_local_out(void *priv, struct sk_buff *skb,
				    const struct nf_hook_state *state);

#endif /* PNICFW_FLOOD_H */
