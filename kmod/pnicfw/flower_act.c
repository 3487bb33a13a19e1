// SPDX-License-Identifier: GPL-2.0
/*
 * flower_act - what a rule does to the packets that it matches
 */
#include <linux/if_vlan.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tc_act/tc_csum.h>

#include "flower.h"
#include "path.h"
#include "port.h"

static struct flow_action_entry *flower_act(struct flow_rule *rule,
					    enum flow_action_id id)
{
	struct flow_action *actions = &rule->action;
	struct flow_action_entry *entry;

	entry = &actions->entries[actions->num_entries++];
	*entry = (struct flow_action_entry){
		.id = id,
		.hw_stats = FLOW_ACTION_HW_STATS_DONT_CARE,
	};
	return entry;
}

/* Rewrite the bits of a header word that @write has; drivers want the mask of
 * those to keep.
 */
static void flower_rewrite(struct flow_rule *rule, enum flow_action_id id,
			   enum flow_action_mangle_base base, u32 offset,
			   __be32 value, __be32 write)
{
	struct flow_action_entry *entry = flower_act(rule, id);

	entry->mangle.htype = base;
	entry->mangle.offset = offset;
	entry->mangle.val = (__force u32)value;
	entry->mangle.mask = ~(__force u32)write;
}

/* The words and their order are those of nf_flow_table: some drivers take no
 * others.
 */
static void flower_rewrite_eth(struct flow_rule *rule,
			       const struct pnicfw_path_key *path)
{
	const enum flow_action_mangle_base base = FLOW_ACT_MANGLE_HDR_TYPE_ETH;
	const u8 *dst = path->act.eth_dst, *src = path->act.eth_src;
	__be32 word;

	if (!memcmp(path->eth, &path->act.eth, sizeof(path->eth)))
		return;

	word = htonl(src[0] << 8 | src[1]);
	flower_rewrite(rule, FLOW_ACTION_MANGLE, base, 4, word,
		       htonl(0x0000ffff));
	memcpy(&word, src + 2, sizeof(word));
	flower_rewrite(rule, FLOW_ACTION_MANGLE, base, 8, word, htonl(~0));
	memcpy(&word, dst, sizeof(word));
	flower_rewrite(rule, FLOW_ACTION_MANGLE, base, 0, word, htonl(~0));
	word = htonl((u32)dst[4] << 24 | dst[5] << 16);
	flower_rewrite(rule, FLOW_ACTION_MANGLE, base, 4, word,
		       htonl(0xffff0000));
}

static bool flower_same_tag(const struct pnicfw_vlan *a,
			    const struct pnicfw_vlan *b)
{
	return a->proto == b->proto && a->tci == b->tci;
}

static void flower_pop_tag(struct flow_rule *rule,
			   const struct pnicfw_vlan *tag)
{
	if (tag->proto)
		flower_act(rule, FLOW_ACTION_VLAN_POP);
}

static void flower_push_tag(struct flow_rule *rule,
			    const struct pnicfw_vlan *tag)
{
	struct flow_action_entry *entry;

	if (!tag->proto)
		return;
	entry = flower_act(rule, FLOW_ACTION_VLAN_PUSH);
	entry->vlan.vid = tag->tci & VLAN_VID_MASK;
	entry->vlan.prio = tag->tci >> VLAN_PRIO_SHIFT;
	entry->vlan.proto = tag->proto;
}

/* An inner tag that stays is not touched; one that does not comes off after
 * the outer, and is put on before it.
 */
static void flower_act_vlan(struct flow_rule *rule,
			    const struct pnicfw_path_key *path)
{
	const struct pnicfw_action *act = &path->act;
	bool keep = flower_same_tag(&path->inner, &act->inner);

	if (keep && flower_same_tag(&path->vlan, &act->vlan))
		return;
	flower_pop_tag(rule, &path->vlan);
	if (!keep) {
		flower_pop_tag(rule, &path->inner);
		flower_push_tag(rule, &act->inner);
	}
	flower_push_tag(rule, &act->vlan);
}

/* Addresses, word by word, those that change. */
static void flower_rewrite_addr(struct flow_rule *rule,
				enum flow_action_mangle_base base, u32 offset,
				const union nf_inet_addr *from,
				const union nf_inet_addr *to,
				unsigned int words)
{
	unsigned int i;

	if (!memcmp(from, to, words * sizeof(__be32)))
		return;
	for (i = 0; i < words; i++)
		flower_rewrite(rule, FLOW_ACTION_MANGLE, base,
			       offset + i * sizeof(__be32),
			       (__force __be32)to->all[i], htonl(~0));
}

