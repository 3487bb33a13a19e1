// SPDX-License-Identifier: GPL-2.0
/* pnicsim: a simulated PNIC, a NIC with an embedded switch in switchdev mode
 *
 * See Documentation/pnicsim.rst.
 */

#include <linux/module.h>
#include <linux/platform_device.h>

#include "debugfs.h"
#include "nic.h"
#include "store.h"

#define MAX_NICS	16
#define MAX_FUNCTIONS	128

static unsigned int nics = 1;
module_param(nics, uint, 0444);
MODULE_PARM_DESC(nics, "Number of NICs, 1 to 16 (default 1)");

static unsigned int functions = 2;
module_param(functions, uint, 0444);
MODULE_PARM_DESC(functions, "Functions of each NIC, 0 to 128 (default 2)");

static struct platform_device *devices[MAX_NICS];

static int probe(struct platform_device *pdev)
{
	return pnicsim_nic_create(&pdev->dev, pdev->id, functions);
}

static struct platform_driver driver = {
	.probe	= probe,
	.driver	= {
		.name	= KBUILD_MODNAME,
	},
};

static void del_devices(void)
{
	unsigned int i;

	for (i = nics; i-- > 0; )
		platform_device_unregister(devices[i]);
}

/* A failed probe is not told: the device is there, without a driver. */
static int add_devices(void)
{
	struct platform_device *pdev;
	unsigned int i;

	for (i = 0; i < nics; i++) {
		pdev = platform_device_register_simple(KBUILD_MODNAME, i,
						       NULL, 0);
		if (IS_ERR(pdev)) {
			del_devices();
			return PTR_ERR(pdev);
		}
		devices[i] = pdev;
		if (!pdev->dev.driver) {
			del_devices();
			return -ENODEV;
		}
	}
	return 0;
}

static int __init pnicsim_init(void)
{
	int err;

	if (!nics || nics > MAX_NICS || functions > MAX_FUNCTIONS) {
		pr_err("%s: nics must be 1 to %u, functions 0 to %u\n",
		       KBUILD_MODNAME, MAX_NICS, MAX_FUNCTIONS);
		return -EINVAL;
	}

	err = pnicsim_store_init();
	if (err)
		return err;
	pnicsim_debugfs_init();
	err = platform_driver_register(&driver);
	if (err)
		goto err_debugfs;
	err = add_devices();
	if (err)
		goto err_driver;
	return 0;

err_driver:
	platform_driver_unregister(&driver);
err_debugfs:
	pnicsim_debugfs_exit();
	pnicsim_store_exit();
	return err;
}

static void __exit pnicsim_exit(void)
{
	del_devices();
	platform_driver_unregister(&driver);
	pnicsim_debugfs_exit();
	pnicsim_store_exit();
}

module_init(pnicsim_init);
module_exit(pnicsim_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Simulated NIC with an embedded switch");
