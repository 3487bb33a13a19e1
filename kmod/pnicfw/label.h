/* SPDX-License-Identifier: GPL-2.0 */
/*
 * label - two labels that tell conntrack's users what pnicfw does with a
 * connection: it may be cached, it is in the eswitch
 */
#ifndef PNICFW_LABEL_H
#define PNICFW_LABEL_H

#include <linux/types.h>

/* No label */
#define PNICFW_LABEL_OFF	255

struct pnicfw_net;
struct pnicfw_record;

void pnicfw_label_exit(struct pnicfw_net *pn);
void pnicfw_label_need(struct pnicfw_net *pn);
void pnicfw_label_cacheable(struct pnicfw_record *rec, bool cacheable);
void pnicfw_label_offloaded(struct pnicfw_record *rec, bool offloaded);

#endif /* PNICFW_LABEL_H */
