// SPDX-License-Identifier: GPL-2.0
/*
 * explain - say in sentences why a connection is where it is
 */
#include <stdarg.h>
#include <stdio.h>

#include "pnicfw.h"

/* Where sentences go: JSON where there is an array, else standard output. */
struct story {
	struct list list;
	cJSON *sentences;
	bool any;
};

static void say(struct story *story, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void say(struct story *story, const char *format, ...)
{
	char text[256];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (story->sentences)
		cJSON_AddItemToArray(story->sentences,
				     cJSON_CreateString(text));
	else
		printf("    %s\n", text);
}

/* Why tier 1 still sees a direction's packets. */
static void say_not_learned(struct story *story, const struct flow *flow,
			    const char *which, const struct dir *dir)
{
	if (*dir->out)
		return;
	if (flow->learn_reason)
		say(story, "The %s direction has taught no way: %s.", which,
		    reason_words(flow->learn_reason, TOPIC_NONE,
				 flow->learn_detail));
	else
		say(story, "The %s direction has taught no way yet.", which);
}

static void say_cache(struct story *story, const struct flow *flow)
{
	if (!flow->cacheable)
		say(story, "Tier 1 does not let the flow cache have it: %s.",
		    answer_words(flow, TOPIC_CACHE));
	if (!flow->cacheable && !flow->offloadable)
		return;
	say_not_learned(story, flow, "original", &flow->orig);
	say_not_learned(story, flow, "reply", &flow->reply);
}

static void say_hw(struct story *story, const struct flow *flow)
{
	if (!flow->offloadable) {
		say(story, "Tier 1 does not let the eswitch have it: %s.",
		    answer_words(flow, TOPIC_HW));
		return;
	}
	switch (flow->hw_reason) {
	case PNICFW_REASON_NONE:
		say(story, "The eswitch has not been asked yet.");
		break;
	case PNICFW_REASON_THRESHOLD:
		say(story, "The eswitch is asked after %u packets.",
		    flow->hw_after);
		break;
	case PNICFW_REASON_SLOW:
		say(story, "It carries less packets a second than param hw-after-rate asks for.");
		break;
	case PNICFW_REASON_TABLE_FULL:
		say(story, "The eswitch is full, and no connection in it is enough colder.");
		break;
	case PNICFW_REASON_REFUSED:
		say(story, "The driver refused it: %s.",
		    errno_word(flow->hw_errno));
		break;
	default:
		say(story, "It is not in the eswitch: %s.",
		    reason_words(flow->hw_reason, TOPIC_HW, -1));
	}
}

/* The kernel gives no reason where the eswitch has it. */
static void say_denied_hw(struct story *story, const struct flow *flow)
{
	if (flow->offloadable && !flow->hw_reason)
		say(story, "The eswitch (tier 3) drops it before that.");
	else
		say_hw(story, flow);
}

static void say_state(struct story *story, const struct flow *flow)
{
	switch (flow->state) {
	case PNICFW_STATE_TRACKED:
		say(story, "The firewall (tier 1) sees every packet of it.");
		say_cache(story, flow);
		if (flow->cacheable || flow->offloadable)
			say_hw(story, flow);
		break;
	case PNICFW_STATE_CACHED:
		say(story, "The flow cache (tier 2) carries it.");
		say_cache(story, flow);
		say_hw(story, flow);
		break;
	case PNICFW_STATE_OFFLOADING:
		say(story, "The flow cache (tier 2) carries it until the eswitch confirms.");
		break;
	case PNICFW_STATE_OFFLOADED:
		say(story, "The eswitch (tier 3) carries it, both directions.");
		break;
	case PNICFW_STATE_CLOSING:
		say(story, "It is leaving all tiers: %s.",
		    reason_words(flow->end_reason, TOPIC_NONE, -1));
		break;
	case PNICFW_STATE_DENIED:
		say(story, "Tier 1 denies it: %s.",
		    answer_words(flow, TOPIC_CACHE));
		say(story, "The flow cache (tier 2) drops it, and asks again later.");
		say_denied_hw(story, flow);
		break;
	}
}

static int explain_reply(const struct nlmsghdr *nlh, void *arg)
{
	const struct nlattr *tb[PNICFW_A_MAX + 1];
	struct story *story = arg;
	cJSON *object = NULL;
	struct flow flow;

	attrs_of(nlh, tb, PNICFW_A_MAX);
	flow_read(tb[PNICFW_A_FLOW], &flow);
	story->any = true;
	if (options.json) {
		object = flow_json(&flow);
		story->sentences = cJSON_AddArrayToObject(object,
							  "explanation");
	} else {
		printf("%u: %s", flow.id, protocol_word(flow.protocol));
		tuple_text(&flow.orig);
		printf(" is %s.\n", state_word(flow.state));
	}
	say_state(story, &flow);
	if (object)
		list_add(&story->list, object);
	return MNL_CB_OK;
}

static int count_port(const struct nlmsghdr *nlh, void *ports)
{
	(void)nlh;
	++*(unsigned int *)ports;
	return MNL_CB_OK;
}

/* There is no record: say what that can mean here. */
static int explain_none(void)
{
	unsigned int ports = 0;
	int status = request_run(request_new(PNICFW_CMD_PORT_GET, true),
				 count_port, &ports);

	if (status || options.json)
		return status;
	printf("No record of such a connection: if there is one, tier 1 sees all of it.\n");
	if (!ports)
		printf("    No device of this namespace is a port.\n");
	else
		printf("    Records are of established connections between two of %u ports.\n",
		       ports);
	return EXIT_DONE;
}

/**
 * flow_explain - run the words after "flow explain"
 * @argc: how many
 * @argv: the words, a FILTER
 *
 * Return: an exit status.
 */
int flow_explain(int argc, char **argv)
{
	struct nlmsghdr *nlh = request_new(PNICFW_CMD_FLOW_GET, true);
	struct story story = {};
	bool any;
	int status = put_filter(nlh, argc, argv, &any);

	if (status)
		return status;
	if (!any)
		return fail(EXIT_USAGE, "a filter is missing");
	status = list_end(&story.list,
			  request_run(nlh, explain_reply, &story));
	if (status || story.any)
		return status;
	return explain_none();
}
