// SPDX-License-Identifier: GPL-2.0
/* The netdevs on either side of the eswitch's ports
 *
 * None of them has segmentation or checksum offloads: every skb is one frame
 * as it is on the wire, and what is counted is what a wire would carry.
 */

#include <linux/etherdevice.h>
#include <linux/ethtool.h>
#include <linux/if_vlan.h>

#include "compat.h"
#include "netdev.h"
#include "nic.h"
#include "port.h"
#include "switch.h"
#include "tc.h"

static struct pnicsim_port *netdev_port(const struct net_device *dev)
{
	const struct pnicsim_netdev *priv = netdev_priv(dev);

	return priv->port;
}

/* What leaves a netdev is bytes: finish what the stack has left to be done,
 * and leave everything else behind, as a wire would. NULL: dropped, counted.
 */
static struct sk_buff *to_wire(struct sk_buff *skb, struct net_device *dev)
{
	if (skb->ip_summed == CHECKSUM_PARTIAL && skb_checksum_help(skb))
		goto drop;
	if (skb_vlan_tag_present(skb)) {
		skb = __vlan_hwaccel_push_inside(skb);
		if (!skb)
			goto drop;
	}
	if (skb->len < ETH_HLEN || skb_linearize(skb))
		goto drop;

	skb_tx_timestamp(skb);
	dev_sw_netstats_tx_add(dev, 1, skb->len);
	skb_scrub_packet(skb, true);
	skb_reset_mac_header(skb);
	skb_clear_hash(skb);
	skb->ip_summed = CHECKSUM_NONE;
	skb->priority = 0;
	return skb;

drop:
	dev_core_stats_tx_dropped_inc(dev);
	kfree_skb(skb);
	return NULL;
}

static netdev_tx_t far_xmit(struct sk_buff *skb, struct net_device *dev)
{
	skb = to_wire(skb, dev);
	if (skb) {
		rcu_read_lock();
		pnicsim_switch_from_far(netdev_port(dev), skb);
		rcu_read_unlock();
	}
	return NETDEV_TX_OK;
}

static netdev_tx_t rep_xmit(struct sk_buff *skb, struct net_device *dev)
{
	skb = to_wire(skb, dev);
	if (skb) {
		rcu_read_lock();
		pnicsim_switch_from_rep(netdev_port(dev), skb);
		rcu_read_unlock();
	}
	return NETDEV_TX_OK;
}

static int netdev_init(struct net_device *dev)
{
	dev->tstats = netdev_alloc_pcpu_stats(struct pcpu_sw_netstats);
	return dev->tstats ? 0 : -ENOMEM;
}

static void netdev_uninit(struct net_device *dev)
{
	free_percpu(dev->tstats);
}

static int netdev_open_or_stop(struct net_device *dev)
{
	pnicsim_port_update_carrier(netdev_port(dev));
	return 0;
}

/* As mlx5: the uplink keeps TC offload on as long as there are rules. */
static int rep_set_features(struct net_device *dev, netdev_features_t features)
{
	struct pnicsim_port *port = netdev_port(dev);

	if (pnicsim_port_is_uplink(port) && (dev->features & NETIF_F_HW_TC) &&
	    !(features & NETIF_F_HW_TC) && READ_ONCE(port->input.num_rules)) {
		netdev_err(dev, "Active offloaded tc filters, can't turn hw_tc_offload off\n");
		return -EINVAL;
	}
	return 0;
}

#ifndef SET_NETDEV_DEVLINK_PORT
static struct devlink_port *rep_get_devlink_port(struct net_device *dev)
{
	return &netdev_port(dev)->devlink_port;
}
#endif

static const struct net_device_ops far_ops = {
	.ndo_init		= netdev_init,
	.ndo_uninit		= netdev_uninit,
	.ndo_open		= netdev_open_or_stop,
	.ndo_stop		= netdev_open_or_stop,
	.ndo_start_xmit		= far_xmit,
	.ndo_get_stats64	= dev_get_tstats64,
	.ndo_set_mac_address	= eth_mac_addr,
	.ndo_validate_addr	= eth_validate_addr,
};

static const struct net_device_ops rep_ops = {
	.ndo_init		= netdev_init,
	.ndo_uninit		= netdev_uninit,
	.ndo_open		= netdev_open_or_stop,
	.ndo_stop		= netdev_open_or_stop,
	.ndo_start_xmit		= rep_xmit,
	.ndo_get_stats64	= dev_get_tstats64,
	.ndo_set_mac_address	= eth_mac_addr,
	.ndo_validate_addr	= eth_validate_addr,
	.ndo_set_features	= rep_set_features,
	.ndo_setup_tc		= pnicsim_setup_tc,
	PNICSIM_NDO_DEVLINK_PORT(rep_get_devlink_port)
};

