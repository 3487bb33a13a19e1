// SPDX-License-Identifier: GPL-2.0
/*
 * monitor - print events until ended
 */
#include <linux/genetlink.h>
#include <stdio.h>
#include <string.h>

#include "pnicfw.h"

static const char usage[] =
"Usage: pnicfw monitor [ flow | port | policy | hw ]...\n";

static const char *const groups[] = {
	PNICFW_MCGRP_FLOW,
	PNICFW_MCGRP_PORT,
	PNICFW_MCGRP_POLICY,
	PNICFW_MCGRP_HW,
};

struct event {
	const char *object;
	const char *event;
	const struct nlattr *tb[PNICFW_A_MAX + 1];
};

/* Which kind of event it is; false for one that this tool does not know. */
static bool event_read(const struct nlmsghdr *nlh, struct event *event)
{
	const struct genlmsghdr *genl = mnl_nlmsg_get_payload(nlh);

	attrs_of(nlh, event->tb, PNICFW_A_MAX);
	event->event = event_word(attr_u32(event->tb[PNICFW_A_EVENT]));
	switch (genl->cmd) {
	case PNICFW_CMD_FLOW_NTF:
		event->object = "flow";
		break;
	case PNICFW_CMD_PORT_NTF:
		event->object = "port";
		break;
	case PNICFW_CMD_PARAM_NTF:
		event->object = "param";
		break;
	case PNICFW_CMD_POLICY_NTF:
		event->object = "policy";
		break;
	case PNICFW_CMD_HW_NTF:
		event->object = "hw";
		event->event =
			hw_event_word(attr_u32(event->tb[PNICFW_A_HW_EVENT]));
		break;
	default:
		return false;
	}
	return true;
}

static void event_json(const struct event *event, uint32_t why, uint32_t err,
		       const struct flow *flow)
{
	const struct nlattr *const *tb = event->tb;
	cJSON *object = cJSON_CreateObject();

	cJSON_AddStringToObject(object, "object", event->object);
	cJSON_AddStringToObject(object, "event", event->event);
	if (why)
		cJSON_AddStringToObject(object, "reason",
					reason_words(why, TOPIC_NONE, -1));
	if (err)
		cJSON_AddStringToObject(object, "errno", errno_word(err));
	if (tb[PNICFW_A_FLOW])
		cJSON_AddItemToObject(object, "flow", flow_json(flow));
	if (tb[PNICFW_A_PORT])
		cJSON_AddItemToObject(object, "port", port_json(tb));
	if (tb[PNICFW_A_PARAM])
		cJSON_AddItemToObject(object, "param",
				      param_json(tb[PNICFW_A_PARAM]));
	if (tb[PNICFW_A_RULE])
		cJSON_AddItemToObject(object, "rule",
				      rule_json(tb[PNICFW_A_RULE]));
	json_print_line(object);
}

static void event_text(const struct event *event, uint32_t why, uint32_t err,
		       const struct flow *flow)
{
	const struct nlattr *const *tb = event->tb;

	printf("%s %s ", event->object, event->event);
	if (why)
		printf("(%s) ", reason_words(why, TOPIC_NONE, -1));
	if (err)
		printf("(%s) ", errno_word(err));
	if (tb[PNICFW_A_FLOW])
		flow_text(flow);
	if (tb[PNICFW_A_PORT])
		port_text(tb);
	if (tb[PNICFW_A_RULE])
		rule_text(tb[PNICFW_A_RULE]);
	if (tb[PNICFW_A_PARAM]) {
		param_text(tb[PNICFW_A_PARAM], " ");
		putchar('\n');
	}
}

static int event_cb(const struct nlmsghdr *nlh, void *arg)
{
	struct event event;
	struct flow flow;
	uint32_t why, err;

	(void)arg;
	if (!event_read(nlh, &event))
		return MNL_CB_OK;
	why = attr_u32(event.tb[PNICFW_A_REASON]);
	err = attr_u32(event.tb[PNICFW_A_ERRNO]);
	flow_read(event.tb[PNICFW_A_FLOW], &flow);
	if (options.json)
		event_json(&event, why, err, &flow);
	else
		event_text(&event, why, err, &flow);
	/* Nobody reads any more: that is an end as well. */
	return ferror(stdout) ? MNL_CB_STOP : MNL_CB_OK;
}

/**
 * monitor_main - run the words after "monitor"
 * @argc: how many
 * @argv: the words, names of groups; none is all
 *
 * Return: an exit status.
 */
int monitor_main(int argc, char **argv)
{
	const char *chosen[ARRAY_SIZE(groups)];
	size_t n = 0, i;

	if (argc == 1 && !strcmp(argv[0], "help"))
		return print_help(usage);
	for (; argc; argc--, argv++) {
		for (i = 0; i < ARRAY_SIZE(groups); i++)
			if (!strcmp(argv[0], groups[i]))
				break;
		if (i == ARRAY_SIZE(groups))
			return fail(EXIT_USAGE, "unknown group \"%s\"",
				    argv[0]);
		if (n == ARRAY_SIZE(chosen))
			return fail(EXIT_USAGE, "too many groups");
		chosen[n++] = groups[i];
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	return listen_to(n ? chosen : groups, n ?: ARRAY_SIZE(groups),
			 event_cb);
}
