// SPDX-License-Identifier: GPL-2.0
/* A flower filter, as a client offloads it -> a rule of the hardware table */

#include <net/flow_offload.h>

#include "extack.h"
#include "flower.h"
#include "match.h"
#include "nic.h"
#include "port.h"
#include "profile.h"
#include "program.h"
#include "store.h"
#include "tc.h"

/* The hardware keeps priorities in 16 bits. Those of flow tables count from 0
 * and leave room for one more; a block's 0 makes mlx5 crash.
 */
static int check_place(const struct pnicsim_binding *binding,
		       const struct flow_cls_common_offload *common)
{
	u32 lowest = 0, highest = U16_MAX - 1;

	if (common->chain_index)
		return pnicsim_refuse(common->extack, -EOPNOTSUPP,
				      "Requested chain is out of supported range");
	if (binding->kind == PNICSIM_BIND_BLOCK) {
		lowest = 1;
		highest = U16_MAX;
	}
	if (common->prio < lowest || common->prio > highest) {
		if (net_ratelimit())
			netdev_err(binding->dev, "rule with priority %u refused\n",
				   common->prio);
		return pnicsim_refuse(common->extack, -EOPNOTSUPP,
				      "Requested priority is out of supported range");
	}
	return 0;
}

static struct pnicsim_rule *
rule_alloc(const struct pnicsim_binding *binding,
	   const struct flow_cls_offload *cls,
	   const struct pnicsim_match *match,
	   const struct pnicsim_program *program)
{
	unsigned int steps = pnicsim_program_steps(program);
	struct pnicsim_rule *rule;

	rule = pnicsim_store_get(steps);
	if (!rule)
		return ERR_PTR(-ENOMEM);

	rule->slot.fields = match->key;
	rule->cookie.value = cls->cookie;
	rule->cookie.binding = binding;
	rule->prio = cls->common.prio;
	rule->verdict = program->verdict;
	rule->num_actions = steps;
	pnicsim_program_emit(program, rule->actions);
	pnicsim_counter_init(&rule->counter);
	return rule;
}

/**
 * pnicsim_flower_parse - make a rule of a flower filter
 * @binding: through which it came
 * @cls: the filter, a FLOW_CLS_REPLACE; its extack is told why not
 * @profile: what the NIC takes
 * @match: filled in: what it matches on
 *
 * Context: process.
 * Return: the rule, the caller's, for pnicsim_table_insert(); or an error pointer:
 * -EOPNOTSUPP, -EINVAL, -ENOENT, -ENOSPC where it is refused, -ENOMEM.
 */
struct pnicsim_rule *pnicsim_flower_parse(const struct pnicsim_binding *binding,
					  const struct flow_cls_offload *cls,
					  const struct pnicsim_profile *profile,
					  struct pnicsim_match *match)
{
	struct netlink_ext_ack *extack = cls->common.extack;
	struct pnicsim_program program;
	int err;

	err = check_place(binding, &cls->common);
	if (err)
		return ERR_PTR(err);
	err = pnicsim_match_parse(cls->rule, binding->dev, profile, match,
				  extack);
	if (err)
		return ERR_PTR(err);

	err = pnicsim_program_parse(&program, &cls->rule->action, binding,
				    profile, match, extack);
	if (err)
		return ERR_PTR(err);
	return rule_alloc(binding, cls, match, &program);
}
