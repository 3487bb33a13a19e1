/* SPDX-License-Identifier: GPL-2.0 */
/*
 * key_parse - from a packet's bytes to its key
 *
 * In a header, so that the fast path has it inlined and keeps what it finds
 * in registers.
 */
#ifndef PNICFW_KEY_PARSE_H
#define PNICFW_KEY_PARSE_H

#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/inet_ecn.h>
#include <net/ip.h>
#include <net/ipv6.h>

#include "compat.h"
#include "key.h"

/* A segment in the middle of an established connection has ACK and none of
 * the flags that change conntrack's state, which tier 1 alone keeps.
 */
static inline bool key_tcp_end(const struct tcphdr *th)
{
	return (tcp_flag_word(th) & (TCP_FLAG_SYN | TCP_FLAG_FIN |
				     TCP_FLAG_RST | TCP_FLAG_ACK)) !=
	       TCP_FLAG_ACK;
}

/* Conntrack calls a segment with these lengths malformed, so tier 1 must see
 * it: RFC 9293 (data offset), RFC 768 (length).
 */
static __always_inline int
key_parse_transport(const u8 *th, unsigned int avail, u8 family, u8 protocol,
		    bool others, struct pnicfw_packet *pkt)
{
	struct pnicfw_key_other found;
	unsigned int room = pkt->len - pkt->thoff;
	const struct udphdr *uh = (const void *)th;
	const struct tcphdr *tcp = (const void *)th;

	switch (protocol) {
	case IPPROTO_TCP:
		pkt->hlen = pkt->thoff + sizeof(*tcp);
		if (avail < pkt->hlen)
			return -EINVAL;
		if (tcp->doff * 4 < sizeof(*tcp) || tcp->doff * 4 > room)
			return -EINVAL;
		if (key_tcp_end(tcp))
			pkt->hops = 0;
		break;
	case IPPROTO_UDP:
		pkt->hlen = pkt->thoff + sizeof(*uh);
		if (avail < pkt->hlen)
			return -EINVAL;
		if (ntohs(uh->len) < sizeof(*uh) || ntohs(uh->len) > room)
			return -EINVAL;
		break;
	default:
		if (!others)
			return -EPROTONOSUPPORT;
		found = pnicfw_key_parse_other(th, avail - pkt->thoff, room,
					       family, protocol);
		pkt->hlen = pkt->thoff + found.hlen;
		if (found.end)
			pkt->hops = 0;
		pkt->key.word[4] = pnicfw_key_word(found.ports,
						   pnicfw_key_kind(family,
								   protocol));
		return found.err;
	}

	/* Both have their ports in the same place. */
	pkt->key.word[4] = pnicfw_key_word(get_unaligned((const u32 *)th),
					   pnicfw_key_kind(family, protocol));
	return 0;
}

/* Is the header's checksum right? Its words' sum in ones' complement, RFC 1071,
 * is the remainder by 0xffff, since 0x10000 leaves 1.
 */
static __always_inline bool key_ipv4_intact(const struct iphdr *iph)
{
	const u32 *word = (const u32 *)iph;

	return !(((u64)word[0] + word[1] + word[2] + word[3] + word[4]) %
		 0xffff);
}

/**
 * pnicfw_key_parse_ipv4 - find out what an IPv4 packet is
 * @l3: the packet from its network header on
 * @avail: bytes that may be read at @l3
 * @total: bytes the packet has, see pnicfw_key_parse()
 * @others: take other protocols than TCP and UDP as well
 * @pkt: filled in where it returns 0
 *
 * Return: see pnicfw_key_parse().
 */
