/* SPDX-License-Identifier: GPL-2.0 */
/*
 * netlink - the generic netlink family "pnicfw": what users see, change, and
 * hear of
 *
 * The spec is Documentation/netlink/specs/pnicfw.yaml; netlink_gen.[ch] are
 * generated from it.
 */
#ifndef PNICFW_NETLINK_H
#define PNICFW_NETLINK_H

#include <linux/pnicfw.h>

struct pnicfw_denial;
struct pnicfw_net;
struct pnicfw_port;
struct pnicfw_record;

int pnicfw_netlink_init(void);
void pnicfw_netlink_exit(void);

void pnicfw_netlink_flow(struct pnicfw_record *rec,
			 enum pnicfw_event event, enum pnicfw_reason why);
void pnicfw_netlink_hw(struct pnicfw_record *rec,
		       enum pnicfw_hw_event event, enum pnicfw_reason why,
		       int err);
void pnicfw_netlink_denial(struct pnicfw_net *pn, struct pnicfw_denial *denial,
			   enum pnicfw_event event, enum pnicfw_reason why);
void pnicfw_netlink_denial_hw(struct pnicfw_net *pn,
			      struct pnicfw_denial *denial,
			      enum pnicfw_hw_event event,
			      enum pnicfw_reason why, int err);
void pnicfw_netlink_port(const struct pnicfw_port *port,
			 enum pnicfw_event event);

#endif /* PNICFW_NETLINK_H */
