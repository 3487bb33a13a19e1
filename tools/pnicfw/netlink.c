// SPDX-License-Identifier: GPL-2.0
/*
 * netlink - the conversation with the kernel
 *
 * One socket and one request at a time.
 */
#include <errno.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "pnicfw.h"

#define BUFFER_SIZE	65536
#define GROUPS_MAX	8
#define LISTEN_BUFFER	(4 << 20)

static struct {
	struct mnl_socket *socket;
	unsigned int seq;
	uint16_t family;
	struct {
		char name[GENL_NAMSIZ];
		uint32_t id;
	} groups[GROUPS_MAX];
	unsigned int n_groups;
} nl;

static char request[MNL_NLMSG_HDRLEN + 4096];
static char answer[BUFFER_SIZE];

/* Does @reply end the answer? Then with which error, or 0? */
static bool answer_ends(const struct nlmsghdr *reply, int *err)
{
	const struct nlmsgerr *error = mnl_nlmsg_get_payload(reply);
	const int *done = mnl_nlmsg_get_payload(reply);

	switch (reply->nlmsg_type) {
	case NLMSG_ERROR:
		*err = -error->error;
		return true;
	case NLMSG_DONE:
		*err = mnl_nlmsg_get_payload_len(reply) >= sizeof(*done) ?
		       -*done : 0;
		return true;
	default:
		return false;
	}
}

/* Send @nlh and wait for all of the answer. Returns 0 or an errno; @bad is the
 * message that says so, or NULL where the conversation itself failed.
 */
static int exchange(struct nlmsghdr *nlh, reply_cb cb, void *arg,
		    const struct nlmsghdr **bad)
{
	const struct nlmsghdr *reply;
	int len, err = 0;
	ssize_t got;

	*bad = NULL;
	if (mnl_socket_sendto(nl.socket, nlh, nlh->nlmsg_len) < 0)
		return errno;
	for (;;) {
		got = mnl_socket_recvfrom(nl.socket, answer, sizeof(answer));
		if (got < 0)
			return errno;
		len = got;
		for (reply = (void *)answer; mnl_nlmsg_ok(reply, len);
		     reply = mnl_nlmsg_next(reply, &len)) {
			if (reply->nlmsg_seq != nlh->nlmsg_seq)
				continue;
			*bad = reply;
			if (answer_ends(reply, &err))
				return err;
			if (cb)
				cb(reply, arg);
		}
	}
}

static struct nlmsghdr *message_new(uint16_t type, uint8_t cmd, bool dump)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(request);
	struct genlmsghdr *genl;

	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST | (dump ? NLM_F_DUMP : NLM_F_ACK);
	nlh->nlmsg_seq = ++nl.seq;
	genl = mnl_nlmsg_put_extra_header(nlh, sizeof(*genl));
	genl->cmd = cmd;
	genl->version = PNICFW_FAMILY_VERSION;
	return nlh;
}

static void group_read(const struct nlattr *nest)
{
	const struct nlattr *tb[CTRL_ATTR_MCAST_GRP_MAX + 1];

	attrs_in(nest, tb, CTRL_ATTR_MCAST_GRP_MAX);
	if (nl.n_groups == GROUPS_MAX || !tb[CTRL_ATTR_MCAST_GRP_NAME])
		return;
	snprintf(nl.groups[nl.n_groups].name, GENL_NAMSIZ, "%s",
		 mnl_attr_get_str(tb[CTRL_ATTR_MCAST_GRP_NAME]));
	nl.groups[nl.n_groups++].id = attr_u32(tb[CTRL_ATTR_MCAST_GRP_ID]);
}

static int family_read(const struct nlmsghdr *nlh, void *arg)
{
	const struct nlattr *tb[CTRL_ATTR_MAX + 1], *group;

	(void)arg;
	attrs_of(nlh, tb, CTRL_ATTR_MAX);
	if (!tb[CTRL_ATTR_FAMILY_ID])
		return MNL_CB_OK;
	nl.family = mnl_attr_get_u16(tb[CTRL_ATTR_FAMILY_ID]);
	if (tb[CTRL_ATTR_MCAST_GROUPS])
		mnl_attr_for_each_nested(group, tb[CTRL_ATTR_MCAST_GROUPS])
			group_read(group);
	return MNL_CB_OK;
}

static int family_find(void)
{
	struct nlmsghdr *nlh = message_new(GENL_ID_CTRL, CTRL_CMD_GETFAMILY,
					   false);
	const struct nlmsghdr *bad;
	int err;

	mnl_attr_put_strz(nlh, CTRL_ATTR_FAMILY_NAME, PNICFW_FAMILY_NAME);
	err = exchange(nlh, family_read, NULL, &bad);
	if (err == ENOENT)
		return fail(EXIT_REFUSED,
			    "the kernel module pnicfw is not loaded");
	return err ? fail(EXIT_REFUSED, "netlink: %s", strerror(err)) :
		     EXIT_DONE;
}

static int connect_kernel(void)
{
	static bool connected;
	int on = 1, status;

	if (connected)
		return EXIT_DONE;
	nl.socket = mnl_socket_open2(NETLINK_GENERIC, SOCK_CLOEXEC);
	if (!nl.socket || mnl_socket_bind(nl.socket, 0, MNL_SOCKET_AUTOPID) < 0)
		return fail(EXIT_REFUSED, "netlink: %s", strerror(errno));
	mnl_socket_setsockopt(nl.socket, NETLINK_EXT_ACK, &on, sizeof(on));
	mnl_socket_setsockopt(nl.socket, NETLINK_CAP_ACK, &on, sizeof(on));
	status = family_find();
	connected = !status;
	return status;
}

