// SPDX-License-Identifier: GPL-2.0
/*
 * trace - one tracepoint for each step in the life of a connection
 */
#include <linux/in.h>
#include <linux/in6.h>

#define CREATE_TRACE_POINTS
#include "trace.h"

static const struct trace_print_flags trace_reasons[] = {
	PNICFW_TRACE_REASONS
};

/**
 * pnicfw_trace_reason - a reason in a word
 * @why: enum pnicfw_reason
 *
 * Return: the name that the netlink spec has for it.
 */
const char *pnicfw_trace_reason(u8 why)
{
	BUILD_BUG_ON(ARRAY_SIZE(trace_reasons) != PNICFW_REASON_MAX + 1);
	if (why > PNICFW_REASON_MAX)
		return "unknown";
	return trace_reasons[why].name;
}

/**
 * pnicfw_trace_addr - a socket address, for %pISpc, from half of a key
 * @buf: where to write it, as large as struct sockaddr_in6
 * @key: the key; it tells the family
 * @addr: the address of it that is meant
 * @port: the port of it that is meant
 */
void pnicfw_trace_addr(u8 *buf, const struct pnicfw_key *key,
		       const union nf_inet_addr *addr, __be16 port)
{
	struct sockaddr_in6 *sin6 = (void *)buf;
	struct sockaddr_in *sin = (void *)buf;

	memset(sin6, 0, sizeof(*sin6));
	if (key->family == NFPROTO_IPV4) {
		sin->sin_family = AF_INET;
		sin->sin_port = port;
		sin->sin_addr = addr->in;
	} else {
		sin6->sin6_family = AF_INET6;
		sin6->sin6_port = port;
		sin6->sin6_addr = addr->in6;
	}
}
