// SPDX-License-Identifier: GPL-2.0
/*
 * benchnull - the floor: a forwarder that decides nothing
 *
 * What comes in by one device leaves by the other as it is. Whatever a
 * candidate costs above this is the candidate's own: its hook's call, the
 * receive path before and the transmit path after are in here.
 *
 *	insmod benchnull.ko in=d0 out=d1
 *
 * in the network namespace that has the two devices.
 */
#include <linux/if_ether.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/netfilter.h>
#include <linux/nsproxy.h>
#include <linux/sched.h>
#include <linux/skbuff.h>
#include <net/net_namespace.h>

static char *in;
module_param(in, charp, 0444);
MODULE_PARM_DESC(in, "device whose packets are forwarded");

static char *out;
module_param(out, charp, 0444);
MODULE_PARM_DESC(out, "device that they leave by");

static struct net_device *out_dev;

static unsigned int bench_null(void *priv, struct sk_buff *skb,
			       const struct nf_hook_state *state)
{
	skb_push(skb, ETH_HLEN);
	skb->dev = priv;
	dev_queue_xmit(skb);
	return NF_STOLEN;
}

/* The hook goes with its device, so that only the other one is held. */
static struct nf_hook_ops null_ops = {
	.hook = bench_null,
	.pf = NFPROTO_NETDEV,
	.hooknum = NF_NETDEV_INGRESS,
	.priority = INT_MAX,
};

static struct net *null_net;

static int __init bench_null_init(void)
{
	struct net *net = current->nsproxy->net_ns;
	struct net_device *in_dev;
	int err = -ENODEV;

	in_dev = dev_get_by_name(net, in ?: "");
	out_dev = dev_get_by_name(net, out ?: "");
	if (in_dev && out_dev) {
		null_ops.dev = in_dev;
		null_ops.priv = out_dev;
		err = nf_register_net_hook(net, &null_ops);
	}
	dev_put(in_dev);
	if (err)
		dev_put(out_dev);
	else
		null_net = get_net(net);
	return err;
}

static void __exit bench_null_exit(void)
{
	nf_unregister_net_hook(null_net, &null_ops);
	dev_put(out_dev);
	put_net(null_net);
}

module_init(bench_null_init);
module_exit(bench_null_exit);
MODULE_DESCRIPTION("Benchmark: the null forwarder");
MODULE_LICENSE("GPL");
