// SPDX-License-Identifier: GPL-2.0
/*
 * path - the way that flows share
 */
#include <linux/etherdevice.h>
#include <linux/once.h>
#include <linux/rhashtable.h>
#include <linux/slab.h>
#include <net/arp.h>
#include <net/ndisc.h>
#include <net/neighbour.h>

#include "age.h"
#include "net.h"
#include "path.h"
#include "port.h"
#include "trace.h"

#define PATH_WORDS	(sizeof(struct pnicfw_path_key) / sizeof(u64))

static u64 path_secret[2 * PATH_WORDS + 1] __read_mostly;

/* Senders choose MAC addresses, and are not to aim at a bucket; and each packet
 * that teaches looks for its path. Like pnicfw_key_hash(), at a third of the cost
 * of jhash.
 */
static u32 path_hash(const void *key, u32 len, u32 seed)
{
	const u64 *word = key;
	unsigned int i;
	u64 sum;

	BUILD_BUG_ON(sizeof(struct pnicfw_path_key) % sizeof(*word));
	sum = path_secret[2 * PATH_WORDS] + seed;
	for (i = 0; i < PATH_WORDS; i++)
		sum += pnicfw_key_mix(path_secret + 2 * i, word[i]);
	return sum >> 32;
}

static const struct rhashtable_params path_params = {
	.head_offset = offsetof(struct pnicfw_path, node),
	.key_offset = offsetof(struct pnicfw_path, key),
	.key_len = sizeof(struct pnicfw_path_key),
	.hashfn = path_hash,
	.automatic_shrinking = true,
};

/**
 * pnicfw_path_init - make a namespace's table of paths
 * @pn: the namespace
 *
 * Return: 0 or a negative errno.
 */
int pnicfw_path_init(struct pnicfw_net *pn)
{
	get_random_once(path_secret, sizeof(path_secret));
	spin_lock_init(&pn->path_lock);
	INIT_LIST_HEAD(&pn->path_list);
	return rhashtable_init(&pn->paths, &path_params);
}

/**
 * pnicfw_path_exit - free a namespace's table, empty by then
 * @pn: the namespace
 */
void pnicfw_path_exit(struct pnicfw_net *pn)
{
	rhashtable_destroy(&pn->paths);
}

static struct pnicfw_path *path_find(struct pnicfw_net *pn,
				     const struct pnicfw_path_key *key)
{
	struct pnicfw_path *path;

	path = rhashtable_lookup_fast(&pn->paths, key, path_params);
	if (path && !pnicfw_path_dead(path) && refcount_inc_not_zero(&path->refs))
		return path;
	return NULL;
}

/* A dead path leaves the table at once, so that the same way may be learned
 * afresh; the directions that still point to it only wait for their next
 * packet. Caller holds the path lock.
 */
static void path_unlink(struct pnicfw_net *pn, struct pnicfw_path *path)
{
	lockdep_assert_held(&pn->path_lock);
	if (list_empty(&path->list))
		return;
	rhashtable_remove_fast(&pn->paths, &path->node, path_params);
	list_del_init(&path->list);
}

/**
 * pnicfw_path_get - find or make the path with this key
 * @pn: the namespace
 * @key: what it is
 *
 * Context: BH off, RCU.
 * Return: the path, with a reference for the caller, or NULL where memory ran
 * out.
 */
struct pnicfw_path *pnicfw_path_get(struct pnicfw_net *pn,
				    const struct pnicfw_path_key *key)
{
	struct pnicfw_path *path = path_find(pn, key);

	if (path)
		return path;

	spin_lock(&pn->path_lock);
	path = path_find(pn, key);
	if (path)
		goto out;
	/* One whose last reference went a moment ago is in the way. */
	path = rhashtable_lookup_fast(&pn->paths, key, path_params);
	if (path)
		path_unlink(pn, path);
	path = kzalloc(sizeof(*path), GFP_ATOMIC);
	if (!path)
		goto out;
	memcpy(&path->key, key, sizeof(*key));
	path->in = pnicfw_path_entry(key->in, key->inner);
	path->dev = key->out->dev;
	path->gen = pnicfw_net_gen(pn);
	path->fits = key->act.dscp == key->dscp ? key->mtu : 0;
	path->tagged = key->vlan.proto || key->act.vlan.proto ||
		       key->act.inner.proto;
	refcount_set(&path->refs, 1);
	if (rhashtable_insert_fast(&pn->paths, &path->node, path_params)) {
		kfree(path);
		path = NULL;
		goto out;
	}
	pnicfw_stats_used(pn, sizeof(*path));
	list_add_tail(&path->list, &pn->path_list);
out:
	spin_unlock(&pn->path_lock);
	return path;
}

