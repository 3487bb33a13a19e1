// SPDX-License-Identifier: GPL-2.0
/*
 * refusal - why the kernel refused a request: in its words, with the name of
 * the attribute that it is about
 */
#include <inttypes.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <string.h>

#include "pnicfw.h"

/* What users call the attributes of a request. */
static const char *const port_names[PNICFW_A_PORT_MAX + 1] = {
	[PNICFW_A_PORT_IFINDEX] = "dev",
	[PNICFW_A_PORT_IFNAME] = "dev",
	[PNICFW_A_PORT_HW] = "hw",
};

static const char *const filter_names[PNICFW_A_FILTER_MAX + 1] = {
	[PNICFW_A_FILTER_ID] = "id",
	[PNICFW_A_FILTER_SRC] = "src",
	[PNICFW_A_FILTER_DST] = "dst",
	[PNICFW_A_FILTER_PROTOCOL] = "proto",
	[PNICFW_A_FILTER_SPORT] = "sport",
	[PNICFW_A_FILTER_DPORT] = "dport",
	[PNICFW_A_FILTER_IFINDEX] = "dev",
	[PNICFW_A_FILTER_IFNAME] = "dev",
	[PNICFW_A_FILTER_STATE] = "state",
};

static const char *const param_names[PNICFW_A_PARAM_MAX + 1] = {
	[PNICFW_A_PARAM_CACHE] = "cache",
	[PNICFW_A_PARAM_HW] = "hw",
	[PNICFW_A_PARAM_HW_AFTER] = "hw-after",
	[PNICFW_A_PARAM_AGE_INTERVAL] = "age-interval",
	[PNICFW_A_PARAM_CACHE_LIMIT] = "cache-limit",
	[PNICFW_A_PARAM_LABEL_CACHEABLE] = "label-cacheable",
	[PNICFW_A_PARAM_LABEL_OFFLOADED] = "label-offloaded",
	[PNICFW_A_PARAM_HW_AFTER_RATE] = "hw-after-rate",
	[PNICFW_A_PARAM_HW_RATE] = "hw-rate",
	[PNICFW_A_PARAM_HW_LIMIT] = "hw-limit",
	[PNICFW_A_PARAM_REVALIDATE_RATE] = "revalidate-rate",
	[PNICFW_A_PARAM_RECHECK_TIME] = "recheck-time",
	[PNICFW_A_PARAM_DENY_LIMIT] = "deny-limit",
	[PNICFW_A_PARAM_DENY_TIME] = "deny-time",
	[PNICFW_A_PARAM_LEARN_DENIALS] = "learn-denials",
};

static const char *const rule_names[PNICFW_A_RULE_MAX + 1] = {
	[PNICFW_A_RULE_PREF] = "pref",
	[PNICFW_A_RULE_SRC] = "src",
	[PNICFW_A_RULE_SRC_LEN] = "src",
	[PNICFW_A_RULE_DST] = "dst",
	[PNICFW_A_RULE_DST_LEN] = "dst",
	[PNICFW_A_RULE_PROTOCOL] = "proto",
	[PNICFW_A_RULE_SPORT] = "sport",
	[PNICFW_A_RULE_SPORT_MAX] = "sport",
	[PNICFW_A_RULE_DPORT] = "dport",
	[PNICFW_A_RULE_DPORT_MAX] = "dport",
	[PNICFW_A_RULE_IN_IFINDEX] = "in",
	[PNICFW_A_RULE_IN] = "in",
	[PNICFW_A_RULE_OUT_IFINDEX] = "out",
	[PNICFW_A_RULE_OUT] = "out",
	[PNICFW_A_RULE_ZONE] = "zone",
	[PNICFW_A_RULE_MARK] = "mark",
	[PNICFW_A_RULE_MARK_MASK] = "mark",
	[PNICFW_A_RULE_LABEL] = "label",
	[PNICFW_A_RULE_HELPER] = "helper",
	[PNICFW_A_RULE_VERDICT] = "verdict",
	[PNICFW_A_RULE_CACHE] = "cache",
	[PNICFW_A_RULE_HW] = "hw",
	[PNICFW_A_RULE_HW_AFTER] = "hw-after",
};

static const struct {
	const char *name;
	const char *const *inside;
	int max;
} nests[PNICFW_A_MAX + 1] = {
	[PNICFW_A_PORT] = { "port", port_names, PNICFW_A_PORT_MAX },
	[PNICFW_A_FILTER] = { "filter", filter_names, PNICFW_A_FILTER_MAX },
	[PNICFW_A_FLUSH] = { "flush", NULL, 0 },
	[PNICFW_A_PARAM] = { "param", param_names, PNICFW_A_PARAM_MAX },
	[PNICFW_A_RULE] = { "rule", rule_names, PNICFW_A_RULE_MAX },
};

