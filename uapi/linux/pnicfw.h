/* SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause) */
/* Do not edit directly, auto-generated from: */
/*	Documentation/netlink/specs/pnicfw.yaml */
/* YNL-GEN uapi header */

#ifndef _UAPI_LINUX_PNICFW_H
#define _UAPI_LINUX_PNICFW_H

#define PNICFW_FAMILY_NAME	"pnicfw"
#define PNICFW_FAMILY_VERSION	1

/**
 * enum pnicfw_state - Where a connection is in its life.
 * @PNICFW_STATE_TRACKED: The record exists; tier 1 has answered both
 *   questions.
 * @PNICFW_STATE_CACHED: A direction has a verified action in the flow cache.
 * @PNICFW_STATE_OFFLOADING: The eswitch was asked and has not confirmed both
 *   directions.
 * @PNICFW_STATE_OFFLOADED: The eswitch confirmed every direction the
 *   connection needs.
 * @PNICFW_STATE_CLOSING: On its way out of all tiers.
 * @PNICFW_STATE_DENIED: Tier 1 denies it, and the tiers below know.
 */
enum pnicfw_state {
	PNICFW_STATE_TRACKED,
	PNICFW_STATE_CACHED,
	PNICFW_STATE_OFFLOADING,
	PNICFW_STATE_OFFLOADED,
	PNICFW_STATE_CLOSING,
	PNICFW_STATE_DENIED,

	/* private: */
	__PNICFW_STATE_MAX,
	PNICFW_STATE_MAX = (__PNICFW_STATE_MAX - 1)
};

/**
 * enum pnicfw_verdict - What tier 1 does with a connection.
 * @PNICFW_VERDICT_ALLOW: Its packets pass.
 * @PNICFW_VERDICT_DENY: Its packets are dropped.
 */
enum pnicfw_verdict {
	PNICFW_VERDICT_ALLOW,
	PNICFW_VERDICT_DENY,
};

/**
 * enum pnicfw_bind - How a port's device takes hardware rules.
 * @PNICFW_BIND_NONE: It takes none, or none are wanted.
 * @PNICFW_BIND_FT: Through TC_SETUP_FT.
 * @PNICFW_BIND_BLOCK: Through TC_SETUP_BLOCK.
 * @PNICFW_BIND_INDIRECT: Through another device's driver; pnicfw does not ask
 *   for it.
 */
enum pnicfw_bind {
	PNICFW_BIND_NONE,
	PNICFW_BIND_FT,
	PNICFW_BIND_BLOCK,
	PNICFW_BIND_INDIRECT,
};

/**
 * enum pnicfw_event - What happened to the object that a notification shows.
 * @PNICFW_EVENT_ADD: It is new.
 * @PNICFW_EVENT_CHANGE: It is as shown now.
 * @PNICFW_EVENT_DEL: It is gone; this is how it was at its end.
 */
enum pnicfw_event {
	PNICFW_EVENT_ADD,
	PNICFW_EVENT_CHANGE,
	PNICFW_EVENT_DEL,
};

/**
 * enum pnicfw_hw_event - What happened between a connection and the eswitch.
 * @PNICFW_HW_EVENT_OFFLOADED: The eswitch confirmed every direction the
 *   connection needs.
 * @PNICFW_HW_EVENT_DEMOTED: The eswitch gave it back to the flow cache.
 * @PNICFW_HW_EVENT_FAILED: The driver refused.
 * @PNICFW_HW_EVENT_FULL: The connection got the eswitch's last place, or the
 *   driver has none for it. Told once a second at most.
 */
enum pnicfw_hw_event {
	PNICFW_HW_EVENT_OFFLOADED,
	PNICFW_HW_EVENT_DEMOTED,
	PNICFW_HW_EVENT_FAILED,
	PNICFW_HW_EVENT_FULL,
};

/**
 * enum pnicfw_switch - Whether something is wanted.
 * @PNICFW_SWITCH_OFF: It is not wanted.
 * @PNICFW_SWITCH_ON: It is wanted.
 */
enum pnicfw_switch {
	PNICFW_SWITCH_OFF,
	PNICFW_SWITCH_ON,
};

