/* SPDX-License-Identifier: GPL-2.0 */
/*
 * proc - /proc/net/pnicfw/{ports,policy,flows,stats}, to look at without a tool
 */
#ifndef PNICFW_PROC_H
#define PNICFW_PROC_H

#include <linux/seq_file.h>

struct pnicfw_net;

extern const struct seq_operations pnicfw_proc_flows_ops;

void pnicfw_proc_protocol(struct seq_file *m, u8 protocol);

int pnicfw_proc_init(struct pnicfw_net *pn);
void pnicfw_proc_exit(struct pnicfw_net *pn);

#endif /* PNICFW_PROC_H */
