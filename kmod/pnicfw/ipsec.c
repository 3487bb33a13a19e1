// SPDX-License-Identifier: GPL-2.0
/*
 * ipsec - IPsec policies that change
 */
#include <linux/build_bug.h>
#include <linux/string.h>
#include <net/net_namespace.h>
#include <net/xfrm.h>

#include "ipsec.h"
#include "net.h"
#include "revalidate.h"

#if IS_ENABLED(CONFIG_XFRM)
/* Once the policy is in force, or is no more: also when its time was over. Of a
 * flush, which concerns no certain one, only the event says where.
 */
static int ipsec_policy(struct xfrm_policy *policy, int dir,
			const struct km_event *event)
{
	struct net *net = policy ? xp_net(policy) : event->net;

	pnicfw_revalidate_all(pnicfw_net(net));
	return 0;
}

/* What the kernel asks key managers for is others' business. */
static int ipsec_acquire(struct xfrm_state *state, struct xfrm_tmpl *tmpl,
			 struct xfrm_policy *policy)
{
	return -EINVAL;
}

static struct xfrm_policy *ipsec_compile(struct sock *sk, int opt, u8 *data,
					 int len, int *dir)
{
	return NULL;
}

static struct xfrm_mgr ipsec_mgr = {
	.acquire = ipsec_acquire,
	.compile_policy = ipsec_compile,
	.notify_policy = ipsec_policy,
};

static bool ipsec_remember(struct pnicfw_net *pn)
{
	u8 now[XFRM_POLICY_MAX];
	int i;

	BUILD_BUG_ON(sizeof(now) > sizeof(pn->ipsec_default));
	for (i = 0; i < XFRM_POLICY_MAX; i++)
		now[i] = READ_ONCE(pn->net->xfrm.policy_default[i]);
	if (!memcmp(now, pn->ipsec_default, sizeof(now)))
		return false;
	memcpy(pn->ipsec_default, now, sizeof(now));
	return true;
}
#else
static bool ipsec_remember(struct pnicfw_net *pn)
{
	return false;
}
#endif

/**
 * pnicfw_ipsec_init - hear of policies, in all namespaces
 */
void pnicfw_ipsec_init(void)
{
#if IS_ENABLED(CONFIG_XFRM)
	xfrm_register_km(&ipsec_mgr);
#endif
}

/**
 * pnicfw_ipsec_exit - hear no more of them
 *
 * Context: process.
 */
void pnicfw_ipsec_exit(void)
{
#if IS_ENABLED(CONFIG_XFRM)
	xfrm_unregister_km(&ipsec_mgr);
#endif
}

/**
 * pnicfw_ipsec_init_net - prepare a namespace
 * @pn: the namespace
 */
void pnicfw_ipsec_init_net(struct pnicfw_net *pn)
{
	ipsec_remember(pn);
}

/**
 * pnicfw_ipsec_review - has what becomes of packets without a policy changed?
 * @pn: the namespace
 *
 * Of this no key manager is told.
 *
 * Context: the age room's round.
 */
void pnicfw_ipsec_review(struct pnicfw_net *pn)
{
	if (ipsec_remember(pn))
		pnicfw_revalidate_all(pn);
}
