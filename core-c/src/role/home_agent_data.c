/* SPDX-License-Identifier: BSD-3-Clause */
#include "role/home_agent.h"

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
        fb_cache_find(cache, cache->node[node].home_address) != node)
    {
        return FB_NODE_NONE;
    }
    return node;
}

size_t
fb_home_agent_group_paths(const fb_home_agent *agent, uint32_t node, fb_path_view *paths)
{
    size_t count = 0;

    for (const fb_binding *b = fb_cache_binding_first(&agent->cache, node); b != NULL;
         b = fb_cache_binding_next(&agent->cache, b))
    {
        if ((b->flags & (FB_BINDING_FLAG_BROADCAST | FB_BINDING_FLAG_AGENT)) ==
            FB_BINDING_FLAG_BROADCAST)
        {
            paths[count++] =
                (fb_path_view){.bid = b->bid, .label = b->label, .technology = b->technology};
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
        paths[count++] =
            (fb_path_view){.bid = b->bid, .label = b->label, .technology = b->technology};
    }
    return count;
}

bool
fb_home_agent_is_tunnel_end(const fb_home_agent *agent, uint32_t node, fb_ipv4 address)
{
    if (address == agent->config.address)
    {
        return true;
    }
    for (const fb_binding *b = fb_cache_binding_first(&agent->cache, node); b != NULL;
         b = fb_cache_binding_next(&agent->cache, b))
    {
        if (b->care_of_address == address || b->tunnel_address == address)
        {
            return true;
        }
    }
    return false;
}

bool
fb_home_agent_is_keepalive(const fb_home_agent *agent, const fb_arrival *arrival)
{
    return arrival->udp && arrival->inner.destination == agent->config.address &&
           fb_arrival_is_echo(arrival, FB_ICMP_ECHO_REQUEST);
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
    /* RFC 3024 4.3: only with T; what keeps a UDP tunnel open is not forwarded */
    if ((binding->flags & FB_BINDING_FLAG_REVERSE) == 0 &&
        !fb_home_agent_is_keepalive(agent, arrival))
    {
        return FB_DROP_TUNNEL_PROTOCOL;
    }
    return FB_REASON_NONE;
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
