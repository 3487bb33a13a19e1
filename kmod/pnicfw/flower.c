// SPDX-License-Identifier: GPL-2.0
/*
 * flower - from a direction of a record to a rule as drivers take them
 */
#include <linux/etherdevice.h>
#include <linux/if_vlan.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tc_act/tc_csum.h>
#include <linux/tcp.h>
#include <net/inet_ecn.h>

#include "flower.h"
#include "path.h"
#include "port.h"

/* TCP flags as the dissector has them. */
#define FLOWER_TCP(flags)	cpu_to_be16(be32_to_cpu(flags) >> 16)

/**
 * pnicfw_flower_init - make room for building rules
 * @flower: the room
 *
 * Return: 0 or -ENOMEM.
 */
int pnicfw_flower_init(struct pnicfw_flower *flower)
{
	flower->rule = flow_rule_alloc(PNICFW_FLOWER_ACTIONS);
	return flower->rule ? 0 : -ENOMEM;
}

/**
 * pnicfw_flower_exit - free it
 * @flower: the room
 */
void pnicfw_flower_exit(struct pnicfw_flower *flower)
{
	kfree(flower->rule);
}

static void flower_use(struct pnicfw_flower *flower,
		       enum flow_dissector_key_id id, size_t offset)
{
	flower->dissector.used_keys |= BIT_ULL(id);
	flower->dissector.offset[id] = offset;
}

#define FLOWER_USE(flower, id, field)					\
	flower_use(flower, FLOW_DISSECTOR_KEY_##id,			\
		   offsetof(struct pnicfw_flower_key, field))

/* Match a field in full. */
#define FLOWER_EXACT(flower, field, value)				\
do {									\
	(flower)->key.field = (value);					\
	memset(&(flower)->mask.field, 0xff, sizeof((flower)->mask.field)); \
} while (0)

static __be16 flower_eth_type(const struct pnicfw_key *key)
{
	return key->family == NFPROTO_IPV4 ? htons(ETH_P_IP) :
					     htons(ETH_P_IPV6);
}

static void flower_match_tag(struct flow_dissector_key_vlan *key,
			     struct flow_dissector_key_vlan *mask,
			     const struct pnicfw_vlan *tag)
{
	key->vlan_id = tag->tci & VLAN_VID_MASK;
	mask->vlan_id = VLAN_VID_MASK;
	key->vlan_priority = tag->tci >> VLAN_PRIO_SHIFT;
	mask->vlan_priority = VLAN_PRIO_MASK >> VLAN_PRIO_SHIFT;
	key->vlan_tpid = tag->proto;
	mask->vlan_tpid = htons(0xffff);
}

/* A rule without a VLAN key that matches the Ethernet type matches untagged
 * frames only; one with a single tag says what comes behind it, or it would match
 * frames with another tag there.
 */
static void flower_match_l2(struct pnicfw_flower *flower,
			    const struct pnicfw_path_key *path,
			    __be16 eth_type)
{
	struct pnicfw_flower_key *key = &flower->key, *mask = &flower->mask;

	FLOWER_USE(flower, META, meta);
	FLOWER_EXACT(flower, meta.ingress_ifindex, path->in->dev->ifindex);

	FLOWER_USE(flower, ETH_ADDRS, eth);
	memcpy(&key->eth, path->eth, sizeof(key->eth));
	eth_broadcast_addr(mask->eth.dst);
	eth_broadcast_addr(mask->eth.src);

	if (!path->vlan.proto)
		return;
	FLOWER_USE(flower, VLAN, vlan);
	flower_match_tag(&key->vlan, &mask->vlan, &path->vlan);
	if (!path->inner.proto) {
		FLOWER_EXACT(flower, vlan.vlan_eth_type, eth_type);
		return;
	}
	FLOWER_USE(flower, CVLAN, cvlan);
	flower_match_tag(&key->cvlan, &mask->cvlan, &path->inner);
}

/* The first of a packet's fragments has its ports. Hardware that matched it
 * would part it from the others, which only tier 1 can put together.
 */
