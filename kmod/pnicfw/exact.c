// SPDX-License-Identifier: GPL-2.0
/*
 * exact - packets of a flow that the cache could not make as tier 1 would
 */
#include <linux/ip.h>
#include <linux/skbuff.h>
#include <net/checksum.h>
#include <net/inet_ecn.h>

#include "action.h"
#include "compat.h"
#include "exact.h"
#include "path.h"
#include "record.h"

/* What is too long tier 1 drops, or answers with ICMP, or cuts. */
static bool exact_length(const struct sk_buff *skb, u32 len, u32 mtu)
{
	return len <= mtu ||
	       (skb_is_gso(skb) && skb_gso_validate_network_len(skb, mtu));
}

/* A checksum may be written as 0 or as 0xffff where all else adds up to 0xffff.
 * All that changes an IP header writes the one, except for nftables when it sets
 * a DSCP (nft_payload_set_eval()); it depends on who comes last.
 */
static bool exact_sum(const struct sk_buff *skb, const struct pnicfw_dir *dir,
		      const struct pnicfw_action *act)
{
	const struct iphdr *iph = (const void *)skb->data;
	struct iphdr leaves = *iph;
	struct pnicfw_key to;

	pnicfw_action_ip(act, (u8 *)&leaves, iph->tos & ~INET_ECN_MASK, true);
	if (act->nat) {
		pnicfw_record_key_out(pnicfw_dir_record(dir), dir->index, &to);
		leaves.saddr = to.src.ip;
		leaves.daddr = to.dst.ip;
	}
	leaves.check = 0;
	return ip_fast_csum(&leaves, leaves.ihl) != 0;
}

/**
 * pnicfw_exact - would a packet leave the cache as it would leave tier 1?
 * @skb: the packet, its data at the network header, which can be read
 * @len: length of the IP packet as its own header states it, bytes
 * @dir: its direction
 * @path: that one's path, which the packet is on
 *
 * Context: softirq, RCU.
 * Return: whether it would.
 */
bool pnicfw_exact(const struct sk_buff *skb, u32 len,
		  const struct pnicfw_dir *dir,
		  const struct pnicfw_path *path)
{
	const struct pnicfw_action *act = &path->key.act;

	if (!exact_length(skb, len, path->key.mtu))
		return false;
	if (act->dscp == path->key.dscp ||
	    ((const struct iphdr *)skb->data)->version != 4)
		return true;
	return exact_sum(skb, dir, act);
}
