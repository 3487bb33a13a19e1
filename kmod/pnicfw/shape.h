/* SPDX-License-Identifier: GPL-2.0 */
/*
 * shape - what kind of rule a port's driver has no support for
 *
 * The shape of a rule is all but its values: which headers it matches, which it
 * rewrites. What a driver does not support it refuses every time, so a refusal
 * is remembered with the port, as something it cannot do, and no connection is
 * offered in vain. Once in a while one is, to see whether that is still true.
 */
#ifndef PNICFW_SHAPE_H
#define PNICFW_SHAPE_H

#include <linux/spinlock.h>
#include <linux/types.h>

struct pnicfw_key;
struct pnicfw_path_key;
struct pnicfw_vlan;

/* Shapes that are remembered of a port; of more, each connection finds out. */
#define PNICFW_SHAPES	8

/**
 * struct pnicfw_shape_kind - a kind of rule
 * @bits: bits of enum pnicfw_shape_bits
 * @out: ifindex of the port of exit: some a driver cannot send to; 0 where it
 *	drops
 * @retry: jiffies from which on one may try again
 */
struct pnicfw_shape_kind {
	u32 bits;
	int out;
	unsigned long retry;
};

/**
 * struct pnicfw_shapes - the kinds that a port's driver has refused
 * @lock: protects the others; innermost
 * @n: how many of @shape there are
 * @shape: them
 */
struct pnicfw_shapes {
	spinlock_t lock;		/* n, shape */
	u32 n;
	struct pnicfw_shape_kind shape[PNICFW_SHAPES];
};

u32 pnicfw_shape_of(const struct pnicfw_key *key,
		    const struct pnicfw_path_key *path);
u32 pnicfw_shape_of_drop(const struct pnicfw_key *key,
			 const struct pnicfw_vlan *vlan,
			 const struct pnicfw_vlan *inner);
void pnicfw_shapes_init(struct pnicfw_shapes *shapes);
void pnicfw_shapes_learn(struct pnicfw_shapes *shapes, u32 bits, int out,
			 unsigned long now);
bool pnicfw_shapes_refuse(struct pnicfw_shapes *shapes, u32 bits, int out,
			  unsigned long now);
void pnicfw_shapes_forget(struct pnicfw_shapes *shapes, u32 bits, int out);
void pnicfw_shapes_forget_all(struct pnicfw_shapes *shapes);
bool pnicfw_shapes_get(struct pnicfw_shapes *shapes, u32 i,
		       struct pnicfw_shape_kind *shape);

#endif /* PNICFW_SHAPE_H */
