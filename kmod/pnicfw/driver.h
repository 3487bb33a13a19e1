/* SPDX-License-Identifier: GPL-2.0 */
/*
 * driver - tier 3: what a driver is told of a rule, by three verbs
 *
 * Only this room and the bind room call a driver.
 */
#ifndef PNICFW_DRIVER_H
#define PNICFW_DRIVER_H

#include <linux/netlink.h>
#include <linux/types.h>

#include "flower.h"

struct pnicfw_count;
struct pnicfw_net;
struct pnicfw_port;
struct pnicfw_vlan;

/**
 * struct pnicfw_driver - room for what a driver is told, one rule at a time
 * @flower: the rule, which drivers copy before they return
 * @extack: what the driver says to it
 *
 * Used under the namespace's hw_mutex.
 */
struct pnicfw_driver {
	struct pnicfw_flower flower;
	struct netlink_ext_ack extack;
};

/**
 * struct pnicfw_driver_rule - what the verbs need to know of a rule
 * @pn: the namespace
 * @port: where it is
 * @cookie: names it to the driver: the address of what it was made for, which is
 *	not reused before the rule is gone
 * @vlan: the tag that its frames come in with
 * @inner: the tag behind that
 * @carried: is told what it carried since last time, and when the last of it was
 *	(jiffies, the low 32 bits)
 * @of: whose rule it is, for @carried
 * @index: likewise, which direction's
 */
struct pnicfw_driver_rule {
	struct pnicfw_net *pn;
	struct pnicfw_port *port;
	unsigned long cookie;
	const struct pnicfw_vlan *vlan, *inner;
	void (*carried)(const struct pnicfw_driver_rule *rule,
			const struct pnicfw_count *more, u32 used);
	void *of;
	u8 index;
};

int pnicfw_driver_init(struct pnicfw_net *pn);
void pnicfw_driver_exit(struct pnicfw_net *pn);

int pnicfw_driver_replace(const struct pnicfw_driver_rule *rule,
			  const char **msg);
int pnicfw_driver_stats(const struct pnicfw_driver_rule *rule);
bool pnicfw_driver_destroy(const struct pnicfw_driver_rule *rule);

#endif /* PNICFW_DRIVER_H */
