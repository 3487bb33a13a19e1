// SPDX-License-Identifier: GPL-2.0
/*
 * eswitch - tier 3: what a driver is told: three verbs
 */
#include <linux/ktime.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <net/flow_offload.h>

#include "conntrack.h"
#include "denial.h"
#include "denial_hw.h"
#include "eswitch.h"
#include "flower.h"
#include "net.h"
#include "path.h"
#include "port.h"
#include "record.h"

/* TC_SETUP_BLOCK numbers priorities from 1, and some drivers crash at 0; a
 * flow table's own is 0.
 */
#define ESWITCH_BLOCK_PRIO	1

/* More packets than this no wire carries between two questions: an hour of
 * 1.6 Tbit/s, in the smallest frames.
 */
#define ESWITCH_PACKETS_MAX	BIT_ULL(43)

/* How often a driver is told to take a rule out, at a time, until it has. */
#define ESWITCH_DESTROY_TRIES	5

/* Room for one rule at a time, used under the namespace's hw_mutex. Rules are
 * copied by drivers before they return.
 */
struct pnicfw_eswitch {
	struct pnicfw_flower flower;
	struct netlink_ext_ack extack;
};

/**
 * struct eswitch_rule - what the verbs need to know of a rule
 * @pn: the namespace
 * @port: where it is
 * @cookie: names it to the driver: the address of what it was made for, which is
 *	not reused before the rule is gone
 * @vlan: the tag that its frames come in with
 * @inner: the tag behind that
 * @carried: is told what it carried since last time, and when the last of it was
 *	(jiffies, the low 32 bits)
 * @of: whose rule it is, for @carried
 * @index: likewise, which direction's
 */
struct eswitch_rule {
	struct pnicfw_net *pn;
	struct pnicfw_port *port;
	unsigned long cookie;
	const struct pnicfw_vlan *vlan, *inner;
	void (*carried)(const struct eswitch_rule *rule,
			const struct pnicfw_count *more, u32 used);
	void *of;
	u8 index;
};

static int eswitch_call(struct pnicfw_port *port, struct flow_cls_offload *cls)
{
	struct flow_block_cb *cb;
	int err = -EOPNOTSUPP;

	if (port->bind == PNICFW_BIND_BLOCK)
		cls->common.prio = ESWITCH_BLOCK_PRIO;
	list_for_each_entry(cb, &port->block.cb_list, list) {
		err = cb->cb(TC_SETUP_CLSFLOWER, cls, cb->cb_priv);
		if (err)
			break;
	}
	if (err == -ENOTSUPP)
		return -EOPNOTSUPP;
	/* Whatever is not an errno that users know is not an answer. */
	return err > 0 || err < -U8_MAX ? -EBADMSG : err;
}

static int eswitch_forget(struct pnicfw_port *port, unsigned long cookie)
{
	struct flow_cls_offload cls = {
		.command = FLOW_CLS_DESTROY,
		.cookie = cookie,
	};

	return eswitch_call(port, &cls);
}

/* Who knows the cookie still has a rule of this name that was believed gone,
 * and of an answer that makes no sense nobody knows what it left behind.
 */
static int eswitch_insert(struct pnicfw_port *port, struct flow_cls_offload *cls)
{
	int err = eswitch_call(port, cls);

	if (err == -EEXIST && !eswitch_forget(port, cls->cookie))
		err = eswitch_call(port, cls);
	if (err == -EBADMSG)
		eswitch_forget(port, cls->cookie);
	return err;
}

/* The driver's answer is there; it was asked at @began. */
static void eswitch_took(atomic64_t bars[PNICFW_STATS_BARS], ktime_t began)
{
	u64 us = ktime_us_delta(ktime_get(), began);

	atomic64_inc(&bars[pnicfw_stats_bar(us)]);
}

/* Have the rule that was built in the eswitch's room. */
static int eswitch_replace(const struct eswitch_rule *rule, const char **msg)
{
	struct pnicfw_eswitch *esw = rule->pn->eswitch;
	struct flow_cls_offload cls = {
		.command = FLOW_CLS_REPLACE,
		.cookie = rule->cookie,
		.rule = esw->flower.rule,
		.common.extack = &esw->extack,
		.common.protocol = esw->flower.key.basic.n_proto,
	};
	ktime_t began;
	int err;

	memset(&esw->extack, 0, sizeof(esw->extack));
	began = ktime_get();
	err = eswitch_insert(rule->port, &cls);
	eswitch_took(rule->pn->gauges.hw_insert_us, began);
	if (!err)
		atomic64_inc(&rule->pn->gauges.hw_inserted);
	else
		pnicfw_stats_hw_failed(rule->pn, err);
	*msg = esw->extack._msg;
	return err;
}

