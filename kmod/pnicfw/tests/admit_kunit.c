// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of admit: who gets a hardware entry, who gives it up, and which reason
 * is shown. The eswitch is played by this file: it writes down what is wanted
 * of it.
 */
#include <kunit/test.h>
#include <linux/jiffies.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/netfilter/nf_conntrack_acct.h>

#include "../admit.h"
#include "../eswitch.h"
#include "../net.h"
#include "../path.h"
#include "../port.h"
#include "../reconcile.h"
#include "../record.h"
#include "../table.h"
#include "suites.h"

#define ADMIT_HW_AFTER	32
#define ADMIT_GEN	100

/* Whoever is in where all is full is so hot: ten packets a second. */
#define ADMIT_INSIDE	320

/**
 * struct admit_eswitch - what was asked of the eswitch
 * @asked: how often
 * @want: what was wanted last
 * @why: the reason that came with it
 */
static struct admit_eswitch {
	unsigned int asked;
	bool want;
	enum pnicfw_reason why;
} admit_eswitch;

void pnicfw_reconcile_want(struct pnicfw_record *rec, bool want,
			   enum pnicfw_reason why)
{
	lockdep_assert_held(&rec->lock);
	admit_eswitch.asked++;
	admit_eswitch.want = want;
	admit_eswitch.why = why;
}

bool pnicfw_reconcile_linger(struct pnicfw_record *rec)
{
	return false;
}

/**
 * struct admit_case - a connection, and what becomes of it
 * @name: what is special about it
 * @unlearned: directions, a bit each, without a path
 * @dead: directions whose path is dead
 * @stale: directions whose path died with the generation it was of
 * @unbound: ports, that of entry and that of exit, that take no rules
 * @drained: ports, likewise, that are drained
 * @apart: the ports belong to different eswitches
 * @recheck: directions, likewise, that tier 1 is to see once more
 * @slow: packets that conntrack counted, of original and reply
 * @cached: packets that the cache carried, likewise
 * @wanted: the eswitch is to have it already
 * @have: directions that the eswitch has by the way that is known, where it has
 *	it at all; the others by another one
 * @refused: the driver refused it
 * @retry: seconds from now until it may be offered again
 * @full: the eswitch has no room but by taking another one's place
 * @heat: how hot it is
 * @after_rate: packets a second that are asked for
 * @unsupported: directions whose port has refused such a rule
 * @not_offloadable: policy said so
 * @closing: it is on its way out
 * @silent: the eswitch hears nothing of it
 * @why: why the eswitch should not have it
 */
struct admit_case {
	const char *name;
	u8 unlearned;
	u8 dead;
	u8 stale;
	u8 unbound;
	u8 drained;
	u8 recheck;
	bool apart;
	u32 slow[IP_CT_DIR_MAX];
	u32 cached[IP_CT_DIR_MAX];
	bool wanted;
	u8 have;
	bool refused;
	int retry;
	bool full;
	u16 heat;
	u32 after_rate;
	u8 unsupported;
	bool not_offloadable;
	bool closing;
	bool silent;
	enum pnicfw_reason why;
};

#define ORIGINAL	BIT(IP_CT_DIR_ORIGINAL)
#define REPLY		BIT(IP_CT_DIR_REPLY)
#define BOTH		PNICFW_HW_BOTH
#define BUSY		.slow = { ADMIT_HW_AFTER, 0 }

