/* SPDX-License-Identifier: BSD-3-Clause */
#include "network.h"

#include <stdio.h>

static void
print_binding(const fb_binding_view *v)
{
    printf("#     bid %u link %u state %u care-of %08x end %08x:%u tunnel %u expires %.3f\n",
           v->ref.bid,
           v->ref.link,
           v->state,
           v->care_of_address,
           v->tunnel_address,
           v->udp_port,
           v->tunnel,
           (double)v->expires / 1e9);
}

static void
print_agent(const network *n, int agent, uint8_t role, fb_ipv4 home_address)
{
    fb_binding_view view;

    printf("#   agent %d, %08x:\n", agent, home_address);
    for (size_t i = 0; fb_agent_binding(n->agent[agent], role, home_address, i, &view); i++)
    {
        print_binding(&view);
    }
}

void
network_print_config(const network *n)
{
    const fb_home_agent_config *home = &n->config[NET_HOME].home_agent;
    const fb_foreign_agent_config *foreign = &n->config[NET_FOREIGN].foreign_agent;

    printf(
        "# home: legacy %d multipath %d T %d/%d gre %d minimal %d udp %d force %d echo %d merge %d "
        "per-binding %d max %u limit %u\n",
        home->legacy,
        home->multipath,
        home->reverse_tunnel,
        home->require_reverse_tunnel,
        home->gre,
        home->minimal,
        home->udp_tunnel,
        home->udp_force,
        home->echo_policy,
        home->merge_policy,
        home->replay_per_binding,
        home->lifetime_max_s,
        n->config[NET_HOME].limits.bindings_per_node);
    printf("# foreign: legacy %d T %d/%d gre %d minimal %d encapsulating %d router %d max %u; "
           "keys %d %d\n",
           foreign->legacy,
           foreign->reverse_tunnel,
           foreign->require_reverse_tunnel,
           foreign->gre,
           foreign->minimal,
           foreign->encapsulating_delivery,
           foreign->router,
           foreign->lifetime_max_s,
           n->node_association,
           n->home_association);
    for (int node = 0; node < NET_NODES; node++)
    {
        const fb_mobile_node_config *m = &n->config[node].mobile_node;

        printf(
            "# node %d: home address %08x nai %u multipath %d/%d policy %d bulk %d T %d change %d "
            "nonce %d life %u encapsulating %d networks %u",
            node,
            m->home_address,
            m->nai.length,
            m->multipath,
            n->subscriber[node].multipath_allowed,
            m->negotiate_policy,
            m->bulk_refresh,
            m->reverse_tunnel,
            m->coa_change,
            m->association.replay,
            m->lifetime_s,
            m->encapsulating_delivery,
            m->networks.count);
        for (uint32_t link = 1; link <= NET_LINKS; link++)
        {
            printf(" %u/%u", n->link[node][link].tunnel, n->link[node][link].udp);
        }
        printf("\n");
    }
}

static void
print_policy(const network *n, int agent, uint8_t role, fb_ipv4 home_address)
{
    fb_rule rule;

    printf("#   agent %d, rules for %08x:", agent, home_address);
    for (size_t i = 0; fb_agent_rule(n->agent[agent], role, home_address, i, &rule); i++)
    {
        printf(" %s %u:",
               rule.action == FB_RULE_DROP ? "drop" : "",
               rule.selector.u.v4.source_port_start);
        for (int k = 0; rule.action == FB_RULE_FORWARD && k < rule.bid_count; k++)
        {
            printf("%u", rule.bid[k]);
        }
    }
    printf("\n");
}

void
network_print(const network *n)
{
    for (int node = 0; node < NET_NODES; node++)
    {
        fb_ipv4 home_address = network_home_address(node);

        print_agent(n, node, FB_ROLE_MOBILE_NODE, home_address);
        print_agent(n, NET_FOREIGN, FB_ROLE_FOREIGN_AGENT, home_address);
        print_agent(n, NET_HOME, FB_ROLE_HOME_AGENT, home_address);
        print_policy(n, node, FB_ROLE_MOBILE_NODE, home_address);
        print_policy(n, NET_HOME, FB_ROLE_HOME_AGENT, home_address);
    }
    for (int agent = 0; agent < NET_AGENTS; agent++)
    {
        for (int reason = 1; reason < FB_REASON_COUNT; reason++)
        {
            uint64_t count = fb_agent_counter(n->agent[agent], (fb_reason)reason);

            if (count > 0)
            {
                printf("#   agent %d: %u %s\n", agent, (unsigned)count, fb_reason_name(reason));
            }
        }
    }
}
