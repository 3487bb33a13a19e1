/* SPDX-License-Identifier: GPL-2.0 */
/*
 * trial - a connection of any shape, its way, and the rule that is built for it
 */
#ifndef PNICFW_TESTS_TRIAL_H
#define PNICFW_TESTS_TRIAL_H

#include <linux/types.h>

#include "../flower.h"
#include "packet.h"
#include "../path.h"
#include "../port.h"

struct kunit;

#define PNICFW_TRIAL_IFINDEX_IN		0x01020304
#define PNICFW_TRIAL_IFINDEX_OUT	12

/**
 * enum pnicfw_trial_vlan - what happens to the VLAN tag
 * @PNICFW_TRIAL_NO_VLAN: there is none
 * @PNICFW_TRIAL_PUSH: it is put on
 * @PNICFW_TRIAL_POP: it is taken off
 * @PNICFW_TRIAL_SWAP: it becomes another
 * @PNICFW_TRIAL_KEEP: it stays
 * @PNICFW_TRIAL_PUSH_BOTH: two are put on
 * @PNICFW_TRIAL_POP_BOTH: two are taken off
 * @PNICFW_TRIAL_SWAP_BOTH: two become two others
 * @PNICFW_TRIAL_SWAP_OUTER: of two, the outer becomes another
 * @PNICFW_TRIAL_STACK: another is put on, outside of it
 * @PNICFW_TRIAL_VLANS: how many these are
 */
enum pnicfw_trial_vlan {
	PNICFW_TRIAL_NO_VLAN,
	PNICFW_TRIAL_PUSH,
	PNICFW_TRIAL_POP,
	PNICFW_TRIAL_SWAP,
	PNICFW_TRIAL_KEEP,
	PNICFW_TRIAL_PUSH_BOTH,
	PNICFW_TRIAL_POP_BOTH,
	PNICFW_TRIAL_SWAP_BOTH,
	PNICFW_TRIAL_SWAP_OUTER,
	PNICFW_TRIAL_STACK,
	PNICFW_TRIAL_VLANS
};

/**
 * struct pnicfw_trial_tags - the same as tags
 * @name: in words
 * @in: tag in metadata that a packet comes in with
 * @in_inner: tag in the packet that it comes in with
 * @out: tag in metadata that it leaves with
 * @out_inner: tag in the packet that it leaves with
 */
struct pnicfw_trial_tags {
	const char *name;
	struct pnicfw_vlan in;
	struct pnicfw_vlan in_inner;
	struct pnicfw_vlan out;
	struct pnicfw_vlan out_inner;
};

extern const struct pnicfw_trial_tags pnicfw_trial_tags[PNICFW_TRIAL_VLANS];

/**
 * struct pnicfw_shape - the shape of a connection and its way
 * @family: NFPROTO_IPV4 or NFPROTO_IPV6
 * @protocol: IPPROTO_TCP or IPPROTO_UDP
 * @nat: PNICFW_TEST_SNAT, PNICFW_TEST_DNAT, both or none
 * @vlan: what happens to the tag
 * @bridged: MAC addresses and TTL stay
 * @remark: the DSCP changes
 */
struct pnicfw_shape {
	u8 family;
	u8 protocol;
	u8 nat;
	u8 vlan;
	bool bridged;
	bool remark;
};

/**
 * struct pnicfw_trial - a connection, its way, the rule, and a packet
 * @flower: the rule
 * @key: what packets come in with
 * @to: what they leave with
 * @path: their way
 * @in: port of entry
 * @out: port of exit
 * @p: a packet as it comes in
 * @pkt: the same, parsed
 */
struct pnicfw_trial {
	struct pnicfw_flower flower;
	struct pnicfw_key key;
	struct pnicfw_key to;
	struct pnicfw_path_key path;
	struct pnicfw_port in;
	struct pnicfw_port out;
	struct pnicfw_test_packet p;
	struct pnicfw_packet pkt;
};

void pnicfw_shape_desc(const struct pnicfw_shape *shape, char *desc);
const void *pnicfw_shapes_gen_params(const void *prev, char *desc);
struct pnicfw_trial *pnicfw_trial_new(struct kunit *test,
				      const struct pnicfw_shape *shape);

#endif /* PNICFW_TESTS_TRIAL_H */
