/* SPDX-License-Identifier: GPL-2.0 */
/*
 * judge - ask the policy again about connections that exist
 *
 * A change of the rules, of a connection's mark or labels, or of its ports may
 * change the answer. Only a connection whose answer is another one is touched:
 * its tiers give up at once what they may no longer have, and one that is now
 * denied ends in all of them, and in conntrack.
 */
#ifndef PNICFW_JUDGE_H
#define PNICFW_JUDGE_H

#include <linux/types.h>

struct pnicfw_net;
struct pnicfw_policy_way;
struct pnicfw_record;

void pnicfw_judge_init(struct pnicfw_net *pn);
void pnicfw_judge_exit(struct pnicfw_net *pn);
void pnicfw_judge_changed(struct pnicfw_net *pn);
bool pnicfw_judge_packet(struct pnicfw_record *rec,
			 const struct pnicfw_policy_way *way);
void pnicfw_judge_aged(struct pnicfw_record *rec);

#endif /* PNICFW_JUDGE_H */
