/* SPDX-License-Identifier: GPL-2.0 */
/*
 * eswitch - tier 3: connections and denials as a driver's rules
 */
#ifndef PNICFW_ESWITCH_H
#define PNICFW_ESWITCH_H

#include <linux/types.h>

struct pnicfw_denial;
struct pnicfw_net;
struct pnicfw_path;
struct pnicfw_record;

int pnicfw_eswitch_replace(struct pnicfw_record *rec, u8 index,
			   const struct pnicfw_path *path, const char **msg);
int pnicfw_eswitch_stats(struct pnicfw_record *rec, u8 index,
			 const struct pnicfw_path *path);
bool pnicfw_eswitch_destroy(struct pnicfw_record *rec, u8 index,
			    const struct pnicfw_path *path);

int pnicfw_eswitch_deny(struct pnicfw_net *pn, struct pnicfw_denial *denial,
			const char **msg);
int pnicfw_eswitch_deny_stats(struct pnicfw_net *pn,
			      struct pnicfw_denial *denial);
bool pnicfw_eswitch_undeny(struct pnicfw_net *pn, struct pnicfw_denial *denial);

#endif /* PNICFW_ESWITCH_H */
