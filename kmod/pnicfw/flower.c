// SPDX-License-Identifier: GPL-2.0
/*
 * flower - from a direction of a record to a rule as drivers take them, and which
 * packets that matches
 */
#include <linux/etherdevice.h>
#include <linux/if_vlan.h>
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
	pnicfw_flower_forward(flower->rule, key, to, path);
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
	pnicfw_flower_drop(flower->rule);
}
