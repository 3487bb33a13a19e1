/* SPDX-License-Identifier: GPL-2.0 */
/*
 * slots - a hash table made for packets: the first cache line tells where an
 * entry is, and where to go on from there
 *
 * A line has four slots. A slot has an entry's hash, so that no other entry needs a
 * look; and it hints at the memory that whoever finds the entry wants next, so that
 * both are waited for at the same time. An entry is in the first line of its hash's
 * sequence that had room when it came, nearly always the very first, and stays
 * where it is. However hashes are chosen, it is in one of PNICFW_SLOTS_LINES lines:
 * what finds no room there is refused.
 *
 * The kernel's rhashtable knows neither hashes nor hints, and waits for one thing
 * after the other; Documentation/bench.rst tells what that costs.
 */
#ifndef PNICFW_SLOTS_H
#define PNICFW_SLOTS_H

#include <linux/bitops.h>
#include <linux/compiler.h>
#include <linux/hash.h>
#include <linux/prefetch.h>
#include <linux/rcupdate.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/workqueue.h>

/* Slots in a line, and lines in which an entry may be. */
#define PNICFW_SLOTS_LINE	4
#define PNICFW_SLOTS_LINES	16

/* In the place of an entry that has left a full line: others may have been turned
 * away there, and are still to be found.
 */
#define PNICFW_SLOTS_LEFT	((void *)1UL)

/* A hint is how many cache lines, of 64 bytes, something is behind the entry. */
#define PNICFW_SLOTS_HINT_SHIFT	6

/**
 * struct pnicfw_slot - room for an entry
 * @entry: the entry; NULL where there never was any, PNICFW_SLOTS_LEFT where it
 *	has left (RCU)
 * @hash: its hash
 * @hint: where that is which is wanted next
 */
struct pnicfw_slot {
	void *entry;
	u32 hash;
	s32 hint;
};

/**
 * struct pnicfw_slots_table - slots, a power of two
 * @slot: them
 * @shift: a hash's bits that do not count
 * @size: how many there are
 * @taken: how many have an entry
 * @used: how many have one, or had one once
 * @rcu: lookups are under RCU
 */
struct pnicfw_slots_table {
	struct pnicfw_slot *slot;
	u32 shift;
	u32 size;
	u32 taken;
	u32 used;
	struct rcu_head rcu;
};

/**
 * struct pnicfw_slots - a table that grows and shrinks
 * @now: where lookups look: all entries are here (RCU; written under the lock)
 * @next: what is to replace it, or NULL (lock)
 * @moved: slots of @now, from the first on, whose entries are in @next, too (lock)
 * @cramped: how often in a row @next was too small, although it was large (lock)
 * @lock: the user's, who holds it inserting and removing
 * @work: replaces @now
 */
struct pnicfw_slots {
	struct pnicfw_slots_table __rcu *now;
	struct pnicfw_slots_table *next;
	u32 moved;
	u32 cramped;
	spinlock_t *lock;		/* who inserts and removes */
	struct delayed_work work;
};

/**
 * struct pnicfw_slots_hit - what a lookup has found
 * @entry: an entry, or NULL where there is none
 * @step: how many slots of the hash's sequence were looked at, to go on with
 */
struct pnicfw_slots_hit {
	void *entry;
	u32 step;
};

/* What tells a hash's n-th line. Hashes that have the first one in common have other
 * ones that are not.
 */
static __always_inline u32 slots_turn(u32 hash, u32 n)
{
	return n ? rol32((hash ^ hash >> 16) * GOLDEN_RATIO_32, 5 * (n - 1)) :
		   hash;
}

/* The slot that a hash names in its n-th line. */
static __always_inline struct pnicfw_slot *
slots_line(const struct pnicfw_slots_table *table, u32 hash, u32 n)
{
	u32 bytes = slots_turn(hash, n) >> table->shift;

	return (void *)table->slot + (bytes & -sizeof(struct pnicfw_slot));
}

/* All slots of a line, each once, beginning with the one that was named. */
static __always_inline struct pnicfw_slot *slots_at(struct pnicfw_slot *named,
						    u32 i)
{
	return (void *)((unsigned long)named ^ i * sizeof(*named));
}

/* The entry of a slot, if it has one of that hash. */
static __always_inline void *slots_entry(const struct pnicfw_slot *slot,
					 u32 hash)
{
	void *entry;

	if (READ_ONCE(slot->hash) != hash)
		return NULL;
	entry = READ_ONCE(slot->entry);
	prefetch(entry + (long)READ_ONCE(slot->hint) *
			 (1L << PNICFW_SLOTS_HINT_SHIFT));
	return entry > PNICFW_SLOTS_LEFT ? entry : NULL;
}

/* Has a line never been full? Then nobody was turned away. */
static __always_inline bool slots_open(struct pnicfw_slot *line)
{
	u32 i;

#pragma GCC unroll 4
	for (i = 0; i < PNICFW_SLOTS_LINE; i++)
		if (!READ_ONCE(slots_at(line, i)->entry))
			return true;
	return false;
}

struct pnicfw_slots_hit
pnicfw_slots_find(const struct pnicfw_slots_table *table, u32 hash, u32 step);

/**
 * pnicfw_slots_first - look for an entry
 * @table: where
 * @hash: its hash
 *
 * For all of a hash there is pnicfw_slots_find().
 *
 * Context: RCU, since @table was read.
 * Return: the first entry of that hash, or NULL; in rare cases one of another hash,
 * which has come there just now.
 */
static __always_inline void *
pnicfw_slots_first(const struct pnicfw_slots_table *table, u32 hash)
{
	struct pnicfw_slot *line = slots_line(table, hash, 0);
	void *entry;
	u32 i;

#pragma GCC unroll 4
	for (i = 0; i < PNICFW_SLOTS_LINE; i++) {
		entry = slots_entry(slots_at(line, i), hash);
		if (entry)
			return entry;
	}
	if (likely(slots_open(line)))
		return NULL;
	return pnicfw_slots_find(table, hash, PNICFW_SLOTS_LINE).entry;
}

int pnicfw_slots_init(struct pnicfw_slots *slots, spinlock_t *lock);
void pnicfw_slots_exit(struct pnicfw_slots *slots);
int pnicfw_slots_insert(struct pnicfw_slots *slots, u32 hash, void *entry,
			const void *near);
void pnicfw_slots_remove(struct pnicfw_slots *slots, u32 hash,
			 const void *entry);
u64 pnicfw_slots_bytes(const struct pnicfw_slots *slots);

#endif /* PNICFW_SLOTS_H */
