// SPDX-License-Identifier: GPL-2.0
/* A flow rule's match -> key and mask, or a refusal
 *
 * Follows what mlx5 takes, and is stricter where mlx5 silently does something
 * else than it was asked: there a rule would be wrong on real hardware, here
 * it is refused.
 */

#include <linux/if_vlan.h>
#include <linux/in.h>
#include <net/flow_offload.h>

#include "extack.h"
#include "match.h"
#include "profile.h"

/**
 * struct match_ctx - a match on its way from one form to the other
 * @rule: the flow rule
 * @dev: device it is bound to
 * @match: result
 * @extack: told why not
 */
struct match_ctx {
	const struct flow_rule	*rule;
	struct net_device	*dev;
	struct pnicsim_match	*match;
	struct netlink_ext_ack	*extack;
};

/* One field of the same name on both sides, or not */
#define COPY(_to, _from) do {						\
	ctx->match->key._to = key->_from;				\
	ctx->match->mask._to = mask->_from;				\
} while (0)

static int match_meta(struct match_ctx *ctx)
{
	const size_t rest = offsetofend(struct flow_dissector_key_meta,
					ingress_ifindex);
	const struct flow_dissector_key_meta *mask;
	struct flow_match_meta meta;
	struct net_device *dev;

	flow_rule_match_meta(ctx->rule, &meta);
	mask = meta.mask;
	if (memchr_inv((const u8 *)mask + rest, 0, sizeof(*mask) - rest))
		return pnicsim_refuse(ctx->extack, -EOPNOTSUPP,
				      "Unsupported metadata to match on");
	if (!mask->ingress_ifindex)
		return 0;
	if (mask->ingress_ifindex != 0xffffffff)
		return pnicsim_refuse(ctx->extack, -EOPNOTSUPP,
				      "Unsupported ingress ifindex mask");

	rcu_read_lock();
	dev = dev_get_by_index_rcu(dev_net(ctx->dev),
				   meta.key->ingress_ifindex);
	rcu_read_unlock();	/* Only its address is looked at. */
	if (!dev)
		return pnicsim_refuse(ctx->extack, -ENOENT,
				      "Can't find the ingress port to match on");
	if (dev != ctx->dev)
		return pnicsim_refuse(ctx->extack, -EOPNOTSUPP,
				      "Can't match on the ingress filter port");
	return 0;
}

static int match_control(struct match_ctx *ctx)
{
	const struct flow_dissector_key_control *key, *mask;
	struct flow_match_control control;

	flow_rule_match_control(ctx->rule, &control);
	key = control.key;
	mask = control.mask;
	if (mask->flags & FLOW_DIS_FIRST_FRAG)
		return pnicsim_refuse(ctx->extack, -EOPNOTSUPP,
				      "Match on frag first/later is not supported");
	if (mask->flags & ~FLOW_DIS_IS_FRAGMENT)
		return pnicsim_refuse(ctx->extack, -EOPNOTSUPP,
				      "Unsupported control flags to match on");
	if (mask->flags & FLOW_DIS_IS_FRAGMENT) {
		ctx->match->mask.frag = 1;
		ctx->match->key.frag = !!(key->flags & FLOW_DIS_IS_FRAGMENT);
	}
	return 0;
}

static int match_basic(struct match_ctx *ctx)
{
	const struct flow_dissector_key_basic *key, *mask;
	struct flow_match_basic basic;

	flow_rule_match_basic(ctx->rule, &basic);
	key = basic.key;
	mask = basic.mask;
	COPY(eth_type, n_proto);
	COPY(ip_proto, ip_proto);
	return 0;
}

static int match_eth(struct match_ctx *ctx)
{
	struct pnicsim_match *m = ctx->match;
	struct flow_match_eth_addrs eth;

	flow_rule_match_eth_addrs(ctx->rule, &eth);
	ether_addr_copy(m->key.dmac, eth.key->dst);
	ether_addr_copy(m->mask.dmac, eth.mask->dst);
	ether_addr_copy(m->key.smac, eth.key->src);
	ether_addr_copy(m->mask.smac, eth.mask->src);
	return 0;
}

static __be16 vlan_tci(const struct flow_dissector_key_vlan *vlan)
{
	return htons(vlan->vlan_id | vlan->vlan_dei << 12 |
		     vlan->vlan_priority << VLAN_PRIO_SHIFT);
}

/* As mlx5: a key without id, priority and TPID matches anything; one with any
 * of them matches C-tags, unless it says S-tag.
 */
static bool vlan_is_constrained(const struct flow_dissector_key_vlan *mask)
{
	return mask->vlan_id || mask->vlan_priority || mask->vlan_tpid;
}

static __be16 vlan_tpid(const struct flow_dissector_key_vlan *key)
{
	return key->vlan_tpid == htons(ETH_P_8021AD) ? htons(ETH_P_8021AD) :
						       htons(ETH_P_8021Q);
}