/* The name of the attribute that is @offset bytes into the request, or NULL. */
static const char *attr_name(const struct nlmsghdr *nlh, uint32_t offset)
{
	const char *at = (const char *)nlh + offset;
	const struct nlattr *attr, *inner;
	uint16_t nest, type;

	mnl_attr_for_each(attr, nlh, GENL_HDRLEN) {
		nest = mnl_attr_get_type(attr);
		if (nest > PNICFW_A_MAX)
			continue;
		if ((const char *)attr == at)
			return nests[nest].name;
		if (!nests[nest].inside)
			continue;
		mnl_attr_for_each_nested(inner, attr) {
			type = mnl_attr_get_type(inner);
			if ((const char *)inner == at && type <= nests[nest].max)
				return nests[nest].inside[type];
		}
	}
	return NULL;
}

/* The range that the kernel's policy allows, as " (from MIN to MAX)". */
static void range_text(const struct nlattr *policy, char *text, size_t size)
{
	const struct nlattr *tb[NL_POLICY_TYPE_ATTR_MAX + 1];

	text[0] = '\0';
	if (!policy)
		return;
	attrs_in(policy, tb, NL_POLICY_TYPE_ATTR_MAX);
	if (tb[NL_POLICY_TYPE_ATTR_MIN_VALUE_U] &&
	    tb[NL_POLICY_TYPE_ATTR_MAX_VALUE_U])
		snprintf(text, size, " (%" PRIu64 " to %" PRIu64 ")",
			 attr_u64(tb[NL_POLICY_TYPE_ATTR_MIN_VALUE_U]),
			 attr_u64(tb[NL_POLICY_TYPE_ATTR_MAX_VALUE_U]));
}

/* What the kernel has to say beside the error. */
static void words_read(const struct nlattr **tb, const struct nlattr *attr,
		       size_t len)
{
	for (; mnl_attr_ok(attr, len); attr = mnl_attr_next(attr)) {
		uint16_t type = mnl_attr_get_type(attr);

		if (type <= NLMSGERR_ATTR_MAX)
			tb[type] = attr;
		len -= MNL_ALIGN(attr->nla_len);
	}
}

/* Say why the kernel refuses @nlh: @err, and what is at @attr. */
static int refused(const struct nlmsghdr *nlh, int err,
		   const struct nlattr *attr, size_t len)
{
	const struct nlattr *tb[NLMSGERR_ATTR_MAX + 1] = {};
	const char *name = NULL, *text;
	char range[64];

	words_read(tb, attr, len);
	if (!tb[NLMSGERR_ATTR_MSG])
		return fail(EXIT_REFUSED, "%s", strerror(err));
	text = mnl_attr_get_str(tb[NLMSGERR_ATTR_MSG]);
	/* Messages of pnicfw's own name the attribute, others do not. */
	if (tb[NLMSGERR_ATTR_OFFS] && !strstr(text, ": "))
		name = attr_name(nlh, attr_u32(tb[NLMSGERR_ATTR_OFFS]));
	range_text(tb[NLMSGERR_ATTR_POLICY], range, sizeof(range));
	return fail(EXIT_REFUSED, "%s%s%s%s", name ?: "", name ? ": " : "",
		    text, range);
}

static int refused_by_error(const struct nlmsghdr *nlh,
			    const struct nlmsghdr *reply)
{
	const struct nlmsgerr *error = mnl_nlmsg_get_payload(reply);
	size_t skip = sizeof(*error), len = mnl_nlmsg_get_payload_len(reply);

	if (!(reply->nlmsg_flags & NLM_F_CAPPED))
		skip += error->msg.nlmsg_len - MNL_NLMSG_HDRLEN;
	if (!(reply->nlmsg_flags & NLM_F_ACK_TLVS) || skip > len)
		skip = len;
	return refused(nlh, -error->error, (const void *)error + skip,
		       len - skip);
}

/**
 * warning_tell - say what the kernel has to say of a request that it has granted
 * @reply: the message that says so
 */
void warning_tell(const struct nlmsghdr *reply)
{
	const struct nlattr *tb[NLMSGERR_ATTR_MAX + 1] = {};
	const struct nlmsgerr *error = mnl_nlmsg_get_payload(reply);

	/* The request itself is in an error only. */
	if (reply->nlmsg_type == NLMSG_ERROR &&
	    reply->nlmsg_flags & NLM_F_ACK_TLVS)
		words_read(tb, (const void *)(error + 1),
			   mnl_nlmsg_get_payload_len(reply) - sizeof(*error));
	if (!tb[NLMSGERR_ATTR_MSG])
		return;
	fflush(stdout);
	fprintf(stderr, "Warning: %s%s.\n", options.where,
		mnl_attr_get_str(tb[NLMSGERR_ATTR_MSG]));
}

/* The end of a dump may be an error, too. */
static int refused_by_done(const struct nlmsghdr *nlh,
			   const struct nlmsghdr *reply)
{
	const int *error = mnl_nlmsg_get_payload(reply);

	return refused(nlh, -*error, (const void *)(error + 1),
		       mnl_nlmsg_get_payload_len(reply) - sizeof(*error));
}

/**
 * refusal_tell - say why the kernel refused a request
 * @nlh: the request
 * @reply: the message that says so, an error or the end of a dump
 *
 * Return: the exit status.
 */
int refusal_tell(const struct nlmsghdr *nlh, const struct nlmsghdr *reply)
{
	return reply->nlmsg_type == NLMSG_DONE ? refused_by_done(nlh, reply) :
						 refused_by_error(nlh, reply);
}