/**
 * enum pnicfw_reason - Why a connection is where it is, or why a packet taught
 *   nothing. The words that users read are the tool's; the numbers never
 *   change.
 * @PNICFW_REASON_NONE: No reason to give.
 * @PNICFW_REASON_DEFAULT: Nothing speaks against it.
 * @PNICFW_REASON_SWITCHED_OFF: A parameter switches it off for all
 *   connections.
 * @PNICFW_REASON_RULE: A policy rule says so.
 * @PNICFW_REASON_NOT_ESTABLISHED: The handshake is not complete, or the end
 *   has begun.
 * @PNICFW_REASON_UNREPLIED: Nothing has come back yet.
 * @PNICFW_REASON_UNCONFIRMED: Conntrack has not confirmed the connection.
 * @PNICFW_REASON_UNTRACKED: Conntrack does not track it.
 * @PNICFW_REASON_PROTOCOL: The protocol is one that only tier 1 handles.
 * @PNICFW_REASON_HELPER: A conntrack helper reads the packets.
 * @PNICFW_REASON_SEQADJ: Conntrack adjusts sequence numbers.
 * @PNICFW_REASON_SYNPROXY: A SYN proxy takes part.
 * @PNICFW_REASON_IPSEC: IPsec transforms the packets.
 * @PNICFW_REASON_NAT_CLASH: Conntrack resolved a clash for it and it lives
 *   short.
 * @PNICFW_REASON_OWNED: A flowtable or act_ct owns the connection.
 * @PNICFW_REASON_DYING: The conntrack entry is being removed.
 * @PNICFW_REASON_MULTICAST: Not unicast.
 * @PNICFW_REASON_EGRESS_NOT_PORT: It leaves by a device that is not a port.
 * @PNICFW_REASON_UNKNOWN_ORIGIN: The packet that left is not surely the one
 *   that came in.
 * @PNICFW_REASON_TUPLE: The conntrack tuple is not what the packet had at
 *   ingress.
 * @PNICFW_REASON_ENCAPSULATION: The packet left with another encapsulation.
 * @PNICFW_REASON_TAG_IN_PACKET: A VLAN tag is in the packet and not beside it.
 * @PNICFW_REASON_LENGTH: The packet left with another length.
 * @PNICFW_REASON_CHANGE: The packet left with a change that nothing explains.
 * @PNICFW_REASON_FLOODED: The destination is not known behind the port of
 *   egress.
 * @PNICFW_REASON_GENERATION: What tier 1 decides by changed while the packet
 *   was on its way.
 * @PNICFW_REASON_LIMIT: The table of records is full.
 * @PNICFW_REASON_NO_MEMORY: Memory ran out.
 * @PNICFW_REASON_PORT_OFF: A port has hw off, or its device takes no rules.
 * @PNICFW_REASON_OTHER_SWITCH: The two ports belong to different eswitches.
 * @PNICFW_REASON_ONE_WAY: One direction is not learned yet.
 * @PNICFW_REASON_THRESHOLD: It has not carried enough packets.
 * @PNICFW_REASON_REFUSED: The driver refused a rule.
 * @PNICFW_REASON_TCP_END: TCP is closing the connection.
 * @PNICFW_REASON_TIMEOUT: Conntrack let the connection go.
 * @PNICFW_REASON_PORT_GONE: A port of the connection went away.
 * @PNICFW_REASON_USER: A user asked for it.
 * @PNICFW_REASON_PATH_DEAD: A neighbour, bridge or port that the way rested on
 *   changed.
 * @PNICFW_REASON_STALE: What tier 1 decides by changed; the flow is learned
 *   again.
 * @PNICFW_REASON_COPIED: Copies of the packet leave by other ways.
 * @PNICFW_REASON_TABLE_FULL: The eswitch is full of connections that are as
 *   busy.
 * @PNICFW_REASON_EVICTED: It made room in the eswitch for a busier connection.
 * @PNICFW_REASON_SLOW: It does not carry enough packets a second.
 * @PNICFW_REASON_UNSUPPORTED: The port's driver has refused rules of the same
 *   shape.
 * @PNICFW_REASON_DRAINED: A port is drained; software carries its connections
 *   meanwhile.
 * @PNICFW_REASON_RECHECK: Tier 1 is to see it once more; its time had come.
 * @PNICFW_REASON_NETFILTER: Netfilter has dropped several such packets in a
 *   row.
 * @PNICFW_REASON_REFUTED: Tier 1 allows a connection that such packets belong
 *   to.
 * @PNICFW_REASON_HW_RATE: The eswitch is asked for no more just now; its turn
 *   comes.
 * @PNICFW_REASON_UPPER: It passes a device that has a qdisc, filters or a
 *   chain of its own.
 * @PNICFW_REASON_IPVS: IPVS sends it to one of several servers.
 */
