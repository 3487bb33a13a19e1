/* SPDX-License-Identifier: GPL-2.0 */
/*
 * trace - one tracepoint for each step in the life of a connection
 *
 * Addresses are printed as they are at ingress; a record's id is the one that
 * `pnicfw flow show` prints.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM pnicfw

#if !defined(PNICFW_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define PNICFW_TRACE_H

#include <linux/netdevice.h>
#include <linux/tracepoint.h>

#include "compat.h"
#include "denial.h"
#include "path.h"
#include "port.h"
#include "record.h"

const char *pnicfw_trace_reason(u8 why);
void pnicfw_trace_addr(u8 *buf, const struct pnicfw_key *key,
		       const union nf_inet_addr *addr, __be16 port);

/* Reasons by the names that the netlink spec has for them. */
#define PNICFW_TRACE_REASONS						\
	WORD(NONE, "none")						\
	WORD(DEFAULT, "default")						\
	WORD(SWITCHED_OFF, "switched-off")				\
	WORD(RULE, "rule")						\
	WORD(NOT_ESTABLISHED, "not-established")				\
	WORD(UNREPLIED, "unreplied")					\
	WORD(UNCONFIRMED, "unconfirmed")					\
	WORD(UNTRACKED, "untracked")					\
	WORD(PROTOCOL, "protocol")					\
	WORD(HELPER, "helper")						\
	WORD(SEQADJ, "seqadj")						\
	WORD(SYNPROXY, "synproxy")					\
	WORD(IPSEC, "ipsec")						\
	WORD(NAT_CLASH, "nat-clash")					\
	WORD(OWNED, "owned")						\
	WORD(DYING, "dying")						\
	WORD(MULTICAST, "multicast")					\
	WORD(EGRESS_NOT_PORT, "egress-not-port")				\
	WORD(UNKNOWN_ORIGIN, "unknown-origin")				\
	WORD(TUPLE, "tuple")						\
	WORD(ENCAPSULATION, "encapsulation")				\
	WORD(TAG_IN_PACKET, "tag-in-packet")				\
	WORD(LENGTH, "length")						\
	WORD(CHANGE, "change")						\
	WORD(FLOODED, "flooded")						\
	WORD(GENERATION, "generation")					\
	WORD(LIMIT, "limit")						\
	WORD(NO_MEMORY, "no-memory")					\
	WORD(PORT_OFF, "port-off")					\
	WORD(OTHER_SWITCH, "other-switch")				\
	WORD(ONE_WAY, "one-way")						\
	WORD(THRESHOLD, "threshold")					\
	WORD(REFUSED, "refused")						\
	WORD(TCP_END, "tcp-end")						\
	WORD(TIMEOUT, "timeout")						\
	WORD(PORT_GONE, "port-gone")					\
	WORD(USER, "user")						\
	WORD(PATH_DEAD, "path-dead")					\
	WORD(STALE, "stale")						\
	WORD(COPIED, "copied")						\
	WORD(TABLE_FULL, "table-full")					\
	WORD(EVICTED, "evicted")					\
	WORD(SLOW, "slow")						\
	WORD(UNSUPPORTED, "unsupported")				\
	WORD(DRAINED, "drained")						\
	WORD(RECHECK, "recheck")					\
	WORD(NETFILTER, "netfilter")					\
	WORD(REFUTED, "refuted")					\
	WORD(HW_RATE, "hw-rate")					\
	WORD(UPPER, "upper")						\
	LAST(IPVS, "ipvs")

#undef WORD
#undef LAST
#define WORD(reason, word)	TRACE_DEFINE_ENUM(PNICFW_REASON_##reason);
#define LAST(reason, word)	TRACE_DEFINE_ENUM(PNICFW_REASON_##reason);
PNICFW_TRACE_REASONS

#undef WORD
#undef LAST
#define WORD(reason, word)	{ PNICFW_REASON_##reason, word },
#define LAST(reason, word)	{ PNICFW_REASON_##reason, word }

