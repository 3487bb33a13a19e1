// SPDX-License-Identifier: GPL-2.0
/*
 * trial - a connection of any shape, its way, and the rule that is built for it
 */
#include <kunit/test.h>
#include <linux/if_arp.h>
#include <linux/if_vlan.h>
#include <net/net_namespace.h>

#include "trial.h"

#define TRIAL_SHAPES	(2 * 2 * 4 * PNICFW_TRIAL_VLANS * 2)

static const char * const trial_nat_names[] = {
	"no nat", "snat", "dnat", "snat and dnat",
};

#define TRIAL_TAG_A	{ htons(ETH_P_8021Q), 5 << VLAN_PRIO_SHIFT | 0x123 }
#define TRIAL_TAG_B	{ htons(ETH_P_8021AD), 3 << VLAN_PRIO_SHIFT | 0xabc }
#define TRIAL_TAG_C	{ htons(ETH_P_8021Q), 1 << VLAN_PRIO_SHIFT | 0x007 }
#define TRIAL_TAG_D	{ htons(ETH_P_8021Q), 0x008 }

const struct pnicfw_trial_tags pnicfw_trial_tags[PNICFW_TRIAL_VLANS] = {
	[PNICFW_TRIAL_NO_VLAN] = { "no tag" },
	[PNICFW_TRIAL_PUSH] = { "tag pushed", .out = TRIAL_TAG_B },
	[PNICFW_TRIAL_POP] = { "tag popped", .in = TRIAL_TAG_A },
	[PNICFW_TRIAL_SWAP] = {
		"tag changed", .in = TRIAL_TAG_A, .out = TRIAL_TAG_B
	},
	[PNICFW_TRIAL_KEEP] = {
		"tag kept", .in = TRIAL_TAG_A, .out = TRIAL_TAG_A
	},
	[PNICFW_TRIAL_PUSH_BOTH] = {
		"two tags pushed", .out = TRIAL_TAG_B, .out_inner = TRIAL_TAG_D
	},
	[PNICFW_TRIAL_POP_BOTH] = {
		"two tags popped", .in = TRIAL_TAG_A, .in_inner = TRIAL_TAG_C
	},
	[PNICFW_TRIAL_SWAP_BOTH] = {
		"two tags changed", .in = TRIAL_TAG_A, .in_inner = TRIAL_TAG_C,
		.out = TRIAL_TAG_B, .out_inner = TRIAL_TAG_D
	},
	[PNICFW_TRIAL_SWAP_OUTER] = {
		"outer tag changed", .in = TRIAL_TAG_A, .in_inner = TRIAL_TAG_C,
		.out = TRIAL_TAG_B, .out_inner = TRIAL_TAG_C
	},
	[PNICFW_TRIAL_STACK] = {
		"second tag pushed", .in = TRIAL_TAG_A,
		.out = TRIAL_TAG_B, .out_inner = TRIAL_TAG_A
	},
};

/**
 * pnicfw_shape_desc - a shape in words
 * @shape: the shape
 * @desc: where they go, KUNIT_PARAM_DESC_SIZE bytes
 */
void pnicfw_shape_desc(const struct pnicfw_shape *shape, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%s %s, %s, %s, %s%s",
		 shape->family == NFPROTO_IPV4 ? "ipv4" : "ipv6",
		 shape->protocol == IPPROTO_TCP ? "tcp" : "udp",
		 trial_nat_names[shape->nat], pnicfw_trial_tags[shape->vlan].name,
		 shape->bridged ? "bridged" : "routed",
		 shape->remark ? ", dscp changed" : "");
}

/**
 * pnicfw_shapes_gen_params - all shapes, as KUnit asks for them
 * @prev: the last one, or NULL
 * @desc: its name goes there
 *
 * Where a shape is in the array is which one it is. The DSCP changes in every
 * third, so that it meets each value of everything else.
 *
 * Return: the next &struct pnicfw_shape, or NULL.
 */
