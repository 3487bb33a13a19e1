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

#endif /* PNICFW_COMPAT_H */