/**
 * pnicfw_path_put - give a reference back
 * @pn: the namespace
 * @path: the path, or NULL
 *
 * Context: any but hard interrupts.
 */
void pnicfw_path_put(struct pnicfw_net *pn, struct pnicfw_path *path)
{
	if (!path || !refcount_dec_and_test(&path->refs))
		return;

	spin_lock_bh(&pn->path_lock);
	path_unlink(pn, path);
	spin_unlock_bh(&pn->path_lock);
	pnicfw_stats_used(pn, -(long)sizeof(*path));
	kfree_rcu(path, rcu);
}

/**
 * typedef path_stale_t - does an event make a path untrue?
 * @path: the path
 * @event: what happened
 *
 * Return: whether it does.
 */
typedef bool path_stale_t(const struct pnicfw_path *path, const void *event);

/* There are as many paths as there are pairs of neighbours, not connections:
 * walking them all is cheap enough for events that are rare. The cache notices
 * at a flow's next packet; the age room takes the others out of the eswitch.
 * Caller holds the path lock.
 */
static bool path_kill_stale(struct pnicfw_net *pn, path_stale_t *stale,
			    const void *event, bool routed)
{
	struct pnicfw_path *path, *next;
	bool killed = false;

	list_for_each_entry_safe(path, next, &pn->path_list, list) {
		if (!stale(path, event))
			continue;
		path->routed = routed;
		WRITE_ONCE(path->in, NULL);
		path_unlink(pn, path);
		trace_pnicfw_path_dead(path);
		killed = true;
	}
	return killed;
}

static void path_kill(struct pnicfw_net *pn, path_stale_t *stale,
		      const void *event)
{
	bool killed;

	spin_lock_bh(&pn->path_lock);
	WRITE_ONCE(pn->kills, pn->kills + 1);
	killed = path_kill_stale(pn, stale, event, false);
	spin_unlock_bh(&pn->path_lock);
	if (killed)
		pnicfw_age_soon(pn);
}

static bool path_stale_always(const struct pnicfw_path *path, const void *event)
{
	return true;
}

/**
 * pnicfw_path_kill_all - the generation has advanced: nothing learned is sure
 * @pn: the namespace
 * @routed: by nothing but a change of routes
 *
 * Of where a bridge has its addresses it says nothing, so it is not counted
 * among the kills. The caller asks for a round of the age room.
 *
 * Context: any but hard interrupts.
 */
void pnicfw_path_kill_all(struct pnicfw_net *pn, bool routed)
{
	spin_lock_bh(&pn->path_lock);
	path_kill_stale(pn, path_stale_always, NULL, routed);
	spin_unlock_bh(&pn->path_lock);
}

static bool path_stale_port(const struct pnicfw_path *path, const void *event)
{
	return path->key.in == event || path->key.out == event;
}

/**
 * pnicfw_path_kill_port - a port changed: nothing learned over it is sure
 * @pn: the namespace
 * @port: the port
 *
 * Context: any but hard interrupts.
 */
void pnicfw_path_kill_port(struct pnicfw_net *pn,
			   const struct pnicfw_port *port)
{
	path_kill(pn, path_stale_port, port);
}

/* The neighbour's own lock is not taken: an event that tears the address is
 * followed by another.
 */
