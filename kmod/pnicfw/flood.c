// SPDX-License-Identifier: GPL-2.0
/*
 * flood - is a packet that leaves the only one, or one of several copies?
 *
 * A way that is learned leads to one port. What a bridge sends to all of its
 * ports, or somebody copies, teaches nothing.
 */
#include <linux/etherdevice.h>
#include <linux/netdevice.h>
#include <linux/netfilter.h>
#include <net/netfilter/nf_conntrack.h>

#include "flood.h"
#include "net.h"
#include "path.h"
#include "port.h"
#include "record.h"
#include "snapshot.h"
#include "witness.h"

/* Did a frame of this direction come in by @dev, from @mac, and no bridge has
 * told of a change since? Tier 1 saw it, or the cache does.
 */
static bool flood_came_from(struct pnicfw_net *pn,
			    const struct pnicfw_record *rec, int index,
			    const struct net_device *dev, const u8 *mac)
{
	const struct pnicfw_path *path = rcu_dereference(rec->dir[index].path);

	if (READ_ONCE(rec->seen_kills[index]) == READ_ONCE(pn->kills))
		return READ_ONCE(rec->seen_ifindex[index]) == dev->ifindex &&
		       ether_addr_equal(rec->seen_src[index], mac);
	return path && !pnicfw_path_dead(path) &&
	       path->key.in->dev == dev &&
	       ether_addr_equal(path->key.eth + ETH_ALEN, mac);
}

/* On a bridge or an Open vSwitch the frame may have been flooded to many
 * ports. That a frame of the other direction came in here, from the address
 * this one goes to, tells that it belongs here; until the bridge may have
 * forgotten.
 */
static bool flood_unwitnessed(const struct pnicfw_witness *w,
			      const struct pnicfw_record *rec)
{
	const struct net_device *dev = w->out->dev;

	if (!netif_is_bridge_port(dev) && !netif_is_ovs_port(dev))
		return false;
	return !flood_came_from(w->pn, rec, !w->dir, dev,
				w->after.eth->h_dest);
}

/* What is sent to several ports leaves by the last of them as itself, and by
 * the others before that, as clones that have never come in. One that opens or
 * ends a connection has, though it left no snapshot.
 */
struct flood_clone {
	unsigned long nfct;	/* the connection, and the direction */
	u32 when;		/* jiffies */
};

static DEFINE_PER_CPU(struct flood_clone, flood_clone);

/**
 * pnicfw_flood_stranger - a packet leaves by a port that left no snapshot, or
 * another one's
 * @skb: the packet, with a conntrack entry
 *
 * Context: BH off.
 */
void pnicfw_flood_stranger(const struct sk_buff *skb)
{
	if (!skb->skb_iif)
		return;		/* not a forwarded one */
	if (!skb_cloned(skb) && pnicfw_snapshot_passed(skb))
		return;
	this_cpu_write(flood_clone.nfct, skb->_nfct);
	this_cpu_write(flood_clone.when, jiffies);
}

/**
 * pnicfw_flood_copied - has somebody got a copy of a packet on its way here?
 * @w: the packet
 *
 * Context: BH off.
 * Return: whether it is likely.
 */
bool pnicfw_flood_copied(const struct pnicfw_witness *w)
{
	return w->snap->copied || pnicfw_snapshot_cloned(w->snap, w->skb);
}

static bool flood_sent_before(const struct pnicfw_witness *w)
{
	return this_cpu_read(flood_clone.nfct) == w->skb->_nfct &&
	       pnicfw_snapshot_fresh(this_cpu_read(flood_clone.when));
}

/**
 * pnicfw_flood_suspect - may a packet be one of several that left?
 * @w: the packet
 * @rec: its connection
 *
 * Context: BH off, RCU.
 * Return: PNICFW_REASON_NONE where it is the only one, else what speaks against
 * that.
 */
enum pnicfw_reason pnicfw_flood_suspect(const struct pnicfw_witness *w,
					const struct pnicfw_record *rec)
{
	if (flood_unwitnessed(w, rec))
		return PNICFW_REASON_FLOODED;
	if (pnicfw_flood_copied(w) || flood_sent_before(w))
		return PNICFW_REASON_COPIED;
	return PNICFW_REASON_NONE;
}

/**
 * pnicfw_flood_local_out - look for copies that rules make
 * @priv: the namespace
 * @skb: a packet that goes out as this machine's own do
 * @state: unused
 *
 * What a rule copies ("dup to", TEE) leaves while the packet itself is on its way,
 * by whatever device, and is hidden from conntrack. It is none of this machine's:
 * it remembers that it came in.
 *
 * Context: RCU.
 * Return: NF_ACCEPT.
 */
unsigned int pnicfw_flood_local_out(void *priv, struct sk_buff *skb,
				    const struct nf_hook_state *state)
{
	enum ip_conntrack_info ctinfo;

	if (likely(!skb->skb_iif) || nf_ct_get(skb, &ctinfo) ||
	    ctinfo != IP_CT_UNTRACKED)
		return NF_ACCEPT;
	local_bh_disable();
	pnicfw_snapshot_copied(priv, skb);
	local_bh_enable();
	return NF_ACCEPT;
}
