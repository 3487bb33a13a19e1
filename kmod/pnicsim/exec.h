/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PNICSIM_EXEC_H
#define PNICSIM_EXEC_H

struct pnicsim_headers;
struct pnicsim_rule;
struct sk_buff;

void pnicsim_exec(const struct pnicsim_rule *rule, struct sk_buff *skb,
		  struct pnicsim_headers *hdrs);

#endif