static __always_inline int
pnicfw_key_parse_ipv4(const u8 *l3, unsigned int avail, unsigned int total,
		      bool others, struct pnicfw_packet *pkt)
{
	const unsigned int hlen = sizeof(struct iphdr);
	const struct iphdr *iph = (const void *)l3;

	if (avail < hlen)
		return -EINVAL;
	if (*l3 != 0x45)
		return iph->version == 4 ? -EPROTONOSUPPORT : -EINVAL;
	if (ip_is_fragment(iph))
		return -EPROTONOSUPPORT;

	/* Nor less than the header itself, which would wrap around */
	pkt->len = ntohs(iph->tot_len);
	if (pkt->len - hlen > total - hlen || !key_ipv4_intact(iph))
		return -EINVAL;

	pkt->key.word[0] = pnicfw_key_word((__force u32)iph->saddr, 0);
	pkt->key.word[1] = 0;
	pkt->key.word[2] = pnicfw_key_word((__force u32)iph->daddr, 0);
	pkt->key.word[3] = 0;
	pkt->thoff = hlen;
	pkt->hops = iph->ttl;
	pkt->dscp = iph->tos & ~INET_ECN_MASK;
	return key_parse_transport(l3 + hlen, avail, NFPROTO_IPV4,
				   iph->protocol, others, pkt);
}

/**
 * pnicfw_key_parse_ipv6 - find out what an IPv6 packet is
 * @l3: the packet from its network header on
 * @avail: bytes that may be read at @l3
 * @total: bytes the packet has, see pnicfw_key_parse()
 * @others: take other protocols than TCP and UDP as well
 * @pkt: filled in where it returns 0
 *
 * Return: see pnicfw_key_parse().
 */
static __always_inline int
pnicfw_key_parse_ipv6(const u8 *l3, unsigned int avail, unsigned int total,
		      bool others, struct pnicfw_packet *pkt)
{
	const struct ipv6hdr *ip6h = (const void *)l3;
	const u64 *addrs = (const void *)&ip6h->saddr;

	if (avail < sizeof(*ip6h) || ip6h->version != 6)
		return -EINVAL;

	/* A jumbogram has no length here, and is left to tier 1. */
	pkt->len = sizeof(*ip6h) + ntohs(ip6h->payload_len);
	if (pkt->len == sizeof(*ip6h) || pkt->len > total)
		return -EINVAL;

	pkt->key.word[0] = get_unaligned(&addrs[0]);
	pkt->key.word[1] = get_unaligned(&addrs[1]);
	pkt->key.word[2] = get_unaligned(&addrs[2]);
	pkt->key.word[3] = get_unaligned(&addrs[3]);
	pkt->thoff = sizeof(*ip6h);
	pkt->hops = ip6h->hop_limit;
	pkt->dscp = ipv6_get_dsfield(ip6h) & ~INET_ECN_MASK;
	return key_parse_transport(l3 + sizeof(*ip6h), avail, NFPROTO_IPV6,
				   ip6h->nexthdr, others, pkt);
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
 * fragments, options); -EINVAL for what is malformed, and tier 1 is to judge.
 */
static __always_inline int
pnicfw_key_parse(const u8 *l3, unsigned int avail, unsigned int total,
		 __be16 protocol, struct pnicfw_packet *pkt)
{
	if (likely(protocol == htons(ETH_P_IP)))
		return pnicfw_key_parse_ipv4(l3, avail, total, true, pkt);
	if (protocol == htons(ETH_P_IPV6))
		return pnicfw_key_parse_ipv6(l3, avail, total, true, pkt);
	return -EPROTONOSUPPORT;
}

/**
 * pnicfw_key_unicast - is a packet for one receiver?
 * @key: its key
 *
 * Return: whether it is; others are tier 1's.
 */
static inline bool pnicfw_key_unicast(const struct pnicfw_key *key)
{
	if (pnicfw_key_ipv4(key))
		return !ipv4_is_multicast(key->dst.ip) &&
		       !ipv4_is_lbcast(key->dst.ip);
	return !ipv6_addr_is_multicast(&key->dst.in6);
}

#endif /* PNICFW_KEY_PARSE_H */
