/* SPDX-License-Identifier: GPL-2.0 */
/*
 * crew - tier 3: who does what there is to do at a namespace's eswitches, and when
 *
 * One worker, mostly: a driver that answers at once leaves nothing for a second one. A
 * driver that takes its time waits for its hardware, and as long as it does there are
 * others to go on with what does not concern the same connection.
 */
#ifndef PNICFW_CREW_H
#define PNICFW_CREW_H

#include <linux/bitops.h>
#include <linux/types.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

struct pnicfw_net;

/* Workers at most, those who help included. A driver lets as many wait as its hardware
 * takes commands; that of mlx5 takes some thirty.
 */
#define PNICFW_CREW		64
#define PNICFW_CREW_HELPERS	(PNICFW_CREW - 1)

/**
 * struct pnicfw_crew_helper - one who helps
 * @work: its work
 * @pn: the namespace
 */
struct pnicfw_crew_helper {
	struct work_struct work;
	struct pnicfw_net *pn;
};

/**
 * struct pnicfw_crew - the workers of a namespace
 * @work: the first one's
 * @due: when it is going to run, enum crew_due
 * @since: jiffies when it began what it is doing, 0 where it is doing nothing
 * @slow: the latest driver that was called waited for its hardware
 * @helper: the others; NULL where there is no eswitch, or no memory for them
 * @helping: those who are, or are about to
 * @asking: counters are being read, and many of them: insertions wait
 * @asked: no longer
 */
struct pnicfw_crew {
	struct delayed_work work;
	u8 due;
	unsigned long since;
	bool slow;
	struct pnicfw_crew_helper *helper;
	DECLARE_BITMAP(helping, PNICFW_CREW_HELPERS);
	bool asking;
	wait_queue_head_t asked;
};

void pnicfw_crew_init(struct pnicfw_net *pn);
void pnicfw_crew_exit(struct pnicfw_net *pn);
void pnicfw_crew_enlarge(struct pnicfw_net *pn);
void pnicfw_crew_kick(struct pnicfw_net *pn);
void pnicfw_crew_soon(struct pnicfw_net *pn);
void pnicfw_crew_asking(struct pnicfw_net *pn, bool asking);
void pnicfw_crew_took(struct pnicfw_net *pn, u64 us);
void pnicfw_crew_flush(struct pnicfw_net *pn);

#endif /* PNICFW_CREW_H */
