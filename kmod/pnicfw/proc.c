// SPDX-License-Identifier: GPL-2.0
/*
 * proc - /proc/net/pnicfw/{ports,policy,flows,stats}, to look at without a tool
 *
 * A line of names, then lines of values; pnicfw(8) says what they mean. New
 * columns and lines are added at the end, and none is taken away.
 */
#include <linux/proc_fs.h>
#include <linux/rtnetlink.h>
#include <linux/seq_file.h>
#include <linux/seq_file_net.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/netfilter/nf_conntrack_zones.h>
#include <net/net_namespace.h>

#include "age.h"
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

static const char *const state_names[PNICFW_STATE_MAX + 1] = {
	[PNICFW_STATE_TRACKED] = "tracked",
	[PNICFW_STATE_CACHED] = "cached",
	[PNICFW_STATE_OFFLOADING] = "offloading",
	[PNICFW_STATE_OFFLOADED] = "offloaded",
	[PNICFW_STATE_CLOSING] = "closing",
	[PNICFW_STATE_DENIED] = "denied",
};

static const char *const protocol_names[] = {
	[IPPROTO_ICMP] = "icmp",
	[IPPROTO_TCP] = "tcp",
	[IPPROTO_UDP] = "udp",
	[IPPROTO_GRE] = "gre",
	[IPPROTO_ICMPV6] = "icmpv6",
	[IPPROTO_SCTP] = "sctp",
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
	seq_printf(m, " %u", READ_ONCE(table->used));
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
	xa_for_each(&pn->ports, ifindex, port) {
		const struct netdev_phys_item_id *id = &port->switch_id;

		seq_printf(m, "%s %s %s ", port->dev->name,
			   on_off(port->hw_wanted), bind_names[port->bind]);
		if (id->id_len)
			seq_printf(m, "%*phN", id->id_len, id->id);
		else
			seq_putc(m, '-');
		seq_printf(m, " %u", pnicfw_port_flows(port));
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
	if (says & BIT(PNICFW_RULES_PROTOCOL))
		seq_printf(m, ",proto=%u", want->protocol);
	if (says & BIT(PNICFW_RULES_SPORT))
		proc_rule_ports(m, "sport", &rule->sport);
	if (says & BIT(PNICFW_RULES_DPORT))
		proc_rule_ports(m, "dport", &rule->dport);
	if (says & BIT(PNICFW_RULES_IN))
		seq_printf(m, ",in=%d", want->in);
	if (says & BIT(PNICFW_RULES_OUT))
		seq_printf(m, ",out=%d", want->out);
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
		seq_puts(m, " -");
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

static void proc_stats_tables(struct seq_file *m, struct pnicfw_net *pn)
{
	struct pnicfw_table_census census;
	int i;

	pnicfw_table_census(pn, &census);
	seq_printf(m, "hw-used %u\n", census.used);
	seq_printf(m, "hw-waiting %u\n", census.waiting);
	seq_printf(m, "hw-stale %u\n", census.stale);
	for (i = 0; i < PNICFW_STATS_BARS; i++)
		if (atomic64_read(&pn->gauges.hw_insert_us[i]))
			seq_printf(m, "hw-insert-us-%u %lld\n",
				   pnicfw_stats_from(i),
				   atomic64_read(&pn->gauges.hw_insert_us[i]));
	for (i = 0; i < PNICFW_STATS_BARS; i++)
		if (census.heat[i])
			seq_printf(m, "hw-heat-%u %u\n", pnicfw_stats_from(i),
				   census.heat[i]);
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
	seq_printf(m, "denied %u\n", census.by_state[PNICFW_STATE_DENIED]);
	seq_printf(m, "memory %llu\n", pnicfw_stats_memory(pn));
	seq_printf(m, "cache-hits %llu\n", sum.cache_hits);
	seq_printf(m, "cache-misses %llu\n", sum.cache_misses);
	seq_printf(m, "learned %llu\n", sum.learned);
	seq_printf(m, "revalidated %llu\n", sum.revalidated);
	seq_printf(m, "hw-inserted %lld\n", atomic64_read(&g->hw_inserted));
	seq_printf(m, "hw-deleted %lld\n", atomic64_read(&g->hw_deleted));
	seq_printf(m, "hw-evicted %lld\n", atomic64_read(&g->hw_evicted));
	for (i = 0; i <= PNICFW_REASON_MAX; i++)
		if (sum.not_learned[i])
			seq_printf(m, "not-learned-%s %llu\n",
				   pnicfw_trace_reason(i), sum.not_learned[i]);
	for (i = 0; i <= PNICFW_STATS_ERRNO_MAX; i++)
		if (atomic64_read(&g->hw_failed[i]))
			seq_printf(m, "hw-failed-%d %lld\n", i,
				   atomic64_read(&g->hw_failed[i]));
	proc_stats_tables(m, pn);
	return 0;
}

/* Positions are ids, so a record that lives while the file is read is shown
 * exactly once; position 0 is the line of names.
 */
static struct pnicfw_record *proc_flow_from(struct seq_file *m, loff_t *pos)
{
	struct pnicfw_net *pn = pnicfw_net(seq_file_net(m));
	unsigned long id = *pos;
	struct pnicfw_record *rec = pnicfw_record_next(pn, &id);

	if (rec)
		*pos = rec->id;
	return rec;
}

static void *proc_flows_start(struct seq_file *m, loff_t *pos)
{
	return *pos ? proc_flow_from(m, pos) : SEQ_START_TOKEN;
}

static void proc_flows_stop(struct seq_file *m, void *v)
{
	if (v && v != SEQ_START_TOKEN)
		pnicfw_record_put(v);
}

static void *proc_flows_next(struct seq_file *m, void *v, loff_t *pos)
{
	proc_flows_stop(m, v);
	++*pos;
	return proc_flow_from(m, pos);
}

static void proc_flow_names(struct seq_file *m)
{
	static const char *const of_dir[] = {
		"src", "sport", "dst", "dport", "in", "out",
		"firewall-packets", "firewall-bytes",
		"cache-packets", "cache-bytes", "hw-packets", "hw-bytes",
	};
	int i;

	seq_puts(m, "id state verdict cacheable offloadable protocol zone");
	for (i = 0; i < 2 * ARRAY_SIZE(of_dir); i++)
		seq_printf(m, " %s-%s",
			   i < ARRAY_SIZE(of_dir) ? "orig" : "reply",
			   of_dir[i % ARRAY_SIZE(of_dir)]);
	seq_putc(m, '\n');
}

/* ICMP echo has its identifier for both, and GRE neither. */
static void proc_flow_port(struct seq_file *m, const struct pnicfw_key *key,
			   __be16 port)
{
	if (pnicfw_key_has_ports(key->protocol))
		seq_printf(m, " %u", ntohs(port));
	else if (pnicfw_key_is_icmp(key->protocol))
		seq_printf(m, " %u", ntohs(key->sport));
	else
		seq_puts(m, " -");
}

static void proc_flow_dir(struct seq_file *m, struct pnicfw_record *rec,
			  int index)
{
	struct pnicfw_view_counts counts;
	struct pnicfw_view_devs devs;
	struct pnicfw_key key;
	const char *addr;

	pnicfw_record_key(rec, index, &key);
	addr = key.family == NFPROTO_IPV4 ? " %pI4" : " %pI6c";
	pnicfw_view_devs(rec, index, &devs);
	pnicfw_view_counts(rec, index, &counts);
	seq_printf(m, addr, &key.src);
	proc_flow_port(m, &key, key.sport);
	seq_printf(m, addr, &key.dst);
	proc_flow_port(m, &key, key.dport);
	seq_printf(m, " %s %s", devs.in.ifindex ? devs.in.name : "-",
		   devs.out.ifindex ? devs.out.name : "-");
	if (counts.counted)
		seq_printf(m, " %llu %llu", counts.firewall.packets,
			   counts.firewall.bytes);
	else
		seq_puts(m, " - -");
	seq_printf(m, " %llu %llu %llu %llu", counts.cache.packets,
		   counts.cache.bytes, counts.hw.packets, counts.hw.bytes);
}

static void proc_flow_protocol(struct seq_file *m, u8 protocol)
{
	if (protocol < ARRAY_SIZE(protocol_names) && protocol_names[protocol])
		seq_printf(m, " %s", protocol_names[protocol]);
	else
		seq_printf(m, " %u", protocol);
}

static int proc_flows_show(struct seq_file *m, void *v)
{
	struct pnicfw_record *rec = v;
	enum pnicfw_state state;

	if (v == SEQ_START_TOKEN) {
		proc_flow_names(m);
		return 0;
	}
	pnicfw_age_look(rec);
	state = pnicfw_view_state(rec);
	seq_printf(m, "%u %s %s %s %s", rec->id, state_names[state],
		   state == PNICFW_STATE_DENIED ? "deny" : "allow",
		   rec->answer.cacheable ? "yes" : "no",
		   rec->answer.offloadable ? "yes" : "no");
	proc_flow_protocol(m, nf_ct_protonum(pnicfw_record_ct(rec)));
	seq_printf(m, " %u", nf_ct_zone_id(nf_ct_zone(pnicfw_record_ct(rec)),
					   IP_CT_DIR_ORIGINAL));
	proc_flow_dir(m, rec, IP_CT_DIR_ORIGINAL);
	proc_flow_dir(m, rec, IP_CT_DIR_REPLY);
	seq_putc(m, '\n');
	return 0;
}

static const struct seq_operations proc_flows_ops = {
	.start = proc_flows_start,
	.next = proc_flows_next,
	.stop = proc_flows_stop,
	.show = proc_flows_show,
};

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
	    proc_create_net("flows", 0444, pn->proc, &proc_flows_ops,
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
