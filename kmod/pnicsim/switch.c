// SPDX-License-Identifier: GPL-2.0
/* The embedded switch: from where a frame goes where
 *
 * In switchdev mode a frame from a function or the wire is looked up in the
 * hardware table, and arrives at the port's representor where no rule takes
 * it; what the kernel sends through a representor goes to the function or the
 * wire. In legacy mode the switch forwards by MAC address, and the uplink is
 * one of its ports.
 */

#include <linux/etherdevice.h>
#include <linux/if_vlan.h>

#include "exec.h"
#include "nic.h"
#include "port.h"
#include "rule.h"
#include "switch.h"

/* The frame has reached a netdev: here it is the kernel's again. */
static void receive(struct net_device *dev, struct sk_buff *skb)
{
	unsigned int len = skb->len;

	if (!dev || !netif_running(dev) ||
	    len > dev->mtu + ETH_HLEN + 2 * VLAN_HLEN) {
		if (dev)
			dev_core_stats_rx_dropped_inc(dev);
		kfree_skb(skb);
		return;
	}
	skb->protocol = eth_type_trans(skb, dev);
	if (netif_rx(skb) == NET_RX_SUCCESS)
		dev_sw_netstats_rx_add(dev, len);
}

/**
 * pnicsim_switch_output - let a frame out to a function or the wire
 * @port: port whose far end it is for
 * @skb: frame, consumed; data at its MAC header
 *
 * Context: RCU read section, BH off.
 */
void pnicsim_switch_output(struct pnicsim_port *port, struct sk_buff *skb)
{
	receive(rcu_dereference(port->far), skb);
}

static struct pnicsim_rule *lookup(struct pnicsim_port *port,
				   const struct pnicsim_headers *hdrs,
				   unsigned int len, bool skip_blocks)
{
	struct pnicsim_nic *nic = port->nic;
	struct pnicsim_rule *rule;

	rule = pnicsim_table_lookup(&nic->table, &port->input, &hdrs->fields,
				    skip_blocks);
	if (rule)
		pnicsim_counter_add(&rule->counter, len,
				    pnicsim_stats_period(nic));
	return rule;
}

static void forward_by_rules(struct pnicsim_port *port, struct sk_buff *skb)
{
	struct pnicsim_headers hdrs;
	struct pnicsim_rule *rule;

	pnicsim_parse(skb->data, skb->len, &hdrs);
	rule = lookup(port, &hdrs, skb->len, false);
	if (rule && rule->verdict == PNICSIM_ACCEPT)
		rule = lookup(port, &hdrs, skb->len, true);

	switch (rule ? rule->verdict : PNICSIM_TRAP) {
	case PNICSIM_FORWARD:
		pnicsim_exec(rule, skb, &hdrs);
		break;
	case PNICSIM_DROP:
		consume_skb(skb);
		break;
	default:
		receive(rcu_dereference(port->rep), skb);
		break;
	}
}

/* In legacy mode the uplink is the host's own function. */
static struct net_device *legacy_function(struct pnicsim_nic *nic,
					  unsigned int i)
{
	struct pnicsim_port *port = &nic->ports[i];

	return pnicsim_port_is_uplink(port) ? rcu_dereference(port->rep) :
					      rcu_dereference(port->far);
}

static void legacy_flood(struct pnicsim_nic *nic, struct net_device *from,
			 struct sk_buff *skb)
{
	struct net_device *dev;
	struct sk_buff *copy;
	unsigned int i;

	for (i = 0; i < nic->num_ports; i++) {
		dev = legacy_function(nic, i);
		if (!dev || dev == from)
			continue;
		copy = skb_clone(skb, GFP_ATOMIC);
		if (copy)
			receive(dev, copy);
	}
}

/* @from is a function, the uplink as the host's own, or the wire. What no
 * function is to have goes to the wire; from there, to the host.
 */
static void forward_by_mac(struct pnicsim_nic *nic, struct net_device *from,
			   struct sk_buff *skb)
{
	const u8 *dmac = ((struct ethhdr *)skb->data)->h_dest;
	struct net_device *dev, *wire, *to;
	unsigned int i;

	wire = rcu_dereference(nic->ports[0].far);
	to = from == wire ? rcu_dereference(nic->ports[0].rep) : wire;
	if (is_multicast_ether_addr(dmac)) {
		legacy_flood(nic, from == wire ? to : from, skb);
	} else {
		for (i = 0; i < nic->num_ports; i++) {
			dev = legacy_function(nic, i);
			if (dev && ether_addr_equal(dev->dev_addr, dmac))
				to = dev;
		}
	}
	if (to == from)
		consume_skb(skb);
	else
		receive(to, skb);
}

static bool is_switchdev(const struct pnicsim_nic *nic)
{
	return READ_ONCE(nic->mode) == DEVLINK_ESWITCH_MODE_SWITCHDEV;
}

/**
 * pnicsim_switch_from_far - a frame comes from a function or the wire
 * @port: port whose far end has sent it
 * @skb: frame, consumed; linear, data at its MAC header, no metadata
 *
 * Context: RCU read section, BH off.
 */
void pnicsim_switch_from_far(struct pnicsim_port *port, struct sk_buff *skb)
{
	if (is_switchdev(port->nic))
		forward_by_rules(port, skb);
	else
		forward_by_mac(port->nic, rcu_dereference(port->far), skb);
}

/**
 * pnicsim_switch_from_rep - the kernel sends a frame through a port
 * @port: port whose representor, or the uplink, has been given it
 * @skb: frame, consumed; linear, data at its MAC header, no metadata
 *
 * Context: RCU read section, BH off.
 */
void pnicsim_switch_from_rep(struct pnicsim_port *port, struct sk_buff *skb)
{
	if (is_switchdev(port->nic))
		pnicsim_switch_output(port, skb);
	else
		forward_by_mac(port->nic, rcu_dereference(port->rep), skb);
}
