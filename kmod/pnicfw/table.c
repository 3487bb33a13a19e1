// SPDX-License-Identifier: GPL-2.0
/*
 * table - tier 3: what one eswitch has of the namespace's connections and
 * denials, and who would like to be there
 */
#include <linux/rculist.h>
#include <linux/slab.h>

#include "net.h"
#include "place.h"
#include "record.h"
#include "table.h"

/**
 * pnicfw_table_init - a namespace begins, without eswitches
 * @pn: the namespace
 */
void pnicfw_table_init(struct pnicfw_net *pn)
{
	spin_lock_init(&pn->hw_lock);
	INIT_LIST_HEAD(&pn->hw_leaving);
	INIT_LIST_HEAD(&pn->hw_stuck);
	INIT_LIST_HEAD(&pn->hw_tables);
}

/**
 * pnicfw_table_exit - it ends; no records are left
 * @pn: the namespace
 */
void pnicfw_table_exit(struct pnicfw_net *pn)
{
	struct pnicfw_table *table, *next;

	list_for_each_entry_safe(table, next, &pn->hw_tables, list) {
		WARN_ON(pnicfw_table_places(table) || table->waiting.total ||
			table->inside.total || table->stale.total);
		kfree(table);
	}
}

static struct pnicfw_table *table_new(struct pnicfw_net *pn,
				      const struct netdev_phys_item_id *id)
{
	struct pnicfw_table *table = kzalloc(sizeof(*table), GFP_KERNEL);

	if (!table)
		return NULL;
	table->pn = pn;
	table->id = *id;
	pnicfw_capacity_init(&table->capacity);
	pnicfw_ranks_init(&table->waiting);
	pnicfw_ranks_init(&table->inside);
	pnicfw_ranks_init(&table->stale);
	INIT_LIST_HEAD(&table->denied);
	return table;
}

/**
 * pnicfw_table_get - the eswitch of a name
 * @pn: the namespace
 * @id: the name
 *
 * Context: RTNL, process.
 * Return: it, valid until the namespace ends; NULL where memory ran out.
 */
struct pnicfw_table *pnicfw_table_get(struct pnicfw_net *pn,
				      const struct netdev_phys_item_id *id)
{
	struct pnicfw_table *table;

	list_for_each_entry(table, &pn->hw_tables, list)
		if (netdev_phys_item_id_same(&table->id, (void *)id))
			return table;
	table = table_new(pn, id);
	/* The worker walks the list without RTNL. */
	if (table)
		list_add_tail_rcu(&table->list, &pn->hw_tables);
	return table;
}

/**
 * pnicfw_table_ranks - one of an eswitch's lists
 * @table: the eswitch
 * @on: which, enum pnicfw_table_list
 *
 * Context: the namespace's hw_lock.
 * Return: it, or NULL where that is no list of an eswitch.
 */
struct pnicfw_ranks *pnicfw_table_ranks(struct pnicfw_table *table, u8 on)
{
	switch (on) {
	case PNICFW_TABLE_WAITING:
		return &table->waiting;
	case PNICFW_TABLE_INSIDE:
		return &table->inside;
	case PNICFW_TABLE_STALE:
		return &table->stale;
	}
	return NULL;
}

static void table_unlist(struct pnicfw_hw *hw)
{
	struct pnicfw_ranks *ranks = pnicfw_table_ranks(hw->table, hw->on);

	if (ranks)
		pnicfw_ranks_del(ranks, &hw->node, hw->rank);
	else if (hw->on != PNICFW_TABLE_NOWHERE)
		list_del(&hw->node);
	hw->on = PNICFW_TABLE_NOWHERE;
}

/**
 * pnicfw_table_move - put a connection on a list, and off the one it is on
 * @hw: what concerns the eswitch of it
 * @on: the list
 * @heat: its heat
 *
 * Context: the namespace's hw_lock. References are the caller's affair.
 */
void pnicfw_table_move(struct pnicfw_hw *hw, enum pnicfw_table_list on,
		       u16 heat)
{
	struct pnicfw_ranks *ranks = pnicfw_table_ranks(hw->table, on);
	struct pnicfw_net *pn = hw->table->pn;

	table_unlist(hw);
	hw->on = on;
	hw->rank = pnicfw_heat_rank(heat);
	if (ranks)
		pnicfw_ranks_add(ranks, &hw->node, hw->rank);
	else if (on == PNICFW_TABLE_LEAVING)
		list_add_tail(&hw->node, &pn->hw_leaving);
	else if (on == PNICFW_TABLE_STUCK)
		list_add_tail(&hw->node, &pn->hw_stuck);
}

