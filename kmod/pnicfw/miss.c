// SPDX-License-Identifier: GPL-2.0
/*
 * miss - what the cache does not carry, and leaves to tier 1
 */
#include <linux/netfilter.h>
#include <linux/skbuff.h>
#include <net/netfilter/nf_conntrack.h>

#include "cache.h"
#include "conntrack.h"
#include "denial.h"
#include "miss.h"
#include "net.h"
#include "port.h"
#include "record.h"
#include "snapshot.h"

/* Does anybody want to know by which port it came what opens a connection? */
static bool miss_denies(const struct pnicfw_net *pn)
{
	return READ_ONCE(pn->rules.denies) || rcu_access_pointer(pn->suspects);
}

/* Conntrack sees a packet of this connection, after some that it has not. But has
 * it forgotten the connection? Then what comes is another one's, and that one's
 * record, or denial, is not to wait for the age room to find out. Returns whether
 * there still is a record.
 */
static bool miss_return(struct pnicfw_record *rec)
{
	if (nf_ct_is_dying(pnicfw_record_ct(rec))) {
		pnicfw_record_close(rec, PNICFW_REASON_TIMEOUT);
		return false;
	}
	if (pnicfw_record_bypassed(rec))
		pnicfw_ct_return(pnicfw_record_ct(rec));
	return true;
}

/* As above, of all connections that have the key of this one, in a conntrack zone
 * each. Whose packet it is only tier 1 knows.
 */
static noinline bool miss_return_twins(struct pnicfw_net *pn,
				       const struct pnicfw_dir *one)
{
	struct pnicfw_cache_at at;
	struct pnicfw_dir *dir;
	struct pnicfw_key key;
	bool any = false;

	pnicfw_record_key(pnicfw_dir_record(one), one->index, &key);
	pnicfw_cache_for_each(dir, &at, pn, &key)
		any |= miss_return(pnicfw_dir_record(dir));
	return any;
}

/**
 * pnicfw_miss - tier 1 has a packet, and may teach by it
 * @port: port it came in by
 * @skb: the packet, its data at the network header
 * @inner: the tag before that, which was put aside
 * @dir: the direction that it belongs to, or one of several in as many conntrack
 *	zones; NULL where there is no record
 * @hops: how many it may pass; 0 for one that opens a connection, which teaches
 *	nothing, unless there is somebody who denies
 *
 * Context: softirq, RCU.
 * Return: NF_ACCEPT, or NF_DROP where it is denied.
 */
unsigned int pnicfw_miss(const struct pnicfw_port *port, struct sk_buff *skb,
			 struct pnicfw_vlan inner, struct pnicfw_dir *dir,
			 u8 hops)
{
	struct pnicfw_record *rec = dir ? pnicfw_dir_record(dir) : NULL;
	struct pnicfw_net *pn = port->pn;
	bool twins = READ_ONCE(pn->twins);

	if (!rec && unlikely(READ_ONCE(pn->denials.count)) &&
	    pnicfw_denial_hit(port, skb, inner))
		return NF_DROP;
	pnicfw_stats_inc(pn, cache_misses);
	if (rec && (unlikely(twins) ? miss_return_twins(pn, dir) :
				      miss_return(rec))) {
		if (!rec->answer.cacheable && !rec->answer.offloadable &&
		    !twins)
			return NF_ACCEPT;
	} else if (!hops && !miss_denies(pn)) {
		pnicfw_snapshot_pass(skb);
		return NF_ACCEPT;
	}
	pnicfw_snapshot_take(port, skb, inner);
	return NF_ACCEPT;
}
