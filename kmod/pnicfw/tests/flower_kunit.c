// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of flower: what a rule says, word for word; that it is well-formed
 * whatever the connection; and that carrying it out makes the packet that
 * action makes.
 */
#include <kunit/test.h>
#include <linux/etherdevice.h>
#include <linux/if_vlan.h>
#include <linux/tc_act/tc_csum.h>

#include "suites.h"
#include "trial.h"

#define FLOWER_TEXT		2048

/* Word for word ************************************************************/

static const char * const flower_base_names[] = {
	[FLOW_ACT_MANGLE_HDR_TYPE_ETH] = "eth",
	[FLOW_ACT_MANGLE_HDR_TYPE_IP4] = "ip4",
	[FLOW_ACT_MANGLE_HDR_TYPE_IP6] = "ip6",
	[FLOW_ACT_MANGLE_HDR_TYPE_TCP] = "tcp",
	[FLOW_ACT_MANGLE_HDR_TYPE_UDP] = "udp",
};

/* Four bytes as they are in the packet; those that stay are dots. */
static int flower_text_mangle(char *text, size_t room, const char *verb,
			      const struct flow_action_entry *e)
{
	const u8 *val = (const u8 *)&e->mangle.val;
	const u8 *mask = (const u8 *)&e->mangle.mask;
	char bytes[9];
	int i;

	for (i = 0; i < 4; i++) {
		if (mask[i] == 0xff)
			strcpy(bytes + 2 * i, "..");
		else
			sprintf(bytes + 2 * i, "%02x", val[i]);
	}
	return scnprintf(text, room, "%s %s+%u %s\n", verb,
			 flower_base_names[e->mangle.htype], e->mangle.offset,
			 bytes);
}

static int flower_text_action(char *text, size_t room,
			      const struct flow_action_entry *e)
{
	switch (e->id) {
	case FLOW_ACTION_MANGLE:
		return flower_text_mangle(text, room, "set", e);
	case FLOW_ACTION_ADD:
		return flower_text_mangle(text, room, "add", e);
	case FLOW_ACTION_VLAN_POP:
		return scnprintf(text, room, "pop\n");
	case FLOW_ACTION_VLAN_PUSH:
		return scnprintf(text, room, "push %04x %03x/%u\n",
				 ntohs(e->vlan.proto), e->vlan.vid,
				 e->vlan.prio);
	case FLOW_ACTION_CSUM:
		return scnprintf(text, room, "csum%s%s%s\n",
				 e->csum_flags & TCA_CSUM_UPDATE_FLAG_IPV4HDR ?
				 " ip4" : "",
				 e->csum_flags & TCA_CSUM_UPDATE_FLAG_TCP ?
				 " tcp" : "",
				 e->csum_flags & TCA_CSUM_UPDATE_FLAG_UDP ?
				 " udp" : "");
	case FLOW_ACTION_REDIRECT:
		return scnprintf(text, room, "out %d\n", e->dev->ifindex);
	default:
		return scnprintf(text, room, "action %d\n", e->id);
	}
}

/**
 * struct flower_text - a connection's shape, and its rule's actions in words
 * @c: the shape
 * @text: a line an action
 */
struct flower_text {
	struct pnicfw_shape c;
	const char *text;
};

#define SET_MACS						\
	"set eth+4 ....04fe\nset eth+8 dcba9876\n"		\
	"set eth+0 02345678\nset eth+4 9abc....\n"

