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

#include "crew.h"
#include "flower.h"

struct pnicfw_count;
struct pnicfw_net;
struct pnicfw_port;
struct pnicfw_table;
struct pnicfw_vlan;

/* So many rules are built at a time at most: one by each of the reconcile room's
 * workers, and one by that of the denials.
 */
#define PNICFW_DRIVER_ROOMS	(PNICFW_CREW + 1)

/**
 * struct pnicfw_driver_room - room for what a driver is told of a new rule
 * @index: its number
 * @flower: the rule, which drivers copy before they return
 * @extack: what the driver says to it
 */
struct pnicfw_driver_room {
	unsigned int index;
	struct pnicfw_flower flower;
	struct netlink_ext_ack extack;
};

/**
 * struct pnicfw_driver - where rules for an eswitch are built
 * @taken: rooms that somebody is in
 * @room: the rooms; NULL where nobody has ever been
 */
struct pnicfw_driver {
	DECLARE_BITMAP(taken, PNICFW_DRIVER_ROOMS);
	struct pnicfw_driver_room *room[PNICFW_DRIVER_ROOMS];
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

int pnicfw_driver_init(struct pnicfw_table *table);
void pnicfw_driver_exit(struct pnicfw_net *pn);

struct pnicfw_driver_room *pnicfw_driver_enter(struct pnicfw_driver *driver);
void pnicfw_driver_leave(struct pnicfw_driver *driver,
			 struct pnicfw_driver_room *room);
int pnicfw_driver_replace(const struct pnicfw_driver_rule *rule,
			  struct pnicfw_driver_room *room, const char **msg);
int pnicfw_driver_stats(const struct pnicfw_driver_rule *rule);
bool pnicfw_driver_destroy(const struct pnicfw_driver_rule *rule);

#endif /* PNICFW_DRIVER_H */
