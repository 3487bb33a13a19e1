/* SPDX-License-Identifier: GPL-2.0 */
/*
 * deny - packets of connections that a policy rule denies
 *
 * They are dropped once conntrack and NAT have seen them, where they would
 * leave, and conntrack forgets the connection: no packet of it gets through, so
 * there is none that could answer.
 */
#ifndef PNICFW_DENY_H
#define PNICFW_DENY_H

#include <linux/types.h>

struct pnicfw_net;
struct sk_buff;

bool pnicfw_deny_packet(struct pnicfw_net *pn, struct sk_buff *skb, int out);

#endif /* PNICFW_DENY_H */
