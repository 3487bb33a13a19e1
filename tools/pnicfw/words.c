// SPDX-License-Identifier: GPL-2.0
/*
 * words - the kernel's numbers in the words that users read
 */
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pnicfw.h"

/* A kernel that is newer than this tool may know more. */
static const char *word(const char *const *words, size_t n, uint32_t number)
{
	return number < n && words[number] ? words[number] : "unknown";
}

static const char *const states[] = {
	[PNICFW_STATE_TRACKED] = "tracked",
	[PNICFW_STATE_CACHED] = "cached",
	[PNICFW_STATE_OFFLOADING] = "offloading",
	[PNICFW_STATE_OFFLOADED] = "offloaded",
	[PNICFW_STATE_CLOSING] = "closing",
	[PNICFW_STATE_DENIED] = "denied",
};

/**
 * state_word - a state of a connection
 * @state: enum pnicfw_state
 *
 * Return: a word.
 */
const char *state_word(uint32_t state)
{
	return word(states, ARRAY_SIZE(states), state);
}

/**
 * state_number - a state by name
 * @name: what the user wrote
 *
 * Return: the state or -1.
 */
int state_number(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(states); i++)
		if (!strcmp(states[i], name))
			return i;
	return -1;
}

/**
 * verdict_word - a verdict
 * @verdict: enum pnicfw_verdict
 *
 * Return: a word.
 */
const char *verdict_word(uint32_t verdict)
{
	static const char *const words[] = {
		[PNICFW_VERDICT_ALLOW] = "allow",
		[PNICFW_VERDICT_DENY] = "deny",
	};

	return word(words, ARRAY_SIZE(words), verdict);
}

/**
 * bind_word - a way in which a device takes rules
 * @bind: enum pnicfw_bind
 *
 * Return: a word.
 */
const char *bind_word(uint32_t bind)
{
	static const char *const words[] = {
		[PNICFW_BIND_NONE] = "none",
		[PNICFW_BIND_FT] = "ft",
		[PNICFW_BIND_BLOCK] = "block",
		[PNICFW_BIND_INDIRECT] = "indirect",
	};

	return word(words, ARRAY_SIZE(words), bind);
}

/**
 * shape_words - a kind of hardware rules
 * @bits: bits of enum pnicfw_shape_bits
 *
 * Return: words; valid until the next call.
 */
const char *shape_words(uint32_t bits)
{
	static const struct {
		uint32_t bit;
		const char *word;
	} words[] = {
		{ PNICFW_SHAPE_BITS_VLAN, "vlan" },
		{ PNICFW_SHAPE_BITS_QINQ, "qinq" },
		{ PNICFW_SHAPE_BITS_POP, "pop" },
		{ PNICFW_SHAPE_BITS_PUSH, "push" },
		{ PNICFW_SHAPE_BITS_MAC, "mac" },
		{ PNICFW_SHAPE_BITS_TTL, "ttl" },
		{ PNICFW_SHAPE_BITS_DSCP, "dscp" },
		{ PNICFW_SHAPE_BITS_NAT, "nat" },
		{ PNICFW_SHAPE_BITS_DROP, "drop" },
	};
	static char text[80];
	size_t i, n;

	n = snprintf(text, sizeof(text), "%s %s",
		     bits & PNICFW_SHAPE_BITS_IPV6 ? "ipv6" : "ipv4",
		     bits & PNICFW_SHAPE_BITS_UDP ? "udp" : "tcp");
	for (i = 0; i < ARRAY_SIZE(words); i++)
		if (bits & words[i].bit)
			n += snprintf(text + n, sizeof(text) - n, " %s",
				      words[i].word);
	return text;
}

/**
 * event_word - an event
 * @event: enum pnicfw_event
 *
 * Return: a word.
 */
const char *event_word(uint32_t event)
{
	static const char *const words[] = {
		[PNICFW_EVENT_ADD] = "add",
		[PNICFW_EVENT_CHANGE] = "change",
		[PNICFW_EVENT_DEL] = "del",
	};

	return word(words, ARRAY_SIZE(words), event);
}

/**
 * hw_event_word - an event between a connection and the eswitch
 * @event: enum pnicfw_hw_event
 *
 * Return: a word.
 */
