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

/**
 * typedef pnicfw_bridge_ask_t - br_get_ageing_time()
 * @bridge: the bridge
 *
 * Return: how long it remembers who is where.
 */
typedef clock_t pnicfw_bridge_ask_t(const struct net_device *bridge);

void pnicfw_bridge_init(struct pnicfw_net *pn);
void pnicfw_bridge_start(struct pnicfw_net *pn);
void pnicfw_bridge_forget(struct pnicfw_net *pn);
bool pnicfw_bridge_changed(struct pnicfw_net *pn, const struct sk_buff *skb);
pnicfw_bridge_ask_t *pnicfw_bridge_ask(void);
void pnicfw_bridge_asked(pnicfw_bridge_ask_t *ask);
u32 pnicfw_bridge_ageing(struct net_device *dev, pnicfw_bridge_ask_t *ask);

#endif /* PNICFW_BRIDGE_H */