static void flower_match_l3(struct pnicfw_flower *flower,
			    const struct pnicfw_key *key, u8 dscp)
{
	FLOWER_USE(flower, BASIC, basic);
	FLOWER_EXACT(flower, basic.n_proto, flower_eth_type(key));
	FLOWER_EXACT(flower, basic.ip_proto, key->protocol);

	FLOWER_USE(flower, IP, ip);
	flower->key.ip.tos = dscp;
	flower->mask.ip.tos = (u8)~INET_ECN_MASK;

	FLOWER_USE(flower, CONTROL, control);
	flower->mask.control.addr_type = 0xffff;
	flower->mask.control.flags = FLOW_DIS_IS_FRAGMENT;
	if (key->family == NFPROTO_IPV4) {
		flower->key.control.addr_type = FLOW_DISSECTOR_KEY_IPV4_ADDRS;
		FLOWER_USE(flower, IPV4_ADDRS, ipv4);
		FLOWER_EXACT(flower, ipv4.src, key->src.ip);
		FLOWER_EXACT(flower, ipv4.dst, key->dst.ip);
	} else {
		flower->key.control.addr_type = FLOW_DISSECTOR_KEY_IPV6_ADDRS;
		FLOWER_USE(flower, IPV6_ADDRS, ipv6);
		FLOWER_EXACT(flower, ipv6.src, key->src.in6);
		FLOWER_EXACT(flower, ipv6.dst, key->dst.in6);
	}
}

static void flower_match_ports(struct pnicfw_flower *flower,
			       const struct pnicfw_key *key)
{
	FLOWER_USE(flower, PORTS, ports);
	FLOWER_EXACT(flower, ports.src, key->sport);
	FLOWER_EXACT(flower, ports.dst, key->dport);
}

static void flower_match_tcp(struct pnicfw_flower *flower, __be16 flags,
			     __be16 mask)
{
	FLOWER_USE(flower, TCP, tcp);
	flower->key.tcp.flags = flags;
	flower->mask.tcp.flags = mask;
}

/* Segments that begin or end a connection miss, and climb to tier 1. */
static void flower_match_l4(struct pnicfw_flower *flower,
			    const struct pnicfw_key *key)
{
	flower_match_ports(flower, key);
	if (key->protocol == IPPROTO_TCP)
		flower_match_tcp(flower, FLOWER_TCP(TCP_FLAG_ACK),
				 FLOWER_TCP(TCP_FLAG_ACK | TCP_FLAG_SYN |
					    TCP_FLAG_FIN | TCP_FLAG_RST));
}

