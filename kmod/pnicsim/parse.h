/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PNICSIM_PARSE_H
#define PNICSIM_PARSE_H

#include <linux/if_ether.h>
#include <linux/types.h>

/**
 * struct pnicsim_fields - what the eswitch's parser gets out of a frame
 * @dmac: destination MAC address
 * @smac: source MAC address
 * @eth_type: ethertype behind the VLAN tags
 * @tpid: ethertype of the outer VLAN tag, 0 in an untagged frame
 * @tci: outer tag's VID, priority and DEI
 * @inner_tpid: ethertype of the second VLAN tag, 0 where there is none
 * @inner_tci: second tag's VID, priority and DEI
 * @ip_proto: IPv4 protocol, or the IPv6 header's next header (behind a
 *	fragment header)
 * @tos: IPv4 TOS or IPv6 traffic class
 * @ttl: IPv4 TTL or IPv6 hop limit
 * @frag: 1 in any fragment
 * @icmp_type: ICMP or ICMPv6 type
 * @icmp_code: ICMP or ICMPv6 code
 * @tcp_flags: the 12 bits of flags, as in the TCP header
 * @sport: TCP or UDP source port
 * @dport: TCP or UDP destination port
 * @pad: always 0
 * @src: IPv6 source address, or an IPv4 one in the first word
 * @dst: IPv6 destination address, or an IPv4 one in the first word
 *
 * A rule's key and mask have this form too. What a frame does not have is 0,
 * and so is everything behind the point where its headers stop making sense:
 * a rule on addresses never matches an IP header with a bad length, a rule on
 * ports no fragment. A whole number of 64-bit words, all of them significant:
 * compared and masked as such.
 */
struct pnicsim_fields {
	u8	dmac[ETH_ALEN];
	u8	smac[ETH_ALEN];
	__be16	eth_type;
	__be16	tpid;
	__be16	tci;
	__be16	inner_tpid;
	__be16	inner_tci;
	u8	ip_proto;
	u8	tos;
	u8	ttl;
	u8	frag;
	u8	icmp_type;
	u8	icmp_code;
	__be16	tcp_flags;
	__be16	sport;
	__be16	dport;
	__be16	pad[3];
	__be32	src[4];
	__be32	dst[4];
} __aligned(8);

#define PNICSIM_FIELDS_WORDS	(sizeof(struct pnicsim_fields) / sizeof(u64))

/**
 * struct pnicsim_headers - a frame's fields and where its headers are
 * @fields: what rules match on
 * @l3: offset of the IP header
 * @l4: offset of the TCP, UDP or ICMP header; 0 where there is none, in later
 *	fragments, and where its length is wrong
 * @l4_proto: protocol of the header at @l4
 * @len: bytes of headers found: what may be written
 */
struct pnicsim_headers {
	struct pnicsim_fields	fields;
	unsigned int		l3;
	unsigned int		l4;
	u8			l4_proto;
	unsigned int		len;
};

void pnicsim_parse(const u8 *data, unsigned int len,
		   struct pnicsim_headers *hdrs);

#endif
