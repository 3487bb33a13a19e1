// SPDX-License-Identifier: GPL-2.0
/*
 * pace - how many times a second, and how soon again
 */
#include <linux/errno.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>

#include "pace.h"

/* A bucket holds what comes in an eighth of a second: a burst is let through,
 * and a second's count stays near the rate.
 */
#define PACE_BURST	8

/* Between two attempts at what was refused, at first and at most. */
#define PACE_FIRST	HZ
#define PACE_LAST	(64 * HZ)

/* Between two looks at the counters of a connection that is idle, at most: a
 * look costs two thousand instructions, and what it carries when it wakes up is
 * heard of so much later.
 */
#define PACE_IDLE	(16 * HZ)

/**
 * pnicfw_pace_ready - is there a token?
 * @pace: the bucket
 * @rate: tokens a second, 0 for as many as are wanted
 * @now: jiffies
 *
 * Return: whether there is.
 */
bool pnicfw_pace_ready(struct pnicfw_pace *pace, u32 rate, unsigned long now)
{
	u64 most = (u64)max(rate / PACE_BURST, 1u) * HZ;
	u64 passed = now - pace->stamp;

	if (!rate)
		return true;
	pace->stamp = now;
	/* After as long as that it is full at any rate. */
	if (passed > HZ)
		passed = HZ;
	pace->credit = min(pace->credit + passed * rate, most);
	return pace->credit >= HZ;
}

/**
 * pnicfw_pace_spend - take a token
 * @pace: the bucket; pnicfw_pace_ready() has said yes
 */
void pnicfw_pace_spend(struct pnicfw_pace *pace)
{
	pace->credit -= min_t(u64, pace->credit, HZ);
}

/**
 * pnicfw_pace_refund - give a token back
 * @pace: the bucket it was taken from
 */
void pnicfw_pace_refund(struct pnicfw_pace *pace)
{
	pace->credit += HZ;
}

/**
 * pnicfw_pace_wait - how long until there is a token?
 * @pace: the bucket; pnicfw_pace_ready() has said no
 * @rate: tokens a second
 *
 * Return: jiffies, at least 1.
 */
unsigned long pnicfw_pace_wait(const struct pnicfw_pace *pace, u32 rate)
{
	u64 lacks = HZ - min_t(u64, pace->credit, HZ);

	return max_t(unsigned long, DIV_ROUND_UP((u32)lacks, max(rate, 1u)), 1);
}

/**
 * pnicfw_pace_backoff - when to offer again what a driver has refused
 * @err: what it answered, a negative errno
 * @fails: how often in a row it has refused, this time included
 *
 * A driver that is busy, and a table that is full, will not be for long; that
 * there is no room is the table's affair, see the capacity room, and that
 * something is not supported is the port's, see the shape room. All else may be
 * anything: twice as long each time.
 *
 * Return: jiffies from now.
 */
u32 pnicfw_pace_backoff(int err, u8 fails)
{
	switch (err) {
	case -EBUSY:
	case -EAGAIN:
	case -ENOSPC:
		return PACE_FIRST;
	}
	return min_t(u32, PACE_FIRST << min_t(u8, fails ? fails - 1 : 0, 6),
		     PACE_LAST);
}

/**
 * pnicfw_pace_ask - when to ask again what the eswitch has carried
 * @least: jiffies between two rounds
 * @since: jiffies from the answer before to this one, 0 where it has carried
 *	something in between
 * @left: jiffies until conntrack lets the connection go
 *
 * As long as a connection is busy it is asked for in each round. While it is
 * idle, twice as late each time; but thrice before it times out at least, and
 * the more often the closer that is.
 *
 * Return: jiffies from now.
 */
u32 pnicfw_pace_ask(u32 least, u32 since, s32 left)
{
	u32 wait = min_t(u32, since, PACE_IDLE / 2) * 2;

	if (left > 0)
		wait = min_t(u32, wait, left / 3);
	else
		wait = 0;
	return max(wait, least);
}
