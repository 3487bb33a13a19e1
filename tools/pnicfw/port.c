// SPDX-License-Identifier: GPL-2.0
/*
 * port - add, set, del, show
 */
#include <linux/genetlink.h>
#include <stdio.h>
#include <string.h>

#include "pnicfw.h"

static const char usage[] =
"Usage: pnicfw port add dev NAME [ hw { on | off } ]\n"
"       pnicfw port set dev NAME [ hw { on | off } ] [ drain { on | off } ]\n"
"       pnicfw port del dev NAME\n"
"       pnicfw port [ show [ dev NAME ] ]\n";

/* The eswitch's name in hexadecimal; "" where there is none. */
static const char *switch_id(const struct nlattr *attr)
{
	static char text[2 * 32 + 1];
	const uint8_t *id;
	unsigned int i;

	text[0] = '\0';
	if (!attr)
		return text;
	id = mnl_attr_get_payload(attr);
	for (i = 0; i < mnl_attr_get_payload_len(attr) && i < 32; i++)
		snprintf(text + 2 * i, 3, "%02x", id[i]);
	return text;
}

struct port {
	const char *dev;
	bool hw;
	bool drain;
	const char *bind;
	const char *switch_id;
	const struct nlattr *flows;
	const struct nlattr *state;
	const struct nlattr *used;
	const struct nlattr *size;
};

static void port_read(const struct nlattr *const *tb, struct port *port)
{
	const struct nlattr *state[PNICFW_A_PORT_STATE_MAX + 1];
	const struct nlattr *of[PNICFW_A_PORT_MAX + 1];

	attrs_in(tb[PNICFW_A_PORT], of, PNICFW_A_PORT_MAX);
	attrs_in(tb[PNICFW_A_PORT_STATE], state, PNICFW_A_PORT_STATE_MAX);
	port->dev = of[PNICFW_A_PORT_IFNAME] ?
		    mnl_attr_get_str(of[PNICFW_A_PORT_IFNAME]) : "";
	port->hw = attr_u32(of[PNICFW_A_PORT_HW]);
	port->drain = of[PNICFW_A_PORT_DRAIN] &&
		      attr_u32(of[PNICFW_A_PORT_DRAIN]);
	port->bind = bind_word(attr_u32(state[PNICFW_A_PORT_STATE_BIND]));
	port->switch_id = switch_id(state[PNICFW_A_PORT_STATE_SWITCH_ID]);
	port->flows = state[PNICFW_A_PORT_STATE_FLOWS];
	port->state = tb[PNICFW_A_PORT_STATE];
	port->used = state[PNICFW_A_PORT_STATE_TABLE_USED];
	port->size = state[PNICFW_A_PORT_STATE_TABLE_SIZE];
}

struct shape {
	const char *what;
	const char *out;
};

/* Read what the driver has no support for: false where @attr is something else. */
static bool shape_read(const struct nlattr *attr, struct shape *shape)
{
	const struct nlattr *tb[PNICFW_A_SHAPE_MAX + 1];

	if (mnl_attr_get_type(attr) != PNICFW_A_PORT_STATE_UNSUPPORTED)
		return false;
	attrs_in(attr, tb, PNICFW_A_SHAPE_MAX);
	shape->what = shape_words(attr_u32(tb[PNICFW_A_SHAPE_BITS]));
	shape->out = tb[PNICFW_A_SHAPE_OUT] ?
		     mnl_attr_get_str(tb[PNICFW_A_SHAPE_OUT]) : "";
	return true;
}

static cJSON *shapes_json(const struct nlattr *state)
{
	cJSON *array = cJSON_CreateArray(), *object;
	const struct nlattr *attr;
	struct shape shape;

	mnl_attr_for_each_nested(attr, state) {
		if (!shape_read(attr, &shape))
			continue;
		object = cJSON_CreateObject();
		cJSON_AddStringToObject(object, "rules", shape.what);
		cJSON_AddStringToObject(object, "out", shape.out);
		cJSON_AddItemToArray(array, object);
	}
	return array;
}

static void shapes_text(const struct nlattr *state)
{
	const struct nlattr *attr;
	struct shape shape;

	mnl_attr_for_each_nested(attr, state)
		if (shape_read(attr, &shape))
			printf("    driver takes no rules: %s%s%s\n", shape.what,
			       *shape.out ? " to " : "", shape.out);
}

/**
 * port_json - a port as JSON
 * @tb: the message's attributes
 *
 * Return: an object.
 */
cJSON *port_json(const struct nlattr *const *tb)
{
	cJSON *object = cJSON_CreateObject();
	struct port port;

	port_read(tb, &port);
	cJSON_AddStringToObject(object, "dev", port.dev);
	cJSON_AddBoolToObject(object, "hw", port.hw);
	cJSON_AddBoolToObject(object, "drain", port.drain);
	cJSON_AddStringToObject(object, "hw-bind", port.bind);
	if (*port.switch_id)
		cJSON_AddStringToObject(object, "switch-id", port.switch_id);
	else
		cJSON_AddNullToObject(object, "switch-id");
	if (port.flows)
		json_add_u64(object, "flows", attr_u32(port.flows));
	if (port.used)
		json_add_u64(object, "table-used", attr_u32(port.used));
	if (port.size)
		json_add_u64(object, "table-size", attr_u32(port.size));
	if (port.used && port.flows)
		cJSON_AddItemToObject(object, "unsupported",
				      shapes_json(port.state));
	return object;
}

