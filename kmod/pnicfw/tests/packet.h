/* SPDX-License-Identifier: GPL-2.0 */
/*
 * packet - packets for tests: made, changed field by field, and given the
 * checksums that a sender would give them
 *
 * Checksums are computed over the whole packet here, and never adjusted: the
 * rooms under test adjust them, and are compared with this.
 */
#ifndef PNICFW_TESTS_PACKET_H
#define PNICFW_TESTS_PACKET_H

#include <linux/bits.h>
#include <linux/icmp.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/prandom.h>
#include <linux/sctp.h>
#include <linux/tcp.h>
#include <linux/udp.h>

#include <net/gre.h>

#include "../action.h"

#define PNICFW_TEST_L3		256

/* What NAT changes; both are possible. */
#define PNICFW_TEST_SNAT	BIT(0)
#define PNICFW_TEST_DNAT	BIT(1)

/**
 * enum pnicfw_test_csum - what the transport checksum covers
 * @PNICFW_TEST_CSUM_FULL: all that it should
 * @PNICFW_TEST_CSUM_PARTIAL: the pseudo header (CHECKSUM_PARTIAL)
 * @PNICFW_TEST_CSUM_NONE: nothing, it is zero: UDP over IPv4
 */
enum pnicfw_test_csum {
	PNICFW_TEST_CSUM_FULL,
	PNICFW_TEST_CSUM_PARTIAL,
	PNICFW_TEST_CSUM_NONE,
};

/**
 * struct pnicfw_test_packet - a packet
 * @l3: from the network header on
 * @len: bytes of @l3 that it has
 * @eth: its Ethernet header, without VLAN tags
 * @vlan: its tag in metadata
 * @inner: its tag in the packet, behind that
 */
struct pnicfw_test_packet {
	u8 l3[PNICFW_TEST_L3] __aligned(4);
	unsigned int len;
	struct ethhdr eth __aligned(4);
	struct pnicfw_vlan vlan;
	struct pnicfw_vlan inner;
};

/**
 * pnicfw_test_thoff - where the transport header of a packet made here is
 * @family: NFPROTO_IPV4 or NFPROTO_IPV6
 *
 * Return: bytes after the network header.
 */
static inline unsigned int pnicfw_test_thoff(u8 family)
{
	return family == NFPROTO_IPV4 ? sizeof(struct iphdr) :
					sizeof(struct ipv6hdr);
}

/**
 * pnicfw_test_hlen - where the headers of a packet made here end
 * @family: NFPROTO_IPV4 or NFPROTO_IPV6
 * @protocol: one that a key may have
 *
 * Return: bytes after the network header.
 */
static inline unsigned int pnicfw_test_hlen(u8 family, u8 protocol)
{
	unsigned int thoff = pnicfw_test_thoff(family);

	switch (protocol) {
	case IPPROTO_TCP:
		return thoff + sizeof(struct tcphdr);
	case IPPROTO_SCTP:
		return thoff + sizeof(struct sctphdr);
	case IPPROTO_GRE:
		return thoff + sizeof(struct gre_base_hdr);
	default:
		return thoff + sizeof(struct udphdr);	/* ICMP as well */
	}
}

void pnicfw_test_key(u8 family, u8 protocol, struct pnicfw_key *key);
void pnicfw_test_nat(const struct pnicfw_key *key, unsigned int nat,
		     struct pnicfw_key *to);
void pnicfw_test_random_key(struct rnd_state *rnd, u8 family, u8 protocol,
			    struct pnicfw_key *key);

void pnicfw_test_make(struct pnicfw_test_packet *p,
		      const struct pnicfw_key *key, unsigned int payload);
void pnicfw_test_address(struct pnicfw_test_packet *p,
			 const struct pnicfw_key *key);
void pnicfw_test_set_ttl(struct pnicfw_test_packet *p, u8 ttl);
void pnicfw_test_set_tos(struct pnicfw_test_packet *p, u8 tos);
__sum16 *pnicfw_test_l4_csum(struct pnicfw_test_packet *p);
void pnicfw_test_seal_ip(struct pnicfw_test_packet *p);
void pnicfw_test_seal(struct pnicfw_test_packet *p, enum pnicfw_test_csum csum);

int pnicfw_test_parse_part(const u8 *l3, unsigned int avail,
			   unsigned int total, __be16 protocol,
			   struct pnicfw_packet *pkt);
int pnicfw_test_parse(const struct pnicfw_test_packet *p,
		      struct pnicfw_packet *pkt);
struct sk_buff *pnicfw_test_skb(const struct pnicfw_test_packet *p);
void pnicfw_test_skb_partial(struct sk_buff *skb);

#endif /* PNICFW_TESTS_PACKET_H */
