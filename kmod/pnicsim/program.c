// SPDX-License-Identifier: GPL-2.0
/* A flow rule's actions -> what the hardware does with a frame, or a refusal
 *
 * The hardware has one order: copies of the frame as it came in, then all
 * rewrites, then copies of the result. An output that is followed by another
 * rewrite therefore gets the unmodified frame, as with mlx5.
 */

#include <linux/if_vlan.h>
#include <linux/tc_act/tc_csum.h>
#include <net/flow_offload.h>

#include "extack.h"
#include "match.h"
#include "nic.h"
#include "port.h"
#include "profile.h"
#include "program.h"
#include "tc.h"

static bool program_modifies(const struct pnicsim_program *program)
{
	return program->rewrites.touched || program->pops || program->num_pushes;
}

static int parse_verdict(struct pnicsim_program *program, u8 verdict)
{
	program->verdict = verdict;
	program->has_verdict = true;
	return 0;
}

static int check_output(struct pnicsim_program *program, struct net_device *dev,
			struct pnicsim_port *to)
{
	const struct pnicsim_port *from = program->binding->port;
	unsigned int i;

	if (!to || to->nic != from->nic) {
		if (pnicsim_port_is_uplink(from) && to &&
		    pnicsim_port_is_uplink(to))
			return pnicsim_refuse(program->extack, -EOPNOTSUPP,
					      "devices are not the same uplink, can't offload forwarding");
		return pnicsim_refuse(program->extack, -EOPNOTSUPP,
				      "devices are not on same switch HW, can't offload forwarding");
	}
	if (to == from)
		return pnicsim_port_is_uplink(from) ?
			pnicsim_refuse(program->extack, -EOPNOTSUPP,
				       "devices are both uplink, can't offload forwarding") :
			pnicsim_refuse(program->extack, -EOPNOTSUPP,
				       "can't forward from a VF to itself");
	for (i = 0; i < program->num_outputs; i++)
		if (program->outputs[i] == to)
			return pnicsim_refuse(program->extack, -EOPNOTSUPP,
					      "can't duplicate output to same device");
	return 0;
}

static int parse_output(struct pnicsim_program *program,
			const struct flow_action_entry *act)
{
	struct pnicsim_port *to;
	int err;

	/* Gone already: its filters are being replayed. */
	if (!act->dev)
		return -EOPNOTSUPP;
	to = pnicsim_port_of(act->dev);
	err = check_output(program, act->dev, to);
	if (err)
		return err;
	program->outputs[program->num_outputs++] = to;
	return 0;
}

static int parse_vlan_vid(struct pnicsim_program *program,
			  const struct flow_action_entry *act)
{
	const struct pnicsim_match *match = program->match;
	u16 prio = ntohs(match->key.tci) >> VLAN_PRIO_SHIFT;

	if (match->key.tpid != htons(ETH_P_8021Q))
		return pnicsim_refuse(program->extack, -EOPNOTSUPP,
				      "VLAN rewrite action must have VLAN protocol match");
	if (act->vlan.prio != prio)
		return pnicsim_refuse(program->extack, -EOPNOTSUPP,
				      "Changing VLAN prio is not supported");
	if (act->vlan.vid > VLAN_VID_MASK)
		return pnicsim_refuse(program->extack, -EINVAL, "Bad VLAN id");
	return pnicsim_rewrite_field(&program->rewrites, PNICSIM_FIELD_VLAN_TCI,
				     PNICSIM_SET, VLAN_VID_MASK, act->vlan.vid,
				     program->extack);
}

static int parse_vlan_pop(struct pnicsim_program *program)
{
	if (program->pops + program->num_pushes >= PNICSIM_MAX_VLANS)
		return pnicsim_refuse(program->extack, -EOPNOTSUPP,
				      "Total vlans used is greater than supported");
	if (program->num_pushes)
		return pnicsim_refuse(program->extack, -EOPNOTSUPP,
				      "vlan pop action is not supported after vlan push");
	program->pops++;
	return 0;
}

