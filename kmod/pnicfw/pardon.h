/* SPDX-License-Identifier: GPL-2.0 */
/*
 * pardon - connections that a change of routes does not concern
 *
 * A route changes, and all paths are killed at once, as nobody knows yet whom it
 * concerns. What the tiers below do with a connection rests on the route of its
 * destination, and, where reverse paths are checked, on that of its source; be
 * that before NAT or after. Where none of these addresses is in the prefix, the
 * age room's next round gives the connection its paths back, before it would be
 * taken out of the eswitch.
 *
 * Paths are given back only where changes of routes are all that has happened
 * since they were learned. An address that comes or goes, a rule, a nexthop, or
 * anything that is not a route may concern everybody.
 */
#ifndef PNICFW_PARDON_H
#define PNICFW_PARDON_H

#include <linux/netfilter.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <net/ipv6.h>

#include "key.h"

struct pnicfw_net;
struct pnicfw_record;

/* So many prefixes change before everybody counts as concerned. */
#define PNICFW_PARDON_PREFIXES	16

/**
 * struct pnicfw_prefix - a prefix whose route has changed
 * @family: NFPROTO_IPV4 or NFPROTO_IPV6
 * @len: its length, bits
 * @addr: the address
 */
struct pnicfw_prefix {
	u8 family;
	u8 len;
	union nf_inet_addr addr;
};

/**
 * pnicfw_prefix_has - is an address in a prefix?
 * @prefix: the prefix
 * @addr: the address, of the prefix's family
 *
 * Return: whether it is.
 */
static inline bool pnicfw_prefix_has(const struct pnicfw_prefix *prefix,
				     const union nf_inet_addr *addr)
{
	if (prefix->family != NFPROTO_IPV4)
		return ipv6_prefix_equal(&prefix->addr.in6, &addr->in6,
					 prefix->len);
	return !prefix->len || !(ntohl(prefix->addr.ip ^ addr->ip) >>
				 (32 - prefix->len));
}

/**
 * pnicfw_prefix_concerns - is source or destination in a prefix?
 * @prefix: the prefix
 * @key: they are a key's, of whichever family
 *
 * Return: whether either is.
 */
static inline bool pnicfw_prefix_concerns(const struct pnicfw_prefix *prefix,
					  const struct pnicfw_key *key)
{
	return prefix->family == key->family &&
	       (pnicfw_prefix_has(prefix, &key->src) ||
		pnicfw_prefix_has(prefix, &key->dst));
}

/**
 * struct pnicfw_pardon - changes of routes that connections are being asked about
 * @lock: protects the rest; the namespace's path lock is taken inside
 * @open: there are any
 * @announced: how many there have been, ever
 * @settled: so many of them are in force
 * @from: generation before the first
 * @upto: generation after the last
 * @kills: the namespace's @kills at the first
 * @n: how many prefixes there are
 * @prefix: the prefixes
 *
 * It says nothing any more once the generation is not @upto, or @kills another.
 */
struct pnicfw_pardon {
	spinlock_t lock;		/* the rest */
	bool open;
	u32 announced;
	u32 settled;
	u32 from;
	u32 upto;
	u32 kills;
	u8 n;
	struct pnicfw_prefix prefix[PNICFW_PARDON_PREFIXES];
};

void pnicfw_pardon_init(struct pnicfw_net *pn);
void pnicfw_pardon_route(struct pnicfw_net *pn,
			 const struct pnicfw_prefix *prefix);
bool pnicfw_pardon_settled(struct pnicfw_net *pn, u32 announced);
u32 pnicfw_pardon_begin(struct pnicfw_net *pn);
void pnicfw_pardon_end(struct pnicfw_net *pn, u32 upto);
void pnicfw_pardon_review(struct pnicfw_record *rec);

#endif /* PNICFW_PARDON_H */
