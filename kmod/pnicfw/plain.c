// SPDX-License-Identifier: GPL-2.0
/*
 * plain - packets that are not as drivers mostly hand them up: shared, cloned,
 * padded, or with a checksum that nobody has looked at
 */
#include <linux/netfilter.h>
#include <linux/skbuff.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/sctp/checksum.h>

#include "plain.h"
#include "record.h"

/* Conntrack looks at SCTP's verification tag, and at the checksum where the
 * device did not. Computing it writes to the header, which may be somebody
 * else's, too.
 */
static bool plain_intact_sctp(const struct pnicfw_dir *dir,
			      const struct sk_buff *skb,
			      unsigned int thoff, unsigned int len)
{
	const struct sctphdr *sh = (const void *)(skb->data + thoff);

	if (sh->vtag != READ_ONCE(dir->ct->proto.sctp.vtag[dir->index]))
		return false;
	if (skb->ip_summed != CHECKSUM_NONE ||
	    !READ_ONCE(nf_ct_net(dir->ct)->ct.sysctl_checksum))
		return true;
	return skb->len == len && !skb_shared(skb) && !skb_cloned(skb) &&
	       sh->checksum == sctp_compute_cksum(skb, thoff);
}

/* Conntrack calls a packet with a wrong transport checksum invalid. Mostly the
 * device has checked it already. GRE's own it leaves to the receiver.
 */
static bool plain_intact(const struct pnicfw_dir *dir, struct sk_buff *skb,
			 unsigned int thoff, unsigned int len)
{
	u8 protocol = nf_ct_protonum(dir->ct);
	u16 family = nf_ct_l3num(dir->ct);

	if (protocol == IPPROTO_SCTP)
		return plain_intact_sctp(dir, skb, thoff, len);
	if (skb_csum_unnecessary(skb) || protocol == IPPROTO_GRE)
		return true;
	if (protocol == IPPROTO_UDP &&
	    !((const struct udphdr *)(skb->data + thoff))->check)
		return family == NFPROTO_IPV4;
	if (!READ_ONCE(nf_ct_net(dir->ct)->ct.sysctl_checksum))
		return true;
	/* Ethernet padding is no part of what the checksum covers. */
	if (skb->len != len)
		return false;
	return !nf_checksum(skb, NF_INET_PRE_ROUTING, thoff, protocol, family);
}

/* A buffer of our own, with @len bytes and headers that may be written. NULL,
 * and @skb as it was, where memory ran out.
 */
static struct sk_buff *plain_own(struct sk_buff *skb, unsigned int hlen,
				 unsigned int len)
{
	struct sk_buff *own = skb;

	if (skb_shared(skb)) {
		own = skb_clone(skb, GFP_ATOMIC);
		if (!own)
			return NULL;
	}
	if (skb_cow_head(own, ETH_HLEN) ||
	    skb_ensure_writable(own, hlen) ||
	    (own->len > len && pskb_trim_rcsum(own, len))) {
		if (own != skb)
			kfree_skb(own);
		return NULL;
	}
	if (own != skb)
		consume_skb(skb);
	return own;
}

/**
 * pnicfw_plain_make - make a packet one that may be rewritten and sent
 * @skb: the packet, its data at the network header
 * @dir: its direction
 * @thoff: transport header, bytes after the network header
 * @hlen: end of the transport header's fixed part, likewise
 * @len: length of the IP packet as its own header states it, bytes
 *
 * It is nobody else's then, has no padding, and conntrack would not call its
 * checksum wrong.
 *
 * Context: softirq, RCU.
 * Return: the packet, which may have moved; or NULL, and @skb as it was, where
 * tier 1 is to have it.
 */
struct sk_buff *pnicfw_plain_make(struct sk_buff *skb,
				  const struct pnicfw_dir *dir,
				  unsigned int thoff, unsigned int hlen,
				  unsigned int len)
{
	if (!plain_intact(dir, skb, thoff, len))
		return NULL;
	skb = plain_own(skb, hlen, len);
	if (skb)
		skb_forward_csum(skb);
	return skb;
}
