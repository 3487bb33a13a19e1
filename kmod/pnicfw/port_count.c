// SPDX-License-Identifier: GPL-2.0
/*
 * port_count - how many connections pass each port
 */
#include <linux/rcupdate.h>
#include <linux/rtnetlink.h>
#include <linux/sched.h>
#include <linux/xarray.h>

#include "net.h"
#include "path.h"
#include "port.h"
#include "record.h"

static void port_count_flow(struct pnicfw_port *port, u32 id)
{
	if (port->counted == id)
		return;
	port->counted = id;
	port->flows++;
}

/* With each port that one of its directions passes; these do not go away, as the
 * caller has RTNL.
 */
static void port_count_record(const struct pnicfw_record *rec)
{
	const struct pnicfw_path *path;
	int i;

	if (READ_ONCE(rec->closing))
		return;
	rcu_read_lock();
	for (i = 0; i < IP_CT_DIR_MAX; i++) {
		path = rcu_dereference(rec->dir[i].path);
		if (!path)
			continue;
		port_count_flow(path->key.in, rec->id);
		port_count_flow(path->key.out, rec->id);
	}
	rcu_read_unlock();
}

/**
 * pnicfw_port_count - count the connections of all ports, into their @flows
 * @pn: the namespace
 *
 * Context: RTNL, process. Takes a while where there are many.
 */
void pnicfw_port_count(struct pnicfw_net *pn)
{
	struct pnicfw_record *rec;
	struct pnicfw_port *port;
	unsigned long id;

	ASSERT_RTNL();
	xa_for_each(&pn->ports, id, port) {
		port->flows = 0;
		port->counted = 0;
	}
	id = 0;
	while ((rec = pnicfw_record_next(pn, &id))) {
		port_count_record(rec);
		pnicfw_record_put(rec);
		cond_resched();
	}
}
