// SPDX-License-Identifier: GPL-2.0
/*
 * slots - a hash table made for packets: what comes and goes, and a table that is
 * as large as that needs
 *
 * A table that is too small or too large is replaced by another. All entries stay in
 * the old one, where lookups look, until they all are in the new one, too: they are
 * moved a few at a time, by a worker, and by who inserts, so that the new one is
 * there before the old one is full, whether the worker gets to run or not.
 */
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "slots.h"

/* The smallest table; the largest one; and the largest that is made by who inserts,
 * who cannot wait for memory.
 */
#define SLOTS_MIN		64
#define SLOTS_MAX		BIT(27)
#define SLOTS_AT_ONCE		BIT(14)

/* A table may be so many times as large as it should be, in powers of two, where
 * hashes are so much alike that it is cramped; then what finds no room stays out.
 */
#define SLOTS_CRAMPED		2

/* How many are moved by who inserts, and by the worker before it lets others have
 * the lock.
 */
#define SLOTS_MOVE		16
#define SLOTS_MOVE_WORKER	1024

static struct pnicfw_slots_table *slots_table_alloc(u32 size, gfp_t gfp)
{
	struct pnicfw_slots_table *table = kzalloc(sizeof(*table), gfp);

	if (!table)
		return NULL;
	table->size = size;
	table->shift = 32 - ilog2(size * sizeof(*table->slot));
	/* Lines are found by their address: large memory is aligned well enough. */
	table->slot = kvcalloc(size, sizeof(*table->slot), gfp);
	if (table->slot)
		return table;
	kfree(table);
	return NULL;
}

static void slots_table_free_rcu(struct rcu_head *rcu)
{
	struct pnicfw_slots_table *table =
		container_of(rcu, struct pnicfw_slots_table, rcu);

	kvfree(table->slot);
	kfree(table);
}

static void slots_table_free(struct pnicfw_slots_table *table)
{
	call_rcu(&table->rcu, slots_table_free_rcu);
}

/* The table that lookups look in. */
static struct pnicfw_slots_table *slots_now(const struct pnicfw_slots *slots)
{
	return rcu_dereference_protected(slots->now,
					 lockdep_is_held(slots->lock));
}

/**
 * pnicfw_slots_find - look for an entry
 * @table: where
 * @hash: its hash
 * @step: how many slots of the hash's sequence to pass over
 *
 * Context: RCU, since @table was read.
 * Return: see pnicfw_slots_first().
 */
struct pnicfw_slots_hit
pnicfw_slots_find(const struct pnicfw_slots_table *table, u32 hash, u32 step)
{
	u32 n = step / PNICFW_SLOTS_LINE, i = step % PNICFW_SLOTS_LINE;
	struct pnicfw_slot *line;
	void *entry;

	for (; n < PNICFW_SLOTS_LINES; n++, i = 0) {
		line = slots_line(table, hash, n);
		for (; i < PNICFW_SLOTS_LINE; i++) {
			entry = slots_entry(slots_at(line, i), hash);
			if (entry)
				return (struct pnicfw_slots_hit){
					entry, n * PNICFW_SLOTS_LINE + i + 1 };
		}
		if (slots_open(line))
			break;
	}
	return (struct pnicfw_slots_hit){};
}

static void slots_fill(struct pnicfw_slots_table *table,
		       struct pnicfw_slot *slot, u32 hash, void *entry,
		       s32 hint)
{
	table->taken++;
	table->used += !slot->entry;
	WRITE_ONCE(slot->hash, hash);
	WRITE_ONCE(slot->hint, hint);
	/* Whoever sees it sees what is in it, by the address. */
	smp_store_release(&slot->entry, entry);
}

static struct pnicfw_slot *slots_put(struct pnicfw_slots_table *table, u32 hash,
				     void *entry, s32 hint, bool *same)
{
	struct pnicfw_slot *line, *slot, *room = NULL;
	u32 n, i;

	for (n = 0; n < PNICFW_SLOTS_LINES; n++) {
		line = slots_line(table, hash, n);
		for (i = 0; i < PNICFW_SLOTS_LINE; i++) {
			slot = slots_at(line, i);
			if (slot->entry > PNICFW_SLOTS_LEFT)
				*same |= slot->hash == hash;
			else if (!room)
				room = slot;
		}
		if (slots_open(line))
			break;
	}
	if (room)
		slots_fill(table, room, hash, entry, hint);
	return room;
}

