// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of key: what is taken, what is refused and as what, that nothing past
 * the readable bytes is read, and that conntrack sees the same in a packet.
 */
#include <linux/skbuff.h>
#include <linux/vmalloc.h>
#include <net/net_namespace.h>
#include <net/netfilter/nf_conntrack_core.h>
#include <net/netfilter/nf_conntrack_tuple.h>

#include "../key.h"
#include "packet.h"
#include "suites.h"

#define KEY_FUZZ_ROUNDS		200000

/**
 * struct key_patch - a byte of a packet to overwrite
 * @set: there is one
 * @at: bytes after the network header
 * @value: what it becomes
 */
struct key_patch {
	bool set;
	u8 at;
	u8 value;
};

#define PATCH(at, value)	{ true, at, value }

/**
 * struct key_case - a packet, and what is to be made of it
 * @name: what is special about it
 * @family: NFPROTO_IPV4 or NFPROTO_IPV6
 * @protocol: of the packet before it is patched
 * @payload: bytes after the transport header
 * @padding: bytes that follow the IP packet
 * @ethertype: what is said to be in the frame, 0 for what really is
 * @patch: bytes to overwrite
 * @stale_csum: the IPv4 header's checksum stays that of before
 * @err: what parsing returns
 * @tos: the TOS byte or traffic class that was patched in
 * @tcp_end: tier 1 must see it
 */
struct key_case {
	const char *name;
	u8 family;
	u8 protocol;
	u16 payload;
	u16 padding;
	u16 ethertype;
	struct key_patch patch[5];
	bool stale_csum;
	int err;
	u8 tos;
	bool tcp_end;
};

#define TCP4(_name)	.name = "ipv4 tcp: " _name,			\
			.family = NFPROTO_IPV4, .protocol = IPPROTO_TCP
#define UDP4(_name)	.name = "ipv4 udp: " _name,			\
			.family = NFPROTO_IPV4, .protocol = IPPROTO_UDP
#define TCP6(_name)	.name = "ipv6 tcp: " _name,			\
			.family = NFPROTO_IPV6, .protocol = IPPROTO_TCP
#define UDP6(_name)	.name = "ipv6 udp: " _name,			\
			.family = NFPROTO_IPV6, .protocol = IPPROTO_UDP

#define SCTP4(_name)	.name = "ipv4 sctp: " _name,			\
			.family = NFPROTO_IPV4, .protocol = IPPROTO_SCTP
#define ICMP4(_name)	.name = "icmp: " _name,				\
			.family = NFPROTO_IPV4, .protocol = IPPROTO_ICMP
#define ICMP6(_name)	.name = "icmpv6: " _name,			\
			.family = NFPROTO_IPV6, .protocol = IPPROTO_ICMPV6
#define GRE4(_name)	.name = "ipv4 gre: " _name,			\
			.family = NFPROTO_IPV4, .protocol = IPPROTO_GRE

/* Where fields are, from the network header on */
#define IP4_TOS		1
#define IP4_LEN		2
#define IP4_FRAG	6
#define IP4_PROTOCOL	9
#define IP4_CSUM	10
#define IP4_DST		16
#define TCP4_DOFF	32
#define TCP4_FLAGS	33
#define UDP4_LEN	24
#define L4_IN_4		20
#define L4_IN_6		40
#define SCTP4_CHUNK	32
#define IP6_LEN		4
#define IP6_NEXTHDR	6
#define IP6_DST		24
#define TCP6_DOFF	52
#define TCP6_FLAGS	53
#define UDP6_LEN	44

#define FIN		0x01
#define SYN		0x02
#define RST		0x04
#define PSH		0x08
#define ACK		0x10
#define URG		0x20
#define ECE		0x40
#define CWR		0x80

