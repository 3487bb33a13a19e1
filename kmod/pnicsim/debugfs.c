// SPDX-License-Identifier: GPL-2.0
/* /sys/kernel/debug/pnicsim/nicN/: knobs, faults, and the table's contents
 *
 * A value that makes no sense is refused with -EINVAL, and changes nothing.
 */

#include <linux/debugfs.h>
#include <linux/seq_file.h>

#include "debugfs.h"
#include "nic.h"
#include "profile.h"
#include "rule.h"

#define MAX_DELAY_US	(60 * USEC_PER_SEC)
#define MAX_DELAY_MS	(60 * MSEC_PER_SEC)

static struct dentry *root;

/**
 * struct knob - a number in struct pnicsim_knobs
 * @name: its file
 * @offset: where it is; an atomic_t is one, too
 * @min: lowest value that makes sense
 * @max: highest
 */
struct knob {
	const char	*name;
	size_t		offset;
	u32		min;
	u32		max;
};

#define KNOB(_name, _min, _max) {					\
	.name	= #_name,						\
	.offset	= offsetof(struct pnicsim_knobs, _name),		\
	.min	= _min,							\
	.max	= _max,							\
}

static const struct knob knobs[] = {
	KNOB(table_size,	0,	U32_MAX),
	KNOB(ft_rules,		0,	U32_MAX),
	KNOB(insert_delay_us,	0,	MAX_DELAY_US),
	KNOB(delete_delay_us,	0,	MAX_DELAY_US),
	KNOB(fail_inserts,	0,	INT_MAX),
	KNOB(fail_errno,	1,	MAX_ERRNO),
	KNOB(lose_deletes,	0,	INT_MAX),
	KNOB(stats_delay_ms,	0,	MAX_DELAY_MS),
	KNOB(fake_inserts,	0,	INT_MAX),
	KNOB(lose_stats,	0,	INT_MAX),
	KNOB(odd_stats,		0,	INT_MAX),
	KNOB(odd_answers,	0,	INT_MAX),
	KNOB(callbacks,		0,	PNICSIM_MAX_CALLBACKS),
	KNOB(unlocked,		0,	1),
};

static_assert(sizeof(atomic_t) == sizeof(u32));

/* The knob is told by the file's name: all have the same file operations. */
static const struct knob *knob_of(const struct file *file)
{
	const char *name = file->f_path.dentry->d_name.name;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(knobs); i++)
		if (!strcmp(knobs[i].name, name))
			return &knobs[i];
	return NULL;
}

static u32 *knob_value(const struct file *file, const struct knob *knob)
{
	struct pnicsim_nic *nic = file_inode(file)->i_private;

	return (void *)&nic->knobs + knob->offset;
}

static ssize_t knob_read(struct file *file, char __user *buf, size_t len,
			 loff_t *pos)
{
	char text[16];
	int n;

	n = scnprintf(text, sizeof(text), "%u\n",
		      READ_ONCE(*knob_value(file, knob_of(file))));
	return simple_read_from_buffer(buf, len, pos, text, n);
}

static ssize_t knob_write(struct file *file, const char __user *buf,
			  size_t len, loff_t *pos)
{
	const struct knob *knob = knob_of(file);
	u32 value;

	if (kstrtou32_from_user(buf, len, 0, &value) ||
	    value < knob->min || value > knob->max)
		return -EINVAL;
	WRITE_ONCE(*knob_value(file, knob), value);
	return len;
}

static const struct file_operations knob_fops = {
	.owner	= THIS_MODULE,
	.open	= simple_open,
	.read	= knob_read,
	.write	= knob_write,
	.llseek	= default_llseek,
};

static ssize_t profile_read(struct file *file, char __user *buf, size_t len,
			    loff_t *pos)
{
	struct pnicsim_nic *nic = file->private_data;
	char text[16];
	int n;

	n = scnprintf(text, sizeof(text), "%s\n",
		      READ_ONCE(nic->knobs.profile)->name);
	return simple_read_from_buffer(buf, len, pos, text, n);
}

/* For the rules to come: those in the table stay. */
static ssize_t profile_write(struct file *file, const char __user *buf,
			     size_t len, loff_t *pos)
{
	struct pnicsim_nic *nic = file->private_data;
	const struct pnicsim_profile *profile;
	char text[16] = {};

	if (len >= sizeof(text))
		return -EINVAL;
	if (copy_from_user(text, buf, len))
		return -EFAULT;
	profile = pnicsim_profile_find(strim(text));
	if (!profile)
		return -EINVAL;
	WRITE_ONCE(nic->knobs.profile, profile);
	return len;
}

static const struct file_operations profile_fops = {
	.owner	= THIS_MODULE,
	.open	= simple_open,
	.read	= profile_read,
	.write	= profile_write,
	.llseek	= default_llseek,
};

