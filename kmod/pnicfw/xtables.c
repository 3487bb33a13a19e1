// SPDX-License-Identifier: GPL-2.0
/*
 * xtables - rules of iptables as it was before nftables
 */
#include <linux/err.h>
#include <linux/hash.h>
#include <linux/jhash.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/netfilter/x_tables.h>

#include "net.h"
#include "revalidate.h"
#include "xtables.h"

/* Held while a namespace's tables are looked at; protects what is known of them. */
static DEFINE_MUTEX(xtables_mutex);

#if IS_ENABLED(CONFIG_NETFILTER_XTABLES)
/* Where x_tables was not there when this module was loaded they are no functions,
 * and nothing is seen; modprobe loads it first.
 */
#pragma weak xt_find_table
#pragma weak xt_find_table_lock
#pragma weak xt_table_unlock

/**
 * struct xtables_calls - x_tables' functions
 * @find: is there a table?
 * @lock: have it stay as it is; where there is none, have one made
 * @unlock: no longer
 *
 * Not called by their names: what is not there may be too far to jump to.
 */
struct xtables_calls {
	typeof(xt_find_table) *find;
	typeof(xt_find_table_lock) *lock;
	typeof(xt_table_unlock) *unlock;
};

static struct xtables_calls xtables_calls = {
	.find = xt_find_table,
	.lock = xt_find_table_lock,
	.unlock = xt_table_unlock,
};

/* What decides on packets that are forwarded; NAT does so with a connection's first
 * packet only.
 */
static const char * const xtables_names[] = {
	"filter", "mangle", "raw", "security",
};

/* A table gets other memory with each change, but after two the first one may be
 * free again: then there may be more rules, or fewer, or other chains.
 */
static u32 xtables_look_at(struct net *net, u8 family, const char *name, u32 seen)
{
	const struct xtables_calls *xt = &xtables_calls;
	const struct xt_table_info *info;
	struct xt_table *table;

	OPTIMIZER_HIDE_VAR(xt);		/* or GCC calls them by their names */
	if (!xt->find(net, family, name))
		return seen;
	table = xt->lock(net, family, name);
	if (IS_ERR_OR_NULL(table))
		return seen;		/* it has gone since */
	info = table->private;
	seen = jhash_3words(hash32_ptr(info), hash32_ptr(info->jumpstack),
			    info->number, seen);
	xt->unlock(table);
	module_put(table->me);
	return seen;
}

static u32 xtables_look(struct net *net)
{
	u32 seen = 0;
	int i;

	if (!READ_ONCE(xtables_calls.find))
		return 0;
	for (i = 0; i < ARRAY_SIZE(xtables_names); i++) {
		seen = xtables_look_at(net, NFPROTO_IPV4, xtables_names[i],
				       seen);
		seen = xtables_look_at(net, NFPROTO_IPV6, xtables_names[i],
				       seen);
	}
	return seen;
}
#else
static u32 xtables_look(struct net *net)
{
	return 0;
}
#endif

/* Returns whether any has changed since the last time. */
static bool xtables_changed(struct pnicfw_net *pn)
{
	u32 before, now;

	mutex_lock(&xtables_mutex);
	before = pn->xtables_seen;
	now = pn->xtables_over ? before : xtables_look(pn->net);
	pn->xtables_seen = now;
	mutex_unlock(&xtables_mutex);
	return now != before;
}

/**
 * pnicfw_xtables_begin - there will be something that rests on the tables
 * @pn: the namespace, about to have its first port
 *
 * Context: process, RTNL.
 */
void pnicfw_xtables_begin(struct pnicfw_net *pn)
{
	xtables_changed(pn);
}

/**
 * pnicfw_xtables_review - has a table changed since the last time?
 * @pn: the namespace
 *
 * The change is in force then.
 *
 * Context: the age room's round.
 */
void pnicfw_xtables_review(struct pnicfw_net *pn)
{
	if (xtables_changed(pn))
		pnicfw_revalidate_all(pn);
}

/**
 * pnicfw_xtables_end - tables are about to go with their namespace
 * @pn: the namespace
 *
 * From here on nobody asks for one, which would make it anew.
 *
 * Context: process.
 */
void pnicfw_xtables_end(struct pnicfw_net *pn)
{
	mutex_lock(&xtables_mutex);
	pn->xtables_over = true;
	mutex_unlock(&xtables_mutex);
}
