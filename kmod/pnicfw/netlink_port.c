// SPDX-License-Identifier: GPL-2.0
/*
 * netlink_port - the netlink family's operations on ports
 */
#include <linux/rtnetlink.h>
#include <net/sock.h>

#include "compat/genl.h"
#include "net.h"
#include "netlink_msg.h"
#include "port.h"
#include "table.h"

#define PORT_NAMED	(BIT(PNICFW_A_PORT_IFINDEX) | BIT(PNICFW_A_PORT_IFNAME))

static int port_put_shape(struct sk_buff *skb, struct net *net,
			  const struct pnicfw_shape_kind *shape)
{
	struct net_device *dev = __dev_get_by_index(net, shape->out);
	struct nlattr *nest;

	nest = nla_nest_start(skb, PNICFW_A_PORT_STATE_UNSUPPORTED);
	if (!nest || nla_put_u32(skb, PNICFW_A_SHAPE_BITS, shape->bits) ||
	    nla_put_u32(skb, PNICFW_A_SHAPE_OUT_IFINDEX, shape->out) ||
	    (dev && nla_put_string(skb, PNICFW_A_SHAPE_OUT, dev->name)))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

/* What its eswitch has, and what its driver does not take. */
static int port_put_hardware(struct sk_buff *skb, const struct pnicfw_port *port,
			     bool all)
{
	struct pnicfw_shapes *shapes = (void *)&port->unsupported;
	const struct pnicfw_table *table = port->table;
	struct pnicfw_shape_kind shape;
	u32 size, i;

	if (!table)
		return 0;
	size = READ_ONCE(table->capacity.size);
	if (nla_put_u32(skb, PNICFW_A_PORT_STATE_TABLE_USED,
			pnicfw_table_places(table)) ||
	    (size != PNICFW_CAPACITY_UNKNOWN &&
	     nla_put_u32(skb, PNICFW_A_PORT_STATE_TABLE_SIZE, size)))
		return -EMSGSIZE;
	for (i = 0; all && pnicfw_shapes_get(shapes, i, &shape); i++)
		if (port_put_shape(skb, dev_net(port->dev), &shape))
			return -EMSGSIZE;
	return 0;
}

/**
 * pnicfw_netlink_put_port - add a port to a message
 * @skb: the message
 * @port: the port
 * @all: with its flows, see pnicfw_port_count(), and what its driver does not take
 *
 * Context: RTNL.
 * Return: 0 or -EMSGSIZE.
 */
int pnicfw_netlink_put_port(struct sk_buff *skb, const struct pnicfw_port *port,
			    bool all)
{
	const struct netdev_phys_item_id *id = &port->switch_id;
	struct nlattr *nest;

	nest = nla_nest_start(skb, PNICFW_A_PORT);
	if (!nest ||
	    nla_put_u32(skb, PNICFW_A_PORT_IFINDEX, port->dev->ifindex) ||
	    nla_put_string(skb, PNICFW_A_PORT_IFNAME, port->dev->name) ||
	    nla_put_u32(skb, PNICFW_A_PORT_HW, port->hw_wanted) ||
	    nla_put_u32(skb, PNICFW_A_PORT_DRAIN, port->drained))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);

	nest = nla_nest_start(skb, PNICFW_A_PORT_STATE);
	if (!nest || nla_put_u32(skb, PNICFW_A_PORT_STATE_BIND, port->bind) ||
	    (id->id_len && nla_put(skb, PNICFW_A_PORT_STATE_SWITCH_ID,
				   id->id_len, id->id)) ||
	    (all && nla_put_u32(skb, PNICFW_A_PORT_STATE_FLOWS, port->flows)) ||
	    port_put_hardware(skb, port, all))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

/* The attributes of a request about one port: @used of them are welcome. */
static int port_parse(struct genl_info *info, struct nlattr **tb, u32 used)
{
	struct nlattr *nest = info->attrs[PNICFW_A_PORT];
	int err;

	err = pnicfw_netlink_allow(info->attrs, pnicfw_netlink_family.maxattr,
				   BIT(PNICFW_A_PORT), info->extack);
	if (err)
		return err;
	if (GENL_REQ_ATTR_CHECK(info, PNICFW_A_PORT)) {
		GENL_SET_ERR_MSG(info, "port: attribute is missing");
		return -EINVAL;
	}
	err = nla_parse_nested(tb, PNICFW_A_PORT_MAX, nest,
			       pnicfw_port_nl_policy, info->extack);
	if (!err)
		err = pnicfw_netlink_allow(tb, PNICFW_A_PORT_MAX, used,
					   info->extack);
	if (err)
		return err;
	if (!tb[PNICFW_A_PORT_IFNAME] &&
	    NL_REQ_ATTR_CHECK(info->extack, nest, tb, PNICFW_A_PORT_IFINDEX)) {
		NL_SET_ERR_MSG_ATTR(info->extack, nest,
				    "dev: neither index nor name is given");
		return -EINVAL;
	}
	return 0;
}

/* The device of a request; under RTNL, so that it stays. */
static struct net_device *port_dev(struct genl_info *info, struct nlattr **tb)
{
	struct net *net = genl_info_net(info);
	int ifindex;

	ASSERT_RTNL();
	ifindex = pnicfw_netlink_ifindex(net, tb[PNICFW_A_PORT_IFINDEX],
					 tb[PNICFW_A_PORT_IFNAME],
					 info->extack);
	if (ifindex < 0)
		return ERR_PTR(ifindex);
	return __dev_get_by_index(net, ifindex);
}

static struct pnicfw_port *port_find(struct genl_info *info, struct nlattr **tb)
{
	struct net_device *dev = port_dev(info, tb);
	struct pnicfw_port *port;

	if (IS_ERR(dev))
		return ERR_CAST(dev);
	port = pnicfw_port_find(pnicfw_net(genl_info_net(info)),
				dev->ifindex);
	if (port)
		return port;
	NL_SET_ERR_MSG_ATTR(info->extack,
			    tb[PNICFW_A_PORT_IFNAME] ?:
			    tb[PNICFW_A_PORT_IFINDEX],
			    "dev: device is not a port");
	return ERR_PTR(-ENOENT);
}

/**
 * pnicfw_nl_port_add_doit - PNICFW_CMD_PORT_ADD
 * @skb: the request
 * @info: the request, parsed
 *
 * Return: 0 or a negative errno.
 */
int pnicfw_nl_port_add_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *tb[PNICFW_A_PORT_MAX + 1];
	struct net_device *dev;
	bool hw;
	int err;

	err = port_parse(info, tb, PORT_NAMED | BIT(PNICFW_A_PORT_HW));
	if (err)
		return err;
	hw = !tb[PNICFW_A_PORT_HW] || nla_get_u32(tb[PNICFW_A_PORT_HW]);

	rtnl_lock();
	dev = port_dev(info, tb);
	if (IS_ERR(dev)) {
		err = PTR_ERR(dev);
	} else {
		NL_SET_BAD_ATTR(info->extack, tb[PNICFW_A_PORT_IFNAME] ?:
					      tb[PNICFW_A_PORT_IFINDEX]);
		err = pnicfw_port_add(pnicfw_net(genl_info_net(info)), dev, hw,
				      info->extack);
	}
	rtnl_unlock();
	return err;
}

