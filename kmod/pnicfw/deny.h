/* SPDX-License-Identifier: GPL-2.0 */
/*
 * deny - packets of connections that a policy rule denies
 *
 * They are dropped once conntrack and NAT have seen them, where they would
 * leave, and conntrack forgets the connection: no packet of it gets through, so
 * there is none that could answer. The next packets like it tier 2 drops (denial
 * room), where it is certain that tier 1 would.
 */
#ifndef PNICFW_DENY_H
#define PNICFW_DENY_H

#include <linux/types.h>

struct net_device;
struct pnicfw_denial_case;
struct pnicfw_net;
struct pnicfw_witness;
struct sk_buff;

bool pnicfw_deny_packet(struct pnicfw_net *pn, struct sk_buff *skb,
			const struct net_device *out);
bool pnicfw_deny_case(struct pnicfw_witness *w, struct pnicfw_denial_case *is);
bool pnicfw_deny_remember(const struct pnicfw_witness *w,
			  const struct pnicfw_denial_case *is, bool known);

#endif /* PNICFW_DENY_H */
