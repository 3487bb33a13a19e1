// SPDX-License-Identifier: GPL-2.0
/*
 * key - from a conntrack tuple to the key of a flow, and of packets what is
 * rare enough not to be inlined
 */
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/sctp.h>
#include <net/gre.h>
#include <net/netfilter/nf_conntrack_tuple.h>

#include "key.h"

/* Are all of a packet's chunks, as far as they can be seen, of the kinds that
 * do not change conntrack's state? Those are data and their acknowledgments.
 */
static bool key_sctp_plain(const u8 *th, unsigned int avail, unsigned int len)
{
	const struct sctp_chunkhdr *chunk;
	unsigned int at = sizeof(struct sctphdr);

	do {
		if (at + sizeof(*chunk) > min(avail, len))
			return false;
		chunk = (const void *)(th + at);
		if (chunk->type != SCTP_CID_DATA &&
		    chunk->type != SCTP_CID_SACK)
			return false;
		if (ntohs(chunk->length) < sizeof(*chunk))
			return false;
		at += round_up(ntohs(chunk->length), 4);
	} while (at < len);
	return at == len;
}

static void key_parse_sctp(const u8 *th, unsigned int avail, unsigned int len,
			   struct pnicfw_key_other *found)
{
	found->hlen = sizeof(struct sctphdr);
	if (min(avail, len) < found->hlen) {
		found->err = -EINVAL;
		return;
	}
	memcpy(&found->ports, th, sizeof(found->ports));
	found->end = !key_sctp_plain(th, avail, len);
}

/* Only echo: other messages are about other connections, or about none. The
 * headers of both versions are the same as far as it matters.
 */
static void key_parse_icmp(const u8 *th, unsigned int avail, unsigned int len,
			   bool ipv4, struct pnicfw_key_other *found)
{
	const struct icmphdr *ih = (const void *)th;
	__be16 ports[2];

	found->hlen = sizeof(*ih);
	if (min(avail, len) < found->hlen) {
		found->err = -EINVAL;
		return;
	}
	if (ih->code ||
	    (ih->type != (ipv4 ? ICMP_ECHO : ICMPV6_ECHO_REQUEST) &&
	     ih->type != (ipv4 ? ICMP_ECHOREPLY : ICMPV6_ECHO_REPLY))) {
		found->err = -EPROTONOSUPPORT;
		return;
	}
	ports[0] = ih->un.echo.id;
	ports[1] = htons(ih->type << 8 | ih->code);
	memcpy(&found->ports, ports, sizeof(ports));
}

/* Conntrack takes all of GRE between two hosts for one connection, but for
 * version 1, PPTP's, whose tuples have numbers that the packets have not.
 */
static void key_parse_gre(const u8 *th, unsigned int avail, unsigned int len,
			  struct pnicfw_key_other *found)
{
	const struct gre_base_hdr *gh = (const void *)th;

	found->hlen = sizeof(*gh);
	if (min(avail, len) < found->hlen)
		found->err = -EINVAL;
	else if (gh->flags & (GRE_VERSION | GRE_ROUTING))
		found->err = -EPROTONOSUPPORT;
}

/**
 * pnicfw_key_parse_other - read a transport header that is neither TCP's nor
 * UDP's
 * @th: the header
 * @avail: bytes that may be read there
 * @len: bytes the packet has from there on, as its IP header says
 * @family: NFPROTO_IPV4 or NFPROTO_IPV6
 * @protocol: IPPROTO_*
 *
 * Return: what is found; see pnicfw_key_parse() for the error.
 */
struct pnicfw_key_other pnicfw_key_parse_other(const u8 *th, unsigned int avail,
					       unsigned int len, u8 family,
					       u8 protocol)
{
	bool ipv4 = family == NFPROTO_IPV4;
	struct pnicfw_key_other found = {};

	if (protocol == IPPROTO_SCTP)
		key_parse_sctp(th, avail, len, &found);
	else if (protocol == (ipv4 ? IPPROTO_ICMP : IPPROTO_ICMPV6))
		key_parse_icmp(th, avail, len, ipv4, &found);
	else if (protocol == IPPROTO_GRE)
		key_parse_gre(th, avail, len, &found);
	else
		found.err = -EPROTONOSUPPORT;
	return found;
}

/**
 * pnicfw_key_has_ports - what a key's ports are
 * @protocol: its protocol
 *
 * Return: true where they are ports.
 */
bool pnicfw_key_has_ports(u8 protocol)
{
	return protocol == IPPROTO_TCP || protocol == IPPROTO_UDP ||
	       protocol == IPPROTO_SCTP;
}

/**
 * pnicfw_key_is_icmp - what a key's ports are
 * @protocol: its protocol
 *
 * Return: true where they are the identifier, and the type, of ICMP echo.
 */
bool pnicfw_key_is_icmp(u8 protocol)
{
	return protocol == IPPROTO_ICMP || protocol == IPPROTO_ICMPV6;
}

/**
 * pnicfw_key_pack - make a key as short as its family lets it be
 * @key: the key
 * @core: PNICFW_KEY_CORE words, filled in
 * @rest: PNICFW_KEY_REST words more, filled in where it is one of IPv6
 */
void pnicfw_key_pack(const struct pnicfw_key *key, u64 *core, u64 *rest)
{
	bool ipv4 = pnicfw_key_ipv4(key);

	core[0] = key_core(key, ipv4);
	core[1] = key->word[4];
	if (!ipv4)
		memcpy(rest, key->word, PNICFW_KEY_REST * sizeof(*rest));
}

static bool key_tuple_taken(const struct nf_conntrack_tuple *tuple)
{
	switch (tuple->dst.protonum) {
	case IPPROTO_TCP:
	case IPPROTO_UDP:
	case IPPROTO_SCTP:
		return true;
	case IPPROTO_ICMP:
		return tuple->dst.u.icmp.type == ICMP_ECHO ||
		       tuple->dst.u.icmp.type == ICMP_ECHOREPLY;
	case IPPROTO_ICMPV6:
		return tuple->dst.u.icmp.type == ICMPV6_ECHO_REQUEST ||
		       tuple->dst.u.icmp.type == ICMPV6_ECHO_REPLY;
	case IPPROTO_GRE:
		return !tuple->src.u.all && !tuple->dst.u.all;
	}
	return false;
}

/**
 * pnicfw_key_from_tuple - the key of the packets that a tuple stands for
 * @tuple: conntrack's tuple
 * @key: filled in, whatever it returns
 *
 * Return: 0, or -EPROTONOSUPPORT for what pnicfw_key_parse() does not take, so
 * that no packet has this key.
 */
int pnicfw_key_from_tuple(const struct nf_conntrack_tuple *tuple,
			  struct pnicfw_key *key)
{
	key->src = tuple->src.u3;
	key->dst = tuple->dst.u3;
	key->sport = tuple->src.u.all;
	key->dport = tuple->dst.u.all;
	key->protocol = tuple->dst.protonum;
	key->family = tuple->src.l3num;
	key->zero = 0;
	return key_tuple_taken(tuple) ? 0 : -EPROTONOSUPPORT;
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
	switch (key->protocol) {
	case IPPROTO_ICMP:
		inverse->dport ^= htons((ICMP_ECHO ^ ICMP_ECHOREPLY) << 8);
		break;
	case IPPROTO_ICMPV6:
		inverse->dport ^= htons((ICMPV6_ECHO_REQUEST ^
					 ICMPV6_ECHO_REPLY) << 8);
		break;
	default:
		inverse->sport = key->dport;
		inverse->dport = key->sport;
	}
}
