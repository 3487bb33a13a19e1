// SPDX-License-Identifier: GPL-2.0
/*
 * benchdrive - rules into a device's driver, one after the other, and the time
 * that the driver takes for them
 *
 *	echo "IN OUT COUNT" >/proc/benchdrive
 *	cat /proc/benchdrive
 *
 * binds IN's flow table in the writer's network namespace, puts COUNT rules into
 * it, of the shape that pnicfw makes for a routed UDP connection from IN to OUT, and
 * takes them out again. Reading gives the nanoseconds of each: what no client of
 * this driver can do without.
 */
#include <linux/etherdevice.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/netdevice.h>
#include <linux/nsproxy.h>
#include <linux/proc_fs.h>
#include <linux/rtnetlink.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/tc_act/tc_csum.h>
#include <net/flow_offload.h>
#include <net/inet_ecn.h>
#include <net/net_namespace.h>

#define DRIVE_ACTIONS		7
#define DRIVE_COUNT_MAX		BIT(22)

struct drive_key {
	struct flow_dissector_key_meta meta;
	struct flow_dissector_key_control control;
	struct flow_dissector_key_eth_addrs eth;
	struct flow_dissector_key_basic basic;
	struct flow_dissector_key_ip ip;
	struct flow_dissector_key_ipv4_addrs ipv4;
	struct flow_dissector_key_ports ports;
};

struct drive {
	struct flow_block block;
	struct flow_dissector dissector;
	struct drive_key key, mask;
	struct flow_rule *rule;
};

static DEFINE_MUTEX(drive_mutex);
static u64 drive_insert_ns, drive_delete_ns;

