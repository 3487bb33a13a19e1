// SPDX-License-Identifier: GPL-2.0
/*
 * kind - all kinds of packets that have a key
 */
#include <kunit/test.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/netfilter.h>

#include "kind.h"

const struct pnicfw_kind pnicfw_kinds[PNICFW_KINDS] = {
	{ "ipv4 tcp", NFPROTO_IPV4, IPPROTO_TCP },
	{ "ipv4 udp", NFPROTO_IPV4, IPPROTO_UDP },
	{ "ipv6 tcp", NFPROTO_IPV6, IPPROTO_TCP },
	{ "ipv6 udp", NFPROTO_IPV6, IPPROTO_UDP },
	{ "ipv4 sctp", NFPROTO_IPV4, IPPROTO_SCTP },
	{ "ipv6 sctp", NFPROTO_IPV6, IPPROTO_SCTP },
	{ "icmp", NFPROTO_IPV4, IPPROTO_ICMP },
	{ "icmpv6", NFPROTO_IPV6, IPPROTO_ICMPV6 },
	{ "ipv4 gre", NFPROTO_IPV4, IPPROTO_GRE },
	{ "ipv6 gre", NFPROTO_IPV6, IPPROTO_GRE },
};

/**
 * pnicfw_kinds_gen_params - all kinds, as KUnit asks for them
 * @prev: the last one, or NULL
 * @desc: its name goes there
 *
 * Return: the next &struct pnicfw_kind, or NULL.
 */
const void *pnicfw_kinds_gen_params(const void *prev, char *desc)
{
	const struct pnicfw_kind *kind = prev;

	kind = kind ? kind + 1 : pnicfw_kinds;
	if (kind == pnicfw_kinds + PNICFW_KINDS)
		return NULL;
	strscpy(desc, kind->name, KUNIT_PARAM_DESC_SIZE);
	return kind;
}
