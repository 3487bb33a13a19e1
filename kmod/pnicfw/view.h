/* SPDX-License-Identifier: GPL-2.0 */
/*
 * view - what users see of connections, the same by netlink and in /proc
 */
#ifndef PNICFW_VIEW_H
#define PNICFW_VIEW_H

#include <linux/if.h>
#include <linux/pnicfw.h>

#include "record.h"

struct pnicfw_denial;
struct pnicfw_net;

/**
 * struct pnicfw_view_dev - a device that packets come in at or leave by
 * @ifindex: its index, 0 where it is not known
 * @name: its name, "" where it is not known
 */
struct pnicfw_view_dev {
	int ifindex;
	char name[IFNAMSIZ];
};

/**
 * struct pnicfw_view_devs - the devices of a direction
 * @in: the one that packets come in at
 * @out: the one that they leave by
 */
struct pnicfw_view_devs {
	struct pnicfw_view_dev in;
	struct pnicfw_view_dev out;
};

/**
 * struct pnicfw_view_counts - what each tier carried of a direction
 * @counted: conntrack counts, so that @firewall means something
 * @firewall: tier 1
 * @cache: tier 2
 * @hw: tier 3, as far as it has said
 */
struct pnicfw_view_counts {
	bool counted;
	struct pnicfw_count firewall;
	struct pnicfw_count cache;
	struct pnicfw_count hw;
};

/**
 * struct pnicfw_view_census - how many connections there are
 * @total: all
 * @by_state: by state
 * @stale: that an eswitch has by what was true before something changed, or
 *	conntrack let go of them
 */
struct pnicfw_view_census {
	u32 total;
	u32 stale;
	u32 by_state[PNICFW_STATE_MAX + 1];
};

enum pnicfw_state pnicfw_view_state(const struct pnicfw_record *rec);
void pnicfw_view_devs(const struct pnicfw_record *rec, int index,
		      struct pnicfw_view_devs *devs);
void pnicfw_view_counts(struct pnicfw_record *rec, int index,
			struct pnicfw_view_counts *counts);
void pnicfw_view_denial_devs(const struct pnicfw_net *pn,
			     const struct pnicfw_denial *denial,
			     struct pnicfw_view_devs *devs);
void pnicfw_view_denial_counts(struct pnicfw_net *pn,
			       const struct pnicfw_denial *denial,
			       struct pnicfw_view_counts *counts);
void pnicfw_view_census(struct pnicfw_net *pn,
			struct pnicfw_view_census *census);

#endif /* PNICFW_VIEW_H */
