// SPDX-License-Identifier: GPL-2.0
/*
 * action - what the kernel did to a packet: derived from two headers, and
 * applied to the next packet
 */
#include <linux/crc32.h>
#include <linux/etherdevice.h>
#include <linux/icmp.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/sctp.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <linux/pnicfw.h>
#include <net/checksum.h>
#include <net/dsfield.h>
#include <net/inet_ecn.h>
#include <net/ip.h>

#include "action.h"

/* TTL and DSCP of either family. */
static void action_read_ip(const struct pnicfw_sight *sight, u8 *ttl, u8 *dscp)
{
	const struct ipv6hdr *ip6h = (const void *)sight->l3;
	const struct iphdr *iph = (const void *)sight->l3;

	if (iph->version == 4) {
		*ttl = iph->ttl;
		*dscp = iph->tos & ~INET_ECN_MASK;
	} else {
		*ttl = ip6h->hop_limit;
		*dscp = ipv6_get_dsfield(ip6h) & ~INET_ECN_MASK;
	}
}

/* Addresses differ, or ports, or what ICMP echo has behind its checksum (which
 * may be the same with another identifier): conntrack's other tuple then says
 * what they become, and verification whether that is right.
 */
static bool action_is_nat(const struct pnicfw_sight *in,
			  const struct pnicfw_sight *out)
{
	const struct iphdr *iph = (const void *)in->l3;
	unsigned int addrs = offsetof(struct iphdr, saddr);
	unsigned int end = sizeof(*iph) + sizeof(struct icmphdr);

	if (iph->version == 6) {
		addrs = offsetof(struct ipv6hdr, saddr);
		end = sizeof(struct ipv6hdr) + sizeof(struct icmphdr);
	}
	end = min_t(unsigned int, end, in->l3_seen);
	return memcmp(in->l3 + addrs, out->l3 + addrs, end - addrs);
}

/**
 * pnicfw_action_derive - what was done to a packet between two looks at it
 * @in: as it came in: an IP packet that pnicfw_key_parse() took
 * @out: as it left
 * @act: filled in where it returns 0
 *
 * A TTL that changed by other than one was set, and not counted down: what the
 * next packet's would become cannot be told, and verification will refuse it.
 *
 * The result is a guess in the form of an action, no more: only
 * pnicfw_action_verify() says whether it explains the whole difference.
 *
 * Return: 0, or the &enum pnicfw_reason that forbids an action.
 */
int pnicfw_action_derive(const struct pnicfw_sight *in,
			 const struct pnicfw_sight *out,
			 struct pnicfw_action *act)
{
	u8 ttl_in, ttl_out, dscp;

	if (in->eth->h_proto != out->eth->h_proto)
		return PNICFW_REASON_ENCAPSULATION;
	if (in->l3_len != out->l3_len || in->l3_seen != out->l3_seen)
		return PNICFW_REASON_LENGTH;
	if (is_multicast_ether_addr(out->eth->h_dest))
		return PNICFW_REASON_MULTICAST;

	action_read_ip(in, &ttl_in, &dscp);
	action_read_ip(out, &ttl_out, &dscp);

	memset(act, 0, sizeof(*act));
	ether_addr_copy(act->eth_dst, out->eth->h_dest);
	ether_addr_copy(act->eth_src, out->eth->h_source);
	act->vlan = out->vlan;
	act->inner = out->inner;
	act->ttl_dec = ttl_in - ttl_out == 1;
	act->dscp = dscp;
	act->nat = action_is_nat(in, out);
	act->mark = out->mark;
	act->priority = out->priority;
	return 0;
}

/**
 * pnicfw_action_verify - does an action explain all that happened?
 * @act: the action
 * @pkt: the packet as it was parsed at ingress
 * @to: the key it leaves with, where @act has NAT
 * @in: as it came in
 * @out: as it left
 *
 * Return: -1 where @act makes the very bytes of @out from those of @in, else
 * the offset from the network header of the first byte that differs.
 */
int pnicfw_action_verify(const struct pnicfw_action *act,
			 const struct pnicfw_packet *pkt,
			 const struct pnicfw_key *to,
			 const struct pnicfw_sight *in,
			 const struct pnicfw_sight *out)
{
	unsigned int n = min_t(unsigned int, in->l3_seen, PNICFW_SIGHT_L3);
	u8 l3[PNICFW_SIGHT_L3] __aligned(4);
	int i;

	memcpy(l3, in->l3, n);
	pnicfw_action_apply(act, l3, pkt, to, in->partial);
	if (likely(!memcmp(l3, out->l3, n)))
		return -1;
	for (i = 0; l3[i] == out->l3[i]; i++)
		;
	return i;
}

/* The transport checksum after an address changed. Where the checksum is
 * partial, the field holds the pseudo header's sum, not complemented: see
 * inet_proto_csum_replace4().
 */
static void action_csum_addr(__sum16 *sum, const __be32 *from, const __be32 *to,
			     unsigned int words, bool partial)
{
	__wsum pseudo;

	for (; words--; from++, to++) {
		if (!partial) {
			csum_replace4(sum, *from, *to);
			continue;
		}
		pseudo = csum_sub(csum_unfold(*sum), (__force __wsum)from[0]);
		pseudo = csum_add(pseudo, (__force __wsum)to[0]);
		*sum = ~csum_fold(pseudo);
	}
}

