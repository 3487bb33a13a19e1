/* SPDX-License-Identifier: GPL-2.0 */
/*
 * bind - tier 3: how a port's device takes rules
 *
 * Drivers differ: see pnicfw_bind_take(). A port of a device without an eswitch
 * stays unbound, and works in software.
 */
#ifndef PNICFW_BIND_H
#define PNICFW_BIND_H

#include <linux/types.h>

struct netlink_ext_ack;
struct pnicfw_port;

int pnicfw_bind_take(struct pnicfw_port *port, struct netlink_ext_ack *extack);
void pnicfw_bind_release(struct pnicfw_port *port);
bool pnicfw_bind_usable(const struct pnicfw_port *port);
bool pnicfw_bind_joins(const struct pnicfw_port *a,
		       const struct pnicfw_port *b);

#endif /* PNICFW_BIND_H */
