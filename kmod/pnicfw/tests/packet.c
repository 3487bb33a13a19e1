// SPDX-License-Identifier: GPL-2.0
/*
 * packet - packets for tests
 */
#include <linux/crc32.h>
#include <linux/etherdevice.h>
#include <linux/icmpv6.h>
#include <linux/if_vlan.h>
#include <linux/skbuff.h>
#include <net/checksum.h>
#include <net/ip6_checksum.h>

#include "../key_parse.h"
#include "packet.h"

static struct iphdr *test_ipv4(struct pnicfw_test_packet *p)
{
	return (struct iphdr *)p->l3;
}

static struct ipv6hdr *test_ipv6(struct pnicfw_test_packet *p)
{
	return (struct ipv6hdr *)p->l3;
}

static bool test_is_ipv4(const struct pnicfw_test_packet *p)
{
	return p->eth.h_proto == htons(ETH_P_IP);
}

static u8 test_protocol(struct pnicfw_test_packet *p)
{
	return test_is_ipv4(p) ? test_ipv4(p)->protocol : test_ipv6(p)->nexthdr;
}

static u8 *test_l4(struct pnicfw_test_packet *p)
{
	return p->l3 + pnicfw_test_thoff(test_is_ipv4(p) ? NFPROTO_IPV4 :
							   NFPROTO_IPV6);
}

/* What stands in the place of ports, where the protocol has none. */
static void test_key_ports(struct pnicfw_key *key)
{
	switch (key->protocol) {
	case IPPROTO_ICMP:
		key->dport = htons(ICMP_ECHO << 8);
		break;
	case IPPROTO_ICMPV6:
		key->dport = htons(ICMPV6_ECHO_REQUEST << 8);
		break;
	case IPPROTO_GRE:
		key->sport = 0;
		key->dport = 0;
		break;
	}
}

/**
 * pnicfw_test_key - a connection's key before NAT
 * @family: NFPROTO_IPV4 or NFPROTO_IPV6
 * @protocol: one that a key may have
 * @key: filled in
 */
void pnicfw_test_key(u8 family, u8 protocol, struct pnicfw_key *key)
{
	memset(key, 0, sizeof(*key));
	if (family == NFPROTO_IPV4) {
		key->src.ip = htonl(0x0a000002);
		key->dst.ip = htonl(0xc6336407);
	} else {
		key->src.ip6[0] = htonl(0xfd000001);
		key->src.ip6[3] = htonl(0x00000002);
		key->dst.ip6[0] = htonl(0x20010db8);
		key->dst.ip6[2] = htonl(0xffff0000);
		key->dst.ip6[3] = htonl(0x00070007);
	}
	key->protocol = protocol;
	key->family = family;
	key->sport = htons(40000);
	key->dport = htons(443);
	test_key_ports(key);
}

/**
 * pnicfw_test_nat - the key that packets leave with
 * @key: the one they come in with
 * @nat: PNICFW_TEST_SNAT, PNICFW_TEST_DNAT, both or none
 * @to: filled in
 */
void pnicfw_test_nat(const struct pnicfw_key *key, unsigned int nat,
		     struct pnicfw_key *to)
{
	bool v4 = key->family == NFPROTO_IPV4;

	*to = *key;
	if (nat & PNICFW_TEST_SNAT) {
		to->src.ip6[0] = htonl(v4 ? 0xcb007101 : 0x20010db8);
		if (!v4)
			to->src.ip6[1] = htonl(0xaaaa0000);
		to->sport = htons(1025);
	}
	if (nat & PNICFW_TEST_DNAT) {
		to->dst.ip6[0] = htonl(v4 ? 0xac100009 : 0xfd000002);
		if (!v4)
			to->dst.ip6[3] = htonl(0x00000009);
		to->dport = htons(8443);
	}
	test_key_ports(to);
}

/**
 * pnicfw_test_random_key - a key of any unicast addresses and ports
 * @rnd: where it comes from
 * @family: NFPROTO_IPV4 or NFPROTO_IPV6
 * @protocol: one that a key may have
 * @key: filled in
 *
 * Words of only zeros and only ones, at which checksums have their edges, are
 * much more frequent than chance would have them.
 */
void pnicfw_test_random_key(struct rnd_state *rnd, u8 family, u8 protocol,
			    struct pnicfw_key *key)
{
	unsigned int words = family == NFPROTO_IPV4 ? 1 : 4, i, edge;

