/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ipsec - IPsec policies that change
 *
 * A policy may block what was forwarded in the clear until now, or have it
 * encrypted. The kernel's key managers are told of each: netlink's listeners
 * would hear of those only that come by xfrm_user, and keep it loaded.
 */
#ifndef PNICFW_IPSEC_H
#define PNICFW_IPSEC_H

struct pnicfw_net;

void pnicfw_ipsec_init(void);
void pnicfw_ipsec_exit(void);
void pnicfw_ipsec_init_net(struct pnicfw_net *pn);
void pnicfw_ipsec_review(struct pnicfw_net *pn);

#endif /* PNICFW_IPSEC_H */