static const struct flower_text flower_texts[] = {
	{ { NFPROTO_IPV4, IPPROTO_TCP, 0, PNICFW_TRIAL_NO_VLAN, true },
	  "out 12\n" },
	{ { NFPROTO_IPV6, IPPROTO_UDP, 0, PNICFW_TRIAL_KEEP, true },
	  "out 12\n" },
	{ { NFPROTO_IPV4, IPPROTO_UDP, 0, PNICFW_TRIAL_POP, true },
	  "pop\nout 12\n" },
	{ { NFPROTO_IPV4, IPPROTO_TCP, 0, PNICFW_TRIAL_NO_VLAN, false },
	  SET_MACS
	  "add ip4+8 ff......\n"
	  "csum ip4\nout 12\n" },
	{ { NFPROTO_IPV4, IPPROTO_TCP, 0, PNICFW_TRIAL_NO_VLAN, false, true },
	  SET_MACS
	  "set ip4+0 ..b8....\nadd ip4+8 ff......\n"
	  "csum ip4\nout 12\n" },
	{ { NFPROTO_IPV6, IPPROTO_TCP, 0, PNICFW_TRIAL_NO_VLAN, false, true },
	  SET_MACS
	  "set ip6+0 0b80....\nadd ip6+4 ......ff\n"
	  "out 12\n" },
	{ { NFPROTO_IPV4, IPPROTO_TCP, PNICFW_TEST_SNAT, PNICFW_TRIAL_NO_VLAN },
	  SET_MACS
	  "add ip4+8 ff......\nset ip4+12 cb007101\n"
	  "set tcp+0 0401....\n"
	  "csum ip4 tcp\nout 12\n" },
	{ { NFPROTO_IPV4, IPPROTO_UDP, PNICFW_TEST_DNAT, PNICFW_TRIAL_PUSH },
	  SET_MACS
	  "push 88a8 abc/3\n"
	  "add ip4+8 ff......\nset ip4+16 ac100009\n"
	  "set udp+0 ....20fb\n"
	  "csum ip4 udp\nout 12\n" },
	{ { NFPROTO_IPV4, IPPROTO_TCP, PNICFW_TEST_SNAT | PNICFW_TEST_DNAT,
	    PNICFW_TRIAL_SWAP },
	  SET_MACS
	  "pop\npush 88a8 abc/3\n"
	  "add ip4+8 ff......\n"
	  "set ip4+12 cb007101\nset ip4+16 ac100009\n"
	  "set tcp+0 0401....\nset tcp+0 ....20fb\n"
	  "csum ip4 tcp\nout 12\n" },
	{ { NFPROTO_IPV6, IPPROTO_UDP, PNICFW_TEST_SNAT | PNICFW_TEST_DNAT,
	    PNICFW_TRIAL_SWAP, false, true },
	  SET_MACS
	  "pop\npush 88a8 abc/3\n"
	  "set ip6+0 0b80....\nadd ip6+4 ......ff\n"
	  "set ip6+8 20010db8\nset ip6+12 aaaa0000\n"
	  "set ip6+16 00000000\nset ip6+20 00000002\n"
	  "set ip6+24 fd000002\nset ip6+28 00000000\n"
	  "set ip6+32 ffff0000\nset ip6+36 00000009\n"
	  "set udp+0 0401....\nset udp+0 ....20fb\n"
	  "csum udp\nout 12\n" },
};

static void flower_text_desc(const struct flower_text *text, char *desc)
{
	pnicfw_shape_desc(&text->c, desc);
}

KUNIT_ARRAY_PARAM(flower_texts, flower_texts, flower_text_desc);

static void flower_says_exactly(struct kunit *test)
{
	const struct flower_text *wanted = test->param_value;
	struct pnicfw_trial *t = pnicfw_trial_new(test, &wanted->c);
	const struct flow_action_entry *e;
	size_t n = 0;
	char *text;
	int i;

	text = kunit_kzalloc(test, FLOWER_TEXT, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, text);
	flow_action_for_each(i, e, &t->flower.rule->action)
		n += flower_text_action(text + n, FLOWER_TEXT - n, e);
	KUNIT_EXPECT_STREQ(test, text, wanted->text);
}

/* Well-formed *************************************************************/

static bool flower_same_tag(const struct pnicfw_vlan *a,
			    const struct pnicfw_vlan *b)
{
	return a->proto == b->proto && a->tci == b->tci;
}

/* Tags that come off and go on: an inner one that stays does neither. */
static unsigned int flower_wanted_tags(const struct pnicfw_shape *c)
{
	const struct pnicfw_trial_tags *tags = &pnicfw_trial_tags[c->vlan];
	unsigned int n = !!tags->in.proto + !!tags->out.proto;

	if (!flower_same_tag(&tags->in_inner, &tags->out_inner))
		return n + !!tags->in_inner.proto + !!tags->out_inner.proto;
	return flower_same_tag(&tags->in, &tags->out) ? 0 : n;
}

/* How many actions there are, by what there is to do. */
static unsigned int flower_wanted_entries(const struct pnicfw_shape *c)
{
	unsigned int words = c->family == NFPROTO_IPV4 ? 1 : 4, n = 1;
	bool header = !c->bridged || c->remark || c->nat;

	n += c->bridged ? 0 : 4 + 1;
	n += c->remark;
	n += hweight8(c->nat) * (words + 1);
	n += flower_wanted_tags(c);
	n += c->family == NFPROTO_IPV4 ? header : c->nat != 0;
	return n;
}