static void get_drvinfo(struct net_device *dev, struct ethtool_drvinfo *info)
{
	strscpy(info->driver, KBUILD_MODNAME, sizeof(info->driver));
	strscpy(info->bus_info, dev_name(netdev_port(dev)->nic->dev),
		sizeof(info->bus_info));
}

static int get_link_ksettings(struct net_device *dev,
			      struct ethtool_link_ksettings *cmd)
{
	cmd->base.speed = SPEED_25000;
	cmd->base.duplex = DUPLEX_FULL;
	cmd->base.port = PORT_OTHER;
	cmd->base.autoneg = AUTONEG_DISABLE;
	return 0;
}

static const struct ethtool_ops ethtool_ops = {
	.get_drvinfo		= get_drvinfo,
	.get_link		= ethtool_op_get_link,
	.get_link_ksettings	= get_link_ksettings,
	.get_ts_info		= ethtool_op_get_ts_info,
};

/* Addresses that tell who it is: NIC, port, side */
static void netdev_set_mac(struct net_device *dev, bool is_rep)
{
	struct pnicsim_port *port = netdev_port(dev);
	u8 mac[ETH_ALEN] = {
		0x02, 'P', 'N', port->nic->index, port->index, is_rep,
	};

	eth_hw_addr_set(dev, mac);
}

static void netdev_setup(struct net_device *dev)
{
	ether_setup(dev);
	dev->ethtool_ops = &ethtool_ops;
	dev->max_mtu = ETH_MAX_MTU;
	/* Frames are modified on their way, and there is nothing to queue. */
	dev->priv_flags &= ~IFF_TX_SKB_SHARING;
	dev->priv_flags |= IFF_NO_QUEUE | IFF_LIVE_ADDR_CHANGE;
	pnicsim_set_lltx(dev);
	dev->hw_features = NETIF_F_HW_VLAN_CTAG_TX | NETIF_F_HW_VLAN_STAG_TX;
	dev->features |= dev->hw_features;
}

static struct net_device *netdev_alloc(struct pnicsim_port *port,
				       const char *name, bool is_rep)
{
	struct pnicsim_netdev *priv;
	struct net_device *dev;

	dev = alloc_netdev(sizeof(*priv), name, NET_NAME_PREDICTABLE,
			   netdev_setup);
	if (!dev)
		return NULL;
	priv = netdev_priv(dev);
	priv->port = port;
	SET_NETDEV_DEV(dev, port->nic->dev);
	netdev_set_mac(dev, is_rep);
	netif_carrier_off(dev);
	return dev;
}

/**
 * pnicsim_netdev_alloc_far - make the netdev at the far side of a port
 * @port: port; the uplink's gets the wire's far end, others a function
 *
 * Context: process. Return: the netdev, not registered; or NULL: no memory.
 */
struct net_device *pnicsim_netdev_alloc_far(struct pnicsim_port *port)
{
	struct net_device *dev;
	char name[32];		/* room for any two numbers */

	if (pnicsim_port_is_uplink(port))
		snprintf(name, sizeof(name), "wire%u", port->nic->index);
	else
		snprintf(name, sizeof(name), "nic%uvf%u", port->nic->index,
			 port->index - 1);
	dev = netdev_alloc(port, name, false);
	if (dev)
		dev->netdev_ops = &far_ops;
	return dev;
}

/**
 * pnicsim_netdev_alloc_rep - make the netdev at the kernel's side of a port
 * @port: port; the uplink's gets the uplink, others a representor
 *
 * Context: process. Return: the netdev, not registered; or NULL: no memory.
 */
struct net_device *pnicsim_netdev_alloc_rep(struct pnicsim_port *port)
{
	struct net_device *dev;
	char name[32];		/* room for any two numbers */

	if (pnicsim_port_is_uplink(port))
		snprintf(name, sizeof(name), "p%u", port->nic->index);
	else
		snprintf(name, sizeof(name), "pf%uvf%u", port->nic->index,
			 port->index - 1);
	dev = netdev_alloc(port, name, true);
	if (!dev)
		return NULL;
	dev->netdev_ops = &rep_ops;
	dev->hw_features |= NETIF_F_HW_TC;
	dev->features |= NETIF_F_HW_TC;
	return dev;
}

/**
 * pnicsim_port_of - the port that a netdev represents
 * @dev: any netdev
 *
 * Return: the port of an uplink or a representor of ours, else NULL.
 */
struct pnicsim_port *pnicsim_port_of(const struct net_device *dev)
{
	return dev->netdev_ops == &rep_ops ? netdev_port(dev) : NULL;
}
