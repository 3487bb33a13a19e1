/* SPDX-License-Identifier: GPL-2.0 */
/*
 * netlink_msg - what the files of the netlink room share
 */
#ifndef PNICFW_NETLINK_MSG_H
#define PNICFW_NETLINK_MSG_H

#include <net/genetlink.h>

#include "netlink_gen.h"

struct pnicfw_denial;
struct pnicfw_key;
struct pnicfw_net;
struct pnicfw_netlink_filter;
struct pnicfw_params;
struct pnicfw_port;
struct pnicfw_record;
struct pnicfw_count;
struct pnicfw_rule;
struct pnicfw_view_dev;

extern struct genl_family pnicfw_netlink_family;

int pnicfw_netlink_allow(struct nlattr *const *tb, int max, u32 allowed,
			 struct netlink_ext_ack *extack);
int pnicfw_netlink_ifindex(struct net *net, const struct nlattr *index,
			   const struct nlattr *name,
			   struct netlink_ext_ack *extack);
struct sk_buff *pnicfw_netlink_reply(struct genl_info *info, size_t size,
				     void **hdr);
int pnicfw_netlink_send(struct sk_buff *msg, void *hdr, int err,
			struct genl_info *info);

int pnicfw_netlink_put_tuple(struct sk_buff *skb, const struct pnicfw_key *key);
int pnicfw_netlink_put_dev(struct sk_buff *skb, int index_type, int name_type,
			   const struct pnicfw_view_dev *dev);
int pnicfw_netlink_put_count(struct sk_buff *skb, int type,
			     const struct pnicfw_count *count);
int pnicfw_netlink_put_flow(struct sk_buff *skb,
			    struct pnicfw_record *rec);
int pnicfw_netlink_put_denial(struct sk_buff *skb, struct pnicfw_net *pn,
			      struct pnicfw_denial *denial);
int pnicfw_netlink_get_denial(struct sk_buff *skb, struct pnicfw_net *pn,
			      u32 id);
int pnicfw_netlink_dump_denials(struct sk_buff *skb, struct netlink_callback *cb,
				struct pnicfw_net *pn, unsigned long *id,
				const struct pnicfw_netlink_filter *filter);
u32 pnicfw_netlink_end_denials(struct pnicfw_net *pn,
			       const struct pnicfw_netlink_filter *filter,
			       enum pnicfw_reason why);
int pnicfw_netlink_put_params(struct sk_buff *skb,
			      const struct pnicfw_params *params);
int pnicfw_netlink_put_port(struct sk_buff *skb,
			    const struct pnicfw_port *port, bool all);
u32 pnicfw_netlink_close_flows(struct pnicfw_net *pn,
			       const struct pnicfw_netlink_filter *filter,
			       enum pnicfw_reason why);
void pnicfw_netlink_ntf_switch(bool on);
void pnicfw_netlink_rule(struct net *net, const struct pnicfw_rule *rule,
			 enum pnicfw_event event);
void pnicfw_netlink_params(struct net *net, const struct pnicfw_params *params);

#endif /* PNICFW_NETLINK_MSG_H */
