/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PNICSIM_SWITCH_H
#define PNICSIM_SWITCH_H

struct pnicsim_port;
struct sk_buff;

void pnicsim_switch_from_far(struct pnicsim_port *port, struct sk_buff *skb);
void pnicsim_switch_from_rep(struct pnicsim_port *port, struct sk_buff *skb);
void pnicsim_switch_output(struct pnicsim_port *port, struct sk_buff *skb);

#endif