/**
 * request_new - begin a request
 * @cmd: what to do
 * @dump: with all objects
 *
 * Return: the one request there is; it ends with request_run().
 */
struct nlmsghdr *request_new(uint8_t cmd, bool dump)
{
	return message_new(0, cmd, dump);
}

/**
 * request_run - send a request and wait for all of the answer
 * @nlh: the request
 * @cb: called for each message of the answer, or NULL
 * @arg: for @cb
 *
 * Return: an exit status; a refusal has been told.
 */
int request_run(struct nlmsghdr *nlh, reply_cb cb, void *arg)
{
	char copy[sizeof(request)];
	const struct nlmsghdr *bad;
	int status, err;

	/* Looking the family up is a request as well. */
	memcpy(copy, nlh, nlh->nlmsg_len);
	status = connect_kernel();
	if (status)
		return status;
	nlh = memcpy(request, copy, ((struct nlmsghdr *)copy)->nlmsg_len);
	nlh->nlmsg_type = nl.family;
	nlh->nlmsg_seq = ++nl.seq;

	err = exchange(nlh, cb, arg, &bad);
	if (!err) {
		warning_tell(bad);
		return EXIT_DONE;
	}
	if (!bad)
		return fail(EXIT_REFUSED, "netlink: %s", strerror(err));
	return refusal_tell(nlh, bad);
}

static int group_join(const char *name)
{
	unsigned int i;

	for (i = 0; i < nl.n_groups; i++) {
		if (strcmp(nl.groups[i].name, name))
			continue;
		if (mnl_socket_setsockopt(nl.socket, NETLINK_ADD_MEMBERSHIP,
					  &nl.groups[i].id,
					  sizeof(nl.groups[i].id)) < 0)
			return fail(EXIT_REFUSED, "netlink: %s",
				    strerror(errno));
		return EXIT_DONE;
	}
	return fail(EXIT_REFUSED, "the kernel knows no events about %s", name);
}

static int events_wait(reply_cb cb)
{
	const struct nlmsghdr *event;
	ssize_t got;
	int len;

	for (;;) {
		got = mnl_socket_recvfrom(nl.socket, answer, sizeof(answer));
		if (got < 0 && errno == ENOBUFS) {
			fprintf(stderr, "Warning: events were lost.\n");
			continue;
		}
		if (got < 0)
			return fail(EXIT_REFUSED, "netlink: %s",
				    strerror(errno));
		len = got;
		for (event = (void *)answer; mnl_nlmsg_ok(event, len);
		     event = mnl_nlmsg_next(event, &len))
			if (event->nlmsg_type == nl.family &&
			    cb(event, NULL) != MNL_CB_OK)
				return EXIT_REFUSED;
	}
}

/**
 * listen_to - receive events, without end
 * @groups: names of multicast groups
 * @n: how many
 * @cb: called for each event
 *
 * Return: an exit status, if at all.
 */
int listen_to(const char *const *groups, size_t n, reply_cb cb)
{
	int size = LISTEN_BUFFER, status = connect_kernel();
	size_t i;

	if (status)
		return status;
	/* The second one is for root, and may go past the system's limit. */
	setsockopt(mnl_socket_get_fd(nl.socket), SOL_SOCKET, SO_RCVBUF, &size,
		   sizeof(size));
	setsockopt(mnl_socket_get_fd(nl.socket), SOL_SOCKET, SO_RCVBUFFORCE,
		   &size, sizeof(size));
	for (i = 0; i < n && !status; i++)
		status = group_join(groups[i]);
	return status ?: events_wait(cb);
}

static void attr_note(const struct nlattr *attr, const struct nlattr **tb,
		      int max)
{
	if (mnl_attr_get_type(attr) <= max)
		tb[mnl_attr_get_type(attr)] = attr;
}

/**
 * attrs_of - a message's attributes by type
 * @nlh: the message
 * @tb: filled in; of several of one type the last
 * @max: the highest type
 */
void attrs_of(const struct nlmsghdr *nlh, const struct nlattr **tb, int max)
{
	const struct nlattr *attr;

	memset(tb, 0, (max + 1) * sizeof(*tb));
	mnl_attr_for_each(attr, nlh, GENL_HDRLEN)
		attr_note(attr, tb, max);
}

/**
 * attrs_in - an attribute's attributes by type
 * @nest: the attribute, or NULL, which has none
 * @tb: filled in; of several of one type the last
 * @max: the highest type
 */
void attrs_in(const struct nlattr *nest, const struct nlattr **tb, int max)
{
	const struct nlattr *attr;

	memset(tb, 0, (max + 1) * sizeof(*tb));
	if (!nest)
		return;
	mnl_attr_for_each_nested(attr, nest)
		attr_note(attr, tb, max);
}

/**
 * attr_u32 - a number
 * @attr: the attribute, or NULL
 *
 * Return: the number, 0 where there is none.
 */
uint32_t attr_u32(const struct nlattr *attr)
{
	return attr ? mnl_attr_get_u32(attr) : 0;
}

/**
 * attr_u64 - a large number
 * @attr: the attribute, or NULL
 *
 * Return: the number, 0 where there is none.
 */
uint64_t attr_u64(const struct nlattr *attr)
{
	return attr ? mnl_attr_get_u64(attr) : 0;
}
