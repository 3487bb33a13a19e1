// SPDX-License-Identifier: GPL-2.0
/*
 * net - what one network namespace owns
 */
#include <linux/slab.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>

#include "age.h"
#include "cache.h"
#include "claim.h"
#include "crew.h"
#include "denial.h"
#include "driver.h"
#include "drop.h"
#include "judge.h"
#include "label.h"
#include "listen.h"
#include "net.h"
#include "path.h"
#include "port.h"
#include "proc.h"
#include "record.h"
#include "revalidate.h"
#include "table.h"
#include "xtables.h"

static unsigned int net_id __read_mostly;

/**
 * pnicfw_net - pnicfw's part of a network namespace
 * @net: the namespace
 *
 * Return: it; never NULL while the module is loaded and @net lives.
 */
struct pnicfw_net *pnicfw_net(const struct net *net)
{
	return net_generic(net, net_id);
}

static const struct pnicfw_params net_params = {
	.cache = 1,
	.hw = 1,
	.hw_after = 32,
	.age_interval = 500,
	.cache_limit = 1 << 20,
	.label_cacheable = PNICFW_LABEL_OFF,
	.label_offloaded = PNICFW_LABEL_OFF,
	.hw_rate = 10000,
	.revalidate_rate = 50000,
	.recheck_time = 60000,
	.deny_limit = 1 << 14,
	.deny_time = 10,
};

static int __net_init net_enter(struct net *net)
{
	struct pnicfw_net *pn = pnicfw_net(net);
	int err;

	pn->net = net;
	pn->params = net_params;
	pnicfw_port_init_net(pn);
	pnicfw_judge_init(pn);
	pnicfw_pardon_init(pn);
	pnicfw_listen_init(pn);

	err = pnicfw_stats_init(pn);
	if (err)
		return err;
	err = pnicfw_path_init(pn);
	if (err)
		goto out_stats;
	err = pnicfw_cache_init(pn);
	if (err)
		goto out_path;
	err = pnicfw_denial_init(pn);
	if (err)
		goto out_cache;
	pnicfw_record_init(pn);
	pnicfw_table_init(pn);
	pnicfw_claim_init(pn);
	pnicfw_crew_init(pn);
	pnicfw_age_init(pn);
	err = pnicfw_revalidate_init_net(pn);
	if (err)
		goto out_denial;
	err = pnicfw_proc_init(pn);
	if (err)
		goto out_revalidate;
	return 0;

out_revalidate:
	pnicfw_revalidate_exit_net(pn);
out_denial:
	pnicfw_denial_exit(pn);
out_cache:
	pnicfw_cache_exit(pn);
out_path:
	pnicfw_path_exit(pn);
out_stats:
	pnicfw_stats_exit(pn);
	return err;
}

/* Every device has left the namespace by now, so every port has, and every
 * record with it: only their RCU callbacks may still be under way.
 */
static void __net_exit net_leave(struct net *net)
{
	struct pnicfw_net *pn = pnicfw_net(net);

	pnicfw_proc_exit(pn);
	pnicfw_label_exit(pn);
	pnicfw_judge_exit(pn);
	pnicfw_listen_exit(pn);
	pnicfw_revalidate_exit_net(pn);
	pnicfw_port_exit_net(pn);
	pnicfw_drop_exit(pn);
	pnicfw_age_exit(pn);
	pnicfw_crew_exit(pn);
	pnicfw_driver_exit(pn);
	pnicfw_cache_exit(pn);
	pnicfw_record_exit(pn);
	pnicfw_table_exit(pn);
	pnicfw_denial_exit(pn);
	pnicfw_path_exit(pn);
	pnicfw_stats_exit(pn);
}

/* All namespaces' ends begin with this, before anything of them is gone. */
static void __net_exit net_begin_leaving(struct net *net)
{
	pnicfw_xtables_end(pnicfw_net(net));
}

static struct pernet_operations net_ops = {
	.init = net_enter,
	.pre_exit = net_begin_leaving,
	.exit = net_leave,
	.id = &net_id,
	.size = sizeof(struct pnicfw_net),
};

/**
 * pnicfw_net_init - take part in every namespace, there already or to come
 *
 * Return: 0 or a negative errno.
 */
int pnicfw_net_init(void)
{
	int err = register_pernet_subsys(&net_ops);

	/* What of a namespace was made in vain goes with RCU. */
	if (err)
		rcu_barrier();
	return err;
}

/**
 * pnicfw_net_exit - leave every namespace
 */
void pnicfw_net_exit(void)
{
	unregister_pernet_subsys(&net_ops);
}