enum pnicfw_reason {
	PNICFW_REASON_NONE,
	PNICFW_REASON_DEFAULT,
	PNICFW_REASON_SWITCHED_OFF,
	PNICFW_REASON_RULE,
	PNICFW_REASON_NOT_ESTABLISHED,
	PNICFW_REASON_UNREPLIED,
	PNICFW_REASON_UNCONFIRMED,
	PNICFW_REASON_UNTRACKED,
	PNICFW_REASON_PROTOCOL,
	PNICFW_REASON_HELPER,
	PNICFW_REASON_SEQADJ,
	PNICFW_REASON_SYNPROXY,
	PNICFW_REASON_IPSEC,
	PNICFW_REASON_NAT_CLASH,
	PNICFW_REASON_OWNED,
	PNICFW_REASON_DYING,
	PNICFW_REASON_MULTICAST,
	PNICFW_REASON_EGRESS_NOT_PORT,
	PNICFW_REASON_UNKNOWN_ORIGIN,
	PNICFW_REASON_TUPLE,
	PNICFW_REASON_ENCAPSULATION,
	PNICFW_REASON_TAG_IN_PACKET,
	PNICFW_REASON_LENGTH,
	PNICFW_REASON_CHANGE,
	PNICFW_REASON_FLOODED,
	PNICFW_REASON_GENERATION,
	PNICFW_REASON_LIMIT,
	PNICFW_REASON_NO_MEMORY,
	PNICFW_REASON_PORT_OFF,
	PNICFW_REASON_OTHER_SWITCH,
	PNICFW_REASON_ONE_WAY,
	PNICFW_REASON_THRESHOLD,
	PNICFW_REASON_REFUSED,
	PNICFW_REASON_TCP_END,
	PNICFW_REASON_TIMEOUT,
	PNICFW_REASON_PORT_GONE,
	PNICFW_REASON_USER,
	PNICFW_REASON_PATH_DEAD,
	PNICFW_REASON_STALE,
	PNICFW_REASON_COPIED,
	PNICFW_REASON_TABLE_FULL,
	PNICFW_REASON_EVICTED,
	PNICFW_REASON_SLOW,
	PNICFW_REASON_UNSUPPORTED,
	PNICFW_REASON_DRAINED,
	PNICFW_REASON_RECHECK,
	PNICFW_REASON_NETFILTER,
	PNICFW_REASON_REFUTED,
	PNICFW_REASON_HW_RATE,
	PNICFW_REASON_UPPER,
	PNICFW_REASON_IPVS,

	/* private: */
	__PNICFW_REASON_MAX,
	PNICFW_REASON_MAX = (__PNICFW_REASON_MAX - 1)
};

/**
 * enum pnicfw_shape_bits - What a hardware rule matches and does, apart from
 *   values.
 * @PNICFW_SHAPE_BITS_IPV6: IPv6; IPv4 otherwise.
 * @PNICFW_SHAPE_BITS_UDP: UDP; TCP otherwise.
 * @PNICFW_SHAPE_BITS_VLAN: It matches a VLAN tag.
 * @PNICFW_SHAPE_BITS_QINQ: It matches two.
 * @PNICFW_SHAPE_BITS_POP: It takes a tag off.
 * @PNICFW_SHAPE_BITS_PUSH: It puts a tag on.
 * @PNICFW_SHAPE_BITS_MAC: It rewrites MAC addresses.
 * @PNICFW_SHAPE_BITS_TTL: It decrements the TTL, or the hop limit.
 * @PNICFW_SHAPE_BITS_DSCP: It rewrites the DSCP.
 * @PNICFW_SHAPE_BITS_NAT: It rewrites addresses or ports.
 * @PNICFW_SHAPE_BITS_DROP: It drops what is denied.
 */