static const struct admit_case admit_cases[] = {
	{ "busy by conntrack's count", .slow = { 32, 0 } },
	{ "busy in the reply direction alone", .slow = { 1, 32 } },
	{ "busy by the cache's count, where conntrack counts nothing",
	  .cached = { 32, 0 } },
	{ "a packet short of busy", .slow = { 31, 31 }, .cached = { 31, 31 },
	  .why = PNICFW_REASON_THRESHOLD },
	{ "wanted already: the threshold was passed once", .wanted = true },
	{ "original not learned", BUSY, .unlearned = ORIGINAL,
	  .why = PNICFW_REASON_ONE_WAY },
	{ "reply not learned", BUSY, .unlearned = REPLY,
	  .why = PNICFW_REASON_ONE_WAY },
	{ "original's path dead", BUSY, .dead = ORIGINAL,
	  .why = PNICFW_REASON_PATH_DEAD },
	{ "reply's path dead, wanted", BUSY, .dead = REPLY, .wanted = true,
	  .why = PNICFW_REASON_PATH_DEAD },
	{ "original stale", BUSY, .stale = ORIGINAL,
	  .why = PNICFW_REASON_STALE },
	{ "reply stale, wanted", BUSY, .stale = REPLY, .wanted = true,
	  .why = PNICFW_REASON_STALE },
	{ "port of entry unbound", BUSY, .unbound = BIT(0),
	  .why = PNICFW_REASON_PORT_OFF },
	{ "port of exit unbound, wanted", BUSY, .unbound = BIT(1),
	  .wanted = true, .why = PNICFW_REASON_PORT_OFF },
	{ "port of entry drained, wanted", BUSY, .drained = BIT(0),
	  .wanted = true, .why = PNICFW_REASON_DRAINED },
	{ "port of exit drained", .drained = BIT(1),
	  .why = PNICFW_REASON_DRAINED },
	{ "port drained and unbound", BUSY, .drained = BIT(0),
	  .unbound = BIT(0), .why = PNICFW_REASON_PORT_OFF },
	{ "original to be seen once more, wanted", BUSY, .recheck = ORIGINAL,
	  .wanted = true, .why = PNICFW_REASON_RECHECK },
	{ "reply to be seen once more", BUSY, .recheck = REPLY,
	  .why = PNICFW_REASON_RECHECK },
	{ "ports of two eswitches", BUSY, .apart = true,
	  .why = PNICFW_REASON_OTHER_SWITCH },
	{ "the eswitch has it by the same way", .wanted = true, .have = BOTH },
	{ "the eswitch has original by another way", .wanted = true,
	  .have = REPLY, .why = PNICFW_REASON_PATH_DEAD },
	{ "the eswitch has reply by another way", .wanted = true,
	  .have = ORIGINAL, .why = PNICFW_REASON_PATH_DEAD },
	{ "refused lately", BUSY, .refused = true, .retry = 3,
	  .why = PNICFW_REASON_REFUSED },
	{ "refused a while ago", BUSY, .refused = true, .retry = -1 },
	{ "full, and too cold", BUSY, .full = true, .heat = ADMIT_INSIDE,
	  .why = PNICFW_REASON_TABLE_FULL },
	{ "full, and hot", BUSY, .full = true, .heat = 2 * ADMIT_INSIDE },
	{ "full, and wanted already", .full = true, .wanted = true },
	{ "too slow", BUSY, .after_rate = 10, .heat = 319,
	  .why = PNICFW_REASON_SLOW },
	{ "fast enough", BUSY, .after_rate = 10, .heat = 320 },
	{ "slow, and wanted already", .after_rate = 10, .wanted = true },
	{ "original's port takes no such rules", BUSY, .unsupported = ORIGINAL,
	  .why = PNICFW_REASON_UNSUPPORTED },
	{ "reply's port takes no such rules", BUSY, .unsupported = REPLY,
	  .why = PNICFW_REASON_UNSUPPORTED },
	{ "original stale, reply's path dead", BUSY, .stale = ORIGINAL,
	  .dead = REPLY, .wanted = true, .why = PNICFW_REASON_PATH_DEAD },
	{ "not offloadable", BUSY, .not_offloadable = true, .silent = true },
	{ "closing", BUSY, .closing = true, .silent = true },
};

