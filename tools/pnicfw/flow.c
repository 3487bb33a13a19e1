// SPDX-License-Identifier: GPL-2.0
/*
 * flow - show, del, flush
 */
#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "pnicfw.h"

static const char usage[] =
"Usage: pnicfw flow [ show [ FILTER ]... ]\n"
"       pnicfw flow del FILTER...\n"
"       pnicfw flow flush\n"
"       pnicfw flow explain FILTER...\n"
"FILTER := src ADDR | dst ADDR | proto NAME | sport N | dport N | dev NAME\n"
"        | state STATE | id N\n"
"STATE := { tracked | cached | offloading | offloaded | closing | denied }\n";

static void count_read(const struct nlattr *nest, struct count *count)
{
	const struct nlattr *tb[PNICFW_A_COUNT_MAX + 1];

	attrs_in(nest, tb, PNICFW_A_COUNT_MAX);
	count->known = nest;
	count->packets = attr_u64(tb[PNICFW_A_COUNT_PACKETS]);
	count->bytes = attr_u64(tb[PNICFW_A_COUNT_BYTES]);
}

static void addr_read(const struct nlattr *attr, char *text, size_t size)
{
	size_t len = attr ? mnl_attr_get_payload_len(attr) : 0;

	if (len == sizeof(struct in_addr))
		inet_ntop(AF_INET, mnl_attr_get_payload(attr), text, size);
	else if (len == sizeof(struct in6_addr))
		inet_ntop(AF_INET6, mnl_attr_get_payload(attr), text, size);
}

static uint16_t port_of(const struct nlattr *attr)
{
	return attr ? ntohs(mnl_attr_get_u16(attr)) : 0;
}

static void dev_read(const struct nlattr *attr, char *text, size_t size)
{
	snprintf(text, size, "%s", attr ? mnl_attr_get_str(attr) : "");
}

static void ports_read(const struct nlattr *const *tb, struct dir *dir)
{
	dir->ports = PORTS_NONE;
	if (tb[PNICFW_A_DIR_ICMP_ID]) {
		dir->ports = PORTS_ICMP_ID;
		dir->sport = port_of(tb[PNICFW_A_DIR_ICMP_ID]);
	} else if (tb[PNICFW_A_DIR_SPORT]) {
		dir->ports = PORTS;
		dir->sport = port_of(tb[PNICFW_A_DIR_SPORT]);
		dir->dport = port_of(tb[PNICFW_A_DIR_DPORT]);
	}
}

static void dir_read(const struct nlattr *nest, struct dir *dir)
{
	const struct nlattr *tb[PNICFW_A_DIR_MAX + 1];

	attrs_in(nest, tb, PNICFW_A_DIR_MAX);
	addr_read(tb[PNICFW_A_DIR_SRC], dir->src, sizeof(dir->src));
	addr_read(tb[PNICFW_A_DIR_DST], dir->dst, sizeof(dir->dst));
	ports_read(tb, dir);
	dev_read(tb[PNICFW_A_DIR_IN], dir->in, sizeof(dir->in));
	dev_read(tb[PNICFW_A_DIR_OUT], dir->out, sizeof(dir->out));
	count_read(tb[PNICFW_A_DIR_FIREWALL], &dir->firewall);
	count_read(tb[PNICFW_A_DIR_CACHE], &dir->cache);
	count_read(tb[PNICFW_A_DIR_HW], &dir->hw);
}

/**
 * flow_read - read what the kernel says of a connection
 * @nest: the attribute that has it
 * @flow: filled in
 */
