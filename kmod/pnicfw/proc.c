// SPDX-License-Identifier: GPL-2.0
/*
 * proc - /proc/net/pnicfw/{ports,policy,flows,stats}, to look at without a tool
 *
 * A line of names, then lines of values; pnicfw(8) says what they mean. New
 * columns and lines are added at the end, and none is taken away.
 */
#include <linux/netdevice.h>
#include <linux/proc_fs.h>
#include <linux/rtnetlink.h>
#include <linux/seq_file.h>
#include <linux/seq_file_net.h>
#include <net/net_namespace.h>

#include "net.h"
#include "port.h"
#include "proc.h"
#include "table.h"
#include "trace.h"
#include "view.h"

static const char *const bind_names[] = {
	[PNICFW_BIND_NONE] = "none",
	[PNICFW_BIND_FT] = "ft",
	[PNICFW_BIND_BLOCK] = "block",
	[PNICFW_BIND_INDIRECT] = "indirect",
};

static const char *on_off(bool on)
{
	return on ? "on" : "off";
}

static void proc_port_table(struct seq_file *m, const struct pnicfw_table *table)
{
	u32 size;

	if (!table) {
		seq_puts(m, " - -");
		return;
	}
	size = READ_ONCE(table->capacity.size);
	seq_printf(m, " %u", pnicfw_table_places(table));
	if (size == PNICFW_CAPACITY_UNKNOWN)
		seq_puts(m, " -");
	else
		seq_printf(m, " %u", size);
}

static int proc_ports_show(struct seq_file *m, void *v)
{
	struct pnicfw_net *pn = pnicfw_net(seq_file_single_net(m));
	const struct pnicfw_port *port;
	unsigned long ifindex;

	seq_puts(m, "dev hw bind switch-id flows table-used table-size drain\n");
	rtnl_lock();
	pnicfw_port_count(pn);
	xa_for_each(&pn->ports, ifindex, port) {
		const struct netdev_phys_item_id *id = &port->switch_id;

		seq_printf(m, "%s %s %s ", port->dev->name,
			   on_off(port->hw_wanted), bind_names[port->bind]);
		if (id->id_len)
			seq_printf(m, "%*phN", id->id_len, id->id);
		else
			seq_putc(m, '-');
		seq_printf(m, " %u", port->flows);
		proc_port_table(m, port->table);
		seq_printf(m, " %s\n", on_off(port->drained));
	}
	rtnl_unlock();
	return 0;
}

static void proc_rule_prefix(struct seq_file *m, const char *name, u8 family,
			     const union nf_inet_addr *addr, u8 len)
{
	if (family == NFPROTO_IPV4)
		seq_printf(m, ",%s=%pI4/%u", name, addr, len);
	else
		seq_printf(m, ",%s=%pI6c/%u", name, addr, len);
}

static void proc_rule_ports(struct seq_file *m, const char *name,
			    const struct pnicfw_rules_ports *ports)
{
	seq_printf(m, ",%s=%u-%u", name, ports->first, ports->last);
}

/* A device that has gone, or is in another namespace, has no name here. */
static void proc_rule_dev(struct seq_file *m, const char *name, int ifindex)
{
	const struct net_device *dev;

	rcu_read_lock();
	dev = dev_get_by_index_rcu(seq_file_single_net(m), ifindex);
	if (dev)
		seq_printf(m, ",%s=%s", name, dev->name);
	else
		seq_printf(m, ",%s=%d", name, ifindex);
	rcu_read_unlock();
}

