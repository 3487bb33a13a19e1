// SPDX-License-Identifier: GPL-2.0
/* Ports: their netdevs and devlink ports come and go */

#include <linux/rtnetlink.h>

#include "compat.h"
#include "netdev.h"
#include "nic.h"
#include "port.h"

/**
 * pnicsim_port_init - make a port without netdevs
 * @port: port
 * @nic: its NIC
 * @index: 0 for the uplink, n for function n - 1
 */
void pnicsim_port_init(struct pnicsim_port *port, struct pnicsim_nic *nic,
		       unsigned int index)
{
	port->nic = nic;
	port->index = index;
	pnicsim_input_init(&port->input);
	pnicsim_binding_init(&port->bindings[PNICSIM_BIND_BLOCK],
			     PNICSIM_BIND_BLOCK, port);
	pnicsim_binding_init(&port->bindings[PNICSIM_BIND_FT],
			     PNICSIM_BIND_FT, port);
}

static bool is_legacy(const struct pnicsim_nic *nic)
{
	return READ_ONCE(nic->mode) == DEVLINK_ESWITCH_MODE_LEGACY;
}

static void set_carrier(struct net_device *dev, bool on)
{
	if (!dev)
		return;
	if (on)
		netif_carrier_on(dev);
	else
		netif_carrier_off(dev);
}

/**
 * pnicsim_port_update_carrier - set the carrier as the other side is
 * @port: port
 *
 * There is a carrier where both sides are up; or, for a function in legacy
 * mode, where it is up itself: its other side is the switch.
 *
 * Context: process, RTNL.
 */
void pnicsim_port_update_carrier(struct pnicsim_port *port)
{
	struct net_device *rep = rtnl_dereference(port->rep);
	struct net_device *far = rtnl_dereference(port->far);
	bool on = far && netif_running(far);

	if (rep)
		on = on && netif_running(rep);
	else
		on = on && is_legacy(port->nic) && !pnicsim_port_is_uplink(port);
	set_carrier(rep, on);
	set_carrier(far, on);
}

static int netdev_add(struct pnicsim_port *port,
		      struct net_device __rcu **side, struct net_device *dev)
{
	int err;

	rtnl_lock();
	err = register_netdevice(dev);
	if (!err) {
		rcu_assign_pointer(*side, dev);
		pnicsim_port_update_carrier(port);
	}
	rtnl_unlock();
	return err;
}

/* Unregistering waits for everybody who has seen the pointer. */
static struct net_device *netdev_del(struct pnicsim_port *port,
				     struct net_device __rcu **side)
{
	struct net_device *dev;

	rtnl_lock();
	dev = rtnl_dereference(*side);
	if (dev) {
		RCU_INIT_POINTER(*side, NULL);
		unregister_netdevice(dev);
		pnicsim_port_update_carrier(port);
	}
	rtnl_unlock();
	return dev;
}

/**
 * pnicsim_port_add_far - register the wire's far end, or a function
 * @port: port
 *
 * Context: process. Return: 0 or a negative errno.
 */
int pnicsim_port_add_far(struct pnicsim_port *port)
{
	struct net_device *dev;
	int err;

	dev = pnicsim_netdev_alloc_far(port);
	if (!dev)
		return -ENOMEM;
	err = netdev_add(port, &port->far, dev);
	if (err)
		free_netdev(dev);
	return err;
}

/**
 * pnicsim_port_del_far - unregister the wire's far end, or a function
 * @port: port; without one this does nothing
 *
 * Context: process.
 */
void pnicsim_port_del_far(struct pnicsim_port *port)
{
	struct net_device *dev = netdev_del(port, &port->far);

	if (dev)
		free_netdev(dev);
}

static int devlink_port_add(struct pnicsim_port *port)
{
	struct pnicsim_nic *nic = port->nic;
	struct devlink_port_attrs attrs = {};

	if (!is_legacy(nic))
		attrs.switch_id = nic->switch_id;
	if (pnicsim_port_is_uplink(port)) {
		attrs.flavour = DEVLINK_PORT_FLAVOUR_PHYSICAL;
		attrs.phys.port_number = nic->index;
	} else {
		attrs.flavour = DEVLINK_PORT_FLAVOUR_PCI_VF;
		attrs.pci_vf.pf = nic->index;
		attrs.pci_vf.vf = port->index - 1;
	}

	memset(&port->devlink_port, 0, sizeof(port->devlink_port));
	devlink_port_attrs_set(&port->devlink_port, &attrs);
	return devl_port_register(priv_to_devlink(nic), &port->devlink_port,
				  port->index);
}

/* A block that is still bound here would outlive what it is bound to: its
 * owner has not heard that the device is gone.
 */
static void bindings_set_dev(struct pnicsim_port *port, struct net_device *dev)
{
	unsigned int i;

	for (i = 0; i < PNICSIM_BIND_KINDS; i++) {
		WARN_ON(!list_empty(&port->bindings[i].blocks));
		port->bindings[i].dev = dev;
	}
}

/**
 * pnicsim_port_add_rep - register the uplink, or a representor
 * @port: port
 *
 * Context: process, the devlink instance locked.
 * Return: 0 or a negative errno.
 */
int pnicsim_port_add_rep(struct pnicsim_port *port)
{
	struct net_device *dev;
	int err;

	err = devlink_port_add(port);
	if (err)
		return err;
	dev = pnicsim_netdev_alloc_rep(port);
	if (!dev) {
		err = -ENOMEM;
		goto err_port;
	}

	dev_net_set(dev, devlink_net(priv_to_devlink(port->nic)));
	pnicsim_devlink_port_assign(dev, &port->devlink_port);
	bindings_set_dev(port, dev);
	err = netdev_add(port, &port->rep, dev);
	if (err)
		goto err_netdev;
	pnicsim_devlink_port_attach(dev, &port->devlink_port);
	return 0;

err_netdev:
	bindings_set_dev(port, NULL);
	free_netdev(dev);
err_port:
	devl_port_unregister(&port->devlink_port);
	return err;
}

/**
 * pnicsim_port_del_rep - unregister the uplink, or a representor
 * @port: port; without one this does nothing
 *
 * Clients take their rules out and their blocks off when they hear of it. What
 * they leave in the table is flushed, as by other drivers.
 *
 * Context: process, the devlink instance locked.
 */
void pnicsim_port_del_rep(struct pnicsim_port *port)
{
	struct net_device *dev;

	if (!rcu_access_pointer(port->rep))
		return;
	pnicsim_devlink_port_detach(&port->devlink_port);
	dev = netdev_del(port, &port->rep);
	pnicsim_table_flush(&port->nic->table, &port->input);
	bindings_set_dev(port, NULL);
	free_netdev(dev);
	devl_port_unregister(&port->devlink_port);
}
