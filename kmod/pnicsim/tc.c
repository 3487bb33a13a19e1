// SPDX-License-Identifier: GPL-2.0
/* How clients reach the hardware table: blocks, flow tables, flower commands
 *
 * Commands come from several contexts at once, RTNL held or not, but always
 * from process context: inserts and deletes take their time.
 */

#include <linux/delay.h>
#include <net/flow_offload.h>
#include <net/pkt_cls.h>

#include "extack.h"
#include "flower.h"
#include "match.h"
#include "nic.h"
#include "port.h"
#include "profile.h"
#include "rule.h"
#include "store.h"
#include "tc.h"

/**
 * pnicsim_binding_init - make one of a port's two bindings
 * @binding: binding
 * @kind: which of them
 * @port: the port
 */
void pnicsim_binding_init(struct pnicsim_binding *binding,
			  enum pnicsim_bind_kind kind,
			  struct pnicsim_port *port)
{
	binding->kind = kind;
	binding->port = port;
	binding->input = &port->input;
	INIT_LIST_HEAD(&binding->blocks);
}

static void take_time(u32 usecs)
{
	might_sleep();
	if (usecs)
		fsleep(usecs);
}

/* One of the next so many */
static bool is_next(atomic_t *count)
{
	return atomic_dec_if_positive(count) >= 0;
}

static int check_state(const struct pnicsim_binding *binding,
		       struct netlink_ext_ack *extack)
{
	if (READ_ONCE(binding->port->nic->mode) !=
	    DEVLINK_ESWITCH_MODE_SWITCHDEV)
		return pnicsim_refuse(extack, -EOPNOTSUPP,
				      "Rules are supported in switchdev mode only");
	if (!tc_can_offload_extack(binding->dev, extack))
		return -EOPNOTSUPP;
	return 0;
}

static int insert(struct pnicsim_nic *nic, struct pnicsim_rule *rule,
		  const struct pnicsim_profile *profile,
		  const struct pnicsim_fields *mask,
		  struct netlink_ext_ack *extack)
{
	struct pnicsim_knobs *knobs = &nic->knobs;
	const struct pnicsim_limits limits = {
		.rules		= READ_ONCE(knobs->table_size),
		.ft_rules	= READ_ONCE(knobs->ft_rules) ?:
				  profile->max_ft_rules,
		.masks		= profile->max_masks,
	};

	take_time(READ_ONCE(knobs->insert_delay_us));
	if (is_next(&knobs->fail_inserts))
		return -READ_ONCE(knobs->fail_errno);
	if (is_next(&knobs->fake_inserts)) {
		pnicsim_store_put(rule);
		return 0;
	}
	return pnicsim_table_insert(&nic->table, rule, mask, &limits, extack);
}

static int rule_replace(struct pnicsim_binding *binding,
			struct flow_cls_offload *cls)
{
	struct pnicsim_nic *nic = binding->port->nic;
	const struct pnicsim_profile *profile;
	struct pnicsim_match match;
	struct pnicsim_rule *rule;
	int err;

	err = check_state(binding, cls->common.extack);
	if (err)
		return err;
	profile = READ_ONCE(nic->knobs.profile);
	rule = pnicsim_flower_parse(binding, cls, profile, &match);
	if (IS_ERR(rule))
		return PTR_ERR(rule);
	err = insert(nic, rule, profile, &match.mask, cls->common.extack);
	if (err)
		pnicsim_store_put(rule);
	return err;
}

static bool rule_exists(struct pnicsim_binding *binding, unsigned long cookie)
{
	bool exists;

	rcu_read_lock();
	exists = pnicsim_table_find(&binding->port->nic->table, binding,
				    cookie);
	rcu_read_unlock();
	return exists;
}

static int rule_destroy(struct pnicsim_binding *binding,
			struct flow_cls_offload *cls)
{
	struct pnicsim_nic *nic = binding->port->nic;

	if (!rule_exists(binding, cls->cookie))
		return -EINVAL;
	take_time(READ_ONCE(nic->knobs.delete_delay_us));
	if (is_next(&nic->knobs.lose_deletes))
		return 0;
	return pnicsim_table_remove(&nic->table, binding, cls->cookie);
}

/* More than any wire carries, at a time that has yet to come */
static void make_odd(struct pnicsim_count *delta)
{
	delta->packets = BIT_ULL(62);
	delta->bytes = 1;
	delta->lastused = jiffies + 1000 * HZ;
}