/* Write one address or port pair's new value; @sum is NULL where there is no
 * transport checksum to keep.
 */
static void action_nat_transport(u8 *th, const struct pnicfw_key *to,
				 __sum16 *sum, bool partial)
{
	struct udphdr *ports = (void *)th;	/* TCP has them there, too */

	if (sum && !partial) {
		csum_replace2(sum, ports->source, to->sport);
		csum_replace2(sum, ports->dest, to->dport);
	}
	ports->source = to->sport;
	ports->dest = to->dport;
}

static void action_nat_addrs(u8 *l3, const struct pnicfw_key *to, __sum16 *sum,
			     bool partial)
{
	struct ipv6hdr *ip6h = (void *)l3;
	struct iphdr *iph = (void *)l3;

	if (to->family == NFPROTO_IPV4) {
		if (sum) {
			action_csum_addr(sum, &iph->saddr, &to->src.ip, 1,
					 partial);
			action_csum_addr(sum, &iph->daddr, &to->dst.ip, 1,
					 partial);
		}
		csum_replace4(&iph->check, iph->saddr, to->src.ip);
		csum_replace4(&iph->check, iph->daddr, to->dst.ip);
		iph->saddr = to->src.ip;
		iph->daddr = to->dst.ip;
		return;
	}

	if (sum) {
		action_csum_addr(sum, ip6h->saddr.s6_addr32, to->src.ip6, 4,
				 partial);
		action_csum_addr(sum, ip6h->daddr.s6_addr32, to->dst.ip6, 4,
				 partial);
	}
	ip6h->saddr = to->src.in6;
	ip6h->daddr = to->dst.in6;
}

/* SCTP's CRC32c covers the ports, and no address. It is linear: what a change
 * of the first bytes does to it follows from the change alone and from how
 * many bytes come after.
 */
static void action_nat_sctp(u8 *l3, unsigned int thoff,
			    const struct pnicfw_key *to, bool partial)
{
	struct sctphdr *sh = (void *)(l3 + thoff);
	__be16 change[] = { sh->source ^ to->sport, sh->dest ^ to->dport };
	unsigned int len;
	u32 crc;

	action_nat_addrs(l3, to, NULL, false);
	sh->source = to->sport;
	sh->dest = to->dport;
	if (partial)
		return;
	if (to->family == NFPROTO_IPV4)
		len = ntohs(((struct iphdr *)l3)->tot_len) - thoff;
	else
		len = ntohs(((struct ipv6hdr *)l3)->payload_len);
	crc = __crc32c_le(0, (const u8 *)change, sizeof(change));
	crc = __crc32c_le_shift(crc, len - sizeof(change));
	sh->checksum ^= cpu_to_le32(crc);
}

/* The checksum of ICMPv6 covers the addresses, that of ICMP does not. */
static void action_nat_icmp(u8 *l3, unsigned int thoff,
			    const struct pnicfw_key *to, bool partial)
{
	struct icmphdr *ih = (void *)(l3 + thoff);
	bool v6 = to->protocol == IPPROTO_ICMPV6;

	action_nat_addrs(l3, to, v6 ? &ih->checksum : NULL, partial);
	if (!partial)
		csum_replace2(&ih->checksum, ih->un.echo.id, to->sport);
	ih->un.echo.id = to->sport;
}

static noinline void action_nat_other(u8 *l3, unsigned int thoff,
				      const struct pnicfw_key *to, bool partial)
{
	if (to->protocol == IPPROTO_SCTP)
		action_nat_sctp(l3, thoff, to, partial);
	else if (pnicfw_key_is_icmp(to->protocol))
		action_nat_icmp(l3, thoff, to, partial);
	else
		action_nat_addrs(l3, to, NULL, false);
}

/**
 * pnicfw_action_nat - rewrite a packet's addresses and ports
 * @l3: the packet from its network header on; writable to the end of the
 *	transport header's fixed part
 * @thoff: transport header, bytes after the network header
 * @to: the key it leaves with
 * @partial: its transport checksum covers the pseudo header only
 */
void pnicfw_action_nat(u8 *l3, unsigned int thoff, const struct pnicfw_key *to,
		       bool partial)
{
	bool udp = to->protocol == IPPROTO_UDP;
	u8 *th = l3 + thoff;
	__sum16 *sum;

	if (udp)
		sum = &((struct udphdr *)th)->check;
	else if (to->protocol == IPPROTO_TCP)
		sum = &((struct tcphdr *)th)->check;
	else
		return action_nat_other(l3, thoff, to, partial);

	/* A UDP packet without a checksum stays without (RFC 768), and one
	 * that comes out as zero is sent as all ones.
	 */
	if (udp && !*sum && !partial)
		sum = NULL;
	action_nat_addrs(l3, to, sum, partial);
	action_nat_transport(th, to, sum, partial);
	if (udp && sum && !*sum)
		*sum = CSUM_MANGLED_0;
}
