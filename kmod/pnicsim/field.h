/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PNICSIM_FIELD_H
#define PNICSIM_FIELD_H

#include <linux/types.h>

/**
 * enum pnicsim_field_id - the header fields that the eswitch can rewrite
 * @PNICSIM_FIELD_DMAC_HI: first four bytes of the destination MAC address
 * @PNICSIM_FIELD_DMAC_LO: last two bytes of the destination MAC address
 * @PNICSIM_FIELD_SMAC_HI: first two bytes of the source MAC address
 * @PNICSIM_FIELD_SMAC_LO: last four bytes of the source MAC address
 * @PNICSIM_FIELD_ETH_TYPE: ethertype behind the VLAN tags
 * @PNICSIM_FIELD_VLAN_TCI: the outermost VLAN tag's TCI
 * @PNICSIM_FIELD_IP4_DSCP: upper six bits of the IPv4 TOS
 * @PNICSIM_FIELD_IP4_TTL: IPv4 TTL
 * @PNICSIM_FIELD_IP4_SADDR: IPv4 source address
 * @PNICSIM_FIELD_IP4_DADDR: IPv4 destination address
 * @PNICSIM_FIELD_IP6_DSCP: upper six bits of the IPv6 traffic class
 * @PNICSIM_FIELD_IP6_HOP_LIMIT: IPv6 hop limit
 * @PNICSIM_FIELD_IP6_SADDR0: IPv6 source address, first word
 * @PNICSIM_FIELD_IP6_SADDR1: IPv6 source address, second word
 * @PNICSIM_FIELD_IP6_SADDR2: IPv6 source address, third word
 * @PNICSIM_FIELD_IP6_SADDR3: IPv6 source address, last word
 * @PNICSIM_FIELD_IP6_DADDR0: IPv6 destination address, first word
 * @PNICSIM_FIELD_IP6_DADDR1: IPv6 destination address, second word
 * @PNICSIM_FIELD_IP6_DADDR2: IPv6 destination address, third word
 * @PNICSIM_FIELD_IP6_DADDR3: IPv6 destination address, last word
 * @PNICSIM_FIELD_TCP_SPORT: TCP source port
 * @PNICSIM_FIELD_TCP_DPORT: TCP destination port
 * @PNICSIM_FIELD_TCP_FLAGS: the lower eight TCP flags
 * @PNICSIM_FIELD_UDP_SPORT: UDP source port
 * @PNICSIM_FIELD_UDP_DPORT: UDP destination port
 * @PNICSIM_FIELDS: how many there are
 */
enum pnicsim_field_id {
	PNICSIM_FIELD_DMAC_HI,
	PNICSIM_FIELD_DMAC_LO,
	PNICSIM_FIELD_SMAC_HI,
	PNICSIM_FIELD_SMAC_LO,
	PNICSIM_FIELD_ETH_TYPE,
	PNICSIM_FIELD_VLAN_TCI,
	PNICSIM_FIELD_IP4_DSCP,
	PNICSIM_FIELD_IP4_TTL,
	PNICSIM_FIELD_IP4_SADDR,
	PNICSIM_FIELD_IP4_DADDR,
	PNICSIM_FIELD_IP6_DSCP,
	PNICSIM_FIELD_IP6_HOP_LIMIT,
	PNICSIM_FIELD_IP6_SADDR0,
	PNICSIM_FIELD_IP6_SADDR1,
	PNICSIM_FIELD_IP6_SADDR2,
	PNICSIM_FIELD_IP6_SADDR3,
	PNICSIM_FIELD_IP6_DADDR0,
	PNICSIM_FIELD_IP6_DADDR1,
	PNICSIM_FIELD_IP6_DADDR2,
	PNICSIM_FIELD_IP6_DADDR3,
	PNICSIM_FIELD_TCP_SPORT,
	PNICSIM_FIELD_TCP_DPORT,
	PNICSIM_FIELD_TCP_FLAGS,
	PNICSIM_FIELD_UDP_SPORT,
	PNICSIM_FIELD_UDP_DPORT,
	PNICSIM_FIELDS,
};

/**
 * struct pnicsim_field - a header field that the eswitch can rewrite
 * @name: for people
 * @htype: header it is in, enum flow_action_mangle_base
 * @word: offset of the 32-bit word it is in, from the start of that header
 * @mask: its bits in that word, in CPU order; contiguous
 */
struct pnicsim_field {
	const char	*name;
	u8		htype;
	u8		word;
	u32		mask;
};

extern const struct pnicsim_field pnicsim_fields[PNICSIM_FIELDS];

#endif