const void *pnicfw_shapes_gen_params(const void *prev, char *desc)
{
	static struct pnicfw_shape shapes[TRIAL_SHAPES];
	struct pnicfw_shape *shape = shapes;
	unsigned int i = 0;

	if (prev)
		i = (const struct pnicfw_shape *)prev - shapes + 1;
	if (i == TRIAL_SHAPES)
		return NULL;
	shape += i;
	shape->remark = i % 3 == 2;
	shape->bridged = i % 2;
	i /= 2;
	shape->vlan = i % PNICFW_TRIAL_VLANS;
	i /= PNICFW_TRIAL_VLANS;
	shape->nat = i % 4;
	i /= 4;
	shape->protocol = i % 2 ? IPPROTO_UDP : IPPROTO_TCP;
	i /= 2;
	shape->family = i ? NFPROTO_IPV6 : NFPROTO_IPV4;
	pnicfw_shape_desc(shape, desc);
	return shape;
}

static void trial_port(struct kunit *test, struct pnicfw_port *port,
		       int ifindex)
{
	port->dev = kunit_kzalloc(test, sizeof(*port->dev), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, port->dev);
	port->dev->ifindex = ifindex;
	port->dev->type = ARPHRD_ETHER;
	dev_net_set(port->dev, &init_net);
}

static void trial_vlan(struct pnicfw_trial *t, enum pnicfw_trial_vlan vlan)
{
	const struct pnicfw_trial_tags *tags = &pnicfw_trial_tags[vlan];

	t->path.vlan = tags->in;
	t->path.inner = tags->in_inner;
	t->path.act.vlan = tags->out;
	t->path.act.inner = tags->out_inner;
}

static void trial_path(struct pnicfw_trial *t,
		       const struct pnicfw_shape *shape)
{
	struct pnicfw_path_key *path = &t->path;

	path->in = &t->in;
	path->out = &t->out;
	memcpy(path->eth, &t->p.eth, sizeof(path->eth));
	memcpy(path->act.eth_dst, t->p.eth.h_dest, ETH_ALEN);
	memcpy(path->act.eth_src, t->p.eth.h_source, ETH_ALEN);
	if (!shape->bridged) {
		memcpy(path->act.eth_dst, "\x02\x34\x56\x78\x9a\xbc", ETH_ALEN);
		memcpy(path->act.eth_src, "\x04\xfe\xdc\xba\x98\x76", ETH_ALEN);
		path->act.ttl_dec = 1;
	}
	trial_vlan(t, shape->vlan);
	path->act.nat = shape->nat != 0;
	path->dscp = 0x28;
	path->act.dscp = shape->remark ? 0xb8 : path->dscp;
}

/* Nothing of an earlier rule may be left over in the next one. */
static void trial_litter(struct pnicfw_flower *flower)
{
	memset(&flower->dissector, 0xa5, sizeof(flower->dissector));
	memset(&flower->key, 0xa5, sizeof(flower->key));
	memset(&flower->mask, 0xa5, sizeof(flower->mask));
	memset(flower->rule->action.entries, 0xa5,
	       PNICFW_FLOWER_ACTIONS *
	       sizeof(flower->rule->action.entries[0]));
}

static void trial_free(struct kunit_resource *res)
{
	pnicfw_flower_exit(res->data);
}

/**
 * pnicfw_trial_new - make a connection and its rule
 * @test: the test; everything is freed with it
 * @shape: what kind
 *
 * Return: them; where memory runs out, the test ends here.
 */
struct pnicfw_trial *pnicfw_trial_new(struct kunit *test,
				      const struct pnicfw_shape *shape)
{
	struct pnicfw_trial *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, t);
	KUNIT_ASSERT_EQ(test, pnicfw_flower_init(&t->flower), 0);
	kunit_alloc_resource(test, NULL, trial_free, GFP_KERNEL, &t->flower);
	trial_port(test, &t->in, PNICFW_TRIAL_IFINDEX_IN);
	trial_port(test, &t->out, PNICFW_TRIAL_IFINDEX_OUT);

	pnicfw_test_key(shape->family, shape->protocol, &t->key);
	pnicfw_test_nat(&t->key, shape->nat, &t->to);
	pnicfw_test_make(&t->p, &t->key, 20);
	trial_path(t, shape);
	t->p.vlan = t->path.vlan;
	t->p.inner = t->path.inner;
	pnicfw_test_set_tos(&t->p, t->path.dscp | 0x02);
	pnicfw_test_seal(&t->p, PNICFW_TEST_CSUM_FULL);
	KUNIT_ASSERT_EQ(test, pnicfw_test_parse(&t->p, &t->pkt), 0);

	trial_litter(&t->flower);
	pnicfw_flower_build(&t->flower, &t->key, &t->to, &t->path);
	return t;
}
