/* SPDX-License-Identifier: GPL-2.0 */
/*
 * kind - all kinds of packets that have a key
 */
#ifndef PNICFW_TESTS_KIND_H
#define PNICFW_TESTS_KIND_H

#include <linux/types.h>

#define PNICFW_KINDS	10

/**
 * struct pnicfw_kind - family and protocol
 * @name: both in a word
 * @family: NFPROTO_IPV4 or NFPROTO_IPV6
 * @protocol: one that a key may have
 */
struct pnicfw_kind {
	const char *name;
	u8 family;
	u8 protocol;
};

extern const struct pnicfw_kind pnicfw_kinds[PNICFW_KINDS];

const void *pnicfw_kinds_gen_params(const void *prev, char *desc);

#endif /* PNICFW_TESTS_KIND_H */
