/* SPDX-License-Identifier: GPL-2.0 */
/*
 * bind - tier 3: how a port's device takes rules
 *
 * Drivers differ: see pnicfw_bind_take(). A port of a device without an eswitch
 * stays unbound, and works in software.
 */
#ifndef PNICFW_BIND_H
#define PNICFW_BIND_H

#include <linux/pnicfw.h>
#include <linux/types.h>

#include "port.h"

struct netlink_ext_ack;

bool pnicfw_bind_eswitch(struct pnicfw_port *port);
int pnicfw_bind_take(struct pnicfw_port *port, struct netlink_ext_ack *extack);
void pnicfw_bind_release(struct pnicfw_port *port);

/**
 * pnicfw_bind_usable - may a port have rules?
 * @port: the port
 *
 * A port that is being switched off is bound until the last rule is out, and
 * no other may come in meanwhile. One that is drained stays bound.
 *
 * Return: whether the user wants it to, now, and it is bound.
 */
static inline bool pnicfw_bind_usable(const struct pnicfw_port *port)
{
	return READ_ONCE(port->hw_wanted) && !READ_ONCE(port->drained) &&
	       port->bind != PNICFW_BIND_NONE;
}

/**
 * pnicfw_bind_why_not - why may a port have no rules?
 * @port: the port
 *
 * Context: any.
 * Return: PNICFW_REASON_NONE where it may; PNICFW_REASON_DRAINED where it might
 * but for that; else PNICFW_REASON_PORT_OFF.
 */
static inline enum pnicfw_reason
pnicfw_bind_why_not(const struct pnicfw_port *port)
{
	if (pnicfw_bind_usable(port))
		return PNICFW_REASON_NONE;
	return READ_ONCE(port->drained) && port->bind != PNICFW_BIND_NONE ?
	       PNICFW_REASON_DRAINED : PNICFW_REASON_PORT_OFF;
}

/**
 * pnicfw_bind_joins - can one rule take a packet from a port to another?
 * @a: one port
 * @b: the other
 *
 * Return: whether both may have rules, and are ports of the same eswitch.
 */
static inline bool pnicfw_bind_joins(const struct pnicfw_port *a,
				     const struct pnicfw_port *b)
{
	return pnicfw_bind_usable(a) && pnicfw_bind_usable(b) &&
	       a->table == b->table;
}

#endif /* PNICFW_BIND_H */
