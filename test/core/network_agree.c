/* SPDX-License-Identifier: BSD-3-Clause */
#include "network_agree.h"

#include "agent_internal.h"

#include <string.h>

bool
network_path_up(const fb_binding_view *view)
{
    return view->state == FB_BINDING_UP || view->state == FB_BINDING_UP_PENDING;
}

bool
network_multipath(const network *n, const net_service *service, int node)
{
    fb_binding_view b;
    bool can = !service->legacy && n->config[node].mobile_node.multipath &&
               n->subscriber[node].multipath_allowed;

    return can && (!n->config[NET_FOREIGN].foreign_agent.legacy ||
                   !fb_agent_binding(n->agent[NET_HOME],
                                     FB_ROLE_HOME_AGENT,
                                     network_home_address(node),
                                     0,
                                     &b) ||
                   b.ref.bid != 0);
}

/** How many paths are to be registered in the end. */
static size_t
paths_wanted(const network *n, const net_service *service, int node)
{
    size_t usable = n->config[NET_FOREIGN].foreign_agent.legacy ? NET_LINKS - 1 : NET_LINKS;

    return !network_multipath(n, service, node) ? 1
           : service->limit < usable            ? service->limit
                                                : usable;
}

bool
network_find_binding(const network *n,
                     const net_service *service,
                     int node,
                     int agent,
                     const fb_binding_view *path,
                     fb_binding_view *b)
{
    uint8_t role = agent == NET_HOME ? FB_ROLE_HOME_AGENT : FB_ROLE_FOREIGN_AGENT;

    for (size_t i = 0; fb_agent_binding(n->agent[agent], role, network_home_address(node), i, b);
         i++)
    {
        if (agent == NET_FOREIGN ||
            b->ref.bid == (network_multipath(n, service, node) ? path->ref.bid : 0))
        {
            return true;
        }
    }
    return false;
}

static size_t
count_bindings(const network *n, int node, int agent)
{
    uint8_t role = agent == NET_HOME ? FB_ROLE_HOME_AGENT : FB_ROLE_FOREIGN_AGENT;
    fb_binding_view view;
    size_t count = 0;

    while (fb_agent_binding(n->agent[agent], role, network_home_address(node), count, &view))
    {
        count++;
    }
    return count;
}

/** Why the ends of one tunnel do not agree; NULL: they do. */
static const char *
compare_path(const network *n, const net_service *service, int node, const fb_binding_view *path)
{
    fb_binding_view b, visitor;
    bool behind_nat = path->ref.link == NET_BEHIND_NAT;

    if (!network_find_binding(n, service, node, NET_HOME, path, &b))
    {
        return "a path the home agent does not have";
    }
    if (b.care_of_address != path->care_of_address)
    {
        return "other care-of address";
    }
    if (b.tunnel != path->tunnel || (b.udp_port != 0) != (path->udp_port != 0))
    {
        return "other tunnel";
    }
    if (b.tunnel_address !=
        (behind_nat && b.udp_port != 0 ? n->nat[node].outside : b.care_of_address))
    {
        return "other end of the tunnel";
    }
    if (b.udp_port != 0 && b.udp_port != (behind_nat ? network_mapped_port(n, node) : FB_MIP4_PORT))
    {
        return "other port of the tunnel";
    }
    if (b.expires + 5 * FB_SECOND < path->expires || path->expires + 5 * FB_SECOND < b.expires)
    {
        return "other expiry";
    }
    if (path->ref.link != NET_VISITING)
    {
        return NULL;
    }
    if (!network_find_binding(n, service, node, NET_FOREIGN, path, &visitor))
    {
        return "no visitor";
    }
    if (visitor.tunnel != path->tunnel || visitor.care_of_address != path->care_of_address ||
        visitor.expires + 5 * FB_SECOND < path->expires)
    {
        return "another visitor";
    }
    return NULL;
}

/**
 * The rules in force at @p agent as far as they say something now: a FORWARD rule to paths that are registered. Paths
 * that are not the home agent may not have been told (code 153).
 */
static size_t
effective_policy(const network *n,
                 const net_service *service,
                 int node,
                 int agent,
                 fb_rule rules[FB_RULES_MAX])
{
    uint8_t role = agent == NET_HOME ? FB_ROLE_HOME_AGENT : FB_ROLE_MOBILE_NODE;
    fb_ipv4 home_address = network_home_address(node);
    size_t count = 0;
    fb_rule rule;

    for (size_t i = 0; fb_agent_rule(n->agent[agent], role, home_address, i, &rule); i++)
    {
        fb_rule *kept = &rules[count];
        fb_binding_view b;

        *kept = rule;
        kept->bid_count = 0;
        memset(kept->bid, 0, sizeof kept->bid);
        for (int k = 0; rule.action == FB_RULE_FORWARD && k < rule.bid_count; k++)
        {
            if (network_find_binding(n,
                                     service,
                                     node,
                                     NET_HOME,
                                     &(fb_binding_view){.ref.bid = rule.bid[k]},
                                     &b))
            {
                kept->bid[kept->bid_count++] = rule.bid[k];
            }
        }
        /* without a port it is the rule that stands for none of a policy */
        count += rule.selector.u.v4.source_port_start != 0 &&
                 (rule.action == FB_RULE_DROP || kept->bid_count > 0);
    }
    return count;
}

