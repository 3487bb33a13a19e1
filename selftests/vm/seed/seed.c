// SPDX-License-Identifier: GPL-2.0
/*
 * A module that does wrong on purpose: what the kernel says of it must reach
 * whoever ran the VM.  "insmod seed.ko kind=KIND"
 */
#include <linux/delay.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/refcount.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>

static char *kind = "";
module_param(kind, charp, 0444);
MODULE_PARM_DESC(kind, "warn, oops, refcount, uaf, leak, inversion or sleep");

/* READ_ONCE and WRITE_ONCE, lest the compiler sees through what is done. */
static char *victim;

static void seed_warn(void)
{
	WARN_ON(1);
}

static void seed_oops(void)
{
	WRITE_ONCE(victim, NULL);
	*READ_ONCE(victim) = 1;
}

static void seed_refcount(void)
{
	refcount_t count = REFCOUNT_INIT(0);

	refcount_inc(&count);
}

static void seed_uaf(void)
{
	WRITE_ONCE(victim, kmalloc(64, GFP_KERNEL));
	kfree(victim);
	*READ_ONCE(victim) = 1;
}

static void seed_leak(void)
{
	int i;

	/* A stale pointer in some register or stack slot may hide one of them */
	for (i = 0; i < 16; i++)
		WRITE_ONCE(victim, kmalloc(64, GFP_KERNEL));
	WRITE_ONCE(victim, NULL);
}

static DEFINE_MUTEX(first);
static DEFINE_MUTEX(second);

static void seed_inversion(void)
{
	mutex_lock(&first);
	mutex_lock(&second);
	mutex_unlock(&second);
	mutex_unlock(&first);
	mutex_lock(&second);
	mutex_lock(&first);
	mutex_unlock(&first);
	mutex_unlock(&second);
}

static DEFINE_SPINLOCK(spin);

static void seed_sleep(void)
{
	spin_lock(&spin);
	msleep(20);
	spin_unlock(&spin);
}

static const struct {
	const char *kind;
	void (*do_it)(void);
} seeds[] = {
	{ "warn", seed_warn },
	{ "oops", seed_oops },
	{ "refcount", seed_refcount },
	{ "uaf", seed_uaf },
	{ "leak", seed_leak },
	{ "inversion", seed_inversion },
	{ "sleep", seed_sleep },
};

static int __init seed_init(void)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(seeds); i++) {
		if (!strcmp(kind, seeds[i].kind)) {
			seeds[i].do_it();
			return 0;
		}
	}
	return -EINVAL;
}

static void __exit seed_exit(void)
{
}

module_init(seed_init);
module_exit(seed_exit);
MODULE_DESCRIPTION("Deliberate mistakes");
MODULE_LICENSE("GPL");
