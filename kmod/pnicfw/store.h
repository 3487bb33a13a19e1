/* SPDX-License-Identifier: GPL-2.0 */
/*
 * store - where records' memory comes from, and is accounted
 *
 * When a record begins and ends is the record room's business.
 */
#ifndef PNICFW_STORE_H
#define PNICFW_STORE_H

struct nf_conn;
struct pnicfw_hw;
struct pnicfw_net;
struct pnicfw_record;

int pnicfw_store_init(void);
void pnicfw_store_exit(void);

struct pnicfw_record *pnicfw_store_alloc(struct pnicfw_net *pn,
					 struct nf_conn *ct);
struct pnicfw_hw *pnicfw_store_hw(struct pnicfw_record *rec);
void pnicfw_store_free(struct pnicfw_record *rec);

#endif /* PNICFW_STORE_H */