/* What can be refused comes first, so that a request is done whole or not. */
static int port_set(struct pnicfw_port *port, struct nlattr **tb,
		    struct netlink_ext_ack *extack)
{
	const struct nlattr *hw = tb[PNICFW_A_PORT_HW];
	const struct nlattr *drain = tb[PNICFW_A_PORT_DRAIN];
	int err;

	if (hw) {
		NL_SET_BAD_ATTR(extack, hw);
		err = pnicfw_port_set_hw(port, nla_get_u32(hw), extack);
		if (err)
			return err;
	}
	if (drain)
		pnicfw_port_set_drain(port, nla_get_u32(drain));
	return 0;
}

/**
 * pnicfw_nl_port_set_doit - PNICFW_CMD_PORT_SET
 * @skb: the request
 * @info: the request, parsed
 *
 * Return: 0 or a negative errno.
 */
int pnicfw_nl_port_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *tb[PNICFW_A_PORT_MAX + 1];
	struct pnicfw_port *port;
	int err;

	err = port_parse(info, tb, PORT_NAMED | BIT(PNICFW_A_PORT_HW) |
				   BIT(PNICFW_A_PORT_DRAIN));
	if (err)
		return err;
	if (!tb[PNICFW_A_PORT_HW] && !tb[PNICFW_A_PORT_DRAIN]) {
		NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[PNICFW_A_PORT],
				    "port: neither hw nor drain is given");
		return -EINVAL;
	}

	rtnl_lock();
	port = port_find(info, tb);
	err = IS_ERR(port) ? PTR_ERR(port) : port_set(port, tb, info->extack);
	rtnl_unlock();
	return err;
}

