// SPDX-License-Identifier: GPL-2.0
/*
 * doubt - tier 3: has an eswitch lost rules, and nobody has asked for them yet?
 */
#include <linux/jiffies.h>
#include <linux/rculist.h>

#include "doubt.h"
#include "net.h"
#include "reconcile.h"
#include "record.h"
#include "table.h"
#include "turn.h"

/* Between two rounds that ask for each connection that an eswitch has. */
#define DOUBT_PAUSE		(8 * HZ)

/**
 * pnicfw_doubt_raise - an eswitch has lost a rule
 * @pn: the namespace
 *
 * Context: any.
 */
void pnicfw_doubt_raise(struct pnicfw_net *pn)
{
	WRITE_ONCE(pn->doubt, true);
}

/* Ask each eswitch for one of those that it has, another one each time. */
static void doubt_probe(struct pnicfw_net *pn)
{
	struct pnicfw_table *table;
	struct pnicfw_hw *hw;

	/* It only grows. */
	list_for_each_entry_rcu(table, &pn->hw_tables, list, true) {
		hw = pnicfw_turn_next(table);
		if (!hw)
			continue;
		if (!pnicfw_reconcile_poll(hw->rec))
			pnicfw_doubt_raise(pn);
		pnicfw_record_put(hw->rec);
	}
}

/**
 * pnicfw_doubt_begin - a round of the age room begins
 * @pn: the namespace
 *
 * Who turns out to have lost a rule in it may have done so after others were
 * asked: there will be another such round, though not at once.
 *
 * Context: process; one caller at a time.
 * Return: whether each connection that an eswitch has is to be asked for.
 */
bool pnicfw_doubt_begin(struct pnicfw_net *pn)
{
	doubt_probe(pn);
	if (!READ_ONCE(pn->doubt) ||
	    time_before(jiffies, pn->doubt_asked + DOUBT_PAUSE))
		return false;
	WRITE_ONCE(pn->doubt, false);
	pn->doubt_asked = jiffies;
	return true;
}

/**
 * pnicfw_doubt_init - a namespace begins, without doubt
 * @pn: the namespace
 */
void pnicfw_doubt_init(struct pnicfw_net *pn)
{
	pn->doubt_asked = jiffies - DOUBT_PAUSE;
}
