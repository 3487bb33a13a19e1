/* SPDX-License-Identifier: GPL-2.0 */
/*
 * pace - how many times a second, and how soon again
 *
 * A pure room: no lock, no I/O, no global state. What belongs to one bucket is
 * its owner's to serialise.
 */
#ifndef PNICFW_PACE_H
#define PNICFW_PACE_H

#include <linux/types.h>

/**
 * struct pnicfw_pace - a bucket of tokens, one for each time
 * @stamp: jiffies when it was last filled
 * @credit: what is in it, HZ for a token
 *
 * All zero is a bucket that was last filled when the machine started.
 */
struct pnicfw_pace {
	unsigned long stamp;
	u64 credit;
};

bool pnicfw_pace_ready(struct pnicfw_pace *pace, u32 rate, unsigned long now);
void pnicfw_pace_spend(struct pnicfw_pace *pace);
void pnicfw_pace_refund(struct pnicfw_pace *pace);
unsigned long pnicfw_pace_wait(const struct pnicfw_pace *pace, u32 rate);
u32 pnicfw_pace_backoff(int err, u8 fails);
u32 pnicfw_pace_ask(u32 least, u32 since, s32 left);

#endif /* PNICFW_PACE_H */
