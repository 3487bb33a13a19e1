/* SPDX-License-Identifier: GPL-2.0 */
/*
 * exact - packets of a flow that the cache could not make as tier 1 would
 *
 * The fast path asks only about what is longer than its path lets pass unasked
 * (&struct pnicfw_path.fits).
 */
#ifndef PNICFW_EXACT_H
#define PNICFW_EXACT_H

#include <linux/types.h>

struct pnicfw_dir;
struct pnicfw_path;
struct sk_buff;

bool pnicfw_exact(const struct sk_buff *skb, u32 len,
		  const struct pnicfw_dir *dir,
		  const struct pnicfw_path *path);

#endif /* PNICFW_EXACT_H */
