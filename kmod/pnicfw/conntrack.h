/* SPDX-License-Identifier: GPL-2.0 */
/*
 * conntrack - all that pnicfw writes into a conntrack entry
 *
 * The tiers below the first process packets that conntrack does not see. Its
 * entry must look, to conntrack and to its users, as if it had seen them.
 */
#ifndef PNICFW_CONNTRACK_H
#define PNICFW_CONNTRACK_H

#include <linux/types.h>

struct nf_conn;
struct pnicfw_count;

void pnicfw_ct_leave(struct nf_conn *ct);
void pnicfw_ct_return(struct nf_conn *ct);
void pnicfw_ct_refresh(struct nf_conn *ct, u32 used);
void pnicfw_ct_account(struct nf_conn *ct, u8 dir,
		       const struct pnicfw_count *more);
void pnicfw_ct_counted(const struct nf_conn *ct, u8 dir,
		       struct pnicfw_count *count);
void pnicfw_ct_kill(struct nf_conn *ct);
void pnicfw_ct_label(struct nf_conn *ct, u32 bit, bool on);
void pnicfw_ct_show_hw(struct nf_conn *ct, bool offloaded);

#endif /* PNICFW_CONNTRACK_H */
