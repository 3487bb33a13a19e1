/* SPDX-License-Identifier: GPL-2.0 */
/*
 * eswitch - tier 3: binding to the driver, the reconciler, the three verbs
 *
 * A record says what is wanted of the eswitch and what the eswitch has. A
 * worker makes the second equal the first, for both directions or none. There
 * is no work item for an operation, so nothing can overtake anything.
 *
 * Only this room calls a driver.
 */
#ifndef PNICFW_ESWITCH_H
#define PNICFW_ESWITCH_H

#include <linux/types.h>
#include <linux/pnicfw.h>

struct netlink_ext_ack;
struct pnicfw_net;
struct pnicfw_port;
struct pnicfw_record;

int pnicfw_eswitch_init(struct pnicfw_net *pn);
void pnicfw_eswitch_exit(struct pnicfw_net *pn);

int pnicfw_eswitch_bind(struct pnicfw_port *port,
			struct netlink_ext_ack *extack);
void pnicfw_eswitch_unbind(struct pnicfw_port *port);
bool pnicfw_eswitch_takes(const struct pnicfw_port *port);
bool pnicfw_eswitch_joins(const struct pnicfw_port *a,
			  const struct pnicfw_port *b);

void pnicfw_eswitch_want(struct pnicfw_record *rec, bool want,
			 enum pnicfw_reason why);
void pnicfw_eswitch_poll(struct pnicfw_record *rec);
void pnicfw_eswitch_flush(struct pnicfw_net *pn);

#endif /* PNICFW_ESWITCH_H */
