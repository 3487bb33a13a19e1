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
#include "rewrite.h"
#include "tc.h"

/**
 * struct program_ctx - a rule's actions on their way from one form to the other
 * @binding: the rule's
 * @profile: what the NIC takes
 * @match: the rule's
 * @extack: told why not
 * @rewrites: header fields to rewrite
 * @pops: VLAN tags to take off
 * @num_pushes: VLAN tags to put on
 * @pushes: these tags, ethertype and TCI
 * @num_outputs: outputs so far
 * @num_mirrors: those of them that get the unmodified frame
 * @outputs: the ports
 * @verdict: enum pnicsim_verdict
 * @has_verdict: an action has set @verdict
 */
struct program_ctx {
	const struct pnicsim_binding	*binding;
	const struct pnicsim_profile	*profile;
	const struct pnicsim_match	*match;
	struct netlink_ext_ack		*extack;
	struct pnicsim_rewrites		rewrites;
	unsigned int			pops;
	unsigned int			num_pushes;
	u32				pushes[PNICSIM_MAX_VLANS];
	unsigned int			num_outputs;
	unsigned int			num_mirrors;
	struct pnicsim_port		*outputs[PNICSIM_MAX_ENTRIES];
	u8				verdict;
	bool				has_verdict;
};

static bool ctx_modifies(const struct program_ctx *ctx)
{
	return ctx->rewrites.num || ctx->pops || ctx->num_pushes;
}

static int parse_verdict(struct program_ctx *ctx, u8 verdict)
{
	ctx->verdict = verdict;
	ctx->has_verdict = true;
	return 0;
}

static int check_output(struct program_ctx *ctx, struct net_device *dev,
			struct pnicsim_port *to)
{
	const struct pnicsim_port *from = ctx->binding->port;
	unsigned int i;

	if (!to || to->nic != from->nic) {
		if (pnicsim_port_is_uplink(from) && to &&
		    pnicsim_port_is_uplink(to))
			return pnicsim_refuse(ctx->extack, -EOPNOTSUPP,
					      "devices are not the same uplink, can't offload forwarding");
		return pnicsim_refuse(ctx->extack, -EOPNOTSUPP,
				      "devices are not on same switch HW, can't offload forwarding");
	}
	if (to == from)
		return pnicsim_port_is_uplink(from) ?
			pnicsim_refuse(ctx->extack, -EOPNOTSUPP,
				       "devices are both uplink, can't offload forwarding") :
			pnicsim_refuse(ctx->extack, -EOPNOTSUPP,
				       "can't forward from a VF to itself");
	for (i = 0; i < ctx->num_outputs; i++)
		if (ctx->outputs[i] == to)
			return pnicsim_refuse(ctx->extack, -EOPNOTSUPP,
					      "can't duplicate output to same device");
	return 0;
}

static int parse_output(struct program_ctx *ctx,
			const struct flow_action_entry *act)
{
	struct pnicsim_port *to;
	int err;

	/* Gone already: its filters are being replayed. */
	if (!act->dev)
		return -EOPNOTSUPP;
	to = pnicsim_port_of(act->dev);
	err = check_output(ctx, act->dev, to);
	if (err)
		return err;
	ctx->outputs[ctx->num_outputs++] = to;
	return 0;
}

static int parse_vlan_vid(struct program_ctx *ctx,
			  const struct flow_action_entry *act)
{
	const struct pnicsim_match *match = ctx->match;
	u16 prio = ntohs(match->key.tci) >> VLAN_PRIO_SHIFT;

	if (match->key.tpid != htons(ETH_P_8021Q))
		return pnicsim_refuse(ctx->extack, -EOPNOTSUPP,
				      "VLAN rewrite action must have VLAN protocol match");
	if (act->vlan.prio != prio)
		return pnicsim_refuse(ctx->extack, -EOPNOTSUPP,
				      "Changing VLAN prio is not supported");
	if (act->vlan.vid > VLAN_VID_MASK)
		return pnicsim_refuse(ctx->extack, -EINVAL, "Bad VLAN id");
	return pnicsim_rewrite_field(&ctx->rewrites, PNICSIM_FIELD_VLAN_TCI,
				     PNICSIM_SET, VLAN_VID_MASK, act->vlan.vid,
				     ctx->extack);
}