const char *hw_event_word(uint32_t event)
{
	static const char *const words[] = {
		[PNICFW_HW_EVENT_OFFLOADED] = "offloaded",
		[PNICFW_HW_EVENT_DEMOTED] = "demoted",
		[PNICFW_HW_EVENT_FAILED] = "failed",
		[PNICFW_HW_EVENT_FULL] = "full",
	};

	return word(words, ARRAY_SIZE(words), event);
}

/* Those that matter here; a small system has no /etc/protocols. */
static const struct {
	const char *name;
	uint8_t number;
} protocols[] = {
	{ "tcp", IPPROTO_TCP },
	{ "udp", IPPROTO_UDP },
	{ "icmp", IPPROTO_ICMP },
	{ "icmpv6", IPPROTO_ICMPV6 },
	{ "ipv6-icmp", IPPROTO_ICMPV6 },
	{ "sctp", IPPROTO_SCTP },
	{ "gre", IPPROTO_GRE },
	{ "dccp", IPPROTO_DCCP },
	{ "udplite", IPPROTO_UDPLITE },
};

/**
 * protocol_word - the name of an IP protocol
 * @protocol: its number
 *
 * Return: the name, or the number where it has none; valid until the next call.
 */
const char *protocol_word(uint8_t protocol)
{
	static char number[4];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(protocols); i++)
		if (protocols[i].number == protocol)
			return protocols[i].name;
	snprintf(number, sizeof(number), "%u", protocol);
	return number;
}

/**
 * protocol_number - an IP protocol by name or number
 * @name: what the user wrote
 *
 * Return: the number or -1.
 */
int protocol_number(const char *name)
{
	const struct protoent *entry;
	unsigned long number;
	char *end;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(protocols); i++)
		if (!strcmp(protocols[i].name, name))
			return protocols[i].number;
	number = strtoul(name, &end, 10);
	if (*name >= '0' && *name <= '9' && !*end)
		return number <= UINT8_MAX ? (int)number : -1;
	entry = getprotobyname(name);
	return entry ? entry->p_proto : -1;
}

/**
 * errno_word - the name of an error
 * @number: its number, positive
 *
 * Return: the name; "other" where the kernel did not keep the number.
 */
const char *errno_word(uint32_t number)
{
	const char *name = number ? strerrorname_np(number) : NULL;

	return name ?: "other";
}

static const char *const reasons[PNICFW_REASON_MAX + 1] = {
	[PNICFW_REASON_NONE] = "none",
	[PNICFW_REASON_DEFAULT] = "policy default",
	[PNICFW_REASON_SWITCHED_OFF] = "switched off",
	[PNICFW_REASON_RULE] = "policy rule",
	[PNICFW_REASON_NOT_ESTABLISHED] = "not established",
	[PNICFW_REASON_UNREPLIED] = "no reply yet",
	[PNICFW_REASON_UNCONFIRMED] = "not confirmed by conntrack",
	[PNICFW_REASON_UNTRACKED] = "not tracked by conntrack",
	[PNICFW_REASON_PROTOCOL] = "protocol is for tier 1 only",
	[PNICFW_REASON_HELPER] = "helper",
	[PNICFW_REASON_SEQADJ] = "sequence adjustment",
	[PNICFW_REASON_SYNPROXY] = "SYN proxy",
	[PNICFW_REASON_IPSEC] = "IPsec",
	[PNICFW_REASON_NAT_CLASH] = "conntrack resolved a clash",
	[PNICFW_REASON_OWNED] = "owned by a flowtable or act_ct",
	[PNICFW_REASON_DYING] = "conntrack entry is being removed",
	[PNICFW_REASON_MULTICAST] = "not unicast",
	[PNICFW_REASON_EGRESS_NOT_PORT] = "egress device is not a port",
	[PNICFW_REASON_UNKNOWN_ORIGIN] = "packet's origin is not certain",
	[PNICFW_REASON_TUPLE] = "conntrack tuple differs from the packet",
	[PNICFW_REASON_ENCAPSULATION] = "encapsulation changed",
	[PNICFW_REASON_TAG_IN_PACKET] = "VLAN tag inside the packet",
	[PNICFW_REASON_LENGTH] = "length changed",
	[PNICFW_REASON_CHANGE] = "unexplained change",
	[PNICFW_REASON_FLOODED] = "destination not known behind egress port",
	[PNICFW_REASON_GENERATION] = "rules changed while it was on its way",
	[PNICFW_REASON_LIMIT] = "table of records is full",
	[PNICFW_REASON_NO_MEMORY] = "out of memory",
	[PNICFW_REASON_PORT_OFF] = "port takes no hardware rules",
	[PNICFW_REASON_OTHER_SWITCH] = "ports belong to different eswitches",
	[PNICFW_REASON_ONE_WAY] = "one direction is not learned",
	[PNICFW_REASON_THRESHOLD] = "not enough packets yet",
	[PNICFW_REASON_REFUSED] = "refused by the driver",
	[PNICFW_REASON_TCP_END] = "TCP is closing",
	[PNICFW_REASON_TIMEOUT] = "conntrack let it go",
	[PNICFW_REASON_PORT_GONE] = "port went away",
	[PNICFW_REASON_USER] = "asked for by a user",
	[PNICFW_REASON_PATH_DEAD] = "neighbour, bridge or port changed",
	[PNICFW_REASON_STALE] = "rules changed",
	[PNICFW_REASON_COPIED] = "copies leave by other ways",
	[PNICFW_REASON_TABLE_FULL] = "eswitch is full of busier ones",
	[PNICFW_REASON_EVICTED] = "made room for a busier one",
	[PNICFW_REASON_SLOW] = "not enough packets a second",
	[PNICFW_REASON_UNSUPPORTED] = "driver takes no such rules",
	[PNICFW_REASON_DRAINED] = "port is drained",
	[PNICFW_REASON_RECHECK] = "tier 1 is to see it once more",
	[PNICFW_REASON_NETFILTER] = "dropped by netfilter",
	[PNICFW_REASON_REFUTED] = "part of an allowed connection",
	[PNICFW_REASON_HW_RATE] = "waits for its turn, hw-rate",
	[PNICFW_REASON_UPPER] = "device on the way queues or filters",
	[PNICFW_REASON_IPVS] = "balanced by IPVS",
};

