/* SPDX-License-Identifier: GPL-2.0 */
/*
 * upper - devices on top of ports, and whether they only hand packets on
 */
#ifndef PNICFW_UPPER_H
#define PNICFW_UPPER_H

struct net_device;
struct pnicfw_path_key;

const struct net_device *
pnicfw_upper_minds(const struct pnicfw_path_key *way);

#endif /* PNICFW_UPPER_H */
