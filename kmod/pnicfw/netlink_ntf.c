// SPDX-License-Identifier: GPL-2.0
/*
 * netlink_ntf - what the netlink family tells those who listen
 *
 * Nothing is built while nobody does. A listener that missed an event, because
 * memory was short, learns that it did: its next read fails with ENOBUFS.
 */
#include <net/netfilter/nf_conntrack.h>

#include "net.h"
#include "netlink.h"
#include "netlink_msg.h"
#include "netlink_rule.h"
#include "port.h"
#include "record.h"

/* The last records go when the family has gone already, and their groups' ids
 * may be another family's by then. Under RCU.
 */
static bool ntf_on __read_mostly;

/**
 * pnicfw_netlink_ntf_switch - allow notifications, or end them
 * @on: whether the family is there
 *
 * Context: process; ending them waits for those under way.
 */
void pnicfw_netlink_ntf_switch(bool on)
{
	WRITE_ONCE(ntf_on, on);
	if (!on)
		synchronize_rcu();
}

/* Notifications come from any context, packets' included. */
static struct sk_buff *ntf_begin(struct net *net, int group, u8 cmd, void **hdr)
{
	struct sk_buff *msg;

	if (!READ_ONCE(ntf_on) ||
	    !genl_has_listeners(&pnicfw_netlink_family, net, group))
		return NULL;
	msg = genlmsg_new(NLMSG_DEFAULT_SIZE, GFP_ATOMIC);
	if (!msg) {
		genl_set_err(&pnicfw_netlink_family, net, 0, group, -ENOBUFS);
		return NULL;
	}
	/* The message is empty, so its header fits. */
	*hdr = genlmsg_put(msg, 0, 0, &pnicfw_netlink_family, 0, cmd);
	return msg;
}

static void ntf_send(struct net *net, int group, struct sk_buff *msg, void *hdr,
		     int err)
{
	if (WARN_ON_ONCE(err)) {
		nlmsg_free(msg);
		genl_set_err(&pnicfw_netlink_family, net, 0, group, -ENOBUFS);
		return;
	}
	genlmsg_end(msg, hdr);
	genlmsg_multicast_netns(&pnicfw_netlink_family, net, msg, 0, group,
				GFP_ATOMIC);
}

/**
 * pnicfw_netlink_flow - tell of a connection
 * @rec: its record; the caller holds it, or frees it afterwards
 * @event: what happened
 * @why: the reason
 *
 * Context: any but hard interrupts.
 */
void pnicfw_netlink_flow(struct pnicfw_record *rec, enum pnicfw_event event,
			 enum pnicfw_reason why)
{
	struct net *net = nf_ct_net(pnicfw_record_ct(rec));
	struct sk_buff *msg;
	void *hdr;
	int err;

	rcu_read_lock();
	msg = ntf_begin(net, PNICFW_NLGRP_FLOW, PNICFW_CMD_FLOW_NTF, &hdr);
	if (!msg)
		goto out;
	err = nla_put_u32(msg, PNICFW_A_EVENT, event) ?:
	      nla_put_u32(msg, PNICFW_A_REASON, why) ?:
	      pnicfw_netlink_put_flow(msg, rec);
	ntf_send(net, PNICFW_NLGRP_FLOW, msg, hdr, err);
out:
	rcu_read_unlock();
}

/**
 * pnicfw_netlink_hw - tell of what happened between a connection and the
 * eswitch
 * @rec: its record; the caller holds it
 * @event: what happened
 * @why: the reason
 * @err: what the driver answered, 0 or a negative errno
 *
 * Context: any but hard interrupts.
 */
void pnicfw_netlink_hw(struct pnicfw_record *rec, enum pnicfw_hw_event event,
		       enum pnicfw_reason why, int err)
{
	struct net *net = nf_ct_net(pnicfw_record_ct(rec));
	struct sk_buff *msg;
	void *hdr;
	int full;

	rcu_read_lock();
	msg = ntf_begin(net, PNICFW_NLGRP_HW, PNICFW_CMD_HW_NTF, &hdr);
	if (!msg)
		goto out;
	full = nla_put_u32(msg, PNICFW_A_HW_EVENT, event) ?:
	       nla_put_u32(msg, PNICFW_A_REASON, why) ?:
	       nla_put_u32(msg, PNICFW_A_ERRNO, -err) ?:
	       pnicfw_netlink_put_flow(msg, rec);
	ntf_send(net, PNICFW_NLGRP_HW, msg, hdr, full);
out:
	rcu_read_unlock();
}

/**
 * pnicfw_netlink_denial - tell of a denial
 * @pn: the namespace
 * @denial: the denial; the caller holds it
 * @event: what happened
 * @why: the reason
 *
 * Context: any but hard interrupts.
 */
