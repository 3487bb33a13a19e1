// SPDX-License-Identifier: GPL-2.0
/* A frame as it is on the wire -> the fields that rules match on */

#include <linux/icmp.h>
#include <linux/if_vlan.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/dsfield.h>
#include <net/ip.h>
#include <net/ipv6.h>

#include "parse.h"

static_assert(sizeof(struct pnicsim_fields) % sizeof(u64) == 0);

static bool parse_ports(const u8 *l4, struct pnicsim_fields *f)
{
	const __be16 *ports = (const __be16 *)l4;

	f->sport = ports[0];
	f->dport = ports[1];
	return true;
}

static bool parse_tcp(const u8 *l4, unsigned int len, struct pnicsim_fields *f)
{
	const struct tcphdr *th = (const struct tcphdr *)l4;

	if (th->doff < sizeof(*th) / 4 || th->doff * 4 > len)
		return false;
	f->tcp_flags = *(const __be16 *)(l4 + 12) & htons(0x0fff);
	return parse_ports(l4, f);
}

static bool parse_udp(const u8 *l4, unsigned int len, struct pnicsim_fields *f)
{
	const struct udphdr *uh = (const struct udphdr *)l4;

	/* A zero length is an IPv6 jumbogram's: not for hardware. */
	if (ntohs(uh->len) < sizeof(*uh) || ntohs(uh->len) > len)
		return false;
	return parse_ports(l4, f);
}

static bool parse_icmp(const u8 *l4, struct pnicsim_fields *f)
{
	f->icmp_type = l4[0];
	f->icmp_code = l4[1];
	return true;
}

static unsigned int l4_header_len(u8 proto)
{
	switch (proto) {
	case IPPROTO_TCP:
		return sizeof(struct tcphdr);
	case IPPROTO_UDP:
		return sizeof(struct udphdr);
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		return sizeof(struct icmphdr);
	default:
		return 0;
	}
}

static bool parse_l4_fields(const u8 *l4, unsigned int len,
			    struct pnicsim_fields *f)
{
	switch (f->ip_proto) {
	case IPPROTO_TCP:
		return parse_tcp(l4, len, f);
	case IPPROTO_UDP:
		return parse_udp(l4, len, f);
	default:
		return parse_icmp(l4, f);
	}
}

/* @end is where the IP packet ends: what follows it is padding. A first
 * fragment's header is found, for the checksum in it, but it gives no fields.
 */
static void parse_l4(const u8 *data, unsigned int off, unsigned int end,
		     struct pnicsim_headers *h)
{
	unsigned int need = l4_header_len(h->fields.ip_proto);

	h->len = off;
	if (!need || off + need > end)
		return;
	if (!h->fields.frag &&
	    !parse_l4_fields(data + off, end - off, &h->fields))
		return;

	h->l4 = off;
	h->l4_proto = h->fields.ip_proto;
	h->len = off + need;
}

static void parse_ipv4(const u8 *data, unsigned int len,
		       struct pnicsim_headers *h)
{
	const struct iphdr *iph = (const struct iphdr *)(data + h->l3);
	struct pnicsim_fields *f = &h->fields;
	unsigned int hlen, total;

	if (h->l3 + sizeof(*iph) > len || iph->version != 4)
		return;
	hlen = iph->ihl * 4;
	total = ntohs(iph->tot_len);
	if (hlen < sizeof(*iph) || total < hlen || h->l3 + total > len)
		return;

	f->ip_proto = iph->protocol;
	f->tos = iph->tos;
	f->ttl = iph->ttl;
	f->frag = !!(iph->frag_off & htons(IP_MF | IP_OFFSET));
	f->src[0] = iph->saddr;
	f->dst[0] = iph->daddr;
	h->len = h->l3 + hlen;

	if (!(iph->frag_off & htons(IP_OFFSET)))
		parse_l4(data, h->l3 + hlen, h->l3 + total, h);
}

static void parse_ipv6(const u8 *data, unsigned int len,
		       struct pnicsim_headers *h)
{
	const struct ipv6hdr *ip6h = (const struct ipv6hdr *)(data + h->l3);
	unsigned int off = h->l3 + sizeof(*ip6h);
	struct pnicsim_fields *f = &h->fields;
	const struct frag_hdr *fh;
	unsigned int end;

	if (off > len || ip6h->version != 6)
		return;
	end = off + ntohs(ip6h->payload_len);
	if (end > len)
		return;

	f->ip_proto = ip6h->nexthdr;
	f->tos = ipv6_get_dsfield(ip6h);
	f->ttl = ip6h->hop_limit;
	memcpy(f->src, &ip6h->saddr, sizeof(f->src));
	memcpy(f->dst, &ip6h->daddr, sizeof(f->dst));
	h->len = off;

	if (f->ip_proto == NEXTHDR_FRAGMENT && off + sizeof(*fh) <= end) {
		fh = (const struct frag_hdr *)(data + off);
		f->ip_proto = fh->nexthdr;
		f->frag = 1;
		if (fh->frag_off & htons(IP6_OFFSET))
			return;
		off += sizeof(*fh);
	}
	parse_l4(data, off, end, h);
}

/* The Ethernet header and up to two tags; false where the frame ends early. */
static bool parse_l2(const u8 *data, unsigned int len,
		     struct pnicsim_headers *h)
{
	const struct ethhdr *eth = (const struct ethhdr *)data;
	struct pnicsim_fields *f = &h->fields;
	const struct vlan_hdr *tag;

	if (len < ETH_HLEN)
		return false;
	ether_addr_copy(f->dmac, eth->h_dest);
	ether_addr_copy(f->smac, eth->h_source);
	f->eth_type = eth->h_proto;
	h->l3 = ETH_HLEN;

	while (eth_type_vlan(f->eth_type) && !f->inner_tpid) {
		if (h->l3 + VLAN_HLEN > len)
			return false;
		tag = (const struct vlan_hdr *)(data + h->l3);
		if (!f->tpid) {
			f->tpid = f->eth_type;
			f->tci = tag->h_vlan_TCI;
		} else {
			f->inner_tpid = f->eth_type;
			f->inner_tci = tag->h_vlan_TCI;
		}
		f->eth_type = tag->h_vlan_encapsulated_proto;
		h->l3 += VLAN_HLEN;
	}
	h->len = h->l3;
	return true;
}

/**
 * pnicsim_parse - parse a frame's headers
 * @data: frame, from its Ethernet header on, VLAN tags in place
 * @len: bytes at @data
 * @hdrs: result, whatever was there before is lost
 *
 * Pure. A frame that makes no sense yields the fields that do.
 */
void pnicsim_parse(const u8 *data, unsigned int len,
		   struct pnicsim_headers *hdrs)
{
	memset(hdrs, 0, sizeof(*hdrs));
	if (!parse_l2(data, len, hdrs))
		return;

	switch (hdrs->fields.eth_type) {
	case htons(ETH_P_IP):
		parse_ipv4(data, len, hdrs);
		break;
	case htons(ETH_P_IPV6):
		parse_ipv6(data, len, hdrs);
		break;
	}
}