static int parse_vlan_push(struct pnicsim_program *program,
			   const struct flow_action_entry *act)
{
	__be16 tpid = act->vlan.proto ?: htons(ETH_P_8021Q);

	/* As mlx5: pop and push are a change of the VLAN id. */
	if (program->pops > 1)
		return pnicsim_refuse(program->extack, -EOPNOTSUPP,
				      "vlan push action is not supported after two vlan pops");
	if (program->pops) {
		program->pops--;
		return parse_vlan_vid(program, act);
	}
	if (program->num_pushes >= PNICSIM_MAX_VLANS)
		return pnicsim_refuse(program->extack, -EOPNOTSUPP,
				      "Total vlans used is greater than supported");
	if (!eth_type_vlan(tpid) || act->vlan.vid > VLAN_VID_MASK ||
	    act->vlan.prio > VLAN_PRIO_MASK >> VLAN_PRIO_SHIFT)
		return pnicsim_refuse(program->extack, -EINVAL,
				      "Bad VLAN protocol, id or priority");
	program->pushes[program->num_pushes++] =
		ntohs(tpid) << 16 | act->vlan.prio << VLAN_PRIO_SHIFT |
		act->vlan.vid;
	return 0;
}

/* Checksums come out right anyway: rewrites keep them so. */
static int parse_csum(struct pnicsim_program *program,
		      const struct flow_action_entry *act)
{
	if (!program->rewrites.touched)
		return pnicsim_refuse(program->extack, -EOPNOTSUPP,
				      "TC csum action is only offloaded with pedit");
	if (act->csum_flags & ~(TCA_CSUM_UPDATE_FLAG_IPV4HDR |
				TCA_CSUM_UPDATE_FLAG_TCP |
				TCA_CSUM_UPDATE_FLAG_UDP))
		return pnicsim_refuse(program->extack, -EOPNOTSUPP,
				      "can't offload TC csum action for some header/s");
	return 0;
}

static int parse_modify(struct pnicsim_program *program,
			const struct flow_action_entry *act)
{
	program->num_mirrors = program->num_outputs;
	switch (act->id) {
	case FLOW_ACTION_VLAN_POP:
		return parse_vlan_pop(program);
	case FLOW_ACTION_VLAN_PUSH:
		return parse_vlan_push(program, act);
	case FLOW_ACTION_VLAN_MANGLE:
		return parse_vlan_vid(program, act);
	default:
		return pnicsim_rewrite_parse(act, program->profile, &program->rewrites,
					     program->extack);
	}
}

static int parse_entry(struct pnicsim_program *program,
		       const struct flow_action_entry *act)
{
	if (act->id >= NUM_FLOW_ACTIONS ||
	    !(program->profile->actions & BIT_ULL(act->id)))
		return pnicsim_refuse(program->extack, -EOPNOTSUPP,
				      "Not implemented offload action");

	switch (act->id) {
	case FLOW_ACTION_DROP:
		return parse_verdict(program, PNICSIM_DROP);
	case FLOW_ACTION_ACCEPT:
		return parse_verdict(program, PNICSIM_ACCEPT);
	case FLOW_ACTION_TRAP:
		return parse_verdict(program, PNICSIM_TRAP);
	case FLOW_ACTION_REDIRECT:
	case FLOW_ACTION_MIRRED:
		return parse_output(program, act);
	case FLOW_ACTION_CSUM:
		return parse_csum(program, act);
	default:
		return parse_modify(program, act);
	}
}

static int check_supported(const struct flow_action *actions,
			   struct netlink_ext_ack *extack)
{
	if (!flow_action_has_entries(actions))
		return pnicsim_refuse(extack, -EINVAL,
				      "Flow action doesn't have any entries");
	if (actions->num_entries > PNICSIM_MAX_ENTRIES)
		return pnicsim_refuse(extack, -EOPNOTSUPP,
				      "Flow action has too many entries");
	if (!flow_action_hw_stats_check(actions, extack,
					FLOW_ACTION_HW_STATS_DELAYED_BIT))
		return pnicsim_refuse(extack, -EOPNOTSUPP,
				      "Flow action HW stats type is not supported");
	return 0;
}