static void flower_is_well_formed(struct kunit *test)
{
	const struct pnicfw_shape *c = test->param_value;
	struct pnicfw_trial *t = pnicfw_trial_new(test, c);
	const struct flow_action *actions = &t->flower.rule->action;
	const struct flow_action_entry *e, *last;
	int i;

	KUNIT_EXPECT_EQ(test, actions->num_entries, flower_wanted_entries(c));
	KUNIT_EXPECT_LE(test, actions->num_entries, 32);
	last = &actions->entries[actions->num_entries - 1];
	KUNIT_EXPECT_EQ(test, last->id, FLOW_ACTION_REDIRECT);
	KUNIT_EXPECT_PTR_EQ(test, last->dev, t->out.dev);

	flow_action_for_each(i, e, actions) {
		KUNIT_EXPECT_EQ(test, e->hw_stats,
				FLOW_ACTION_HW_STATS_DONT_CARE);
		KUNIT_EXPECT_PTR_EQ(test, e->cookie, NULL);
		if (e->id != FLOW_ACTION_MANGLE && e->id != FLOW_ACTION_ADD)
			continue;

		/* The mask has the bits that stay, none of which has a value;
		 * some are written.
		 */
		KUNIT_EXPECT_EQ(test, e->mangle.val & e->mangle.mask, 0);
		KUNIT_EXPECT_NE(test, e->mangle.mask, ~0U);
		KUNIT_EXPECT_EQ(test, e->mangle.offset % 4, 0);
	}
}

static u64 flower_wanted_keys(const struct pnicfw_shape *c)
{
	u64 keys = BIT_ULL(FLOW_DISSECTOR_KEY_META) |
		   BIT_ULL(FLOW_DISSECTOR_KEY_ETH_ADDRS) |
		   BIT_ULL(FLOW_DISSECTOR_KEY_CONTROL) |
		   BIT_ULL(FLOW_DISSECTOR_KEY_BASIC) |
		   BIT_ULL(FLOW_DISSECTOR_KEY_IP) |
		   BIT_ULL(FLOW_DISSECTOR_KEY_PORTS);

	keys |= c->family == NFPROTO_IPV4 ?
		BIT_ULL(FLOW_DISSECTOR_KEY_IPV4_ADDRS) :
		BIT_ULL(FLOW_DISSECTOR_KEY_IPV6_ADDRS);
	if (c->protocol == IPPROTO_TCP)
		keys |= BIT_ULL(FLOW_DISSECTOR_KEY_TCP);
	if (pnicfw_trial_tags[c->vlan].in.proto)
		keys |= BIT_ULL(FLOW_DISSECTOR_KEY_VLAN);
	if (pnicfw_trial_tags[c->vlan].in_inner.proto)
		keys |= BIT_ULL(FLOW_DISSECTOR_KEY_CVLAN);
	return keys;
}

/* The parts of a match are all there, each with the mask it should have: all
 * of a field, or of some the bits said here.
 */
static void flower_wanted_mask(const struct pnicfw_shape *c,
			       struct pnicfw_flower_key *mask)
{
	memset(mask, 0, sizeof(*mask));
	mask->meta.ingress_ifindex = ~0;
	mask->control.addr_type = 0xffff;
	mask->control.flags = FLOW_DIS_IS_FRAGMENT;
	mask->basic.n_proto = htons(0xffff);
	mask->basic.ip_proto = 0xff;
	memset(&mask->eth, 0xff, sizeof(mask->eth));
	if (c->family == NFPROTO_IPV4)
		memset(&mask->ipv4, 0xff, sizeof(mask->ipv4));
	else
		memset(&mask->ipv6, 0xff, sizeof(mask->ipv6));
	mask->ports.ports = (__force __be32)~0;
	mask->ip.tos = 0xfc;
	if (c->protocol == IPPROTO_TCP)
		mask->tcp.flags = htons(0x0017);
	if (flower_wanted_keys(c) & BIT_ULL(FLOW_DISSECTOR_KEY_VLAN)) {
		mask->vlan.vlan_id = VLAN_VID_MASK;
		mask->vlan.vlan_priority = 7;
		mask->vlan.vlan_tpid = htons(0xffff);
	}
	if (flower_wanted_keys(c) & BIT_ULL(FLOW_DISSECTOR_KEY_CVLAN))
		mask->cvlan = mask->vlan;
	else if (flower_wanted_keys(c) & BIT_ULL(FLOW_DISSECTOR_KEY_VLAN))
		mask->vlan.vlan_eth_type = htons(0xffff);
}

