// SPDX-License-Identifier: GPL-2.0
/* Rules, for people to read */

#include <linux/bits.h>
#include <linux/if_vlan.h>
#include <linux/seq_file.h>

#include "field.h"
#include "group.h"
#include "port.h"
#include "rule.h"
#include "tc.h"

/**
 * struct shown_field - one of struct pnicsim_fields, as it is printed
 * @name: its name
 * @offset: where it is
 * @size: bytes, in network order
 * @hex: print it in hexadecimal
 */
struct shown_field {
	const char	*name;
	u8		offset;
	u8		size;
	bool		hex;
};

#define SHOWN(_member, _hex) {						\
	.name	= #_member,						\
	.offset	= offsetof(struct pnicsim_fields, _member),		\
	.size	= sizeof_field(struct pnicsim_fields, _member),		\
	.hex	= _hex,							\
}

static const struct shown_field shown_fields[] = {
	SHOWN(dmac,		true),
	SHOWN(smac,		true),
	SHOWN(eth_type,		true),
	SHOWN(tpid,		true),
	SHOWN(tci,		true),
	SHOWN(inner_tpid,	true),
	SHOWN(inner_tci,	true),
	SHOWN(ip_proto,		false),
	SHOWN(tos,		true),
	SHOWN(ttl,		false),
	SHOWN(frag,		false),
	SHOWN(icmp_type,	false),
	SHOWN(icmp_code,	false),
	SHOWN(tcp_flags,	true),
	SHOWN(sport,		false),
	SHOWN(dport,		false),
};

static u64 get_be(const struct pnicsim_fields *fields,
		  const struct shown_field *field)
{
	const u8 *byte = (const u8 *)fields + field->offset;
	unsigned int i;
	u64 val = 0;

	for (i = 0; i < field->size; i++)
		val = val << 8 | byte[i];
	return val;
}

static void print_field(struct seq_file *seq, const struct shown_field *field,
			u64 key, u64 mask)
{
	seq_printf(seq, "%s=", field->name);
	if (field->hex)
		seq_printf(seq, "0x%0*llx", field->size * 2, key);
	else
		seq_printf(seq, "%llu", key);
	if (mask != GENMASK_ULL(field->size * 8 - 1, 0))
		seq_printf(seq, "/0x%llx", mask);
	seq_putc(seq, ',');
}

static void print_addr(struct seq_file *seq, const char *name, bool ipv6,
		       const __be32 *key, const __be32 *mask)
{
	const size_t len = ipv6 ? sizeof(struct in6_addr) : sizeof(__be32);

	if (!memchr_inv(mask, 0, len))
		return;
	if (ipv6)
		seq_printf(seq, "%s=%pI6c", name, key);
	else
		seq_printf(seq, "%s=%pI4", name, key);
	if (memchr_inv(mask, 0xff, len))
		seq_printf(seq, ipv6 ? "/%pI6c" : "/%pI4", mask);
	seq_putc(seq, ',');
}

static void print_match(struct seq_file *seq, const struct pnicsim_fields *key,
			const struct pnicsim_fields *mask)
{
	bool ipv6 = key->eth_type == htons(ETH_P_IPV6);
	unsigned int i;
	u64 bits;

	for (i = 0; i < ARRAY_SIZE(shown_fields); i++) {
		bits = get_be(mask, &shown_fields[i]);
		if (bits)
			print_field(seq, &shown_fields[i],
				    get_be(key, &shown_fields[i]), bits);
	}
	print_addr(seq, "src", ipv6, key->src, mask->src);
	print_addr(seq, "dst", ipv6, key->dst, mask->dst);
}

static const char *rep_name(const struct pnicsim_port *port)
{
	const struct net_device *rep = rcu_dereference(port->rep);

	return rep ? rep->name : "-";
}

static void print_rewrite(struct seq_file *seq,
			  const struct pnicsim_action *act)
{
	const struct pnicsim_field *field = &pnicsim_fields[act->field];
	unsigned int shift = __ffs(field->mask);

	seq_printf(seq, "%s(%s=0x%x", act->op == PNICSIM_ADD ? "add" : "set",
		   field->name, act->val >> shift);
	if (act->mask != field->mask)
		seq_printf(seq, "/0x%x", act->mask >> shift);
	seq_puts(seq, "),");
}

static void print_action(struct seq_file *seq,
			 const struct pnicsim_action *act)
{
	switch (act->op) {
	case PNICSIM_OUTPUT:
		seq_printf(seq, "output(%s),", rep_name(act->port));
		break;
	case PNICSIM_PUSH:
		seq_printf(seq, "push(tpid=0x%04x,vid=%u,prio=%u),",
			   act->val >> 16, act->val & VLAN_VID_MASK,
			   (act->val & VLAN_PRIO_MASK) >> VLAN_PRIO_SHIFT);
		break;
	case PNICSIM_POP:
		seq_puts(seq, "pop,");
		break;
	default:
		print_rewrite(seq, act);
		break;
	}
}

static void print_verdict(struct seq_file *seq, u8 verdict)
{
	static const char * const names[] = {
		[PNICSIM_DROP]		= "drop,",
		[PNICSIM_ACCEPT]	= "accept,",
		[PNICSIM_TRAP]		= "trap,",
	};

	if (verdict != PNICSIM_FORWARD)
		seq_puts(seq, names[verdict]);
}

/**
 * pnicsim_rule_print - print a rule and what it has counted, on one line
 * @seq: where to
 * @rule: rule
 *
 * Fields are separated by a space, and have none; every item in the match and
 * the actions is followed by a comma.
 *
 * Context: RCU read section.
 */
void pnicsim_rule_print(struct seq_file *seq, struct pnicsim_rule *rule)
{
	const struct pnicsim_binding *binding = rule->cookie.binding;
	struct pnicsim_count count;
	unsigned int i;

	pnicsim_counter_peek(&rule->counter, &count);
	seq_printf(seq, "port=%s bind=%s prio=%u match=",
		   rep_name(binding->port),
		   binding->kind == PNICSIM_BIND_FT ? "ft" : "block",
		   rule->prio);
	print_match(seq, &rule->slot.fields, &rule->group->mask);
	seq_puts(seq, " actions=");
	print_verdict(seq, rule->verdict);
	for (i = 0; i < rule->num_actions; i++)
		print_action(seq, &rule->actions[i]);
	seq_printf(seq, " packets=%llu bytes=%llu\n", count.packets,
		   count.bytes);
}
