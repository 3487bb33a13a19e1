// SPDX-License-Identifier: GPL-2.0
/*
 * eswitch - tier 3: binding to the driver, the reconciler, the three verbs
 */
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <net/flow_offload.h>
#include <net/netfilter/nf_conntrack.h>

#include "age.h"
#include "conntrack.h"
#include "eswitch.h"
#include "flower.h"
#include "net.h"
#include "netlink.h"
#include "path.h"
#include "port.h"
#include "record.h"
#include "trace.h"

/* A refused connection is offered again after this long. */
#define ESWITCH_RETRY		(10 * HZ)

/* TC_SETUP_BLOCK numbers priorities from 1, and some drivers crash at 0; a
 * flow table's own is 0.
 */
#define ESWITCH_BLOCK_PRIO	1

/* Room for one rule at a time, used under the namespace's hw_mutex. Rules are
 * copied by drivers before they return.
 */
struct pnicfw_eswitch {
	struct pnicfw_flower flower;
	struct netlink_ext_ack extack;
};

/* Binding ****************************************************************/

static int eswitch_setup(struct pnicfw_port *port, enum tc_setup_type type,
			 enum flow_block_command command,
			 struct netlink_ext_ack *extack)
{
	struct net_device *dev = port->dev;
	struct flow_block_cb *cb, *next;
	struct flow_block_offload bo = {
		.command = command,
		.binder_type = FLOW_BLOCK_BINDER_TYPE_CLSACT_INGRESS,
		.net = dev_net(dev),
		.block = &port->block,
		.cb_list_head = &port->block.cb_list,
		.cb_list = LIST_HEAD_INIT(bo.cb_list),
		.extack = extack,
	};
	int err;

	ASSERT_RTNL();
	err = dev->netdev_ops->ndo_setup_tc(dev, type, &bo);
	if (err)
		return err;

	if (command == FLOW_BLOCK_BIND) {
		/* A driver may agree and still hang nothing on the list. */
		if (list_empty(&bo.cb_list))
			return -EOPNOTSUPP;
		list_splice(&bo.cb_list, &port->block.cb_list);
		return 0;
	}
	list_for_each_entry_safe(cb, next, &bo.cb_list, list) {
		list_del(&cb->list);
		flow_block_cb_free(cb);
	}
	return 0;
}

/**
 * pnicfw_eswitch_bind - find out how a port's device takes rules
 * @port: the port, unbound
 * @extack: where the reason for a refusal goes
 *
 * Representors of mlx5 take rules through TC_SETUP_FT, next to whatever tc
 * does; its uplink takes them through TC_SETUP_BLOCK only, which excludes a
 * clsact qdisc with rules for the hardware.
 *
 * Context: RTNL.
 * Return: 0; -EOPNOTSUPP where the device has no eswitch; -EBUSY where somebody
 * else holds its block; what the driver says.
 */
int pnicfw_eswitch_bind(struct pnicfw_port *port,
			struct netlink_ext_ack *extack)
{
	struct net_device *dev = port->dev;
	int err;

	if (!dev->netdev_ops->ndo_setup_tc ||
	    dev_get_port_parent_id(dev, &port->switch_id, false)) {
		NL_SET_ERR_MSG(extack, "dev: device belongs to no eswitch");
		return -EOPNOTSUPP;
	}

	err = eswitch_setup(port, TC_SETUP_FT, FLOW_BLOCK_BIND, extack);
	if (!err) {
		port->bind = PNICFW_BIND_FT;
		return 0;
	}
	err = eswitch_setup(port, TC_SETUP_BLOCK, FLOW_BLOCK_BIND, extack);
	if (!err) {
		port->bind = PNICFW_BIND_BLOCK;
		return 0;
	}
	if (err == -EBUSY)
		NL_SET_ERR_MSG(extack,
			       "dev: another owner, such as clsact, holds the device's block");
	else if (extack && !extack->_msg)
		NL_SET_ERR_MSG(extack, "dev: driver takes no rules");
	return err;
}

/**
 * pnicfw_eswitch_unbind - give the device's block back
 * @port: the port; none of its flows has a rule any more
 *
 * Context: RTNL.
 */
