/* SPDX-License-Identifier: GPL-2.0 */
/*
 * hook - where in netfilter packets are looked at
 *
 * At each port's ingress and egress; and, while a namespace has ports, on two of
 * the stack's own ways out.
 */
#ifndef PNICFW_HOOK_H
#define PNICFW_HOOK_H

struct pnicfw_net;
struct pnicfw_port;

int pnicfw_hook_start_port(struct pnicfw_port *port);
void pnicfw_hook_stop_port(struct pnicfw_port *port);
int pnicfw_hook_start_net(struct pnicfw_net *pn);
void pnicfw_hook_stop_net(struct pnicfw_net *pn);

#endif /* PNICFW_HOOK_H */
