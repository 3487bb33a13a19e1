// SPDX-License-Identifier: GPL-2.0
/*
 * conntrack - all that pnicfw writes into a conntrack entry
 */
#include <net/netfilter/nf_conntrack.h>
#include <net/netfilter/nf_conntrack_acct.h>
#include <net/netfilter/nf_conntrack_ecache.h>
#include <net/netfilter/nf_conntrack_l4proto.h>
#include <net/netfilter/nf_conntrack_labels.h>
#include <net/netfilter/nf_conntrack_timeout.h>

#include "conntrack.h"
#include "record.h"

/* The window tracking of both directions starts afresh with the next packet of
 * each, as nf_flow_table does it. The highest ACK seen is as outdated as the
 * window; without forgetting it, conntrack takes a good RST for a bad one.
 */
static void ct_forget_window(struct nf_conn *ct, u8 flags)
{
	struct ip_ct_tcp_state *seen = ct->proto.tcp.seen;
	int i;

	spin_lock_bh(&ct->lock);
	for (i = 0; i < IP_CT_DIR_MAX; i++) {
		seen[i].td_maxwin = 0;
		seen[i].flags &= ~IP_CT_TCP_FLAG_MAXACK_SET;
		seen[i].flags |= flags;
	}
	spin_unlock_bh(&ct->lock);
}

/**
 * pnicfw_ct_leave - packets will pass that conntrack does not see
 * @ct: the connection's entry
 *
 * One direction may leave before the other: what conntrack still sees of it
 * then acknowledges data that conntrack has not seen, and must pass.
 *
 * Context: any but hard interrupts.
 */
void pnicfw_ct_leave(struct nf_conn *ct)
{
	if (nf_ct_protonum(ct) == IPPROTO_TCP)
		ct_forget_window(ct, IP_CT_TCP_FLAG_BE_LIBERAL);
}

/**
 * pnicfw_ct_return - conntrack sees packets again, after some it did not
 * @ct: the connection's entry
 *
 * Call it before conntrack sees the first of them.
 *
 * Context: any but hard interrupts.
 */
void pnicfw_ct_return(struct nf_conn *ct)
{
	if (nf_ct_protonum(ct) == IPPROTO_TCP)
		ct_forget_window(ct, 0);
}

static unsigned int ct_timeout_tcp(struct nf_conn *ct,
				   const unsigned int *timeouts)
{
	if (READ_ONCE(ct->proto.tcp.state) != TCP_CONNTRACK_ESTABLISHED)
		return 0;
	if (!timeouts)
		timeouts = nf_tcp_pernet(nf_ct_net(ct))->timeouts;
	return timeouts[TCP_CONNTRACK_ESTABLISHED];
}

static unsigned int ct_timeout_udp(struct nf_conn *ct,
				   const unsigned int *timeouts, u32 used,
				   bool *stream)
{
	if (!timeouts)
		timeouts = nf_udp_pernet(nf_ct_net(ct))->timeouts;
	if (!test_bit(IPS_SEEN_REPLY_BIT, &ct->status) ||
	    (s32)(used - (u32)ct->proto.udp.stream_ts) <= 0)
		return timeouts[UDP_CT_UNREPLIED];
	*stream = true;
	return timeouts[UDP_CT_REPLIED];
}

static unsigned int ct_timeout_sctp(struct nf_conn *ct,
				    const unsigned int *timeouts)
{
	if (READ_ONCE(ct->proto.sctp.state) != SCTP_CONNTRACK_ESTABLISHED)
		return 0;
	if (!timeouts)
		timeouts = nf_sctp_pernet(nf_ct_net(ct))->timeouts;
	return timeouts[SCTP_CONNTRACK_ESTABLISHED];
}

/* Where conntrack knows nothing of GRE, it is one of those that it has one timeout
 * for.
 */
static unsigned int ct_timeout_gre(struct nf_conn *ct,
				   const unsigned int *timeouts, bool *stream)
{
	if (IS_ENABLED(CONFIG_NF_CT_PROTO_GRE)) {
		*stream = true;
		return ct->proto.gre.stream_timeout;
	}
	return timeouts ? *timeouts : nf_generic_pernet(nf_ct_net(ct))->timeout;
}

/* The timeout that conntrack would have given the entry at a packet seen at
 * @used; 0 where it is conntrack's own affair (TCP or SCTP on its way up or
 * down). Mirrors nf_conntrack_udp_packet() and its like; of GRE, the entry has
 * its own.
 */
