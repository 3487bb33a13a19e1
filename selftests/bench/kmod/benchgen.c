// SPDX-License-Identifier: GPL-2.0
/*
 * benchgen - packets as a NIC's driver hands them to the kernel, and the time
 * that the kernel takes for them
 *
 *	echo "DEV REPLY FIRST FLOWS PACKETS BATCHES STRIDE" >/proc/benchgen
 *	cat /proc/benchgen
 *
 * sends BATCHES times PACKETS packets of the flows FIRST ... FIRST + FLOWS - 1
 * into DEV, in the writer's network namespace: 60-byte frames of UDP to DEV's
 * own MAC address, from the client to the server, or back where REPLY is 1. After
 * one flow comes that which is STRIDE further: it should have no factor in common
 * with FLOWS.
 * Reading gives the nanoseconds that each batch took, one a line. The line
 * before them, "busy N M", has the microseconds that all CPUs have been busy since
 * boot: under a clock that counts instructions, the instructions run. With workers=1
 * behind them is how many the threads of workqueues have run for since then; every
 * change from one task to another takes longer for it.
 *
 * Why not pktgen: in its netif_receive mode it hands over buffers that it keeps
 * a reference to. A driver does not, and what may be done to a shared buffer
 * differs: who is correct must copy it, and would be measured doing so.
 * Here each packet is a buffer of its own, made in the same way for all.
 *
 * A batch runs with BH off, and so without a pause: no softirq, no other task.
 */
#include <linux/etherdevice.h>
#include <linux/hash.h>
#include <linux/ip.h>
#include <linux/kernel_stat.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/netdevice.h>
#include <linux/nsproxy.h>
#include <linux/proc_fs.h>
#include <linux/sched/signal.h>
#include <linux/seq_file.h>
#include <linux/skbuff.h>
#include <linux/tick.h>
#include <linux/tracepoint.h>
#include <linux/udp.h>
#include <net/checksum.h>
#include <net/ip.h>
#include <net/net_namespace.h>

#define GEN_BATCHES_MAX		4096
#define GEN_FLOWS_MAX		BIT(23)
#define GEN_PAYLOAD		18

/* Flow numbers spread over ports first, then over client addresses. */
#define GEN_PORT_BITS		15
#define GEN_PORT_FIRST		1024

#define GEN_CLIENT		0x0a000002	/* 10.0.0.2, 10.0.1.2, ... */
#define GEN_SERVER		0x0a010002	/* 10.1.0.2 */
#define GEN_SERVER_PORT		5001

struct gen_frame {
	struct ethhdr eth;
	struct iphdr ip;
	struct udphdr udp;
	u8 payload[GEN_PAYLOAD];
} __packed;

/* A job: what a write asked for, and what it takes to make its packets */
struct gen_job {
	char name[IFNAMSIZ];
	unsigned int reply;
	unsigned int first;
	unsigned int flows;
	unsigned int packets;
	unsigned int batches;
	unsigned int stride;
	struct net_device *dev;
	struct gen_frame frame;
	__wsum ip_sum;
	__wsum udp_sum;
	unsigned int next;
};

static DEFINE_MUTEX(gen_mutex);
static u64 gen_ns[GEN_BATCHES_MAX];
static unsigned int gen_batches;

/* The client's address and port are zero in the template, and its sums are
 * those without them; see gen_skb().
 */
static void gen_template(struct gen_job *job)
{
	unsigned int len = sizeof(struct udphdr) + GEN_PAYLOAD;
	struct gen_frame *f = &job->frame;
	__be32 *server = job->reply ? &f->ip.saddr : &f->ip.daddr;
	__be16 *port = job->reply ? &f->udp.source : &f->udp.dest;

	ether_addr_copy(f->eth.h_dest, job->dev->dev_addr);
	ether_addr_copy(f->eth.h_source, job->dev->dev_addr);
	f->eth.h_source[5] ^= 0x80;
	f->eth.h_proto = htons(ETH_P_IP);
	f->ip.version = 4;
	f->ip.ihl = 5;
	f->ip.ttl = 64;
	f->ip.protocol = IPPROTO_UDP;
	f->ip.frag_off = htons(IP_DF);
	f->ip.tot_len = htons(sizeof(f->ip) + len);
	*server = htonl(GEN_SERVER);
	*port = htons(GEN_SERVER_PORT);
	f->udp.len = htons(len);

	job->ip_sum = csum_partial(&f->ip, sizeof(f->ip), 0);
	job->udp_sum = csum_tcpudp_nofold(f->ip.saddr, f->ip.daddr, len,
					  IPPROTO_UDP,
					  csum_partial(&f->udp, len, 0));
}

