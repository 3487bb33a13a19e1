/* SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause) */
/* Do not edit directly, auto-generated from: */
/*	Documentation/netlink/specs/pnicfw.yaml */
/* YNL-GEN kernel header */

#ifndef _LINUX_PNICFW_GEN_H
#define _LINUX_PNICFW_GEN_H

#include <net/netlink.h>
#include <net/genetlink.h>

#include <uapi/linux/pnicfw.h>

/* Common nested types */
extern const struct nla_policy pnicfw_filter_nl_policy[PNICFW_A_FILTER_STATE + 1];
extern const struct nla_policy pnicfw_param_nl_policy[PNICFW_A_PARAM_LEARN_DENIALS + 1];
extern const struct nla_policy pnicfw_port_nl_policy[PNICFW_A_PORT_DRAIN + 1];
extern const struct nla_policy pnicfw_rule_nl_policy[PNICFW_A_RULE_HW_AFTER + 1];

/* Global operation policy for pnicfw */
extern const struct nla_policy pnicfw_nl_policy[PNICFW_A_RULE + 1];

/* Ops table for pnicfw */
extern const struct genl_small_ops pnicfw_nl_ops[13];

int pnicfw_nl_port_get_doit(struct sk_buff *skb, struct genl_info *info);
int pnicfw_nl_port_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int pnicfw_nl_port_add_doit(struct sk_buff *skb, struct genl_info *info);
int pnicfw_nl_port_set_doit(struct sk_buff *skb, struct genl_info *info);
int pnicfw_nl_port_del_doit(struct sk_buff *skb, struct genl_info *info);
int pnicfw_nl_flow_get_doit(struct sk_buff *skb, struct genl_info *info);
int pnicfw_nl_flow_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int pnicfw_nl_flow_del_doit(struct sk_buff *skb, struct genl_info *info);
int pnicfw_nl_param_get_doit(struct sk_buff *skb, struct genl_info *info);
int pnicfw_nl_param_set_doit(struct sk_buff *skb, struct genl_info *info);
int pnicfw_nl_stats_get_doit(struct sk_buff *skb, struct genl_info *info);
int pnicfw_nl_policy_get_doit(struct sk_buff *skb, struct genl_info *info);
int pnicfw_nl_policy_get_dumpit(struct sk_buff *skb,
				struct netlink_callback *cb);
int pnicfw_nl_policy_add_doit(struct sk_buff *skb, struct genl_info *info);
int pnicfw_nl_policy_del_doit(struct sk_buff *skb, struct genl_info *info);
int pnicfw_nl_policy_flush_doit(struct sk_buff *skb, struct genl_info *info);

enum {
	PNICFW_NLGRP_FLOW,
	PNICFW_NLGRP_PORT,
	PNICFW_NLGRP_POLICY,
	PNICFW_NLGRP_HW,
};

#endif /* _LINUX_PNICFW_GEN_H */
