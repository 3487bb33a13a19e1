/* SPDX-License-Identifier: GPL-2.0 */
/*
 * netlink_filter - which flows a request is about
 */
#ifndef PNICFW_NETLINK_FILTER_H
#define PNICFW_NETLINK_FILTER_H

#include <linux/netfilter.h>
#include <linux/pnicfw.h>
#include <linux/types.h>

struct net;
struct netlink_ext_ack;
struct nlattr;
struct pnicfw_denial;
struct pnicfw_record;

/**
 * struct pnicfw_netlink_filter - conditions; a flow that meets all is meant
 * @given: which of the rest count, a bit for each PNICFW_A_FILTER attribute
 * @id: the record's id
 * @family: NFPROTO_IPV4 or NFPROTO_IPV6 where an address is given, else 0
 * @protocol: IP protocol
 * @sport: source port of the original direction
 * @dport: destination port of the original direction
 * @ifindex: a device that packets of either direction come in at or leave by
 * @state: where the connection is in its life
 * @src: source address of the original direction
 * @dst: destination address of the original direction
 */
struct pnicfw_netlink_filter {
	u32 given;
	u32 id;
	u8 family;
	u8 protocol;
	__be16 sport;
	__be16 dport;
	int ifindex;
	enum pnicfw_state state;
	union nf_inet_addr src;
	union nf_inet_addr dst;
};

int pnicfw_netlink_filter_parse(struct pnicfw_netlink_filter *filter,
				struct net *net, const struct nlattr *nest,
				struct netlink_ext_ack *extack);
bool pnicfw_netlink_filter_matches(const struct pnicfw_netlink_filter *filter,
				   const struct pnicfw_record *rec);
bool pnicfw_netlink_filter_denial(const struct pnicfw_netlink_filter *filter,
				  const struct pnicfw_denial *denial);

#endif /* PNICFW_NETLINK_FILTER_H */