static const char *
compare_policies(const network *n, const net_service *service, int node)
{
    fb_rule here[FB_RULES_MAX + 1], there[FB_RULES_MAX + 1];
    size_t count = effective_policy(n, service, node, node, here);

    if (effective_policy(n, service, node, NET_HOME, there) != count)
    {
        return "another number of rules";
    }
    for (size_t i = 0; i < count; i++)
    {
        /* the list of a DROP has no meaning (RFC 7629 4.2) */
        if (here[i].action != there[i].action ||
            here[i].selector.u.v4.source_port_start != there[i].selector.u.v4.source_port_start ||
            here[i].selector.u.v4.protocol_start != there[i].selector.u.v4.protocol_start ||
            memcmp(here[i].bid, there[i].bid, sizeof here[i].bid) != 0)
        {
            return "another rule";
        }
    }
    return NULL;
}

static const char *
compare_networks(const network *n, int node)
{
    size_t wanted = n->subscriber[node].networks.count;
    fb_prefix network;
    size_t here = 0, there = 0;

    while (fb_agent_network(n->agent[node], FB_ROLE_MOBILE_NODE, 0, here, &network))
    {
        here++;
    }
    while (fb_agent_network(n->agent[NET_HOME],
                            FB_ROLE_HOME_AGENT,
                            network_home_address(node),
                            there,
                            &network))
    {
        there++;
    }
    /* a home agent of RFC 5944 only skips what it does not know */
    if (n->config[NET_HOME].home_agent.legacy)
    {
        return NULL;
    }
    return here != there || here != wanted ? "other networks" : NULL;
}

/** Whether nothing is outstanding but a refresh, or what a foreign agent without RFC 7629 never answers. */
static bool
settled(const network *n, const net_service *service, int node, const fb_binding_view *path)
{
    bool unheard = network_multipath(n, service, node) &&
                   n->config[NET_FOREIGN].foreign_agent.legacy && path->ref.link == NET_VISITING;

    return network_path_up(path) || unheard || path->state == FB_BINDING_DOWN ||
           path->state == FB_BINDING_BLOCKED;
}

/** What a node and the agents do not agree on; NULL: nothing. */
static const char *
compare_node(const network *n, const net_service *service, int node)
{
    size_t ups = 0, visits = 0;
    fb_binding_view view;

    for (size_t i = 0; fb_agent_binding(n->agent[node], FB_ROLE_MOBILE_NODE, 0, i, &view); i++)
    {
        const char *difference = network_path_up(&view) ? compare_path(n, service, node, &view)
                                                        : NULL;

        if (difference != NULL)
        {
            return difference;
        }
        if (!settled(n, service, node, &view))
        {
            return "a path that is neither registered nor waits";
        }
        ups += network_path_up(&view);
        visits += network_path_up(&view) && view.ref.link == NET_VISITING;
    }
    if (ups != paths_wanted(n, service, node))
    {
        return "another number of paths than wanted";
    }
    if (count_bindings(n, node, NET_HOME) != ups)
    {
        return "a binding the node does not have";
    }
    if (count_bindings(n, node, NET_FOREIGN) != visits)
    {
        return "a visitor that is none";
    }
    if (network_multipath(n, service, node) && compare_policies(n, service, node) != NULL)
    {
        return compare_policies(n, service, node);
    }
    return compare_networks(n, node);
}

/** Whether the host of an agent was told of what there is about @p node. */
static const char *
told_otherwise(const network *n, int node)
{
    const net_told *home = &n->told[NET_HOME], *own = &n->told[node];
    size_t bound = 0, up_here = 0, networks = 0;
    fb_binding_view view;
    fb_prefix network;

    for (size_t bid = 0; bid <= NET_LINKS; bid++)
    {
        bound += home->state[node][bid] == FB_BINDING_UP;
        up_here += own->state[node][bid] == FB_BINDING_UP ||
                   own->state[node][bid] == FB_BINDING_UP_PENDING;
    }
    if (bound != count_bindings(n, node, NET_HOME) || home->intercepted[node] != (bound > 0))
    {
        return "the home agent's host knows otherwise";
    }
    for (size_t i = 0; fb_agent_binding(n->agent[node], FB_ROLE_MOBILE_NODE, 0, i, &view); i++)
    {
        up_here -= network_path_up(&view);
    }
    while (fb_agent_network(n->agent[NET_HOME],
                            FB_ROLE_HOME_AGENT,
                            network_home_address(node),
                            networks,
                            &network))
    {
        networks++;
    }
    if (up_here != 0 || home->networks[node] != networks)
    {
        return up_here != 0 ? "the mobile node's host knows otherwise" : "networks told otherwise";
    }
    return NULL;
}

const char *
network_differs(const network *n, const net_service *service)
{
    const char *difference = NULL;

    for (int node = 0; node < NET_NODES && difference == NULL; node++)
    {
        difference = compare_node(n, service, node);
        difference = difference == NULL ? told_otherwise(n, node) : difference;
    }
    return difference == NULL ? network_left_over(n) : difference;
}

const char *
network_left_over(const network *n)
{
    const fb_binding_cache *cache = &n->agent[NET_HOME]->home_agent.cache;
    const fb_visitor_list *visitors = &n->agent[NET_FOREIGN]->foreign_agent.list;
    size_t bindings = 0, visits = 0, policies = 0;
    fb_rule rule;

    for (int node = 0; node < NET_NODES; node++)
    {
        bindings += count_bindings(n, node, NET_HOME);
        visits += count_bindings(n, node, NET_FOREIGN);
        policies += fb_agent_rule(n->agent[NET_HOME],
                                  FB_ROLE_HOME_AGENT,
                                  network_home_address(node),
                                  0,
                                  &rule);
    }
    if (cache->bindings.used != bindings || cache->deadline.count > NET_NODES)
    {
        return "bindings left over";
    }
    if (cache->policies != policies || (policies == 0 && cache->rule_blocks.used != 0))
    {
        return "policies left over";
    }
    if (visitors->visitors.used != visits || n->told[NET_FOREIGN].visitors != visits)
    {
        return "visitors left over";
    }
    return NULL;
}
