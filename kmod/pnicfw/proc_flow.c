// SPDX-License-Identifier: GPL-2.0
/*
 * proc_flow - /proc/net/pnicfw/flows: a line for each connection, then one for
 * each denial
 */
#include <linux/seq_file.h>
#include <linux/seq_file_net.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/netfilter/nf_conntrack_zones.h>

#include "age.h"
#include "denial.h"
#include "net.h"
#include "proc.h"
#include "view.h"

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

/* A denial among the records: the lowest bit is set. */
static void *proc_flow_mark(struct pnicfw_denial *denial)
{
	return (void *)((unsigned long)denial | 1);
}

static struct pnicfw_denial *proc_flow_denial(void *v)
{
	unsigned long marked = (unsigned long)v;

	return marked & 1 ? (void *)(marked & ~1UL) : NULL;
}

/* Positions are ids, so what lives while the file is read is shown exactly once;
 * position 0 is the line of names. The ids of denials are the higher ones.
 */
static void *proc_flow_from(struct seq_file *m, loff_t *pos)
{
	struct pnicfw_net *pn = pnicfw_net(seq_file_net(m));
	struct pnicfw_denial *denial;
	struct pnicfw_record *rec;
	unsigned long id = *pos;

	rec = pnicfw_record_next(pn, &id);
	if (rec) {
		*pos = rec->id;
		return rec;
	}
	denial = pnicfw_denial_next(pn, &id);
	if (!denial)
		return NULL;
	*pos = denial->id;
	return proc_flow_mark(denial);
}

static void *proc_flows_start(struct seq_file *m, loff_t *pos)
{
	return *pos ? proc_flow_from(m, pos) : SEQ_START_TOKEN;
}

static void proc_flows_stop(struct seq_file *m, void *v)
{
	if (!v || v == SEQ_START_TOKEN)
		return;
	if (proc_flow_denial(v))
		pnicfw_denial_put(proc_flow_denial(v));
	else
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

static void proc_flow_tuple(struct seq_file *m, const struct pnicfw_key *key)
{
	const char *addr = key->family == NFPROTO_IPV4 ? " %pI4" : " %pI6c";

	seq_printf(m, addr, &key->src);
	proc_flow_port(m, key, key->sport);
	seq_printf(m, addr, &key->dst);
	proc_flow_port(m, key, key->dport);
}

static void proc_flow_rest(struct seq_file *m,
			   const struct pnicfw_view_devs *devs,
			   const struct pnicfw_view_counts *counts)
{
	seq_printf(m, " %s %s", devs->in.ifindex ? devs->in.name : "-",
		   devs->out.ifindex ? devs->out.name : "-");
	if (counts->counted)
		seq_printf(m, " %llu %llu", counts->firewall.packets,
			   counts->firewall.bytes);
	else
		seq_puts(m, " - -");
	seq_printf(m, " %llu %llu %llu %llu", counts->cache.packets,
		   counts->cache.bytes, counts->hw.packets, counts->hw.bytes);
}

static void proc_flow_dir(struct seq_file *m, struct pnicfw_record *rec,
			  int index)
{
	struct pnicfw_view_counts counts;
	struct pnicfw_view_devs devs;
	struct pnicfw_key key;

	pnicfw_record_key(rec, index, &key);
	pnicfw_view_devs(rec, index, &devs);
	pnicfw_view_counts(rec, index, &counts);
	proc_flow_tuple(m, &key);
	proc_flow_rest(m, &devs, &counts);
}

/**
 * pnicfw_proc_protocol - write a protocol's name, or its number
 * @m: where to
 * @protocol: the protocol
 */
void pnicfw_proc_protocol(struct seq_file *m, u8 protocol)
{
	if (protocol < ARRAY_SIZE(protocol_names) && protocol_names[protocol])
		seq_puts(m, protocol_names[protocol]);
	else
		seq_printf(m, "%u", protocol);
}

static void proc_flow_record(struct seq_file *m, struct pnicfw_record *rec)
{
	struct nf_conn *ct = pnicfw_record_ct(rec);

	pnicfw_age_look(rec);
	seq_printf(m, "%u %s allow %s %s", rec->id,
		   state_names[pnicfw_view_state(rec)],
		   rec->answer.cacheable ? "yes" : "no",
		   rec->answer.offloadable ? "yes" : "no");
	seq_putc(m, ' ');
	pnicfw_proc_protocol(m, nf_ct_protonum(ct));
	seq_printf(m, " %u", nf_ct_zone_id(nf_ct_zone(ct), IP_CT_DIR_ORIGINAL));
	proc_flow_dir(m, rec, IP_CT_DIR_ORIGINAL);
	proc_flow_dir(m, rec, IP_CT_DIR_REPLY);
	seq_putc(m, '\n');
}

/* There is nothing that comes back. */
static void proc_flow_denied(struct seq_file *m, struct pnicfw_net *pn,
			     struct pnicfw_denial *denial)
{
	const struct pnicfw_denial_case *is = &denial->is;
	struct pnicfw_view_counts counts;
	struct pnicfw_view_devs devs;

	pnicfw_view_denial_devs(pn, denial, &devs);
	pnicfw_view_denial_counts(pn, denial, &counts);
	seq_printf(m, "%u %s deny yes %s", denial->id,
		   state_names[PNICFW_STATE_DENIED],
		   READ_ONCE(pn->params.hw) ? "yes" : "no");
	seq_putc(m, ' ');
	pnicfw_proc_protocol(m, is->key.protocol);
	seq_printf(m, " %u", READ_ONCE(is->zone));
	proc_flow_tuple(m, &is->key);
	proc_flow_rest(m, &devs, &counts);
	seq_puts(m, " - - - - - - - - 0 0 0 0\n");
}

static int proc_flows_show(struct seq_file *m, void *v)
{
	if (v == SEQ_START_TOKEN)
		proc_flow_names(m);
	else if (proc_flow_denial(v))
		proc_flow_denied(m, pnicfw_net(seq_file_net(m)),
				 proc_flow_denial(v));
	else
		proc_flow_record(m, v);
	return 0;
}

/* What the file is read by. */
const struct seq_operations pnicfw_proc_flows_ops = {
	.start = proc_flows_start,
	.next = proc_flows_next,
	.stop = proc_flows_stop,
	.show = proc_flows_show,
};