static void flower_rewrite_ipv4(struct flow_rule *rule,
				const struct pnicfw_key *key,
				const struct pnicfw_key *to,
				const struct pnicfw_path_key *path)
{
	const enum flow_action_mangle_base base = FLOW_ACT_MANGLE_HDR_TYPE_IP4;
	const struct pnicfw_action *act = &path->act;

	if (act->dscp != path->dscp)
		flower_rewrite(rule, FLOW_ACTION_MANGLE, base, 0,
			       htonl(act->dscp << 16), htonl(0x00fc0000));
	if (act->ttl_dec)
		flower_rewrite(rule, FLOW_ACTION_ADD, base,
			       offsetof(struct iphdr, ttl),
			       htonl(0xff000000), htonl(0xff000000));
	if (!act->nat)
		return;
	flower_rewrite_addr(rule, base, offsetof(struct iphdr, saddr),
			    &key->src, &to->src, 1);
	flower_rewrite_addr(rule, base, offsetof(struct iphdr, daddr),
			    &key->dst, &to->dst, 1);
}

static void flower_rewrite_ipv6(struct flow_rule *rule,
				const struct pnicfw_key *key,
				const struct pnicfw_key *to,
				const struct pnicfw_path_key *path)
{
	const enum flow_action_mangle_base base = FLOW_ACT_MANGLE_HDR_TYPE_IP6;
	const struct pnicfw_action *act = &path->act;

	if (act->dscp != path->dscp)
		flower_rewrite(rule, FLOW_ACTION_MANGLE, base, 0,
			       htonl((u32)act->dscp << 20), htonl(0x0fc00000));
	if (act->ttl_dec)
		flower_rewrite(rule, FLOW_ACTION_ADD, base,
			       offsetof(struct ipv6hdr, payload_len),
			       htonl(0x000000ff), htonl(0x000000ff));
	if (!act->nat)
		return;
	flower_rewrite_addr(rule, base, offsetof(struct ipv6hdr, saddr),
			    &key->src, &to->src, 4);
	flower_rewrite_addr(rule, base, offsetof(struct ipv6hdr, daddr),
			    &key->dst, &to->dst, 4);
}

static void flower_rewrite_ports(struct flow_rule *rule,
				 const struct pnicfw_key *key,
				 const struct pnicfw_key *to)
{
	enum flow_action_mangle_base base = FLOW_ACT_MANGLE_HDR_TYPE_UDP;

	if (key->protocol == IPPROTO_TCP)
		base = FLOW_ACT_MANGLE_HDR_TYPE_TCP;
	if (key->sport != to->sport)
		flower_rewrite(rule, FLOW_ACTION_MANGLE, base, 0,
			       htonl((u32)ntohs(to->sport) << 16),
			       htonl(0xffff0000));
	if (key->dport != to->dport)
		flower_rewrite(rule, FLOW_ACTION_MANGLE, base, 0,
			       htonl(ntohs(to->dport)), htonl(0x0000ffff));
}

/* Hardware keeps checksums right by itself; the action says which, for
 * devices and simulators that want to hear it. IPv6 has none of its own.
 */
static void flower_act_csum(struct flow_rule *rule,
			    const struct pnicfw_key *key,
			    const struct pnicfw_path_key *path)
{
	u32 flags = 0;

	if (key->family == NFPROTO_IPV4 &&
	    (path->act.nat || path->act.ttl_dec ||
	     path->act.dscp != path->dscp))
		flags |= TCA_CSUM_UPDATE_FLAG_IPV4HDR;
	if (path->act.nat)
		flags |= key->protocol == IPPROTO_TCP ?
			 TCA_CSUM_UPDATE_FLAG_TCP : TCA_CSUM_UPDATE_FLAG_UDP;
	if (flags)
		flower_act(rule, FLOW_ACTION_CSUM)->csum_flags = flags;
}

/**
 * pnicfw_flower_forward - rewrite packets, and send them on
 * @rule: the rule, which does nothing yet
 * @key: what the packets come in as
 * @to: what they leave as
 * @path: their way
 *
 * Context: the ports of @path stay.
 */
void pnicfw_flower_forward(struct flow_rule *rule, const struct pnicfw_key *key,
			   const struct pnicfw_key *to,
			   const struct pnicfw_path_key *path)
{
	flower_rewrite_eth(rule, path);
	flower_act_vlan(rule, path);
	if (key->family == NFPROTO_IPV4)
		flower_rewrite_ipv4(rule, key, to, path);
	else
		flower_rewrite_ipv6(rule, key, to, path);
	if (path->act.nat)
		flower_rewrite_ports(rule, key, to);
	flower_act_csum(rule, key, path);
	flower_act(rule, FLOW_ACTION_REDIRECT)->dev = path->out->dev;
}

/**
 * pnicfw_flower_drop - drop packets
 * @rule: the rule, which does nothing yet
 *
 * Context: any.
 */
void pnicfw_flower_drop(struct flow_rule *rule)
{
	flower_act(rule, FLOW_ACTION_DROP);
}
