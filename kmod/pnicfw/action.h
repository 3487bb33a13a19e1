/* SPDX-License-Identifier: GPL-2.0 */
/*
 * action - what the kernel did to a packet: derived from two headers, and
 * applied to the next packet
 *
 * A pure room: no lock, no I/O, no global state. It works on header bytes, so
 * the very function that rewrites packets is the one that verification runs on
 * a snapshot.
 */
#ifndef PNICFW_ACTION_H
#define PNICFW_ACTION_H

#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/stddef.h>
#include <linux/types.h>
#include <net/dsfield.h>
#include <net/inet_ecn.h>
#include <net/ip.h>

#include "key.h"

/**
 * struct pnicfw_action - what flows with a common way have done to them
 * @eth: both MAC addresses to send, in the order of the header
 * @eth_dst: destination MAC address to send
 * @eth_src: source MAC address to send
 * @vlan: tag to send in the packet's metadata
 * @inner: tag to send in the packet itself, behind that
 * @ttl_dec: 1 where the TTL or hop limit goes down, else 0
 * @dscp: DSCP to send, in the six upper bits
 * @nat: addresses and ports become those of the connection's other side; which
 *	they are is the flow's own, so they are no part of the shared action
 * @zero: always zero: actions are compared and hashed as bytes
 * @mark: skb->mark as it was at egress
 * @priority: skb->priority as it was at egress
 */
struct pnicfw_action {
	struct_group(eth,
		     u8 eth_dst[ETH_ALEN];
		     u8 eth_src[ETH_ALEN];
	);
	struct pnicfw_vlan vlan;
	struct pnicfw_vlan inner;
	u8 ttl_dec;
	u8 dscp;
	u8 nat;
	u8 zero;
	u32 mark;
	u32 priority;
};

/**
 * struct pnicfw_sight - one look at a packet
 * @eth: its Ethernet header, without VLAN tags
 * @l3: its first bytes from the network header on
 * @l3_seen: how many bytes @l3 has
 * @l3_len: length from the network header on
 * @vlan: its tag in metadata
 * @inner: its tag in the packet
 * @partial: the transport checksum covers the pseudo header only
 *	(CHECKSUM_PARTIAL)
 * @mark: skb->mark
 * @priority: skb->priority
 */
struct pnicfw_sight {
	const struct ethhdr *eth;
	const u8 *l3;
	unsigned int l3_seen;
	unsigned int l3_len;
	struct pnicfw_vlan vlan;
	struct pnicfw_vlan inner;
	bool partial;
	u32 mark;
	u32 priority;
};

/* As much of a packet as is compared: both IP headers that may be rewritten,
 * a TCP header with all its options, and some payload.
 */
#define PNICFW_SIGHT_L3		128

int pnicfw_action_derive(const struct pnicfw_sight *in,
			 const struct pnicfw_sight *out,
			 struct pnicfw_action *act);
int pnicfw_action_verify(const struct pnicfw_action *act,
			 const struct pnicfw_packet *pkt,
			 const struct pnicfw_key *to,
			 const struct pnicfw_sight *in,
			 const struct pnicfw_sight *out);
void pnicfw_action_nat(u8 *l3, unsigned int thoff, const struct pnicfw_key *to,
		       bool partial);

/**
 * pnicfw_action_ip - count down the TTL, set the DSCP
 * @act: what to do
 * @l3: the packet from its network header on, writable
 * @dscp: the packet's, as parsed; its TTL is larger than @act takes away
 * @ipv4: it is one of IPv4
 */
static __always_inline void pnicfw_action_ip(const struct pnicfw_action *act,
					     u8 *l3, u8 dscp, bool ipv4)
{
	struct ipv6hdr *ip6h = (void *)l3;
	struct iphdr *iph = (void *)l3;

	if (ipv4) {
		if (unlikely(act->dscp != dscp))
			ipv4_change_dsfield(iph, INET_ECN_MASK, act->dscp);
		if (act->ttl_dec)
			ip_decrease_ttl(iph);
	} else {
		if (unlikely(act->dscp != dscp))
			ipv6_change_dsfield(ip6h, INET_ECN_MASK, act->dscp);
		ip6h->hop_limit -= act->ttl_dec;
	}
}

/**
 * pnicfw_action_apply - rewrite a packet's IP and transport headers
 * @act: what to do; link layer and VLAN tag are the caller's
 * @l3: the packet from its network header on; @pkt->hlen bytes are writable
 * @pkt: the packet as parsed; its TTL is larger than @act takes away
 * @to: the key it leaves with, where @act has NAT
 * @partial: its transport checksum covers the pseudo header only
 */
static inline void pnicfw_action_apply(const struct pnicfw_action *act, u8 *l3,
				       const struct pnicfw_packet *pkt,
				       const struct pnicfw_key *to,
				       bool partial)
{
	pnicfw_action_ip(act, l3, pkt->dscp, pnicfw_key_ipv4(&pkt->key));
	if (act->nat)
		pnicfw_action_nat(l3, pkt->thoff, to, partial);
}

#endif /* PNICFW_ACTION_H */