#define PNICFW_TRACE_KEY						\
	__field(u8, protocol)						\
	__array(u8, src, sizeof(struct sockaddr_in6))			\
	__array(u8, dst, sizeof(struct sockaddr_in6))

#define PNICFW_TRACE_KEY_ASSIGN(key)					\
do {									\
	__entry->protocol = (key)->protocol;				\
	pnicfw_trace_addr(__entry->src, key, &(key)->src, (key)->sport); \
	pnicfw_trace_addr(__entry->dst, key, &(key)->dst, (key)->dport); \
} while (0)

/* @why is an enum pnicfw_reason. */
DECLARE_EVENT_CLASS(pnicfw_flow,
	TP_PROTO(const struct pnicfw_record *rec, u8 dir, u8 why),
	TP_ARGS(rec, dir, why),
	TP_STRUCT__entry(
		__field(u32, id)
		__field(u8, dir)
		__field(u8, why)
		PNICFW_TRACE_KEY
	),
	TP_fast_assign(
		struct pnicfw_key key;

		pnicfw_record_key(rec, dir, &key);
		__entry->id = rec->id;
		__entry->dir = dir;
		__entry->why = why;
		PNICFW_TRACE_KEY_ASSIGN(&key);
	),
	TP_printk("id=%u dir=%u proto=%u %pISpc > %pISpc reason=%s",
		  __entry->id, __entry->dir, __entry->protocol, __entry->src,
		  __entry->dst,
		  __print_symbolic(__entry->why, PNICFW_TRACE_REASONS))
);

/* Tier 1 has answered, and the record exists. */
DEFINE_EVENT(pnicfw_flow, pnicfw_tracked,
	TP_PROTO(const struct pnicfw_record *rec, u8 dir, u8 why),
	TP_ARGS(rec, dir, why));

/* A direction has a verified action. */
DEFINE_EVENT(pnicfw_flow, pnicfw_cached,
	TP_PROTO(const struct pnicfw_record *rec, u8 dir, u8 why),
	TP_ARGS(rec, dir, why));

/* The eswitch confirmed both directions. */
DEFINE_EVENT(pnicfw_flow, pnicfw_offloaded,
	TP_PROTO(const struct pnicfw_record *rec, u8 dir, u8 why),
	TP_ARGS(rec, dir, why));

/* The eswitch has nothing of it any more. */
DEFINE_EVENT(pnicfw_flow, pnicfw_demoted,
	TP_PROTO(const struct pnicfw_record *rec, u8 dir, u8 why),
	TP_ARGS(rec, dir, why));

/* It got the eswitch's last place, or the driver has none for it. */
DEFINE_EVENT(pnicfw_flow, pnicfw_full,
	TP_PROTO(const struct pnicfw_record *rec, u8 dir, u8 why),
	TP_ARGS(rec, dir, why));

/* On its way out of all tiers. */
DEFINE_EVENT(pnicfw_flow, pnicfw_closing,
	TP_PROTO(const struct pnicfw_record *rec, u8 dir, u8 why),
	TP_ARGS(rec, dir, why));

/* Out of them, and counted. */
DEFINE_EVENT(pnicfw_flow, pnicfw_gone,
	TP_PROTO(const struct pnicfw_record *rec, u8 dir, u8 why),
	TP_ARGS(rec, dir, why));

/* The driver refused a rule. */
TRACE_EVENT(pnicfw_refused,
	TP_PROTO(const struct pnicfw_record *rec, u8 dir, int err,
		 const char *msg),
	TP_ARGS(rec, dir, err, msg),
	TP_STRUCT__entry(
		__field(u32, id)
		__field(u8, dir)
		__field(int, err)
		__string(msg, msg ?: "")
	),
	TP_fast_assign(
		__entry->id = rec->id;
		__entry->dir = dir;
		__entry->err = err;
		PNICFW_ASSIGN_STR(msg, msg ?: "");
	),
	TP_printk("id=%u dir=%u err=%d %s", __entry->id, __entry->dir,
		  __entry->err, __get_str(msg))
);