#define DRIVE_USE(drive, id, field)					\
do {									\
	(drive)->dissector.used_keys |= BIT_ULL(FLOW_DISSECTOR_KEY_##id); \
	(drive)->dissector.offset[FLOW_DISSECTOR_KEY_##id] =		\
		offsetof(struct drive_key, field);			\
	memset(&(drive)->mask.field, 0xff, sizeof((drive)->mask.field)); \
} while (0)

static void drive_match(struct drive *drive, const struct net_device *in)
{
	DRIVE_USE(drive, META, meta);
	memset(&drive->mask.meta, 0, sizeof(drive->mask.meta));
	drive->mask.meta.ingress_ifindex = -1;
	drive->key.meta.ingress_ifindex = in->ifindex;
	DRIVE_USE(drive, CONTROL, control);
	drive->mask.control.flags = FLOW_DIS_IS_FRAGMENT;
	drive->key.control.addr_type = FLOW_DISSECTOR_KEY_IPV4_ADDRS;
	DRIVE_USE(drive, ETH_ADDRS, eth);
	ether_addr_copy(drive->key.eth.dst, in->dev_addr);
	DRIVE_USE(drive, BASIC, basic);
	drive->key.basic.n_proto = htons(ETH_P_IP);
	drive->key.basic.ip_proto = IPPROTO_UDP;
	DRIVE_USE(drive, IP, ip);
	memset(&drive->mask.ip, 0, sizeof(drive->mask.ip));
	drive->mask.ip.tos = (u8)~INET_ECN_MASK;
	DRIVE_USE(drive, IPV4_ADDRS, ipv4);
	DRIVE_USE(drive, PORTS, ports);
	drive->rule->match.dissector = &drive->dissector;
	drive->rule->match.key = &drive->key;
	drive->rule->match.mask = &drive->mask;
}

static void drive_mangle(struct flow_action_entry *entry,
			 enum flow_action_id id,
			 enum flow_action_mangle_base base, u32 offset,
			 __be32 value, __be32 write)
{
	entry->id = id;
	entry->mangle.htype = base;
	entry->mangle.offset = offset;
	entry->mangle.val = (__force u32)value;
	entry->mangle.mask = ~(__force u32)write;
}

static void drive_act(struct flow_action_entry *entry, struct net_device *out)
{
	const enum flow_action_mangle_base eth = FLOW_ACT_MANGLE_HDR_TYPE_ETH;

	drive_mangle(entry++, FLOW_ACTION_MANGLE, eth, 4, htonl(0x00000200),
		     htonl(0x0000ffff));
	drive_mangle(entry++, FLOW_ACTION_MANGLE, eth, 8, htonl(0x00000001),
		     htonl(~0));
	drive_mangle(entry++, FLOW_ACTION_MANGLE, eth, 0, htonl(0x02000000),
		     htonl(~0));
	drive_mangle(entry++, FLOW_ACTION_MANGLE, eth, 4, htonl(0x00020000),
		     htonl(0xffff0000));
	drive_mangle(entry++, FLOW_ACTION_ADD, FLOW_ACT_MANGLE_HDR_TYPE_IP4,
		     offsetof(struct iphdr, ttl), htonl(0xff000000),
		     htonl(0xff000000));
	entry->id = FLOW_ACTION_CSUM;
	entry++->csum_flags = TCA_CSUM_UPDATE_FLAG_IPV4HDR;
	entry->id = FLOW_ACTION_REDIRECT;
	entry->dev = out;
}

static int drive_call(struct drive *drive, enum flow_cls_command command,
		      unsigned int n)
{
	struct flow_cls_offload cls = {
		.command = command,
		.cookie = n + 1,
		.rule = drive->rule,
		.common.protocol = htons(ETH_P_IP),
	};
	struct flow_block_cb *cb;
	int err = -EOPNOTSUPP;

	drive->key.ipv4.src = htonl(0x0a000002 + (n >> 15 << 8));
	drive->key.ports.src = htons(1024 + (n & 0x7fff));
	list_for_each_entry(cb, &drive->block.cb_list, list)
		err = cb->cb(TC_SETUP_CLSFLOWER, &cls, cb->cb_priv);
	return err;
}

/* As many as there are before the first that fails */
static unsigned int drive_all(struct drive *drive,
			      enum flow_cls_command command, unsigned int count,
			      u64 *ns)
{
	ktime_t began = ktime_get();
	unsigned int n;

	for (n = 0; n < count && !drive_call(drive, command, n); n++)
		cond_resched();
	*ns = ktime_to_ns(ktime_sub(ktime_get(), began));
	return n;
}

static int drive_bind(struct drive *drive, struct net_device *dev,
		      enum flow_block_command command)
{
	struct flow_block_cb *cb, *next;
	struct flow_block_offload bo = {
		.command = command,
		.binder_type = FLOW_BLOCK_BINDER_TYPE_CLSACT_INGRESS,
		.net = dev_net(dev),
		.block = &drive->block,
		.cb_list_head = &drive->block.cb_list,
		.cb_list = LIST_HEAD_INIT(bo.cb_list),
	};
	int err = -EOPNOTSUPP;

	rtnl_lock();
	if (dev->netdev_ops->ndo_setup_tc)
		err = dev->netdev_ops->ndo_setup_tc(dev, TC_SETUP_FT, &bo);
	rtnl_unlock();
	if (err)
		return err;
	if (command == FLOW_BLOCK_BIND)
		list_splice(&bo.cb_list, &drive->block.cb_list);
	else
		list_for_each_entry_safe(cb, next, &bo.cb_list, list)
			flow_block_cb_free(cb);
	return 0;
}

static int drive_run(struct drive *drive, struct net_device *in,
		     struct net_device *out, unsigned int count)
{
	unsigned int done;
	int err;

	drive_match(drive, in);
	drive_act(drive->rule->action.entries, out);
	err = drive_bind(drive, in, FLOW_BLOCK_BIND);
	if (err)
		return err;
	done = drive_all(drive, FLOW_CLS_REPLACE, count, &drive_insert_ns);
	if (drive_all(drive, FLOW_CLS_DESTROY, done, &drive_delete_ns) != count)
		err = -EIO;
	return drive_bind(drive, in, FLOW_BLOCK_UNBIND) ?: err;
}

static int drive_between(const char *in_name, const char *out_name,
			 unsigned int count)
{
	struct net *net = current->nsproxy->net_ns;
	struct net_device *out = dev_get_by_name(net, out_name);
	struct net_device *in = dev_get_by_name(net, in_name);
	struct drive *drive = kzalloc(sizeof(*drive), GFP_KERNEL);
	int err = -ENOMEM;

	if (drive)
		drive->rule = flow_rule_alloc(DRIVE_ACTIONS);
	if (drive && drive->rule) {
		INIT_LIST_HEAD(&drive->block.cb_list);
		err = in && out ? drive_run(drive, in, out, count) : -ENODEV;
		kfree(drive->rule);
	}
	kfree(drive);
	dev_put(in);
	dev_put(out);
	return err;
}

static ssize_t drive_write(struct file *file, const char __user *buf,
			   size_t size, loff_t *pos)
{
	char text[80], in[16], out[16];
	unsigned int count;
	int err;

	BUILD_BUG_ON(IFNAMSIZ != 16);
	if (size >= sizeof(text))
		return -EINVAL;
	if (copy_from_user(text, buf, size))
		return -EFAULT;
	text[size] = '\0';
	if (sscanf(text, "%15s %15s %u", in, out, &count) != 3)
		return -EINVAL;
	if (!count || count > DRIVE_COUNT_MAX)
		return -ERANGE;
	mutex_lock(&drive_mutex);
	err = drive_between(in, out, count);
	mutex_unlock(&drive_mutex);
	return err ?: size;
}

static int drive_show(struct seq_file *seq, void *v)
{
	mutex_lock(&drive_mutex);
	seq_printf(seq, "insert %llu\ndelete %llu\n", drive_insert_ns,
		   drive_delete_ns);
	mutex_unlock(&drive_mutex);
	return 0;
}

static int drive_open(struct inode *inode, struct file *file)
{
	return single_open(file, drive_show, NULL);
}

static const struct proc_ops drive_ops = {
	.proc_open = drive_open,
	.proc_read = seq_read,
	.proc_write = drive_write,
	.proc_lseek = seq_lseek,
	.proc_release = single_release,
};

static int __init bench_drive_init(void)
{
	if (!proc_create("benchdrive", 0600, NULL, &drive_ops))
		return -ENOMEM;
	return 0;
}

static void __exit bench_drive_exit(void)
{
	remove_proc_entry("benchdrive", NULL);
}

module_init(bench_drive_init);
module_exit(bench_drive_exit);
MODULE_DESCRIPTION("Benchmark: rules into a driver, timed");
MODULE_LICENSE("GPL");