void pnicfw_eswitch_unbind(struct pnicfw_port *port)
{
	enum tc_setup_type type = TC_SETUP_FT;

	if (port->bind == PNICFW_BIND_NONE)
		return;
	if (port->bind == PNICFW_BIND_BLOCK)
		type = TC_SETUP_BLOCK;
	if (eswitch_setup(port, type, FLOW_BLOCK_UNBIND, NULL))
		netdev_warn(port->dev, "driver does not let go of its block\n");
	port->bind = PNICFW_BIND_NONE;
}

/**
 * pnicfw_eswitch_takes - may a port have rules?
 * @port: the port
 *
 * A port that is being switched off is bound until the last rule is out, and
 * no other may come in meanwhile.
 *
 * Return: whether the user wants it to, and it is bound.
 */
bool pnicfw_eswitch_takes(const struct pnicfw_port *port)
{
	return READ_ONCE(port->hw_wanted) && port->bind != PNICFW_BIND_NONE;
}

/**
 * pnicfw_eswitch_joins - can one rule take a packet from a port to another?
 * @a: one port
 * @b: the other
 *
 * Return: whether both may have rules, and are ports of the same eswitch.
 */
bool pnicfw_eswitch_joins(const struct pnicfw_port *a,
			  const struct pnicfw_port *b)
{
	return pnicfw_eswitch_takes(a) && pnicfw_eswitch_takes(b) &&
	       netdev_phys_item_id_same((void *)&a->switch_id,
					(void *)&b->switch_id);
}

/* The three verbs *********************************************************/

/* A direction's address names its rule: it is not reused before the rule is
 * gone, as the record lives until then.
 */
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
	/* Whatever is not an errno is not an answer. */
	return err > 0 || err < -MAX_ERRNO ? -EIO : err;
}

static int eswitch_replace(struct pnicfw_record *rec, u8 index,
			   const struct pnicfw_path *path)
{
	struct pnicfw_eswitch *esw = rec->pn->eswitch;
	struct pnicfw_dir *dir = &rec->dir[index];
	struct flow_cls_offload cls = {
		.command = FLOW_CLS_REPLACE,
		.cookie = (unsigned long)dir,
		.common.extack = &esw->extack,
	};
	struct pnicfw_key to;

	memset(&esw->extack, 0, sizeof(esw->extack));
	pnicfw_key_invert(&rec->dir[!index].key, &to);
	pnicfw_flower_build(&esw->flower, &dir->key, &to, &path->key);
	cls.rule = esw->flower.rule;
	cls.common.protocol = esw->flower.key.basic.n_proto;
	return eswitch_call(path->key.in, &cls);
}

/* Hardware counts whole frames, conntrack what is inside. */
static u64 eswitch_l3_bytes(const struct pnicfw_path *path, u64 packets,
			    u64 bytes)
{
	u32 l2 = ETH_HLEN + (path->key.vlan.proto ? VLAN_HLEN : 0);

	return bytes > packets * l2 ? bytes - packets * l2 : 0;
}

static int eswitch_stats(struct pnicfw_record *rec, u8 index,
			 const struct pnicfw_path *path)
{
	struct pnicfw_dir *dir = &rec->dir[index];
	struct flow_cls_offload cls = {
		.command = FLOW_CLS_STATS,
		.cookie = (unsigned long)dir,
	};
	u32 used;
	int err;

	err = eswitch_call(path->key.in, &cls);
	if (err || !cls.stats.pkts)
		return err;

	spin_lock_bh(&rec->lock);
	dir->hw.packets += cls.stats.pkts;
	dir->hw.bytes += eswitch_l3_bytes(path, cls.stats.pkts,
					  cls.stats.bytes);
	spin_unlock_bh(&rec->lock);

	used = time_after((unsigned long)cls.stats.lastused, jiffies) ?
	       jiffies : cls.stats.lastused;
	if ((s32)(used - READ_ONCE(dir->used)) > 0)
		WRITE_ONCE(dir->used, used);
	return 0;
}

static void eswitch_destroy(struct pnicfw_record *rec, u8 index,
			    const struct pnicfw_path *path)
{
	struct flow_cls_offload cls = {
		.command = FLOW_CLS_DESTROY,
		.cookie = (unsigned long)&rec->dir[index],
	};
	int err;

	err = eswitch_call(path->key.in, &cls);
	if (err)
		pnicfw_stats_hw_failed(rec->pn, err);
	else
		atomic64_inc(&rec->pn->gauges.hw_deleted);
}