/* A packet that could have taught something did not. */
TRACE_EVENT(pnicfw_not_learned,
	TP_PROTO(const struct pnicfw_key *key, const struct net_device *out,
		 u8 why),
	TP_ARGS(key, out, why),
	TP_STRUCT__entry(
		__field(int, ifindex)
		__field(u8, why)
		PNICFW_TRACE_KEY
	),
	TP_fast_assign(
		__entry->ifindex = out->ifindex;
		__entry->why = why;
		PNICFW_TRACE_KEY_ASSIGN(key);
	),
	TP_printk("out=%d proto=%u %pISpc > %pISpc reason=%s",
		  __entry->ifindex, __entry->protocol, __entry->src,
		  __entry->dst,
		  __print_symbolic(__entry->why, PNICFW_TRACE_REASONS))
);

/* Something that a path rested on is no longer true. */
TRACE_EVENT(pnicfw_path_dead,
	TP_PROTO(const struct pnicfw_path *path),
	TP_ARGS(path),
	TP_STRUCT__entry(
		__field(int, in)
		__field(int, out)
		__array(u8, dst, ETH_ALEN)
	),
	TP_fast_assign(
		__entry->in = path->key.in->dev->ifindex;
		__entry->out = path->key.out->dev->ifindex;
		memcpy(__entry->dst, path->key.act.eth_dst, ETH_ALEN);
	),
	TP_printk("in=%d out=%d dst=%pM", __entry->in, __entry->out,
		  __entry->dst)
);

/* @why is an enum pnicfw_reason; @port is the ifindex of entry. */
DECLARE_EVENT_CLASS(pnicfw_denial,
	TP_PROTO(const struct pnicfw_denial *denial, u8 why),
	TP_ARGS(denial, why),
	TP_STRUCT__entry(
		__field(u32, id)
		__field(int, in)
		__field(u32, pref)
		__field(u8, why)
		PNICFW_TRACE_KEY
	),
	TP_fast_assign(
		__entry->id = denial->id;
		__entry->in = denial->is.in;
		__entry->pref = denial->is.pref;
		__entry->why = why;
		PNICFW_TRACE_KEY_ASSIGN(&denial->is.key);
	),
	TP_printk("id=%u in=%d pref=%u proto=%u %pISpc > %pISpc reason=%s",
		  __entry->id, __entry->in, __entry->pref, __entry->protocol,
		  __entry->src, __entry->dst,
		  __print_symbolic(__entry->why, PNICFW_TRACE_REASONS))
);

/* Tier 1 has denied a packet, and tier 2 drops the next ones. */
DEFINE_EVENT(pnicfw_denial, pnicfw_denied,
	TP_PROTO(const struct pnicfw_denial *denial, u8 why),
	TP_ARGS(denial, why));

/* It does no more; tier 1 is asked. */
DEFINE_EVENT(pnicfw_denial, pnicfw_undenied,
	TP_PROTO(const struct pnicfw_denial *denial, u8 why),
	TP_ARGS(denial, why));

/* The eswitch drops them. */
DEFINE_EVENT(pnicfw_denial, pnicfw_denial_offloaded,
	TP_PROTO(const struct pnicfw_denial *denial, u8 why),
	TP_ARGS(denial, why));

/* It does no more. */
DEFINE_EVENT(pnicfw_denial, pnicfw_denial_demoted,
	TP_PROTO(const struct pnicfw_denial *denial, u8 why),
	TP_ARGS(denial, why));

/* The driver refused a denial's rule. */
TRACE_EVENT(pnicfw_denial_refused,
	TP_PROTO(const struct pnicfw_denial *denial, int err, const char *msg),
	TP_ARGS(denial, err, msg),
	TP_STRUCT__entry(
		__field(u32, id)
		__field(int, err)
		__string(msg, msg ?: "")
	),
	TP_fast_assign(
		__entry->id = denial->id;
		__entry->err = err;
		PNICFW_ASSIGN_STR(msg, msg ?: "");
	),
	TP_printk("id=%u err=%d %s", __entry->id, __entry->err,
		  __get_str(msg))
);

#endif /* PNICFW_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