/**
 * port_text - print a port for people
 * @tb: the message's attributes
 */
void port_text(const struct nlattr *const *tb)
{
	struct port port;

	port_read(tb, &port);
	printf("%s: hw %s%s hw-bind %s", port.dev, port.hw ? "on" : "off",
	       port.drain ? " drain on" : "", port.bind);
	if (*port.switch_id)
		printf(" switch-id %s", port.switch_id);
	if (port.flows)
		printf(" flows %u", attr_u32(port.flows));
	if (port.used)
		printf(" table-used %u", attr_u32(port.used));
	if (port.size)
		printf(" table-size %u", attr_u32(port.size));
	putchar('\n');
	shapes_text(port.state);
}

static int port_reply(const struct nlmsghdr *nlh, void *list)
{
	const struct nlattr *tb[PNICFW_A_MAX + 1];

	attrs_of(nlh, tb, PNICFW_A_MAX);
	if (options.json)
		list_add(list, port_json(tb));
	else
		port_text(tb);
	return MNL_CB_OK;
}

/* What a word names, as a bit each of those that a command takes. */
enum port_word {
	WORD_DEV = PNICFW_A_PORT_IFNAME,
	WORD_HW = PNICFW_A_PORT_HW,
	WORD_DRAIN = PNICFW_A_PORT_DRAIN,
};

#define TAKES(word)	(1u << (word))

static int find_word(const char *name, unsigned int takes)
{
	static const struct {
		const char *name;
		enum port_word word;
	} words[] = {
		{ "dev", WORD_DEV },
		{ "hw", WORD_HW },
		{ "drain", WORD_DRAIN },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(words); i++)
		if (!strcmp(name, words[i].name) &&
		    takes & TAKES(words[i].word))
			return words[i].word;
	return 0;
}

static int put_word(struct nlmsghdr *nlh, int word, const char *name,
		    const char *value)
{
	uint32_t number = 0;
	int status;

	if (word == WORD_DEV)
		return put_dev(nlh, word, value);
	status = parse_switch(name, value, &number);
	mnl_attr_put_u32(nlh, word, number);
	return status;
}

/* Read "dev NAME", and of what else there is that which @takes has. */
static int put_port(struct nlmsghdr *nlh, int argc, char **argv,
		    unsigned int takes)
{
	struct nlattr *nest = mnl_attr_nest_start(nlh, PNICFW_A_PORT);
	unsigned int seen = 0;
	int word, status;

	for (; argc; argc -= 2, argv += 2) {
		word = find_word(argv[0], takes | TAKES(WORD_DEV));
		if (!word)
			return fail(EXIT_USAGE, "unknown word \"%s\"", argv[0]);
		if (argc < 2)
			return fail(EXIT_USAGE, "%s: the value is missing",
				    argv[0]);
		if (seen & TAKES(word))
			return fail(EXIT_USAGE, "%s: given twice", argv[0]);
		seen |= TAKES(word);
		status = put_word(nlh, word, argv[0], argv[1]);
		if (status)
			return status;
	}
	if (!(seen & TAKES(WORD_DEV)))
		return fail(EXIT_USAGE, "dev NAME is missing");
	mnl_attr_nest_end(nlh, nest);
	return EXIT_DONE;
}

static int port_do(uint8_t cmd, int argc, char **argv, unsigned int takes)
{
	struct nlmsghdr *nlh = request_new(cmd, false);
	int status = put_port(nlh, argc, argv, takes);

	return status ?: request_run(nlh, NULL, NULL);
}

static int port_add(int argc, char **argv)
{
	return port_do(PNICFW_CMD_PORT_ADD, argc, argv, TAKES(WORD_HW));
}

static int port_set(int argc, char **argv)
{
	return port_do(PNICFW_CMD_PORT_SET, argc, argv,
		       TAKES(WORD_HW) | TAKES(WORD_DRAIN));
}

static int port_del(int argc, char **argv)
{
	return port_do(PNICFW_CMD_PORT_DEL, argc, argv, 0);
}

static int port_show(int argc, char **argv)
{
	struct nlmsghdr *nlh = request_new(PNICFW_CMD_PORT_GET, !argc);
	int status = argc ? put_port(nlh, argc, argv, 0) : EXIT_DONE;
	struct list list = {};

	if (status)
		return status;
	return list_end(&list, request_run(nlh, port_reply, &list));
}

static int port_help(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return print_help(usage);
}

/**
 * port_main - run the words after "port"
 * @argc: how many
 * @argv: the words
 *
 * Return: an exit status.
 */
int port_main(int argc, char **argv)
{
	static const struct command commands[] = {
		{ "show", port_show },
		{ "list", port_show },
		{ "add", port_add },
		{ "set", port_set },
		{ "del", port_del },
		{ "delete", port_del },
		{ "help", port_help },
		{ NULL, NULL },
	};

	return run_command(commands, "command", argc, argv);
}
