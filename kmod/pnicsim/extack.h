/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PNICSIM_EXTACK_H
#define PNICSIM_EXTACK_H

#include <linux/netlink.h>

/* Say why not, and return the error: "return pnicsim_refuse(...)" */
#define pnicsim_refuse(_extack, _err, _msg) ({			\
	NL_SET_ERR_MSG_MOD(_extack, _msg);			\
	(_err);							\
})

/* The same where a pointer is expected */
#define pnicsim_refuse_ptr(_extack, _err, _msg) ({		\
	NL_SET_ERR_MSG_MOD(_extack, _msg);			\
	ERR_PTR(_err);						\
})

#endif