	memset(key, 0, sizeof(*key));
	prandom_bytes_state(rnd, &key->src, words * sizeof(__be32));
	prandom_bytes_state(rnd, &key->dst, words * sizeof(__be32));
	prandom_bytes_state(rnd, &key->sport, 2 * sizeof(__be16));
	key->protocol = protocol;
	key->family = family;

	edge = prandom_u32_state(rnd);
	for (i = 0; i < words; i++) {
		if ((edge >> 2 * i & 3) == 1)
			key->src.ip6[i] = 0;
		if ((edge >> 2 * i & 3) == 2)
			key->src.ip6[i] = htonl(~0);
		if ((edge >> (8 + 2 * i) & 3) == 1)
			key->dst.ip6[i] = 0;
	}
	if ((edge >> 16 & 7) == 1)
		key->sport = 0;
	if ((edge >> 16 & 7) == 2)
		key->sport = htons(0xffff);
	test_key_ports(key);

	/* 64.0.0.0 to 127.255.255.255, and 4000::/2 */
	key->dst.ip6[0] &= htonl(0x3fffffff);
	key->dst.ip6[0] |= htonl(0x40000000);
}

static void test_make_ipv4(struct pnicfw_test_packet *p, u8 protocol)
{
	struct iphdr *iph = test_ipv4(p);

	iph->version = 4;
	iph->ihl = 5;
	iph->tot_len = htons(p->len);
	iph->id = htons(0x1234);
	iph->frag_off = htons(0x4000);
	iph->ttl = 64;
	iph->protocol = protocol;
}

static void test_make_ipv6(struct pnicfw_test_packet *p, u8 protocol)
{
	struct ipv6hdr *ip6h = test_ipv6(p);

	ip6h->version = 6;
	ip6h->flow_lbl[0] = 0x0a;
	ip6h->flow_lbl[1] = 0xbc;
	ip6h->flow_lbl[2] = 0xde;
	ip6h->payload_len = htons(p->len - sizeof(*ip6h));
	ip6h->hop_limit = 64;
	ip6h->nexthdr = protocol;
}

static void test_make_tcp(struct tcphdr *th)
{
	th->doff = sizeof(*th) / 4;
	th->ack = 1;
	th->seq = htonl(0xfffffff0);
	th->ack_seq = htonl(0x10203040);
	th->window = htons(512);
}

/* All of the payload is a chunk of data. */
static void test_make_sctp(struct sctphdr *sh, unsigned int payload)
{
	struct sctp_chunkhdr *chunk = (struct sctp_chunkhdr *)(sh + 1);

	sh->vtag = htonl(0x87654321);
	if (payload < sizeof(*chunk))
		return;
	chunk->type = SCTP_CID_DATA;
	chunk->flags = 3;
	chunk->length = htons(payload);
}

static void test_make_l4(struct pnicfw_test_packet *p, u8 protocol,
			 unsigned int payload)
{
	u8 *l4 = test_l4(p);

	switch (protocol) {
	case IPPROTO_TCP:
		test_make_tcp((struct tcphdr *)l4);
		break;
	case IPPROTO_UDP:
		((struct udphdr *)l4)->len = htons(sizeof(struct udphdr) +
						   payload);
		break;
	case IPPROTO_SCTP:
		test_make_sctp((struct sctphdr *)l4, payload);
		break;
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		((struct icmphdr *)l4)->un.echo.sequence = htons(0x0102);
		break;
	case IPPROTO_GRE:
		((struct gre_base_hdr *)l4)->protocol = htons(ETH_P_TEB);
		break;
	}
}

/**
 * pnicfw_test_make - make a packet in the middle of a connection
 * @p: filled in; sealed, with a full checksum
 * @key: its addresses and ports
 * @payload: bytes after the transport header
 */
void pnicfw_test_make(struct pnicfw_test_packet *p,
		      const struct pnicfw_key *key, unsigned int payload)
{
	unsigned int hlen = pnicfw_test_hlen(key->family, key->protocol), i;
	bool v4 = key->family == NFPROTO_IPV4;

	memset(p, 0, sizeof(*p));
	p->len = hlen + payload;
	p->eth.h_proto = htons(v4 ? ETH_P_IP : ETH_P_IPV6);
	eth_broadcast_addr(p->eth.h_source);
	p->eth.h_source[0] = 0x02;
	memset(p->eth.h_dest, 0x22, ETH_ALEN);

	if (v4)
		test_make_ipv4(p, key->protocol);
	else
		test_make_ipv6(p, key->protocol);
	for (i = hlen; i < p->len; i++)
		p->l3[i] = 7 * i;
	test_make_l4(p, key->protocol, payload);
	pnicfw_test_address(p, key);
	pnicfw_test_seal(p, PNICFW_TEST_CSUM_FULL);
}

