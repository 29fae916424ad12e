/* SPDX-License-Identifier: BSD-3-Clause */
#include "role/mobile_node.h"

size_t
fb_mobile_node_paths(const fb_mobile_node *node, fb_path_view *paths)
{
    size_t count = 0;

    for (size_t i = 0; i < node->registrations.capacity; i++)
    {
        const fb_registration *r = &node->registrations.item[i];

        if (r->known && r->link_up && fb_registration_up(r))
        {
            paths[count++] = (fb_path_view){.link = r->link.link,
                                            .bid = r->link.bid,
                                            .label = r->link.label,
                                            .technology = r->link.technology};
        }
    }
    return count;
}

const fb_registration *
fb_mobile_node_registration(const fb_mobile_node *node, uint8_t bid)
{
    for (size_t i = 0; i < node->registrations.capacity; i++)
    {
        const fb_registration *r = &node->registrations.item[i];

        if (r->known && r->link.bid == bid)
        {
            return r;
        }
    }
    return NULL;
}

bool
fb_mobile_node_owns_source(const fb_mobile_node *node, const fb_flow *flow)
{
    return flow->source == node->config.home_address;
}

/** Whether it is a multicast address, or a broadcast address at home. */
static bool
is_group(const fb_mobile_node_config *config, fb_ipv4 address)
{
    fb_ipv4 host = config->home_prefix_length < 32 ? UINT32_MAX >> config->home_prefix_length : 0;

    if (address == UINT32_MAX || address >> 28 == 14)
    {
        return true;
    }
    /* RFC 3021: two addresses make no network with a broadcast address */
    return config->home_prefix_length > 0 && host > 1 && address == (config->home_address | host);
}

bool
fb_mobile_node_owns_destination(const fb_mobile_node *node, const fb_flow *flow)
{
    return flow->destination == node->config.home_address ||
           (node->config.broadcast && is_group(&node->config, flow->destination));
}

int
fb_mobile_node_check_uplink(const fb_mobile_node *node, const fb_flow *flow)
{
    if (node->home_link != 0)
    {
        return FB_DROP_AT_HOME; /* RFC 5944 4.2.1: as any other host */
    }
    if (!fb_mobile_node_owns_source(node, flow))
    {
        return FB_DROP_TUNNEL_INNER_SOURCE;
    }
    /* RFC 2003 3.1: a packet whose TTL is 0 is not tunnelled */
    return flow->ttl == 0 ? FB_DROP_TTL : FB_REASON_NONE;
}

static bool
tunnel_exists(const fb_registration *r)
{
    /* Packets already on their way when a path is given up are still good; a foreign agent's tunnel ends there */
    return r->known && r->agent == 0 &&
           (fb_registration_up(r) || r->state == FB_BINDING_DEREGISTERING);
}

int
fb_mobile_node_check_downlink(const fb_mobile_node *node,
                              fb_ipv4 outer_source,
                              fb_ipv4 outer_destination,
                              const fb_flow *inner,
                              fb_ref *path)
{
    if (outer_source != node->home_agent)
    {
        return FB_DROP_TUNNEL_SOURCE;
    }
    if (!fb_mobile_node_owns_destination(node, inner))
    {
        return FB_DROP_TUNNEL_INNER_DESTINATION;
    }
    for (size_t i = 0; i < node->registrations.capacity; i++)
    {
        const fb_registration *r = &node->registrations.item[i];

        if (tunnel_exists(r) && r->care_of_address == outer_destination)
        {
            *path = (fb_ref){.session = 1, .link = r->link.link, .bid = r->link.bid};
            return FB_REASON_NONE;
        }
    }
    return FB_DROP_NO_BINDING;
}