/* Those whose detail is a device, as long as that is known by a name */
static const char *const about_device[] = {
	[PNICFW_REASON_EGRESS_NOT_PORT] = "egress device %s is not a port",
	[PNICFW_REASON_UPPER] = "device %s on the way queues or filters",
};

/**
 * reason_words - a reason
 * @reason: enum pnicfw_reason
 * @topic: the question that it answers
 * @detail: what belongs to it, or -1
 *
 * Return: words; valid until the next call.
 */
const char *reason_words(uint32_t reason, enum topic topic, int detail)
{
	const char *words = word(reasons, ARRAY_SIZE(reasons), reason);
	static char text[80];
	char name[IF_NAMESIZE];

	if (reason == PNICFW_REASON_SWITCHED_OFF && topic != TOPIC_NONE)
		snprintf(text, sizeof(text), "%s by param %s", words,
			 topic == TOPIC_CACHE ? "cache" : "hw");
	else if (reason == PNICFW_REASON_CHANGE && detail >= 0)
		snprintf(text, sizeof(text), "%s at byte %d", words, detail);
	else if (reason == PNICFW_REASON_RULE && detail >= 0)
		snprintf(text, sizeof(text), "%s %d", words, detail);
	else if (reason == PNICFW_REASON_PROTOCOL && topic == TOPIC_HW)
		return "eswitches do not know the protocol";
	else if (reason < ARRAY_SIZE(about_device) && about_device[reason] &&
		 detail > 0 && if_indextoname(detail, name))
		snprintf(text, sizeof(text), about_device[reason], name);
	else
		return words;
	return text;
}

/**
 * answer_words - the reason for one of tier 1's two answers
 * @flow: the connection
 * @topic: the question
 *
 * Return: words; valid until the next call.
 */
const char *answer_words(const struct flow *flow, enum topic topic)
{
	uint32_t reason = topic == TOPIC_HW ? flow->offloadable_reason :
					      flow->cacheable_reason;
	static char text[80];

	if (reason == PNICFW_REASON_RULE && flow->pref)
		return reason_words(reason, topic, flow->pref);
	if (reason != PNICFW_REASON_HELPER || !*flow->helper)
		return reason_words(reason, topic, flow->detail);
	snprintf(text, sizeof(text), "helper %s", flow->helper);
	return text;
}