static const struct key_case key_taken[] = {
	{ TCP4("data"), .payload = 100 },
	{ TCP4("no payload") },
	{ TCP4("Ethernet padding"), .padding = 6 },
	{ TCP4("don't fragment unset"), .patch = { PATCH(IP4_FRAG, 0) } },
	{ TCP4("DSCP EF"), .patch = { PATCH(IP4_TOS, 0xb8) }, .tos = 0xb8 },
	{ TCP4("ECN CE is no DSCP"), .patch = { PATCH(IP4_TOS, 0x2b) },
	  .tos = 0x2b },
	{ TCP4("all options"), .payload = 40,
	  .patch = { PATCH(TCP4_DOFF, 0xf0) } },
	{ TCP4("PSH"), .patch = { PATCH(TCP4_FLAGS, PSH | ACK) } },
	{ TCP4("URG"), .patch = { PATCH(TCP4_FLAGS, URG | ACK) } },
	{ TCP4("ECE and CWR"), .patch = { PATCH(TCP4_FLAGS, ECE | CWR | ACK) } },
	{ TCP4("SYN ends"), .patch = { PATCH(TCP4_FLAGS, SYN) },
	  .tcp_end = true },
	{ TCP4("SYN and ACK end"), .patch = { PATCH(TCP4_FLAGS, SYN | ACK) },
	  .tcp_end = true },
	{ TCP4("FIN ends"), .patch = { PATCH(TCP4_FLAGS, FIN | ACK) },
	  .tcp_end = true },
	{ TCP4("RST ends"), .patch = { PATCH(TCP4_FLAGS, RST) },
	  .tcp_end = true },
	{ TCP4("no flag ends"), .patch = { PATCH(TCP4_FLAGS, 0) },
	  .tcp_end = true },
	{ UDP4("data"), .payload = 100 },
	{ UDP4("no payload") },
	{ UDP4("Ethernet padding"), .padding = 18 },
	{ UDP4("shorter than IP says"), .payload = 20,
	  .patch = { PATCH(UDP4_LEN + 1, 10) } },
	{ UDP4("a FIN where TCP has it"), .payload = 20,
	  .patch = { PATCH(TCP4_FLAGS, FIN) } },
	{ TCP6("data"), .payload = 100 },
	{ TCP6("no payload") },
	{ TCP6("Ethernet padding"), .padding = 4 },
	{ TCP6("DSCP EF, ECN CE"),
	  .patch = { PATCH(0, 0x6b), PATCH(1, 0xb0) }, .tos = 0xbb },
	{ TCP6("all options"), .payload = 40,
	  .patch = { PATCH(TCP6_DOFF, 0xf0) } },
	{ TCP6("FIN ends"), .patch = { PATCH(TCP6_FLAGS, FIN | ACK) },
	  .tcp_end = true },
	{ TCP6("RST ends"), .patch = { PATCH(TCP6_FLAGS, RST | ACK) },
	  .tcp_end = true },
	{ UDP6("data"), .payload = 100 },
	{ UDP6("no payload") },
	{ UDP6("shorter than IP says"), .payload = 20,
	  .patch = { PATCH(UDP6_LEN + 1, 8) } },
	{ SCTP4("data"), .payload = 20 },
	{ SCTP4("acknowledgment and data"), .payload = 36,
	  .patch = { PATCH(SCTP4_CHUNK, 3), PATCH(SCTP4_CHUNK + 3, 16),
		     PATCH(SCTP4_CHUNK + 16, 0), PATCH(SCTP4_CHUNK + 18, 0),
		     PATCH(SCTP4_CHUNK + 19, 20) } },
	{ SCTP4("no chunk ends"), .tcp_end = true },
	{ SCTP4("shutdown ends"), .payload = 8,
	  .patch = { PATCH(SCTP4_CHUNK, 7) }, .tcp_end = true },
	{ SCTP4("abort ends"), .payload = 4,
	  .patch = { PATCH(SCTP4_CHUNK, 6) }, .tcp_end = true },
	{ SCTP4("heartbeat ends"), .payload = 12,
	  .patch = { PATCH(SCTP4_CHUNK, 4) }, .tcp_end = true },
	{ SCTP4("chunk of length 0 ends"), .payload = 20,
	  .patch = { PATCH(SCTP4_CHUNK + 3, 0) }, .tcp_end = true },
	{ SCTP4("chunk past the packet ends"), .payload = 20,
	  .patch = { PATCH(SCTP4_CHUNK + 3, 24) }, .tcp_end = true },
	{ SCTP4("something after the chunk ends"), .payload = 24,
	  .patch = { PATCH(SCTP4_CHUNK + 3, 20), PATCH(SCTP4_CHUNK + 20, 9) },
	  .tcp_end = true },
	{ ICMP4("echo"), .payload = 56 },
	{ ICMP4("echo, no payload") },
	{ ICMP6("echo"), .payload = 56 },
	{ GRE4("Ethernet"), .payload = 60 },
	{ GRE4("no payload") },
};

