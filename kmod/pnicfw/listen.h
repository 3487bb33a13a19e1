/* SPDX-License-Identifier: GPL-2.0 */
/*
 * listen - hear what the kernel tells userspace only
 *
 * Of nftables commits, nexthops, settings and what bridges do with their ports
 * no notifier tells: netlink's messages do, and so pnicfw has sockets as any
 * program would. It reads of each message no more than whether what was learned
 * may be untrue now, and does so where the change is made, before it returns.
 */
#ifndef PNICFW_LISTEN_H
#define PNICFW_LISTEN_H

struct pnicfw_net;

void pnicfw_listen_init(struct pnicfw_net *pn);
void pnicfw_listen_exit(struct pnicfw_net *pn);
int pnicfw_listen_start(struct pnicfw_net *pn);
void pnicfw_listen_stop(struct pnicfw_net *pn);

#endif /* PNICFW_LISTEN_H */