void pnicfw_netlink_denial(struct pnicfw_net *pn, struct pnicfw_denial *denial,
			   enum pnicfw_event event, enum pnicfw_reason why)
{
	struct sk_buff *msg;
	void *hdr;
	int err;

	rcu_read_lock();
	msg = ntf_begin(pn->net, PNICFW_NLGRP_FLOW, PNICFW_CMD_FLOW_NTF, &hdr);
	if (!msg)
		goto out;
	err = nla_put_u32(msg, PNICFW_A_EVENT, event) ?:
	      nla_put_u32(msg, PNICFW_A_REASON, why) ?:
	      pnicfw_netlink_put_denial(msg, pn, denial);
	ntf_send(pn->net, PNICFW_NLGRP_FLOW, msg, hdr, err);
out:
	rcu_read_unlock();
}

/**
 * pnicfw_netlink_denial_hw - tell of what happened between a denial and the
 * eswitch
 * @pn: the namespace
 * @denial: the denial; the caller holds it
 * @event: what happened
 * @why: the reason
 * @err: what the driver answered, 0 or a negative errno
 *
 * Context: any but hard interrupts.
 */
void pnicfw_netlink_denial_hw(struct pnicfw_net *pn,
			      struct pnicfw_denial *denial,
			      enum pnicfw_hw_event event,
			      enum pnicfw_reason why, int err)
{
	struct sk_buff *msg;
	void *hdr;
	int full;

	rcu_read_lock();
	msg = ntf_begin(pn->net, PNICFW_NLGRP_HW, PNICFW_CMD_HW_NTF, &hdr);
	if (!msg)
		goto out;
	full = nla_put_u32(msg, PNICFW_A_HW_EVENT, event) ?:
	       nla_put_u32(msg, PNICFW_A_REASON, why) ?:
	       nla_put_u32(msg, PNICFW_A_ERRNO, -err) ?:
	       pnicfw_netlink_put_denial(msg, pn, denial);
	ntf_send(pn->net, PNICFW_NLGRP_HW, msg, hdr, full);
out:
	rcu_read_unlock();
}

/**
 * pnicfw_netlink_port - tell of a port
 * @port: the port
 * @event: what happened
 *
 * Context: RTNL.
 */
void pnicfw_netlink_port(const struct pnicfw_port *port,
			 enum pnicfw_event event)
{
	struct net *net = port->pn->net;
	struct sk_buff *msg;
	void *hdr;
	int err;

	rcu_read_lock();
	msg = ntf_begin(net, PNICFW_NLGRP_PORT, PNICFW_CMD_PORT_NTF, &hdr);
	if (!msg)
		goto out;
	err = nla_put_u32(msg, PNICFW_A_EVENT, event) ?:
	      pnicfw_netlink_put_port(msg, port, false);
	ntf_send(net, PNICFW_NLGRP_PORT, msg, hdr, err);
out:
	rcu_read_unlock();
}

/**
 * pnicfw_netlink_params - tell of changed parameters
 * @net: the namespace
 * @params: the parameters
 *
 * Context: any but hard interrupts.
 */
void pnicfw_netlink_params(struct net *net, const struct pnicfw_params *params)
{
	struct sk_buff *msg;
	void *hdr;
	int err;

	rcu_read_lock();
	msg = ntf_begin(net, PNICFW_NLGRP_POLICY, PNICFW_CMD_PARAM_NTF, &hdr);
	if (!msg)
		goto out;
	err = nla_put_u32(msg, PNICFW_A_EVENT, PNICFW_EVENT_CHANGE) ?:
	      pnicfw_netlink_put_params(msg, params);
	ntf_send(net, PNICFW_NLGRP_POLICY, msg, hdr, err);
out:
	rcu_read_unlock();
}

/**
 * pnicfw_netlink_rule - tell of a policy rule
 * @net: the namespace
 * @rule: the rule; the policy's mutex held
 * @event: what happened
 *
 * Context: process.
 */
void pnicfw_netlink_rule(struct net *net, const struct pnicfw_rule *rule,
			 enum pnicfw_event event)
{
	struct sk_buff *msg;
	void *hdr;
	int err;

	rcu_read_lock();
	msg = ntf_begin(net, PNICFW_NLGRP_POLICY, PNICFW_CMD_POLICY_NTF, &hdr);
	if (!msg)
		goto out;
	err = nla_put_u32(msg, PNICFW_A_EVENT, event) ?:
	      pnicfw_netlink_put_rule(msg, net, rule);
	ntf_send(net, PNICFW_NLGRP_POLICY, msg, hdr, err);
out:
	rcu_read_unlock();
}
