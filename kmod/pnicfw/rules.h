/* SPDX-License-Identifier: GPL-2.0 */
/*
 * rules - the policy's rules, found by the shape of what they match
 *
 * Rules have an order, their pref; the first one that matches a connection
 * answers. Rules that look at the same bits of a connection are of one shape:
 * they are in one hash table, and one lookup tells which of them match. So a
 * search takes as many lookups as there are shapes, however many the rules, and
 * it stops at the first shape that has only later rules than the one found.
 * What a hash cannot tell (a range of ports, a label, a helper) is looked at
 * rule by rule.
 *
 * A pure room: the caller sees to it that there is one writer; readers are
 * under RCU.
 */
#ifndef PNICFW_RULES_H
#define PNICFW_RULES_H

#include <linux/bits.h>
#include <linux/if.h>
#include <linux/list.h>
#include <linux/netfilter.h>
#include <linux/rhashtable-types.h>
#include <linux/types.h>
#include <linux/xarray.h>
#include <net/netfilter/nf_conntrack_helper.h>

/* How far apart rules are that nobody gave a pref. */
#define PNICFW_RULES_STEP	10

/**
 * enum pnicfw_rules_part - what a rule may say
 * @PNICFW_RULES_SRC: source prefix of the original direction
 * @PNICFW_RULES_DST: destination prefix of the original direction
 * @PNICFW_RULES_PROTOCOL: IP protocol
 * @PNICFW_RULES_SPORT: source ports of the original direction
 * @PNICFW_RULES_DPORT: destination ports of the original direction
 * @PNICFW_RULES_IN: device that the original direction comes in at
 * @PNICFW_RULES_OUT: device that the original direction leaves by
 * @PNICFW_RULES_ZONE: conntrack zone
 * @PNICFW_RULES_MARK: conntrack mark
 * @PNICFW_RULES_LABEL: conntrack label
 * @PNICFW_RULES_HELPER: conntrack helper
 * @PNICFW_RULES_CACHE: whether tier 2 may have it
 * @PNICFW_RULES_HW: whether tier 3 may have it
 * @PNICFW_RULES_HW_AFTER: after how many packets
 * @PNICFW_RULES_PARTS: how many these are
 */
enum pnicfw_rules_part {
	PNICFW_RULES_SRC,
	PNICFW_RULES_DST,
	PNICFW_RULES_PROTOCOL,
	PNICFW_RULES_SPORT,
	PNICFW_RULES_DPORT,
	PNICFW_RULES_IN,
	PNICFW_RULES_OUT,
	PNICFW_RULES_ZONE,
	PNICFW_RULES_MARK,
	PNICFW_RULES_LABEL,
	PNICFW_RULES_HELPER,
	PNICFW_RULES_CACHE,
	PNICFW_RULES_HW,
	PNICFW_RULES_HW_AFTER,
	PNICFW_RULES_PARTS,
};

/* What changes while a connection lives. */
#define PNICFW_RULES_MOVING	(BIT(PNICFW_RULES_IN) | BIT(PNICFW_RULES_OUT) | \
				 BIT(PNICFW_RULES_MARK) | \
				 BIT(PNICFW_RULES_LABEL))

/**
 * struct pnicfw_rules_bits - what of a connection can be hashed
 * @src: source address of the original direction, as it comes in; IPv4 uses the
 *	first word
 * @dst: destination address, likewise
 * @sport: source port
 * @dport: destination port
 * @zone: conntrack zone
 * @protocol: IP protocol
 * @family: NFPROTO_IPV4 or NFPROTO_IPV6
 * @in: ifindex of the device that it comes in at
 * @out: ifindex of the device that it leaves by
 * @mark: conntrack mark
 * @word: all of that
 *
 * A rule has two: the values it wants, and a mask.
 */
struct pnicfw_rules_bits {
	union {
		struct {
			union nf_inet_addr src;
			union nf_inet_addr dst;
			__be16 sport;
			__be16 dport;
			u16 zone;
			u8 protocol;
			u8 family;
			int in;
			int out;
			u32 mark;
		};
		u32 word[13];
	};
};

