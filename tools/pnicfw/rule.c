// SPDX-License-Identifier: GPL-2.0
/*
 * rule - words of the command line into a rule's attributes
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "pnicfw.h"

static int put_zone(struct nlmsghdr *nlh, int type, const char *what,
		    const char *word)
{
	uint32_t value = 0;
	int status = parse_number(what, word, UINT16_MAX, &value);

	if (!status)
		mnl_attr_put_u16(nlh, type, value);
	return status;
}

/* Cut a word in two at a character. Returns the rest, or NULL. */
static char *cut(char *word, char at)
{
	char *rest = strchr(word, at);

	if (rest)
		*rest++ = '\0';
	return rest;
}

static int put_prefix(struct nlmsghdr *nlh, int type, const char *what,
		      const char *word)
{
	char text[64], *rest;
	struct in6_addr addr;
	uint32_t len;
	int status;

	snprintf(text, sizeof(text), "%s", word);
	rest = cut(text, '/');
	if (inet_pton(AF_INET, text, &addr) == 1) {
		mnl_attr_put(nlh, type, sizeof(struct in_addr), &addr);
		len = 32;
	} else if (inet_pton(AF_INET6, text, &addr) == 1) {
		mnl_attr_put(nlh, type, sizeof(addr), &addr);
		len = 128;
	} else {
		return fail(EXIT_USAGE, "%s: \"%s\" is no IP prefix", what,
			    word);
	}
	if (rest) {
		status = parse_number(what, rest, UINT8_MAX, &len);
		if (status)
			return status;
	}
	mnl_attr_put_u8(nlh, type + 1, len);
	return EXIT_DONE;
}

static int put_ports(struct nlmsghdr *nlh, int type, const char *what,
		     const char *word)
{
	char text[32], *rest;
	uint32_t first = 0, last = 0;
	int status;

	snprintf(text, sizeof(text), "%s", word);
	rest = cut(text, '-');
	status = parse_number(what, text, UINT16_MAX, &first);
	if (!status && rest)
		status = parse_number(what, rest, UINT16_MAX, &last);
	if (status)
		return status;
	mnl_attr_put_u16(nlh, type, htons(first));
	if (rest)
		mnl_attr_put_u16(nlh, type + 1, htons(last));
	return EXIT_DONE;
}

static int put_mark(struct nlmsghdr *nlh, int type, const char *what,
		    const char *word)
{
	char text[32], *rest;
	int status;

	snprintf(text, sizeof(text), "%s", word);
	rest = cut(text, '/');
	status = put_u32(nlh, type, what, text);
	if (!status && rest)
		status = put_u32(nlh, type + 1, what, rest);
	return status;
}

static int put_device(struct nlmsghdr *nlh, int type, const char *what,
		      const char *word)
{
	(void)what;
	return put_dev(nlh, type, word);
}

static int put_helper(struct nlmsghdr *nlh, int type, const char *what,
		      const char *word)
{
	if (!*word || strlen(word) > 15)
		return fail(EXIT_USAGE, "%s: \"%s\" is no helper's name", what,
			    word);
	mnl_attr_put_strz(nlh, type, word);
	return EXIT_DONE;
}

static int put_verdict(struct nlmsghdr *nlh, int type, const char *what,
		       const char *word)
{
	uint32_t verdict = PNICFW_VERDICT_ALLOW;

	if (!strcmp(word, "deny"))
		verdict = PNICFW_VERDICT_DENY;
	else if (strcmp(word, "allow"))
		return fail(EXIT_USAGE, "%s: \"%s\" is neither allow nor deny",
			    what, word);
	mnl_attr_put_u32(nlh, type, verdict);
	return EXIT_DONE;
}

static int put_switch(struct nlmsghdr *nlh, int type, const char *what,
		      const char *word)
{
	uint32_t value = 0;
	int status = parse_switch(what, word, &value);

	if (!status)
		mnl_attr_put_u32(nlh, type, value);
	return status;
}

static const struct word words[] = {
	{ "pref", PNICFW_A_RULE_PREF, put_u32 },
	{ "src", PNICFW_A_RULE_SRC, put_prefix },
	{ "dst", PNICFW_A_RULE_DST, put_prefix },
	{ "proto", PNICFW_A_RULE_PROTOCOL, put_protocol },
	{ "sport", PNICFW_A_RULE_SPORT, put_ports },
	{ "dport", PNICFW_A_RULE_DPORT, put_ports },
	{ "in", PNICFW_A_RULE_IN, put_device },
	{ "out", PNICFW_A_RULE_OUT, put_device },
	{ "zone", PNICFW_A_RULE_ZONE, put_zone },
	{ "mark", PNICFW_A_RULE_MARK, put_mark },
	{ "label", PNICFW_A_RULE_LABEL, put_u32 },
	{ "helper", PNICFW_A_RULE_HELPER, put_helper },
	{ "verdict", PNICFW_A_RULE_VERDICT, put_verdict },
	{ "cache", PNICFW_A_RULE_CACHE, put_switch },
	{ "hw", PNICFW_A_RULE_HW, put_switch },
	{ "hw-after", PNICFW_A_RULE_HW_AFTER, put_u32 },
};

static int put_first(struct nlmsghdr *nlh, size_t known, int argc, char **argv)
{
	struct nlattr *nest = mnl_attr_nest_start(nlh, PNICFW_A_RULE);
	int status = put_words(nlh, words, known, "word", argc, argv);

	if (!status)
		mnl_attr_nest_end(nlh, nest);
	return status;
}

/**
 * put_rule - read a rule and add it to a request
 * @nlh: the request
 * @argc: number of words, all of which must belong to it
 * @argv: the words
 *
 * Return: an exit status.
 */
int put_rule(struct nlmsghdr *nlh, int argc, char **argv)
{
	return put_first(nlh, ARRAY_SIZE(words), argc, argv);
}

/**
 * put_rule_pref - read a rule's number only, and add it to a request
 * @nlh: the request
 * @argc: number of words, all of which must belong to it
 * @argv: the words
 *
 * Return: an exit status.
 */
int put_rule_pref(struct nlmsghdr *nlh, int argc, char **argv)
{
	return put_first(nlh, 1, argc, argv);
}
