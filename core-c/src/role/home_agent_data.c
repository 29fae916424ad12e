/* SPDX-License-Identifier: BSD-3-Clause */
#include "role/home_agent.h"

#include "steer/path_view.h"
#include "wire/tunnel_header.h"

uint32_t
fb_home_agent_node_toward(const fb_home_agent *agent, const fb_flow *flow)
{
    return fb_cache_find_address(&agent->cache,
                                 flow->family,
                                 flow->destination,
                                 flow->destination6);
}

uint32_t
fb_home_agent_node_from(const fb_home_agent *agent, const fb_flow *flow)
{
    return fb_cache_find_address(&agent->cache, flow->family, flow->source, flow->source6);
}

uint32_t
fb_home_agent_node_of_session(const fb_home_agent *agent, uint32_t session)
{
    const fb_binding_cache *cache = &agent->cache;
    uint32_t node = session - 1;

    if (session == 0 || session > cache->nodes.capacity ||
        fb_cache_find(cache, cache->home[node].home_address) != node)
    {
        return FB_NODE_NONE;
    }
    return node;
}

static fb_path_view
view_path(const fb_home_agent *agent, const fb_binding *b)
{
    /* a foreign agent ends the tunnel, and does not pass the number on */
    fb_path_view view = {.bid = b->bid,
                         .label = b->label,
                         .technology = b->technology,
                         .overhead = fb_path_overhead(FB_FAMILY_IPV4, b->tunnel, b->udp_port != 0),
                         .numbers = b->tunnel == FB_TUNNEL_GRE &&
                                    (b->flags & FB_BINDING_FLAG_AGENT) == 0};

    fb_path_view_set_label(&view, agent->config.weight, agent->config.weight_count);
    if (agent->metrics != NULL)
    {
        const fb_path_metrics *metrics = &agent->metrics[b - agent->cache.binding];

        fb_path_view_set_quality(&view, fb_path_metrics_estimate(metrics, false));
    }
    return view;
}

size_t
fb_home_agent_group_paths(const fb_home_agent *agent, uint32_t node, fb_path_view *paths)
{
    size_t count = 0;

    for (const fb_binding *b = fb_cache_binding_first(&agent->cache, node); b != NULL;
         b = fb_cache_binding_next(&agent->cache, b))
    {
        if ((b->flags & FB_BINDING_FLAG_BROADCAST) != 0)
        {
            paths[count++] = view_path(agent, b);
        }
    }
    return count;
}

size_t
fb_home_agent_paths(const fb_home_agent *agent, uint32_t node, fb_path_view *paths)
{
    size_t count = 0;

    for (const fb_binding *b = fb_cache_binding_first(&agent->cache, node); b != NULL;
         b = fb_cache_binding_next(&agent->cache, b))
    {
        paths[count++] = view_path(agent, b);
    }
    return count;
}

/** Whether the packet's source is the far end of this binding's tunnel. */
static bool
comes_from_end_of(const fb_binding *binding, const fb_flow *flow)
{
    if (binding->udp_port == 0)
    {
        return flow->source == binding->care_of_address;
    }
    /* C-14: with the port, since others may be behind the same NAT, and the address inside is not unique at all */
    return flow->source == binding->tunnel_address && flow->protocol == FB_PROTOCOL_UDP &&
           flow->has_ports && flow->source_port == binding->udp_port;
}

bool
fb_home_agent_is_tunnel_end(const fb_home_agent *agent, uint32_t node, const fb_flow *flow)
{
    if (flow->source == agent->config.address)
    {
        return true;
    }
    for (const fb_binding *b = fb_cache_binding_first(&agent->cache, node); b != NULL;
         b = fb_cache_binding_next(&agent->cache, b))
    {
        if (comes_from_end_of(b, flow))
        {
            return true;
        }
    }
    return false;
}

bool
fb_home_agent_is_echo(const fb_home_agent *agent, const fb_arrival *arrival)
{
    /* Outside UDP only what says that it is about the path: other echo requests are packets like any other */
    return arrival->inner.destination == agent->config.address &&
           fb_arrival_is_echo(arrival, FB_ICMP_ECHO_REQUEST) &&
           (arrival->udp || fb_is_probe_identifier(fb_arrival_echo_identifier(arrival)));
}

