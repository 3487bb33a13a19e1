// SPDX-License-Identifier: GPL-2.0
/*
 * hook - where in netfilter packets are looked at
 */
#include <linux/netdevice.h>
#include <linux/netfilter.h>

#include "fastpath.h"
#include "flood.h"
#include "hook.h"
#include "net.h"
#include "observe.h"
#include "port.h"
#include "stray.h"

/* All hooks come after everybody else's: what other chains do to a packet has
 * been done before it is looked at.
 */
static const struct nf_hook_ops hook_port[] = {
	{
		.hook = pnicfw_fastpath_ingress,
		.pf = NFPROTO_NETDEV,
		.hooknum = NF_NETDEV_INGRESS,
		.priority = INT_MAX,
	}, {
		.hook = pnicfw_observe_egress,
		.pf = NFPROTO_NETDEV,
		.hooknum = NF_NETDEV_EGRESS,
		.priority = INT_MAX,
	},
};

/* By whatever device: copies and strays need not pass a port's. */
static const struct nf_hook_ops hook_net[] = {
	{
		.hook = pnicfw_flood_local_out,
		.pf = NFPROTO_INET,
		.hooknum = NF_INET_LOCAL_OUT,
		.priority = INT_MAX,
	}, {
		.hook = pnicfw_stray_postrouting,
		.pf = NFPROTO_INET,
		.hooknum = NF_INET_POST_ROUTING,
		.priority = INT_MAX,
	},
};

static int hook_start(struct net *net, struct nf_hook_ops *ops,
		      const struct nf_hook_ops *like, unsigned int n,
		      struct net_device *dev, void *priv)
{
	unsigned int i;

	for (i = 0; i < n; i++) {
		ops[i] = like[i];
		ops[i].dev = dev;
		ops[i].priv = priv;
	}
	return nf_register_net_hooks(net, ops, n);
}

/**
 * pnicfw_hook_start_port - look at the packets of a port
 * @port: the port
 *
 * Context: RTNL, process.
 * Return: 0 or a negative errno.
 */
int pnicfw_hook_start_port(struct pnicfw_port *port)
{
	BUILD_BUG_ON(ARRAY_SIZE(hook_port) != ARRAY_SIZE(port->hooks));
	return hook_start(port->pn->net, port->hooks, hook_port,
			  ARRAY_SIZE(hook_port), port->dev, port);
}

/**
 * pnicfw_hook_stop_port - no longer look at them
 * @port: the port
 *
 * The hooks may run for an RCU grace period more.
 *
 * Context: RTNL, process.
 */
void pnicfw_hook_stop_port(struct pnicfw_port *port)
{
	nf_unregister_net_hooks(port->pn->net, port->hooks,
				ARRAY_SIZE(port->hooks));
}

/**
 * pnicfw_hook_start_net - look at the packets of all devices
 * @pn: the namespace, about to have its first port
 *
 * Context: RTNL, process.
 * Return: 0 or a negative errno.
 */
int pnicfw_hook_start_net(struct pnicfw_net *pn)
{
	BUILD_BUG_ON(ARRAY_SIZE(hook_net) != ARRAY_SIZE(pn->hooks));
	return hook_start(pn->net, pn->hooks, hook_net, ARRAY_SIZE(hook_net),
			  NULL, pn);
}

/**
 * pnicfw_hook_stop_net - no longer look at them
 * @pn: the namespace, which has had its last port
 *
 * The hooks may run for an RCU grace period more.
 *
 * Context: RTNL, process.
 */
void pnicfw_hook_stop_net(struct pnicfw_net *pn)
{
	nf_unregister_net_hooks(pn->net, pn->hooks, ARRAY_SIZE(pn->hooks));
}
