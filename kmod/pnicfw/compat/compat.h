/* SPDX-License-Identifier: GPL-2.0 */
/*
 * compat - what kernels spell differently
 *
 * Kbuild looks for each feature in the headers it builds against and defines
 * PNICFW_HAVE_*: version numbers tell little, as stable kernels take features
 * back.
 */
#ifndef PNICFW_COMPAT_H
#define PNICFW_COMPAT_H

/* __assign_str() lost its second argument. */
#ifdef PNICFW_HAVE_ASSIGN_STR_1
#define PNICFW_ASSIGN_STR(dst, src)	__assign_str(dst)
#else
#define PNICFW_ASSIGN_STR(dst, src)	__assign_str(dst, src)
#endif

/* What tells about GSO packets moved to a header of its own. */
#ifdef PNICFW_HAVE_NET_GSO_H
#include <net/gso.h>
#endif

/* get_unaligned() moved from asm/ to linux/. */
#ifdef PNICFW_HAVE_LINUX_UNALIGNED_H
#include <linux/unaligned.h>
#else
#include <asm/unaligned.h>
#endif

/* What tells that a packet is freed says for which socket it was, on some. */
#ifdef PNICFW_HAVE_KFREE_SKB_RX_SK
#define PNICFW_KFREE_SKB_ARGS(...)	__VA_ARGS__, struct sock *rx_sk
#else
#define PNICFW_KFREE_SKB_ARGS(...)	__VA_ARGS__
#endif

/* Filters that need no qdisc. */
#ifdef PNICFW_HAVE_TCX
#define pnicfw_compat_tcx(dev, way)	rcu_access_pointer((dev)->tcx_##way)
#else
#define pnicfw_compat_tcx(dev, way)	false
#endif

/* How many multicast groups a bridge port is in: bridges tell since 6.3. */
#define PNICFW_IFLA_BRPORT_MCAST_N_GROUPS	(IFLA_BRPORT_LOCKED + 2)

/* Kernels that clear every variable on the stack at entry need not clear what
 * is filled in before it is read, on the fast path.
 */
#if __has_attribute(__uninitialized__)
#define PNICFW_UNINITIALIZED		__attribute__((__uninitialized__))
#else
#define PNICFW_UNINITIALIZED
#endif

#endif /* PNICFW_COMPAT_H */
