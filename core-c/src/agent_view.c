/* SPDX-License-Identifier: BSD-3-Clause */
#include "agent_internal.h"

static void
view_registration(fb_binding_view *view, const fb_mobile_node *node, const fb_registration *r)
{
    *view = (fb_binding_view){.ref = {.session = 1, .link = r->link.link, .bid = r->link.bid},
                              .home_address = node->config.home_address,
                              .care_of_address = r->care_of_address,
                              .state = r->state,
                              .technology = r->link.technology,
                              .label = r->link.label,
                              .lifetime_s = r->lifetime_s,
                              .expires = r->expires,
                              .tunnel = r->tunnel,
                              .udp_port = r->udp ? FB_MIP4_PORT : 0,
                              .tunnel_address = node->home_agent,
                              .foreign_agent = r->agent != 0};
}

static bool
mobile_node_binding(const fb_mobile_node *node, size_t index, fb_binding_view *view)
{
    for (size_t i = 0; i < node->registrations.capacity; i++)
    {
        const fb_registration *r = &node->registrations.item[i];

        if (r->known && index-- == 0)
        {
            view_registration(view, node, r);
            return true;
        }
    }
    return false;
}

static bool
home_agent_binding(const fb_home_agent *home,
                   fb_ipv4 home_address,
                   size_t index,
                   fb_binding_view *view)
{
    uint32_t node = fb_cache_find(&home->cache, home_address);
    const fb_binding *b = node == FB_NODE_NONE ? NULL : fb_cache_binding_first(&home->cache, node);

    while (b != NULL && index-- > 0)
    {
        b = fb_cache_binding_next(&home->cache, b);
    }
    if (b == NULL)
    {
        return false;
    }
    *view = (fb_binding_view){.ref = {.session = node + 1, .bid = b->bid},
                              .home_address = home_address,
                              .care_of_address = b->care_of_address,
                              .state = FB_BINDING_UP,
                              .technology = b->technology,
                              .label = b->label,
                              .lifetime_s = b->lifetime_s,
                              .expires = b->expires,
                              .tunnel = b->tunnel,
                              .udp_port = b->udp_port,
                              .tunnel_address = b->tunnel_address,
                              .foreign_agent = (b->flags & FB_BINDING_FLAG_AGENT) != 0};
    return true;
}

static bool
visitor(const fb_visitor_list *list, fb_ipv4 home_address, size_t index, fb_binding_view *view)
{
    const fb_visitor *v = fb_visitor_first(list, home_address);

    while (v != NULL && index-- > 0)
    {
        v = fb_visitor_next(list, v);
    }
    if (v == NULL)
    {
        return false;
    }
    *view = (fb_binding_view){.ref = {.link = v->link},
                              .home_address = v->home_address,
                              .care_of_address = v->care_of_address,
                              .state = FB_BINDING_UP,
                              .lifetime_s = v->lifetime_s,
                              .expires = v->expires,
                              .tunnel = fb_foreign_agent_tunnel(v),
                              .tunnel_address = v->home_agent};
    return true;
}

bool
fb_agent_binding(const fb_agent *agent,
                 uint8_t role,
                 fb_ipv4 home_address,
                 size_t index,
                 fb_binding_view *view)
{
    if (role == FB_ROLE_MOBILE_NODE && fb_agent_has_role(agent, role))
    {
        return mobile_node_binding(&agent->mobile_node, index, view);
    }
    if (role == FB_ROLE_HOME_AGENT && fb_agent_has_role(agent, role))
    {
        return home_agent_binding(&agent->home_agent, home_address, index, view);
    }
    if (role == FB_ROLE_FOREIGN_AGENT && fb_agent_has_role(agent, role))
    {
        return visitor(&agent->foreign_agent.list, home_address, index, view);
    }
    return false;
}