static int parse_vlan_pop(struct program_ctx *ctx)
{
	if (ctx->pops + ctx->num_pushes >= PNICSIM_MAX_VLANS)
		return pnicsim_refuse(ctx->extack, -EOPNOTSUPP,
				      "Total vlans used is greater than supported");
	if (ctx->num_pushes)
		return pnicsim_refuse(ctx->extack, -EOPNOTSUPP,
				      "vlan pop action is not supported after vlan push");
	ctx->pops++;
	return 0;
}

static int parse_vlan_push(struct program_ctx *ctx,
			   const struct flow_action_entry *act)
{
	__be16 tpid = act->vlan.proto ?: htons(ETH_P_8021Q);

	/* As mlx5: pop and push are a change of the VLAN id. */
	if (ctx->pops > 1)
		return pnicsim_refuse(ctx->extack, -EOPNOTSUPP,
				      "vlan push action is not supported after two vlan pops");
	if (ctx->pops) {
		ctx->pops--;
		return parse_vlan_vid(ctx, act);
	}
	if (ctx->num_pushes >= PNICSIM_MAX_VLANS)
		return pnicsim_refuse(ctx->extack, -EOPNOTSUPP,
				      "Total vlans used is greater than supported");
	if (!eth_type_vlan(tpid) || act->vlan.vid > VLAN_VID_MASK ||
	    act->vlan.prio > VLAN_PRIO_MASK >> VLAN_PRIO_SHIFT)
		return pnicsim_refuse(ctx->extack, -EINVAL,
				      "Bad VLAN protocol, id or priority");
	ctx->pushes[ctx->num_pushes++] =
		ntohs(tpid) << 16 | act->vlan.prio << VLAN_PRIO_SHIFT |
		act->vlan.vid;
	return 0;
}

/* Checksums come out right anyway: rewrites keep them so. */
static int parse_csum(struct program_ctx *ctx,
		      const struct flow_action_entry *act)
{
	if (!ctx->rewrites.num)
		return pnicsim_refuse(ctx->extack, -EOPNOTSUPP,
				      "TC csum action is only offloaded with pedit");
	if (act->csum_flags & ~(TCA_CSUM_UPDATE_FLAG_IPV4HDR |
				TCA_CSUM_UPDATE_FLAG_TCP |
				TCA_CSUM_UPDATE_FLAG_UDP))
		return pnicsim_refuse(ctx->extack, -EOPNOTSUPP,
				      "can't offload TC csum action for some header/s");
	return 0;
}

static int parse_modify(struct program_ctx *ctx,
			const struct flow_action_entry *act)
{
	ctx->num_mirrors = ctx->num_outputs;
	switch (act->id) {
	case FLOW_ACTION_VLAN_POP:
		return parse_vlan_pop(ctx);
	case FLOW_ACTION_VLAN_PUSH:
		return parse_vlan_push(ctx, act);
	case FLOW_ACTION_VLAN_MANGLE:
		return parse_vlan_vid(ctx, act);
	default:
		return pnicsim_rewrite_parse(act, ctx->profile, &ctx->rewrites,
					     ctx->extack);
	}
}