/* Hardware counts whole frames, conntrack what is inside. */
static u64 eswitch_l3_bytes(const struct eswitch_rule *rule,
			    const struct flow_stats *stats)
{
	u64 l2 = ETH_HLEN + (rule->vlan->proto ? VLAN_HLEN : 0) +
		 (rule->inner->proto ? VLAN_HLEN : 0);

	return stats->bytes > stats->pkts * l2 ?
	       stats->bytes - stats->pkts * l2 : 0;
}

/* When the last packet was. Drivers that do not know say zero; what is to come is
 * now, and what is long ago must not wrap around.
 */
static u32 eswitch_used(const struct flow_stats *stats)
{
	unsigned long now = jiffies, last = stats->lastused;

	if ((!last && stats->pkts) || time_after(last, now))
		return now;
	return now - last > S32_MAX ? now - S32_MAX : last;
}

/* Is it what frames can add up to? */
static bool eswitch_likely(const struct flow_stats *stats)
{
	return stats->pkts <= ESWITCH_PACKETS_MAX &&
	       stats->bytes >= stats->pkts * ETH_HLEN &&
	       stats->bytes <= stats->pkts * (ETH_HLEN + 2 * VLAN_HLEN + U16_MAX);
}

/* Hear what a rule carried. Some drivers count nothing, and only say when. */
static int eswitch_stats(const struct eswitch_rule *rule)
{
	struct flow_cls_offload cls = {
		.command = FLOW_CLS_STATS,
		.cookie = rule->cookie,
	};
	ktime_t began = ktime_get();
	struct pnicfw_count more;
	int err;

	err = eswitch_call(rule->port, &cls);
	eswitch_took(rule->pn->gauges.hw_stats_us, began);
	if (err)
		return err;
	if (!eswitch_likely(&cls.stats)) {
		pnicfw_stats_hw_failed(rule->pn, -ERANGE);
		return 0;
	}
	more.packets = cls.stats.pkts;
	more.bytes = eswitch_l3_bytes(rule, &cls.stats);
	rule->carried(rule, &more, eswitch_used(&cls.stats));
	return 0;
}

/* A driver forgets the counters with the rule: read them before. The rule is out
 * when the driver no longer knows it, whatever it said: what it left in would go
 * on by what is no longer true. Of a block that was given back nobody asks.
 */
static bool eswitch_destroy(const struct eswitch_rule *rule)
{
	struct pnicfw_net *pn = rule->pn;
	int err, left, tries;
	ktime_t began;

	if (rule->port->bind == PNICFW_BIND_NONE)
		return true;
	for (tries = 0; tries < ESWITCH_DESTROY_TRIES; tries++) {
		began = ktime_get();
		err = eswitch_forget(rule->port, rule->cookie);
		eswitch_took(pn->gauges.hw_delete_us, began);
		if (err)
			pnicfw_stats_hw_failed(pn, err);
		left = eswitch_stats(rule);
		if (left && left != -EBADMSG) {
			if (!err)
				atomic64_inc(&pn->gauges.hw_deleted);
			return true;
		}
		pnicfw_stats_hw_failed(pn, -EUCLEAN);
	}
	if (net_ratelimit())
		netdev_warn(rule->port->dev,
			    "driver does not let go of a rule\n");
	return false;
}

/* Connections *************************************************************/

static void eswitch_record_carried(const struct eswitch_rule *rule,
				   const struct pnicfw_count *more, u32 used)
{
	struct pnicfw_record *rec = rule->of;
	struct pnicfw_dir *dir = &rec->dir[rule->index];
	struct pnicfw_count *carried = &rec->hw->carried[rule->index];

	if (more->packets) {
		spin_lock_bh(&rec->lock);
		carried->packets += more->packets;
		carried->bytes += more->bytes;
		pnicfw_ct_account(pnicfw_record_ct(rec), rule->index, more);
		spin_unlock_bh(&rec->lock);
	}
	if ((s32)(used - READ_ONCE(dir->used)) > 0)
		WRITE_ONCE(dir->used, used);
}

static struct eswitch_rule eswitch_of_dir(struct pnicfw_record *rec, u8 index,
					  const struct pnicfw_path *path)
{
	return (struct eswitch_rule){
		.pn = pnicfw_record_net(rec),
		.port = path->key.in,
		.cookie = (unsigned long)&rec->dir[index],
		.vlan = &path->key.vlan,
		.inner = &path->key.inner,
		.carried = eswitch_record_carried,
		.of = rec,
		.index = index,
	};
}

/**
 * pnicfw_eswitch_replace - have a rule for a direction
 * @rec: the record
 * @index: the direction
 * @path: its way
 * @msg: set to what the driver says where it refuses, or NULL
 *
 * Context: process, the namespace's hw_mutex.
 * Return: 0 or a negative errno.
 */
int pnicfw_eswitch_replace(struct pnicfw_record *rec, u8 index,
			   const struct pnicfw_path *path, const char **msg)
{
	const struct eswitch_rule rule = eswitch_of_dir(rec, index, path);
	struct pnicfw_key key, to;

	pnicfw_record_key(rec, index, &key);
	pnicfw_record_key_out(rec, index, &to);
	pnicfw_flower_build(&rule.pn->eswitch->flower, &key, &to, &path->key);
	return eswitch_replace(&rule, msg);
}

