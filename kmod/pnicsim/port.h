/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PNICSIM_PORT_H
#define PNICSIM_PORT_H

#include <linux/netdevice.h>
#include <net/devlink.h>

#include "group.h"
#include "tc.h"

struct pnicsim_nic;

/**
 * struct pnicsim_port - a port of the eswitch, with a netdev on either side
 * @nic: the NIC
 * @index: 0 is the uplink's, n that of function n - 1
 * @rep: the kernel's side: the uplink (p0) or a representor (pf0vf0); NULL for
 *	functions in legacy mode. Changed under RTNL, read under RCU.
 * @far: the other side: the far end of the wire (wire0) or a function
 *	(nic0vf0). Changed under RTNL, read under RCU.
 * @devlink_port: what devlink shows of it, registered as long as @rep is there
 * @input: its part of the hardware table
 * @bindings: where rules come in
 *
 * Part of its NIC, and lives as long. The netdevs hold no reference: they are
 * gone before it.
 */
struct pnicsim_port {
	struct pnicsim_nic		*nic;
	unsigned int			index;
	struct net_device __rcu		*rep;
	struct net_device __rcu		*far;
	struct devlink_port		devlink_port;
	struct pnicsim_input		input;
	struct pnicsim_binding		bindings[PNICSIM_BIND_KINDS];
};

/**
 * pnicsim_port_is_uplink - does the port lead to the wire?
 * @port: port
 *
 * Return: true for the uplink, false for functions.
 */
static inline bool pnicsim_port_is_uplink(const struct pnicsim_port *port)
{
	return !port->index;
}

void pnicsim_port_init(struct pnicsim_port *port, struct pnicsim_nic *nic,
		       unsigned int index);
int pnicsim_port_add_far(struct pnicsim_port *port);
void pnicsim_port_del_far(struct pnicsim_port *port);
int pnicsim_port_add_rep(struct pnicsim_port *port);
void pnicsim_port_del_rep(struct pnicsim_port *port);
void pnicsim_port_update_carrier(struct pnicsim_port *port);
struct pnicsim_port *pnicsim_port_of(const struct net_device *dev);

#endif