static struct pnicfw_slot *slots_take(struct pnicfw_slots_table *table,
				      u32 hash, const void *entry)
{
	struct pnicfw_slot *line, *slot;
	bool open;
	u32 n, i;

	for (n = 0; n < PNICFW_SLOTS_LINES; n++) {
		line = slots_line(table, hash, n);
		for (i = 0; i < PNICFW_SLOTS_LINE; i++) {
			slot = slots_at(line, i);
			if (slot->entry != entry)
				continue;
			open = slots_open(line);
			table->taken--;
			table->used -= open;
			WRITE_ONCE(slot->entry,
				   open ? NULL : PNICFW_SLOTS_LEFT);
			return slot;
		}
	}
	return NULL;
}

/* The size that a table should have instead, 0 where it is right, or is being
 * replaced. A line of a fuller one has no room for every fourth that comes.
 */
static u32 slots_due(const struct pnicfw_slots *slots)
{
	const struct pnicfw_slots_table *now = slots_now(slots);
	u32 wanted;

	if (slots->next)
		return 0;
	if (now->used <= now->size / 4 * 3 &&
	    (now->taken >= now->size / 8 || now->size == SLOTS_MIN))
		return 0;
	wanted = roundup_pow_of_two(2 * now->taken + 1) << slots->cramped;
	return clamp_t(u32, wanted, SLOTS_MIN, SLOTS_MAX);
}

/* Has a slot's entry been moved, so that what is done to it is done twice? */
static bool slots_moved(const struct pnicfw_slots *slots,
			const struct pnicfw_slot *slot)
{
	return slots->next && slot - slots_now(slots)->slot < slots->moved;
}

static bool slots_move(struct pnicfw_slots *slots, u32 count)
{
	struct pnicfw_slots_table *now = slots_now(slots);
	u32 end = min(slots->moved + count, now->size);
	struct pnicfw_slot *slot;
	bool same = false;

	for (; slots->moved < end; slots->moved++) {
		slot = &now->slot[slots->moved];
		if (slot->entry > PNICFW_SLOTS_LEFT &&
		    !slots_put(slots->next, slot->hash, slot->entry, slot->hint,
			       &same))
			return false;
	}
	return true;
}

/* Lookups look there from now on. Those that still look in the old one find all that
 * was there when they began.
 */
static void slots_publish(struct pnicfw_slots *slots)
{
	struct pnicfw_slots_table *old = slots_now(slots);

	rcu_assign_pointer(slots->now, slots->next);
	slots->next = NULL;
	slots->cramped = 0;
	slots_table_free(old);
}

/* Some entry finds no room in the new one: it has to be larger still. */
static void slots_abandon(struct pnicfw_slots *slots)
{
	slots_table_free(slots->next);
	slots->next = NULL;
	slots->cramped = min(slots->cramped + 1, SLOTS_CRAMPED);
}

/* Move some entries, if any are to be moved. */
static void slots_go_on(struct pnicfw_slots *slots, u32 count)
{
	if (!slots->next)
		return;
	if (!slots_move(slots, count))
		slots_abandon(slots);
	else if (slots->moved == slots_now(slots)->size)
		slots_publish(slots);
}

/* Have a new table, unless somebody else was quicker. */
static void slots_start(struct pnicfw_slots *slots,
			struct pnicfw_slots_table *table)
{
	if (slots->next) {
		slots_table_free(table);
		return;
	}
	slots->next = table;
	slots->moved = 0;
}

static void slots_grow(struct pnicfw_slots *slots)
{
	struct pnicfw_slots_table *table = NULL;
	u32 size = slots_due(slots);

	if (likely(!size))
		return;
	if (size <= SLOTS_AT_ONCE && !slots->cramped)
		table = slots_table_alloc(size, GFP_ATOMIC | __GFP_NOWARN);
	if (table)
		slots_start(slots, table);
	schedule_delayed_work(&slots->work, slots->cramped ? HZ : 0);
}