/* The reconciler **********************************************************/

/* Take out what is there. The counters are read first: a driver forgets them
 * with the rule.
 */
static void eswitch_remove(struct pnicfw_record *rec)
{
	struct pnicfw_path *path;
	int i;

	pnicfw_ct_show_hw(rec->ct, false);
	for (i = 0; i < IP_CT_DIR_MAX; i++) {
		path = rec->hw_path[i];
		if (!path)
			continue;
		eswitch_stats(rec, i, path);
		eswitch_destroy(rec, i, path);
		rec->hw_path[i] = NULL;
		pnicfw_path_put(rec->pn, path);
	}
	pnicfw_age_sync(rec);
	/* Tier 1 may see the rest of the connection. */
	pnicfw_ct_return(rec->ct);
}

/* The way of a direction, with a reference, if it is still good. */
static struct pnicfw_path *eswitch_path(struct pnicfw_record *rec, u8 index)
{
	struct pnicfw_path *path;

	rcu_read_lock();
	path = rcu_dereference(rec->dir[index].path);
	if (path && (READ_ONCE(path->dead) || READ_ONCE(path->key.in->dead) ||
		     READ_ONCE(path->key.out->dead) ||
		     !pnicfw_eswitch_joins(path->key.in, path->key.out) ||
		     !refcount_inc_not_zero(&path->refs)))
		path = NULL;
	rcu_read_unlock();
	return path;
}

static int eswitch_install_dir(struct pnicfw_record *rec, u8 index)
{
	struct pnicfw_path *path = eswitch_path(rec, index);
	int err;

	if (!path)
		return -ESTALE;
	err = eswitch_replace(rec, index, path);
	if (err) {
		pnicfw_stats_hw_failed(rec->pn, err);
		trace_pnicfw_refused(rec, index, err,
					rec->pn->eswitch->extack._msg);
		pnicfw_path_put(rec->pn, path);
		return err;
	}
	rec->hw_path[index] = path;
	atomic64_inc(&rec->pn->gauges.hw_inserted);
	return 0;
}

/* Both directions or none. */
static int eswitch_install(struct pnicfw_record *rec)
{
	int err;

	err = eswitch_install_dir(rec, IP_CT_DIR_ORIGINAL);
	if (!err)
		err = eswitch_install_dir(rec, IP_CT_DIR_REPLY);
	if (err) {
		eswitch_remove(rec);
		return err;
	}
	pnicfw_ct_show_hw(rec->ct, true);
	return 0;
}

static void eswitch_tell(struct pnicfw_record *rec, u8 have, int err)
{
	enum pnicfw_reason why = READ_ONCE(rec->hw_why);

	if (err) {
		pnicfw_netlink_hw(rec, PNICFW_HW_EVENT_FAILED, why, err);
	} else if (have) {
		trace_pnicfw_offloaded(rec, 0, PNICFW_REASON_NONE);
		pnicfw_netlink_hw(rec, PNICFW_HW_EVENT_OFFLOADED, why, 0);
	} else {
		trace_pnicfw_demoted(rec, 0, why);
		pnicfw_netlink_hw(rec, PNICFW_HW_EVENT_DEMOTED, why, 0);
	}
	if (!READ_ONCE(rec->closing))
		pnicfw_netlink_flow(rec, PNICFW_EVENT_CHANGE, why);
}

/* Make the eswitch have what is wanted.
 * Return: true where the wish changed meanwhile.
 */
static bool eswitch_reconcile(struct pnicfw_record *rec)
{
	u8 had = READ_ONCE(rec->hw_have), have = had;
	bool again;
	int err = 0;

	if (READ_ONCE(rec->hw_want) && !have) {
		err = eswitch_install(rec);
		have = err ? 0 : PNICFW_HW_BOTH;
		rec->hw_errno = -err;
		rec->hw_retry = jiffies;
		if (err == -ESTALE) {
			rec->hw_why = PNICFW_REASON_STALE;
		} else if (err) {
			rec->hw_why = PNICFW_REASON_REFUSED;
			rec->hw_retry += ESWITCH_RETRY;
		}
	} else if (!READ_ONCE(rec->hw_want) && have) {
		eswitch_remove(rec);
		have = 0;
	}
	again = pnicfw_record_settled(rec, have);
	if (had != have || err)
		eswitch_tell(rec, have, err);
	return again;
}