static bool path_stale_neigh(const struct pnicfw_path *path, const void *event)
{
	const struct neighbour *neigh = event;
	unsigned int words = neigh->tbl->key_len / sizeof(u32);

	if (path->key.nh_family != neigh->tbl->family ||
	    path->key.nh_ifindex != neigh->dev->ifindex ||
	    memcmp(&path->key.nh, neigh->primary_key, words * sizeof(u32)))
		return false;
	return !(READ_ONCE(neigh->nud_state) & NUD_VALID) ||
	       !ether_addr_equal(neigh->ha, path->key.act.eth_dst);
}

/**
 * pnicfw_path_kill_neigh - a neighbour changed
 * @pn: the namespace
 * @neigh: the neighbour, as it is now
 *
 * Kills the paths that send to it by another address than it has.
 *
 * Context: any but hard interrupts.
 */
void pnicfw_path_kill_neigh(struct pnicfw_net *pn, struct neighbour *neigh)
{
	path_kill(pn, path_stale_neigh, neigh);
}

static bool path_stale_itself(const struct pnicfw_path *path, const void *event)
{
	return path == event;
}

static struct neighbour *path_neigh(const struct pnicfw_net *pn,
				    const struct pnicfw_path_key *key)
{
	struct net_device *dev;

	dev = dev_get_by_index_rcu(pn->net, key->nh_ifindex);
	if (!dev)
		return NULL;
	if (key->nh_family == AF_INET)
		return __ipv4_neigh_lookup_noref(dev, (__force u32)key->nh.ip);
	return __ipv6_neigh_lookup_noref_stub(dev, &key->nh.in6);
}

/**
 * pnicfw_path_used - packets have gone this way, unseen by tier 1
 * @pn: the namespace
 * @path: the path
 *
 * The neighbour hears of it as from the slow path: one that has not been heard
 * of for long is probed, one that is used is not collected. If it was collected
 * all the same, the slow path has to ask for it anew.
 *
 * Context: process, RCU.
 */
void pnicfw_path_used(struct pnicfw_net *pn, struct pnicfw_path *path)
{
	struct neighbour *neigh;
	u32 now = jiffies;

	if (!path->key.nh_family || READ_ONCE(path->nudged) == now ||
	    pnicfw_path_dead(path))
		return;
	WRITE_ONCE(path->nudged, now);

	local_bh_disable();
	neigh = path_neigh(pn, &path->key);
	if (neigh)
		neigh_event_send(neigh, NULL);
	else
		path_kill(pn, path_stale_itself, path);
	local_bh_enable();
}

/* struct path_fdb - an entry that a bridge added or removed */
struct path_fdb {
	const struct net_device *dev;
	const u8 *mac;
	bool added;
};

static bool path_stale_fdb(const struct pnicfw_path *path, const void *event)
{
	const struct path_fdb *fdb = event;

	if (ether_addr_equal(path->key.act.eth_dst, fdb->mac))
		return fdb->added != (path->key.out->dev == fdb->dev);
	/* The bridge learns where the sender is from the next packet it sees. */
	if (ether_addr_equal(path->key.eth + ETH_ALEN, fdb->mac))
		return fdb->added != (path->key.in->dev == fdb->dev);
	return false;
}

/**
 * pnicfw_path_kill_fdb - a bridge learned, or forgot, where an address is
 * @pn: the namespace
 * @dev: the bridge port
 * @mac: the address
 * @added: it is behind @dev now; otherwise it was and is no more
 *
 * Kills the paths that send to that address by another port, or by the one
 * that is forgotten; and those that come from it by another port, or by the one
 * that is forgotten: the slow path would teach the bridge, and has to. Routed
 * paths that happen to pass no bridge at all with that address are killed as
 * well, and are learned again.
 *
 * Context: any but hard interrupts.
 */
void pnicfw_path_kill_fdb(struct pnicfw_net *pn, const struct net_device *dev,
			  const u8 *mac, bool added)
{
	const struct path_fdb fdb = { .dev = dev, .mac = mac, .added = added };

	path_kill(pn, path_stale_fdb, &fdb);
}
