// SPDX-License-Identifier: GPL-2.0
/*
 * policy - add, del, flush, show
 */
#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "pnicfw.h"

static const char usage[] =
"Usage: pnicfw policy add [ pref N ] [ MATCH ]... [ verdict { allow | deny } ]\n"
"                         [ cache { on | off } ] [ hw { on | off } ]\n"
"                         [ hw-after PACKETS ]\n"
"       pnicfw policy del pref N\n"
"       pnicfw policy flush\n"
"       pnicfw policy [ show [ pref N ] ]\n"
"MATCH := src PREFIX | dst PREFIX | proto NAME | sport N[-M] | dport N[-M]\n"
"       | in DEV | out DEV | zone N | mark V[/M] | label BIT | helper NAME\n";

/* Showing *****************************************************************/

static const char *text_of(const struct nlattr *attr)
{
	return attr ? mnl_attr_get_str(attr) : "";
}

/* An address and its length, without it where all of it counts. */
static const char *prefix_text(const struct nlattr *attr,
			       const struct nlattr *len_attr)
{
	bool v6 = mnl_attr_get_payload_len(attr) == sizeof(struct in6_addr);
	static char text[INET6_ADDRSTRLEN + 8];
	unsigned int all = v6 ? 128 : 32;
	unsigned int len = len_attr ? mnl_attr_get_u8(len_attr) : all;
	size_t n;

	text[0] = '\0';
	inet_ntop(v6 ? AF_INET6 : AF_INET, mnl_attr_get_payload(attr), text,
		  INET6_ADDRSTRLEN);
	n = strlen(text);
	if (len < all)
		snprintf(text + n, sizeof(text) - n, "/%u", len);
	return text;
}

static void ports_text(const char *name, const struct nlattr *attr,
		       const struct nlattr *max)
{
	printf(" %s %u", name, ntohs(mnl_attr_get_u16(attr)));
	if (max)
		printf("-%u", ntohs(mnl_attr_get_u16(max)));
}

static void dev_text(const char *name, const struct nlattr *attr,
		     const struct nlattr *gone)
{
	printf(" %s %s%s", name, text_of(attr), gone ? " [gone]" : "");
}

static void match_text(const struct nlattr *const *of)
{
	if (of[PNICFW_A_RULE_SRC])
		printf(" src %s", prefix_text(of[PNICFW_A_RULE_SRC],
					      of[PNICFW_A_RULE_SRC_LEN]));
	if (of[PNICFW_A_RULE_DST])
		printf(" dst %s", prefix_text(of[PNICFW_A_RULE_DST],
					      of[PNICFW_A_RULE_DST_LEN]));
	if (of[PNICFW_A_RULE_PROTOCOL])
		printf(" proto %s",
		       protocol_word(mnl_attr_get_u8(of[PNICFW_A_RULE_PROTOCOL])));
	if (of[PNICFW_A_RULE_SPORT])
		ports_text("sport", of[PNICFW_A_RULE_SPORT],
			   of[PNICFW_A_RULE_SPORT_MAX]);
	if (of[PNICFW_A_RULE_DPORT])
		ports_text("dport", of[PNICFW_A_RULE_DPORT],
			   of[PNICFW_A_RULE_DPORT_MAX]);
	if (of[PNICFW_A_RULE_IN])
		dev_text("in", of[PNICFW_A_RULE_IN],
			 of[PNICFW_A_RULE_IN_GONE]);
	if (of[PNICFW_A_RULE_OUT])
		dev_text("out", of[PNICFW_A_RULE_OUT],
			 of[PNICFW_A_RULE_OUT_GONE]);
	if (of[PNICFW_A_RULE_ZONE])
		printf(" zone %u", mnl_attr_get_u16(of[PNICFW_A_RULE_ZONE]));
	if (of[PNICFW_A_RULE_MARK])
		printf(" mark 0x%x", attr_u32(of[PNICFW_A_RULE_MARK]));
	if (of[PNICFW_A_RULE_MARK_MASK] &&
	    attr_u32(of[PNICFW_A_RULE_MARK_MASK]) != UINT32_MAX)
		printf("/0x%x", attr_u32(of[PNICFW_A_RULE_MARK_MASK]));
	if (of[PNICFW_A_RULE_LABEL])
		printf(" label %u", attr_u32(of[PNICFW_A_RULE_LABEL]));
	if (of[PNICFW_A_RULE_HELPER])
		printf(" helper %s", text_of(of[PNICFW_A_RULE_HELPER]));
}