enum pnicfw_shape_bits {
	PNICFW_SHAPE_BITS_IPV6 = 1,
	PNICFW_SHAPE_BITS_UDP = 2,
	PNICFW_SHAPE_BITS_VLAN = 4,
	PNICFW_SHAPE_BITS_QINQ = 8,
	PNICFW_SHAPE_BITS_POP = 16,
	PNICFW_SHAPE_BITS_PUSH = 32,
	PNICFW_SHAPE_BITS_MAC = 64,
	PNICFW_SHAPE_BITS_TTL = 128,
	PNICFW_SHAPE_BITS_DSCP = 256,
	PNICFW_SHAPE_BITS_NAT = 512,
	PNICFW_SHAPE_BITS_DROP = 1024,
};

enum {
	PNICFW_A_PORT = 1,
	PNICFW_A_FILTER,
	PNICFW_A_FLUSH,
	PNICFW_A_PARAM,
	PNICFW_A_PORT_STATE,
	PNICFW_A_FLOW,
	PNICFW_A_DELETED,
	PNICFW_A_STATS,
	PNICFW_A_EVENT,
	PNICFW_A_HW_EVENT,
	PNICFW_A_REASON,
	PNICFW_A_ERRNO,
	PNICFW_A_RULE,

	__PNICFW_A_MAX,
	PNICFW_A_MAX = (__PNICFW_A_MAX - 1)
};

enum {
	PNICFW_A_PORT_IFINDEX = 1,
	PNICFW_A_PORT_IFNAME,
	PNICFW_A_PORT_HW,
	PNICFW_A_PORT_DRAIN,

	__PNICFW_A_PORT_MAX,
	PNICFW_A_PORT_MAX = (__PNICFW_A_PORT_MAX - 1)
};

enum {
	PNICFW_A_PORT_STATE_BIND = 1,
	PNICFW_A_PORT_STATE_SWITCH_ID,
	PNICFW_A_PORT_STATE_FLOWS,
	PNICFW_A_PORT_STATE_TABLE_USED,
	PNICFW_A_PORT_STATE_TABLE_SIZE,
	PNICFW_A_PORT_STATE_UNSUPPORTED,

	__PNICFW_A_PORT_STATE_MAX,
	PNICFW_A_PORT_STATE_MAX = (__PNICFW_A_PORT_STATE_MAX - 1)
};

enum {
	PNICFW_A_FILTER_ID = 1,
	PNICFW_A_FILTER_SRC,
	PNICFW_A_FILTER_DST,
	PNICFW_A_FILTER_PROTOCOL,
	PNICFW_A_FILTER_SPORT,
	PNICFW_A_FILTER_DPORT,
	PNICFW_A_FILTER_IFINDEX,
	PNICFW_A_FILTER_IFNAME,
	PNICFW_A_FILTER_STATE,

	__PNICFW_A_FILTER_MAX,
	PNICFW_A_FILTER_MAX = (__PNICFW_A_FILTER_MAX - 1)
};

enum {
	PNICFW_A_PARAM_CACHE = 1,
	PNICFW_A_PARAM_HW,
	PNICFW_A_PARAM_HW_AFTER,
	PNICFW_A_PARAM_AGE_INTERVAL,
	PNICFW_A_PARAM_CACHE_LIMIT,
	PNICFW_A_PARAM_LABEL_CACHEABLE,
	PNICFW_A_PARAM_LABEL_OFFLOADED,
	PNICFW_A_PARAM_HW_AFTER_RATE,
	PNICFW_A_PARAM_HW_RATE,
	PNICFW_A_PARAM_HW_LIMIT,
	PNICFW_A_PARAM_REVALIDATE_RATE,
	PNICFW_A_PARAM_RECHECK_TIME,
	PNICFW_A_PARAM_DENY_LIMIT,
	PNICFW_A_PARAM_DENY_TIME,
	PNICFW_A_PARAM_LEARN_DENIALS,