static void slots_work(struct work_struct *work)
{
	struct pnicfw_slots *slots = container_of(to_delayed_work(work),
						  struct pnicfw_slots, work);
	struct pnicfw_slots_table *table = NULL;
	bool more;
	u32 size;

	spin_lock_bh(slots->lock);
	size = slots_due(slots);
	spin_unlock_bh(slots->lock);

	if (size) {
		table = slots_table_alloc(size, GFP_KERNEL | __GFP_NOWARN);
		if (!table) {
			schedule_delayed_work(&slots->work, HZ);
			return;
		}
	}
	do {
		cond_resched();
		spin_lock_bh(slots->lock);
		if (table)
			slots_start(slots, table);
		table = NULL;
		slots_go_on(slots, SLOTS_MOVE_WORKER);
		more = slots->next;
		spin_unlock_bh(slots->lock);
	} while (more);
}

/**
 * pnicfw_slots_init - make a table
 * @slots: the slots
 * @lock: who inserts and removes holds it
 *
 * Return: 0 or -ENOMEM.
 */
int pnicfw_slots_init(struct pnicfw_slots *slots, spinlock_t *lock)
{
	struct pnicfw_slots_table *table;

	table = slots_table_alloc(SLOTS_MIN, GFP_KERNEL);
	if (!table)
		return -ENOMEM;
	RCU_INIT_POINTER(slots->now, table);
	slots->next = NULL;
	slots->cramped = 0;
	slots->lock = lock;
	INIT_DELAYED_WORK(&slots->work, slots_work);
	return 0;
}

/**
 * pnicfw_slots_exit - unmake a table that is empty
 * @slots: the slots
 *
 * Its memory goes after an RCU grace period: rcu_barrier() before the module does.
 */
void pnicfw_slots_exit(struct pnicfw_slots *slots)
{
	struct pnicfw_slots_table *table;

	cancel_delayed_work_sync(&slots->work);
	table = rcu_dereference_protected(slots->now, true);
	WARN_ON(table->taken);
	slots_table_free(table);
	if (slots->next)
		slots_table_free(slots->next);
}

/**
 * pnicfw_slots_insert - add an entry
 * @slots: the slots
 * @hash: its hash; others may have the same
 * @entry: the entry
 * @near: memory in which that is which who finds it wants next
 *
 * Context: the user's lock, BH off.
 * Return: 0, or 1 where another one has the same hash; -ENOMEM where there is no room
 * for it now.
 */
int pnicfw_slots_insert(struct pnicfw_slots *slots, u32 hash, void *entry,
			const void *near)
{
	s32 hint = (near - entry) >> PNICFW_SLOTS_HINT_SHIFT;
	struct pnicfw_slot *slot;
	bool same = false;

	slots_grow(slots);
	slots_go_on(slots, SLOTS_MOVE);
	slot = slots_put(slots_now(slots), hash, entry, hint, &same);
	if (!slot)
		return -ENOMEM;
	if (!slots_moved(slots, slot) ||
	    slots_put(slots->next, hash, entry, hint, &same))
		return same;
	slots_take(slots_now(slots), hash, entry);
	return -ENOMEM;
}

/**
 * pnicfw_slots_remove - take an entry out
 * @slots: the slots
 * @hash: its hash
 * @entry: the entry, if it is in; lookups may still find it for an RCU grace period
 *
 * Context: the user's lock, BH off.
 */
void pnicfw_slots_remove(struct pnicfw_slots *slots, u32 hash,
			 const void *entry)
{
	struct pnicfw_slot *slot = slots_take(slots_now(slots), hash, entry);

	if (slot && slots_moved(slots, slot))
		slots_take(slots->next, hash, entry);
	if (slots_due(slots))
		schedule_delayed_work(&slots->work, 0);
}

/**
 * pnicfw_slots_bytes - the memory of a table
 * @slots: the slots
 *
 * A table that is being filled from it will be all there is.
 *
 * Context: any but hard interrupts.
 * Return: bytes.
 */
u64 pnicfw_slots_bytes(const struct pnicfw_slots *slots)
{
	const struct pnicfw_slots_table *table;
	u64 bytes;

	rcu_read_lock();
	table = rcu_dereference(slots->now);
	bytes = sizeof(*table) + (u64)table->size * sizeof(*table->slot);
	rcu_read_unlock();
	return bytes;
}