static unsigned int ct_timeout(struct nf_conn *ct, u32 used, bool *stream)
{
	const unsigned int *timeouts = nf_ct_timeout_lookup(ct);
	struct net *net = nf_ct_net(ct);

	*stream = false;
	switch (nf_ct_protonum(ct)) {
	case IPPROTO_TCP:
		return ct_timeout_tcp(ct, timeouts);
	case IPPROTO_UDP:
		return ct_timeout_udp(ct, timeouts, used, stream);
	case IPPROTO_SCTP:
		return ct_timeout_sctp(ct, timeouts);
	case IPPROTO_ICMP:
		return timeouts ? *timeouts : nf_icmp_pernet(net)->timeout;
	case IPPROTO_ICMPV6:
		return timeouts ? *timeouts : nf_icmpv6_pernet(net)->timeout;
	case IPPROTO_GRE:
		return ct_timeout_gre(ct, timeouts, stream);
	}
	return 0;
}

/**
 * pnicfw_ct_refresh - conntrack's timeout runs from the last packet on,
 * whichever tier that was in
 * @ct: the connection's entry
 * @used: jiffies, the low 32 bits, of a packet in a tier below the first
 *
 * The timeout is only ever extended: the first tier may have seen a later
 * packet meanwhile, and writes it without a lock.
 *
 * Context: any, RCU taken here.
 */
void pnicfw_ct_refresh(struct nf_conn *ct, u32 used)
{
	unsigned int timeout;
	u32 old, new;
	bool stream;

	if (test_bit(IPS_FIXED_TIMEOUT_BIT, &ct->status) || nf_ct_is_dying(ct))
		return;

	rcu_read_lock();
	timeout = ct_timeout(ct, used, &stream);
	rcu_read_unlock();
	if (!timeout)
		return;
	if (stream && !test_and_set_bit(IPS_ASSURED_BIT, &ct->status))
		nf_conntrack_event_cache(IPCT_ASSURED, ct);

	new = used + timeout;
	old = READ_ONCE(ct->timeout);
	if ((s32)(new - old) > 0)
		cmpxchg(&ct->timeout, old, new);
}

/**
 * pnicfw_ct_account - add to conntrack's accounting
 * @ct: the connection's entry
 * @dir: direction
 * @more: what the lower tiers carried since the last call
 *
 * Context: any.
 */
void pnicfw_ct_account(struct nf_conn *ct, u8 dir,
		       const struct pnicfw_count *more)
{
	struct nf_conn_acct *acct = nf_conn_acct_find(ct);

	if (!acct)
		return;
	atomic64_add(more->packets, &acct->counter[dir].packets);
	atomic64_add(more->bytes, &acct->counter[dir].bytes);
}

/**
 * pnicfw_ct_counted - what conntrack's accounting says
 * @ct: the connection's entry
 * @dir: direction
 * @count: filled in; zero where conntrack does not count
 *
 * Context: any.
 */
void pnicfw_ct_counted(const struct nf_conn *ct, u8 dir,
		       struct pnicfw_count *count)
{
	const struct nf_conn_acct *acct = nf_conn_acct_find(ct);

	count->packets = 0;
	count->bytes = 0;
	if (!acct)
		return;
	count->packets = atomic64_read(&acct->counter[dir].packets);
	count->bytes = atomic64_read(&acct->counter[dir].bytes);
}

/**
 * pnicfw_ct_show_hw - show, or no longer show, that the eswitch has it
 * @ct: the connection's entry
 * @offloaded: whether it has
 *
 * This is for `conntrack -L` to display. IPS_OFFLOAD would hide the timeout
 * and the TCP state, and on some kernels keep the entry from ever timing out.
 *
 * Context: any.
 */
void pnicfw_ct_show_hw(struct nf_conn *ct, bool offloaded)
{
	if (offloaded)
		set_bit(IPS_HW_OFFLOAD_BIT, &ct->status);
	else
		clear_bit(IPS_HW_OFFLOAD_BIT, &ct->status);
}

/**
 * pnicfw_ct_kill - end a connection for conntrack, as `conntrack -D` does
 * @ct: the connection's entry; the caller holds it
 *
 * One that was never confirmed goes with its packet.
 *
 * Context: any but hard interrupts.
 */
void pnicfw_ct_kill(struct nf_conn *ct)
{
	if (nf_ct_is_confirmed(ct))
		nf_ct_kill(ct);
}

/**
 * pnicfw_ct_label - set or clear a label
 * @ct: the connection's entry
 * @bit: the label; none past 127
 * @on: whether it is to be set
 *
 * An entry that was made without room for labels stays without.
 *
 * Context: any but hard interrupts.
 */
void pnicfw_ct_label(struct nf_conn *ct, u32 bit, bool on)
{
	u32 data[4] = {}, mask[4] = {};

	if (bit >= 32 * ARRAY_SIZE(mask) || nf_ct_is_dying(ct))
		return;
	mask[bit / 32] = BIT(bit % 32);
	if (on)
		data[bit / 32] = mask[bit / 32];
	nf_connlabels_replace(ct, data, mask, ARRAY_SIZE(mask));
}