static struct pnicfw_record *eswitch_next(struct pnicfw_net *pn)
{
	struct pnicfw_record *rec;

	spin_lock_bh(&pn->hw_lock);
	rec = list_first_entry_or_null(&pn->hw_todo, struct pnicfw_record,
				       hw_node);
	if (rec)
		list_del_init(&rec->hw_node);
	spin_unlock_bh(&pn->hw_lock);
	return rec;
}

static void eswitch_work(struct work_struct *work)
{
	struct pnicfw_net *pn = container_of(work, struct pnicfw_net, hw_work);
	struct pnicfw_record *rec;
	bool again;

	while ((rec = eswitch_next(pn))) {
		/* Not for all at once: statistics want their turn. */
		mutex_lock(&pn->hw_mutex);
		do {
			again = eswitch_reconcile(rec);
		} while (again);
		mutex_unlock(&pn->hw_mutex);
		pnicfw_record_put(rec);
		cond_resched();
	}
}

/**
 * pnicfw_eswitch_want - say whether the eswitch should have a connection
 * @rec: the record
 * @want: whether it should
 * @why: why not, where it should not
 *
 * Context: BH off, @rec->lock held; RCU or a reference keeps the record.
 */
void pnicfw_eswitch_want(struct pnicfw_record *rec, bool want,
			 enum pnicfw_reason why)
{
	struct pnicfw_net *pn = rec->pn;

	lockdep_assert_held(&rec->lock);
	if (rec->hw_want == want)
		return;
	WRITE_ONCE(rec->hw_want, want);
	WRITE_ONCE(rec->hw_why, why);
	if (rec->hw_busy)
		return;		/* the worker will look again */
	rec->hw_busy = true;

	/* Not zero: a record that is not closing is in the tables. */
	refcount_inc(&rec->refs);
	spin_lock(&pn->hw_lock);
	list_add_tail(&rec->hw_node, &pn->hw_todo);
	spin_unlock(&pn->hw_lock);
	queue_work(system_unbound_wq, &pn->hw_work);
}

/**
 * pnicfw_eswitch_poll - hear what the eswitch carried of a connection
 * @rec: the record; the caller holds it
 *
 * A rule that the driver no longer knows is not there: the connection is taken
 * out whole, and climbs again.
 *
 * Context: process.
 */
void pnicfw_eswitch_poll(struct pnicfw_record *rec)
{
	struct pnicfw_net *pn = rec->pn;
	int err = 0, i;

	if (!READ_ONCE(rec->hw_have))
		return;

	mutex_lock(&pn->hw_mutex);
	for (i = 0; i < IP_CT_DIR_MAX && rec->hw_have; i++)
		err = eswitch_stats(rec, i, rec->hw_path[i]) ?: err;
	mutex_unlock(&pn->hw_mutex);
	if (!err)
		return;

	pnicfw_stats_hw_failed(pn, err);
	spin_lock_bh(&rec->lock);
	pnicfw_eswitch_want(rec, false, PNICFW_REASON_REFUSED);
	spin_unlock_bh(&rec->lock);
}

/**
 * pnicfw_eswitch_flush - wait until the eswitch has what was wanted before
 * @pn: the namespace
 *
 * Context: process; RTNL may be held, drivers are called without it.
 */
void pnicfw_eswitch_flush(struct pnicfw_net *pn)
{
	flush_work(&pn->hw_work);
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
	spin_lock_init(&pn->hw_lock);
	INIT_LIST_HEAD(&pn->hw_todo);
	INIT_WORK(&pn->hw_work, eswitch_work);
	return 0;
}

/**
 * pnicfw_eswitch_exit - end it; no records are left
 * @pn: the namespace
 */
void pnicfw_eswitch_exit(struct pnicfw_net *pn)
{
	cancel_work_sync(&pn->hw_work);
	pnicfw_flower_exit(&pn->eswitch->flower);
	kfree(pn->eswitch);
}
