// SPDX-License-Identifier: GPL-2.0
/* A NIC: its devlink instance, its eswitch mode, its ports */

#include <linux/device.h>
#include <linux/rtnetlink.h>

#include "compat.h"
#include "debugfs.h"
#include "extack.h"
#include "nic.h"
#include "profile.h"

static void nic_del_reps(struct pnicsim_nic *nic)
{
	unsigned int i;

	for (i = nic->num_ports; i-- > 0; )
		pnicsim_port_del_rep(&nic->ports[i]);
}

/* In legacy mode the functions have no representors. */
static int nic_add_reps(struct pnicsim_nic *nic)
{
	unsigned int i, num = nic->num_ports;
	int err;

	if (nic->mode == DEVLINK_ESWITCH_MODE_LEGACY)
		num = 1;
	for (i = 0; i < num; i++) {
		err = pnicsim_port_add_rep(&nic->ports[i]);
		if (err) {
			nic_del_reps(nic);
			return err;
		}
	}
	return 0;
}

static void nic_update_carriers(struct pnicsim_nic *nic)
{
	unsigned int i;

	rtnl_lock();
	for (i = 0; i < nic->num_ports; i++)
		pnicsim_port_update_carrier(&nic->ports[i]);
	rtnl_unlock();
}

static int nic_change_mode(struct pnicsim_nic *nic, u16 mode)
{
	int err;

	nic_del_reps(nic);
	WRITE_ONCE(nic->mode, mode);
	err = nic_add_reps(nic);
	nic_update_carriers(nic);
	return err;
}

static int eswitch_mode_get(struct devlink *devlink, u16 *mode)
{
	struct pnicsim_nic *nic = devlink_priv(devlink);

	*mode = nic->mode;
	return 0;
}

/* The devlink instance is locked. The uplink and the representors go, and come
 * again as the new mode has them.
 */
static int eswitch_mode_set(struct devlink *devlink, u16 mode,
			    struct netlink_ext_ack *extack)
{
	struct pnicsim_nic *nic = devlink_priv(devlink);
	u16 old = nic->mode;
	int err;

	if (mode != DEVLINK_ESWITCH_MODE_LEGACY &&
	    mode != DEVLINK_ESWITCH_MODE_SWITCHDEV)
		return pnicsim_refuse(extack, -EOPNOTSUPP,
				      "Only legacy and switchdev are supported");
	if (mode == old)
		return 0;
	if (pnicsim_table_freeze(&nic->table))
		return pnicsim_refuse(extack, -EBUSY,
				      "Can't change mode, E-Switch is busy");

	err = nic_change_mode(nic, mode);
	if (err) {
		NL_SET_ERR_MSG_MOD(extack, "Failed to register the ports");
		if (nic_change_mode(nic, old))
			dev_err(nic->dev, "no ports left\n");
	}
	pnicsim_table_thaw(&nic->table);
	return err;
}

/* As mlx5: with rules in it, too. Uplink and representors go, and their clients
 * hear of it; what is at the far ends stays where it is.
 */
static int reload_down(struct devlink *devlink, bool netns_change,
		       enum devlink_reload_action action,
		       enum devlink_reload_limit limit,
		       struct netlink_ext_ack *extack)
{
	nic_del_reps(devlink_priv(devlink));
	return 0;
}

/* They come again, in the namespace that the instance is in by now. */
static int reload_up(struct devlink *devlink, enum devlink_reload_action action,
		     enum devlink_reload_limit limit, u32 *actions_performed,
		     struct netlink_ext_ack *extack)
{
	struct pnicsim_nic *nic = devlink_priv(devlink);
	int err;

	err = nic_add_reps(nic);
	if (err) {
		NL_SET_ERR_MSG_MOD(extack, "Failed to register the ports");
		return err;
	}
	*actions_performed = BIT(DEVLINK_RELOAD_ACTION_DRIVER_REINIT);
	return 0;
}

static const struct devlink_ops devlink_ops = {
	.reload_actions		= BIT(DEVLINK_RELOAD_ACTION_DRIVER_REINIT),
	.reload_down		= reload_down,
	.reload_up		= reload_up,
	.eswitch_mode_get	= eswitch_mode_get,
	.eswitch_mode_set	= eswitch_mode_set,
};

static struct pnicsim_port *nic_function(struct pnicsim_nic *nic,
					 unsigned int function)
{
	return function < nic->num_ports - 1 ? &nic->ports[1 + function] : NULL;
}

/**
 * pnicsim_nic_plug - a function's representor comes
 * @nic: NIC
 * @function: number of the function, from 0
 *
 * Context: process.
 * Return: 0; -EINVAL where there is no such function, -EEXIST where it has a
 * representor, -EOPNOTSUPP in legacy mode, or what registering it says.
 */
