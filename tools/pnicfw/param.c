// SPDX-License-Identifier: GPL-2.0
/*
 * param - show, set
 */
#include <stdio.h>
#include <string.h>

#include "pnicfw.h"

static const char usage[] =
"Usage: pnicfw param [ show ]\n"
"       pnicfw param set NAME VALUE [ NAME VALUE ]...\n"
"NAME := { cache | hw } { on | off }\n"
"      | hw-after PACKETS | age-interval MILLISECONDS | cache-limit RECORDS\n"
"      | { label-cacheable | label-offloaded } { BIT | off }\n"
"      | hw-after-rate PACKETS/S | hw-limit CONNECTIONS\n"
"      | { hw-rate | revalidate-rate } CONNECTIONS/S\n"
"      | recheck-time MILLISECONDS\n"
"      | deny-limit DENIALS | deny-time SECONDS | learn-denials { on | off }\n";

/* What stands for no label */
#define LABEL_OFF	255

static const struct {
	const char *name;
	bool is_switch;
	bool is_label;
} params[PNICFW_A_PARAM_MAX + 1] = {
	[PNICFW_A_PARAM_CACHE] = { "cache", .is_switch = true },
	[PNICFW_A_PARAM_HW] = { "hw", .is_switch = true },
	[PNICFW_A_PARAM_HW_AFTER] = { "hw-after" },
	[PNICFW_A_PARAM_AGE_INTERVAL] = { "age-interval" },
	[PNICFW_A_PARAM_CACHE_LIMIT] = { "cache-limit" },
	[PNICFW_A_PARAM_LABEL_CACHEABLE] = { "label-cacheable",
					     .is_label = true },
	[PNICFW_A_PARAM_LABEL_OFFLOADED] = { "label-offloaded",
					     .is_label = true },
	[PNICFW_A_PARAM_HW_AFTER_RATE] = { "hw-after-rate" },
	[PNICFW_A_PARAM_HW_RATE] = { "hw-rate" },
	[PNICFW_A_PARAM_HW_LIMIT] = { "hw-limit" },
	[PNICFW_A_PARAM_REVALIDATE_RATE] = { "revalidate-rate" },
	[PNICFW_A_PARAM_RECHECK_TIME] = { "recheck-time" },
	[PNICFW_A_PARAM_DENY_LIMIT] = { "deny-limit" },
	[PNICFW_A_PARAM_DENY_TIME] = { "deny-time" },
	[PNICFW_A_PARAM_LEARN_DENIALS] = { "learn-denials",
					   .is_switch = true },
};

/**
 * param_json - all parameters as JSON
 * @nest: the attribute that has them
 *
 * Return: an object.
 */
cJSON *param_json(const struct nlattr *nest)
{
	const struct nlattr *tb[PNICFW_A_PARAM_MAX + 1];
	cJSON *object = cJSON_CreateObject();
	int i;

	attrs_in(nest, tb, PNICFW_A_PARAM_MAX);
	for (i = 1; i <= PNICFW_A_PARAM_MAX; i++) {
		if (!tb[i])
			continue;
		if (params[i].is_switch)
			cJSON_AddBoolToObject(object, params[i].name,
					      attr_u32(tb[i]));
		else if (params[i].is_label && attr_u32(tb[i]) == LABEL_OFF)
			cJSON_AddNullToObject(object, params[i].name);
		else
			json_add_u64(object, params[i].name, attr_u32(tb[i]));
	}
	return object;
}

/**
 * param_text - print all parameters for people
 * @nest: the attribute that has them
 * @separator: what comes after each
 */
void param_text(const struct nlattr *nest, const char *separator)
{
	const struct nlattr *tb[PNICFW_A_PARAM_MAX + 1];
	int i;

	attrs_in(nest, tb, PNICFW_A_PARAM_MAX);
	for (i = 1; i <= PNICFW_A_PARAM_MAX; i++) {
		if (!tb[i])
			continue;
		if (params[i].is_switch)
			printf("%s %s%s", params[i].name,
			       attr_u32(tb[i]) ? "on" : "off", separator);
		else if (params[i].is_label && attr_u32(tb[i]) == LABEL_OFF)
			printf("%s off%s", params[i].name, separator);
		else
			printf("%s %u%s", params[i].name, attr_u32(tb[i]),
			       separator);
	}
}

static int param_reply(const struct nlmsghdr *nlh, void *arg)
{
	const struct nlattr *tb[PNICFW_A_MAX + 1];

	(void)arg;
	attrs_of(nlh, tb, PNICFW_A_MAX);
	if (options.json)
		json_print(param_json(tb[PNICFW_A_PARAM]));
	else
		param_text(tb[PNICFW_A_PARAM], "\n");
	return MNL_CB_OK;
}

static int param_show(int argc, char **argv)
{
	if (argc)
		return fail(EXIT_USAGE, "unknown word \"%s\"", argv[0]);
	return request_run(request_new(PNICFW_CMD_PARAM_GET, false),
			   param_reply, NULL);
}

static int put_param(struct nlmsghdr *nlh, const char *name, const char *word,
		     unsigned int *seen)
{
	uint32_t value = 0;
	int type, status;

	for (type = 1; type <= PNICFW_A_PARAM_MAX; type++)
		if (!strcmp(name, params[type].name))
			break;
	if (type > PNICFW_A_PARAM_MAX)
		return fail(EXIT_USAGE, "unknown parameter \"%s\"", name);
	if (*seen & 1u << type)
		return fail(EXIT_USAGE, "%s: given twice", name);
	*seen |= 1u << type;
	if (params[type].is_label && !strcmp(word, "off")) {
		value = LABEL_OFF;
		status = EXIT_DONE;
	} else {
		status = params[type].is_switch ?
			 parse_switch(name, word, &value) :
			 parse_number(name, word, UINT32_MAX, &value);
	}
	if (!status)
		mnl_attr_put_u32(nlh, type, value);
	return status;
}

static int param_set(int argc, char **argv)
{
	struct nlmsghdr *nlh = request_new(PNICFW_CMD_PARAM_SET, false);
	struct nlattr *nest = mnl_attr_nest_start(nlh, PNICFW_A_PARAM);
	unsigned int seen = 0;
	int status;

	if (!argc)
		return fail(EXIT_USAGE, "a parameter's name is missing");
	for (; argc; argc -= 2, argv += 2) {
		if (argc < 2)
			return fail(EXIT_USAGE, "%s: the value is missing",
				    argv[0]);
		status = put_param(nlh, argv[0], argv[1], &seen);
		if (status)
			return status;
	}
	mnl_attr_nest_end(nlh, nest);
	return request_run(nlh, NULL, NULL);
}

static int param_help(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return print_help(usage);
}

/**
 * param_main - run the words after "param"
 * @argc: how many
 * @argv: the words
 *
 * Return: an exit status.
 */
int param_main(int argc, char **argv)
{
	static const struct command commands[] = {
		{ "show", param_show },
		{ "list", param_show },
		{ "set", param_set },
		{ "help", param_help },
		{ NULL, NULL },
	};

	return run_command(commands, "command", argc, argv);
}