static void switch_text(const char *name, const struct nlattr *attr)
{
	if (attr)
		printf(" %s %s", name, attr_u32(attr) ? "on" : "off");
}

/**
 * rule_text - print a rule as it can be given to "policy add"
 * @nest: the attribute that has it
 */
void rule_text(const struct nlattr *nest)
{
	const struct nlattr *of[PNICFW_A_RULE_MAX + 1];

	attrs_in(nest, of, PNICFW_A_RULE_MAX);
	printf("pref %u", attr_u32(of[PNICFW_A_RULE_PREF]));
	match_text(of);
	printf(" verdict %s", verdict_word(attr_u32(of[PNICFW_A_RULE_VERDICT])));
	switch_text("cache", of[PNICFW_A_RULE_CACHE]);
	switch_text("hw", of[PNICFW_A_RULE_HW]);
	if (of[PNICFW_A_RULE_HW_AFTER])
		printf(" hw-after %u", attr_u32(of[PNICFW_A_RULE_HW_AFTER]));
	putchar('\n');
}

static void u32_json(cJSON *object, const char *name, const struct nlattr *attr)
{
	if (attr)
		json_add_u64(object, name, attr_u32(attr));
}

static void port_number_json(cJSON *object, const char *name,
			     const struct nlattr *attr)
{
	if (attr)
		json_add_u64(object, name, ntohs(mnl_attr_get_u16(attr)));
}

static void switch_json(cJSON *object, const char *name,
			const struct nlattr *attr)
{
	if (attr)
		cJSON_AddBoolToObject(object, name, attr_u32(attr));
}

static void dev_json(cJSON *object, const char *name, const char *gone_name,
		     const struct nlattr *attr, const struct nlattr *gone)
{
	if (attr)
		cJSON_AddStringToObject(object, name, text_of(attr));
	if (gone)
		cJSON_AddBoolToObject(object, gone_name, true);
}

static void match_json(cJSON *object, const struct nlattr *const *of)
{
	if (of[PNICFW_A_RULE_SRC])
		cJSON_AddStringToObject(object, "src",
					prefix_text(of[PNICFW_A_RULE_SRC],
						    of[PNICFW_A_RULE_SRC_LEN]));
	if (of[PNICFW_A_RULE_DST])
		cJSON_AddStringToObject(object, "dst",
					prefix_text(of[PNICFW_A_RULE_DST],
						    of[PNICFW_A_RULE_DST_LEN]));
	if (of[PNICFW_A_RULE_PROTOCOL])
		cJSON_AddStringToObject(object, "proto",
					protocol_word(mnl_attr_get_u8(of[PNICFW_A_RULE_PROTOCOL])));
	port_number_json(object, "sport", of[PNICFW_A_RULE_SPORT]);
	port_number_json(object, "sport-max", of[PNICFW_A_RULE_SPORT_MAX]);
	port_number_json(object, "dport", of[PNICFW_A_RULE_DPORT]);
	port_number_json(object, "dport-max", of[PNICFW_A_RULE_DPORT_MAX]);
	dev_json(object, "in", "in-gone", of[PNICFW_A_RULE_IN],
		 of[PNICFW_A_RULE_IN_GONE]);
	dev_json(object, "out", "out-gone", of[PNICFW_A_RULE_OUT],
		 of[PNICFW_A_RULE_OUT_GONE]);
	if (of[PNICFW_A_RULE_ZONE])
		json_add_u64(object, "zone",
			     mnl_attr_get_u16(of[PNICFW_A_RULE_ZONE]));
	u32_json(object, "mark", of[PNICFW_A_RULE_MARK]);
	u32_json(object, "mark-mask", of[PNICFW_A_RULE_MARK_MASK]);
	u32_json(object, "label", of[PNICFW_A_RULE_LABEL]);
	if (of[PNICFW_A_RULE_HELPER])
		cJSON_AddStringToObject(object, "helper",
					text_of(of[PNICFW_A_RULE_HELPER]));
}

