// SPDX-License-Identifier: GPL-2.0
/*
 * device - what happens to the devices that packets pass
 */
#include <linux/netdevice.h>

#include "denial.h"
#include "device.h"
#include "net.h"
#include "path.h"
#include "port.h"
#include "revalidate.h"

static int device_keep_dst(struct net_device *upper,
			   struct netdev_nested_priv *priv)
{
	netif_keep_dst(upper);
	return 0;
}

/**
 * pnicfw_device_keep_dst - have packets keep their route down to a device
 * @dev: the device, a port
 *
 * A VLAN device on top of it, say, may drop a packet's route once it has made
 * the link layer header; what is learned at the port's egress needs the next
 * hop and the MTU. The port has to as well: of a VLAN device's features those that
 * the port has not are taken away whenever the port's change.
 *
 * Context: any.
 */
void pnicfw_device_keep_dst(struct net_device *dev)
{
	struct netdev_nested_priv none = { };

	netif_keep_dst(dev);
	rcu_read_lock();
	netdev_walk_all_upper_dev_rcu(dev, device_keep_dst, &none);
	rcu_read_unlock();
}

/* A port that is down or has lost its link, has another MAC address or MTU,
 * another master or another part in a bond is not the one that was learned
 * from; nor is a device that packets pass on the way. What a bridge or a VLAN
 * device does may be set anew: that comes as a change. Rules may know any of them
 * by its name.
 */
static bool device_matters(unsigned long event, const struct net_device *dev)
{
	switch (event) {
	case NETDEV_UNREGISTER:
	case NETDEV_CHANGEADDR:
	case NETDEV_CHANGEMTU:
	case NETDEV_CHANGEUPPER:
	case NETDEV_CHANGELOWERSTATE:
	case NETDEV_BONDING_FAILOVER:
	case NETDEV_CHANGE:
	case NETDEV_CHANGENAME:
	case NETDEV_CHANGEINFODATA:
	case NETDEV_DOWN:
		return true;
	case NETDEV_UP:
		return netif_is_ovs_port(dev);
	}
	return false;
}

/* A port that joins others, or an Open vSwitch's that is ready, may get copies from
 * here on of what goes by the others.
 */
static bool device_shares(unsigned long event, const struct net_device *dev)
{
	return event == NETDEV_CHANGEUPPER || netif_is_ovs_port(dev);
}

/* A feature that has been switched on, such as hw-tc-offload, may be what a
 * driver lacked to take a rule.
 */
static void device_features(struct pnicfw_net *pn, const struct net_device *dev)
{
	struct pnicfw_port *port = pnicfw_port_find(pn, dev->ifindex);

	if (port)
		pnicfw_shapes_forget_all(&port->unsupported);
}

static int device_event(struct notifier_block *nb, unsigned long event,
			void *ptr)
{
	struct net_device *dev = netdev_notifier_info_to_dev(ptr);
	struct pnicfw_net *pn = pnicfw_net(dev_net(dev));
	struct pnicfw_port *port;

	if (event == NETDEV_FEAT_CHANGE)
		device_features(pn, dev);
	if (!device_matters(event, dev))
		return NOTIFY_DONE;

	if (event == NETDEV_UNREGISTER) {
		mutex_lock(&pn->policy_mutex);
		pnicfw_rules_device_gone(&pn->rules, dev->ifindex, dev->name);
		mutex_unlock(&pn->policy_mutex);
		pnicfw_denial_changed(pn);
	}
	port = pnicfw_port_find(pn, dev->ifindex);
	if (port && event == NETDEV_UNREGISTER) {
		pnicfw_port_del(port);
		return NOTIFY_DONE;
	}
	if (port) {
		pnicfw_device_keep_dst(dev);
		pnicfw_path_kill_port(pn, port);
		pnicfw_denial_changed(pn);
	}
	if ((!port || device_shares(event, dev)) && !xa_empty(&pn->ports))
		pnicfw_revalidate_all(pn);
	return NOTIFY_DONE;
}

static struct notifier_block device_notifier = {
	.notifier_call = device_event,
};

/**
 * pnicfw_device_init - hear of devices
 *
 * Return: 0 or a negative errno.
 */
int pnicfw_device_init(void)
{
	return register_netdevice_notifier(&device_notifier);
}

/**
 * pnicfw_device_exit - make all ports of all namespaces plain devices again
 *
 * The notifier hears of every device as if it went away.
 */
void pnicfw_device_exit(void)
{
	unregister_netdevice_notifier(&device_notifier);
}
