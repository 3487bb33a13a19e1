/* SPDX-License-Identifier: GPL-2.0 */
/*
 * genl - generic netlink as newer kernels spell it
 */
#ifndef PNICFW_COMPAT_GENL_H
#define PNICFW_COMPAT_GENL_H

#include <net/genetlink.h>

/**
 * pnicfw_genl_dump_attrs - the attributes of the request behind a dump
 * @cb: the dump
 *
 * Return: pointers by attribute type.
 */
static inline struct nlattr *const *
pnicfw_genl_dump_attrs(struct netlink_callback *cb)
{
#ifdef PNICFW_HAVE_GENL_INFO_DUMP
	return genl_info_dump(cb)->attrs;
#else
	return genl_dumpit_info(cb)->attrs;
#endif
}

#endif /* PNICFW_COMPAT_GENL_H */
