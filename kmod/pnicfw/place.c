// SPDX-License-Identifier: GPL-2.0
/*
 * place - tier 3: places of an eswitch
 */
#include <linux/jiffies.h>

#include "net.h"
#include "pace.h"
#include "place.h"
#include "table.h"

/* Between two times that users are told that there is no room. */
#define PLACE_TELLS	HZ

/**
 * pnicfw_place_full - is there no use in asking the eswitch for one more?
 * @table: the eswitch
 *
 * Context: any.
 * Return: whether somebody has to leave first.
 */
bool pnicfw_place_full(const struct pnicfw_table *table)
{
	return pnicfw_capacity_full(&table->capacity, pnicfw_table_places(table),
				    READ_ONCE(table->pn->params.hw_limit),
				    jiffies);
}

/**
 * pnicfw_place_take - take a place, for one whose rules are to get in
 * @table: the eswitch
 * @of: @table's count of what it is: &pnicfw_table.used or &pnicfw_table.denials
 *
 * Now and then one more is tried than there is known to be room for.
 *
 * Context: process.
 * Return: whether there was one. Who has it asks the driver.
 */
bool pnicfw_place_take(struct pnicfw_table *table, u32 *of)
{
	struct pnicfw_net *pn = table->pn;
	bool room;

	spin_lock_bh(&pn->hw_lock);
	pnicfw_capacity_probe(&table->capacity, pnicfw_table_places(table),
			      jiffies);
	room = !pnicfw_place_full(table);
	if (room)
		WRITE_ONCE(*of, *of + 1);
	spin_unlock_bh(&pn->hw_lock);
	return room;
}

/**
 * pnicfw_place_leave - give a place back
 * @table: the eswitch
 * @of: as it was taken
 *
 * Context: process.
 */
void pnicfw_place_leave(struct pnicfw_table *table, u32 *of)
{
	struct pnicfw_net *pn = table->pn;

	spin_lock_bh(&pn->hw_lock);
	WRITE_ONCE(*of, *of - 1);
	spin_unlock_bh(&pn->hw_lock);
}

/**
 * pnicfw_place_filled - has an eswitch become full, and is that news?
 * @table: the eswitch, which has just taken a connection or had no room for it
 *
 * Where as many leave as get in, each takes the last place.
 *
 * Context: process.
 * Return: whether users are to be told.
 */
bool pnicfw_place_filled(struct pnicfw_table *table)
{
	unsigned long told = READ_ONCE(table->told_full);

	/* Zero is never. Of several who find it full one is to tell. */
	return pnicfw_place_full(table) &&
	       !(told && time_before(jiffies, told + PLACE_TELLS)) &&
	       cmpxchg(&table->told_full, told, jiffies | 1) == told;
}

/**
 * pnicfw_place_refused - an eswitch has refused something
 * @table: the eswitch; the place that was taken for it is given back
 * @err: what its driver answered, a negative errno
 * @fails: how often in a row it has refused that, which is counted here
 *
 * Context: process; whoever @fails is of is claimed.
 * Return: jiffies (the low 32 bits) before which it is not to be asked again.
 */
u32 pnicfw_place_refused(struct pnicfw_table *table, int err, u8 *fails)
{
	struct pnicfw_net *pn = table->pn;

	if (err == -ENOSPC) {
		spin_lock_bh(&pn->hw_lock);
		pnicfw_capacity_refused(&table->capacity,
					pnicfw_table_places(table), jiffies);
		spin_unlock_bh(&pn->hw_lock);
	}
	if (*fails < U8_MAX)
		(*fails)++;
	return (u32)jiffies + pnicfw_pace_backoff(err, *fails);
}
