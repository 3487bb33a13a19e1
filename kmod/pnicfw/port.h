/* SPDX-License-Identifier: GPL-2.0 */
/*
 * port - the network devices that take part
 *
 * A port carries the two netfilter hooks by which pnicfw sees packets, and the
 * binding to the embedded switch its device belongs to. RTNL protects the list
 * of ports and everything in a port that changes.
 */
#ifndef PNICFW_PORT_H
#define PNICFW_PORT_H

#include <linux/list.h>
#include <linux/netdevice.h>
#include <linux/netfilter.h>
#include <linux/pnicfw.h>
#include <linux/rcupdate.h>
#include <net/flow_offload.h>

#include "shape.h"

struct netlink_ext_ack;
struct pnicfw_net;
struct pnicfw_table;

/**
 * struct pnicfw_port - a network device that takes part
 * @dev: the device; referenced through @tracker
 * @pn: the namespace it is in
 * @dead: it is going away: nothing is learned over it and nothing sent
 * @ageing: milliseconds in which a bridge on top of it has to see packets that
 *	come in, 0 where it has not (recheck room)
 * @hw_wanted: the user wants its flows in the eswitch
 * @drained: but not for now: all of them are in software
 * @bind: how the driver takes rules, PNICFW_BIND_NONE while @hw_wanted is off
 * @block: what the driver was handed to hang its callbacks on
 * @switch_id: the eswitch, as devlink and the driver name it
 * @table: what it has; NULL until first bound, then valid until the namespace
 *	ends
 * @unsupported: rules that the driver does not take
 * @flows: connections that passed it in a lower tier when last counted, see
 *	pnicfw_port_count()
 * @counted: the latest of them, so that none is counted twice
 * @hooks: at ingress and at egress (hook room)
 * @tracker: the reference on @dev
 * @rcu: paths point to ports under RCU
 */
struct pnicfw_port {
	struct net_device *dev;
	struct pnicfw_net *pn;
	bool dead;
	u32 ageing;
	bool hw_wanted;
	bool drained;
	enum pnicfw_bind bind;
	struct flow_block block;
	struct netdev_phys_item_id switch_id;
	struct pnicfw_table *table;
	struct pnicfw_shapes unsupported;
	u32 flows;
	u32 counted;
	struct nf_hook_ops hooks[2];
	netdevice_tracker tracker;
	struct rcu_head rcu;
};

void pnicfw_port_init_net(struct pnicfw_net *pn);
void pnicfw_port_exit_net(struct pnicfw_net *pn);

struct pnicfw_port *pnicfw_port_find(struct pnicfw_net *pn, int ifindex);
int pnicfw_port_add(struct pnicfw_net *pn, struct net_device *dev, bool hw,
		    struct netlink_ext_ack *extack);
int pnicfw_port_set_hw(struct pnicfw_port *port, bool hw,
		       struct netlink_ext_ack *extack);
void pnicfw_port_set_drain(struct pnicfw_port *port, bool drain);
void pnicfw_port_del(struct pnicfw_port *port);
void pnicfw_port_count(struct pnicfw_net *pn);

#endif /* PNICFW_PORT_H */
