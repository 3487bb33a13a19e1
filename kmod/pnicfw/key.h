/* SPDX-License-Identifier: GPL-2.0 */
/*
 * key - from a packet, or a conntrack tuple, to the key of a flow
 *
 * A pure room: no lock, no I/O, no global state.
 */
#ifndef PNICFW_KEY_H
#define PNICFW_KEY_H

#include <linux/netfilter.h>
#include <linux/types.h>

struct nf_conntrack_tuple;
struct sk_buff;

/**
 * struct pnicfw_key - what names one direction of a connection
 * @src: source address; IPv4 uses the first word, the rest is zero
 * @dst: destination address, likewise
 * @sport: source port
 * @dport: destination port
 * @protocol: IPPROTO_TCP or IPPROTO_UDP
 * @family: NFPROTO_IPV4 or NFPROTO_IPV6
 * @zero: always zero, so that keys compare as five words
 *
 * Where the packet came from (port, link-layer header, VLAN) is not in the
 * key: flows share that, so it lives in struct pnicfw_path and is checked
 * after the key has matched.
 */
struct pnicfw_key {
	union nf_inet_addr src;
	union nf_inet_addr dst;
	__be16 sport;
	__be16 dport;
	u8 protocol;
	u8 family;
	u16 zero;
} __aligned(8);

/**
 * struct pnicfw_packet - what parsing a packet found
 * @key: its key
 * @len: length of the IP packet as its own header states it, bytes
 * @thoff: transport header, bytes after the network header
 * @hlen: end of the transport header's fixed part, bytes after the network
 *	header
 * @ttl: TTL or hop limit
 * @dscp: DSCP in the six upper bits, as in the TOS byte
 * @tcp_end: carries SYN, FIN or RST, so tier 1 must see it
 */
struct pnicfw_packet {
	struct pnicfw_key key;
	u32 len;
	u8 thoff;
	u8 hlen;
	u8 ttl;
	u8 dscp;
	bool tcp_end;
};

/**
 * pnicfw_key_equal - compare two keys
 * @a: one
 * @b: the other
 *
 * Return: true where they name the same direction of the same connection.
 */
static inline bool pnicfw_key_equal(const struct pnicfw_key *a,
				    const struct pnicfw_key *b)
{
	const u64 *x = (const u64 *)a, *y = (const u64 *)b;

	BUILD_BUG_ON(sizeof(*a) != 5 * sizeof(u64));
	return !((x[4] ^ y[4]) | (x[0] ^ y[0]) | (x[2] ^ y[2]) |
		 (x[1] ^ y[1]) | (x[3] ^ y[3]));
}

/**
 * struct pnicfw_key_secret - what keys the hash
 * @word: random
 */
struct pnicfw_key_secret {
	u64 word[11];
};

/**
 * pnicfw_key_hash - hash a key so that no sender can aim at a bucket
 * @key: the key
 * @secret: random, fixed while the table lives
 *
 * Pair-multiply-shift: strongly universal, so that two keys chosen without
 * knowing the secret collide in any n bits with a chance of 2^-n (M. Thorup,
 * "High Speed Hashing for Integers and Strings", arXiv:1504.06804, 3.5), at a
 * tenth of the cost of SipHash. The IPv4 form leaves out words that are zero.
 *
 * Return: 32 bits of keyed hash.
 */
static inline u32 pnicfw_key_hash(const struct pnicfw_key *key,
				  const struct pnicfw_key_secret *secret)
{
	const u32 *x = (const u32 *)key;
	const u64 *k = secret->word;
	u64 sum = k[10];
	int i;

	sum += (k[8] + x[9]) * (k[9] + x[8]);
	if (likely(key->family == NFPROTO_IPV4))
		return (sum + (k[0] + x[4]) * (k[1] + x[0])) >> 32;
	for (i = 0; i < 8; i += 2)
		sum += (k[i] + x[i + 1]) * (k[i + 1] + x[i]);
	return sum >> 32;
}

int pnicfw_key_parse(const u8 *l3, unsigned int avail, unsigned int total,
		     __be16 protocol, struct pnicfw_packet *pkt);
int pnicfw_key_from_tuple(const struct nf_conntrack_tuple *tuple,
			  struct pnicfw_key *key);
void pnicfw_key_invert(const struct pnicfw_key *key, struct pnicfw_key *inverse);

#endif /* PNICFW_KEY_H */