/* With a hash, as NICs have computed it for RSS: the kernel's own differs from
 * boot to boot, and with it what Open vSwitch finds in its cache of masks.
 */
static struct sk_buff *gen_skb(struct gen_job *job)
{
	unsigned int flow = job->first + job->next;
	struct gen_frame *f;
	struct sk_buff *skb;
	__be32 client;
	__be16 port;

	job->next += job->stride;
	if (job->next >= job->flows)
		job->next -= job->flows;

	skb = netdev_alloc_skb_ip_align(job->dev, sizeof(*f));
	if (!skb)
		return NULL;
	f = skb_put_data(skb, &job->frame, sizeof(*f));
	client = htonl(GEN_CLIENT + (flow >> GEN_PORT_BITS << 8));
	port = htons(GEN_PORT_FIRST + (flow & (BIT(GEN_PORT_BITS) - 1)));
	*(job->reply ? &f->ip.daddr : &f->ip.saddr) = client;
	*(job->reply ? &f->udp.dest : &f->udp.source) = port;
	f->ip.check = csum_fold(csum_add(job->ip_sum, (__force __wsum)client));
	f->udp.check = csum_fold(csum_add(csum_add(job->udp_sum,
						   (__force __wsum)client),
					  (__force __wsum)port)) ?:
		       CSUM_MANGLED_0;
	skb->protocol = eth_type_trans(skb, job->dev);
	skb->ip_summed = CHECKSUM_UNNECESSARY;
	skb_set_hash(skb, hash_32(flow + 1, 32), PKT_HASH_TYPE_L4);
	return skb;
}

static int gen_batch(struct gen_job *job, u64 *ns)
{
	unsigned int i;
	u64 start;
	int err = 0;

	local_bh_disable();
	start = ktime_get_ns();
	for (i = 0; i < job->packets; i++) {
		struct sk_buff *skb = gen_skb(job);

		if (!skb) {
			err = -ENOMEM;
			break;
		}
		netif_receive_skb(skb);
	}
	*ns = ktime_get_ns() - start;
	local_bh_enable();
	return err;
}

static int gen_run(struct gen_job *job)
{
	int err = 0;

	gen_batches = 0;
	while (!err && gen_batches < job->batches) {
		err = gen_batch(job, &gen_ns[gen_batches]);
		if (!err)
			gen_batches++;
		cond_resched();
		if (fatal_signal_pending(current))
			err = -EINTR;
	}
	return err;
}

static int gen_parse(char *text, struct gen_job *job)
{
	BUILD_BUG_ON(IFNAMSIZ != 16);
	if (sscanf(text, "%15s %u %u %u %u %u %u", job->name, &job->reply,
		   &job->first, &job->flows, &job->packets, &job->batches,
		   &job->stride) != 7)
		return -EINVAL;
	if (job->reply > 1 || !job->flows || job->flows > GEN_FLOWS_MAX ||
	    job->first > GEN_FLOWS_MAX - job->flows ||
	    job->batches > GEN_BATCHES_MAX)
		return -ERANGE;
	job->stride %= job->flows;
	return 0;
}

