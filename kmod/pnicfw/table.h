/* SPDX-License-Identifier: GPL-2.0 */
/*
 * table - tier 3: what one eswitch has of the namespace's connections and
 * denials, and who would like to be there
 *
 * A connection that concerns the eswitch is on one list at most, and
 * &struct pnicfw_hw.on says which: what is to leave, whatever the eswitch; what
 * would like to get in, hottest first; what is in, coldest first; and of that,
 * what was learned by rules of before, hottest first. So there are never more
 * entries than records, and none of them needs memory. Denials that are in are on
 * a list of their own.
 */
#ifndef PNICFW_TABLE_H
#define PNICFW_TABLE_H

#include <linux/list.h>
#include <linux/netdevice.h>

#include "capacity.h"
#include "claim.h"
#include "pace.h"
#include "ranks.h"
#include "stats.h"

struct pnicfw_driver;
struct pnicfw_hw;
struct pnicfw_net;

/**
 * enum pnicfw_table_list - where a connection is listed
 * @PNICFW_TABLE_NOWHERE: on no list; the worker may have it in hand
 * @PNICFW_TABLE_LEAVING: the namespace's, of those that are to be taken out
 * @PNICFW_TABLE_WAITING: its eswitch's, of those that would like to get in
 * @PNICFW_TABLE_INSIDE: its eswitch's, of those that are in
 * @PNICFW_TABLE_STALE: likewise, but rules have changed since
 * @PNICFW_TABLE_STUCK: the namespace's, of those that were to be taken out, and that
 *	the driver has not let go of; they still have their places
 */
enum pnicfw_table_list {
	PNICFW_TABLE_NOWHERE,
	PNICFW_TABLE_LEAVING,
	PNICFW_TABLE_WAITING,
	PNICFW_TABLE_INSIDE,
	PNICFW_TABLE_STALE,
	PNICFW_TABLE_STUCK,
};

/**
 * struct pnicfw_table - one eswitch
 * @list: on the namespace's list, which only grows
 * @pn: the namespace
 * @id: its name, as devlink and the driver give it
 * @driver: where rules are built (driver room)
 * @claims: on what it has (claim room)
 * @used: connections that are in, or about to be; written under the namespace's
 *	hw_lock (place room)
 * @denials: denials, likewise
 * @capacity: how many of both there is room for (likewise)
 * @inserts: pace of the insertions (likewise)
 * @told_full: when users were last told that there is none, jiffies, 0 for never
 * @waiting: PNICFW_TABLE_WAITING (the namespace's hw_lock)
 * @inside: PNICFW_TABLE_INSIDE (likewise)
 * @stale: PNICFW_TABLE_STALE (likewise)
 * @denied: the denials that are in and are to stay, by their hw_node, that which
 *	has dropped nothing for longest first (the namespace's denials.lock)
 *
 * Made with its first port, freed with the namespace: there are as many as NICs,
 * and what was learned of one stays true while its ports come and go.
 */
struct pnicfw_table {
	struct list_head list;
	struct pnicfw_net *pn;
	struct netdev_phys_item_id id;
	struct pnicfw_driver *driver;
	struct pnicfw_claims claims;
	u32 used;
	u32 denials;
	struct pnicfw_capacity capacity;
	struct pnicfw_pace inserts;
	unsigned long told_full;
	struct pnicfw_ranks waiting;
	struct pnicfw_ranks inside;
	struct pnicfw_ranks stale;
	struct list_head denied;
};

/**
 * struct pnicfw_table_census - what all eswitches have
 * @used: connections and denials that are in
 * @denied: denials of these
 * @waiting: connections that would like to get in
 * @heat: that are in, by packets a second (pnicfw_stats_bar())
 */
struct pnicfw_table_census {
	u32 used;
	u32 denied;
	u32 waiting;
	u32 heat[PNICFW_STATS_BARS];
};

/**
 * pnicfw_table_places - how many places of an eswitch are taken?
 * @table: the eswitch
 *
 * A denial counts as a connection does, though one rule is all it needs: there
 * may be room for more than is thought, and the next probe finds it.
 *
 * Context: any.
 * Return: connections and denials that are in, or about to be.
 */
static inline u32 pnicfw_table_places(const struct pnicfw_table *table)
{
	return READ_ONCE(table->used) + READ_ONCE(table->denials);
}

void pnicfw_table_init(struct pnicfw_net *pn);
void pnicfw_table_exit(struct pnicfw_net *pn);
struct pnicfw_table *pnicfw_table_get(struct pnicfw_net *pn,
				      const struct netdev_phys_item_id *id);

struct pnicfw_ranks *pnicfw_table_ranks(struct pnicfw_table *table, u8 on);
void pnicfw_table_move(struct pnicfw_hw *hw, enum pnicfw_table_list on,
		       u16 heat);
void pnicfw_table_enlist(struct pnicfw_hw *hw, enum pnicfw_table_list on,
			 u16 heat);
bool pnicfw_table_withdraw(struct pnicfw_hw *hw);
void pnicfw_table_rerank(struct pnicfw_hw *hw, u16 heat);
bool pnicfw_table_again(struct pnicfw_net *pn, unsigned int most);
bool pnicfw_table_hopeless(const struct pnicfw_table *table, u16 heat);
void pnicfw_table_census(struct pnicfw_net *pn,
			 struct pnicfw_table_census *census);

#endif /* PNICFW_TABLE_H */
