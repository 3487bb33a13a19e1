/* SPDX-License-Identifier: GPL-2.0 */
/*
 * bridge - what bridges say of their ports
 *
 * A bridge tells of a port's state, flags and VLANs by netlink messages; no
 * notifier does. It also tells when nothing has changed: its forward delay
 * timer does so for every port that has come up. What was said last is
 * remembered, to tell one from the other.
 */
#ifndef PNICFW_BRIDGE_H
#define PNICFW_BRIDGE_H

#include <linux/types.h>

struct net_device;
struct pnicfw_net;
struct sk_buff;

void pnicfw_bridge_init(struct pnicfw_net *pn);
void pnicfw_bridge_start(struct pnicfw_net *pn);
void pnicfw_bridge_forget(struct pnicfw_net *pn);
bool pnicfw_bridge_changed(struct pnicfw_net *pn, const struct sk_buff *skb);
u32 pnicfw_bridge_ageing(struct net_device *dev);

#endif /* PNICFW_BRIDGE_H */
