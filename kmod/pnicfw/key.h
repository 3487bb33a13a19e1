/* SPDX-License-Identifier: GPL-2.0 */
/*
 * key - from a packet, or a conntrack tuple, to the key of a flow
 *
 * A pure room: no lock, no I/O, no global state. Packets are read in
 * key_parse.h.
 */
#ifndef PNICFW_KEY_H
#define PNICFW_KEY_H

#include <linux/build_bug.h>
#include <linux/kconfig.h>
#include <linux/netfilter.h>
#include <linux/string.h>
#include <linux/types.h>

struct nf_conntrack_tuple;
struct sk_buff;

#define PNICFW_KEY_WORDS	5

/* A key as the table has it: IPv4's is all core. */
#define PNICFW_KEY_CORE		2
#define PNICFW_KEY_REST		(PNICFW_KEY_WORDS - PNICFW_KEY_CORE)

/**
 * struct pnicfw_key - what names one direction of a connection
 * @src: source address; IPv4 uses the first word, the rest is zero
 * @dst: destination address, likewise
 * @sport: source port; of ICMP echo the identifier, 0 for GRE
 * @dport: destination port; of ICMP echo type and code, 0 for GRE
 * @protocol: IPPROTO_TCP, IPPROTO_UDP, IPPROTO_SCTP, IPPROTO_ICMP,
 *	IPPROTO_ICMPV6 or IPPROTO_GRE
 * @family: NFPROTO_IPV4 or NFPROTO_IPV6
 * @zero: always zero
 * @word: all of that, as it is built, compared and hashed
 *
 * Where the packet came from (port, link-layer header, VLAN) is not in the
 * key: flows share that, so it lives in struct pnicfw_path and is checked
 * after the key has matched.
 */
struct pnicfw_key {
	union {
		struct {
			union nf_inet_addr src;
			union nf_inet_addr dst;
			__be16 sport;
			__be16 dport;
			u8 protocol;
			u8 family;
			u16 zero;
		};
		u64 word[PNICFW_KEY_WORDS];
	};
};

/**
 * struct pnicfw_vlan - a VLAN tag
 * @proto: ETH_P_8021Q or ETH_P_8021AD, 0 where there is no tag
 * @tci: VLAN identifier, drop-eligible bit and priority
 */
struct pnicfw_vlan {
	__be16 proto;
	u16 tci;
};

/**
 * struct pnicfw_packet - what parsing a packet found
 * @key: its key
 * @len: length of the IP packet as its own header states it, bytes
 * @thoff: transport header, bytes after the network header
 * @hlen: end of the transport header's fixed part, bytes after the network
 *	header
 * @hops: TTL or hop limit; 0 for a segment that opens or ends a connection,
 *	and for what of SCTP is neither data nor their acknowledgment, so that
 *	tier 1 sees it as it does what has no hop left
 * @dscp: DSCP in the six upper bits, as in the TOS byte
 */
struct pnicfw_packet {
	struct pnicfw_key key;
	unsigned long len;
	u32 thoff;
	u32 hlen;
	u32 hops;
	u32 dscp;
};

/**
 * pnicfw_key_word - a word of a key
 * @first: its first four bytes, as they are in memory
 * @second: the other four, likewise
 *
 * Return: the word.
 */
static inline u64 pnicfw_key_word(u32 first, u32 second)
{
	return IS_ENABLED(CONFIG_CPU_BIG_ENDIAN) ? (u64)first << 32 | second :
						   (u64)second << 32 | first;
}

/**
 * pnicfw_key_kind - the second half of a key's last word
 * @family: NFPROTO_IPV4 or NFPROTO_IPV6
 * @protocol: IPPROTO_*
 *
 * Return: it, for pnicfw_key_word().
 */
static inline u32 pnicfw_key_kind(u8 family, u8 protocol)
{
	return IS_ENABLED(CONFIG_CPU_BIG_ENDIAN) ?
	       (u32)protocol << 24 | (u32)family << 16 :
	       (u32)family << 8 | protocol;
}

/* A word's halves, by their places in memory */
static inline u32 pnicfw_key_first(u64 word)
{
	return IS_ENABLED(CONFIG_CPU_BIG_ENDIAN) ? word >> 32 : word;
}

static inline u32 pnicfw_key_second(u64 word)
{
	return IS_ENABLED(CONFIG_CPU_BIG_ENDIAN) ? word : word >> 32;
}

static inline bool key_kind_ipv4(u64 last)
{
	u32 family = pnicfw_key_kind(0xff, 0);

	return (pnicfw_key_second(last) & family) ==
	       pnicfw_key_kind(NFPROTO_IPV4, 0);
}

/**
 * pnicfw_key_ipv4 - is it a key of IPv4?
 * @key: the key
 *
 * Return: whether it is.
 */
static inline bool pnicfw_key_ipv4(const struct pnicfw_key *key)
{
	return key_kind_ipv4(key->word[4]);
}

/* The core's first word: IPv4's addresses, or the half of IPv6's destination
 * that tells most hosts apart.
 */
static __always_inline u64 key_core(const struct pnicfw_key *key, bool ipv4)
{
	return ipv4 ? pnicfw_key_word(pnicfw_key_first(key->word[0]),
				      pnicfw_key_first(key->word[2])) :
		      key->word[3];
}

/**
 * pnicfw_key_unpack - have a key back
 * @key: filled in
 * @core: its core
 * @rest: where its rest is, if it is one of IPv6
 */