/**
 * struct pnicfw_rules_subject - a connection that rules are asked about
 * @bits: what can be hashed
 * @labels: conntrack's labels, or NULL
 * @helper: name of the conntrack helper that reads it or has expected it, or
 *	NULL
 */
struct pnicfw_rules_subject {
	struct pnicfw_rules_bits bits;
	const unsigned long *labels;
	const char *helper;
};

/**
 * struct pnicfw_rules_ports - a range of ports
 * @first: the first, host order
 * @last: the last
 */
struct pnicfw_rules_ports {
	u16 first;
	u16 last;
};

struct pnicfw_rules_shape;

/**
 * struct pnicfw_rule - a rule
 * @pref: its place, from 1 on
 * @says: which parts it has, a bit for each &enum pnicfw_rules_part
 * @want: bits that a connection must have
 * @mask: and which of them count
 * @sport: source ports, where it says them
 * @dport: destination ports
 * @src_len: length of the source prefix
 * @dst_len: length of the destination prefix
 * @label: label that must be set
 * @deny: its verdict
 * @cache: tier 2 may have the connection
 * @hw: tier 3 may have it
 * @in_gone: the device that it says has gone away, so it matches nothing
 * @out_gone: likewise
 * @hw_after: packets before the eswitch is asked
 * @helper: name of the conntrack helper
 * @in: name of the device that it comes in at, when the rule was made or the
 *	device went
 * @out: likewise, that it leaves by
 * @shape: where it is found
 * @node: in the shape's table
 * @list: in the order of the prefs
 * @rcu: readers are under RCU
 *
 * What a lookup compares comes first.
 */
struct pnicfw_rule {
	struct rhlist_head node;
	struct pnicfw_rules_bits want;
	u32 pref;
	u32 says;
	struct pnicfw_rules_bits mask;
	struct pnicfw_rules_ports sport;
	struct pnicfw_rules_ports dport;
	u8 src_len;
	u8 dst_len;
	u8 label;
	bool deny;
	bool cache;
	bool hw;
	bool in_gone;
	bool out_gone;
	u32 hw_after;
	char helper[NF_CT_HELPER_NAME_LEN];
	char in[IFNAMSIZ];
	char out[IFNAMSIZ];
	struct pnicfw_rules_shape *shape;
	struct list_head list;
	struct rcu_head rcu;
};

struct pnicfw_rules_order;

/**
 * struct pnicfw_rules - the rules of a namespace
 * @order: the shapes, in the order of their lowest pref; NULL where there is
 *	none (RCU)
 * @uses: parts that any rule has, a bit each; read anywhere
 * @denies: how many of them deny; read anywhere
 * @said: how many rules have each part
 * @by_pref: the rules by pref
 * @list: the rules in order
 * @shapes: the shapes, in none
 */
struct pnicfw_rules {
	struct pnicfw_rules_order __rcu *order;
	u32 uses;
	u32 denies;
	u32 said[PNICFW_RULES_PARTS];
	struct xarray by_pref;
	struct list_head list;
	struct list_head shapes;
};

void pnicfw_rules_init(struct pnicfw_rules *rules);
int pnicfw_rules_add(struct pnicfw_rules *rules, struct pnicfw_rule *rule);
int pnicfw_rules_del(struct pnicfw_rules *rules, struct pnicfw_rule *rule);
void pnicfw_rules_flush(struct pnicfw_rules *rules);
struct pnicfw_rule *pnicfw_rules_find(struct pnicfw_rules *rules, u32 pref);
struct pnicfw_rule *pnicfw_rules_from(struct pnicfw_rules *rules, u64 pref);
struct pnicfw_rule *pnicfw_rules_next(struct pnicfw_rules *rules,
				      struct pnicfw_rule *rule);
void pnicfw_rules_device_gone(struct pnicfw_rules *rules, int ifindex,
			      const char *name);
const struct pnicfw_rule *
pnicfw_rules_match(const struct pnicfw_rules *rules,
		   const struct pnicfw_rules_subject *subject);

#endif /* PNICFW_RULES_H */
