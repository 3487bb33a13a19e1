// SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause)
/* Do not edit directly, auto-generated from: */
/*	Documentation/netlink/specs/pnicfw.yaml */
/* YNL-GEN kernel source */

#include <net/netlink.h>
#include <net/genetlink.h>

#include "netlink_gen.h"

#include <uapi/linux/pnicfw.h>

/* Common nested types */
const struct nla_policy pnicfw_filter_nl_policy[PNICFW_A_FILTER_STATE + 1] = {
	[PNICFW_A_FILTER_ID] = { .type = NLA_U32, },
	[PNICFW_A_FILTER_SRC] = { .type = NLA_BINARY, },
	[PNICFW_A_FILTER_DST] = { .type = NLA_BINARY, },
	[PNICFW_A_FILTER_PROTOCOL] = { .type = NLA_U8, },
	[PNICFW_A_FILTER_SPORT] = { .type = NLA_U16, },
	[PNICFW_A_FILTER_DPORT] = { .type = NLA_U16, },
	[PNICFW_A_FILTER_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
	[PNICFW_A_FILTER_IFNAME] = { .type = NLA_NUL_STRING, .len = 127, },
	[PNICFW_A_FILTER_STATE] = NLA_POLICY_MAX(NLA_U32, 5),
};

const struct nla_policy pnicfw_param_nl_policy[PNICFW_A_PARAM_LEARN_DENIALS + 1] = {
	[PNICFW_A_PARAM_CACHE] = NLA_POLICY_MAX(NLA_U32, 1),
	[PNICFW_A_PARAM_HW] = NLA_POLICY_MAX(NLA_U32, 1),
	[PNICFW_A_PARAM_HW_AFTER] = { .type = NLA_U32, },
	[PNICFW_A_PARAM_AGE_INTERVAL] = NLA_POLICY_RANGE(NLA_U32, 10, 30000),
	[PNICFW_A_PARAM_CACHE_LIMIT] = NLA_POLICY_MIN(NLA_U32, 1),
	[PNICFW_A_PARAM_LABEL_CACHEABLE] = NLA_POLICY_MAX(NLA_U32, 255),
	[PNICFW_A_PARAM_LABEL_OFFLOADED] = NLA_POLICY_MAX(NLA_U32, 255),
	[PNICFW_A_PARAM_HW_AFTER_RATE] = { .type = NLA_U32, },
	[PNICFW_A_PARAM_HW_RATE] = { .type = NLA_U32, },
	[PNICFW_A_PARAM_HW_LIMIT] = { .type = NLA_U32, },
	[PNICFW_A_PARAM_REVALIDATE_RATE] = { .type = NLA_U32, },
	[PNICFW_A_PARAM_RECHECK_TIME] = { .type = NLA_U32, },
	[PNICFW_A_PARAM_DENY_LIMIT] = NLA_POLICY_MIN(NLA_U32, 1),
	[PNICFW_A_PARAM_DENY_TIME] = NLA_POLICY_RANGE(NLA_U32, 1, 3600),
	[PNICFW_A_PARAM_LEARN_DENIALS] = NLA_POLICY_MAX(NLA_U32, 1),
};

const struct nla_policy pnicfw_port_nl_policy[PNICFW_A_PORT_DRAIN + 1] = {
	[PNICFW_A_PORT_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
	[PNICFW_A_PORT_IFNAME] = { .type = NLA_NUL_STRING, .len = 127, },
	[PNICFW_A_PORT_HW] = NLA_POLICY_MAX(NLA_U32, 1),
	[PNICFW_A_PORT_DRAIN] = NLA_POLICY_MAX(NLA_U32, 1),
};

const struct nla_policy pnicfw_rule_nl_policy[PNICFW_A_RULE_HW_AFTER + 1] = {
	[PNICFW_A_RULE_PREF] = NLA_POLICY_MIN(NLA_U32, 1),
	[PNICFW_A_RULE_SRC] = { .type = NLA_BINARY, },
	[PNICFW_A_RULE_SRC_LEN] = { .type = NLA_U8, },
	[PNICFW_A_RULE_DST] = { .type = NLA_BINARY, },
	[PNICFW_A_RULE_DST_LEN] = { .type = NLA_U8, },
	[PNICFW_A_RULE_PROTOCOL] = NLA_POLICY_MIN(NLA_U8, 1),
	[PNICFW_A_RULE_SPORT] = { .type = NLA_U16, },
	[PNICFW_A_RULE_SPORT_MAX] = { .type = NLA_U16, },
	[PNICFW_A_RULE_DPORT] = { .type = NLA_U16, },
	[PNICFW_A_RULE_DPORT_MAX] = { .type = NLA_U16, },
	[PNICFW_A_RULE_IN_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
	[PNICFW_A_RULE_IN] = { .type = NLA_NUL_STRING, .len = 127, },
	[PNICFW_A_RULE_IN_GONE] = { .type = NLA_FLAG, },
	[PNICFW_A_RULE_OUT_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
	[PNICFW_A_RULE_OUT] = { .type = NLA_NUL_STRING, .len = 127, },
	[PNICFW_A_RULE_OUT_GONE] = { .type = NLA_FLAG, },
	[PNICFW_A_RULE_ZONE] = { .type = NLA_U16, },
	[PNICFW_A_RULE_MARK] = { .type = NLA_U32, },
	[PNICFW_A_RULE_MARK_MASK] = NLA_POLICY_MIN(NLA_U32, 1),
	[PNICFW_A_RULE_LABEL] = NLA_POLICY_MAX(NLA_U32, 127),
	[PNICFW_A_RULE_HELPER] = { .type = NLA_NUL_STRING, .len = 15, },
	[PNICFW_A_RULE_VERDICT] = NLA_POLICY_MAX(NLA_U32, 1),
	[PNICFW_A_RULE_CACHE] = NLA_POLICY_MAX(NLA_U32, 1),
	[PNICFW_A_RULE_HW] = NLA_POLICY_MAX(NLA_U32, 1),
	[PNICFW_A_RULE_HW_AFTER] = { .type = NLA_U32, },
};

/* Global operation policy for pnicfw */
const struct nla_policy pnicfw_nl_policy[PNICFW_A_RULE + 1] = {
	[PNICFW_A_PORT] = NLA_POLICY_NESTED(pnicfw_port_nl_policy),
	[PNICFW_A_FILTER] = NLA_POLICY_NESTED(pnicfw_filter_nl_policy),
	[PNICFW_A_FLUSH] = { .type = NLA_FLAG, },
	[PNICFW_A_PARAM] = NLA_POLICY_NESTED(pnicfw_param_nl_policy),
	[PNICFW_A_RULE] = NLA_POLICY_NESTED(pnicfw_rule_nl_policy),
};

/* Ops table for pnicfw */
const struct genl_small_ops pnicfw_nl_ops[13] = {
	{
		.cmd	= PNICFW_CMD_PORT_GET,
		.doit	= pnicfw_nl_port_get_doit,
		.dumpit	= pnicfw_nl_port_get_dumpit,
	},
	{
		.cmd	= PNICFW_CMD_PORT_ADD,
		.doit	= pnicfw_nl_port_add_doit,
		.flags	= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd	= PNICFW_CMD_PORT_SET,
		.doit	= pnicfw_nl_port_set_doit,
		.flags	= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd	= PNICFW_CMD_PORT_DEL,
		.doit	= pnicfw_nl_port_del_doit,
		.flags	= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd	= PNICFW_CMD_FLOW_GET,
		.doit	= pnicfw_nl_flow_get_doit,
		.dumpit	= pnicfw_nl_flow_get_dumpit,
	},
	{
		.cmd	= PNICFW_CMD_FLOW_DEL,
		.doit	= pnicfw_nl_flow_del_doit,
		.flags	= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd	= PNICFW_CMD_PARAM_GET,
		.doit	= pnicfw_nl_param_get_doit,
	},
	{
		.cmd	= PNICFW_CMD_PARAM_SET,
		.doit	= pnicfw_nl_param_set_doit,
		.flags	= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd	= PNICFW_CMD_STATS_GET,
		.doit	= pnicfw_nl_stats_get_doit,
	},
	{
		.cmd	= PNICFW_CMD_POLICY_GET,
		.doit	= pnicfw_nl_policy_get_doit,
		.dumpit	= pnicfw_nl_policy_get_dumpit,
	},
	{
		.cmd	= PNICFW_CMD_POLICY_ADD,
		.doit	= pnicfw_nl_policy_add_doit,
		.flags	= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd	= PNICFW_CMD_POLICY_DEL,
		.doit	= pnicfw_nl_policy_del_doit,
		.flags	= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd	= PNICFW_CMD_POLICY_FLUSH,
		.doit	= pnicfw_nl_policy_flush_doit,
		.flags	= GENL_UNS_ADMIN_PERM,
	},
};

static const struct genl_multicast_group pnicfw_nl_mcgrps[] = {
	[PNICFW_NLGRP_FLOW] = { "flow", },
	[PNICFW_NLGRP_PORT] = { "port", },
	[PNICFW_NLGRP_POLICY] = { "policy", },
	[PNICFW_NLGRP_HW] = { "hw", },
};
