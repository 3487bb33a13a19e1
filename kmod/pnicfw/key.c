// SPDX-License-Identifier: GPL-2.0
/*
 * key - from a packet, or a conntrack tuple, to the key of a flow
 */
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/dsfield.h>
#include <net/inet_ecn.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include <net/netfilter/nf_conntrack_tuple.h>

#include "key.h"

/* A segment in the middle of an established connection has ACK and none of
 * the flags that change conntrack's state, which tier 1 alone keeps.
 */
static bool key_tcp_end(const struct tcphdr *th)
{
	return th->syn || th->fin || th->rst || !th->ack;
}

/* Conntrack calls a segment with these lengths malformed, so tier 1 must see
 * it: RFC 9293 (data offset), RFC 768 (length).
 */
static __always_inline int
key_parse_transport(const u8 *l3, unsigned int avail, struct pnicfw_packet *pkt)
{
	unsigned int room = pkt->len - pkt->thoff;
	const struct tcphdr *th = (const void *)(l3 + pkt->thoff);
	const struct udphdr *uh = (const void *)(l3 + pkt->thoff);

	switch (pkt->key.protocol) {
	case IPPROTO_TCP:
		pkt->hlen = pkt->thoff + sizeof(*th);
		if (avail < pkt->hlen)
			return -EINVAL;
		if (th->doff * 4 < sizeof(*th) || th->doff * 4 > room)
			return -EINVAL;
		pkt->tcp_end = key_tcp_end(th);
		break;
	case IPPROTO_UDP:
		pkt->hlen = pkt->thoff + sizeof(*uh);
		if (avail < pkt->hlen)
			return -EINVAL;
		if (ntohs(uh->len) < sizeof(*uh) || ntohs(uh->len) > room)
			return -EINVAL;
		pkt->tcp_end = false;
		break;
	default:
		return -EPROTONOSUPPORT;
	}

	/* Both have their ports in the same place. */
	pkt->key.sport = uh->source;
	pkt->key.dport = uh->dest;
	return 0;
}

static int key_parse_ipv4(const u8 *l3, unsigned int avail, unsigned int total,
			  struct pnicfw_packet *pkt)
{
	const struct iphdr *iph = (const void *)l3;

	if (avail < sizeof(*iph) || iph->version != 4)
		return -EINVAL;
	if (iph->ihl != 5 || ip_is_fragment(iph))
		return -EPROTONOSUPPORT;

	pkt->len = ntohs(iph->tot_len);
	if (pkt->len < sizeof(*iph) || pkt->len > total ||
	    ip_fast_csum(l3, 5))
		return -EINVAL;
	if (ipv4_is_multicast(iph->daddr) || ipv4_is_lbcast(iph->daddr))
		return -EPROTONOSUPPORT;

	memset(&pkt->key, 0, sizeof(pkt->key));
	pkt->key.src.ip = iph->saddr;
	pkt->key.dst.ip = iph->daddr;
	pkt->key.protocol = iph->protocol;
	pkt->key.family = NFPROTO_IPV4;
	pkt->thoff = sizeof(*iph);
	pkt->ttl = iph->ttl;
	pkt->dscp = iph->tos & ~INET_ECN_MASK;
	return key_parse_transport(l3, avail, pkt);
}

static int key_parse_ipv6(const u8 *l3, unsigned int avail, unsigned int total,
			  struct pnicfw_packet *pkt)
{
	const struct ipv6hdr *ip6h = (const void *)l3;

	if (avail < sizeof(*ip6h) || ip6h->version != 6)
		return -EINVAL;

	/* A jumbogram has no length here, and is left to tier 1. */
	pkt->len = sizeof(*ip6h) + ntohs(ip6h->payload_len);
	if (pkt->len == sizeof(*ip6h) || pkt->len > total)
		return -EINVAL;
	if (ipv6_addr_is_multicast(&ip6h->daddr))
		return -EPROTONOSUPPORT;

	pkt->key.src.in6 = ip6h->saddr;
	pkt->key.dst.in6 = ip6h->daddr;
	pkt->key.protocol = ip6h->nexthdr;
	pkt->key.family = NFPROTO_IPV6;
	pkt->key.zero = 0;
	pkt->thoff = sizeof(*ip6h);
	pkt->ttl = ip6h->hop_limit;
	pkt->dscp = ipv6_get_dsfield(ip6h) & ~INET_ECN_MASK;
	return key_parse_transport(l3, avail, pkt);
}

/**
 * pnicfw_key_parse - find out what a packet is
 * @l3: the packet from its network header on
 * @avail: bytes that may be read at @l3
 * @total: bytes the packet has from there on, which may be more than its IP
 *	header says (Ethernet padding)
 * @protocol: Ethernet type
 * @pkt: filled in where it returns 0
 *
 * Return: 0; -EPROTONOSUPPORT for what only tier 1 handles (other protocols,
 * fragments, options, multicast); -EINVAL for what is malformed, and tier 1
 * is to judge.
 */
int pnicfw_key_parse(const u8 *l3, unsigned int avail, unsigned int total,
		     __be16 protocol, struct pnicfw_packet *pkt)
{
	switch (protocol) {
	case htons(ETH_P_IP):
		return key_parse_ipv4(l3, avail, total, pkt);
	case htons(ETH_P_IPV6):
		return key_parse_ipv6(l3, avail, total, pkt);
	}
	return -EPROTONOSUPPORT;
}

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
