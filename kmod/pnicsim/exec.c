// SPDX-License-Identifier: GPL-2.0
/* A rule's actions on a frame
 *
 * The frame is linear, and nothing of it is in the skb's metadata: no VLAN
 * tag, no pending checksum. Rewrites keep right checksums right and wrong
 * ones wrong.
 */

#include <linux/icmpv6.h>
#include <linux/if_vlan.h>
#include <linux/ip.h>
#include <linux/skbuff.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/checksum.h>
#include <net/flow_offload.h>

#include "exec.h"
#include "field.h"
#include "port.h"
#include "rule.h"
#include "switch.h"

/* Where @field's word is in the frame, or NULL where its header is missing.
 * The ethertype is in front of the IP header, however many tags there are.
 */
static u8 *field_word(struct sk_buff *skb, const struct pnicsim_headers *hdrs,
		      unsigned int id)
{
	const struct pnicsim_field *field = &pnicsim_fields[id];
	unsigned int base;

	switch (field->htype) {
	case FLOW_ACT_MANGLE_HDR_TYPE_ETH:
		base = id == PNICSIM_FIELD_ETH_TYPE ? hdrs->l3 - ETH_HLEN : 0;
		break;
	case FLOW_ACT_MANGLE_HDR_TYPE_TCP:
	case FLOW_ACT_MANGLE_HDR_TYPE_UDP:
		base = hdrs->l4;
		break;
	default:
		base = hdrs->l3;
		break;
	}
	if (field->htype != FLOW_ACT_MANGLE_HDR_TYPE_ETH && !base)
		return NULL;
	if (base + field->word + sizeof(u32) > skb->len)
		return NULL;
	return skb->data + base + field->word;
}

static void fix_udp(struct udphdr *uh, __be32 from, __be32 to)
{
	if (!uh->check)		/* The sender made none. */
		return;
	csum_replace4(&uh->check, from, to);
	if (!uh->check)
		uh->check = CSUM_MANGLED_0;
}

static void fix_l4(struct sk_buff *skb, const struct pnicsim_headers *hdrs,
		   __be32 from, __be32 to)
{
	void *l4 = skb->data + hdrs->l4;

	if (!hdrs->l4)
		return;
	switch (hdrs->l4_proto) {
	case IPPROTO_TCP:
		csum_replace4(&((struct tcphdr *)l4)->check, from, to);
		break;
	case IPPROTO_UDP:
		fix_udp(l4, from, to);
		break;
	case IPPROTO_ICMPV6:
		csum_replace4(&((struct icmp6hdr *)l4)->icmp6_cksum, from, to);
		break;
	}
}

static void fix_checksums(struct sk_buff *skb,
			  const struct pnicsim_headers *hdrs,
			  const struct pnicsim_field *field,
			  __be32 from, __be32 to)
{
	struct iphdr *iph = (struct iphdr *)(skb->data + hdrs->l3);

	switch (field->htype) {
	case FLOW_ACT_MANGLE_HDR_TYPE_ETH:
		break;
	case FLOW_ACT_MANGLE_HDR_TYPE_IP4:
		csum_replace4(&iph->check, from, to);
		if (field->word >= offsetof(struct iphdr, saddr))
			fix_l4(skb, hdrs, from, to);
		break;
	case FLOW_ACT_MANGLE_HDR_TYPE_IP6:
		if (field->word >= offsetof(struct ipv6hdr, saddr))
			fix_l4(skb, hdrs, from, to);
		break;
	default:
		fix_l4(skb, hdrs, from, to);
		break;
	}
}

static int exec_rewrite(struct sk_buff *skb,
			const struct pnicsim_headers *hdrs,
			const struct pnicsim_action *act)
{
	const struct pnicsim_field *field = &pnicsim_fields[act->field];
	__be32 from, to;
	u32 old, val;
	u8 *word;
	int err;

	err = skb_ensure_writable(skb, hdrs->len);
	if (err)
		return err;
	word = field_word(skb, hdrs, act->field);
	if (!word)
		return 0;

	from = get_unaligned((__be32 *)word);
	old = ntohl(from);
	val = act->val;
	if (act->op == PNICSIM_ADD)
		val = (old & act->mask) + val;
	to = htonl((old & ~act->mask) | (val & act->mask));
	put_unaligned(to, (__be32 *)word);
	fix_checksums(skb, hdrs, field, from, to);
	return 0;
}

static void headers_move(struct pnicsim_headers *hdrs, int by)
{
	hdrs->l3 += by;
	if (hdrs->l4)
		hdrs->l4 += by;
	hdrs->len += by;
}

static int exec_push(struct sk_buff *skb, struct pnicsim_headers *hdrs,
		     const struct pnicsim_action *act)
{
	int err;

	err = __vlan_insert_tag(skb, htons(act->val >> 16), act->val & 0xffff);
	if (!err)
		headers_move(hdrs, VLAN_HLEN);
	return err;
}

static int exec_pop(struct sk_buff *skb, struct pnicsim_headers *hdrs)
{
	u16 tci;
	int err;

	if (!eth_type_vlan(((struct ethhdr *)skb->data)->h_proto) ||
	    hdrs->l3 <= ETH_HLEN)
		return 0;
	err = __skb_vlan_pop(skb, &tci);
	if (!err)
		headers_move(hdrs, -VLAN_HLEN);
	return err;
}

static int exec_modify(struct sk_buff *skb, struct pnicsim_headers *hdrs,
		       const struct pnicsim_action *act)
{
	switch (act->op) {
	case PNICSIM_PUSH:
		return exec_push(skb, hdrs, act);
	case PNICSIM_POP:
		return exec_pop(skb, hdrs);
	default:
		return exec_rewrite(skb, hdrs, act);
	}
}

/**
 * pnicsim_exec - carry out a rule's actions
 * @rule: a rule whose verdict is PNICSIM_FORWARD
 * @skb: the frame, consumed; data at its MAC header
 * @hdrs: the frame's headers
 *
 * Context: RCU read section, BH off.
 */
void pnicsim_exec(const struct pnicsim_rule *rule, struct sk_buff *skb,
		  struct pnicsim_headers *hdrs)
{
	unsigned int last = rule->num_actions - 1;
	const struct pnicsim_action *act;
	struct sk_buff *copy;
	unsigned int i;

	for (i = 0; i < last; i++) {
		act = &rule->actions[i];
		if (act->op == PNICSIM_OUTPUT) {
			copy = skb_clone(skb, GFP_ATOMIC);
			if (copy)
				pnicsim_switch_output(act->port, copy);
		} else if (exec_modify(skb, hdrs, act)) {
			kfree_skb(skb);
			return;
		}
	}
	pnicsim_switch_output(rule->actions[last].port, skb);
}