static void proc_rule_match(struct seq_file *m, const struct pnicfw_rule *rule)
{
	const struct pnicfw_rules_bits *want = &rule->want;
	u32 says = rule->says;

	if (says & BIT(PNICFW_RULES_SRC))
		proc_rule_prefix(m, "src", want->family, &want->src,
				 rule->src_len);
	if (says & BIT(PNICFW_RULES_DST))
		proc_rule_prefix(m, "dst", want->family, &want->dst,
				 rule->dst_len);
	if (says & BIT(PNICFW_RULES_PROTOCOL)) {
		seq_puts(m, ",proto=");
		pnicfw_proc_protocol(m, want->protocol);
	}
	if (says & BIT(PNICFW_RULES_SPORT))
		proc_rule_ports(m, "sport", &rule->sport);
	if (says & BIT(PNICFW_RULES_DPORT))
		proc_rule_ports(m, "dport", &rule->dport);
	if (says & BIT(PNICFW_RULES_IN))
		proc_rule_dev(m, "in", want->in);
	if (says & BIT(PNICFW_RULES_OUT))
		proc_rule_dev(m, "out", want->out);
	if (says & BIT(PNICFW_RULES_ZONE))
		seq_printf(m, ",zone=%u", want->zone);
	if (says & BIT(PNICFW_RULES_MARK))
		seq_printf(m, ",mark=%#x/%#x", want->mark, rule->mask.mark);
	if (says & BIT(PNICFW_RULES_LABEL))
		seq_printf(m, ",label=%u", rule->label);
	if (says & BIT(PNICFW_RULES_HELPER))
		seq_printf(m, ",helper=%s", rule->helper);
}

/* A match is "all", and what narrows it. What a rule leaves to the parameters
 * is shown as -.
 */
static void proc_rule(struct seq_file *m, const struct pnicfw_rule *rule)
{
	u32 says = rule->says;

	seq_printf(m, "%u all", rule->pref);
	proc_rule_match(m, rule);
	seq_printf(m, " %s %s %s", rule->deny ? "deny" : "allow",
		   says & BIT(PNICFW_RULES_CACHE) ? on_off(rule->cache) : "-",
		   says & BIT(PNICFW_RULES_HW) ? on_off(rule->hw) : "-");
	if (says & BIT(PNICFW_RULES_HW_AFTER))
		seq_printf(m, " %u\n", rule->hw_after);
	else
		seq_puts(m, " -\n");
}

/* The last line answers about a connection that no rule matches. */
static int proc_policy_show(struct seq_file *m, void *v)
{
	struct pnicfw_net *pn = pnicfw_net(seq_file_single_net(m));
	const struct pnicfw_params *params = &pn->params;
	const struct pnicfw_rule *rule;

	seq_puts(m, "pref match verdict cache hw hw-after\n");
	mutex_lock(&pn->policy_mutex);
	list_for_each_entry(rule, &pn->rules.list, list)
		proc_rule(m, rule);
	mutex_unlock(&pn->policy_mutex);
	seq_printf(m, "default all allow %s %s %u\n",
		   on_off(READ_ONCE(params->cache)),
		   on_off(READ_ONCE(params->hw)), READ_ONCE(params->hw_after));
	return 0;
}

static void proc_stats_bars(struct seq_file *m, const char *name,
			    const atomic64_t bars[PNICFW_STATS_BARS])
{
	int i;

	for (i = 0; i < PNICFW_STATS_BARS; i++)
		if (atomic64_read(&bars[i]))
			seq_printf(m, "%s-%u %lld\n", name,
				   pnicfw_stats_from(i),
				   atomic64_read(&bars[i]));
}

static void proc_stats_tables(struct seq_file *m, struct pnicfw_net *pn,
			      u32 stale)
{
	struct pnicfw_table_census census;
	int i;

	pnicfw_table_census(pn, &census);
	seq_printf(m, "hw-used %u\n", census.used);
	seq_printf(m, "hw-denied %u\n", census.denied);
	seq_printf(m, "hw-waiting %u\n", census.waiting);
	seq_printf(m, "hw-stale %u\n", stale);
	proc_stats_bars(m, "hw-insert-us", pn->gauges.hw_insert_us);
	for (i = 0; i < PNICFW_STATS_BARS; i++)
		if (census.heat[i])
			seq_printf(m, "hw-heat-%u %u\n", pnicfw_stats_from(i),
				   census.heat[i]);
	proc_stats_bars(m, "hw-delete-us", pn->gauges.hw_delete_us);
	proc_stats_bars(m, "hw-stats-us", pn->gauges.hw_stats_us);
}

