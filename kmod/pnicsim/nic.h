/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PNICSIM_NIC_H
#define PNICSIM_NIC_H

#include <linux/netdevice.h>
#include <net/devlink.h>

#include "call.h"
#include "port.h"
#include "table.h"

struct dentry;
struct pnicsim_profile;

/**
 * struct pnicsim_knobs - what can be set in debugfs
 * @profile: what the NIC takes and refuses
 * @table_size: rules the hardware table takes
 * @ft_rules: how many of them from flow tables; 0: as many as the profile says
 * @insert_delay_us: how long an insert takes, microseconds
 * @delete_delay_us: how long a delete takes, microseconds
 * @fail_inserts: how many of the next inserts fail
 * @fail_errno: with which error, positive
 * @lose_deletes: how many of the next deletes say that they succeeded and do
 *	nothing
 * @stats_delay_ms: how often the driver polls the counters, milliseconds; 0:
 *	requests see every frame
 * @fake_inserts: how many of the next inserts say that they succeeded and do
 *	nothing
 * @lose_stats: how many of the next questions for statistics are answered as if
 *	there were no such rule
 * @odd_stats: how many of them are answered with counts and a time that cannot
 *	be
 * @odd_answers: how many of the next commands are answered with a number that
 *	is neither success nor an error, and do nothing
 * @callbacks: how many callbacks whoever binds a block is given
 * @unlocked: the driver says that it takes rules without RTNL
 *
 * Read without a lock, whoever reads may see the old value once more.
 */
struct pnicsim_knobs {
	const struct pnicsim_profile	*profile;
	u32				table_size;
	u32				ft_rules;
	u32				insert_delay_us;
	u32				delete_delay_us;
	atomic_t			fail_inserts;
	u32				fail_errno;
	atomic_t			lose_deletes;
	u32				stats_delay_ms;
	atomic_t			fake_inserts;
	atomic_t			lose_stats;
	atomic_t			odd_stats;
	atomic_t			odd_answers;
	u32				callbacks;
	u32				unlocked;
};

/**
 * struct pnicsim_nic - a simulated NIC
 * @index: number of the NIC, from 0
 * @dev: its platform device
 * @mode: enum devlink_eswitch_mode, changed under the devlink lock
 * @switch_id: what its ports in switchdev mode share
 * @knobs: see debugfs.c
 * @table: its hardware table
 * @calls: clients' commands under way
 * @debugfs: its directory
 * @num_ports: entries in @ports
 * @ports: the uplink, then the functions
 *
 * Lives in its devlink instance's memory, from probe to removal.
 */
struct pnicsim_nic {
	unsigned int			index;
	struct device			*dev;
	u16				mode;
	struct netdev_phys_item_id	switch_id;
	struct pnicsim_knobs		knobs;
	struct pnicsim_table		table;
	struct pnicsim_calls		calls;
	struct dentry			*debugfs;
	unsigned int			num_ports;
	struct pnicsim_port		ports[];
};

/**
 * pnicsim_stats_period - time between two polls of the counters
 * @nic: NIC
 *
 * Return: jiffies, rounded down; 0: requests see every frame.
 */
static inline unsigned long pnicsim_stats_period(const struct pnicsim_nic *nic)
{
	return (u64)READ_ONCE(nic->knobs.stats_delay_ms) * HZ / MSEC_PER_SEC;
}

int pnicsim_nic_create(struct device *dev, unsigned int index,
		       unsigned int functions);
int pnicsim_nic_plug(struct pnicsim_nic *nic, unsigned int function);
int pnicsim_nic_unplug(struct pnicsim_nic *nic, unsigned int function);

#endif