static int rule_stats(struct pnicsim_binding *binding,
		      struct flow_cls_offload *cls)
{
	struct pnicsim_nic *nic = binding->port->nic;
	struct pnicsim_count delta;
	struct pnicsim_rule *rule;

	if (is_next(&nic->knobs.lose_stats))
		return -EINVAL;
	rcu_read_lock();
	rule = pnicsim_table_find(&nic->table, binding, cls->cookie);
	if (rule)
		pnicsim_counter_poll(&rule->counter, pnicsim_stats_period(nic),
				     &delta);
	rcu_read_unlock();
	if (!rule)
		return -EINVAL;
	if (is_next(&nic->knobs.odd_stats))
		make_odd(&delta);
	flow_stats_update(&cls->stats, delta.bytes, delta.packets, 0,
			  delta.lastused, FLOW_ACTION_HW_STATS_DELAYED);
	return 0;
}

static int carry_out(struct pnicsim_binding *binding,
		     struct flow_cls_offload *cls)
{
	if (is_next(&binding->port->nic->knobs.odd_answers))
		return 1;
	switch (cls->command) {
	case FLOW_CLS_REPLACE:
		return rule_replace(binding, cls);
	case FLOW_CLS_DESTROY:
		return rule_destroy(binding, cls);
	case FLOW_CLS_STATS:
		return rule_stats(binding, cls);
	default:
		return -EOPNOTSUPP;
	}
}

static int block_cb(enum tc_setup_type type, void *type_data, void *cb_priv)
{
	struct pnicsim_binding *binding = cb_priv;
	struct pnicsim_calls *calls = &binding->port->nic->calls;
	struct flow_cls_offload *cls = type_data;
	struct pnicsim_call call;
	int err;

	if (type != TC_SETUP_CLSFLOWER)
		return -EOPNOTSUPP;
	pnicsim_call_begin(calls, &call, binding, cls->cookie);
	err = carry_out(binding, cls);
	pnicsim_call_end(calls, &call);
	return err;
}

/* One of a block's callbacks: an address in the binding is its name. */
static int bind_callback(struct pnicsim_binding *binding, unsigned int nr,
			 struct flow_block_offload *bo)
{
	return flow_block_cb_setup_simple(bo, &binding->blocks, block_cb,
					  (char *)binding + nr, binding, true);
}

/* A driver hangs one callback there. None or several are for clients to cope with. */
static int bind(struct pnicsim_binding *binding, struct flow_block_offload *bo)
{
	const struct pnicsim_knobs *knobs = &binding->port->nic->knobs;
	unsigned int nr, n = READ_ONCE(knobs->callbacks);
	int err = 0;

	bo->unlocked_driver_cb = READ_ONCE(knobs->unlocked);
	if (bo->command == FLOW_BLOCK_UNBIND) {
		for (nr = 1; nr < PNICSIM_MAX_CALLBACKS; nr++)
			bind_callback(binding, nr, bo);
		return bind_callback(binding, 0, bo);
	}
	for (nr = 0; nr < n && !err; nr++)
		err = bind_callback(binding, nr, bo);
	return err;
}

static bool takes_ft(const struct pnicsim_port *port)
{
	return !pnicsim_port_is_uplink(port) ||
	       READ_ONCE(port->nic->knobs.profile)->uplink_ft;
}

/**
 * pnicsim_setup_tc - ndo_setup_tc of uplinks and representors
 * @dev: one of them
 * @type: TC_SETUP_BLOCK, or TC_SETUP_FT where the profile has it
 * @type_data: struct flow_block_offload
 *
 * Context: process.
 * Return: 0; -EBUSY where one of the kind is bound already, -EOPNOTSUPP for
 * another type or anything but ingress, -ENOENT, -ENOMEM.
 */
int pnicsim_setup_tc(struct net_device *dev, enum tc_setup_type type,
		     void *type_data)
{
	struct pnicsim_port *port = pnicsim_port_of(dev);
	struct flow_block_offload *bo = type_data;

	switch (type) {
	case TC_SETUP_BLOCK:
		return bind(&port->bindings[PNICSIM_BIND_BLOCK], bo);
	case TC_SETUP_FT:
		/* What was bound under another profile can be unbound. */
		if (bo->command == FLOW_BLOCK_BIND && !takes_ft(port))
			return -EOPNOTSUPP;
		return bind(&port->bindings[PNICSIM_BIND_FT], bo);
	default:
		return -EOPNOTSUPP;
	}
}
