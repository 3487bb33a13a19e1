/* SPDX-License-Identifier: GPL-2.0 */
/*
 * path - the way that flows share: where a packet enters, with which
 * link-layer header, and where and how it leaves
 *
 * A host talks to another over many connections, and all of them come in with
 * the same MAC addresses and leave with the same ones. Such flows share one
 * path object. A neighbour, bridge or port event then kills a path, not a
 * list of flows: every flow behind it goes back to tier 1 at its next packet.
 */
#ifndef PNICFW_PATH_H
#define PNICFW_PATH_H

#include <linux/if_vlan.h>
#include <linux/refcount.h>
#include <linux/rhashtable-types.h>
#include <linux/rcupdate.h>
#include <linux/string.h>

#include "action.h"
#include "compat.h"

struct neighbour;
struct net_device;
struct pnicfw_net;
struct pnicfw_port;

/**
 * struct pnicfw_path_key - all that makes two paths the same
 * @in: port of entry
 * @out: port of exit
 * @eth: destination and source MAC address a packet must come in with
 * @vlan: tag it must come in with, in its metadata
 * @inner: tag it must come in with, in the packet behind that
 * @dscp: DSCP it must come in with: routing and rules may look at it
 * @mark: skb->mark it must come in with, as an ingress chain may have set it
 * @priority: skb->priority it must come in with, likewise
 * @mtu: largest IP packet that may leave, bytes
 * @act: what is done to it
 * @nh_ifindex: device of the next hop's neighbour, 0 where none was used
 * @nh_family: AF_INET or AF_INET6, 0 where none was used
 * @nh: address of the next hop
 *
 * Compared and hashed as bytes: clear it before filling it.
 */
struct pnicfw_path_key {
	struct pnicfw_port *in;
	struct pnicfw_port *out;
	u8 eth[2 * ETH_ALEN];
	struct pnicfw_vlan vlan;
	struct pnicfw_vlan inner;
	u32 mtu;
	u32 dscp;
	u32 mark;
	u32 priority;
	struct pnicfw_action act;
	u32 nh_ifindex;
	u32 nh_family;
	union nf_inet_addr nh;
};

/**
 * struct pnicfw_path - a way through this machine that was seen to work
 * @dev: device of exit
 * @routed: it was killed because routes have changed, and by nothing else
 *	(written once, under the pardon room's lock where it becomes true)
 * @fits: IP packets up to this length, bytes, may leave without a closer look (exact
 *	room)
 * @tagged: comes in with a tag in its metadata, or leaves with any
 * @key: what it is; never changes
 * @in: the key's port of entry as long as all it was learned from is true,
 *	then NULL: it matches no packet any more, which so go back to tier 1, and
 *	the eswitch gives up its rules. Where packets come in with a tag that
 *	is put aside, its lowest bit is set: plain ones do not match.
 * @nudged: jiffies (low 32 bits) when the neighbour was last told of packets
 * @gen: generation it was made under: what advances the generation kills all
 *	paths
 * @node: in the namespace's table of paths
 * @list: in its list of them, for walking in any context; empty once it has
 *	left both (the namespace's path lock)
 * @refs: one for each direction of a record that points here
 * @rcu: the fast path reads paths under RCU
 *
 * Ports are not referenced: a port that goes away closes the records behind
 * it first, and is freed an RCU grace period later (port.c).
 */
struct pnicfw_path {
	struct pnicfw_port *in;
	struct net_device *dev;
	bool routed;
	bool tagged;
	u32 fits;
	struct pnicfw_path_key key;
	u32 nudged;
	u32 gen;
	struct rhash_head node;
	struct list_head list;
	refcount_t refs;
	struct rcu_head rcu;
};

/**
 * pnicfw_path_entry - what a path's @in is for packets that come in by a port
 * @port: the port
 * @inner: tag that was put aside
 *
 * Return: it.
 */
static __always_inline struct pnicfw_port *
pnicfw_path_entry(const struct pnicfw_port *port, struct pnicfw_vlan inner)
{
	return (void *)((unsigned long)port | (inner.proto ? 1 : 0));
}

/**
 * pnicfw_path_hlen - how long was the link-layer header in the packet?
 * @inner: tag that was put aside
 *
 * Return: bytes before the network header.
 */