static const struct key_case key_refused[] = {
	/* Malformed, which is for conntrack to say */
	{ TCP4("version 5"), .patch = { PATCH(0, 0x55) }, .err = -EINVAL },
	{ TCP4("version 6"), .patch = { PATCH(0, 0x65) }, .err = -EINVAL },
	{ TCP4("length of 19"), .patch = { PATCH(IP4_LEN + 1, 19) },
	  .err = -EINVAL },
	{ TCP4("length of 0"), .patch = { PATCH(IP4_LEN + 1, 0) },
	  .err = -EINVAL },
	{ TCP4("length past the frame"), .patch = { PATCH(IP4_LEN + 1, 41) },
	  .err = -EINVAL },
	{ TCP4("length without TCP"), .patch = { PATCH(IP4_LEN + 1, 20) },
	  .err = -EINVAL },
	{ TCP4("length within TCP"), .patch = { PATCH(IP4_LEN + 1, 39) },
	  .err = -EINVAL },
	{ TCP4("wrong header checksum"), .patch = { PATCH(IP4_TOS, 4) },
	  .stale_csum = true, .err = -EINVAL },
	{ TCP4("header checksum of zero"), .stale_csum = true,
	  .patch = { PATCH(IP4_CSUM, 0), PATCH(IP4_CSUM + 1, 0) },
	  .err = -EINVAL },
	{ TCP4("data offset of 16"), .patch = { PATCH(TCP4_DOFF, 0x40) },
	  .err = -EINVAL },
	{ TCP4("data offset of 0"), .patch = { PATCH(TCP4_DOFF, 0x00) },
	  .err = -EINVAL },
	{ TCP4("data offset past IP"), .payload = 3, .padding = 20,
	  .patch = { PATCH(TCP4_DOFF, 0x60) }, .err = -EINVAL },
	{ UDP4("length of 7"), .patch = { PATCH(UDP4_LEN + 1, 7) },
	  .err = -EINVAL },
	{ UDP4("length of 0"), .patch = { PATCH(UDP4_LEN + 1, 0) },
	  .err = -EINVAL },
	{ UDP4("length past IP"), .padding = 20,
	  .patch = { PATCH(UDP4_LEN + 1, 9) }, .err = -EINVAL },
	{ UDP4("IP length within UDP"), .patch = { PATCH(IP4_LEN + 1, 27) },
	  .err = -EINVAL },
	{ TCP6("version 4"), .patch = { PATCH(0, 0x40) }, .err = -EINVAL },
	{ TCP6("jumbogram"), .patch = { PATCH(IP6_LEN + 1, 0) },
	  .err = -EINVAL },
	{ TCP6("length past the frame"), .patch = { PATCH(IP6_LEN + 1, 21) },
	  .err = -EINVAL },
	{ TCP6("length within TCP"), .patch = { PATCH(IP6_LEN + 1, 19) },
	  .err = -EINVAL },
	{ TCP6("data offset of 16"), .patch = { PATCH(TCP6_DOFF, 0x40) },
	  .err = -EINVAL },
	{ TCP6("data offset past IP"), .padding = 20,
	  .patch = { PATCH(TCP6_DOFF, 0x60) }, .err = -EINVAL },
	{ UDP6("length of 0"), .patch = { PATCH(UDP6_LEN + 1, 0) },
	  .err = -EINVAL },
	{ UDP6("length past IP"), .padding = 20,
	  .patch = { PATCH(UDP6_LEN + 1, 9) }, .err = -EINVAL },

	/* Whole, and not for the tiers below */
	{ TCP4("options"), .payload = 8, .patch = { PATCH(0, 0x46) },
	  .err = -EPROTONOSUPPORT },
	{ TCP4("header of 16"), .patch = { PATCH(0, 0x44) },
	  .err = -EPROTONOSUPPORT },
	{ TCP4("first fragment"), .patch = { PATCH(IP4_FRAG, 0x20) },
	  .err = -EPROTONOSUPPORT },
	{ TCP4("middle fragment"), .patch = { PATCH(IP4_FRAG, 0x20),
					      PATCH(IP4_FRAG + 1, 1) },
	  .err = -EPROTONOSUPPORT },
	{ TCP4("last fragment"), .patch = { PATCH(IP4_FRAG, 0x1f) },
	  .err = -EPROTONOSUPPORT },
	{ TCP4("multicast"), .patch = { PATCH(IP4_DST, 0xe0) },
	  .err = -EPROTONOSUPPORT },
	{ UDP4("multicast, the last address"), .patch = { PATCH(IP4_DST, 0xef) },
	  .err = -EPROTONOSUPPORT },
	{ TCP4("ICMP"), .patch = { PATCH(IP4_PROTOCOL, IPPROTO_ICMP) },
	  .err = -EPROTONOSUPPORT },
	{ ICMP4("timestamp"), .payload = 12, .patch = { PATCH(L4_IN_4, 13) },
	  .err = -EPROTONOSUPPORT },
	{ ICMP4("unreachable"), .payload = 28, .patch = { PATCH(L4_IN_4, 3) },
	  .err = -EPROTONOSUPPORT },
	{ ICMP4("echo with a code"), .patch = { PATCH(L4_IN_4 + 1, 1) },
	  .err = -EPROTONOSUPPORT },
	{ ICMP4("ICMPv6 in IPv4"),
	  .patch = { PATCH(IP4_PROTOCOL, IPPROTO_ICMPV6) },
	  .err = -EPROTONOSUPPORT },
	{ ICMP4("length within ICMP"), .patch = { PATCH(IP4_LEN + 1, 27) },
	  .err = -EINVAL },
	{ ICMP6("neighbour solicitation"), .payload = 16,
	  .patch = { PATCH(L4_IN_6, 135) }, .err = -EPROTONOSUPPORT },
	{ GRE4("version 1"), .payload = 8, .patch = { PATCH(L4_IN_4 + 1, 1) },
	  .err = -EPROTONOSUPPORT },
	{ GRE4("routing"), .payload = 8, .patch = { PATCH(L4_IN_4, 0x40) },
	  .err = -EPROTONOSUPPORT },
	{ GRE4("length within GRE"), .patch = { PATCH(IP4_LEN + 1, 23) },
	  .err = -EINVAL },
	{ SCTP4("length within SCTP"), .patch = { PATCH(IP4_LEN + 1, 31) },
	  .err = -EINVAL },
	{ UDP4("UDP-Lite"), .patch = { PATCH(IP4_PROTOCOL, IPPROTO_UDPLITE) },
	  .err = -EPROTONOSUPPORT },
	{ TCP6("multicast"), .patch = { PATCH(IP6_DST, 0xff) },
	  .err = -EPROTONOSUPPORT },
	{ TCP6("hop-by-hop options"), .patch = { PATCH(IP6_NEXTHDR, 0) },
	  .err = -EPROTONOSUPPORT },
	{ TCP6("fragment header"), .patch = { PATCH(IP6_NEXTHDR, 44) },
	  .err = -EPROTONOSUPPORT },
	{ TCP6("destination options"), .patch = { PATCH(IP6_NEXTHDR, 60) },
	  .err = -EPROTONOSUPPORT },
	{ TCP6("ICMPv6"), .patch = { PATCH(IP6_NEXTHDR, IPPROTO_ICMPV6) },
	  .err = -EPROTONOSUPPORT },
	{ TCP4("in an ARP frame"), .ethertype = ETH_P_ARP,
	  .err = -EPROTONOSUPPORT },
	{ TCP4("behind a VLAN tag"), .ethertype = ETH_P_8021Q,
	  .err = -EPROTONOSUPPORT },
	{ TCP6("in an MPLS frame"), .ethertype = ETH_P_MPLS_UC,
	  .err = -EPROTONOSUPPORT },
};