static void flower_masks_what_it_should(struct kunit *test)
{
	const struct pnicfw_shape *c = test->param_value;
	struct pnicfw_trial *t = pnicfw_trial_new(test, c);
	const struct pnicfw_flower_key *key = &t->flower.key;
	struct pnicfw_flower_key wanted;
	unsigned int i;

	KUNIT_EXPECT_EQ(test, t->flower.dissector.used_keys,
			flower_wanted_keys(c));
	KUNIT_EXPECT_PTR_EQ(test, t->flower.rule->match.dissector,
			    &t->flower.dissector);
	KUNIT_EXPECT_PTR_EQ(test, t->flower.rule->match.key,
			    &t->flower.key);
	KUNIT_EXPECT_PTR_EQ(test, t->flower.rule->match.mask,
			    &t->flower.mask);

	flower_wanted_mask(c, &wanted);
	KUNIT_EXPECT_EQ(test, memcmp(&t->flower.mask, &wanted, sizeof(wanted)),
			0);
	for (i = 0; i < sizeof(*key); i++)
		KUNIT_EXPECT_EQ_MSG(test, ((u8 *)key)[i] & ~((u8 *)&wanted)[i],
				    0, "byte %u has bits beyond the mask", i);
}

/* Carried out *************************************************************/

/* A word of the packet, as act_pedit rewrites it. */
static void flower_do_mangle(u8 *base, const struct flow_action_entry *e)
{
	u8 *at = base + e->mangle.offset;
	u32 word, val = e->mangle.val;

	memcpy(&word, at, sizeof(word));
	if (e->id == FLOW_ACTION_ADD)
		val = (word + val) & ~e->mangle.mask;
	word = (word & e->mangle.mask) ^ val;
	memcpy(at, &word, sizeof(word));
}

static void flower_do_csum(struct pnicfw_test_packet *p, u32 flags)
{
	__sum16 *check = pnicfw_test_l4_csum(p), was = *check;

	if (flags & ~TCA_CSUM_UPDATE_FLAG_IPV4HDR)
		pnicfw_test_seal(p, PNICFW_TEST_CSUM_FULL);
	if (!(flags & TCA_CSUM_UPDATE_FLAG_IPV4HDR) &&
	    p->eth.h_proto == htons(ETH_P_IP))
		p->l3[0] = 0;	/* never seen: such a rule is wrong */
	else
		pnicfw_test_seal_ip(p);
	if ((flags & TCA_CSUM_UPDATE_FLAG_UDP) && !was)
		*check = 0;
}

/* False for what a rule should not have. */
static bool flower_do(struct pnicfw_test_packet *p, unsigned int thoff,
		      const struct flow_action_entry *e)
{
	u8 *bases[] = {
		[FLOW_ACT_MANGLE_HDR_TYPE_ETH] = (u8 *)&p->eth,
		[FLOW_ACT_MANGLE_HDR_TYPE_IP4] = p->l3,
		[FLOW_ACT_MANGLE_HDR_TYPE_IP6] = p->l3,
		[FLOW_ACT_MANGLE_HDR_TYPE_TCP] = p->l3 + thoff,
		[FLOW_ACT_MANGLE_HDR_TYPE_UDP] = p->l3 + thoff,
	};

	switch (e->id) {
	case FLOW_ACTION_MANGLE:
	case FLOW_ACTION_ADD:
		if (e->mangle.htype >= ARRAY_SIZE(bases) ||
		    !bases[e->mangle.htype])
			return false;
		flower_do_mangle(bases[e->mangle.htype], e);
		return true;
	case FLOW_ACTION_VLAN_POP:
		if (!p->vlan.proto)
			return false;
		p->vlan = p->inner;
		p->inner = (struct pnicfw_vlan) {};
		return true;
	case FLOW_ACTION_VLAN_PUSH:
		if (p->inner.proto)
			return false;
		p->inner = p->vlan;
		p->vlan.proto = e->vlan.proto;
		p->vlan.tci = e->vlan.prio << VLAN_PRIO_SHIFT | e->vlan.vid;
		return true;
	case FLOW_ACTION_CSUM:
		flower_do_csum(p, e->csum_flags);
		return true;
	case FLOW_ACTION_REDIRECT:
		return true;
	default:
		return false;
	}
}

