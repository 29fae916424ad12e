/* SPDX-License-Identifier: BSD-3-Clause */
#include "role/mobile_node_internal.h"

#include "steer/path_view.h"
#include "wire/tunnel_header.h"

/** The paths that are up, and silent or not. Returns how many. */
static size_t
paths_that_are(const fb_mobile_node *node, bool silent, fb_path_view *paths)
{
    size_t count = 0;

    for (size_t i = 0; i < node->registrations.capacity; i++)
    {
        const fb_registration *r = &node->registrations.item[i];

        if (r->known && r->link_up && fb_registration_up(r) && fb_registration_silent(r) == silent)
        {
            paths[count] = (fb_path_view){
                .link = r->link.link,
                .bid = r->link.bid,
                .label = r->link.label,
                .technology = r->link.technology,
                .weight = r->link.weight,
                .cost = r->link.cost,
                .overhead = fb_path_overhead(FB_FAMILY_IPV4, r->tunnel, r->udp),
                .numbers = fb_mobile_node_numbers(r)};
            fb_path_view_set_quality(&paths[count++], fb_path_quality_estimate(&r->quality, true));
        }
    }
    return count;
}

bool
fb_mobile_node_is_settled(const fb_mobile_node *node)
{
    for (size_t i = 0; i < node->registrations.capacity; i++)
    {
        const fb_registration *r = &node->registrations.item[i];

        if (r->known && (r->state == FB_BINDING_PENDING || r->state == FB_BINDING_DEREGISTERING))
        {
            return false;
        }
    }
    return true;
}

