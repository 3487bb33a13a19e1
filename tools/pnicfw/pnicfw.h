/* SPDX-License-Identifier: GPL-2.0 */
/*
 * pnicfw - the command-line tool: what its files share
 */
#ifndef PNICFW_TOOL_H
#define PNICFW_TOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cjson/cJSON.h>
#include <libmnl/libmnl.h>
#include <linux/pnicfw.h>

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

/* What the program exits with, and what every command returns. */
enum {
	EXIT_DONE = 0,
	EXIT_REFUSED = 1,
	EXIT_USAGE = 2,
};

/**
 * struct options - what the command line asked for
 * @json: print JSON
 * @pretty: with line breaks
 * @stats: print counters
 * @where: "FILE:LINE: " while a batch runs, else ""
 */
struct options {
	bool json;
	bool pretty;
	bool stats;
	char where[280];
};

extern struct options options;

/* pnicfw.c */
int fail(int status, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/**
 * struct command - a word and what it does
 * @name: the word; any part of it that begins no other will do
 * @run: gets the words after it; returns an exit status
 */
struct command {
	const char *name;
	int (*run)(int argc, char **argv);
};

int run_command(const struct command *commands, const char *kind,
		int argc, char **argv);
int print_help(const char *text);

int port_main(int argc, char **argv);
int policy_main(int argc, char **argv);
int flow_main(int argc, char **argv);
int param_main(int argc, char **argv);
int stats_main(int argc, char **argv);
int monitor_main(int argc, char **argv);

/**
 * struct word - a word that a value follows, and the attribute they become
 * @name: the word
 * @type: the attribute's type
 * @put: adds it: the message, the type, @name for what it says of a bad value,
 *	the value; returns an exit status
 */
struct word {
	const char *name;
	int type;
	int (*put)(struct nlmsghdr *nlh, int type, const char *what,
		   const char *word);
};

/* args.c: words of the command line into netlink attributes */
bool word_matches(const char *word, const char *name);
int parse_switch(const char *what, const char *word, uint32_t *value);
int parse_number(const char *what, const char *word, uint32_t max,
		 uint32_t *value);
int put_words(struct nlmsghdr *nlh, const struct word *words, size_t n,
	      const char *what, int argc, char **argv);
int put_filter(struct nlmsghdr *nlh, int argc, char **argv, bool *any);
int put_dev(struct nlmsghdr *nlh, int type, const char *name);
int put_protocol(struct nlmsghdr *nlh, int type, const char *what,
		 const char *word);
int put_u32(struct nlmsghdr *nlh, int type, const char *what, const char *word);

/* rule.c: a rule's words likewise */
int put_rule(struct nlmsghdr *nlh, int argc, char **argv);
int put_rule_pref(struct nlmsghdr *nlh, int argc, char **argv);

/* netlink.c */
typedef int (*reply_cb)(const struct nlmsghdr *nlh, void *arg);

struct nlmsghdr *request_new(uint8_t cmd, bool dump);
int request_run(struct nlmsghdr *nlh, reply_cb cb, void *arg);
int listen_to(const char *const *groups, size_t n, reply_cb cb);

void attrs_of(const struct nlmsghdr *nlh, const struct nlattr **tb, int max);
void attrs_in(const struct nlattr *nest, const struct nlattr **tb, int max);
uint32_t attr_u32(const struct nlattr *attr);
uint64_t attr_u64(const struct nlattr *attr);

/* refusal.c */
int refusal_tell(const struct nlmsghdr *nlh, const struct nlmsghdr *reply);
void warning_tell(const struct nlmsghdr *reply);

/* output.c: a list is printed an object at a time, whatever its length */
struct list {
	bool any;
};

void list_add(struct list *list, cJSON *object);
int list_end(const struct list *list, int status);
void json_print(cJSON *object);
void json_print_line(cJSON *object);
void json_add_u64(cJSON *object, const char *name, uint64_t value);

/* words.c: numbers into words */
enum topic {
	TOPIC_NONE,
	TOPIC_CACHE,
	TOPIC_HW,
};

const char *state_word(uint32_t state);
int state_number(const char *word);
const char *verdict_word(uint32_t verdict);
const char *bind_word(uint32_t bind);
const char *shape_words(uint32_t bits);
const char *event_word(uint32_t event);
const char *hw_event_word(uint32_t event);
const char *protocol_word(uint8_t protocol);
int protocol_number(const char *word);
const char *errno_word(uint32_t number);

/**
 * struct count - how much passed a tier
 * @known: somebody counts
 * @packets: packets
 * @bytes: bytes from the network header on
 */
struct count {
	bool known;
	uint64_t packets;
	uint64_t bytes;
};

/* What a protocol has to tell connections of the same addresses apart */
enum ports {
	PORTS_NONE,
	PORTS,
	PORTS_ICMP_ID,
};

/**
 * struct dir - one direction of a connection
 * @src: source address
 * @dst: destination address
 * @ports: what the next two are
 * @sport: source port, or ICMP's identifier
 * @dport: destination port
 * @in: device of entry, "" where unknown
 * @out: device of exit, "" where unknown
 * @firewall: what tier 1 carried
 * @cache: what tier 2 carried
 * @hw: what tier 3 carried
 */
struct dir {
	char src[48];
	char dst[48];
	enum ports ports;
	uint16_t sport;
	uint16_t dport;
	char in[16];
	char out[16];
	struct count firewall;
	struct count cache;
	struct count hw;
};

/**
 * struct flow - a connection, as the kernel shows it
 *
 * Named as in the netlink spec.
 */
struct flow {
	uint32_t id;
	uint8_t family;
	uint8_t protocol;
	uint16_t zone;
	uint32_t state;
	uint32_t verdict;
	bool cacheable;
	bool offloadable;
	uint32_t cacheable_reason;
	uint32_t offloadable_reason;
	uint32_t detail;
	uint32_t learn_reason;
	uint32_t learn_detail;
	uint32_t hw_reason;
	uint32_t hw_errno;
	uint32_t hw_after;
	uint32_t end_reason;
	uint32_t pref;
	char helper[32];
	struct dir orig;
	struct dir reply;
};

const char *reason_words(uint32_t reason, enum topic topic, int detail);
const char *answer_words(const struct flow *flow, enum topic topic);
void tuple_text(const struct dir *dir);

/* What monitor.c and explain.c print as well */
void flow_read(const struct nlattr *nest, struct flow *flow);
cJSON *flow_json(const struct flow *flow);
void flow_text(const struct flow *flow);
int flow_explain(int argc, char **argv);
cJSON *port_json(const struct nlattr *const *tb);
void port_text(const struct nlattr *const *tb);
cJSON *rule_json(const struct nlattr *nest);
void rule_text(const struct nlattr *nest);
cJSON *param_json(const struct nlattr *nest);
void param_text(const struct nlattr *nest, const char *separator);

#endif /* PNICFW_TOOL_H */