/**
 * pnicfw_test_address - write a packet's addresses and ports, nothing else
 * @p: the packet
 * @key: what they become
 */
void pnicfw_test_address(struct pnicfw_test_packet *p,
			 const struct pnicfw_key *key)
{
	struct udphdr *ports = (struct udphdr *)test_l4(p);
	struct icmphdr *ih = (struct icmphdr *)test_l4(p);

	if (test_is_ipv4(p)) {
		test_ipv4(p)->saddr = key->src.ip;
		test_ipv4(p)->daddr = key->dst.ip;
	} else {
		test_ipv6(p)->saddr = key->src.in6;
		test_ipv6(p)->daddr = key->dst.in6;
	}
	if (pnicfw_key_is_icmp(key->protocol)) {
		ih->type = ntohs(key->dport) >> 8;
		ih->code = ntohs(key->dport);
		ih->un.echo.id = key->sport;
	} else if (pnicfw_key_has_ports(key->protocol)) {
		ports->source = key->sport;
		ports->dest = key->dport;
	}
}

/**
 * pnicfw_test_set_ttl - write a packet's TTL or hop limit, nothing else
 * @p: the packet
 * @ttl: what it becomes
 */
void pnicfw_test_set_ttl(struct pnicfw_test_packet *p, u8 ttl)
{
	p->l3[test_is_ipv4(p) ? 8 : 7] = ttl;
}

/**
 * pnicfw_test_set_tos - write a packet's TOS byte or traffic class
 * @p: the packet
 * @tos: what it becomes: DSCP in the six upper bits, ECN in the lower two
 */
void pnicfw_test_set_tos(struct pnicfw_test_packet *p, u8 tos)
{
	if (test_is_ipv4(p)) {
		p->l3[1] = tos;
		return;
	}
	p->l3[0] = (p->l3[0] & 0xf0) | tos >> 4;
	p->l3[1] = (p->l3[1] & 0x0f) | tos << 4;
}

static unsigned int test_csum_offset(u8 protocol)
{
	switch (protocol) {
	case IPPROTO_TCP:
		return offsetof(struct tcphdr, check);
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		return offsetof(struct icmphdr, checksum);
	default:
		return offsetof(struct udphdr, check);
	}
}

/**
 * pnicfw_test_l4_csum - the transport checksum of a packet
 * @p: the packet
 *
 * Return: where it is.
 */
__sum16 *pnicfw_test_l4_csum(struct pnicfw_test_packet *p)
{
	return (__sum16 *)(test_l4(p) + test_csum_offset(test_protocol(p)));
}

/**
 * pnicfw_test_seal_ip - compute an IPv4 header's checksum
 * @p: the packet; one without such a checksum stays as it is
 */
void pnicfw_test_seal_ip(struct pnicfw_test_packet *p)
{
	struct iphdr *iph = test_ipv4(p);

	if (!test_is_ipv4(p))
		return;
	iph->check = 0;
	iph->check = ip_fast_csum(iph, iph->ihl);
}

static __sum16 test_magic(struct pnicfw_test_packet *p, unsigned int len,
			  __wsum sum)
{
	if (test_protocol(p) == IPPROTO_ICMP)
		return csum_fold(sum);
	if (test_is_ipv4(p))
		return csum_tcpudp_magic(test_ipv4(p)->saddr,
					 test_ipv4(p)->daddr, len,
					 test_protocol(p), sum);
	return csum_ipv6_magic(&test_ipv6(p)->saddr, &test_ipv6(p)->daddr, len,
			       test_protocol(p), sum);
}

/* A checksum that is not the Internet's, or none. */
static bool test_seal_other(struct pnicfw_test_packet *p, unsigned int len)
{
	struct sctphdr *sh = (struct sctphdr *)test_l4(p);

	switch (test_protocol(p)) {
	case IPPROTO_SCTP:
		sh->checksum = 0;
		sh->checksum = cpu_to_le32(~__crc32c_le(~0, test_l4(p), len));
		return true;
	case IPPROTO_GRE:
		return true;
	}
	return false;
}

