/* SPDX-License-Identifier: GPL-2.0 */
/*
 * flood - is a packet that leaves the only one, or one of several copies?
 */
#ifndef PNICFW_FLOOD_H
#define PNICFW_FLOOD_H

#include <linux/pnicfw.h>

struct pnicfw_net;
struct pnicfw_record;
struct pnicfw_witness;
struct sk_buff;

int pnicfw_flood_start(struct pnicfw_net *pn);
void pnicfw_flood_stop(struct pnicfw_net *pn);
void pnicfw_flood_stranger(const struct sk_buff *skb);
bool pnicfw_flood_copied(const struct pnicfw_witness *w);
enum pnicfw_reason pnicfw_flood_suspect(const struct pnicfw_witness *w,
					const struct pnicfw_record *rec);

#endif /* PNICFW_FLOOD_H */
