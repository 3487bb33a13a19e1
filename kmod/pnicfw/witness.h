/* SPDX-License-Identifier: GPL-2.0 */
/*
 * witness - a packet at both ends of its way through tier 1
 *
 * A snapshot at the packet's address is believed only where all else agrees,
 * too: the namespace, the device of entry, the age, the length, and conntrack's
 * tuple.
 */
#ifndef PNICFW_WITNESS_H
#define PNICFW_WITNESS_H

#include <linux/if_ether.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_conntrack_tuple_common.h>
#include <linux/pnicfw.h>

#include "action.h"
#include "key.h"

struct nf_conn;
struct pnicfw_net;
struct pnicfw_path_key;
struct pnicfw_port;
struct pnicfw_snapshot;
struct sk_buff;

/**
 * struct pnicfw_witness - a packet at both ends of its way, being compared
 * @pn: the namespace
 * @in: port it came in by
 * @out: port it is about to leave by, or NULL where it leaves by none
 * @skb: the packet, its data at the Ethernet header
 * @snap: as it came in
 * @pkt: the same, parsed
 * @ct: its conntrack entry
 * @dir: its direction
 * @before: look at it at ingress
 * @after: look at it now
 * @eth: storage for @after
 * @l3: storage for @after
 */
struct pnicfw_witness {
	struct pnicfw_net *pn;
	struct pnicfw_port *in;
	struct pnicfw_port *out;
	const struct sk_buff *skb;
	const struct pnicfw_snapshot *snap;
	struct pnicfw_packet pkt;
	struct nf_conn *ct;
	enum ip_conntrack_dir dir;
	struct pnicfw_sight before;
	struct pnicfw_sight after;
	struct ethhdr eth;
	u8 l3[PNICFW_SIGHT_L3] __aligned(4);
};

u32 pnicfw_witness_mtu(const struct sk_buff *skb);
enum pnicfw_reason pnicfw_witness_match(struct pnicfw_witness *w,
					enum ip_conntrack_info ctinfo);
enum pnicfw_reason pnicfw_witness_compare(struct pnicfw_witness *w);
void pnicfw_witness_path(const struct pnicfw_witness *w,
			 const struct pnicfw_action *act,
			 struct pnicfw_path_key *key);

#endif /* PNICFW_WITNESS_H */
