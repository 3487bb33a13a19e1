/* SPDX-License-Identifier: GPL-2.0 */
/*
 * flower - from a direction of a record to a rule as drivers take them
 *
 * A pure room: no lock, no I/O, no global state. The rules keep to what a real
 * eswitch accepts; see Documentation/pnicsim.rst and, for mlx5, the kernel's
 * drivers/net/ethernet/mellanox/mlx5/core/en_tc.c.
 */
#ifndef PNICFW_FLOWER_H
#define PNICFW_FLOWER_H

#include <net/flow_offload.h>

struct pnicfw_key;
struct pnicfw_path_key;

/* The kernel's tc limits a rule to as many (TCA_ACT_MAX_PRIO), and drivers
 * size arrays by it. The longest rule, IPv6 with all of NAT and two tags, has 22.
 */
#define PNICFW_FLOWER_ACTIONS	32

/**
 * struct pnicfw_flower_key - all that a rule may match
 * @meta: device of entry
 * @control: kind of addresses
 * @basic: Ethernet type, IP protocol
 * @eth: MAC addresses
 * @vlan: outer tag
 * @cvlan: inner tag
 * @ipv4: IPv4 addresses
 * @ipv6: IPv6 addresses
 * @ports: ports
 * @tcp: TCP flags
 * @ip: DSCP
 */
struct pnicfw_flower_key {
	struct flow_dissector_key_meta meta;
	struct flow_dissector_key_control control;
	struct flow_dissector_key_basic basic;
	struct flow_dissector_key_eth_addrs eth;
	struct flow_dissector_key_vlan vlan;
	struct flow_dissector_key_vlan cvlan;
	union {
		struct flow_dissector_key_ipv4_addrs ipv4;
		struct flow_dissector_key_ipv6_addrs ipv6;
	};
	struct flow_dissector_key_ports ports;
	struct flow_dissector_key_tcp tcp;
	struct flow_dissector_key_ip ip;
} __aligned(BITS_PER_LONG / 8);

/**
 * struct pnicfw_flower - room to build a rule in, and the rule
 * @dissector: which parts of @key and @mask count, and where they are
 * @key: values to match
 * @mask: bits of them that matter
 * @rule: what a driver is handed; points to the above
 */
struct pnicfw_flower {
	struct flow_dissector dissector;
	struct pnicfw_flower_key key;
	struct pnicfw_flower_key mask;
	struct flow_rule *rule;
};

int pnicfw_flower_init(struct pnicfw_flower *flower);
void pnicfw_flower_exit(struct pnicfw_flower *flower);
void pnicfw_flower_build(struct pnicfw_flower *flower,
			 const struct pnicfw_key *key,
			 const struct pnicfw_key *to,
			 const struct pnicfw_path_key *path);
void pnicfw_flower_build_drop(struct pnicfw_flower *flower,
			      const struct pnicfw_key *key,
			      const struct pnicfw_path_key *path, u8 tcp_flags);

/* What a rule does: flower_act.c */
void pnicfw_flower_forward(struct flow_rule *rule, const struct pnicfw_key *key,
			   const struct pnicfw_key *to,
			   const struct pnicfw_path_key *path);
void pnicfw_flower_drop(struct flow_rule *rule);

#endif /* PNICFW_FLOWER_H */