/**
 * rule_json - a rule as JSON
 * @nest: the attribute that has it
 *
 * Return: an object.
 */
cJSON *rule_json(const struct nlattr *nest)
{
	const struct nlattr *of[PNICFW_A_RULE_MAX + 1];
	cJSON *object = cJSON_CreateObject();

	attrs_in(nest, of, PNICFW_A_RULE_MAX);
	json_add_u64(object, "pref", attr_u32(of[PNICFW_A_RULE_PREF]));
	match_json(object, of);
	cJSON_AddStringToObject(object, "verdict",
				verdict_word(attr_u32(of[PNICFW_A_RULE_VERDICT])));
	switch_json(object, "cache", of[PNICFW_A_RULE_CACHE]);
	switch_json(object, "hw", of[PNICFW_A_RULE_HW]);
	u32_json(object, "hw-after", of[PNICFW_A_RULE_HW_AFTER]);
	return object;
}

static int rule_reply(const struct nlmsghdr *nlh, void *list)
{
	const struct nlattr *tb[PNICFW_A_MAX + 1];

	attrs_of(nlh, tb, PNICFW_A_MAX);
	if (options.json)
		list_add(list, rule_json(tb[PNICFW_A_RULE]));
	else
		rule_text(tb[PNICFW_A_RULE]);
	return MNL_CB_OK;
}

/* Commands ****************************************************************/

static int policy_add(int argc, char **argv)
{
	struct nlmsghdr *nlh = request_new(PNICFW_CMD_POLICY_ADD, false);
	int status = put_rule(nlh, argc, argv);

	return status ?: request_run(nlh, NULL, NULL);
}

static int policy_del(int argc, char **argv)
{
	struct nlmsghdr *nlh = request_new(PNICFW_CMD_POLICY_DEL, false);
	int status = put_rule_pref(nlh, argc, argv);

	if (status)
		return status;
	if (!argc)
		return fail(EXIT_USAGE,
			    "pref N is missing; \"policy flush\" is for all");
	return request_run(nlh, NULL, NULL);
}

static int policy_flush(int argc, char **argv)
{
	if (argc)
		return fail(EXIT_USAGE, "unknown word \"%s\"", argv[0]);
	return request_run(request_new(PNICFW_CMD_POLICY_FLUSH, false), NULL,
			   NULL);
}

static int policy_show(int argc, char **argv)
{
	struct nlmsghdr *nlh = request_new(PNICFW_CMD_POLICY_GET, !argc);
	int status = argc ? put_rule_pref(nlh, argc, argv) : EXIT_DONE;
	struct list list = {};

	if (status)
		return status;
	return list_end(&list, request_run(nlh, rule_reply, &list));
}

static int policy_help(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return print_help(usage);
}

/**
 * policy_main - run the words after "policy"
 * @argc: how many
 * @argv: the words
 *
 * Return: an exit status.
 */
int policy_main(int argc, char **argv)
{
	static const struct command commands[] = {
		{ "show", policy_show },
		{ "list", policy_show },
		{ "add", policy_add },
		{ "del", policy_del },
		{ "delete", policy_del },
		{ "flush", policy_flush },
		{ "help", policy_help },
		{ NULL, NULL },
	};

	return run_command(commands, "command", argc, argv);
}
