// SPDX-License-Identifier: GPL-2.0
/*
 * label - two labels that tell conntrack's users what pnicfw does with a
 * connection
 *
 * Conntrack makes room for labels with an entry, and only while somebody has
 * said that there will be some. Connections that are older have none.
 */
#include <net/netfilter/nf_conntrack.h>
#include <net/netfilter/nf_conntrack_labels.h>

#include "conntrack.h"
#include "label.h"
#include "net.h"
#include "record.h"
#include "table.h"

/**
 * pnicfw_label_need - have conntrack make room for labels, or no longer
 * @pn: the namespace
 *
 * Call it when parameters or rules have changed.
 *
 * Context: process.
 */
void pnicfw_label_need(struct pnicfw_net *pn)
{
	bool need;

	mutex_lock(&pn->policy_mutex);
	need = pn->params.label_cacheable != PNICFW_LABEL_OFF ||
	       pn->params.label_offloaded != PNICFW_LABEL_OFF ||
	       pn->rules.uses & BIT(PNICFW_RULES_LABEL);
	if (need && !pn->labels)
		need = !nf_connlabels_get(pn->net, 127);
	else if (!need && pn->labels)
		nf_connlabels_put(pn->net);
	pn->labels = need;
	mutex_unlock(&pn->policy_mutex);
}

/**
 * pnicfw_label_exit - no longer
 * @pn: the namespace
 *
 * Context: process.
 */
void pnicfw_label_exit(struct pnicfw_net *pn)
{
	if (pn->labels)
		nf_connlabels_put(pn->net);
	pn->labels = false;
}

/**
 * pnicfw_label_cacheable - show whether tier 2 may have a connection
 * @rec: the record
 * @cacheable: whether it may
 *
 * Context: any but hard interrupts.
 */
void pnicfw_label_cacheable(struct pnicfw_record *rec, bool cacheable)
{
	const struct pnicfw_net *pn = pnicfw_record_net(rec);
	u32 label = READ_ONCE(pn->params.label_cacheable);

	if (unlikely(label != PNICFW_LABEL_OFF))
		pnicfw_ct_label(pnicfw_record_ct(rec), label, cacheable);
}

/**
 * pnicfw_label_offloaded - show whether the eswitch has a connection
 * @rec: the record, of a connection that the eswitch was to have at least
 * @offloaded: whether it has
 *
 * Context: any but hard interrupts.
 */
void pnicfw_label_offloaded(struct pnicfw_record *rec, bool offloaded)
{
	const struct pnicfw_net *pn = rec->hw->table->pn;
	u32 label = READ_ONCE(pn->params.label_offloaded);

	if (unlikely(label != PNICFW_LABEL_OFF))
		pnicfw_ct_label(pnicfw_record_ct(rec), label, offloaded);
}
