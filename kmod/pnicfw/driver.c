// SPDX-License-Identifier: GPL-2.0
/*
 * driver - tier 3: what a driver is told of a rule, by three verbs
 */
#include <linux/if_ether.h>
#include <linux/if_vlan.h>
#include <linux/ktime.h>
#include <linux/netdevice.h>
#include <linux/slab.h>
#include <net/flow_offload.h>

#include "driver.h"
#include "net.h"
#include "path.h"
#include "port.h"
#include "record.h"
#include "stats.h"

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

/* The driver's answer is there; it was asked at @began. */
static void driver_took(atomic64_t bars[PNICFW_STATS_BARS], ktime_t began)
{
	u64 us = ktime_us_delta(ktime_get(), began);

	atomic64_inc(&bars[pnicfw_stats_bar(us)]);
}

/**
 * pnicfw_driver_replace - have a rule that was built in the namespace's room for it
 * @rule: the rule
 * @msg: set to what the driver says where it refuses, or NULL
 *
 * Context: process, the namespace's hw_mutex.
 * Return: 0 or a negative errno.
 */
int pnicfw_driver_replace(const struct pnicfw_driver_rule *rule,
			  const char **msg)
{
	struct pnicfw_driver *driver = rule->pn->driver;
	struct flow_cls_offload cls = {
		.command = FLOW_CLS_REPLACE,
		.cookie = rule->cookie,
		.rule = driver->flower.rule,
		.common.extack = &driver->extack,
		.common.protocol = driver->flower.key.basic.n_proto,
	};
	ktime_t began;
	int err;

	driver->extack._msg = NULL;	/* nothing else is looked at */
	began = ktime_get();
	err = driver_insert(rule->port, &cls);
	driver_took(rule->pn->gauges.hw_insert_us, began);
	if (!err)
		atomic64_inc(&rule->pn->gauges.hw_inserted);
	else
		pnicfw_stats_hw_failed(rule->pn, err);
	*msg = driver->extack._msg;
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
 * Context: process, the namespace's hw_mutex.
 * Return: 0, or a negative errno where the driver does not know the rule.
 */
int pnicfw_driver_stats(const struct pnicfw_driver_rule *rule)
{
	struct flow_cls_offload cls = {
		.command = FLOW_CLS_STATS,
		.cookie = rule->cookie,
	};
	ktime_t began = ktime_get();
	struct pnicfw_count more;
	int err;

	err = driver_call(rule->port, &cls);
	driver_took(rule->pn->gauges.hw_stats_us, began);
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
 * Context: process, the namespace's hw_mutex.
 * Return: false where the driver does not let go of it; until it has, nothing
 * else may get the rule's name.
 */
bool pnicfw_driver_destroy(const struct pnicfw_driver_rule *rule)
{
	struct pnicfw_net *pn = rule->pn;
	int err, left, tries;
	ktime_t began;

	if (rule->port->bind == PNICFW_BIND_NONE)
		return true;
	for (tries = 0; tries < DRIVER_DESTROY_TRIES; tries++) {
		began = ktime_get();
		err = driver_forget(rule->port, rule->cookie);
		driver_took(pn->gauges.hw_delete_us, began);
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
 * pnicfw_driver_init - prepare a namespace for calls of drivers
 * @pn: the namespace
 *
 * Return: 0 or -ENOMEM.
 */
int pnicfw_driver_init(struct pnicfw_net *pn)
{
	int err;

	pn->driver = kzalloc(sizeof(*pn->driver), GFP_KERNEL);
	if (!pn->driver)
		return -ENOMEM;
	err = pnicfw_flower_init(&pn->driver->flower);
	if (err) {
		kfree(pn->driver);
		return err;
	}
	mutex_init(&pn->hw_mutex);
	return 0;
}

/**
 * pnicfw_driver_exit - end it; no records are left
 * @pn: the namespace
 */
void pnicfw_driver_exit(struct pnicfw_net *pn)
{
	pnicfw_flower_exit(&pn->driver->flower);
	kfree(pn->driver);
}
