/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PNICSIM_MATCH_H
#define PNICSIM_MATCH_H

#include "parse.h"

struct flow_rule;
struct net_device;
struct netlink_ext_ack;
struct pnicsim_profile;

/**
 * struct pnicsim_match - what a rule matches on
 * @key: values of the fields, no bit set that @mask does not have
 * @mask: bits of the fields that count
 */
struct pnicsim_match {
	struct pnicsim_fields	key;
	struct pnicsim_fields	mask;
};

int pnicsim_match_parse(const struct flow_rule *rule, struct net_device *dev,
			const struct pnicsim_profile *profile,
			struct pnicsim_match *match,
			struct netlink_ext_ack *extack);

#endif
