// SPDX-License-Identifier: GPL-2.0
/*
 * args - words of the command line into netlink attributes
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "pnicfw.h"

/**
 * word_matches - is a word a name, or the beginning of it?
 * @word: what the user wrote
 * @name: the name
 *
 * Return: whether it is.
 */
bool word_matches(const char *word, const char *name)
{
	return *word && !strncmp(word, name, strlen(word));
}

/**
 * parse_switch - read "on" or "off"
 * @what: what is switched, for the message
 * @word: what the user wrote
 * @value: set to an enum pnicfw_switch
 *
 * Return: an exit status.
 */
int parse_switch(const char *what, const char *word, uint32_t *value)
{
	if (!strcmp(word, "on"))
		*value = PNICFW_SWITCH_ON;
	else if (!strcmp(word, "off"))
		*value = PNICFW_SWITCH_OFF;
	else
		return fail(EXIT_USAGE, "%s: \"%s\" is neither on nor off",
			    what, word);
	return EXIT_DONE;
}

/**
 * parse_number - read a number
 * @what: what is numbered, for the message
 * @word: what the user wrote
 * @max: the highest that there is room for; what makes sense the kernel knows
 * @value: set to the number
 *
 * Return: an exit status.
 */
int parse_number(const char *what, const char *word, uint32_t max,
		 uint32_t *value)
{
	unsigned long long number;
	char *end;

	errno = 0;
	number = strtoull(word, &end, 0);
	if (*word < '0' || *word > '9' || *end || errno || number > max)
		return fail(EXIT_USAGE, "%s: \"%s\" is no number up to %u",
			    what, word, max);
	*value = number;
	return EXIT_DONE;
}

/**
 * put_dev - add a device's name
 * @nlh: the message
 * @type: the attribute's type
 * @name: what the user wrote; whether there is such a device the kernel knows
 *
 * Return: an exit status.
 */
int put_dev(struct nlmsghdr *nlh, int type, const char *name)
{
	/* Alternative names are longer than IFNAMSIZ. */
	if (!*name || strlen(name) > 127)
		return fail(EXIT_USAGE, "dev: \"%s\" is no device name", name);
	mnl_attr_put_strz(nlh, type, name);
	return EXIT_DONE;
}

static int put_addr(struct nlmsghdr *nlh, int type, const char *what,
		    const char *word)
{
	struct in6_addr addr;

	if (inet_pton(AF_INET, word, &addr) == 1)
		mnl_attr_put(nlh, type, sizeof(struct in_addr), &addr);
	else if (inet_pton(AF_INET6, word, &addr) == 1)
		mnl_attr_put(nlh, type, sizeof(addr), &addr);
	else
		return fail(EXIT_USAGE, "%s: \"%s\" is no IP address", what,
			    word);
	return EXIT_DONE;
}

/**
 * put_protocol - add an IP protocol
 * @nlh: the message
 * @type: the attribute's type
 * @what: what it is called, for the message
 * @word: what the user wrote, a name or a number
 *
 * Return: an exit status.
 */
int put_protocol(struct nlmsghdr *nlh, int type, const char *what,
		 const char *word)
{
	int protocol = protocol_number(word);

	if (protocol < 0)
		return fail(EXIT_USAGE, "%s: \"%s\" is no IP protocol", what,
			    word);
	mnl_attr_put_u8(nlh, type, protocol);
	return EXIT_DONE;
}

static int put_port(struct nlmsghdr *nlh, int type, const char *what,
		    const char *word)
{
	uint32_t port = 0;
	int status = parse_number(what, word, UINT16_MAX, &port);

	if (!status)
		mnl_attr_put_u16(nlh, type, htons(port));
	return status;
}

/**
 * put_u32 - add a number
 * @nlh: the message
 * @type: the attribute's type
 * @what: what it is called, for the message
 * @word: what the user wrote
 *
 * Return: an exit status.
 */
int put_u32(struct nlmsghdr *nlh, int type, const char *what, const char *word)
{
	uint32_t value = 0;
	int status = parse_number(what, word, UINT32_MAX, &value);

	if (!status)
		mnl_attr_put_u32(nlh, type, value);
	return status;
}

/**
 * put_words - add what pairs of words say: a name, a value
 * @nlh: the message
 * @words: the names that there are
 * @n: how many; 32 at most
 * @what: what they are, for the message
 * @argc: number of words, all of which must be such pairs
 * @argv: the words
 *
 * Return: an exit status.
 */
int put_words(struct nlmsghdr *nlh, const struct word *words, size_t n,
	      const char *what, int argc, char **argv)
{
	unsigned int seen = 0;
	int status;
	size_t i;

	for (; argc; argc -= 2, argv += 2) {
		for (i = 0; i < n; i++)
			if (!strcmp(argv[0], words[i].name))
				break;
		if (i == n)
			return fail(EXIT_USAGE, "unknown %s \"%s\"", what,
				    argv[0]);
		if (argc < 2)
			return fail(EXIT_USAGE, "%s: the value is missing",
				    argv[0]);
		if (seen & 1u << i)
			return fail(EXIT_USAGE, "%s: given twice", argv[0]);
		seen |= 1u << i;
		status = words[i].put(nlh, words[i].type, argv[0], argv[1]);
		if (status)
			return status;
	}
	return EXIT_DONE;
}

static int put_ifname(struct nlmsghdr *nlh, int type, const char *what,
		      const char *word)
{
	(void)what;
	return put_dev(nlh, type, word);
}

static int put_state(struct nlmsghdr *nlh, int type, const char *what,
		     const char *word)
{
	int state = state_number(word);

	if (state < 0)
		return fail(EXIT_USAGE, "%s: \"%s\" is no state of a flow",
			    what, word);
	mnl_attr_put_u32(nlh, type, state);
	return EXIT_DONE;
}

static const struct word conditions[] = {
	{ "src", PNICFW_A_FILTER_SRC, put_addr },
	{ "dst", PNICFW_A_FILTER_DST, put_addr },
	{ "proto", PNICFW_A_FILTER_PROTOCOL, put_protocol },
	{ "sport", PNICFW_A_FILTER_SPORT, put_port },
	{ "dport", PNICFW_A_FILTER_DPORT, put_port },
	{ "dev", PNICFW_A_FILTER_IFNAME, put_ifname },
	{ "state", PNICFW_A_FILTER_STATE, put_state },
	{ "id", PNICFW_A_FILTER_ID, put_u32 },
};

/**
 * put_filter - read a FILTER and add it to a request
 * @nlh: the request
 * @argc: number of words, all of which must belong to it
 * @argv: the words
 * @any: set to whether it has a condition
 *
 * Return: an exit status.
 */
int put_filter(struct nlmsghdr *nlh, int argc, char **argv, bool *any)
{
	struct nlattr *nest;
	int status;

	*any = argc;
	if (!argc)
		return EXIT_DONE;
	nest = mnl_attr_nest_start(nlh, PNICFW_A_FILTER);
	status = put_words(nlh, conditions, ARRAY_SIZE(conditions),
			   "condition", argc, argv);
	if (!status)
		mnl_attr_nest_end(nlh, nest);
	return status;
}
