/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PNICSIM_COMPAT_H
#define PNICSIM_COMPAT_H

#include <linux/netdevice.h>
#include <net/devlink.h>

/* A netdev and its devlink port: told to the core before the netdev is
 * registered (SET_NETDEV_DEVLINK_PORT), or asked for by the core through an
 * ndo, with the port's type to be set afterwards. The older kernels also want to
 * be told that an instance can be reloaded.
 */
#ifdef SET_NETDEV_DEVLINK_PORT

#define PNICSIM_NDO_DEVLINK_PORT(_fn)

static inline void pnicsim_devlink_port_assign(struct net_device *dev,
					       struct devlink_port *port)
{
	SET_NETDEV_DEVLINK_PORT(dev, port);
}

static inline void pnicsim_devlink_reloads(struct devlink *devlink)
{
}

static inline void pnicsim_devlink_port_attach(struct net_device *dev,
					       struct devlink_port *port)
{
}

static inline void pnicsim_devlink_port_detach(struct devlink_port *port)
{
}

#else

#define PNICSIM_NDO_DEVLINK_PORT(_fn)	.ndo_get_devlink_port = _fn,

static inline void pnicsim_devlink_port_assign(struct net_device *dev,
					       struct devlink_port *port)
{
}

static inline void pnicsim_devlink_port_attach(struct net_device *dev,
					       struct devlink_port *port)
{
	devlink_port_type_eth_set(port, dev);
}

static inline void pnicsim_devlink_port_detach(struct devlink_port *port)
{
	devlink_port_type_clear(port);
}

static inline void pnicsim_devlink_reloads(struct devlink *devlink)
{
	devlink_set_features(devlink, DEVLINK_F_RELOAD);
}

#endif

/* No lock around transmission: once a feature bit, now a flag of its own */
static inline void pnicsim_set_lltx(struct net_device *dev)
{
#ifdef NETIF_F_LLTX
	dev->features |= NETIF_F_LLTX;
#else
	dev->lltx = true;
#endif
}

#endif