static int match_vlan(struct match_ctx *ctx)
{
	struct pnicsim_match *m = ctx->match;
	struct flow_match_vlan vlan;

	flow_rule_match_vlan(ctx->rule, &vlan);
	if (!vlan_is_constrained(vlan.mask))
		return 0;
	m->key.tpid = vlan_tpid(vlan.key);
	m->mask.tpid = htons(0xffff);
	m->key.tci = vlan_tci(vlan.key);
	m->mask.tci = vlan_tci(vlan.mask);
	/* The ethertype behind the tag is named: there is no second tag. */
	if (vlan.mask->vlan_eth_type)
		m->mask.inner_tpid = htons(0xffff);
	return 0;
}

static int match_cvlan(struct match_ctx *ctx)
{
	struct pnicsim_match *m = ctx->match;
	struct flow_match_vlan vlan;

	flow_rule_match_cvlan(ctx->rule, &vlan);
	if (!vlan_is_constrained(vlan.mask))
		return 0;
	m->key.inner_tpid = vlan_tpid(vlan.key);
	m->mask.inner_tpid = htons(0xffff);
	m->key.inner_tci = vlan_tci(vlan.key);
	m->mask.inner_tci = vlan_tci(vlan.mask);
	return 0;
}

static void match_ipv4(struct match_ctx *ctx)
{
	const struct flow_dissector_key_ipv4_addrs *key, *mask;
	struct flow_match_ipv4_addrs addrs;

	flow_rule_match_ipv4_addrs(ctx->rule, &addrs);
	key = addrs.key;
	mask = addrs.mask;
	COPY(src[0], src);
	COPY(dst[0], dst);
}

static void match_ipv6(struct match_ctx *ctx)
{
	struct pnicsim_match *m = ctx->match;
	struct flow_match_ipv6_addrs addrs;

	flow_rule_match_ipv6_addrs(ctx->rule, &addrs);
	memcpy(m->key.src, &addrs.key->src, sizeof(m->key.src));
	memcpy(m->mask.src, &addrs.mask->src, sizeof(m->mask.src));
	memcpy(m->key.dst, &addrs.key->dst, sizeof(m->key.dst));
	memcpy(m->mask.dst, &addrs.mask->dst, sizeof(m->mask.dst));
}

/* Where both keys are used they are one union: the control key says which. */
static int match_addrs(struct match_ctx *ctx)
{
	struct flow_match_control control;
	u16 type = FLOW_DISSECTOR_KEY_MAX;
	__be16 eth_type;

	if (flow_rule_match_key(ctx->rule, FLOW_DISSECTOR_KEY_CONTROL)) {
		flow_rule_match_control(ctx->rule, &control);
		type = control.key->addr_type;
	}
	if (type == FLOW_DISSECTOR_KEY_IPV4_ADDRS &&
	    flow_rule_match_key(ctx->rule, FLOW_DISSECTOR_KEY_IPV4_ADDRS)) {
		match_ipv4(ctx);
		eth_type = htons(ETH_P_IP);
	} else if (type == FLOW_DISSECTOR_KEY_IPV6_ADDRS &&
		   flow_rule_match_key(ctx->rule,
				       FLOW_DISSECTOR_KEY_IPV6_ADDRS)) {
		match_ipv6(ctx);
		eth_type = htons(ETH_P_IPV6);
	} else {
		return pnicsim_refuse(ctx->extack, -EOPNOTSUPP,
				      "Match on addresses needs their type in the control key");
	}
	if (ctx->match->key.eth_type != eth_type)
		return pnicsim_refuse(ctx->extack, -EOPNOTSUPP,
				      "Match on addresses needs their ethertype");
	return 0;
}

static int match_ip(struct match_ctx *ctx)
{
	const struct flow_dissector_key_ip *key, *mask;
	struct flow_match_ip ip;

	flow_rule_match_ip(ctx->rule, &ip);
	key = ip.key;
	mask = ip.mask;
	COPY(tos, tos);
	COPY(ttl, ttl);
	return 0;
}

static int match_ports(struct match_ctx *ctx)
{
	const struct flow_dissector_key_ports *key, *mask;
	struct flow_match_ports ports;

	flow_rule_match_ports(ctx->rule, &ports);
	key = ports.key;
	mask = ports.mask;
	COPY(sport, src);
	COPY(dport, dst);
	if (ctx->match->key.ip_proto != IPPROTO_TCP &&
	    ctx->match->key.ip_proto != IPPROTO_UDP)
		return pnicsim_refuse(ctx->extack, -EINVAL,
				      "Only UDP and TCP transports are supported for L4 matching");
	return 0;
}

static int match_tcp(struct match_ctx *ctx)
{
	const struct flow_dissector_key_tcp *key, *mask;
	struct flow_match_tcp tcp;

	flow_rule_match_tcp(ctx->rule, &tcp);
	key = tcp.key;
	mask = tcp.mask;
	COPY(tcp_flags, flags);
	return 0;
}