size_t
fb_mobile_node_paths(const fb_mobile_node *node, fb_path_view *paths)
{
    size_t count = paths_that_are(node, false, paths);

    return count != 0 ? count : paths_that_are(node, true, paths);
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

uint16_t
fb_mobile_node_link_mtu(const fb_mobile_node *node, uint32_t link)
{
    for (size_t i = 0; i < node->registrations.capacity; i++)
    {
        const fb_registration *r = &node->registrations.item[i];

        if (r->known && r->link.link == link)
        {
            return r->link.mtu;
        }
    }
    return 0;
}

bool
fb_mobile_node_owns_source(const fb_mobile_node *node, const fb_flow *flow)
{
    return fb_mobile_node_owns_address(node, flow->family, flow->source, flow->source6);
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
    return fb_mobile_node_owns_address(node, flow->family, flow->destination, flow->destination6) ||
           (node->config.broadcast && flow->family == FB_FAMILY_IPV4 &&
            is_group(&node->config, flow->destination));
}

int
fb_mobile_node_check_uplink(const fb_mobile_node *node, const fb_flow *flow)
{
    if (node->home_link != 0)
    {
        return FB_DROP_AT_HOME; /* RFC 5944 4.2.1: as any other host */
    }
    /* most packets: from the home address itself, once there is one */
    if ((flow->source != node->config.home_address || flow->source == 0) &&
        !fb_mobile_node_owns_source(node, flow))
    {
        return FB_DROP_TUNNEL_INNER_SOURCE;
    }
    /* RFC 2003 3.1, RFC 2473 3.1: a packet whose TTL or Hop Limit is 0 is not tunnelled */
    return flow->ttl == 0 ? FB_DROP_TTL : FB_REASON_NONE;
}

static bool
tunnel_exists(const fb_registration *r)
{
    /* Packets already on their way when a path is given up are still good */
    return r->known && (fb_registration_up(r) || r->state == FB_BINDING_DEREGISTERING);
}

/** Where tunnels of this path end: with a foreign agent those inside of its own, at the home address (RFC 5177 7). */
static fb_ipv4
end_of_tunnel(const fb_mobile_node *node, const fb_registration *r)
{
    return r->agent != 0 ? node->config.home_address : r->care_of_address;
}

static bool
ends_at(const fb_mobile_node *node, const fb_registration *r, fb_ipv4 address)
{
    return tunnel_exists(r) && end_of_tunnel(node, r) == address;
}

/** The registration whose tunnel ends where the packet arrived. NULL: none. */
static const fb_registration *
tunnel_of(const fb_mobile_node *node, const fb_arrival *arrival)
{
    const fb_registration *all = node->registrations.item;

    /* C-14: two NATs may have given two links the same address */
    for (size_t i = 0; i < node->registrations.capacity; i++)
    {
        if (all[i].link.link == arrival->outer->link &&
            ends_at(node, &all[i], arrival->destination))
        {
            return &all[i];
        }
    }
    for (size_t i = 0; i < node->registrations.capacity; i++)
    {
        if (ends_at(node, &all[i], arrival->destination))
        {
            return &all[i];
        }
    }
    return NULL;
}

int
fb_mobile_node_check_downlink(const fb_mobile_node *node,
                              const fb_arrival *arrival,
                              fb_ref *path,
                              const fb_registration **registration)
{
    const fb_registration *r;
    uint8_t tunnel;

    if (arrival->source != node->home_agent)
    {
        return FB_DROP_TUNNEL_SOURCE;
    }
    /* most packets: for the home address itself */
    if ((arrival->inner.family != FB_FAMILY_IPV4 ||
         arrival->inner.destination != node->config.home_address) &&
        !fb_mobile_node_owns_destination(node, &arrival->inner))
    {
        return FB_DROP_TUNNEL_INNER_DESTINATION;
    }
    r = tunnel_of(node, arrival);
    if (r == NULL)
    {
        return FB_DROP_NO_BINDING;
    }
    /* what was agreed with a foreign agent in between is about its tunnel */
    tunnel = r->agent != 0 ? FB_TUNNEL_IPIP : r->tunnel;
    /* RFC 3519 3.3, 4.7: what was agreed and nothing else */
    if (arrival->udp != r->udp || !fb_encapsulation_accepts(tunnel, arrival->protocol))
    {
        return FB_DROP_TUNNEL_PROTOCOL;
    }
    if (arrival->udp &&
        (arrival->outer->sport != FB_MIP4_PORT || arrival->outer->dport != node->config.port))
    {
        return FB_DROP_TUNNEL_SOURCE; /* RFC 3519 4.3 */
    }
    *path = (fb_ref){.session = 1, .link = r->link.link, .bid = r->link.bid};
    *registration = r;
    return FB_REASON_NONE;
}

/** Whether it was in a tunnel from the home address, which paths without a tunnel of their own have. */
static bool
left_directly(const fb_mobile_node *node, const fb_registration *r, const fb_icmp_error *error)
{
    fb_ipv4 end = r->agent != 0 && r->delivery ? r->agent : node->home_agent;

    return fb_mobile_node_leaves_directly(r) &&
           fb_addr_to_ipv4(&error->source) == node->config.home_address &&
           fb_addr_to_ipv4(&error->destination) == end &&
           fb_encapsulation_made(FB_TUNNEL_IPIP, false, error);
}

static bool
left_by_tunnel(const fb_mobile_node *node, const fb_registration *r, const fb_icmp_error *error)
{
    fb_outer outer = fb_mobile_node_outer(node, r);

    return r->agent == 0 && outer.source == fb_addr_to_ipv4(&error->source) &&
           outer.destination == fb_addr_to_ipv4(&error->destination) &&
           outer.source_port == error->source_port &&
           outer.destination_port == error->destination_port &&
           fb_encapsulation_made(r->tunnel, r->udp, error);
}

bool
fb_mobile_node_sends_into(const fb_mobile_node *node, const fb_icmp_error *error)
{
    for (size_t i = 0; i < node->registrations.capacity; i++)
    {
        const fb_registration *r = &node->registrations.item[i];

        if (tunnel_exists(r) && (left_by_tunnel(node, r, error) || left_directly(node, r, error)))
        {
            return true;
        }
    }
    return false;
}