	__PNICFW_A_PARAM_MAX,
	PNICFW_A_PARAM_MAX = (__PNICFW_A_PARAM_MAX - 1)
};

enum {
	PNICFW_A_FLOW_ID = 1,
	PNICFW_A_FLOW_FAMILY,
	PNICFW_A_FLOW_PROTOCOL,
	PNICFW_A_FLOW_ZONE,
	PNICFW_A_FLOW_STATE,
	PNICFW_A_FLOW_VERDICT,
	PNICFW_A_FLOW_CACHEABLE,
	PNICFW_A_FLOW_CACHEABLE_REASON,
	PNICFW_A_FLOW_OFFLOADABLE,
	PNICFW_A_FLOW_OFFLOADABLE_REASON,
	PNICFW_A_FLOW_DETAIL,
	PNICFW_A_FLOW_LEARN_REASON,
	PNICFW_A_FLOW_LEARN_DETAIL,
	PNICFW_A_FLOW_HW_REASON,
	PNICFW_A_FLOW_HW_ERRNO,
	PNICFW_A_FLOW_END_REASON,
	PNICFW_A_FLOW_HW_AFTER,
	PNICFW_A_FLOW_ORIG,
	PNICFW_A_FLOW_REPLY,
	PNICFW_A_FLOW_HELPER,
	PNICFW_A_FLOW_PREF,

	__PNICFW_A_FLOW_MAX,
	PNICFW_A_FLOW_MAX = (__PNICFW_A_FLOW_MAX - 1)
};

enum {
	PNICFW_A_DIR_SRC = 1,
	PNICFW_A_DIR_DST,
	PNICFW_A_DIR_SPORT,
	PNICFW_A_DIR_DPORT,
	PNICFW_A_DIR_IN_IFINDEX,
	PNICFW_A_DIR_IN,
	PNICFW_A_DIR_OUT_IFINDEX,
	PNICFW_A_DIR_OUT,
	PNICFW_A_DIR_FIREWALL,
	PNICFW_A_DIR_CACHE,
	PNICFW_A_DIR_HW,
	PNICFW_A_DIR_ICMP_ID,

	__PNICFW_A_DIR_MAX,
	PNICFW_A_DIR_MAX = (__PNICFW_A_DIR_MAX - 1)
};

enum {
	PNICFW_A_COUNT_PAD = 1,
	PNICFW_A_COUNT_PACKETS,
	PNICFW_A_COUNT_BYTES,

	__PNICFW_A_COUNT_MAX,
	PNICFW_A_COUNT_MAX = (__PNICFW_A_COUNT_MAX - 1)
};

enum {
	PNICFW_A_STATS_PAD = 1,
	PNICFW_A_STATS_RECORDS,
	PNICFW_A_STATS_CACHED,
	PNICFW_A_STATS_OFFLOADED,
	PNICFW_A_STATS_DENIED,
	PNICFW_A_STATS_CACHE_HITS,
	PNICFW_A_STATS_CACHE_MISSES,
	PNICFW_A_STATS_LEARNED,
	PNICFW_A_STATS_NOT_LEARNED,
	PNICFW_A_STATS_REVALIDATED,
	PNICFW_A_STATS_HW_INSERTED,
	PNICFW_A_STATS_HW_DELETED,
	PNICFW_A_STATS_HW_FAILED,
	PNICFW_A_STATS_HW_EVICTED,
	PNICFW_A_STATS_MEMORY,
	PNICFW_A_STATS_HW_USED,
	PNICFW_A_STATS_HW_WAITING,
	PNICFW_A_STATS_HW_STALE,
	PNICFW_A_STATS_HW_INSERT_US,
	PNICFW_A_STATS_HW_HEAT,
	PNICFW_A_STATS_DENIED_HITS,
	PNICFW_A_STATS_DENIED_MADE,
	PNICFW_A_STATS_DENIED_EVICTED,
	PNICFW_A_STATS_HW_DENIED,
	PNICFW_A_STATS_HW_DELETE_US,
	PNICFW_A_STATS_HW_STATS_US,