/* Do the actions make sense together? */
static int check_together(const struct pnicsim_program *program,
			  const struct flow_action *actions)
{
	struct netlink_ext_ack *extack = program->extack;

	if (!program->num_outputs && !program->has_verdict)
		return pnicsim_refuse(extack, -EOPNOTSUPP,
				      "Rule must have at least one forward/drop action");
	if (program->has_verdict && program->verdict != PNICSIM_DROP &&
	    actions->num_entries != 1)
		return pnicsim_refuse(extack, -EOPNOTSUPP,
				      "accept and trap are supported as a sole action only");
	if (program->num_outputs && program->has_verdict)
		return pnicsim_refuse(extack, -EOPNOTSUPP,
				      "Rule cannot support forward+drop action");
	if (program_modifies(program) && program->has_verdict)
		return pnicsim_refuse(extack, -EOPNOTSUPP,
				      "Drop with modify header action is not supported");
	if (program->num_outputs && program->num_mirrors == program->num_outputs)
		return pnicsim_refuse(extack, -EOPNOTSUPP,
				      "No output after the last modification");
	return 0;
}

static int program_parse(struct pnicsim_program *program,
			 const struct flow_action *actions)
{
	const struct flow_action_entry *act;
	int err, i;

	err = check_supported(actions, program->extack);
	if (err)
		return err;
	flow_action_for_each(i, act, actions) {
		err = parse_entry(program, act);
		if (err)
			return err;
	}
	err = check_together(program, actions);
	if (err)
		return err;
	err = pnicsim_rewrite_check(&program->rewrites, program->profile,
				    program->match, program->extack);
	if (err)
		return err;
	return program->profile->check_actions ?
	       program->profile->check_actions(actions, program->extack) : 0;
}

/**
 * pnicsim_program_parse - what a flow rule does
 * @program: result
 * @actions: the flow rule's
 * @binding: through which it came
 * @profile: what the NIC takes
 * @match: what it matches on
 * @extack: told why not
 *
 * Context: process.
 * Return: 0, or -EOPNOTSUPP, -EINVAL, -ENOSPC: refused.
 */
int pnicsim_program_parse(struct pnicsim_program *program,
			  const struct flow_action *actions,
			  const struct pnicsim_binding *binding,
			  const struct pnicsim_profile *profile,
			  const struct pnicsim_match *match,
			  struct netlink_ext_ack *extack)
{
	program->binding = binding;
	program->profile = profile;
	program->match = match;
	program->extack = extack;
	program->rewrites.touched = 0;
	program->pops = 0;
	program->num_pushes = 0;
	program->num_outputs = 0;
	program->num_mirrors = 0;
	program->verdict = PNICSIM_FORWARD;
	program->has_verdict = false;
	return program_parse(program, actions);
}

/**
 * pnicsim_program_steps - how many steps it takes
 * @program: what was parsed
 *
 * Return: the entries that pnicsim_program_emit() fills in.
 */
unsigned int pnicsim_program_steps(const struct pnicsim_program *program)
{
	return program->num_outputs + hweight_long(program->rewrites.touched) +
	       program->pops + program->num_pushes;
}

static struct pnicsim_action *
emit_outputs(const struct pnicsim_program *program, unsigned int from,
	     unsigned int to, struct pnicsim_action *step)
{
	for (; from < to; from++)
		*step++ = (struct pnicsim_action) {
			.op	= PNICSIM_OUTPUT,
			.port	= program->outputs[from],
		};
	return step;
}

static struct pnicsim_action *
emit_vlans(const struct pnicsim_program *program, struct pnicsim_action *step)
{
	unsigned int i;

	for (i = 0; i < program->pops; i++)
		*step++ = (struct pnicsim_action) { .op = PNICSIM_POP };
	for (i = 0; i < program->num_pushes; i++)
		*step++ = (struct pnicsim_action) {
			.op	= PNICSIM_PUSH,
			.val	= program->pushes[i],
		};
	return step;
}

/**
 * pnicsim_program_emit - the steps in the hardware's order
 * @program: what was parsed
 * @step: as many as pnicsim_program_steps() says; filled in
 */
void pnicsim_program_emit(const struct pnicsim_program *program,
			  struct pnicsim_action *step)
{
	unsigned int id;

	step = emit_outputs(program, 0, program->num_mirrors, step);
	for_each_set_bit(id, &program->rewrites.touched, PNICSIM_FIELDS) {
		*step = program->rewrites.fields[id];
		step++;
	}
	step = emit_vlans(program, step);
	emit_outputs(program, program->num_mirrors, program->num_outputs, step);
}
