/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PNICSIM_NETDEV_H
#define PNICSIM_NETDEV_H

#include <linux/netdevice.h>

struct pnicsim_port;

/**
 * struct pnicsim_netdev - private part of all our netdevs
 * @port: the port it is a side of
 */
struct pnicsim_netdev {
	struct pnicsim_port	*port;
};

struct net_device *pnicsim_netdev_alloc_far(struct pnicsim_port *port);
struct net_device *pnicsim_netdev_alloc_rep(struct pnicsim_port *port);

#endif
