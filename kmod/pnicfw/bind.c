// SPDX-License-Identifier: GPL-2.0
/*
 * bind - tier 3: how a port's device takes rules
 */
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <net/flow_offload.h>

#include "bind.h"
#include "claim.h"
#include "driver.h"
#include "net.h"
#include "port.h"
#include "table.h"

/* Rules of a flow table no driver is given under RTNL; those of tc, each driver says
 * whether it copes without.
 */
static int bind_unlocked(const struct flow_block_offload *bo)
{
	if (bo->unlocked_driver_cb)
		return 0;
	NL_SET_ERR_MSG(bo->extack, "dev: driver takes rules under RTNL only");
	return -EOPNOTSUPP;
}

static int bind_setup(struct pnicfw_port *port, enum tc_setup_type type,
		      enum flow_block_command command,
		      struct netlink_ext_ack *extack)
{
	struct net_device *dev = port->dev;
	struct flow_block_cb *cb, *next;
	struct flow_block_offload bo = {
		.command = command,
		.binder_type = FLOW_BLOCK_BINDER_TYPE_CLSACT_INGRESS,
		.net = dev_net(dev),
		.block = &port->block,
		.cb_list_head = &port->block.cb_list,
		.cb_list = LIST_HEAD_INIT(bo.cb_list),
		.extack = extack,
	};
	int err;

	ASSERT_RTNL();
	err = dev->netdev_ops->ndo_setup_tc(dev, type, &bo);
	if (err)
		return err;

	if (command == FLOW_BLOCK_BIND) {
		list_splice(&bo.cb_list, &port->block.cb_list);
		return type == TC_SETUP_BLOCK ? bind_unlocked(&bo) : 0;
	}
	list_for_each_entry_safe(cb, next, &bo.cb_list, list) {
		list_del(&cb->list);
		flow_block_cb_free(cb);
	}
	return 0;
}

/* A driver may agree and still hang nothing on the list. Of several that one may take a
 * rule which another refuses: a connection would be half in.
 */
static int bind_block(struct pnicfw_port *port, enum tc_setup_type type,
		      struct netlink_ext_ack *extack)
{
	const struct list_head *callbacks = &port->block.cb_list;
	int err;

	err = bind_setup(port, type, FLOW_BLOCK_BIND, extack);
	if (!err && list_is_singular(callbacks))
		return 0;
	if (!list_empty(callbacks))
		bind_setup(port, type, FLOW_BLOCK_UNBIND, NULL);
	return err ?: -EOPNOTSUPP;
}

/**
 * pnicfw_bind_eswitch - does a port's device belong to an eswitch?
 * @port: the port, which is told of it
 *
 * Context: RTNL.
 * Return: whether it does.
 */
bool pnicfw_bind_eswitch(struct pnicfw_port *port)
{
	struct net_device *dev = port->dev;

	return dev->netdev_ops->ndo_setup_tc &&
	       !dev_get_port_parent_id(dev, &port->switch_id, false);
}

/**
 * pnicfw_bind_take - find out how a port's device takes rules
 * @port: the port, unbound
 * @extack: where the reason for a refusal goes
 *
 * Representors of mlx5 take rules through TC_SETUP_FT, next to whatever tc
 * does; its uplink takes them through TC_SETUP_BLOCK only, which excludes a
 * clsact qdisc with rules for the hardware.
 *
 * Context: RTNL.
 * Return: 0; -EOPNOTSUPP where the device has no eswitch; -EBUSY where somebody
 * else holds its block; -ENOMEM; what the driver says.
 */
int pnicfw_bind_take(struct pnicfw_port *port, struct netlink_ext_ack *extack)
{
	int err;

	if (!pnicfw_bind_eswitch(port)) {
		NL_SET_ERR_MSG(extack, "dev: device belongs to no eswitch");
		return -EOPNOTSUPP;
	}
	port->table = pnicfw_table_get(port->pn, &port->switch_id);
	if (!port->table || pnicfw_driver_init(port->table))
		return -ENOMEM;
	pnicfw_crew_enlarge(port->pn);
	pnicfw_shapes_forget_all(&port->unsupported);

	/* If this is refused, what counts is what is said of the other way. */
	err = bind_block(port, TC_SETUP_FT, NULL);
	if (!err) {
		port->bind = PNICFW_BIND_FT;
		return 0;
	}
	err = bind_block(port, TC_SETUP_BLOCK, extack);
	if (!err) {
		port->bind = PNICFW_BIND_BLOCK;
		return 0;
	}
	if (err == -EBUSY)
		NL_SET_ERR_MSG(extack,
			       "dev: another owner, such as clsact, holds the device's block");
	else if (extack && !extack->_msg)
		NL_SET_ERR_MSG(extack, "dev: driver takes no rules");
	return err;
}

/**
 * pnicfw_bind_release - give the device's block back
 * @port: the port; none of its flows has a rule any more, but what the driver
 *	has not let go of
 *
 * Nobody asks the driver for these from here on.
 *
 * Context: RTNL, process.
 */
void pnicfw_bind_release(struct pnicfw_port *port)
{
	enum tc_setup_type type = TC_SETUP_FT;
	struct pnicfw_claim claim;

	if (port->bind == PNICFW_BIND_NONE)
		return;
	if (port->bind == PNICFW_BIND_BLOCK)
		type = TC_SETUP_BLOCK;
	/* Nobody is in the driver then. */
	pnicfw_claim_all(port->table, &claim);
	if (bind_setup(port, type, FLOW_BLOCK_UNBIND, NULL))
		netdev_warn(port->dev, "driver does not let go of its block\n");
	port->bind = PNICFW_BIND_NONE;
	pnicfw_claim_end(&claim);
}
