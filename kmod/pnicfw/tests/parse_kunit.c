// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of key: which packets are taken, which are refused and as what, and that
 * nothing past the readable bytes is read.
 */
#include <linux/vmalloc.h>

#include "../key.h"
#include "kind.h"
#include "packet.h"
#include "suites.h"

#define PARSE_FUZZ_ROUNDS		200000

/**
 * struct parse_patch - a byte of a packet to overwrite
 * @set: there is one
 * @at: bytes after the network header
 * @value: what it becomes
 */
struct parse_patch {
	bool set;
	u8 at;
	u8 value;
};

#define PATCH(at, value)	{ true, at, value }

/**
 * struct parse_case - a packet, and what is to be made of it
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
struct parse_case {
	const char *name;
	u8 family;
	u8 protocol;
	u16 payload;
	u16 padding;
	u16 ethertype;
	struct parse_patch patch[5];
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

static const struct parse_case parse_taken[] = {
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

static const struct parse_case parse_refused[] = {
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

static void parse_case_desc(const struct parse_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(parse_taken, parse_taken, parse_case_desc);
KUNIT_ARRAY_PARAM(parse_refused, parse_refused, parse_case_desc);

/* Make the packet of a case and parse it. */
static int parse_case_run(const struct parse_case *c,
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

static void parse_takes(struct kunit *test)
{
	const struct parse_case *c = test->param_value;
	struct pnicfw_test_packet *p;
	struct pnicfw_packet pkt;
	struct pnicfw_key key;

	p = kunit_kzalloc(test, sizeof(*p), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, p);
	memset(&pkt, 0xa5, sizeof(pkt));
	KUNIT_ASSERT_EQ(test, parse_case_run(c, p, &pkt), 0);

	pnicfw_test_key(c->family, c->protocol, &key);
	KUNIT_EXPECT_EQ(test, memcmp(&pkt.key, &key, sizeof(key)), 0);
	KUNIT_EXPECT_EQ(test, pkt.len, p->len);
	KUNIT_EXPECT_EQ(test, pkt.thoff, pnicfw_test_thoff(c->family));
	KUNIT_EXPECT_EQ(test, pkt.hlen,
			pnicfw_test_hlen(c->family, c->protocol));
	KUNIT_EXPECT_EQ(test, pkt.hops, c->tcp_end ? 0 : 64);
	KUNIT_EXPECT_EQ(test, pkt.dscp, c->tos & 0xfc);
}

static void parse_refuses(struct kunit *test)
{
	const struct parse_case *c = test->param_value;
	struct pnicfw_test_packet *p;
	struct pnicfw_packet pkt;

	p = kunit_kzalloc(test, sizeof(*p), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, p);
	KUNIT_EXPECT_EQ(test, parse_case_run(c, p, &pkt), c->err);
}

static void parse_refuses_broadcast(struct kunit *test)
{
	struct pnicfw_test_packet p;
	struct pnicfw_packet pkt;
	struct pnicfw_key key;

	pnicfw_test_key(NFPROTO_IPV4, IPPROTO_UDP, &key);
	key.dst.ip = htonl(INADDR_BROADCAST);
	pnicfw_test_make(&p, &key, 0);
	KUNIT_EXPECT_EQ(test, pnicfw_test_parse(&p, &pkt), -EPROTONOSUPPORT);
}

/* A page with nothing behind it: the first byte read past its end faults, on
 * any kernel.
 */
static u8 *parse_page(struct kunit *test)
{
	u8 *page = vmalloc(PAGE_SIZE);

	KUNIT_ASSERT_NOT_NULL(test, page);
	return page;
}

static void parse_reads_no_further(struct kunit *test)
{
	const struct pnicfw_kind *kind = test->param_value;
	struct pnicfw_test_packet p;
	struct pnicfw_packet pkt;
	unsigned int hlen, n;
	struct pnicfw_key key;
	u8 *page, *l3;
	int whole, cut;

	pnicfw_test_key(kind->family, kind->protocol, &key);
	pnicfw_test_make(&p, &key, 60);
	hlen = pnicfw_test_hlen(kind->family, kind->protocol);
	page = parse_page(test);
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
static void parse_survives_random_bytes(struct kunit *test)
{
	unsigned int round, i, n, taken = 0, wrong = 0;
	struct pnicfw_test_packet p;
	const struct pnicfw_kind *kind;
	struct pnicfw_packet pkt;
	struct rnd_state rnd;
	struct pnicfw_key key;
	u8 *page, *l3;

	pnicfw_test_seed(test, &rnd);
	page = parse_page(test);
	for (round = 0; round < PARSE_FUZZ_ROUNDS; round++) {
		kind = &pnicfw_kinds[round % PNICFW_KINDS];
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
	KUNIT_EXPECT_GT(test, taken, PARSE_FUZZ_ROUNDS / 100);
}

static struct kunit_case parse_cases[] = {
	KUNIT_CASE_PARAM(parse_takes, parse_taken_gen_params),
	KUNIT_CASE_PARAM(parse_refuses, parse_refused_gen_params),
	KUNIT_CASE(parse_refuses_broadcast),
	KUNIT_CASE_PARAM(parse_reads_no_further, pnicfw_kinds_gen_params),
	KUNIT_CASE(parse_survives_random_bytes),
	{}
};

struct kunit_suite pnicfw_parse_suite = {
	.name = "pnicfw_parse",
	.test_cases = parse_cases,
};
