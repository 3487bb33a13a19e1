/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PNICSIM_DEBUGFS_H
#define PNICSIM_DEBUGFS_H

struct pnicsim_nic;

void pnicsim_debugfs_init(void);
void pnicsim_debugfs_exit(void);
void pnicsim_debugfs_add(struct pnicsim_nic *nic);
void pnicsim_debugfs_del(struct pnicsim_nic *nic);

#endif
