// SPDX-License-Identifier: GPL-2.0
/*
 * pardon - connections that a change of routes does not concern
 */
#include "net.h"
#include "pardon.h"
#include "path.h"
#include "record.h"

/**
 * pnicfw_pardon_init - prepare a namespace: no route has changed
 * @pn: the namespace
 */
void pnicfw_pardon_init(struct pnicfw_net *pn)
{
	spin_lock_init(&pn->pardon.lock);
}

/* Has nothing happened but what it knows of? */
static bool pardon_valid(const struct pnicfw_net *pn)
{
	const struct pnicfw_pardon *pardon = &pn->pardon;

	lockdep_assert_held(&pardon->lock);
	return pardon->open && pardon->upto == pnicfw_net_gen(pn) &&
	       pardon->kills == READ_ONCE(pn->kills);
}

/* Whoever advances the generation in between makes @upto another one. */
static void pardon_advance(struct pnicfw_net *pn, u32 gen)
{
	lockdep_assert_held(&pn->pardon.lock);
	pn->pardon.upto = gen + 1;
	atomic_inc(&pn->gen);
	pnicfw_path_kill_all(pn, true);
}

/**
 * pnicfw_pardon_route - the route of a prefix has changed, or is about to
 * @pn: the namespace
 * @prefix: the prefix
 *
 * Kills all paths; see pnicfw_revalidate_all(). The caller asks for a round of
 * the age room.
 *
 * Context: any but hard interrupts.
 */
void pnicfw_pardon_route(struct pnicfw_net *pn,
			 const struct pnicfw_prefix *prefix)
{
	struct pnicfw_pardon *pardon = &pn->pardon;
	u32 gen;

	spin_lock_bh(&pardon->lock);
	gen = pnicfw_net_gen(pn);
	if (!pardon_valid(pn) || pardon->n == PNICFW_PARDON_PREFIXES) {
		pardon->open = true;
		pardon->from = gen;
		pardon->kills = READ_ONCE(pn->kills);
		pardon->n = 0;
	}
	pardon->prefix[pardon->n++] = *prefix;
	pardon->announced++;
	pardon_advance(pn, gen);
	spin_unlock_bh(&pardon->lock);
}

/**
 * pnicfw_pardon_settled - changes are in force
 * @pn: the namespace
 * @announced: how many; of those that have been announced since nobody knows
 *
 * What was learned since they were announced is not trusted either, and paths
 * are killed once more.
 *
 * Context: any but hard interrupts.
 * Return: false where something else has happened, and nothing was done.
 */
bool pnicfw_pardon_settled(struct pnicfw_net *pn, u32 announced)
{
	struct pnicfw_pardon *pardon = &pn->pardon;
	bool ok;

	spin_lock_bh(&pardon->lock);
	ok = pardon_valid(pn);
	pardon->settled = announced;
	if (ok)
		pardon_advance(pn, pardon->upto);
	spin_unlock_bh(&pardon->lock);
	return ok;
}

/**
 * pnicfw_pardon_begin - all connections are about to be looked at
 * @pn: the namespace
 *
 * Return: for pnicfw_pardon_end().
 */
u32 pnicfw_pardon_begin(struct pnicfw_net *pn)
{
	return READ_ONCE(pn->pardon.upto);
}

/**
 * pnicfw_pardon_end - all have been
 * @pn: the namespace
 * @upto: what pnicfw_pardon_begin() returned
 *
 * With the changes that were there at the beginning everybody has been dealt
 * with, and those that come are new ones.
 */
void pnicfw_pardon_end(struct pnicfw_net *pn, u32 upto)
{
	struct pnicfw_pardon *pardon = &pn->pardon;

	spin_lock_bh(&pardon->lock);
	if (pardon->upto == upto && pardon->settled == pardon->announced)
		pardon->open = false;
	spin_unlock_bh(&pardon->lock);
}

static bool pardon_concerned(const struct pnicfw_pardon *pardon,
			     const struct pnicfw_record *rec)
{
	struct pnicfw_key key;
	int i, j;

	for (i = 0; i < IP_CT_DIR_MAX; i++) {
		pnicfw_record_key(rec, i, &key);
		for (j = 0; j < pardon->n; j++)
			if (pnicfw_prefix_concerns(&pardon->prefix[j], &key))
				return true;
	}
	return false;
}

/* Is this path dead for no other reason? Under both locks. */
static bool pardon_path(const struct pnicfw_pardon *pardon,
			const struct pnicfw_path *path)
{
	return path && pnicfw_path_dead(path) && path->routed &&
	       path->gen - pardon->from < pardon->upto - pardon->from;
}

/* The same way, alive. What happens from here on kills it, or is seen here.
 * Return: what the direction no longer points to, for the caller to put.
 */
static struct pnicfw_path *pardon_dir(struct pnicfw_record *rec, int index)
{
	struct pnicfw_net *pn = pnicfw_record_net(rec);
	struct pnicfw_dir *dir = &rec->dir[index];
	struct pnicfw_path *old, *new;

	old = rcu_dereference_protected(dir->path,
					lockdep_is_held(&rec->lock));
	if (!pardon_path(&pn->pardon, old))
		return NULL;
	new = pnicfw_path_get(pn, &old->key);
	if (!new || !pardon_valid(pn))
		return new;
	rcu_assign_pointer(dir->path, new);
	return old;
}

/**
 * pnicfw_pardon_review - give a connection its paths back where no route that
 * has changed concerns it
 * @rec: the record; the caller holds it
 *
 * Context: process.
 */
void pnicfw_pardon_review(struct pnicfw_record *rec)
{
	struct pnicfw_net *pn = pnicfw_record_net(rec);
	struct pnicfw_path *put[IP_CT_DIR_MAX] = {};
	int i;

	if (!READ_ONCE(pn->pardon.open))
		return;
	rcu_read_lock();
	spin_lock_bh(&rec->lock);
	spin_lock(&pn->pardon.lock);
	if (!rec->closing && pardon_valid(pn) &&
	    !pardon_concerned(&pn->pardon, rec))
		for (i = 0; i < IP_CT_DIR_MAX; i++)
			put[i] = pardon_dir(rec, i);
	spin_unlock(&pn->pardon.lock);
	spin_unlock_bh(&rec->lock);
	rcu_read_unlock();
	for (i = 0; i < IP_CT_DIR_MAX; i++)
		pnicfw_path_put(pn, put[i]);
}