static __always_inline unsigned int pnicfw_path_hlen(struct pnicfw_vlan inner)
{
	return inner.proto ? VLAN_ETH_HLEN : ETH_HLEN;
}

/* memcmp() of both MAC addresses, which GCC may make a call of */
static __always_inline bool path_macs_equal(const u8 *a, const u8 *b)
{
	BUILD_BUG_ON(2 * ETH_ALEN != sizeof(u64) + sizeof(u32));
	return get_unaligned((const u64 *)a) == get_unaligned((const u64 *)b) &&
	       get_unaligned((const u32 *)(a + sizeof(u64))) ==
	       get_unaligned((const u32 *)(b + sizeof(u64)));
}

/**
 * pnicfw_path_takes - did a packet come the way that a path was learned on?
 * @path: the path
 * @skb: the packet, its data at the network header
 * @port: port it came in by
 * @inner: tag that was put aside
 * @dscp: its DSCP, in the six upper bits
 *
 * Context: softirq, RCU.
 * Return: whether it did; never, of a path that is dead.
 */
static __always_inline bool
pnicfw_path_takes(const struct pnicfw_path *path, const struct sk_buff *skb,
		  const struct pnicfw_port *port, struct pnicfw_vlan inner,
		  u32 dscp)
{
	const struct pnicfw_vlan *vlan = &path->key.vlan;

	if (READ_ONCE(path->in) != pnicfw_path_entry(port, inner) ||
	    path->key.dscp != dscp ||
	    path->key.mark != skb->mark ||
	    path->key.priority != skb->priority ||
	    !path_macs_equal(path->key.eth,
			     skb->data - pnicfw_path_hlen(inner)))
		return false;
	if (inner.proto && (path->key.inner.proto != inner.proto ||
			    path->key.inner.tci != inner.tci))
		return false;
	if (skb_vlan_tag_present(skb))
		return vlan->proto == skb->vlan_proto &&
		       vlan->tci == skb_vlan_tag_get(skb);
	return !vlan->proto;
}

/**
 * pnicfw_path_same - are two paths the same way, dead or alive?
 * @a: one, or NULL
 * @b: the other
 *
 * Return: whether they are.
 */
static inline bool pnicfw_path_same(const struct pnicfw_path *a,
				    const struct pnicfw_path *b)
{
	return a && !memcmp(&a->key, &b->key, sizeof(a->key));
}

/**
 * pnicfw_path_dead - is something it was learned from no longer true?
 * @path: the path
 *
 * Context: any.
 * Return: whether it is.
 */
static inline bool pnicfw_path_dead(const struct pnicfw_path *path)
{
	return !READ_ONCE(path->in);
}

/**
 * pnicfw_path_outdated - is what was made from a way no longer what is known?
 * @made: what it was made from, dead or alive
 * @known: what is known now, or NULL
 *
 * The same way learned again is as good.
 *
 * Context: any; RCU, or a reference, keeps both.
 * Return: whether it is.
 */
static inline bool pnicfw_path_outdated(const struct pnicfw_path *made,
					const struct pnicfw_path *known)
{
	return !known || pnicfw_path_dead(known) ||
	       !pnicfw_path_same(made, known);
}

int pnicfw_path_init(struct pnicfw_net *pn);
void pnicfw_path_exit(struct pnicfw_net *pn);
struct pnicfw_path *pnicfw_path_get(struct pnicfw_net *pn,
				    const struct pnicfw_path_key *key);
void pnicfw_path_put(struct pnicfw_net *pn, struct pnicfw_path *path);
void pnicfw_path_used(struct pnicfw_net *pn, struct pnicfw_path *path);
void pnicfw_path_kill_all(struct pnicfw_net *pn, bool routed);
void pnicfw_path_kill_port(struct pnicfw_net *pn,
			   const struct pnicfw_port *port);
void pnicfw_path_kill_neigh(struct pnicfw_net *pn, struct neighbour *neigh);
void pnicfw_path_kill_fdb(struct pnicfw_net *pn, const struct net_device *dev,
			  const u8 *mac, bool added);

#endif /* PNICFW_PATH_H */