/* As the cache asks: by the family of the key that it looks for */
static bool key_equal(const struct pnicfw_key *a, const struct pnicfw_key *b)
{
	return pnicfw_key_equal(a, b, pnicfw_key_ipv4(a));
}

static u32 key_hash(const struct pnicfw_key *key,
		    const struct pnicfw_key_secret *secret)
{
	return pnicfw_key_hash(key, secret, pnicfw_key_ipv4(key));
}

static void key_case_desc(const struct key_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(key_taken, key_taken, key_case_desc);
KUNIT_ARRAY_PARAM(key_refused, key_refused, key_case_desc);

/* Make the packet of a case and parse it. */
static int key_case_parse(const struct key_case *c,
			  struct pnicfw_test_packet *p,
			  struct pnicfw_packet *pkt)
{
	__be16 ethertype;
	struct pnicfw_key key;
	unsigned int i;

	pnicfw_test_key(c->family, c->protocol, &key);
	pnicfw_test_make(p, &key, c->payload);
	for (i = 0; i < ARRAY_SIZE(c->patch) && c->patch[i].set; i++)
		p->l3[c->patch[i].at] = c->patch[i].value;

	/* The bytes beyond the fixed header are no part of the checksum. */
	if (!c->stale_csum && c->family == NFPROTO_IPV4 &&
	    (p->l3[0] & 0xf) >= 5)
		pnicfw_test_seal_ip(p);
	ethertype = c->ethertype ? htons(c->ethertype) : p->eth.h_proto;
	return pnicfw_test_parse_part(p->l3, p->len + c->padding,
				      p->len + c->padding, ethertype, pkt);
}

static void key_takes(struct kunit *test)
{
	const struct key_case *c = test->param_value;
	struct pnicfw_test_packet *p;
	struct pnicfw_packet pkt;
	struct pnicfw_key key;

	p = kunit_kzalloc(test, sizeof(*p), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, p);
	memset(&pkt, 0xa5, sizeof(pkt));
	KUNIT_ASSERT_EQ(test, key_case_parse(c, p, &pkt), 0);

	pnicfw_test_key(c->family, c->protocol, &key);
	KUNIT_EXPECT_EQ(test, memcmp(&pkt.key, &key, sizeof(key)), 0);
	KUNIT_EXPECT_EQ(test, pkt.len, p->len);
	KUNIT_EXPECT_EQ(test, pkt.thoff, pnicfw_test_thoff(c->family));
	KUNIT_EXPECT_EQ(test, pkt.hlen,
			pnicfw_test_hlen(c->family, c->protocol));
	KUNIT_EXPECT_EQ(test, pkt.hops, c->tcp_end ? 0 : 64);
	KUNIT_EXPECT_EQ(test, pkt.dscp, c->tos & 0xfc);
}

static void key_refuses(struct kunit *test)
{
	const struct key_case *c = test->param_value;
	struct pnicfw_test_packet *p;
	struct pnicfw_packet pkt;

	p = kunit_kzalloc(test, sizeof(*p), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, p);
	KUNIT_EXPECT_EQ(test, key_case_parse(c, p, &pkt), c->err);
}

static void key_refuses_broadcast(struct kunit *test)
{
	struct pnicfw_test_packet p;
	struct pnicfw_packet pkt;
	struct pnicfw_key key;

	pnicfw_test_key(NFPROTO_IPV4, IPPROTO_UDP, &key);
	key.dst.ip = htonl(INADDR_BROADCAST);
	pnicfw_test_make(&p, &key, 0);
	KUNIT_EXPECT_EQ(test, pnicfw_test_parse(&p, &pkt), -EPROTONOSUPPORT);
}

/**
 * struct key_kind - family and protocol
 * @name: both in a word
 * @family: NFPROTO_IPV4 or NFPROTO_IPV6
 * @protocol: one that a key may have
 */
struct key_kind {
	const char *name;
	u8 family;
	u8 protocol;
};

static const struct key_kind key_kinds[] = {
	{ "ipv4 tcp", NFPROTO_IPV4, IPPROTO_TCP },
	{ "ipv4 udp", NFPROTO_IPV4, IPPROTO_UDP },
	{ "ipv6 tcp", NFPROTO_IPV6, IPPROTO_TCP },
	{ "ipv6 udp", NFPROTO_IPV6, IPPROTO_UDP },
	{ "ipv4 sctp", NFPROTO_IPV4, IPPROTO_SCTP },
	{ "ipv6 sctp", NFPROTO_IPV6, IPPROTO_SCTP },
	{ "icmp", NFPROTO_IPV4, IPPROTO_ICMP },
	{ "icmpv6", NFPROTO_IPV6, IPPROTO_ICMPV6 },
	{ "ipv4 gre", NFPROTO_IPV4, IPPROTO_GRE },
	{ "ipv6 gre", NFPROTO_IPV6, IPPROTO_GRE },
};

static void key_kind_desc(const struct key_kind *kind, char *desc)
{
	strscpy(desc, kind->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(key_kinds, key_kinds, key_kind_desc);

/* A page with nothing behind it: the first byte read past its end faults, on
 * any kernel.
 */
static u8 *key_page(struct kunit *test)
{
	u8 *page = vmalloc(PAGE_SIZE);

	KUNIT_ASSERT_NOT_NULL(test, page);
	return page;
}

static void key_reads_no_further(struct kunit *test)
{
	const struct key_kind *kind = test->param_value;
	struct pnicfw_test_packet p;
	struct pnicfw_packet pkt;
	unsigned int hlen, n;
	struct pnicfw_key key;
	u8 *page, *l3;
	int whole, cut;

	pnicfw_test_key(kind->family, kind->protocol, &key);
	pnicfw_test_make(&p, &key, 60);
	hlen = pnicfw_test_hlen(kind->family, kind->protocol);
	page = key_page(test);
	for (n = 0; n <= p.len; n++) {
		l3 = page + PAGE_SIZE - n;
		memcpy(l3, p.l3, n);

		/* the rest of the packet is elsewhere, or nowhere */
		whole = pnicfw_test_parse_part(l3, n, p.len, p.eth.h_proto, &pkt);
		cut = pnicfw_test_parse_part(l3, n, n, p.eth.h_proto, &pkt);
		KUNIT_EXPECT_EQ_MSG(test, whole, n < hlen ? -EINVAL : 0,
				    "%u bytes of %u", n, p.len);
		KUNIT_EXPECT_EQ_MSG(test, cut, n < p.len ? -EINVAL : 0,
				    "cut to %u bytes", n);
	}
	vfree(page);
}

/* What any bytes may not do: have more read than there is, or be taken for
 * more than there is.
 */
static void key_survives_random_bytes(struct kunit *test)
{
	unsigned int round, i, n, taken = 0, wrong = 0;
	struct pnicfw_test_packet p;
	const struct key_kind *kind;
	struct pnicfw_packet pkt;
	struct rnd_state rnd;
	struct pnicfw_key key;
	u8 *page, *l3;

	pnicfw_test_seed(test, &rnd);
	page = key_page(test);
	for (round = 0; round < KEY_FUZZ_ROUNDS; round++) {
		kind = &key_kinds[round % ARRAY_SIZE(key_kinds)];
		pnicfw_test_key(kind->family, kind->protocol, &key);
		pnicfw_test_make(&p, &key, prandom_u32_state(&rnd) % 40);
		for (i = prandom_u32_state(&rnd) % 4; i; i--)
			p.l3[prandom_u32_state(&rnd) % p.len] =
				prandom_u32_state(&rnd);
		if (kind->family == NFPROTO_IPV4 && (round & 8) &&
		    (p.l3[0] & 0xf) >= 5)
			pnicfw_test_seal_ip(&p);

		n = prandom_u32_state(&rnd) % (p.len + 1);
		l3 = page + PAGE_SIZE - n;
		memcpy(l3, p.l3, n);
		if (pnicfw_test_parse_part(l3, n, p.len, p.eth.h_proto, &pkt))
			continue;
		taken++;
		wrong += pkt.hlen > n || pkt.hlen > pkt.len ||
			 pkt.len > p.len || pkt.thoff >= pkt.hlen ||
			 pkt.key.family != kind->family;
	}
	vfree(page);
	kunit_info(test, "%u of %u taken\n", taken, round);
	KUNIT_EXPECT_EQ(test, wrong, 0);
	KUNIT_EXPECT_GT(test, taken, KEY_FUZZ_ROUNDS / 100);
}

/* Conntrack's own reading of the packet is the reference. */
static void key_is_conntracks_tuple(struct kunit *test)
{
	const struct key_kind *kind = test->param_value;
	struct nf_conntrack_tuple tuple, inverse;
	struct pnicfw_key key, made, of_inverse;
	struct pnicfw_test_packet p;
	struct pnicfw_packet pkt;
	struct sk_buff *skb;
	bool found;

	pnicfw_test_key(kind->family, kind->protocol, &key);
	pnicfw_test_make(&p, &key, 10);
	KUNIT_ASSERT_EQ(test, pnicfw_test_parse(&p, &pkt), 0);
	skb = pnicfw_test_skb(&p);
	KUNIT_ASSERT_NOT_NULL(test, skb);
	found = nf_ct_get_tuplepr(skb, 0, kind->family, &init_net, &tuple);
	kfree_skb(skb);
	KUNIT_ASSERT_TRUE(test, found);

	memset(&made, 0xa5, sizeof(made));
	KUNIT_ASSERT_EQ(test, pnicfw_key_from_tuple(&tuple, &made), 0);
	KUNIT_EXPECT_TRUE(test, key_equal(&made, &pkt.key));
	KUNIT_EXPECT_EQ(test, memcmp(&made, &key, sizeof(key)), 0);

	KUNIT_ASSERT_TRUE(test, nf_ct_invert_tuple(&inverse, &tuple));
	KUNIT_ASSERT_EQ(test, pnicfw_key_from_tuple(&inverse, &made), 0);
	pnicfw_key_invert(&key, &of_inverse);
	KUNIT_EXPECT_TRUE(test, key_equal(&made, &of_inverse));
}

static void key_refuses_other_tuples(struct kunit *test)
{
	static const u8 protocols[] = {
		IPPROTO_ICMP, IPPROTO_ICMPV6, IPPROTO_GRE,
		IPPROTO_DCCP, IPPROTO_UDPLITE, IPPROTO_ESP, 0, 255,
	};
	struct nf_conntrack_tuple tuple = { .src.l3num = NFPROTO_IPV4 };
	struct pnicfw_key key;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(protocols); i++) {
		tuple.dst.protonum = protocols[i];
		/* a timestamp of ICMP, a call of PPTP */
		tuple.dst.u.all = htons(ICMP_TIMESTAMP << 8);
		KUNIT_EXPECT_EQ_MSG(test, pnicfw_key_from_tuple(&tuple, &key),
				    -EPROTONOSUPPORT, "protocol %u",
				    protocols[i]);
	}
}

static void key_inverts(struct kunit *test)
{
	const struct key_kind *kind = test->param_value;
	struct pnicfw_key key, once, twice;

	pnicfw_test_key(kind->family, kind->protocol, &key);
	memset(&once, 0xa5, sizeof(once));
	memset(&twice, 0xa5, sizeof(twice));
	pnicfw_key_invert(&key, &once);
	pnicfw_key_invert(&once, &twice);

	KUNIT_EXPECT_EQ(test, memcmp(&key, &twice, sizeof(key)), 0);
	KUNIT_EXPECT_FALSE(test, key_equal(&key, &once));
	KUNIT_EXPECT_EQ(test, memcmp(&once.src, &key.dst, sizeof(key.dst)), 0);
	KUNIT_EXPECT_EQ(test, memcmp(&once.dst, &key.src, sizeof(key.src)), 0);
	if (!pnicfw_key_is_icmp(kind->protocol)) {
		KUNIT_EXPECT_EQ(test, once.sport, key.dport);
		KUNIT_EXPECT_EQ(test, once.dport, key.sport);
	}
	KUNIT_EXPECT_EQ(test, once.protocol, key.protocol);
	KUNIT_EXPECT_EQ(test, once.family, key.family);
}

/* Half of an IPv4 address's room is not even compared. */
static bool key_bit_is_unread(const struct key_kind *kind, unsigned int byte)
{
	return kind->family == NFPROTO_IPV4 &&
	       byte < offsetof(struct pnicfw_key, sport) &&
	       byte % sizeof(union nf_inet_addr) >= sizeof(u64);
}

/* Bits that a key of this kind may have set: of an IPv4 key all but the three
 * upper words of an address, and the family, by which the hash goes.
 */
static bool key_bit_counts(const struct key_kind *kind, unsigned int byte)
{
	if (byte == offsetof(struct pnicfw_key, family))
		return false;
	if (byte >= offsetof(struct pnicfw_key, zero))
		return false;
	return kind->family == NFPROTO_IPV6 ||
	       byte >= offsetof(struct pnicfw_key, sport) ||
	       byte % sizeof(union nf_inet_addr) < sizeof(__be32);
}

static void key_equality_and_hash_agree(struct kunit *test)
{
	/* Any numbers with bits in both halves. */
	static const struct pnicfw_key_secret secret = { {
		0x9e3779b97f4a7c15, 0xbf58476d1ce4e5b9, 0x94d049bb133111eb,
		0xd6e8feb86659fd93, 0xa0761d6478bd642f, 0xe7037ed1a0b428db,
		0x8ebc6af09c88c6e3, 0x589965cc75374cc3, 0x1d8e4e27c47d124f,
		0xeb44accab455d165, 0x2127599bf4325c37,
	} };
	static const struct pnicfw_key_secret other = { {
		0x880355f21e6d1965, 0xff51afd7ed558ccd, 0xc4ceb9fe1a85ec53,
		0x87c37b91114253d5, 0x4cf5ad432745937f, 0x52dce729da3ed7a6,
		0x38495ab5fa6e4a1d, 0x165667b19e3779f9, 0x2545f4914f6cdd1d,
		0x369dea0f31a53f85, 0x61c8864680b583eb,
	} };
	const struct key_kind *kind = test->param_value;
	struct pnicfw_key key, changed;
	unsigned int bit;

	pnicfw_test_key(kind->family, kind->protocol, &key);
	changed = key;
	KUNIT_EXPECT_TRUE(test, key_equal(&key, &changed));
	KUNIT_EXPECT_EQ(test, key_hash(&key, &secret),
			key_hash(&changed, &secret));
	KUNIT_EXPECT_NE(test, key_hash(&key, &secret),
			key_hash(&key, &other));

	for (bit = 0; bit < BITS_PER_BYTE * sizeof(key); bit++) {
		changed = key;
		((u8 *)&changed)[bit / 8] ^= BIT(bit % 8);
		/* Of an IPv4 address's other words nobody looks at any: they
		 * are zero.
		 */
		KUNIT_EXPECT_EQ_MSG(test, key_equal(&key, &changed),
				    key_bit_is_unread(kind, bit / 8),
				    "bit %u", bit);
		if (key_bit_counts(kind, bit / 8))
			KUNIT_EXPECT_NE_MSG(test,
					    key_hash(&key, &secret),
					    key_hash(&changed, &secret),
					    "bit %u", bit);
	}
}

/* Packed, an IPv4 address is four bytes. */
static bool key_bit_is_dropped(const struct key_kind *kind, unsigned int byte)
{
	return kind->family == NFPROTO_IPV4 &&
	       byte < offsetof(struct pnicfw_key, sport) &&
	       byte % sizeof(union nf_inet_addr) >= sizeof(struct in_addr);
}

/* A key comes back as it was packed, and only IPv6's needs more than the core. */
static void key_packs(struct kunit *test)
{
	u64 core[PNICFW_KEY_CORE], rest[PNICFW_KEY_REST], *more = rest;
	const struct key_kind *kind = test->param_value;
	bool ipv4 = kind->family == NFPROTO_IPV4;
	struct pnicfw_key key, back, changed;
	unsigned int bit;

	if (ipv4)
		more = NULL;
	pnicfw_test_key(kind->family, kind->protocol, &key);
	memset(&back, 0xa5, sizeof(back));
	pnicfw_key_pack(&key, core, more);
	pnicfw_key_unpack(&back, core, more);
	KUNIT_EXPECT_EQ(test, memcmp(&key, &back, sizeof(key)), 0);

	for (bit = 0; bit < BITS_PER_BYTE * sizeof(key); bit++) {
		changed = key;
		((u8 *)&changed)[bit / 8] ^= BIT(bit % 8);
		KUNIT_EXPECT_EQ_MSG(test,
				    pnicfw_key_is_packed(&changed, core, more,
							 ipv4),
				    key_bit_is_dropped(kind, bit / 8),
				    "bit %u", bit);
	}
}

static struct kunit_case key_cases[] = {
	KUNIT_CASE_PARAM(key_takes, key_taken_gen_params),
	KUNIT_CASE_PARAM(key_refuses, key_refused_gen_params),
	KUNIT_CASE(key_refuses_broadcast),
	KUNIT_CASE_PARAM(key_reads_no_further, key_kinds_gen_params),
	KUNIT_CASE(key_survives_random_bytes),
	KUNIT_CASE_PARAM(key_is_conntracks_tuple, key_kinds_gen_params),
	KUNIT_CASE(key_refuses_other_tuples),
	KUNIT_CASE_PARAM(key_inverts, key_kinds_gen_params),
	KUNIT_CASE_PARAM(key_equality_and_hash_agree, key_kinds_gen_params),
	KUNIT_CASE_PARAM(key_packs, key_kinds_gen_params),
	{}
};

struct kunit_suite pnicfw_key_suite = {
	.name = "pnicfw_key",
	.test_cases = key_cases,
};
