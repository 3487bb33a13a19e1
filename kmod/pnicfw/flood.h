/* SPDX-License-Identifier: GPL-2.0 */
/*
 * flood - is a packet that leaves the only one, or one of several copies?
 */
#ifndef PNICFW_FLOOD_H
#define PNICFW_FLOOD_H

#include <linux/pnicfw.h>

struct pnicfw_record;
struct pnicfw_witness;
struct sk_buff;

void pnicfw_flood_stranger(const struct sk_buff *skb);
enum pnicfw_reason pnicfw_flood_suspect(const struct pnicfw_witness *w,
					const struct pnicfw_record *rec);

#endif /* PNICFW_FLOOD_H */