/* As after a reset of the hardware: nobody is told that the rules are gone. */
static ssize_t reset_write(struct file *file, const char __user *buf,
			   size_t len, loff_t *pos)
{
	struct pnicsim_nic *nic = file->private_data;
	u32 value;

	if (kstrtou32_from_user(buf, len, 0, &value) || value != 1)
		return -EINVAL;
	pnicsim_table_flush(&nic->table, NULL);
	return len;
}

static const struct file_operations reset_fops = {
	.owner	= THIS_MODULE,
	.open	= simple_open,
	.write	= reset_write,
	.llseek	= noop_llseek,
};

/* A representor comes or goes, as where a virtual machine gets or loses its
 * function.
 */
static ssize_t plug_act(const char __user *buf, size_t len,
			struct pnicsim_nic *nic,
			int (*act)(struct pnicsim_nic *nic,
				   unsigned int function))
{
	u32 function;
	int err;

	if (kstrtou32_from_user(buf, len, 0, &function))
		return -EINVAL;
	err = act(nic, function);
	return err ?: len;
}

static ssize_t plug_write(struct file *file, const char __user *buf,
			  size_t len, loff_t *pos)
{
	return plug_act(buf, len, file->private_data, pnicsim_nic_plug);
}

static ssize_t unplug_write(struct file *file, const char __user *buf,
			    size_t len, loff_t *pos)
{
	return plug_act(buf, len, file->private_data, pnicsim_nic_unplug);
}

static const struct file_operations plug_fops = {
	.owner	= THIS_MODULE,
	.open	= simple_open,
	.write	= plug_write,
	.llseek	= noop_llseek,
};

static const struct file_operations unplug_fops = {
	.owner	= THIS_MODULE,
	.open	= simple_open,
	.write	= unplug_write,
	.llseek	= noop_llseek,
};

/* The position in the file is the id of the next rule. */
static void *rules_at(struct seq_file *seq, loff_t *pos)
{
	struct pnicsim_nic *nic = seq->private;
	unsigned long id = *pos;
	void *rule;

	rule = xa_find(&nic->table.rules, &id, U32_MAX, XA_PRESENT);
	*pos = rule ? id : (loff_t)U32_MAX + 1;
	return rule;
}

static void *rules_start(struct seq_file *seq, loff_t *pos)
	__acquires(RCU)
{
	rcu_read_lock();
	return *pos <= U32_MAX ? rules_at(seq, pos) : NULL;
}

static void *rules_next(struct seq_file *seq, void *rule, loff_t *pos)
{
	++*pos;
	return *pos <= U32_MAX ? rules_at(seq, pos) : NULL;
}

static void rules_stop(struct seq_file *seq, void *rule)
	__releases(RCU)
{
	rcu_read_unlock();
}

static int rules_show(struct seq_file *seq, void *rule)
{
	pnicsim_rule_print(seq, rule);
	return 0;
}

static const struct seq_operations rules_sops = {
	.start	= rules_start,
	.next	= rules_next,
	.stop	= rules_stop,
	.show	= rules_show,
};

DEFINE_SEQ_ATTRIBUTE(rules);

/**
 * pnicsim_debugfs_init - make the directory of all NICs
 *
 * As usual with debugfs, NICs work without it where it cannot be made.
 *
 * Context: process.
 */
void pnicsim_debugfs_init(void)
{
	root = debugfs_create_dir(KBUILD_MODNAME, NULL);
}

/**
 * pnicsim_debugfs_exit - remove the directory of all NICs
 *
 * Context: process.
 */
void pnicsim_debugfs_exit(void)
{
	debugfs_remove_recursive(root);
}

/**
 * pnicsim_debugfs_add - make a NIC's directory
 * @nic: NIC
 *
 * Context: process.
 */
void pnicsim_debugfs_add(struct pnicsim_nic *nic)
{
	struct dentry *dir;
	unsigned int i;
	char name[16];

	snprintf(name, sizeof(name), "nic%u", nic->index);
	dir = debugfs_create_dir(name, root);
	nic->debugfs = dir;
	for (i = 0; i < ARRAY_SIZE(knobs); i++)
		debugfs_create_file(knobs[i].name, 0600, dir, nic, &knob_fops);
	debugfs_create_file("profile", 0600, dir, nic, &profile_fops);
	debugfs_create_file("reset", 0200, dir, nic, &reset_fops);
	debugfs_create_file("plug", 0200, dir, nic, &plug_fops);
	debugfs_create_file("unplug", 0200, dir, nic, &unplug_fops);
	debugfs_create_file("rules", 0400, dir, nic, &rules_fops);
	debugfs_create_u32("table_used", 0400, dir, &nic->table.num_rules);
	debugfs_create_u32("calls_most", 0600, dir, &nic->calls.most);
}

/**
 * pnicsim_debugfs_del - remove a NIC's directory, and wait for its users
 * @nic: NIC
 *
 * Context: process.
 */
void pnicsim_debugfs_del(struct pnicsim_nic *nic)
{
	debugfs_remove_recursive(nic->debugfs);
}
