/* SPDX-License-Identifier: BSD-3-Clause */
#include "role/home_agent.h"

uint32_t
fb_home_agent_node_toward(const fb_home_agent *agent, const fb_flow *flow)
{
    return fb_cache_find(&agent->cache, flow->destination);
}

uint32_t
fb_home_agent_node_from(const fb_home_agent *agent, const fb_flow *flow)
{
    return fb_cache_find(&agent->cache, flow->source);
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

int
fb_home_agent_check_downlink(const fb_home_agent *agent, uint32_t node, const fb_flow *flow)
{
    if (flow->ttl == 0)
    {
        /* RFC 2003 3.1: a packet whose TTL is 0 is not tunnelled */
        return FB_DROP_TTL;
    }
    if (flow->source == agent->config.address)
    {
        /* RFC 2003 3.2: its source is the tunnel's entry: it would loop */
        return FB_DROP_LOOP;
    }
    /* RFC 5944 4.2.3: came out of this node's own tunnel, or carries such a packet: it would loop */
    return fb_cache_binding_by_address(&agent->cache, node, flow->source) != NULL ? FB_DROP_LOOP
                                                                                  : FB_REASON_NONE;
}

int
fb_home_agent_check_uplink(const fb_home_agent *agent,
                           fb_ipv4 outer_source,
                           const fb_flow *inner,
                           fb_ref *path)
{
    uint32_t node = fb_home_agent_node_from(agent, inner);
    const fb_binding *binding;

    if (node == FB_NODE_NONE)
    {
        return FB_DROP_TUNNEL_INNER_SOURCE;
    }
    /* RFC 3024 4.3 with several bindings: any of this node's care-of addresses will do (B3024-04) */
    binding = fb_cache_binding_by_address(&agent->cache, node, outer_source);
    if (binding == NULL)
    {
        return FB_DROP_TUNNEL_SOURCE;
    }
    path->session = node + 1;
    path->bid = binding->bid;
    return FB_REASON_NONE;
}