/**
 * pnicfw_nl_port_del_doit - PNICFW_CMD_PORT_DEL
 * @skb: the request
 * @info: the request, parsed
 *
 * Return: 0 or a negative errno.
 */
int pnicfw_nl_port_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *tb[PNICFW_A_PORT_MAX + 1];
	struct pnicfw_port *port;
	int err;

	err = port_parse(info, tb, PORT_NAMED);
	if (err)
		return err;

	rtnl_lock();
	port = port_find(info, tb);
	if (IS_ERR(port))
		err = PTR_ERR(port);
	else
		pnicfw_port_del(port);
	rtnl_unlock();
	return err;
}

/**
 * pnicfw_nl_port_get_doit - PNICFW_CMD_PORT_GET, one port
 * @skb: the request
 * @info: the request, parsed
 *
 * Return: 0 or a negative errno.
 */
int pnicfw_nl_port_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *tb[PNICFW_A_PORT_MAX + 1];
	struct pnicfw_port *port;
	struct sk_buff *msg;
	void *hdr;
	int err;

	err = port_parse(info, tb, PORT_NAMED);
	if (err)
		return err;
	msg = pnicfw_netlink_reply(info, NLMSG_DEFAULT_SIZE, &hdr);
	if (!msg)
		return -ENOMEM;

	rtnl_lock();
	port = port_find(info, tb);
	err = PTR_ERR_OR_ZERO(port);
	if (!err) {
		pnicfw_port_count(port->pn);
		err = pnicfw_netlink_put_port(msg, port, true);
	}
	rtnl_unlock();
	return pnicfw_netlink_send(msg, hdr, err, info);
}

/* The port with the lowest ifindex above @ifindex: an order that a dump can
 * rely on across messages while ports come and go.
 */
static const struct pnicfw_port *port_after(struct pnicfw_net *pn, int ifindex)
{
	unsigned long index = ifindex;

	return xa_find_after(&pn->ports, &index, ULONG_MAX, XA_PRESENT);
}

/**
 * pnicfw_nl_port_get_dumpit - PNICFW_CMD_PORT_GET, all ports
 * @skb: the answer
 * @cb: the dump; args[0] is the ifindex of the last port that was shown
 *
 * Return: bytes in @skb, 0 at the end, or a negative errno.
 */
int pnicfw_nl_port_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct pnicfw_net *pn = pnicfw_net(sock_net(skb->sk));
	const struct pnicfw_port *port;
	void *hdr;
	int err;

	err = pnicfw_netlink_allow(pnicfw_genl_dump_attrs(cb),
				   pnicfw_netlink_family.maxattr, 0,
				   cb->extack);
	if (err)
		return err;

	rtnl_lock();
	if (!cb->args[0])
		pnicfw_port_count(pn);
	while ((port = port_after(pn, cb->args[0]))) {
		hdr = genlmsg_put(skb, NETLINK_CB(cb->skb).portid,
				  cb->nlh->nlmsg_seq, &pnicfw_netlink_family,
				  NLM_F_MULTI, PNICFW_CMD_PORT_GET);
		if (!hdr)
			break;
		if (pnicfw_netlink_put_port(skb, port, true)) {
			genlmsg_cancel(skb, hdr);
			break;
		}
		genlmsg_end(skb, hdr);
		cb->args[0] = port->dev->ifindex;
	}
	rtnl_unlock();
	return port && !skb->len ? -EMSGSIZE : skb->len;
}