	__PNICFW_A_STATS_MAX,
	PNICFW_A_STATS_MAX = (__PNICFW_A_STATS_MAX - 1)
};

enum {
	PNICFW_A_TALLY_PAD = 1,
	PNICFW_A_TALLY_REASON,
	PNICFW_A_TALLY_ERRNO,
	PNICFW_A_TALLY_COUNT,

	__PNICFW_A_TALLY_MAX,
	PNICFW_A_TALLY_MAX = (__PNICFW_A_TALLY_MAX - 1)
};

enum {
	PNICFW_A_RULE_PREF = 1,
	PNICFW_A_RULE_SRC,
	PNICFW_A_RULE_SRC_LEN,
	PNICFW_A_RULE_DST,
	PNICFW_A_RULE_DST_LEN,
	PNICFW_A_RULE_PROTOCOL,
	PNICFW_A_RULE_SPORT,
	PNICFW_A_RULE_SPORT_MAX,
	PNICFW_A_RULE_DPORT,
	PNICFW_A_RULE_DPORT_MAX,
	PNICFW_A_RULE_IN_IFINDEX,
	PNICFW_A_RULE_IN,
	PNICFW_A_RULE_IN_GONE,
	PNICFW_A_RULE_OUT_IFINDEX,
	PNICFW_A_RULE_OUT,
	PNICFW_A_RULE_OUT_GONE,
	PNICFW_A_RULE_ZONE,
	PNICFW_A_RULE_MARK,
	PNICFW_A_RULE_MARK_MASK,
	PNICFW_A_RULE_LABEL,
	PNICFW_A_RULE_HELPER,
	PNICFW_A_RULE_VERDICT,
	PNICFW_A_RULE_CACHE,
	PNICFW_A_RULE_HW,
	PNICFW_A_RULE_HW_AFTER,

	__PNICFW_A_RULE_MAX,
	PNICFW_A_RULE_MAX = (__PNICFW_A_RULE_MAX - 1)
};

enum {
	PNICFW_A_BUCKET_PAD = 1,
	PNICFW_A_BUCKET_FROM,
	PNICFW_A_BUCKET_COUNT,

	__PNICFW_A_BUCKET_MAX,
	PNICFW_A_BUCKET_MAX = (__PNICFW_A_BUCKET_MAX - 1)
};

enum {
	PNICFW_A_SHAPE_BITS = 1,
	PNICFW_A_SHAPE_OUT_IFINDEX,
	PNICFW_A_SHAPE_OUT,

	__PNICFW_A_SHAPE_MAX,
	PNICFW_A_SHAPE_MAX = (__PNICFW_A_SHAPE_MAX - 1)
};

enum {
	PNICFW_CMD_PORT_GET = 1,
	PNICFW_CMD_PORT_ADD,
	PNICFW_CMD_PORT_SET,
	PNICFW_CMD_PORT_DEL,
	PNICFW_CMD_PORT_NTF,
	PNICFW_CMD_FLOW_GET,
	PNICFW_CMD_FLOW_DEL,
	PNICFW_CMD_FLOW_NTF,
	PNICFW_CMD_PARAM_GET,
	PNICFW_CMD_PARAM_SET,
	PNICFW_CMD_PARAM_NTF,
	PNICFW_CMD_STATS_GET,
	PNICFW_CMD_HW_NTF,
	PNICFW_CMD_POLICY_GET,
	PNICFW_CMD_POLICY_ADD,
	PNICFW_CMD_POLICY_DEL,
	PNICFW_CMD_POLICY_FLUSH,
	PNICFW_CMD_POLICY_NTF,

	__PNICFW_CMD_MAX,
	PNICFW_CMD_MAX = (__PNICFW_CMD_MAX - 1)
};

#define PNICFW_MCGRP_FLOW	"flow"
#define PNICFW_MCGRP_PORT	"port"
#define PNICFW_MCGRP_POLICY	"policy"
#define PNICFW_MCGRP_HW		"hw"

#endif /* _UAPI_LINUX_PNICFW_H */