/**
 * pnicfw_test_seal - compute a packet's checksums from scratch
 * @p: the packet, otherwise complete
 * @csum: which of the transport checksums it is to have
 */
void pnicfw_test_seal(struct pnicfw_test_packet *p, enum pnicfw_test_csum csum)
{
	__sum16 *check = pnicfw_test_l4_csum(p);
	unsigned int len;

	pnicfw_test_seal_ip(p);
	len = p->len - (test_l4(p) - p->l3);
	if (test_seal_other(p, len))
		return;
	*check = 0;
	switch (csum) {
	case PNICFW_TEST_CSUM_FULL:
		*check = test_magic(p, len, csum_partial(test_l4(p), len, 0));
		if (test_protocol(p) == IPPROTO_UDP && !*check)
			*check = CSUM_MANGLED_0;
		break;
	case PNICFW_TEST_CSUM_PARTIAL:
		*check = ~test_magic(p, len, 0);
		break;
	case PNICFW_TEST_CSUM_NONE:
		break;
	}
}

/**
 * pnicfw_test_parse_part - parse a packet as the fast path does
 * @l3: the packet from its network header on
 * @avail: bytes in reach
 * @total: bytes it has
 * @protocol: Ethernet type
 * @pkt: filled in where it returns 0
 *
 * Return: what pnicfw_key_parse() says; -EPROTONOSUPPORT for more than one
 * receiver.
 */
int pnicfw_test_parse_part(const u8 *l3, unsigned int avail,
			   unsigned int total, __be16 protocol,
			   struct pnicfw_packet *pkt)
{
	int err = pnicfw_key_parse(l3, avail, total, protocol, pkt);

	if (!err && !pnicfw_key_unicast(&pkt->key))
		err = -EPROTONOSUPPORT;
	return err;
}

/**
 * pnicfw_test_parse - parse a packet, all of it in reach
 * @p: the packet
 * @pkt: filled in where it returns 0
 *
 * Return: what pnicfw_test_parse_part() says.
 */
int pnicfw_test_parse(const struct pnicfw_test_packet *p,
		      struct pnicfw_packet *pkt)
{
	return pnicfw_test_parse_part(p->l3, p->len, p->len, p->eth.h_proto,
				      pkt);
}

/**
 * pnicfw_test_skb - a buffer with a copy of a packet
 * @p: the packet
 *
 * Its data begin at the network header or at the tag in the packet; the
 * Ethernet header is in front.
 *
 * Return: the buffer, the caller's to free, or NULL.
 */
struct sk_buff *pnicfw_test_skb(const struct pnicfw_test_packet *p)
{
	struct sk_buff *skb = alloc_skb(NET_SKB_PAD + VLAN_ETH_HLEN + p->len,
					GFP_KERNEL);
	struct vlan_hdr tag = {
		.h_vlan_TCI = htons(p->inner.tci),
		.h_vlan_encapsulated_proto = p->eth.h_proto,
	};

	if (!skb)
		return NULL;
	skb_reserve(skb, NET_SKB_PAD);
	skb_reset_mac_header(skb);
	skb_put_data(skb, &p->eth, ETH_HLEN);
	if (p->inner.proto)
		skb_put_data(skb, &tag, sizeof(tag));
	skb_put_data(skb, p->l3, p->len);
	skb_pull(skb, ETH_HLEN);
	skb_reset_network_header(skb);
	skb_set_transport_header(skb, test_is_ipv4(p) ?
					      sizeof(struct iphdr) :
					      sizeof(struct ipv6hdr));
	skb->protocol = p->eth.h_proto;
	if (p->inner.proto) {
		skb->protocol = p->inner.proto;
		eth_hdr(skb)->h_proto = p->inner.proto;
	}
	if (p->vlan.proto)
		__vlan_hwaccel_put_tag(skb, p->vlan.proto, p->vlan.tci);
	return skb;
}

/**
 * pnicfw_test_skb_partial - have the device compute a buffer's transport checksum
 * @skb: from pnicfw_test_skb(), as that returned it, without a tag in the packet
 */
void pnicfw_test_skb_partial(struct sk_buff *skb)
{
	u8 protocol = skb->protocol == htons(ETH_P_IP) ?
			      ip_hdr(skb)->protocol : ipv6_hdr(skb)->nexthdr;

	skb->ip_summed = CHECKSUM_PARTIAL;
	skb->csum_start = skb_transport_header(skb) - skb->head;
	skb->csum_offset = test_csum_offset(protocol);
}
