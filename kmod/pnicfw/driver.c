// SPDX-License-Identifier: GPL-2.0
/*
 * driver - tier 3: what a driver is told of a rule, by three verbs
 */
#include <linux/if_ether.h>
#include <linux/if_vlan.h>
#include <linux/ktime.h>
#include <linux/list.h>
#include <linux/netdevice.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <net/flow_offload.h>

#include "driver.h"
#include "net.h"
#include "path.h"
#include "port.h"
#include "record.h"
#include "stats.h"
#include "table.h"

/* TC_SETUP_BLOCK numbers priorities from 1, and some drivers crash at 0; a
 * flow table's own is 0.
 */
#define DRIVER_BLOCK_PRIO	1

/* More packets than this no wire carries between two questions: an hour of
 * 1.6 Tbit/s, in the smallest frames.
 */
#define DRIVER_PACKETS_MAX	BIT_ULL(43)

/* How often a driver is told to take a rule out, at a time, until it has. */
#define DRIVER_DESTROY_TRIES	5

static int driver_call(struct pnicfw_port *port, struct flow_cls_offload *cls)
{
	struct flow_block_cb *cb;
	int err;

	if (port->bind == PNICFW_BIND_BLOCK)
		cls->common.prio = DRIVER_BLOCK_PRIO;
	cb = list_first_entry_or_null(&port->block.cb_list,
				      struct flow_block_cb, list);
	if (!cb)
		return -EOPNOTSUPP;
	err = cb->cb(TC_SETUP_CLSFLOWER, cls, cb->cb_priv);
	if (err == -ENOTSUPP)
		return -EOPNOTSUPP;
	/* Whatever is not an errno that users know is not an answer. */
	return err > 0 || err < -U8_MAX ? -EBADMSG : err;
}

static int driver_forget(struct pnicfw_port *port, unsigned long cookie)
{
	struct flow_cls_offload cls = {
		.command = FLOW_CLS_DESTROY,
		.cookie = cookie,
	};

	return driver_call(port, &cls);
}

/* Who knows the cookie still has a rule of this name that was believed gone,
 * and of an answer that makes no sense nobody knows what it left behind.
 */
static int driver_insert(struct pnicfw_port *port, struct flow_cls_offload *cls)
{
	int err = driver_call(port, cls);

	if (err == -EEXIST && !driver_forget(port, cls->cookie))
		err = driver_call(port, cls);
	if (err == -EBADMSG)
		driver_forget(port, cls->cookie);
	return err;
}

/* A call of a driver: when it began, and how often the caller had to wait for anything
 * before.
 */
struct driver_call {
	ktime_t began;
	unsigned long waits;
};

static struct driver_call driver_begin(void)
{
	return (struct driver_call){
		.began = ktime_get(),
		.waits = current->nvcsw,
	};
}

/* The driver's answer is there. Returns microseconds. */
static u64 driver_took(atomic64_t bars[PNICFW_STATS_BARS],
		       const struct driver_call *call)
{
	u64 us = ktime_us_delta(ktime_get(), call->began);

	atomic64_inc(&bars[pnicfw_stats_bar(us)]);
	return us;
}

/* Likewise; has it been waiting for its hardware? */
static void driver_wrote(struct pnicfw_net *pn,
			 atomic64_t bars[PNICFW_STATS_BARS],
			 const struct driver_call *call)
{
	u64 us = driver_took(bars, call);

	pnicfw_crew_took(pn, current->nvcsw != call->waits ? us : 0);
}

static struct pnicfw_driver_room *driver_room(unsigned int index)
{
	struct pnicfw_driver_room *room = kzalloc(sizeof(*room), GFP_KERNEL);

	if (!room)
		return NULL;
	room->index = index;
	if (pnicfw_flower_init(&room->flower)) {
		kfree(room);
		return NULL;
	}
	return room;
}

/**
 * pnicfw_driver_enter - have a room to build a rule in
 * @driver: where they are
 *
 * Context: process.
 * Return: a room, until pnicfw_driver_leave(); NULL where memory ran out.
 */
struct pnicfw_driver_room *pnicfw_driver_enter(struct pnicfw_driver *driver)
{
	unsigned int i = 0;

	/* There are enough: somebody else may have taken what was found, no more. */
	while (i == PNICFW_DRIVER_ROOMS ||
	       test_and_set_bit_lock(i, driver->taken))
		i = find_first_zero_bit(driver->taken, PNICFW_DRIVER_ROOMS);
	if (!driver->room[i])
		driver->room[i] = driver_room(i);
	if (!driver->room[i])
		clear_bit_unlock(i, driver->taken);
	return driver->room[i];
}

/**
 * pnicfw_driver_leave - give it back
 * @driver: where it is
 * @room: the room
 *
 * Context: process.
 */
void pnicfw_driver_leave(struct pnicfw_driver *driver,
			 struct pnicfw_driver_room *room)
{
	clear_bit_unlock(room->index, driver->taken);
}

/**
 * pnicfw_driver_replace - have a rule
 * @rule: what there is to know of it
 * @room: where it was built
 * @msg: set to what the driver says where it refuses, or NULL
 *
 * Context: process; there is a claim on whose rule it is.
 * Return: 0 or a negative errno.
 */
int pnicfw_driver_replace(const struct pnicfw_driver_rule *rule,
			  struct pnicfw_driver_room *room, const char **msg)
{
	struct flow_cls_offload cls = {
		.command = FLOW_CLS_REPLACE,
		.cookie = rule->cookie,
		.rule = room->flower.rule,
		.common.extack = &room->extack,
		.common.protocol = room->flower.key.basic.n_proto,
	};
	struct driver_call call;
	int err;

