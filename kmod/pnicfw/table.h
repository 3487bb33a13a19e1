/* SPDX-License-Identifier: GPL-2.0 */
/*
 * table - tier 3: what one eswitch has of the namespace's connections, and who
 * would like to be there
 *
 * A connection that concerns the eswitch is on one list at most, and
 * &struct pnicfw_hw.on says which: what is to leave, whatever the eswitch; what
 * would like to get in, hottest first; what is in, coldest first; and of that,
 * what was learned by rules of before, hottest first. So there are never more
 * entries than records, and none of them needs memory.
 */
#ifndef PNICFW_TABLE_H
#define PNICFW_TABLE_H

#include <linux/list.h>
#include <linux/netdevice.h>

#include "capacity.h"
#include "pace.h"
#include "ranks.h"
#include "stats.h"

struct pnicfw_net;
struct pnicfw_hw;

/**
 * enum pnicfw_table_list - where a connection is listed
 * @PNICFW_TABLE_NOWHERE: on no list; the worker may have it in hand
 * @PNICFW_TABLE_LEAVING: the namespace's, of those that are to be taken out
 * @PNICFW_TABLE_WAITING: its eswitch's, of those that would like to get in
 * @PNICFW_TABLE_INSIDE: its eswitch's, of those that are in
 * @PNICFW_TABLE_STALE: likewise, but rules have changed since
 */
enum pnicfw_table_list {
	PNICFW_TABLE_NOWHERE,
	PNICFW_TABLE_LEAVING,
	PNICFW_TABLE_WAITING,
	PNICFW_TABLE_INSIDE,
	PNICFW_TABLE_STALE,
};

/**
 * struct pnicfw_table - one eswitch
 * @list: on the namespace's list, which only grows
 * @id: its name, as devlink and the driver give it
 * @used: connections that are in; written under the namespace's hw_mutex
 * @capacity: how many there is room for (likewise)
 * @inserts: pace of the insertions (likewise)
 * @waiting: PNICFW_TABLE_WAITING (the namespace's hw_lock)
 * @inside: PNICFW_TABLE_INSIDE (likewise)
 * @stale: PNICFW_TABLE_STALE (likewise)
 *
 * Made with its first port, freed with the namespace: there are as many as NICs,
 * and what was learned of one stays true while its ports come and go.
 */
struct pnicfw_table {
	struct list_head list;
	struct netdev_phys_item_id id;
	u32 used;
	struct pnicfw_capacity capacity;
	struct pnicfw_pace inserts;
	struct pnicfw_ranks waiting;
	struct pnicfw_ranks inside;
	struct pnicfw_ranks stale;
};

/**
 * struct pnicfw_table_census - what all eswitches have
 * @used: connections that are in
 * @waiting: that would like to get in
 * @stale: that are in by rules of before
 * @heat: that are in, by packets a second (pnicfw_stats_bar())
 */
struct pnicfw_table_census {
	u32 used;
	u32 waiting;
	u32 stale;
	u32 heat[PNICFW_STATS_BARS];
};

void pnicfw_table_init(struct pnicfw_net *pn);
void pnicfw_table_exit(struct pnicfw_net *pn);
struct pnicfw_table *pnicfw_table_get(struct pnicfw_net *pn,
				      const struct netdev_phys_item_id *id);

void pnicfw_table_enlist(struct pnicfw_net *pn, struct pnicfw_hw *hw,
			 enum pnicfw_table_list on, u16 heat);
void pnicfw_table_rerank(struct pnicfw_net *pn, struct pnicfw_hw *hw, u16 heat);
struct pnicfw_hw *pnicfw_table_first(struct pnicfw_net *pn,
				     struct pnicfw_table *table,
				     enum pnicfw_table_list on);
bool pnicfw_table_full(const struct pnicfw_net *pn,
		       const struct pnicfw_table *table);
bool pnicfw_table_hopeless(const struct pnicfw_net *pn,
			   const struct pnicfw_table *table, u16 heat);
void pnicfw_table_census(struct pnicfw_net *pn,
			 struct pnicfw_table_census *census);

#endif /* PNICFW_TABLE_H */