static inline void pnicfw_key_unpack(struct pnicfw_key *key, const u64 *core,
				     const u64 *rest)
{
	key->word[4] = core[1];
	if (pnicfw_key_ipv4(key)) {
		key->word[0] = pnicfw_key_word(pnicfw_key_first(core[0]), 0);
		key->word[1] = 0;
		key->word[2] = pnicfw_key_word(pnicfw_key_second(core[0]), 0);
		key->word[3] = 0;
	} else {
		memcpy(key->word, rest, PNICFW_KEY_REST * sizeof(*rest));
		key->word[3] = core[0];
	}
}

/**
 * pnicfw_key_is_packed - compare a key with one that is packed
 * @key: the one
 * @core: the other's core
 * @rest: where its rest is, if it is one of IPv6
 * @ipv4: @key is one of IPv4
 *
 * Return: true where they name the same direction of the same connection.
 */
static __always_inline bool pnicfw_key_is_packed(const struct pnicfw_key *key,
						 const u64 *core,
						 const u64 *rest, bool ipv4)
{
	const u32 *part = (const void *)core;

	if (core[1] != key->word[4])
		return false;
	/* IPv4's addresses as they were read: one by one */
	if (ipv4)
		return part[0] == pnicfw_key_first(key->word[0]) &&
		       part[1] == pnicfw_key_first(key->word[2]);
	return core[0] == key_core(key, ipv4) &&
	       !((rest[0] ^ key->word[0]) | (rest[1] ^ key->word[1]) |
		 (rest[2] ^ key->word[2]));
}

/**
 * pnicfw_key_equal - compare two keys
 * @a: one
 * @b: the other
 * @ipv4: @a is one of IPv4
 *
 * Return: true where they name the same direction of the same connection.
 */
static __always_inline bool pnicfw_key_equal(const struct pnicfw_key *a,
					     const struct pnicfw_key *b,
					     bool ipv4)
{
	BUILD_BUG_ON(sizeof(*a) != PNICFW_KEY_WORDS * sizeof(u64));
	if ((a->word[4] ^ b->word[4]) | (a->word[0] ^ b->word[0]) |
	    (a->word[2] ^ b->word[2]))
		return false;
	/* Where both are IPv4's the others are zero. */
	return ipv4 || !((a->word[1] ^ b->word[1]) |
			 (a->word[3] ^ b->word[3]));
}

/**
 * struct pnicfw_key_secret - what keys the hash
 * @word: random
 */
struct pnicfw_key_secret {
	u64 word[11];
};

/**
 * pnicfw_key_mix - one word's part of a keyed hash, see pnicfw_key_hash()
 * @secret: two random words, for this one alone
 * @word: the word
 *
 * Return: what is to be added up; of the sum the upper half is good.
 */
static inline u64 pnicfw_key_mix(const u64 *secret, u64 word)
{
	return (secret[0] + pnicfw_key_second(word)) *
	       (secret[1] + pnicfw_key_first(word));
}

/* Keys in a row have hashes in a row, or in a few: scatter them. No two that differ
 * become the same (R. Rivest et al., "The RC6 Block Cipher", 1998, 3.1).
 */
static __always_inline u32 key_scatter(u32 hash)
{
	return hash * (2 * hash + 1);
}

/**
 * pnicfw_key_hash - hash a key so that no sender can aim at a bucket
 * @key: the key
 * @secret: random, fixed while the table lives
 * @ipv4: @key is one of IPv4
 *
 * Pair-multiply-shift: strongly universal, so that two keys chosen without
 * knowing the secret collide in any n bits with a chance of 2^-n (M. Thorup,
 * "High Speed Hashing for Integers and Strings", arXiv:1504.06804, 3.5), at a
 * tenth of the cost of SipHash. The IPv4 form leaves out words that are zero.
 *
 * Return: 32 bits of keyed hash, the upper ones the better.
 */
static __always_inline u32 pnicfw_key_hash(const struct pnicfw_key *key,
					   const struct pnicfw_key_secret *secret,
					   bool ipv4)
{
	const u64 *k = secret->word, *w = key->word;
	u64 sum = k[10] + pnicfw_key_mix(k + 8, w[4]);

	if (ipv4)
		sum += (k[0] + pnicfw_key_first(w[2])) *
		       (k[1] + pnicfw_key_first(w[0]));
	else
		sum += pnicfw_key_mix(k, w[0]) + pnicfw_key_mix(k + 2, w[1]) +
		       pnicfw_key_mix(k + 4, w[2]) + pnicfw_key_mix(k + 6, w[3]);
	return key_scatter(sum >> 32);
}

/**
 * struct pnicfw_key_other - what is found in a transport header that is neither
 * TCP's nor UDP's
 * @ports: what stands for ports in the key: both, as they are in memory
 * @err: 0 or a negative errno
 * @hlen: length of the header's fixed part
 * @end: tier 1 must see it
 */
struct pnicfw_key_other {
	u32 ports;
	s16 err;
	u8 hlen;
	bool end;
};

struct pnicfw_key_other pnicfw_key_parse_other(const u8 *th, unsigned int avail,
					       unsigned int len, u8 family,
					       u8 protocol);
bool pnicfw_key_has_ports(u8 protocol);
bool pnicfw_key_is_icmp(u8 protocol);
void pnicfw_key_pack(const struct pnicfw_key *key, u64 *core, u64 *rest);
int pnicfw_key_from_tuple(const struct nf_conntrack_tuple *tuple,
			  struct pnicfw_key *key);
void pnicfw_key_invert(const struct pnicfw_key *key, struct pnicfw_key *inverse);

#endif /* PNICFW_KEY_H */
