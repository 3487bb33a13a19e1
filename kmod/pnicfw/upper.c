// SPDX-License-Identifier: GPL-2.0
/*
 * upper - devices on top of ports, and whether they only hand packets on
 *
 * What the lower tiers carry goes from port to port. A VLAN device, a bridge or a
 * bond in between does not see it, which is well as long as that has nothing to
 * do with a packet but to hand it on. If it has a qdisc, say, then all that is to
 * be shaped has to pass it.
 */
#include <linux/etherdevice.h>
#include <linux/if_macvlan.h>
#include <linux/if_vlan.h>
#include <linux/netdevice.h>
#include <net/sch_generic.h>

#include "compat.h"
#include "path.h"
#include "port.h"
#include "upper.h"

/**
 * struct upper_side - what a packet looks like at one of its ports
 * @vlan: its tag
 * @inner: the tag behind that
 * @own_mac: the address that it has there in common with the device on top
 * @routed: it was routed, not switched
 * @in: the port is where it came in
 * @minds: the device that was looked for, once found
 */
struct upper_side {
	const struct pnicfw_vlan *vlan, *inner;
	const u8 *own_mac;
	bool routed;
	bool in;
	const struct net_device *minds;
};

static bool upper_has_tag(const struct net_device *upper,
			  const struct pnicfw_vlan *vlan)
{
	return vlan->proto == vlan_dev_vlan_proto(upper) &&
	       (vlan->tci & VLAN_VID_MASK) == vlan_dev_vlan_id(upper);
}

/* Did the packet pass it? In doubt it did. What is switched passes neither the
 * switch's own device nor those on top of that; and what passes these may have no
 * tag at the port.
 */
static bool upper_passed(const struct net_device *upper,
			 const struct upper_side *side)
{
	const struct net_device *base;

	base = is_vlan_dev(upper) ? vlan_dev_real_dev(upper) : upper;
	if (netif_is_bridge_master(base) || netif_is_ovs_master(base))
		return side->routed;
	if (netif_is_macvlan(upper))
		return ether_addr_equal_unaligned(side->own_mac,
						  upper->dev_addr);
	if (!is_vlan_dev(upper))
		return true;
	return upper_has_tag(upper, side->vlan) ||
	       upper_has_tag(upper, side->inner);
}

/* An ingress or a clsact qdisc, with filters or for some to come. */
static bool upper_filters(const struct net_device *upper)
{
	struct netdev_queue *queue = rcu_dereference(upper->ingress_queue);

	return queue && rcu_access_pointer(queue->qdisc) != &noop_qdisc;
}

static bool upper_minds_ingress(const struct net_device *upper)
{
	return rcu_access_pointer(upper->nf_hooks_ingress) ||
	       rcu_access_pointer(upper->xdp_prog) ||
	       pnicfw_compat_tcx(upper, ingress);
}

static bool upper_minds_egress(const struct net_device *upper)
{
	struct netdev_queue *queue = netdev_get_tx_queue(upper, 0);

	return rcu_dereference(queue->qdisc)->enqueue ||
	       rcu_access_pointer(upper->nf_hooks_egress) ||
	       pnicfw_compat_tcx(upper, egress);
}

static int upper_look(struct net_device *upper, struct netdev_nested_priv *priv)
{
	struct upper_side *side = priv->data;

	/* Nothing passes one that is down, and that has a qdisc to say so. */
	if (!(upper->flags & IFF_UP) || !upper_passed(upper, side))
		return 0;
	if (!upper_filters(upper) && !(side->in ? upper_minds_ingress(upper) :
						  upper_minds_egress(upper)))
		return 0;
	side->minds = upper;
	return 1;
}

/* Of an Open vSwitch's own devices one at most is on top of its ports, whichever
 * of them the packet passes.
 */
static void upper_search_switch(struct net_device *port,
				struct netdev_nested_priv *priv)
{
	struct net_device *dev;

	for_each_netdev_rcu(dev_net(port), dev)
		if (netif_is_ovs_master(dev) &&
		    (upper_look(dev, priv) ||
		     netdev_walk_all_upper_dev_rcu(dev, upper_look, priv)))
			return;
}

static const struct net_device *upper_search(struct net_device *port,
					     struct upper_side *side)
{
	struct netdev_nested_priv priv = { .data = side };

	if (netif_is_ovs_port(port))
		upper_search_switch(port, &priv);
	else
		netdev_walk_all_upper_dev_rcu(port, upper_look, &priv);
	return side->minds;
}

static noinline const struct net_device *
upper_between(const struct pnicfw_path_key *way)
{
	struct upper_side in = {
		.vlan = &way->vlan,
		.inner = &way->inner,
		.own_mac = way->eth,
		.routed = way->act.ttl_dec,
		.in = true,
	};
	struct upper_side out = {
		.vlan = &way->act.vlan,
		.inner = &way->act.inner,
		.own_mac = way->act.eth_src,
		.routed = way->act.ttl_dec,
	};

	return upper_search(way->in->dev, &in) ?:
	       upper_search(way->out->dev, &out);
}

/**
 * pnicfw_upper_minds - is there a device on a way that does not only hand on?
 * @way: the way, from port to port
 *
 * What makes one so is told of by nftables and by messages about qdiscs (listen
 * room), and then the way is looked at again.
 *
 * Context: RCU.
 * Return: the first such device, valid under RCU, or NULL.
 */
const struct net_device *pnicfw_upper_minds(const struct pnicfw_path_key *way)
{
	if (likely(list_empty(&way->in->dev->adj_list.upper) &&
		   list_empty(&way->out->dev->adj_list.upper)))
		return NULL;
	return upper_between(way);
}
