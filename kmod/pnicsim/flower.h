/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PNICSIM_FLOWER_H
#define PNICSIM_FLOWER_H

struct flow_cls_offload;
struct pnicsim_binding;
struct pnicsim_match;
struct pnicsim_profile;
struct pnicsim_rule;

struct pnicsim_rule *pnicsim_flower_parse(const struct pnicsim_binding *binding,
					  const struct flow_cls_offload *cls,
					  const struct pnicsim_profile *profile,
					  struct pnicsim_match *match);

#endif