/**
 * pnicfw_eswitch_stats - hear what a direction's rule carried since last time
 * @rec: the record
 * @index: the direction
 * @path: what the rule was made from
 *
 * Conntrack is told. Numbers that cannot be are not believed.
 *
 * Context: process, the namespace's hw_mutex.
 * Return: 0, or a negative errno where the driver does not know the rule.
 */
int pnicfw_eswitch_stats(struct pnicfw_record *rec, u8 index,
			 const struct pnicfw_path *path)
{
	const struct eswitch_rule rule = eswitch_of_dir(rec, index, path);

	return eswitch_stats(&rule);
}

/**
 * pnicfw_eswitch_destroy - take a direction's rule out
 * @rec: the record
 * @index: the direction
 * @path: what the rule was made from
 *
 * Context: process, the namespace's hw_mutex.
 * Return: false where the driver does not let go of it; until it has, nothing
 * else may get the rule's name, so @rec must stay.
 */
bool pnicfw_eswitch_destroy(struct pnicfw_record *rec, u8 index,
			    const struct pnicfw_path *path)
{
	const struct eswitch_rule rule = eswitch_of_dir(rec, index, path);

	return eswitch_destroy(&rule);
}

/* Denials *****************************************************************/

static void eswitch_denial_carried(const struct eswitch_rule *rule,
				   const struct pnicfw_count *more, u32 used)
{
	pnicfw_denial_hw_carried(rule->pn, rule->of, more, used);
}

static struct eswitch_rule eswitch_of_denial(struct pnicfw_net *pn,
					     struct pnicfw_denial *denial)
{
	return (struct eswitch_rule){
		.pn = pn,
		.port = denial->is.port,
		.cookie = (unsigned long)denial,
		.vlan = &denial->is.way.vlan,
		.inner = &denial->is.way.inner,
		.carried = eswitch_denial_carried,
		.of = denial,
	};
}

/**
 * pnicfw_eswitch_deny - have a rule that drops what is denied
 * @pn: the namespace
 * @denial: the denial
 * @msg: set to what the driver says where it refuses, or NULL
 *
 * Context: process, the namespace's hw_mutex.
 * Return: 0 or a negative errno.
 */
int pnicfw_eswitch_deny(struct pnicfw_net *pn, struct pnicfw_denial *denial,
			const char **msg)
{
	const struct eswitch_rule rule = eswitch_of_denial(pn, denial);
	const struct pnicfw_denial_case *is = &denial->is;
	struct pnicfw_path_key way = {
		.in = is->port,
		.vlan = is->way.vlan,
		.inner = is->way.inner,
		.dscp = is->way.dscp,
	};

	memcpy(way.eth, is->way.eth, sizeof(way.eth));
	pnicfw_flower_build_drop(&pn->eswitch->flower, &is->key, &way,
				 is->way.flags);
	return eswitch_replace(&rule, msg);
}

/**
 * pnicfw_eswitch_deny_stats - hear what a denial's rule dropped since last time
 * @pn: the namespace
 * @denial: the denial
 *
 * Context: process, the namespace's hw_mutex.
 * Return: 0, or a negative errno where the driver does not know the rule.
 */
int pnicfw_eswitch_deny_stats(struct pnicfw_net *pn,
			      struct pnicfw_denial *denial)
{
	const struct eswitch_rule rule = eswitch_of_denial(pn, denial);

	return eswitch_stats(&rule);
}

/**
 * pnicfw_eswitch_undeny - take a denial's rule out
 * @pn: the namespace
 * @denial: the denial
 *
 * Context: process, the namespace's hw_mutex.
 * Return: false where the driver does not let go of it, likewise.
 */
bool pnicfw_eswitch_undeny(struct pnicfw_net *pn, struct pnicfw_denial *denial)
{
	const struct eswitch_rule rule = eswitch_of_denial(pn, denial);

	return eswitch_destroy(&rule);
}

/**
 * pnicfw_eswitch_init - prepare a namespace's third tier
 * @pn: the namespace
 *
 * Return: 0 or -ENOMEM.
 */
int pnicfw_eswitch_init(struct pnicfw_net *pn)
{
	int err;

	pn->eswitch = kzalloc(sizeof(*pn->eswitch), GFP_KERNEL);
	if (!pn->eswitch)
		return -ENOMEM;
	err = pnicfw_flower_init(&pn->eswitch->flower);
	if (err) {
		kfree(pn->eswitch);
		return err;
	}
	mutex_init(&pn->hw_mutex);
	return 0;
}

/**
 * pnicfw_eswitch_exit - end it; no records are left
 * @pn: the namespace
 */
void pnicfw_eswitch_exit(struct pnicfw_net *pn)
{
	pnicfw_flower_exit(&pn->eswitch->flower);
	kfree(pn->eswitch);
}