static int parse_entry(struct program_ctx *ctx,
		       const struct flow_action_entry *act)
{
	if (act->id >= NUM_FLOW_ACTIONS ||
	    !(ctx->profile->actions & BIT_ULL(act->id)))
		return pnicsim_refuse(ctx->extack, -EOPNOTSUPP,
				      "Not implemented offload action");

	switch (act->id) {
	case FLOW_ACTION_DROP:
		return parse_verdict(ctx, PNICSIM_DROP);
	case FLOW_ACTION_ACCEPT:
		return parse_verdict(ctx, PNICSIM_ACCEPT);
	case FLOW_ACTION_TRAP:
		return parse_verdict(ctx, PNICSIM_TRAP);
	case FLOW_ACTION_REDIRECT:
	case FLOW_ACTION_MIRRED:
		return parse_output(ctx, act);
	case FLOW_ACTION_CSUM:
		return parse_csum(ctx, act);
	default:
		return parse_modify(ctx, act);
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
static int check_together(const struct program_ctx *ctx,
			  const struct flow_action *actions)
{
	struct netlink_ext_ack *extack = ctx->extack;

	if (!ctx->num_outputs && !ctx->has_verdict)
		return pnicsim_refuse(extack, -EOPNOTSUPP,
				      "Rule must have at least one forward/drop action");
	if (ctx->has_verdict && ctx->verdict != PNICSIM_DROP &&
	    actions->num_entries != 1)
		return pnicsim_refuse(extack, -EOPNOTSUPP,
				      "accept and trap are supported as a sole action only");
	if (ctx->num_outputs && ctx->has_verdict)
		return pnicsim_refuse(extack, -EOPNOTSUPP,
				      "Rule cannot support forward+drop action");
	if (ctx_modifies(ctx) && ctx->has_verdict)
		return pnicsim_refuse(extack, -EOPNOTSUPP,
				      "Drop with modify header action is not supported");
	if (ctx->num_outputs && ctx->num_mirrors == ctx->num_outputs)
		return pnicsim_refuse(extack, -EOPNOTSUPP,
				      "No output after the last modification");
	return 0;
}

static void emit_outputs(const struct program_ctx *ctx, unsigned int from,
			 unsigned int to, struct pnicsim_program *program)
{
	for (; from < to; from++)
		program->actions[program->num_actions++] =
			(struct pnicsim_action) {
				.op	= PNICSIM_OUTPUT,
				.port	= ctx->outputs[from],
			};
}

static void emit_vlans(const struct program_ctx *ctx,
		       struct pnicsim_program *program)
{
	unsigned int i;

	for (i = 0; i < ctx->pops; i++)
		program->actions[program->num_actions++] =
			(struct pnicsim_action) { .op = PNICSIM_POP };
	for (i = 0; i < ctx->num_pushes; i++)
		program->actions[program->num_actions++] =
			(struct pnicsim_action) {
				.op	= PNICSIM_PUSH,
				.val	= ctx->pushes[i],
			};
}

static void emit(const struct program_ctx *ctx,
		 struct pnicsim_program *program)
{
	unsigned int id;

	program->verdict = ctx->has_verdict ? ctx->verdict : PNICSIM_FORWARD;
	program->num_actions = 0;
	emit_outputs(ctx, 0, ctx->num_mirrors, program);
	for (id = 0; id < PNICSIM_FIELDS; id++)
		if (ctx->rewrites.fields[id].mask)
			program->actions[program->num_actions++] =
				ctx->rewrites.fields[id];
	emit_vlans(ctx, program);
	emit_outputs(ctx, ctx->num_mirrors, ctx->num_outputs, program);
}

static int program_parse(struct program_ctx *ctx,
			 const struct flow_action *actions)
{
	const struct flow_action_entry *act;
	int err, i;

	err = check_supported(actions, ctx->extack);
	if (err)
		return err;
	flow_action_for_each(i, act, actions) {
		err = parse_entry(ctx, act);
		if (err)
			return err;
	}
	err = check_together(ctx, actions);
	if (err)
		return err;
	err = pnicsim_rewrite_check(&ctx->rewrites, ctx->profile, ctx->match,
				    ctx->extack);
	if (err)
		return err;
	return ctx->profile->check_actions ?
	       ctx->profile->check_actions(actions, ctx->extack) : 0;
}

/**
 * pnicsim_program_parse - what a flow rule does
 * @actions: the flow rule's
 * @binding: through which it came
 * @profile: what the NIC takes
 * @match: what it matches on
 * @program: result
 * @extack: told why not
 *
 * Context: process.
 * Return: 0, or -EOPNOTSUPP, -EINVAL, -ENOSPC: refused; -ENOMEM.
 */
int pnicsim_program_parse(const struct flow_action *actions,
			  const struct pnicsim_binding *binding,
			  const struct pnicsim_profile *profile,
			  const struct pnicsim_match *match,
			  struct pnicsim_program *program,
			  struct netlink_ext_ack *extack)
{
	struct program_ctx *ctx;
	int err;

	ctx = kzalloc(sizeof(*ctx), GFP_KERNEL);
	if (!ctx)
		return -ENOMEM;
	ctx->binding = binding;
	ctx->profile = profile;
	ctx->match = match;
	ctx->extack = extack;

	err = program_parse(ctx, actions);
	if (!err)
		emit(ctx, program);
	kfree(ctx);
	return err;
}
