// SPDX-License-Identifier: GPL-2.0
/*
 * main - load and unload, in order
 */
#include <linux/module.h>

#include "device.h"
#include "net.h"
#include "netlink.h"
#include "revalidate.h"
#include "snapshot.h"
#include "store.h"

/* Namespaces come before whatever looks things up in them; the users' door
 * opens last.
 */
static int __init pnicfw_load(void)
{
	int err;

	err = pnicfw_store_init();
	if (err)
		return err;
	err = pnicfw_snapshot_init();
	if (err)
		goto out_store;
	err = pnicfw_net_init();
	if (err)
		goto out_snapshot;
	err = pnicfw_revalidate_init();
	if (err)
		goto out_net;
	err = pnicfw_device_init();
	if (err)
		goto out_revalidate;
	err = pnicfw_netlink_init();
	if (err)
		goto out_device;
	return 0;

out_device:
	pnicfw_device_exit();
out_revalidate:
	pnicfw_revalidate_exit();
out_net:
	pnicfw_net_exit();
out_snapshot:
	pnicfw_snapshot_exit();
out_store:
	pnicfw_store_exit();
	return err;
}

/* The door closes first; then the ports go, and with them all records; the
 * namespaces wait for what RCU still has to do.
 */
static void __exit pnicfw_unload(void)
{
	pnicfw_netlink_exit();
	pnicfw_device_exit();
	pnicfw_revalidate_exit();
	pnicfw_net_exit();
	pnicfw_snapshot_exit();
	pnicfw_store_exit();
}

module_init(pnicfw_load);
module_exit(pnicfw_unload);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Stateful firewall offload in three tiers");