static int proc_stats_show(struct seq_file *m, void *v)
{
	struct pnicfw_net *pn = pnicfw_net(seq_file_single_net(m));
	struct pnicfw_gauges *g = &pn->gauges;
	struct pnicfw_view_census census;
	struct pnicfw_stats sum;
	int i;

	pnicfw_view_census(pn, &census);
	pnicfw_stats_sum(pn, &sum);
	seq_puts(m, "name value\n");
	seq_printf(m, "records %u\n", census.total);
	seq_printf(m, "cached %u\n", census.by_state[PNICFW_STATE_CACHED] +
				     census.by_state[PNICFW_STATE_OFFLOADING]);
	seq_printf(m, "offloaded %u\n",
		   census.by_state[PNICFW_STATE_OFFLOADED]);
	seq_printf(m, "denied %u\n", READ_ONCE(pn->denials.count));
	seq_printf(m, "memory %llu\n", pnicfw_stats_memory(pn));
	seq_printf(m, "cache-hits %llu\n", sum.cache_hits);
	seq_printf(m, "cache-misses %llu\n", sum.cache_misses);
	seq_printf(m, "learned %llu\n", sum.learned);
	seq_printf(m, "revalidated %llu\n", sum.revalidated);
	seq_printf(m, "hw-inserted %lld\n", atomic64_read(&g->hw_inserted));
	seq_printf(m, "hw-deleted %lld\n", atomic64_read(&g->hw_deleted));
	seq_printf(m, "hw-evicted %lld\n", atomic64_read(&g->hw_evicted));
	seq_printf(m, "denied-hits %llu\n", sum.denied_hits);
	seq_printf(m, "denied-made %llu\n", sum.denied_made);
	seq_printf(m, "denied-evicted %llu\n", sum.denied_evicted);
	for (i = 0; i <= PNICFW_REASON_MAX; i++)
		if (sum.not_learned[i])
			seq_printf(m, "not-learned-%s %llu\n",
				   pnicfw_trace_reason(i), sum.not_learned[i]);
	for (i = 0; i <= PNICFW_STATS_ERRNO_MAX; i++)
		if (atomic64_read(&g->hw_failed[i]))
			seq_printf(m, "hw-failed-%d %lld\n", i,
				   atomic64_read(&g->hw_failed[i]));
	proc_stats_tables(m, pn, census.stale);
	return 0;
}

/**
 * pnicfw_proc_init - make a namespace's files
 * @pn: the namespace
 *
 * Return: 0 or -ENOMEM.
 */
int pnicfw_proc_init(struct pnicfw_net *pn)
{
	pn->proc = proc_net_mkdir(pn->net, "pnicfw", pn->net->proc_net);
	if (!pn->proc)
		return -ENOMEM;
	if (proc_create_net_single("ports", 0444, pn->proc, proc_ports_show,
				   NULL) &&
	    proc_create_net_single("policy", 0444, pn->proc, proc_policy_show,
				   NULL) &&
	    proc_create_net_single("stats", 0444, pn->proc, proc_stats_show,
				   NULL) &&
	    proc_create_net("flows", 0444, pn->proc, &pnicfw_proc_flows_ops,
			    sizeof(struct seq_net_private)))
		return 0;
	pnicfw_proc_exit(pn);
	return -ENOMEM;
}

/**
 * pnicfw_proc_exit - remove them
 * @pn: the namespace
 *
 * Waits for readers.
 */
void pnicfw_proc_exit(struct pnicfw_net *pn)
{
	proc_remove(pn->proc);
	pn->proc = NULL;
}