/**
 * pnicfw_table_enlist - the same by who has not got the lists' lock
 * @hw: what concerns the eswitch of it
 * @on: the list
 * @heat: its heat
 *
 * Context: BH off, the record's lock held. References are the caller's affair.
 */
void pnicfw_table_enlist(struct pnicfw_hw *hw, enum pnicfw_table_list on,
			 u16 heat)
{
	struct pnicfw_net *pn = hw->table->pn;

	spin_lock(&pn->hw_lock);
	pnicfw_table_move(hw, on, heat);
	spin_unlock(&pn->hw_lock);
}

/**
 * pnicfw_table_withdraw - a connection is not to get in any more
 * @hw: what concerns the eswitch of it
 *
 * If it waits, that is over: it is to leave, which is nothing to wait for. The worker
 * may take it off that list at any moment, so whether it is still there is known
 * under the lists' own lock only; and then it is the worker's to list it anew.
 *
 * Context: BH off, the record's lock held. The list's reference stays with it.
 * Return: whether it waited.
 */
bool pnicfw_table_withdraw(struct pnicfw_hw *hw)
{
	struct pnicfw_net *pn = hw->table->pn;
	bool waits;

	spin_lock(&pn->hw_lock);
	waits = hw->on == PNICFW_TABLE_WAITING;
	if (waits)
		pnicfw_table_move(hw, PNICFW_TABLE_LEAVING, 0);
	spin_unlock(&pn->hw_lock);
	return waits;
}

/**
 * pnicfw_table_rerank - a connection has become hotter or colder
 * @hw: what concerns the eswitch of it
 * @heat: its heat
 *
 * Context: any but hard interrupts.
 */
void pnicfw_table_rerank(struct pnicfw_hw *hw, u16 heat)
{
	struct pnicfw_net *pn = hw->table->pn;

	if (READ_ONCE(hw->rank) == pnicfw_heat_rank(heat))
		return;
	spin_lock_bh(&pn->hw_lock);
	if (pnicfw_table_ranks(hw->table, hw->on))
		pnicfw_table_move(hw, hw->on, heat);
	spin_unlock_bh(&pn->hw_lock);
}

/**
 * pnicfw_table_again - what drivers have not let go of is to leave, once more
 * @pn: the namespace
 * @most: how many of them at most
 *
 * The lists' references go with them.
 *
 * Context: process.
 * Return: whether there were any.
 */
bool pnicfw_table_again(struct pnicfw_net *pn, unsigned int most)
{
	struct pnicfw_hw *hw, *next;
	bool any;

	spin_lock_bh(&pn->hw_lock);
	any = !list_empty(&pn->hw_stuck);
	list_for_each_entry_safe(hw, next, &pn->hw_stuck, node) {
		if (!most--)
			break;
		pnicfw_table_move(hw, PNICFW_TABLE_LEAVING, 0);
	}
	spin_unlock_bh(&pn->hw_lock);
	return any;
}

/**
 * pnicfw_table_hopeless - is there neither room for a connection, nor anybody
 * that it could take the place of?
 * @table: the eswitch
 * @heat: the connection's
 *
 * A look without locks, so that those who do not stand a chance do not queue,
 * again and again. The worker looks once more.
 *
 * Context: any.
 * Return: whether it need not try.
 */
bool pnicfw_table_hopeless(const struct pnicfw_table *table, u16 heat)
{
	int coldest;

	if (!pnicfw_place_full(table) || READ_ONCE(table->denials))
		return false;
	coldest = pnicfw_ranks_coldest(&table->inside);
	return coldest < 0 ||
	       !pnicfw_heat_beats(heat, pnicfw_heat_least(coldest));
}

static void table_count(const struct pnicfw_table *table,
			struct pnicfw_table_census *census)
{
	unsigned int rank, bar;

	census->used += pnicfw_table_places(table);
	census->denied += READ_ONCE(table->denials);
	census->waiting += table->waiting.total;
	for (rank = 0; rank < PNICFW_HEAT_RANKS; rank++) {
		bar = pnicfw_stats_bar(pnicfw_heat_rate(pnicfw_heat_least(rank)));
		census->heat[bar] += table->inside.of[rank] +
				     table->stale.of[rank];
	}
}

/**
 * pnicfw_table_census - count what a namespace's eswitches have
 * @pn: the namespace
 * @census: filled in
 *
 * Context: any but hard interrupts.
 */
void pnicfw_table_census(struct pnicfw_net *pn,
			 struct pnicfw_table_census *census)
{
	const struct pnicfw_table *table;

	memset(census, 0, sizeof(*census));
	rcu_read_lock();
	spin_lock_bh(&pn->hw_lock);
	list_for_each_entry_rcu(table, &pn->hw_tables, list)
		table_count(table, census);
	spin_unlock_bh(&pn->hw_lock);
	rcu_read_unlock();
}
