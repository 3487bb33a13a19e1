// SPDX-License-Identifier: GPL-2.0
/*
 * shape - what kind of rule a port's driver has no support for
 */
#include <linux/in.h>
#include <linux/jiffies.h>
#include <linux/netfilter.h>
#include <linux/string.h>
#include <linux/pnicfw.h>

#include "key.h"
#include "path.h"
#include "shape.h"

/* What a driver has no support for it will have none for in a second. */
#define SHAPE_RETRY	(60 * HZ)

static bool shape_same_tag(const struct pnicfw_vlan *a,
			   const struct pnicfw_vlan *b)
{
	return a->proto == b->proto && a->tci == b->tci;
}

static u32 shape_matches(const struct pnicfw_key *key,
			 const struct pnicfw_vlan *vlan,
			 const struct pnicfw_vlan *inner)
{
	u32 bits = 0;

	if (key->family != NFPROTO_IPV4)
		bits |= PNICFW_SHAPE_BITS_IPV6;
	if (key->protocol != IPPROTO_TCP)
		bits |= PNICFW_SHAPE_BITS_UDP;
	if (vlan->proto)
		bits |= PNICFW_SHAPE_BITS_VLAN;
	if (inner->proto)
		bits |= PNICFW_SHAPE_BITS_QINQ;
	return bits;
}

static u32 shape_retags(const struct pnicfw_path_key *path)
{
	const struct pnicfw_action *act = &path->act;
	u32 bits = 0;

	if (shape_same_tag(&path->vlan, &act->vlan) &&
	    shape_same_tag(&path->inner, &act->inner))
		return bits;
	if (path->vlan.proto)
		bits |= PNICFW_SHAPE_BITS_POP;
	if (act->vlan.proto)
		bits |= PNICFW_SHAPE_BITS_PUSH;
	return bits;
}

/**
 * pnicfw_shape_of - the shape of a direction's rule
 * @key: the direction's key
 * @path: its way
 *
 * Return: bits of enum pnicfw_shape_bits.
 */
u32 pnicfw_shape_of(const struct pnicfw_key *key,
		    const struct pnicfw_path_key *path)
{
	u32 bits = shape_matches(key, &path->vlan, &path->inner) |
		   shape_retags(path);

	if (memcmp(path->eth, &path->act.eth, sizeof(path->eth)))
		bits |= PNICFW_SHAPE_BITS_MAC;
	if (path->act.ttl_dec)
		bits |= PNICFW_SHAPE_BITS_TTL;
	if (path->act.dscp != path->dscp)
		bits |= PNICFW_SHAPE_BITS_DSCP;
	if (path->act.nat)
		bits |= PNICFW_SHAPE_BITS_NAT;
	return bits;
}

/**
 * pnicfw_shape_of_drop - the shape of a rule that drops
 * @key: the key of what it drops
 * @vlan: the tag that this comes in with
 * @inner: the tag behind that
 *
 * Return: bits of enum pnicfw_shape_bits.
 */
u32 pnicfw_shape_of_drop(const struct pnicfw_key *key,
			 const struct pnicfw_vlan *vlan,
			 const struct pnicfw_vlan *inner)
{
	return shape_matches(key, vlan, inner) | PNICFW_SHAPE_BITS_DROP;
}

/**
 * pnicfw_shapes_init - nothing is refused
 * @shapes: what is
 */
void pnicfw_shapes_init(struct pnicfw_shapes *shapes)
{
	spin_lock_init(&shapes->lock);
	shapes->n = 0;
}

static struct pnicfw_shape_kind *
shapes_find(struct pnicfw_shapes *shapes, u32 bits, int out)
{
	struct pnicfw_shape_kind *shape;

	for (shape = shapes->shape; shape < shapes->shape + shapes->n; shape++)
		if (shape->bits == bits && shape->out == out)
			return shape;
	return NULL;
}

/**
 * pnicfw_shapes_learn - a rule was refused for its shape
 * @shapes: what the port's driver refuses
 * @bits: the shape
 * @out: ifindex of the port of exit
 * @now: jiffies
 *
 * Of too many shapes, the later ones are not remembered.
 *
 * Context: any but hard interrupts.
 */
void pnicfw_shapes_learn(struct pnicfw_shapes *shapes, u32 bits, int out,
			 unsigned long now)
{
	struct pnicfw_shape_kind *shape;

	spin_lock_bh(&shapes->lock);
	shape = shapes_find(shapes, bits, out);
	if (!shape && shapes->n < PNICFW_SHAPES)
		shape = &shapes->shape[shapes->n++];
	if (shape)
		*shape = (struct pnicfw_shape_kind) {
			.bits = bits,
			.out = out,
			.retry = now + SHAPE_RETRY,
		};
	spin_unlock_bh(&shapes->lock);
}

/**
 * pnicfw_shapes_refuse - would the driver refuse a rule for its shape?
 * @shapes: what it refuses
 * @bits: the shape
 * @out: ifindex of the port of exit
 * @now: jiffies
 *
 * Context: any but hard interrupts.
 * Return: whether it would. When it is time to try again whoever asks first is
 * told that it would not.
 */
bool pnicfw_shapes_refuse(struct pnicfw_shapes *shapes, u32 bits, int out,
			  unsigned long now)
{
	struct pnicfw_shape_kind *shape;
	bool refuse;

	if (!READ_ONCE(shapes->n))
		return false;
	spin_lock_bh(&shapes->lock);
	shape = shapes_find(shapes, bits, out);
	refuse = shape && time_before(now, shape->retry);
	if (shape && !refuse)
		shape->retry = now + SHAPE_RETRY;
	spin_unlock_bh(&shapes->lock);
	return refuse;
}

/**
 * pnicfw_shapes_forget - a rule was taken
 * @shapes: what the driver refuses
 * @bits: the rule's shape
 * @out: ifindex of the port of exit
 *
 * Context: any but hard interrupts.
 */
void pnicfw_shapes_forget(struct pnicfw_shapes *shapes, u32 bits, int out)
{
	struct pnicfw_shape_kind *shape;

	if (!READ_ONCE(shapes->n))
		return;
	spin_lock_bh(&shapes->lock);
	shape = shapes_find(shapes, bits, out);
	if (shape)
		*shape = shapes->shape[--shapes->n];
	spin_unlock_bh(&shapes->lock);
}

/**
 * pnicfw_shapes_forget_all - the driver, or its settings, may be others now
 * @shapes: what it refuses
 *
 * Context: any but hard interrupts.
 */
void pnicfw_shapes_forget_all(struct pnicfw_shapes *shapes)
{
	spin_lock_bh(&shapes->lock);
	shapes->n = 0;
	spin_unlock_bh(&shapes->lock);
}

/**
 * pnicfw_shapes_get - look at one
 * @shapes: what the driver refuses
 * @i: which, from 0
 * @shape: filled in
 *
 * Context: any but hard interrupts.
 * Return: whether there are so many.
 */
bool pnicfw_shapes_get(struct pnicfw_shapes *shapes, u32 i,
		       struct pnicfw_shape_kind *shape)
{
	bool is;

	spin_lock_bh(&shapes->lock);
	is = i < shapes->n;
	if (is)
		*shape = shapes->shape[i];
	spin_unlock_bh(&shapes->lock);
	return is;
}