	room->extack._msg = NULL;	/* nothing else is looked at */
	call = driver_begin();
	err = driver_insert(rule->port, &cls);
	driver_wrote(rule->pn, rule->pn->gauges.hw_insert_us, &call);
	if (!err)
		atomic64_inc(&rule->pn->gauges.hw_inserted);
	else
		pnicfw_stats_hw_failed(rule->pn, err);
	*msg = room->extack._msg;
	return err;
}

/* Hardware counts whole frames, conntrack what is inside. */
static u64 driver_l3_bytes(const struct pnicfw_driver_rule *rule,
			   const struct flow_stats *stats)
{
	u64 l2 = ETH_HLEN + (rule->vlan->proto ? VLAN_HLEN : 0) +
		 (rule->inner->proto ? VLAN_HLEN : 0);

	return stats->bytes > stats->pkts * l2 ?
	       stats->bytes - stats->pkts * l2 : 0;
}

/* When the last packet was. Drivers that do not know say zero; what is to come is
 * now, and what is long ago must not wrap around.
 */
static u32 driver_used(const struct flow_stats *stats)
{
	unsigned long now = jiffies, last = stats->lastused;

	if ((!last && stats->pkts) || time_after(last, now))
		return now;
	return now - last > S32_MAX ? now - S32_MAX : last;
}

/* Is it what frames can add up to? */
static bool driver_likely(const struct flow_stats *stats)
{
	return stats->pkts <= DRIVER_PACKETS_MAX &&
	       stats->bytes >= stats->pkts * ETH_HLEN &&
	       stats->bytes <= stats->pkts * (ETH_HLEN + 2 * VLAN_HLEN + U16_MAX);
}

/**
 * pnicfw_driver_stats - hear what a rule carried since last time
 * @rule: the rule
 *
 * Some drivers count nothing, and only say when. Numbers that cannot be are not
 * believed.
 *
 * Context: process; there is a claim on whose rule it is.
 * Return: 0, or a negative errno where the driver does not know the rule.
 */
int pnicfw_driver_stats(const struct pnicfw_driver_rule *rule)
{
	struct flow_cls_offload cls = {
		.command = FLOW_CLS_STATS,
		.cookie = rule->cookie,
	};
	const struct driver_call call = driver_begin();
	struct pnicfw_count more;
	int err;

	err = driver_call(rule->port, &cls);
	driver_took(rule->pn->gauges.hw_stats_us, &call);
	if (err)
		return err;
	if (!driver_likely(&cls.stats)) {
		pnicfw_stats_hw_failed(rule->pn, -ERANGE);
		return 0;
	}
	more.packets = cls.stats.pkts;
	more.bytes = driver_l3_bytes(rule, &cls.stats);
	rule->carried(rule, &more, driver_used(&cls.stats));
	return 0;
}

/**
 * pnicfw_driver_destroy - take a rule out
 * @rule: the rule
 *
 * A driver forgets the counters with the rule: read them before. The rule is out
 * when the driver no longer knows it, whatever it said: what it left in would go
 * on by what is no longer true. Of a block that was given back nobody asks.
 *
 * Context: process; there is a claim on whose rule it is.
 * Return: false where the driver does not let go of it; until it has, nothing
 * else may get the rule's name.
 */
bool pnicfw_driver_destroy(const struct pnicfw_driver_rule *rule)
{
	struct pnicfw_net *pn = rule->pn;
	struct driver_call call;
	int err, left, tries;

	if (rule->port->bind == PNICFW_BIND_NONE)
		return true;
	for (tries = 0; tries < DRIVER_DESTROY_TRIES; tries++) {
		call = driver_begin();
		err = driver_forget(rule->port, rule->cookie);
		driver_wrote(pn, pn->gauges.hw_delete_us, &call);
		if (err)
			pnicfw_stats_hw_failed(pn, err);
		left = pnicfw_driver_stats(rule);
		if (left && left != -EBADMSG) {
			if (!err)
				atomic64_inc(&pn->gauges.hw_deleted);
			return true;
		}
		pnicfw_stats_hw_failed(pn, -EUCLEAN);
	}
	if (net_ratelimit())
		netdev_warn(rule->port->dev,
			    "driver does not let go of a rule\n");
	return false;
}

/**
 * pnicfw_driver_init - prepare an eswitch for calls of its driver
 * @table: the eswitch; it may have been before
 *
 * Context: RTNL, process.
 * Return: 0 or -ENOMEM.
 */
int pnicfw_driver_init(struct pnicfw_table *table)
{
	if (!table->driver)
		table->driver = kzalloc(sizeof(*table->driver), GFP_KERNEL);
	return table->driver ? 0 : -ENOMEM;
}

static void driver_free(struct pnicfw_driver *driver)
{
	int i;

	for (i = 0; i < PNICFW_DRIVER_ROOMS; i++) {
		if (!driver->room[i])
			continue;
		pnicfw_flower_exit(&driver->room[i]->flower);
		kfree(driver->room[i]);
	}
	kfree(driver);
}

/**
 * pnicfw_driver_exit - no driver is called in a namespace any more
 * @pn: the namespace; no records are left
 */
void pnicfw_driver_exit(struct pnicfw_net *pn)
{
	struct pnicfw_table *table;

	list_for_each_entry(table, &pn->hw_tables, list)
		if (table->driver)
			driver_free(table->driver);
}