static int match_icmp(struct match_ctx *ctx)
{
	const struct flow_dissector_key_icmp *key, *mask;
	struct flow_match_icmp icmp;

	flow_rule_match_icmp(ctx->rule, &icmp);
	key = icmp.key;
	mask = icmp.mask;
	COPY(icmp_type, type);
	COPY(icmp_code, code);
	if (ctx->match->key.ip_proto != IPPROTO_ICMP &&
	    ctx->match->key.ip_proto != IPPROTO_ICMPV6)
		return pnicsim_refuse(ctx->extack, -EINVAL,
				      "Code and type matching only with ICMP and ICMPv6");
	return 0;
}

/* In this order: a key is looked at after those it depends on. */
static const struct {
	enum flow_dissector_key_id	key;
	int				(*parse)(struct match_ctx *ctx);
} parsers[] = {
	{ FLOW_DISSECTOR_KEY_META,		match_meta },
	{ FLOW_DISSECTOR_KEY_CONTROL,		match_control },
	{ FLOW_DISSECTOR_KEY_BASIC,		match_basic },
	{ FLOW_DISSECTOR_KEY_ETH_ADDRS,		match_eth },
	{ FLOW_DISSECTOR_KEY_VLAN,		match_vlan },
	{ FLOW_DISSECTOR_KEY_CVLAN,		match_cvlan },
	{ FLOW_DISSECTOR_KEY_IPV4_ADDRS,	match_addrs },
	{ FLOW_DISSECTOR_KEY_IPV6_ADDRS,	match_addrs },
	{ FLOW_DISSECTOR_KEY_IP,		match_ip },
	{ FLOW_DISSECTOR_KEY_PORTS,		match_ports },
	{ FLOW_DISSECTOR_KEY_TCP,		match_tcp },
	{ FLOW_DISSECTOR_KEY_ICMP,		match_icmp },
};

static bool fields_are_l4(const struct pnicsim_fields *mask)
{
	return mask->sport || mask->dport || mask->tcp_flags ||
	       mask->icmp_type || mask->icmp_code;
}

static bool fields_are_l3(const struct pnicsim_fields *mask)
{
	return mask->ip_proto || mask->tos || mask->ttl || mask->frag ||
	       memchr_inv(mask->src, 0, sizeof(mask->src)) ||
	       memchr_inv(mask->dst, 0, sizeof(mask->dst)) ||
	       fields_are_l4(mask);
}

static int match_check_layers(const struct pnicsim_match *match,
			      struct netlink_ext_ack *extack)
{
	const struct pnicsim_fields *key = &match->key, *mask = &match->mask;

	if (fields_are_l3(mask) &&
	    (mask->eth_type != htons(0xffff) ||
	     (key->eth_type != htons(ETH_P_IP) &&
	      key->eth_type != htons(ETH_P_IPV6))))
		return pnicsim_refuse(extack, -EOPNOTSUPP,
				      "Match on IP needs a full match on its ethertype");
	if (fields_are_l4(mask) && mask->ip_proto != 0xff)
		return pnicsim_refuse(extack, -EOPNOTSUPP,
				      "Match on L4 needs a full match on ip_proto");
	return 0;
}

static int match_check_masked(const struct pnicsim_match *match,
			      struct netlink_ext_ack *extack)
{
	const u64 *mask = (const u64 *)&match->mask;
	const u64 *key = (const u64 *)&match->key;
	unsigned int i;

	for (i = 0; i < PNICSIM_FIELDS_WORDS; i++)
		if (key[i] & ~mask[i])
			return pnicsim_refuse(extack, -EINVAL,
					      "The key has bits that its mask has not");
	return 0;
}

/**
 * pnicsim_match_parse - what a flow rule matches on
 * @rule: flow rule
 * @dev: device it is bound to
 * @profile: what the NIC takes
 * @match: result
 * @extack: told why not
 *
 * Context: process. Return: 0, or -EOPNOTSUPP, -EINVAL, -ENOENT: refused.
 */
int pnicsim_match_parse(const struct flow_rule *rule, struct net_device *dev,
			const struct pnicsim_profile *profile,
			struct pnicsim_match *match,
			struct netlink_ext_ack *extack)
{
	struct match_ctx ctx = {
		.rule = rule, .dev = dev, .match = match, .extack = extack,
	};
	int err, i;

	*match = (struct pnicsim_match){};
	err = pnicsim_profile_check_keys(profile,
					 rule->match.dissector->used_keys,
					 extack);
	if (err)
		return err;

	for (i = 0; i < ARRAY_SIZE(parsers); i++) {
		if (!flow_rule_match_key(rule, parsers[i].key))
			continue;
		err = parsers[i].parse(&ctx);
		if (err)
			return err;
	}

	/* An ethertype without a VLAN key: untagged frames only. */
	if (match->mask.eth_type &&
	    !flow_rule_match_key(rule, FLOW_DISSECTOR_KEY_VLAN))
		match->mask.tpid = htons(0xffff);

	err = match_check_layers(match, extack);
	if (!err)
		err = match_check_masked(match, extack);
	if (!err && profile->check_match)
		err = profile->check_match(match, extack);
	return err;
}