int pnicsim_nic_plug(struct pnicsim_nic *nic, unsigned int function)
{
	struct pnicsim_port *port = nic_function(nic, function);
	struct devlink *devlink = priv_to_devlink(nic);
	int err;

	if (!port)
		return -EINVAL;
	devl_lock(devlink);
	if (nic->mode == DEVLINK_ESWITCH_MODE_LEGACY)
		err = -EOPNOTSUPP;
	else if (rcu_access_pointer(port->rep))
		err = -EEXIST;
	else
		err = pnicsim_port_add_rep(port);
	devl_unlock(devlink);
	return err;
}

/**
 * pnicsim_nic_unplug - a function's representor goes
 * @nic: NIC
 * @function: number of the function, from 0
 *
 * The function stays, and has no carrier. Context: process.
 * Return: 0; -EINVAL where there is no such function, -ENODEV where it has no
 * representor.
 */
int pnicsim_nic_unplug(struct pnicsim_nic *nic, unsigned int function)
{
	struct pnicsim_port *port = nic_function(nic, function);
	struct devlink *devlink = priv_to_devlink(nic);
	int err = -ENODEV;

	if (!port)
		return -EINVAL;
	devl_lock(devlink);
	if (rcu_access_pointer(port->rep)) {
		pnicsim_port_del_rep(port);
		err = 0;
	}
	devl_unlock(devlink);
	return err;
}

static void nic_del_fars(struct pnicsim_nic *nic)
{
	unsigned int i;

	for (i = nic->num_ports; i-- > 0; )
		pnicsim_port_del_far(&nic->ports[i]);
}

static int nic_add_fars(struct pnicsim_nic *nic)
{
	unsigned int i;
	int err;

	for (i = 0; i < nic->num_ports; i++) {
		err = pnicsim_port_add_far(&nic->ports[i]);
		if (err) {
			nic_del_fars(nic);
			return err;
		}
	}
	return 0;
}

static void nic_init(struct pnicsim_nic *nic, struct device *dev,
		     unsigned int index, unsigned int functions)
{
	unsigned int i;

	nic->dev = dev;
	nic->index = index;
	nic->mode = DEVLINK_ESWITCH_MODE_SWITCHDEV;
	nic->switch_id.id_len = 8;
	memcpy(nic->switch_id.id, "pnicsim", 7);
	nic->switch_id.id[7] = index;
	nic->knobs.profile = &pnicsim_profile_mlx5;
	nic->knobs.table_size = 1 << 20;
	nic->knobs.fail_errno = EIO;
	nic->knobs.callbacks = 1;
	nic->knobs.unlocked = 1;
	nic->num_ports = 1 + functions;
	pnicsim_calls_init(&nic->calls);
	for (i = 0; i < nic->num_ports; i++)
		pnicsim_port_init(&nic->ports[i], nic, i);
}

/* The order is devlink lock, then RTNL: ports first, then their netdevs. */
static int nic_start(struct pnicsim_nic *nic, struct devlink *devlink)
{
	int err;

	err = pnicsim_table_init(&nic->table);
	if (err)
		return err;
	err = nic_add_fars(nic);
	if (err)
		goto err_table;

	devl_lock(devlink);
	err = nic_add_reps(nic);
	devl_unlock(devlink);
	if (err)
		goto err_fars;

	pnicsim_devlink_reloads(devlink);
	devlink_register(devlink);
	pnicsim_debugfs_add(nic);
	return 0;

err_fars:
	nic_del_fars(nic);
err_table:
	pnicsim_table_exit(&nic->table);
	return err;
}

/* Traffic stops at its sources first: nothing is left to look rules up. */
static void nic_stop(void *data)
{
	struct pnicsim_nic *nic = data;
	struct devlink *devlink = priv_to_devlink(nic);

	pnicsim_debugfs_del(nic);
	devlink_unregister(devlink);
	nic_del_fars(nic);
	devl_lock(devlink);
	nic_del_reps(nic);
	devl_unlock(devlink);
	pnicsim_table_exit(&nic->table);
	devlink_free(devlink);
}

/**
 * pnicsim_nic_create - make a NIC
 * @dev: platform device; the NIC goes when the driver is unbound from it
 * @index: number of the NIC
 * @functions: how many functions it has
 *
 * Context: process, in the driver's probe. Return: 0 or a negative errno.
 */
int pnicsim_nic_create(struct device *dev, unsigned int index,
		       unsigned int functions)
{
	struct pnicsim_nic *nic;
	struct devlink *devlink;
	int err;

	devlink = devlink_alloc(&devlink_ops,
				struct_size(nic, ports, 1 + functions), dev);
	if (!devlink)
		return -ENOMEM;
	nic = devlink_priv(devlink);
	nic_init(nic, dev, index, functions);
	err = nic_start(nic, devlink);
	if (err) {
		devlink_free(devlink);
		return err;
	}
	return devm_add_action_or_reset(dev, nic_stop, nic);
}
