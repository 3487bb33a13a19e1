// SPDX-License-Identifier: GPL-2.0
/*
 * eswitch - tier 3: connections and denials as a driver's rules
 */
#include <linux/netdevice.h>

#include "conntrack.h"
#include "denial.h"
#include "denial_hw.h"
#include "driver.h"
#include "eswitch.h"
#include "flower.h"
#include "net.h"
#include "path.h"
#include "port.h"
#include "record.h"
#include "table.h"

/* Connections *************************************************************/

static void eswitch_record_carried(const struct pnicfw_driver_rule *rule,
				   const struct pnicfw_count *more, u32 used)
{
	struct pnicfw_record *rec = rule->of;
	struct pnicfw_dir *dir = &rec->dir[rule->index];
	struct pnicfw_count *carried = &rec->hw->carried[rule->index];

	if (more->packets) {
		spin_lock_bh(&rec->lock);
		carried->packets += more->packets;
		carried->bytes += more->bytes;
		pnicfw_ct_account(pnicfw_record_ct(rec), rule->index, more);
		spin_unlock_bh(&rec->lock);
	}
	if ((s32)(used - READ_ONCE(dir->used)) > 0)
		WRITE_ONCE(dir->used, used);
}

static struct pnicfw_driver_rule
eswitch_of_dir(struct pnicfw_record *rec, u8 index,
	       const struct pnicfw_path *path)
{
	return (struct pnicfw_driver_rule){
		.pn = path->key.in->pn,
		.port = path->key.in,
		.cookie = (unsigned long)&rec->dir[index],
		.vlan = &path->key.vlan,
		.inner = &path->key.inner,
		.carried = eswitch_record_carried,
		.of = rec,
		.index = index,
	};
}

/**
 * pnicfw_eswitch_replace - have a rule for a direction
 * @rec: the record
 * @index: the direction
 * @path: its way
 * @msg: set to what the driver says where it refuses, or NULL
 *
 * Context: process; @rec is claimed.
 * Return: 0 or a negative errno.
 */
int pnicfw_eswitch_replace(struct pnicfw_record *rec, u8 index,
			   const struct pnicfw_path *path, const char **msg)
{
	const struct pnicfw_driver_rule rule = eswitch_of_dir(rec, index, path);
	struct pnicfw_driver *driver = rule.port->table->driver;
	struct pnicfw_driver_room *room;
	struct pnicfw_key key, to;
	int err;

	room = pnicfw_driver_enter(driver);
	if (!room)
		return -ENOMEM;
	pnicfw_record_key(rec, index, &key);
	pnicfw_record_key_out(rec, index, &to);
	pnicfw_flower_build(&room->flower, &key, &to, &path->key);
	err = pnicfw_driver_replace(&rule, room, msg);
	pnicfw_driver_leave(driver, room);
	return err;
}

/**
 * pnicfw_eswitch_stats - hear what a direction's rule carried since last time
 * @rec: the record
 * @index: the direction
 * @path: what the rule was made from
 *
 * Conntrack is told. Numbers that cannot be are not believed.
 *
 * Context: process; @rec is claimed.
 * Return: 0, or a negative errno where the driver does not know the rule.
 */
int pnicfw_eswitch_stats(struct pnicfw_record *rec, u8 index,
			 const struct pnicfw_path *path)
{
	const struct pnicfw_driver_rule rule = eswitch_of_dir(rec, index, path);

	return pnicfw_driver_stats(&rule);
}

/**
 * pnicfw_eswitch_destroy - take a direction's rule out
 * @rec: the record
 * @index: the direction
 * @path: what the rule was made from
 *
 * Context: process; @rec is claimed.
 * Return: false where the driver does not let go of it; until it has, nothing
 * else may get the rule's name, so @rec must stay.
 */
bool pnicfw_eswitch_destroy(struct pnicfw_record *rec, u8 index,
			    const struct pnicfw_path *path)
{
	const struct pnicfw_driver_rule rule = eswitch_of_dir(rec, index, path);

	return pnicfw_driver_destroy(&rule);
}

/* Denials *****************************************************************/

static void eswitch_denial_carried(const struct pnicfw_driver_rule *rule,
				   const struct pnicfw_count *more, u32 used)
{
	pnicfw_denial_hw_carried(rule->pn, rule->of, more, used);
}

static struct pnicfw_driver_rule
eswitch_of_denial(struct pnicfw_net *pn, struct pnicfw_denial *denial)
{
	return (struct pnicfw_driver_rule){
		.pn = pn,
		.port = denial->is.port,
		.cookie = (unsigned long)denial,
		.vlan = &denial->is.way.vlan,
		.inner = &denial->is.way.inner,
		.carried = eswitch_denial_carried,
		.of = denial,
	};
}

/**
 * pnicfw_eswitch_deny - have a rule that drops what is denied
 * @pn: the namespace
 * @denial: the denial
 * @msg: set to what the driver says where it refuses, or NULL
 *
 * Context: process; @denial is claimed.
 * Return: 0 or a negative errno.
 */
int pnicfw_eswitch_deny(struct pnicfw_net *pn, struct pnicfw_denial *denial,
			const char **msg)
{
	const struct pnicfw_driver_rule rule = eswitch_of_denial(pn, denial);
	struct pnicfw_driver *driver = rule.port->table->driver;
	const struct pnicfw_denial_case *is = &denial->is;
	struct pnicfw_driver_room *room;
	struct pnicfw_path_key way = {
		.in = is->port,
		.vlan = is->way.vlan,
		.inner = is->way.inner,
		.dscp = is->way.dscp,
	};

	int err;

	room = pnicfw_driver_enter(driver);
	if (!room)
		return -ENOMEM;
	memcpy(way.eth, is->way.eth, sizeof(way.eth));
	pnicfw_flower_build_drop(&room->flower, &is->key, &way, is->way.flags);
	err = pnicfw_driver_replace(&rule, room, msg);
	pnicfw_driver_leave(driver, room);
	return err;
}

/**
 * pnicfw_eswitch_deny_stats - hear what a denial's rule dropped since last time
 * @pn: the namespace
 * @denial: the denial
 *
 * Context: process; @denial is claimed.
 * Return: 0, or a negative errno where the driver does not know the rule.
 */
int pnicfw_eswitch_deny_stats(struct pnicfw_net *pn,
			      struct pnicfw_denial *denial)
{
	const struct pnicfw_driver_rule rule = eswitch_of_denial(pn, denial);

	return pnicfw_driver_stats(&rule);
}

/**
 * pnicfw_eswitch_undeny - take a denial's rule out
 * @pn: the namespace
 * @denial: the denial
 *
 * Context: process; @denial is claimed.
 * Return: false where the driver does not let go of it, likewise.
 */
bool pnicfw_eswitch_undeny(struct pnicfw_net *pn, struct pnicfw_denial *denial)
{
	const struct pnicfw_driver_rule rule = eswitch_of_denial(pn, denial);

	return pnicfw_driver_destroy(&rule);
}
