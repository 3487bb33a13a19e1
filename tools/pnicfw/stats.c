// SPDX-License-Identifier: GPL-2.0
/*
 * stats - show
 */
#include <inttypes.h>
#include <stdio.h>

#include "pnicfw.h"

static const char usage[] = "Usage: pnicfw stats [ show ]\n";

/* In the order in which they are shown. */
static const struct {
	const char *name;
	int type;
	enum { SIZE_32, SIZE_64, TALLY, BARS } kind;
} fields[] = {
	{ "records", PNICFW_A_STATS_RECORDS, SIZE_32 },
	{ "cached", PNICFW_A_STATS_CACHED, SIZE_32 },
	{ "offloaded", PNICFW_A_STATS_OFFLOADED, SIZE_32 },
	{ "denied", PNICFW_A_STATS_DENIED, SIZE_32 },
	{ "memory", PNICFW_A_STATS_MEMORY, SIZE_64 },
	{ "cache-hits", PNICFW_A_STATS_CACHE_HITS, SIZE_64 },
	{ "cache-misses", PNICFW_A_STATS_CACHE_MISSES, SIZE_64 },
	{ "learned", PNICFW_A_STATS_LEARNED, SIZE_64 },
	{ "not-learned", PNICFW_A_STATS_NOT_LEARNED, TALLY },
	{ "revalidated", PNICFW_A_STATS_REVALIDATED, SIZE_64 },
	{ "hw-inserted", PNICFW_A_STATS_HW_INSERTED, SIZE_64 },
	{ "hw-deleted", PNICFW_A_STATS_HW_DELETED, SIZE_64 },
	{ "hw-failed", PNICFW_A_STATS_HW_FAILED, TALLY },
	{ "hw-evicted", PNICFW_A_STATS_HW_EVICTED, SIZE_64 },
	{ "hw-used", PNICFW_A_STATS_HW_USED, SIZE_32 },
	{ "hw-denied", PNICFW_A_STATS_HW_DENIED, SIZE_32 },
	{ "hw-waiting", PNICFW_A_STATS_HW_WAITING, SIZE_32 },
	{ "hw-stale", PNICFW_A_STATS_HW_STALE, SIZE_32 },
	{ "hw-insert-us", PNICFW_A_STATS_HW_INSERT_US, BARS },
	{ "hw-delete-us", PNICFW_A_STATS_HW_DELETE_US, BARS },
	{ "hw-stats-us", PNICFW_A_STATS_HW_STATS_US, BARS },
	{ "hw-heat", PNICFW_A_STATS_HW_HEAT, BARS },
	{ "denied-hits", PNICFW_A_STATS_DENIED_HITS, SIZE_64 },
	{ "denied-made", PNICFW_A_STATS_DENIED_MADE, SIZE_64 },
	{ "denied-evicted", PNICFW_A_STATS_DENIED_EVICTED, SIZE_64 },
};

/* Show all tallies of one type: in @object, or, where that is NULL, as text. */
static void tallies(const struct nlattr *stats, int type, cJSON *object)
{
	const struct nlattr *tally, *tb[PNICFW_A_TALLY_MAX + 1];
	const char *name;
	uint64_t count;

	mnl_attr_for_each_nested(tally, stats) {
		if (mnl_attr_get_type(tally) != type)
			continue;
		attrs_in(tally, tb, PNICFW_A_TALLY_MAX);
		if (tb[PNICFW_A_TALLY_REASON])
			name = reason_words(attr_u32(tb[PNICFW_A_TALLY_REASON]),
					    TOPIC_NONE, -1);
		else
			name = errno_word(attr_u32(tb[PNICFW_A_TALLY_ERRNO]));
		count = attr_u64(tb[PNICFW_A_TALLY_COUNT]);
		if (object)
			json_add_u64(object, name, count);
		else
			printf("    %s: %" PRIu64 "\n", name, count);
	}
}

/* Show a histogram, by the lowest value of each bar, likewise. */
static void bars(const struct nlattr *stats, int type, cJSON *object)
{
	const struct nlattr *bar, *tb[PNICFW_A_BUCKET_MAX + 1];
	char from[16];
	uint64_t count;

	mnl_attr_for_each_nested(bar, stats) {
		if (mnl_attr_get_type(bar) != type)
			continue;
		attrs_in(bar, tb, PNICFW_A_BUCKET_MAX);
		snprintf(from, sizeof(from), "%u",
			 attr_u32(tb[PNICFW_A_BUCKET_FROM]));
		count = attr_u64(tb[PNICFW_A_BUCKET_COUNT]);
		if (object)
			json_add_u64(object, from, count);
		else
			printf("    %s: %" PRIu64 "\n", from, count);
	}
}

static void stats_json(const struct nlattr *nest, const struct nlattr **tb)
{
	cJSON *object = cJSON_CreateObject();
	size_t i;

	for (i = 0; i < ARRAY_SIZE(fields); i++) {
		const struct nlattr *attr = tb[fields[i].type];

		switch (fields[i].kind) {
		case SIZE_32:
			json_add_u64(object, fields[i].name, attr_u32(attr));
			break;
		case SIZE_64:
			json_add_u64(object, fields[i].name, attr_u64(attr));
			break;
		case TALLY:
			tallies(nest, fields[i].type,
				cJSON_AddObjectToObject(object,
							fields[i].name));
			break;
		case BARS:
			bars(nest, fields[i].type,
			     cJSON_AddObjectToObject(object, fields[i].name));
			break;
		}
	}
	json_print(object);
}

static void stats_text(const struct nlattr *nest, const struct nlattr **tb)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(fields); i++) {
		const struct nlattr *attr = tb[fields[i].type];

		switch (fields[i].kind) {
		case SIZE_32:
			printf("%s %u\n", fields[i].name, attr_u32(attr));
			break;
		case SIZE_64:
			printf("%s %" PRIu64 "\n", fields[i].name,
			       attr_u64(attr));
			break;
		case TALLY:
			printf("%s\n", fields[i].name);
			tallies(nest, fields[i].type, NULL);
			break;
		case BARS:
			printf("%s\n", fields[i].name);
			bars(nest, fields[i].type, NULL);
			break;
		}
	}
}

static int stats_reply(const struct nlmsghdr *nlh, void *arg)
{
	const struct nlattr *tb[PNICFW_A_MAX + 1];
	const struct nlattr *of[PNICFW_A_STATS_MAX + 1];
	const struct nlattr *nest;

	(void)arg;
	attrs_of(nlh, tb, PNICFW_A_MAX);
	nest = tb[PNICFW_A_STATS];
	if (!nest)
		return MNL_CB_OK;
	attrs_in(nest, of, PNICFW_A_STATS_MAX);
	if (options.json)
		stats_json(nest, of);
	else
		stats_text(nest, of);
	return MNL_CB_OK;
}

static int stats_show(int argc, char **argv)
{
	if (argc)
		return fail(EXIT_USAGE, "unknown word \"%s\"", argv[0]);
	return request_run(request_new(PNICFW_CMD_STATS_GET, false),
			   stats_reply, NULL);
}

static int stats_help(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return print_help(usage);
}

/**
 * stats_main - run the words after "stats"
 * @argc: how many
 * @argv: the words
 *
 * Return: an exit status.
 */
int stats_main(int argc, char **argv)
{
	static const struct command commands[] = {
		{ "show", stats_show },
		{ "list", stats_show },
		{ "help", stats_help },
		{ NULL, NULL },
	};

	return run_command(commands, "command", argc, argv);
}