void flow_read(const struct nlattr *nest, struct flow *flow)
{
	const struct nlattr *tb[PNICFW_A_FLOW_MAX + 1];

	attrs_in(nest, tb, PNICFW_A_FLOW_MAX);
	memset(flow, 0, sizeof(*flow));
	flow->id = attr_u32(tb[PNICFW_A_FLOW_ID]);
	if (tb[PNICFW_A_FLOW_FAMILY])
		flow->family = mnl_attr_get_u8(tb[PNICFW_A_FLOW_FAMILY]);
	if (tb[PNICFW_A_FLOW_PROTOCOL])
		flow->protocol = mnl_attr_get_u8(tb[PNICFW_A_FLOW_PROTOCOL]);
	if (tb[PNICFW_A_FLOW_ZONE])
		flow->zone = mnl_attr_get_u16(tb[PNICFW_A_FLOW_ZONE]);
	flow->state = attr_u32(tb[PNICFW_A_FLOW_STATE]);
	flow->verdict = attr_u32(tb[PNICFW_A_FLOW_VERDICT]);
	flow->cacheable = tb[PNICFW_A_FLOW_CACHEABLE];
	flow->cacheable_reason = attr_u32(tb[PNICFW_A_FLOW_CACHEABLE_REASON]);
	flow->offloadable = tb[PNICFW_A_FLOW_OFFLOADABLE];
	flow->offloadable_reason =
		attr_u32(tb[PNICFW_A_FLOW_OFFLOADABLE_REASON]);
	flow->detail = attr_u32(tb[PNICFW_A_FLOW_DETAIL]);
	flow->learn_reason = attr_u32(tb[PNICFW_A_FLOW_LEARN_REASON]);
	flow->learn_detail = attr_u32(tb[PNICFW_A_FLOW_LEARN_DETAIL]);
	flow->hw_reason = attr_u32(tb[PNICFW_A_FLOW_HW_REASON]);
	flow->hw_errno = attr_u32(tb[PNICFW_A_FLOW_HW_ERRNO]);
	flow->hw_after = attr_u32(tb[PNICFW_A_FLOW_HW_AFTER]);
	flow->end_reason = attr_u32(tb[PNICFW_A_FLOW_END_REASON]);
	flow->pref = attr_u32(tb[PNICFW_A_FLOW_PREF]);
	if (tb[PNICFW_A_FLOW_HELPER])
		snprintf(flow->helper, sizeof(flow->helper), "%s",
			 mnl_attr_get_str(tb[PNICFW_A_FLOW_HELPER]));
	dir_read(tb[PNICFW_A_FLOW_ORIG], &flow->orig);
	dir_read(tb[PNICFW_A_FLOW_REPLY], &flow->reply);
}

static void count_json(cJSON *object, const char *name,
		       const struct count *count)
{
	cJSON *inner;

	if (!count->known)
		return;
	inner = cJSON_AddObjectToObject(object, name);
	json_add_u64(inner, "packets", count->packets);
	json_add_u64(inner, "bytes", count->bytes);
}

static void dir_json(cJSON *flow, const char *name, const struct dir *dir)
{
	cJSON *object = cJSON_AddObjectToObject(flow, name);

	cJSON_AddStringToObject(object, "src", dir->src);
	cJSON_AddStringToObject(object, "dst", dir->dst);
	if (dir->ports == PORTS_ICMP_ID)
		json_add_u64(object, "icmp-id", dir->sport);
	if (dir->ports == PORTS) {
		json_add_u64(object, "sport", dir->sport);
		json_add_u64(object, "dport", dir->dport);
	}
	if (*dir->in)
		cJSON_AddStringToObject(object, "in", dir->in);
	if (*dir->out)
		cJSON_AddStringToObject(object, "out", dir->out);
	count_json(object, "firewall", &dir->firewall);
	count_json(object, "cache", &dir->cache);
	count_json(object, "hw", &dir->hw);
}

/* Why the connection is not where it might be, as far as there is something
 * to say.
 */
static void reasons_json(cJSON *object, const struct flow *flow)
{
	if (flow->learn_reason)
		cJSON_AddStringToObject(object, "learn-reason",
					reason_words(flow->learn_reason,
						     TOPIC_NONE,
						     flow->learn_detail));
	if (flow->hw_reason)
		cJSON_AddStringToObject(object, "hw-reason",
					reason_words(flow->hw_reason, TOPIC_HW,
						     -1));
	if (flow->hw_errno)
		cJSON_AddStringToObject(object, "hw-errno",
					errno_word(flow->hw_errno));
	if (flow->end_reason)
		cJSON_AddStringToObject(object, "end-reason",
					reason_words(flow->end_reason,
						     TOPIC_NONE, -1));
}

/**
 * flow_json - a connection as JSON
 * @flow: the connection
 *
 * Return: an object.
 */
cJSON *flow_json(const struct flow *flow)
{
	cJSON *object = cJSON_CreateObject();

	json_add_u64(object, "id", flow->id);
	cJSON_AddStringToObject(object, "family",
				flow->family == AF_INET ? "ipv4" : "ipv6");
	cJSON_AddStringToObject(object, "protocol",
				protocol_word(flow->protocol));
	json_add_u64(object, "zone", flow->zone);
	cJSON_AddStringToObject(object, "state", state_word(flow->state));
	cJSON_AddStringToObject(object, "verdict", verdict_word(flow->verdict));
	cJSON_AddBoolToObject(object, "cacheable", flow->cacheable);
	cJSON_AddStringToObject(object, "cacheable-reason",
				answer_words(flow, TOPIC_CACHE));
	cJSON_AddBoolToObject(object, "offloadable", flow->offloadable);
	cJSON_AddStringToObject(object, "offloadable-reason",
				answer_words(flow, TOPIC_HW));
	json_add_u64(object, "hw-after", flow->hw_after);
	if (flow->pref)
		json_add_u64(object, "pref", flow->pref);
	reasons_json(object, flow);
	dir_json(object, "orig", &flow->orig);
	if (*flow->reply.src)
		dir_json(object, "reply", &flow->reply);
	return object;
}

/**
 * tuple_text - print what names a direction
 * @dir: the direction
 */
