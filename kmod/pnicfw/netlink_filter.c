// SPDX-License-Identifier: GPL-2.0
/*
 * netlink_filter - which flows a request is about
 */
#include "denial.h"
#include "netlink_filter.h"
#include "netlink_msg.h"
#include "view.h"

static int filter_addr(struct pnicfw_netlink_filter *filter,
		       const struct nlattr *attr, union nf_inet_addr *addr,
		       struct netlink_ext_ack *extack)
{
	u8 family;

	if (!attr)
		return 0;
	switch (nla_len(attr)) {
	case sizeof(struct in_addr):
		family = NFPROTO_IPV4;
		break;
	case sizeof(struct in6_addr):
		family = NFPROTO_IPV6;
		break;
	default:
		NL_SET_ERR_MSG_ATTR(extack, attr,
				    "address is neither 4 nor 16 bytes long");
		return -EINVAL;
	}
	if (filter->family && filter->family != family) {
		NL_SET_ERR_MSG_ATTR(extack, attr,
				    "src and dst: addresses are of different families");
		return -EINVAL;
	}
	filter->family = family;
	nla_memcpy(addr, attr, sizeof(*addr));
	return 0;
}

static int filter_ports(struct pnicfw_netlink_filter *filter,
			struct nlattr **tb, struct netlink_ext_ack *extack)
{
	const struct nlattr *sport = tb[PNICFW_A_FILTER_SPORT];
	const struct nlattr *dport = tb[PNICFW_A_FILTER_DPORT];

	if (sport)
		filter->sport = nla_get_be16(sport);
	if (dport)
		filter->dport = nla_get_be16(dport);
	if (!tb[PNICFW_A_FILTER_PROTOCOL])
		return 0;

	filter->protocol = nla_get_u8(tb[PNICFW_A_FILTER_PROTOCOL]);
	switch (filter->protocol) {
	case IPPROTO_TCP:
	case IPPROTO_UDP:
	case IPPROTO_UDPLITE:
	case IPPROTO_SCTP:
	case IPPROTO_DCCP:
		return 0;
	default:
		if (!sport && !dport)
			return 0;
		NL_SET_ERR_MSG_ATTR(extack, sport ?: dport,
				    "sport and dport: the protocol has no ports");
		return -EINVAL;
	}
}

static int filter_dev(struct pnicfw_netlink_filter *filter, struct net *net,
		      struct nlattr **tb, struct netlink_ext_ack *extack)
{
	if (!tb[PNICFW_A_FILTER_IFINDEX] && !tb[PNICFW_A_FILTER_IFNAME])
		return 0;
	filter->ifindex = pnicfw_netlink_ifindex(net,
						 tb[PNICFW_A_FILTER_IFINDEX],
						 tb[PNICFW_A_FILTER_IFNAME],
						 extack);
	if (filter->ifindex < 0)
		return filter->ifindex;
	filter->given |= BIT(PNICFW_A_FILTER_IFINDEX);
	return 0;
}

/**
 * pnicfw_netlink_filter_parse - read a filter
 * @filter: filled in
 * @net: the requester's namespace
 * @nest: the attribute; NULL is a filter that matches all
 * @extack: says what is wrong
 *
 * Return: 0 or a negative errno.
 */
int pnicfw_netlink_filter_parse(struct pnicfw_netlink_filter *filter,
				struct net *net, const struct nlattr *nest,
				struct netlink_ext_ack *extack)
{
	struct nlattr *tb[PNICFW_A_FILTER_MAX + 1];
	int type, err;

	memset(filter, 0, sizeof(*filter));
	if (!nest)
		return 0;
	err = nla_parse_nested(tb, PNICFW_A_FILTER_MAX, nest,
			       pnicfw_filter_nl_policy, extack);
	if (err)
		return err;
	for (type = 1; type <= PNICFW_A_FILTER_MAX; type++)
		if (tb[type])
			filter->given |= BIT(type);
	if (tb[PNICFW_A_FILTER_ID])
		filter->id = nla_get_u32(tb[PNICFW_A_FILTER_ID]);
	if (tb[PNICFW_A_FILTER_STATE])
		filter->state = nla_get_u32(tb[PNICFW_A_FILTER_STATE]);
	return filter_addr(filter, tb[PNICFW_A_FILTER_SRC], &filter->src,
			   extack) ?:
	       filter_addr(filter, tb[PNICFW_A_FILTER_DST], &filter->dst,
			   extack) ?:
	       filter_ports(filter, tb, extack) ?:
	       filter_dev(filter, net, tb, extack);
}

static bool filter_uses(const struct pnicfw_record *rec, int ifindex)
{
	struct pnicfw_view_devs devs;
	int i;

	for (i = 0; i < IP_CT_DIR_MAX; i++) {
		pnicfw_view_devs(rec, i, &devs);
		if (devs.in.ifindex == ifindex || devs.out.ifindex == ifindex)
			return true;
	}
	return false;
}

/* What both kinds of flows have. */
static bool filter_is(const struct pnicfw_netlink_filter *filter,
		      const struct pnicfw_key *key, u32 id,
		      enum pnicfw_state state)
{
	u32 given = filter->given;

	if (given & BIT(PNICFW_A_FILTER_ID) && id != filter->id)
		return false;
	if (filter->family && key->family != filter->family)
		return false;
	if (given & BIT(PNICFW_A_FILTER_SRC) &&
	    !nf_inet_addr_cmp(&key->src, &filter->src))
		return false;
	if (given & BIT(PNICFW_A_FILTER_DST) &&
	    !nf_inet_addr_cmp(&key->dst, &filter->dst))
		return false;
	if (given & BIT(PNICFW_A_FILTER_PROTOCOL) &&
	    key->protocol != filter->protocol)
		return false;
	if (given & BIT(PNICFW_A_FILTER_SPORT) && key->sport != filter->sport)
		return false;
	if (given & BIT(PNICFW_A_FILTER_DPORT) && key->dport != filter->dport)
		return false;
	return !(given & BIT(PNICFW_A_FILTER_STATE)) || state == filter->state;
}

/**
 * pnicfw_netlink_filter_matches - is a connection one of those?
 * @filter: the filter
 * @rec: the record; the caller holds it
 *
 * Context: any.
 * Return: whether it is.
 */
bool pnicfw_netlink_filter_matches(const struct pnicfw_netlink_filter *filter,
				   const struct pnicfw_record *rec)
{
	struct pnicfw_key key;

	pnicfw_record_key(rec, IP_CT_DIR_ORIGINAL, &key);
	if (!filter_is(filter, &key, rec->id, pnicfw_view_state(rec)))
		return false;
	return !(filter->given & BIT(PNICFW_A_FILTER_IFINDEX)) ||
	       filter_uses(rec, filter->ifindex);
}

/**
 * pnicfw_netlink_filter_denial - is a denial one of those?
 * @filter: the filter
 * @denial: the denial; the caller holds it
 *
 * Context: any.
 * Return: whether it is.
 */
bool pnicfw_netlink_filter_denial(const struct pnicfw_netlink_filter *filter,
				  const struct pnicfw_denial *denial)
{
	const struct pnicfw_denial_case *is = &denial->is;

	if (!filter_is(filter, &is->key, denial->id, PNICFW_STATE_DENIED))
		return false;
	return !(filter->given & BIT(PNICFW_A_FILTER_IFINDEX)) ||
	       filter->ifindex == is->in || filter->ifindex == is->out;
}