static ssize_t gen_write(struct file *file, const char __user *buf,
			 size_t count, loff_t *pos)
{
	struct gen_job job = {};
	char text[80];
	int err;

	if (count >= sizeof(text))
		return -EINVAL;
	if (copy_from_user(text, buf, count))
		return -EFAULT;
	text[count] = '\0';
	err = gen_parse(text, &job);
	if (err)
		return err;

	job.dev = dev_get_by_name(current->nsproxy->net_ns, job.name);
	if (!job.dev)
		return -ENODEV;
	gen_template(&job);
	mutex_lock(&gen_mutex);
	err = gen_run(&job);
	mutex_unlock(&gen_mutex);
	dev_put(job.dev);
	return err ?: count;
}

/* Idle time, and the clock that it is kept by, so that their difference is right.
 * A kernel that always ticks counts idle ticks.
 */
static u64 gen_idle_us(int cpu, u64 *wall)
{
	u64 idle = get_cpu_idle_time_us(cpu, wall);

	if (idle != (u64)-1)
		return idle;
	*wall = ktime_to_us(ktime_get());
	return div_u64(kcpustat_cpu(cpu).cpustat[CPUTIME_IDLE], NSEC_PER_USEC);
}

static u64 gen_busy_us(void)
{
	u64 busy = 0, wall;
	int cpu;

	for_each_online_cpu(cpu) {
		u64 idle = gen_idle_us(cpu, &wall);

		busy += wall - idle;
	}
	return busy;
}

static bool workers;
module_param(workers, bool, 0444);
MODULE_PARM_DESC(workers, "Count what the threads of workqueues take");

static struct tracepoint *gen_switch;
static atomic64_t gen_workers_ns;
static DEFINE_PER_CPU(u64, gen_switched);

/* The scheduler's own clock may be no finer than a tick. Preemption is off. */
static void gen_switches(void *data, bool preempt, struct task_struct *prev,
			 struct task_struct *next, unsigned int prev_state)
{
	u64 now = ktime_get_ns(), since = __this_cpu_read(gen_switched);

	if (since && prev->flags & PF_WQ_WORKER)
		atomic64_add(now - since, &gen_workers_ns);
	__this_cpu_write(gen_switched, now);
}

static void gen_find_switch(struct tracepoint *tp, void *found)
{
	if (!strcmp(tp->name, "sched_switch"))
		*(struct tracepoint **)found = tp;
}

static int gen_watch_workers(void)
{
	for_each_kernel_tracepoint(gen_find_switch, &gen_switch);
	if (!gen_switch)
		return -ENOENT;
	return tracepoint_probe_register(gen_switch, gen_switches, NULL);
}

static void gen_watch_no_more(void)
{
	tracepoint_probe_unregister(gen_switch, gen_switches, NULL);
	tracepoint_synchronize_unregister();
}

static int gen_show(struct seq_file *seq, void *v)
{
	unsigned int i;

	seq_printf(seq, "busy %llu %llu\n", gen_busy_us(),
		   div_u64(atomic64_read(&gen_workers_ns), NSEC_PER_USEC));
	mutex_lock(&gen_mutex);
	for (i = 0; i < gen_batches; i++)
		seq_printf(seq, "%llu\n", gen_ns[i]);
	mutex_unlock(&gen_mutex);
	return 0;
}

static int gen_open(struct inode *inode, struct file *file)
{
	return single_open(file, gen_show, NULL);
}

static const struct proc_ops gen_ops = {
	.proc_open = gen_open,
	.proc_read = seq_read,
	.proc_write = gen_write,
	.proc_lseek = seq_lseek,
	.proc_release = single_release,
};

static int __init bench_gen_init(void)
{
	int err;

	if (!proc_create("benchgen", 0600, NULL, &gen_ops))
		return -ENOMEM;
	err = workers ? gen_watch_workers() : 0;
	if (err)
		remove_proc_entry("benchgen", NULL);
	return err;
}

static void __exit bench_gen_exit(void)
{
	if (workers)
		gen_watch_no_more();
	remove_proc_entry("benchgen", NULL);
}

module_init(bench_gen_init);
module_exit(bench_gen_exit);
MODULE_DESCRIPTION("Benchmark: packets into a device, timed");
MODULE_LICENSE("GPL");
