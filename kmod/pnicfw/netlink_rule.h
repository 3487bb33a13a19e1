/* SPDX-License-Identifier: GPL-2.0 */
/*
 * netlink_rule - a policy rule as a netlink attribute, read and written
 */
#ifndef PNICFW_NETLINK_RULE_H
#define PNICFW_NETLINK_RULE_H

struct net;
struct netlink_ext_ack;
struct nlattr;
struct pnicfw_rule;
struct sk_buff;

int pnicfw_netlink_rule_parse(struct pnicfw_rule *rule, struct net *net,
			      const struct nlattr *nest,
			      struct netlink_ext_ack *extack);
int pnicfw_netlink_put_rule(struct sk_buff *skb, struct net *net,
			    const struct pnicfw_rule *rule);

#endif /* PNICFW_NETLINK_RULE_H */
