/* SPDX-License-Identifier: GPL-2.0 */
/*
 * device - what happens to the devices that packets pass
 */
#ifndef PNICFW_DEVICE_H
#define PNICFW_DEVICE_H

struct net_device;

int pnicfw_device_init(void);
void pnicfw_device_exit(void);
void pnicfw_device_keep_dst(struct net_device *dev);

#endif /* PNICFW_DEVICE_H */
