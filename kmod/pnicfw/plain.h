/* SPDX-License-Identifier: GPL-2.0 */
/*
 * plain - packets that are not as drivers mostly hand them up: shared, cloned,
 * padded, or with a checksum that nobody has looked at
 */
#ifndef PNICFW_PLAIN_H
#define PNICFW_PLAIN_H

struct pnicfw_dir;
struct sk_buff;

struct sk_buff *pnicfw_plain_make(struct sk_buff *skb,
				  const struct pnicfw_dir *dir,
				  unsigned int thoff, unsigned int hlen,
				  unsigned int len);

#endif /* PNICFW_PLAIN_H */