static struct flow_action_entry *flower_act(struct pnicfw_flower *flower,
					    enum flow_action_id id)
{
	struct flow_action *actions = &flower->rule->action;
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
static void flower_rewrite(struct pnicfw_flower *flower,
			   enum flow_action_id id,
			   enum flow_action_mangle_base base, u32 offset,
			   __be32 value, __be32 write)
{
	struct flow_action_entry *entry = flower_act(flower, id);

	entry->mangle.htype = base;
	entry->mangle.offset = offset;
	entry->mangle.val = (__force u32)value;
	entry->mangle.mask = ~(__force u32)write;
}

/* The words and their order are those of nf_flow_table: some drivers take no
 * others.
 */
static void flower_rewrite_eth(struct pnicfw_flower *flower,
			       const struct pnicfw_path_key *path)
{
	const enum flow_action_mangle_base base = FLOW_ACT_MANGLE_HDR_TYPE_ETH;
	const u8 *dst = path->act.eth_dst, *src = path->act.eth_src;
	__be32 word;

	if (!memcmp(path->eth, &path->act.eth, sizeof(path->eth)))
		return;

	word = htonl(src[0] << 8 | src[1]);
	flower_rewrite(flower, FLOW_ACTION_MANGLE, base, 4, word,
		       htonl(0x0000ffff));
	memcpy(&word, src + 2, sizeof(word));
	flower_rewrite(flower, FLOW_ACTION_MANGLE, base, 8, word, htonl(~0));
	memcpy(&word, dst, sizeof(word));
	flower_rewrite(flower, FLOW_ACTION_MANGLE, base, 0, word, htonl(~0));
	word = htonl((u32)dst[4] << 24 | dst[5] << 16);
	flower_rewrite(flower, FLOW_ACTION_MANGLE, base, 4, word,
		       htonl(0xffff0000));
}

static bool flower_same_tag(const struct pnicfw_vlan *a,
			    const struct pnicfw_vlan *b)
{
	return a->proto == b->proto && a->tci == b->tci;
}

static void flower_pop_tag(struct pnicfw_flower *flower,
			   const struct pnicfw_vlan *tag)
{
	if (tag->proto)
		flower_act(flower, FLOW_ACTION_VLAN_POP);
}

static void flower_push_tag(struct pnicfw_flower *flower,
			    const struct pnicfw_vlan *tag)
{
	struct flow_action_entry *entry;

	if (!tag->proto)
		return;
	entry = flower_act(flower, FLOW_ACTION_VLAN_PUSH);
	entry->vlan.vid = tag->tci & VLAN_VID_MASK;
	entry->vlan.prio = tag->tci >> VLAN_PRIO_SHIFT;
	entry->vlan.proto = tag->proto;
}

/* An inner tag that stays is not touched; one that does not comes off after
 * the outer, and is put on before it.
 */
static void flower_act_vlan(struct pnicfw_flower *flower,
			    const struct pnicfw_path_key *path)
{
	const struct pnicfw_action *act = &path->act;
	bool keep = flower_same_tag(&path->inner, &act->inner);

	if (keep && flower_same_tag(&path->vlan, &act->vlan))
		return;
	flower_pop_tag(flower, &path->vlan);
	if (!keep) {
		flower_pop_tag(flower, &path->inner);
		flower_push_tag(flower, &act->inner);
	}
	flower_push_tag(flower, &act->vlan);
}

/* Addresses, word by word, those that change. */
static void flower_rewrite_addr(struct pnicfw_flower *flower,
				enum flow_action_mangle_base base, u32 offset,
				const union nf_inet_addr *from,
				const union nf_inet_addr *to,
				unsigned int words)
{
	unsigned int i;

	if (!memcmp(from, to, words * sizeof(__be32)))
		return;
	for (i = 0; i < words; i++)
		flower_rewrite(flower, FLOW_ACTION_MANGLE, base,
			       offset + i * sizeof(__be32),
			       (__force __be32)to->all[i], htonl(~0));
}

static void flower_rewrite_ipv4(struct pnicfw_flower *flower,
				const struct pnicfw_key *key,
				const struct pnicfw_key *to,
				const struct pnicfw_path_key *path)
{
	const enum flow_action_mangle_base base = FLOW_ACT_MANGLE_HDR_TYPE_IP4;
	const struct pnicfw_action *act = &path->act;

	if (act->dscp != path->dscp)
		flower_rewrite(flower, FLOW_ACTION_MANGLE, base, 0,
			       htonl(act->dscp << 16), htonl(0x00fc0000));
	if (act->ttl_dec)
		flower_rewrite(flower, FLOW_ACTION_ADD, base,
			       offsetof(struct iphdr, ttl),
			       htonl(0xff000000), htonl(0xff000000));
	if (!act->nat)
		return;
	flower_rewrite_addr(flower, base, offsetof(struct iphdr, saddr),
			    &key->src, &to->src, 1);
	flower_rewrite_addr(flower, base, offsetof(struct iphdr, daddr),
			    &key->dst, &to->dst, 1);
}

static void flower_rewrite_ipv6(struct pnicfw_flower *flower,
				const struct pnicfw_key *key,
				const struct pnicfw_key *to,
				const struct pnicfw_path_key *path)
{
	const enum flow_action_mangle_base base = FLOW_ACT_MANGLE_HDR_TYPE_IP6;
	const struct pnicfw_action *act = &path->act;

	if (act->dscp != path->dscp)
		flower_rewrite(flower, FLOW_ACTION_MANGLE, base, 0,
			       htonl((u32)act->dscp << 20), htonl(0x0fc00000));
	if (act->ttl_dec)
		flower_rewrite(flower, FLOW_ACTION_ADD, base,
			       offsetof(struct ipv6hdr, payload_len),
			       htonl(0x000000ff), htonl(0x000000ff));
	if (!act->nat)
		return;
	flower_rewrite_addr(flower, base, offsetof(struct ipv6hdr, saddr),
			    &key->src, &to->src, 4);
	flower_rewrite_addr(flower, base, offsetof(struct ipv6hdr, daddr),
			    &key->dst, &to->dst, 4);
}

static void flower_rewrite_ports(struct pnicfw_flower *flower,
				 const struct pnicfw_key *key,
				 const struct pnicfw_key *to)
{
	enum flow_action_mangle_base base = FLOW_ACT_MANGLE_HDR_TYPE_UDP;

	if (key->protocol == IPPROTO_TCP)
		base = FLOW_ACT_MANGLE_HDR_TYPE_TCP;
	if (key->sport != to->sport)
		flower_rewrite(flower, FLOW_ACTION_MANGLE, base, 0,
			       htonl((u32)ntohs(to->sport) << 16),
			       htonl(0xffff0000));
	if (key->dport != to->dport)
		flower_rewrite(flower, FLOW_ACTION_MANGLE, base, 0,
			       htonl(ntohs(to->dport)), htonl(0x0000ffff));
}

/* Hardware keeps checksums right by itself; the action says which, for
 * devices and simulators that want to hear it. IPv6 has none of its own.
 */
static void flower_act_csum(struct pnicfw_flower *flower,
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
		flower_act(flower, FLOW_ACTION_CSUM)->csum_flags = flags;
}

static void flower_begin(struct pnicfw_flower *flower)
{
	struct flow_rule *rule = flower->rule;

	flower->dissector.used_keys = 0;
	flower->key = (struct pnicfw_flower_key){};
	flower->mask = (struct pnicfw_flower_key){};
	rule->match.dissector = &flower->dissector;
	rule->match.key = &flower->key;
	rule->match.mask = &flower->mask;
	rule->action.num_entries = 0;
}

/**
 * pnicfw_flower_build - make the rule for one direction of a connection
 * @flower: where to build it; what was built there before is gone
 * @key: the direction's key
 * @to: the key its packets leave with
 * @path: its way
 *
 * Context: the ports of @path stay.
 */
void pnicfw_flower_build(struct pnicfw_flower *flower,
			 const struct pnicfw_key *key,
			 const struct pnicfw_key *to,
			 const struct pnicfw_path_key *path)
{
	flower_begin(flower);
	flower_match_l2(flower, path, flower_eth_type(key));
	flower_match_l3(flower, key, path->dscp);
	flower_match_l4(flower, key);

	flower_rewrite_eth(flower, path);
	flower_act_vlan(flower, path);
	if (key->family == NFPROTO_IPV4)
		flower_rewrite_ipv4(flower, key, to, path);
	else
		flower_rewrite_ipv6(flower, key, to, path);
	if (path->act.nat)
		flower_rewrite_ports(flower, key, to);
	flower_act_csum(flower, key, path);
	flower_act(flower, FLOW_ACTION_REDIRECT)->dev = path->out->dev;
}

/**
 * pnicfw_flower_build_drop - make the rule that drops what is denied
 * @flower: where to build it; what was built there before is gone
 * @key: the key of what is denied
 * @path: the way it comes: port of entry, MAC addresses, tags and DSCP
 * @tcp_flags: of TCP, its flags: all five that conntrack looks at must be as here
 *
 * Context: the port stays.
 */
void pnicfw_flower_build_drop(struct pnicfw_flower *flower,
			      const struct pnicfw_key *key,
			      const struct pnicfw_path_key *path, u8 tcp_flags)
{
	const __be16 mask = FLOWER_TCP(TCP_FLAG_FIN | TCP_FLAG_SYN |
				       TCP_FLAG_RST | TCP_FLAG_ACK |
				       TCP_FLAG_URG);

	flower_begin(flower);
	flower_match_l2(flower, path, flower_eth_type(key));
	flower_match_l3(flower, key, path->dscp);
	flower_match_ports(flower, key);
	if (key->protocol == IPPROTO_TCP)
		flower_match_tcp(flower, htons(tcp_flags), mask);
	flower_act(flower, FLOW_ACTION_DROP);
}