/** Whether the packet came out of this binding's tunnel: 0 or why not. */
static int
explains(const fb_home_agent *agent, const fb_binding *binding, const fb_arrival *arrival)
{
    if (binding->tunnel_address != arrival->source)
    {
        return FB_DROP_TUNNEL_SOURCE;
    }
    /* RFC 3519 4.3: addresses and ports are those of the tunnel; 4.6: they are the effective care-of address (C-14) */
    if (arrival->udp &&
        (arrival->outer->sport != binding->udp_port || arrival->outer->dport != FB_MIP4_PORT))
    {
        return FB_DROP_TUNNEL_SOURCE;
    }
    /* RFC 3519 3.3, 4.7: what was agreed and nothing else */
    if (arrival->udp != (binding->udp_port != 0) ||
        !fb_encapsulation_accepts(binding->tunnel, arrival->protocol))
    {
        return FB_DROP_TUNNEL_PROTOCOL;
    }
    /* RFC 3024 4.3: only with T; what asks for the tunnel itself is not forwarded */
    if ((binding->flags & FB_BINDING_FLAG_REVERSE) == 0 && !fb_home_agent_is_echo(agent, arrival))
    {
        return FB_DROP_TUNNEL_PROTOCOL;
    }
    return FB_REASON_NONE;
}

/**
 * RFC 5454 3.3.2: IPv6 may also come from the home address, past all care-of addresses: that is how it leaves the node
 * without a reverse tunnel. RFC 5177 7 does not allow it of IPv4.
 */
static bool
comes_from_home_address(const fb_home_agent *agent, uint32_t node, const fb_arrival *arrival)
{
    return arrival->protocol == FB_PROTOCOL_IPV6 && !arrival->udp &&
           arrival->source == agent->cache.home[node].home_address &&
           fb_cache_binding_first(&agent->cache, node) != NULL;
}

int
fb_home_agent_check_uplink(const fb_home_agent *agent, const fb_arrival *arrival, fb_ref *path)
{
    uint32_t node = fb_home_agent_node_from(agent, &arrival->inner);
    int reason = FB_DROP_TUNNEL_SOURCE;

    if (node == FB_NODE_NONE)
    {
        return FB_DROP_TUNNEL_INNER_SOURCE;
    }
    if (comes_from_home_address(agent, node, arrival))
    {
        *path = (fb_ref){.session = node + 1}; /* by which path it came nobody knows */
        return FB_REASON_NONE;
    }
    /* RFC 3024 4.3 with several bindings: any tunnel of this node will do (B3024-04) */
    for (const fb_binding *b = fb_cache_binding_first(&agent->cache, node); b != NULL;
         b = fb_cache_binding_next(&agent->cache, b))
    {
        int objection = explains(agent, b, arrival);

        if (objection == FB_REASON_NONE)
        {
            path->session = node + 1;
            path->bid = b->bid;
            return FB_REASON_NONE;
        }
        reason = objection != FB_DROP_TUNNEL_SOURCE ? objection : reason;
    }
    return reason;
}

static bool
node_has_tunnel(const fb_home_agent *agent, uint32_t node, const fb_icmp_error *error)
{
    for (const fb_binding *b = fb_cache_binding_first(&agent->cache, node); b != NULL;
         b = fb_cache_binding_next(&agent->cache, b))
    {
        if (b->tunnel_address == fb_addr_to_ipv4(&error->destination) &&
            b->udp_port == error->destination_port &&
            fb_encapsulation_made(b->tunnel, b->udp_port != 0, error))
        {
            return true;
        }
    }
    return false;
}

/** Whether it was in the tunnel to a home address (RFC 5177 7), which a foreign agent forwarded. */
static bool
leads_to_home_address(const fb_home_agent *agent, const fb_icmp_error *error)
{
    uint32_t node = fb_cache_find(&agent->cache, fb_addr_to_ipv4(&error->destination));

    return node != FB_NODE_NONE && fb_cache_binding_first(&agent->cache, node) != NULL &&
           fb_encapsulation_made(FB_TUNNEL_IPIP, false, error);
}

/*
 * RFC 792 asks routers to quote 8 octets, which seldom tell whose packet it was. Then all nodes are looked at, unless
 * there are so many that errors could be used to keep the agent busy.
 */
#define NODES_LOOKED_AT 1024

bool
fb_home_agent_sends_into(const fb_home_agent *agent, const fb_icmp_error *error)
{
    uint32_t node = fb_cache_find(&agent->cache, error->inner_destination);

    if (fb_addr_to_ipv4(&error->source) != agent->config.address ||
        (error->protocol == FB_PROTOCOL_UDP && error->source_port != FB_MIP4_PORT))
    {
        return false;
    }
    if (leads_to_home_address(agent, error))
    {
        return true;
    }
    if (node != FB_NODE_NONE)
    {
        return node_has_tunnel(agent, node, error);
    }
    for (node = 0; node < agent->cache.nodes.touched && node < NODES_LOOKED_AT; node++)
    {
        if (node_has_tunnel(agent, node, error))
        {
            return true;
        }
    }
    return false;
}
