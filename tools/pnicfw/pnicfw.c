// SPDX-License-Identifier: GPL-2.0
/*
 * pnicfw - shows and changes what the kernel module of that name does
 *
 *	pnicfw [-V] [-j] [-p] [-s] [-b FILE] OBJECT COMMAND
 *
 * The grammar is that of iproute2. Options and objects are read here.
 */
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pnicfw.h"

#define TOOL_VERSION	"1"
#define BATCH_WORDS	64

struct options options;

/**
 * fail - say why a command fails, in one line
 * @status: the exit status
 * @format: as for printf(), without a full stop
 *
 * Return: @status.
 */
int fail(int status, const char *format, ...)
{
	va_list args;

	fflush(stdout);
	fprintf(stderr, "Error: %s", options.where);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fprintf(stderr, ".\n");
	return status;
}

/**
 * print_help - answer "help"
 * @text: the answer
 *
 * Return: the exit status.
 */
int print_help(const char *text)
{
	fputs(text, stdout);
	return EXIT_DONE;
}

/**
 * run_command - run the command that the first word is
 * @commands: those there are, up to one without a name; the first one is run
 *	where there is no word
 * @kind: what a user calls them
 * @argc: number of words
 * @argv: the words
 *
 * Return: the exit status.
 */
int run_command(const struct command *commands, const char *kind,
		int argc, char **argv)
{
	const struct command *command, *found = NULL;

	if (!argc)
		return commands->run(0, argv);
	for (command = commands; command->name; command++) {
		if (!strcmp(command->name, argv[0])) {
			found = command;
			break;
		}
		if (!word_matches(argv[0], command->name))
			continue;
		if (found && found->run != command->run)
			return fail(EXIT_USAGE, "%s \"%s\" may be %s or %s",
				    kind, argv[0], found->name, command->name);
		found = command;
	}
	if (!found)
		return fail(EXIT_USAGE, "unknown %s \"%s\", try \"help\"",
			    kind, argv[0]);
	return found->run(argc - 1, argv + 1);
}

static const char usage[] =
"Usage: pnicfw [ OPTIONS ] OBJECT { COMMAND | help }\n"
"       pnicfw [ OPTIONS ] -b FILE\n"
"OBJECT := { port | policy | flow | param | stats | monitor }\n"
"OPTIONS := { -V[ersion] | -j[son] | -p[retty] | -s[tatistics] }\n";

static int main_help(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return print_help(usage);
}

static int main_none(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return fail(EXIT_USAGE, "no object is given, try \"pnicfw help\"");
}

static const struct command objects[] = {
	{ "", main_none },
	{ "port", port_main },
	{ "flow", flow_main },
	{ "param", param_main },
	{ "stats", stats_main },
	{ "monitor", monitor_main },
	{ "policy", policy_main },
	{ "help", main_help },
	{ NULL, NULL },
};

static int run_line(char *line)
{
	char *words[BATCH_WORDS], *word, *rest = line;
	int n = 0;

	line[strcspn(line, "#\n")] = '\0';
	while ((word = strtok_r(rest, " \t\r", &rest))) {
		if (n == BATCH_WORDS)
			return fail(EXIT_USAGE, "too many words");
		words[n++] = word;
	}
	return n ? run_command(objects, "object", n, words) : EXIT_DONE;
}

/* Run a file of commands, up to the first one that fails. */
static int run_batch(const char *name)
{
	bool std = !strcmp(name, "-");
	FILE *file = std ? stdin : fopen(name, "r");
	int status = EXIT_DONE, n = 0;
	char *line = NULL;
	size_t size = 0;

	if (!file)
		return fail(EXIT_USAGE, "%s: %s", name, strerror(errno));
	while (!status && getline(&line, &size, file) >= 0) {
		snprintf(options.where, sizeof(options.where), "%.255s:%d: ",
			 name, ++n);
		status = run_line(line);
	}
	options.where[0] = '\0';
	if (!status && ferror(file))
		status = fail(EXIT_USAGE, "%s: %s", name, strerror(errno));
	free(line);
	if (!std)
		fclose(file);
	return status;
}

/* The output counts as well: a full disk must not look like success. */
static int finish(int status)
{
	if (fflush(stdout) || ferror(stdout))
		return status ?: fail(EXIT_REFUSED, "output: %s",
				      strerror(errno));
	return status;
}

int main(int argc, char **argv)
{
	static const struct option long_options[] = {
		{ "Version", no_argument, NULL, 'V' },
		{ "version", no_argument, NULL, 'V' },
		{ "json", no_argument, NULL, 'j' },
		{ "pretty", no_argument, NULL, 'p' },
		{ "statistics", no_argument, NULL, 's' },
		{ "stats", no_argument, NULL, 's' },
		{ "batch", required_argument, NULL, 'b' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	const char *batch = NULL;
	int c;

	opterr = 0;
	while ((c = getopt_long_only(argc, argv, "+Vjpsb:h", long_options,
				     NULL)) != -1) {
		switch (c) {
		case 'V':
			printf("pnicfw %s, netlink family version %d\n",
			       TOOL_VERSION, PNICFW_FAMILY_VERSION);
			return finish(EXIT_DONE);
		case 'j':
			options.json = true;
			break;
		case 'p':
			options.pretty = true;
			break;
		case 's':
			options.stats = true;
			break;
		case 'b':
			batch = optarg;
			break;
		case 'h':
			return finish(main_help(0, NULL));
		default:
			return fail(EXIT_USAGE,
				    "bad option \"%s\", try \"pnicfw help\"",
				    argv[optind - 1]);
		}
	}
	argc -= optind;
	argv += optind;
	if (!batch)
		return finish(run_command(objects, "object", argc, argv));
	if (argc)
		return fail(EXIT_USAGE, "\"%s\" after -b FILE", argv[0]);
	return finish(run_batch(batch));
}