static void flower_does_as_action(struct kunit *test)
{
	const struct pnicfw_shape *c = test->param_value;
	struct pnicfw_trial *t = pnicfw_trial_new(test, c);
	const struct pnicfw_action *act = &t->path.act;
	struct pnicfw_test_packet *p = &t->p, wanted = t->p;
	const struct flow_action_entry *e;
	int i;

	pnicfw_action_apply(act, wanted.l3, &t->pkt, &t->to, false);
	flow_action_for_each(i, e, &t->flower.rule->action)
		KUNIT_ASSERT_TRUE_MSG(test, flower_do(p, t->pkt.thoff, e),
				      "action %d", e->id);

	KUNIT_EXPECT_EQ(test, memcmp(p->l3, wanted.l3, p->len), 0);
	KUNIT_EXPECT_TRUE(test, ether_addr_equal(p->eth.h_dest, act->eth_dst));
	KUNIT_EXPECT_TRUE(test, ether_addr_equal(p->eth.h_source,
						 act->eth_src));
	KUNIT_EXPECT_EQ(test, ntohs(p->vlan.proto), ntohs(act->vlan.proto));
	KUNIT_EXPECT_EQ(test, p->vlan.tci, act->vlan.tci);
	KUNIT_EXPECT_EQ(test, ntohs(p->inner.proto), ntohs(act->inner.proto));
	KUNIT_EXPECT_EQ(test, p->inner.tci, act->inner.tci);
}

static void flower_leaves_udp_without_checksum(struct kunit *test)
{
	static const struct pnicfw_shape c = {
		NFPROTO_IPV4, IPPROTO_UDP, PNICFW_TEST_SNAT,
	};
	struct pnicfw_trial *t = pnicfw_trial_new(test, &c);
	struct pnicfw_test_packet *p = &t->p, wanted;
	const struct flow_action_entry *e;
	int i;

	pnicfw_test_seal(p, PNICFW_TEST_CSUM_NONE);
	wanted = *p;
	pnicfw_action_apply(&t->path.act, wanted.l3, &t->pkt, &t->to, false);
	flow_action_for_each(i, e, &t->flower.rule->action)
		KUNIT_ASSERT_TRUE(test, flower_do(p, t->pkt.thoff, e));
	KUNIT_EXPECT_EQ(test, memcmp(p->l3, wanted.l3, p->len), 0);
}

/* A denial's rule matches as a connection's does, but for TCP's flags: those of the
 * packet that was denied, and all that conntrack looks at.
 */
static void flower_drops_what_is_denied(struct kunit *test)
{
	const struct pnicfw_shape *c = test->param_value;
	struct pnicfw_trial *t = pnicfw_trial_new(test, c);
	const struct flow_action *action = &t->flower.rule->action;
	struct pnicfw_flower *flower = &t->flower, wanted = t->flower;

	pnicfw_flower_build_drop(flower, &t->key, &t->path, 0x02);
	if (t->pkt.key.protocol == IPPROTO_TCP) {
		wanted.key.tcp.flags = htons(0x02);
		wanted.mask.tcp.flags = htons(0x37);
	}
	KUNIT_EXPECT_EQ(test, (u64)flower->dissector.used_keys,
			(u64)wanted.dissector.used_keys);
	KUNIT_EXPECT_EQ(test, memcmp(&flower->key, &wanted.key,
				     sizeof(wanted.key)), 0);
	KUNIT_EXPECT_EQ(test, memcmp(&flower->mask, &wanted.mask,
				     sizeof(wanted.mask)), 0);
	KUNIT_ASSERT_EQ(test, action->num_entries, 1U);
	KUNIT_EXPECT_EQ(test, (int)action->entries[0].id,
			(int)FLOW_ACTION_DROP);
	KUNIT_EXPECT_EQ(test, (int)action->entries[0].hw_stats,
			(int)FLOW_ACTION_HW_STATS_DONT_CARE);
}

static struct kunit_case flower_suite_cases[] = {
	KUNIT_CASE_PARAM(flower_says_exactly, flower_texts_gen_params),
	KUNIT_CASE_PARAM(flower_is_well_formed, pnicfw_shapes_gen_params),
	KUNIT_CASE_PARAM(flower_masks_what_it_should, pnicfw_shapes_gen_params),
	KUNIT_CASE_PARAM(flower_does_as_action, pnicfw_shapes_gen_params),
	KUNIT_CASE(flower_leaves_udp_without_checksum),
	KUNIT_CASE_PARAM(flower_drops_what_is_denied, pnicfw_shapes_gen_params),
	{}
};

struct kunit_suite pnicfw_flower_suite = {
	.name = "pnicfw_flower",
	.test_cases = flower_suite_cases,
};