static void admit_case_desc(const struct admit_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(admit_cases, admit_cases, admit_case_desc);

/**
 * struct admit_trial - a connection with all that it rests on
 * @rec: the record
 * @pn: its namespace
 * @table: the eswitch
 * @other: another one
 * @inside: who is in there already
 * @ports: its two ports
 * @dev: their devices
 * @paths: its directions' paths
 * @hw: what concerns the eswitch
 * @ct: its conntrack entry
 */
struct admit_trial {
	struct pnicfw_record rec;
	struct pnicfw_net pn;
	struct pnicfw_table table;
	struct pnicfw_table other;
	struct list_head inside;
	struct pnicfw_port ports[2];
	struct net_device *dev;
	struct pnicfw_path paths[IP_CT_DIR_MAX];
	struct pnicfw_hw hw;
	struct nf_conn ct;
};

struct pnicfw_net *pnicfw_record_net(const struct pnicfw_record *rec)
{
	struct admit_trial *t = container_of((struct pnicfw_record *)rec,
					     struct admit_trial, rec);

	return &t->pn;
}

static void admit_free_ext(struct kunit_resource *res)
{
	kfree(res->data);
}

static void admit_count(struct kunit *test, struct nf_conn *ct,
			const struct admit_case *c)
{
	struct nf_conn_acct *acct;
	int i;

	if (!c->slow[0] && !c->slow[1])
		return;
	acct = nf_ct_ext_add(ct, NF_CT_EXT_ACCT, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, acct);
	kunit_alloc_resource(test, NULL, admit_free_ext, GFP_KERNEL, ct->ext);
	for (i = 0; i < IP_CT_DIR_MAX; i++)
		atomic64_set(&acct->counter[i].packets, c->slow[i]);
}

static void admit_direct(struct admit_trial *t, const struct admit_case *c,
			 u8 index)
{
	struct pnicfw_dir *dir = &t->rec.dir[index];
	struct pnicfw_path *path = &t->paths[index];

	dir->ct = &t->ct;
	dir->index = index;
	atomic64_set(&dir->carried, c->cached[index] * PNICFW_CARRIED_PACKET);
	path->key.in = &t->ports[index];
	path->key.out = &t->ports[!index];
	path->in = (c->dead | c->stale) & BIT(index) ? NULL : path->key.in;
	path->gen = c->stale & BIT(index) ? ADMIT_GEN - 1 : ADMIT_GEN;
	if (!(c->unlearned & BIT(index)))
		RCU_INIT_POINTER(dir->path, path);
	t->hw.path[index] = c->have & BIT(index) ? path : &t->paths[!index];
}

/* The key is all zero, and so is the way: IPv6, UDP. */
static void admit_port(struct admit_trial *t, const struct admit_case *c, int i)
{
	struct pnicfw_port *port = &t->ports[i];

	port->dev = t->dev;
	port->table = c->apart && i ? &t->other : &t->table;
	port->hw_wanted = true;
	port->bind = c->unbound & BIT(i) ? PNICFW_BIND_NONE : PNICFW_BIND_FT;
	port->drained = c->drained & BIT(i);
	pnicfw_shapes_init(&port->unsupported);
	if (c->unsupported & BIT(i))
		pnicfw_shapes_learn(&port->unsupported,
				    PNICFW_SHAPE_BITS_IPV6 |
				    PNICFW_SHAPE_BITS_UDP, 0, jiffies);
}

/* There is room for one, and maybe that one is there. */
static void admit_table(struct admit_trial *t, bool full)
{
	t->table.pn = &t->pn;
	pnicfw_ranks_init(&t->table.inside);
	pnicfw_capacity_init(&t->table.capacity);
	t->pn.params.hw_limit = 1;
	if (!full)
		return;
	t->table.used = 1;
	pnicfw_ranks_add(&t->table.inside, &t->inside,
			 pnicfw_heat_rank(ADMIT_INSIDE));
}

static struct admit_trial *admit_new(struct kunit *test,
				     const struct admit_case *c)
{
	struct admit_trial *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);
	int i;

	KUNIT_ASSERT_NOT_NULL(test, t);
	atomic_set(&t->pn.gen, ADMIT_GEN);
	spin_lock_init(&t->rec.lock);
	t->rec.answer.offloadable = !c->not_offloadable;
	t->rec.answer.hw_after = ADMIT_HW_AFTER;
	t->rec.closing = c->closing;
	t->rec.hw_want = c->wanted;
	t->rec.recheck = c->recheck;
	t->rec.hw_why = PNICFW_REASON_DEFAULT;
	if (c->refused || c->have)
		t->rec.hw = &t->hw;
	if (c->have)
		t->rec.hw_have = PNICFW_HW_BOTH;
	t->hw.err = ENOSPC;
	t->hw.due = (u32)jiffies + c->retry * HZ;
	t->rec.heat = c->heat;
	t->pn.params.hw_after_rate = c->after_rate;
	t->dev = kunit_kzalloc(test, sizeof(*t->dev), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, t->dev);
	admit_table(t, c->full);
	for (i = 0; i < 2; i++)
		admit_port(t, c, i);
	for (i = 0; i < IP_CT_DIR_MAX; i++)
		admit_direct(t, c, i);
	admit_count(test, &t->ct, c);
	admit_eswitch = (struct admit_eswitch) {};
	return t;
}

static void admit_decides(struct kunit *test)
{
	const struct admit_case *c = test->param_value;
	struct admit_trial *t = admit_new(test, c);

	pnicfw_admit_review(&t->rec);
	KUNIT_ASSERT_EQ(test, admit_eswitch.asked, c->silent ? 0 : 1);
	if (c->silent) {
		KUNIT_EXPECT_EQ(test, t->rec.hw_why, PNICFW_REASON_DEFAULT);
		return;
	}
	KUNIT_EXPECT_EQ(test, admit_eswitch.want, !c->why);
	KUNIT_EXPECT_EQ(test, admit_eswitch.why, c->why);

	/* Where something changes, saying why is up to the eswitch. */
	KUNIT_EXPECT_EQ(test, t->rec.hw_why,
			c->wanted == !c->why ? c->why : PNICFW_REASON_DEFAULT);
}

/* Offered again at the very jiffy it was put off to, and with the first half
 * of the jiffies' range before it.
 */
static void admit_offers_again_in_time(struct kunit *test)
{
	static const struct admit_case c = { BUSY, .refused = true };
	struct admit_trial *t = admit_new(test, &c);

	t->hw.due = jiffies;
	pnicfw_admit_review(&t->rec);
	KUNIT_EXPECT_TRUE(test, admit_eswitch.want);

	t->hw.due = (u32)jiffies - INT_MAX / 2;
	pnicfw_admit_review(&t->rec);
	KUNIT_EXPECT_TRUE(test, admit_eswitch.want);

	t->hw.due = (u32)jiffies + INT_MAX / 2;
	pnicfw_admit_review(&t->rec);
	KUNIT_EXPECT_FALSE(test, admit_eswitch.want);
	KUNIT_EXPECT_EQ(test, admit_eswitch.why, PNICFW_REASON_REFUSED);
}

static struct kunit_case admit_suite_cases[] = {
	KUNIT_CASE_PARAM(admit_decides, admit_cases_gen_params),
	KUNIT_CASE(admit_offers_again_in_time),
	{}
};

struct kunit_suite pnicfw_admit_suite = {
	.name = "pnicfw_admit",
	.test_cases = admit_suite_cases,
};