bool
fb_agent_rule(const fb_agent *agent,
              uint8_t role,
              fb_ipv4 home_address,
              size_t index,
              fb_rule *rule)
{
    const fb_rule *rules = NULL;
    size_t count = 0;

    if (role == FB_ROLE_MOBILE_NODE && fb_agent_has_role(agent, role))
    {
        rules = agent->mobile_node.rule_in_force;
        count = agent->mobile_node.rule_in_force_count;
    }
    else if (role == FB_ROLE_HOME_AGENT && fb_agent_has_role(agent, role))
    {
        uint32_t node = fb_cache_find(&agent->home_agent.cache, home_address);

        rules = node == FB_NODE_NONE ? NULL
                                     : fb_cache_policy(&agent->home_agent.cache, node, &count);
    }
    if (rules == NULL || index >= count)
    {
        return false;
    }
    *rule = rules[index];
    return true;
}

static bool
mobile_node_network(const fb_mobile_node *node, size_t index, fb_prefix *network)
{
    for (size_t i = 0; i < FB_NETWORKS_MAX; i++)
    {
        if (node->network[i].in_use && index-- == 0)
        {
            *network = node->network[i].used;
            return true;
        }
    }
    return false;
}

static bool
home_agent_network(const fb_home_agent *home,
                   fb_ipv4 home_address,
                   size_t index,
                   fb_prefix *network)
{
    uint32_t node = fb_cache_find(&home->cache, home_address);
    const fb_identity *identity = node == FB_NODE_NONE ? NULL
                                                       : fb_cache_identity(&home->cache, node);

    for (size_t i = 0; identity != NULL && i < identity->network_count; i++)
    {
        if ((identity->in_use >> i & 1) != 0 && index-- == 0)
        {
            *network = *fb_cache_network(&home->cache, node, i);
            return true;
        }
    }
    return false;
}

bool
fb_agent_network(const fb_agent *agent,
                 uint8_t role,
                 fb_ipv4 home_address,
                 size_t index,
                 fb_prefix *network)
{
    if (role == FB_ROLE_MOBILE_NODE && fb_agent_has_role(agent, role))
    {
        return mobile_node_network(&agent->mobile_node, index, network);
    }
    if (role == FB_ROLE_HOME_AGENT && fb_agent_has_role(agent, role))
    {
        return home_agent_network(&agent->home_agent, home_address, index, network);
    }
    return false;
}

uint64_t
fb_agent_counter(const fb_agent *agent, fb_reason reason)
{
    return reason > 0 && reason < FB_REASON_COUNT ? agent->events.counter[reason] : 0;
}

uint64_t
fb_agent_events_lost(const fb_agent *agent)
{
    return agent->events.lost;
}

bool
fb_agent_session(const fb_agent *agent, uint8_t role, size_t index, fb_session_view *view)
{
    if (!fb_agent_has_role(agent, role))
    {
        return false;
    }
    return role == FB_ROLE_MAG   ? fb_mag_session_view(&agent->mag, index, view)
           : role == FB_ROLE_LMA ? fb_lma_session_view(&agent->lma, index, view)
                                 : false;
}

bool
fb_agent_proxy_binding(const fb_agent *agent,
                       uint8_t role,
                       uint32_t session,
                       size_t index,
                       fb_proxy_view *view)
{
    if (!fb_agent_has_role(agent, role) || (role != FB_ROLE_MAG && role != FB_ROLE_LMA))
    {
        return false;
    }
    if (role == FB_ROLE_MAG)
    {
        return fb_mag_binding_view(&agent->mag, session, index, view);
    }
    return role == FB_ROLE_LMA && session > 0 &&
           fb_lma_binding_view(&agent->lma, session - 1, index, view);
}

bool
fb_agent_session_rule(const fb_agent *agent,
                      uint8_t role,
                      uint32_t session,
                      size_t index,
                      fb_rule *rule)
{
    const fb_rule *rules = NULL;
    size_t count = 0;

    if (role == FB_ROLE_MAG && fb_agent_has_role(agent, role))
    {
        uint32_t place = fb_update_list_find(&agent->mag.list, session);

        rules = place == FB_UPDATE_LIST_NONE ? NULL : fb_mag_rules(&agent->mag, place, &count);
    }
    else if (role == FB_ROLE_LMA && fb_agent_has_role(agent, role) && session > 0 &&
             fb_lma_session_forwards(&agent->lma, session - 1))
    {
        rules = fb_lma_rules(&agent->lma, session - 1, &count);
    }
    if (rules == NULL || index >= count)
    {
        return false;
    }
    *rule = rules[index];
    return true;
}