void tuple_text(const struct dir *dir)
{
	printf(" src %s dst %s", dir->src, dir->dst);
	if (dir->ports == PORTS_ICMP_ID)
		printf(" icmp-id %u", dir->sport);
	else if (dir->ports == PORTS)
		printf(" sport %u dport %u", dir->sport, dir->dport);
}

static void devs_text(const struct dir *dir)
{
	if (*dir->in)
		printf(" in %s", dir->in);
	if (*dir->out)
		printf(" out %s", dir->out);
}

static void count_text(const char *name, const struct count *count)
{
	if (count->known)
		printf(" %s %" PRIu64 " packets %" PRIu64 " bytes", name,
		       count->packets, count->bytes);
}

static void dir_text(const char *name, const struct dir *dir)
{
	printf("    %s", name);
	count_text("firewall", &dir->firewall);
	count_text("cache", &dir->cache);
	count_text("hw", &dir->hw);
	putchar('\n');
}

/**
 * flow_text - print a connection for people
 * @flow: the connection
 */
void flow_text(const struct flow *flow)
{
	printf("%u: proto %s", flow->id, protocol_word(flow->protocol));
	tuple_text(&flow->orig);
	devs_text(&flow->orig);
	printf(" state %s\n   ", state_word(flow->state));
	if (*flow->reply.src) {
		printf(" reply");
		tuple_text(&flow->reply);
		devs_text(&flow->reply);
	} else {
		printf(" verdict %s", verdict_word(flow->verdict));
	}
	if (flow->zone)
		printf(" zone %u", flow->zone);
	printf("\n    cacheable %s (%s)", flow->cacheable ? "yes" : "no",
	       answer_words(flow, TOPIC_CACHE));
	printf(" offloadable %s (%s)", flow->offloadable ? "yes" : "no",
	       answer_words(flow, TOPIC_HW));
	if (flow->pref)
		printf(" pref %u", flow->pref);
	putchar('\n');
	if (!options.stats)
		return;
	dir_text("orig", &flow->orig);
	if (*flow->reply.src)
		dir_text("reply", &flow->reply);
}

static int flow_reply(const struct nlmsghdr *nlh, void *list)
{
	const struct nlattr *tb[PNICFW_A_MAX + 1];
	struct flow flow;

	attrs_of(nlh, tb, PNICFW_A_MAX);
	flow_read(tb[PNICFW_A_FLOW], &flow);
	if (options.json)
		list_add(list, flow_json(&flow));
	else
		flow_text(&flow);
	return MNL_CB_OK;
}

static int flow_show(int argc, char **argv)
{
	struct nlmsghdr *nlh = request_new(PNICFW_CMD_FLOW_GET, true);
	struct list list = {};
	bool any;
	int status = put_filter(nlh, argc, argv, &any);

	if (status)
		return status;
	return list_end(&list, request_run(nlh, flow_reply, &list));
}

static int deleted_reply(const struct nlmsghdr *nlh, void *arg)
{
	const struct nlattr *tb[PNICFW_A_MAX + 1];
	uint32_t deleted;
	cJSON *object;

	(void)arg;
	attrs_of(nlh, tb, PNICFW_A_MAX);
	deleted = attr_u32(tb[PNICFW_A_DELETED]);
	if (options.json) {
		object = cJSON_CreateObject();
		json_add_u64(object, "deleted", deleted);
		json_print(object);
	} else {
		printf("deleted %u\n", deleted);
	}
	return MNL_CB_OK;
}

static int flow_del(int argc, char **argv)
{
	struct nlmsghdr *nlh = request_new(PNICFW_CMD_FLOW_DEL, false);
	bool any;
	int status = put_filter(nlh, argc, argv, &any);

	if (status)
		return status;
	if (!any)
		return fail(EXIT_USAGE,
			    "a filter is missing; \"flow flush\" is for all");
	return request_run(nlh, deleted_reply, NULL);
}

static int flow_flush(int argc, char **argv)
{
	struct nlmsghdr *nlh = request_new(PNICFW_CMD_FLOW_DEL, false);

	if (argc)
		return fail(EXIT_USAGE, "unknown word \"%s\"", argv[0]);
	mnl_attr_put(nlh, PNICFW_A_FLUSH, 0, NULL);
	return request_run(nlh, deleted_reply, NULL);
}

static int flow_help(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return print_help(usage);
}

/**
 * flow_main - run the words after "flow"
 * @argc: how many
 * @argv: the words
 *
 * Return: an exit status.
 */
int flow_main(int argc, char **argv)
{
	static const struct command commands[] = {
		{ "show", flow_show },
		{ "list", flow_show },
		{ "del", flow_del },
		{ "delete", flow_del },
		{ "flush", flow_flush },
		{ "explain", flow_explain },
		{ "help", flow_help },
		{ NULL, NULL },
	};

	return run_command(commands, "command", argc, argv);
}
