/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PNICSIM_TC_H
#define PNICSIM_TC_H

#include <linux/netdevice.h>

struct pnicsim_input;
struct pnicsim_port;

#define PNICSIM_MAX_CALLBACKS	2	/* that one block is given */

/**
 * enum pnicsim_bind_kind - through what clients give rules to a port
 * @PNICSIM_BIND_BLOCK: TC_SETUP_BLOCK: tc filters of a clsact ingress
 * @PNICSIM_BIND_FT: TC_SETUP_FT: netfilter's flow tables
 * @PNICSIM_BIND_KINDS: how many there are
 */
enum pnicsim_bind_kind {
	PNICSIM_BIND_BLOCK,
	PNICSIM_BIND_FT,
	PNICSIM_BIND_KINDS,
};

/**
 * struct pnicsim_binding - one of a port's two places where rules come in
 * @kind: which of them
 * @port: the port
 * @dev: the port's uplink or representor, valid as long as a block is bound
 * @input: the port's part of the hardware table
 * @blocks: the struct flow_block_cb bound, of one block at most. As in other
 *	drivers no lock of ours: RTNL serialises the one kind, the flow table's
 *	transaction the other.
 *
 * Part of its port. Cookies are valid within a binding.
 */
struct pnicsim_binding {
	enum pnicsim_bind_kind	kind;
	struct pnicsim_port	*port;
	struct net_device	*dev;
	struct pnicsim_input	*input;
	struct list_head	blocks;
};

void pnicsim_binding_init(struct pnicsim_binding *binding,
			  enum pnicsim_bind_kind kind,
			  struct pnicsim_port *port);
int pnicsim_setup_tc(struct net_device *dev, enum tc_setup_type type,
		     void *type_data);

#endif
