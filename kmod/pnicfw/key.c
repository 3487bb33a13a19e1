// SPDX-License-Identifier: GPL-2.0
/*
 * key - from a conntrack tuple to the key of a flow
 */
#include <net/netfilter/nf_conntrack_tuple.h>

#include "key.h"

/**
 * pnicfw_key_from_tuple - the key of the packets that a tuple stands for
 * @tuple: conntrack's tuple
 * @key: filled in where it returns 0
 *
 * Return: 0, or -EPROTONOSUPPORT for a protocol without ports.
 */
int pnicfw_key_from_tuple(const struct nf_conntrack_tuple *tuple,
			  struct pnicfw_key *key)
{
	switch (tuple->dst.protonum) {
	case IPPROTO_TCP:
	case IPPROTO_UDP:
		break;
	default:
		return -EPROTONOSUPPORT;
	}

	key->src = tuple->src.u3;
	key->dst = tuple->dst.u3;
	key->sport = tuple->src.u.all;
	key->dport = tuple->dst.u.all;
	key->protocol = tuple->dst.protonum;
	key->family = tuple->src.l3num;
	key->zero = 0;
	return 0;
}

/**
 * pnicfw_key_invert - the key of the packets that answer
 * @key: one direction's
 * @inverse: filled in; not the same object as @key
 *
 * A connection's packets leave this machine as the inverse of what the other
 * direction's come in as, whatever NAT does: that is how conntrack sets its
 * tuples.
 */
void pnicfw_key_invert(const struct pnicfw_key *key, struct pnicfw_key *inverse)
{
	*inverse = *key;
	inverse->src = key->dst;
	inverse->dst = key->src;
	inverse->sport = key->dport;
	inverse->dport = key->sport;
}
