/* SPDX-License-Identifier: BSD-3-Clause */
#include "role/foreign_agent_internal.h"

#include "steer/encapsulate.h"

/*
 * Data packets. A visitor is found by home address and then told from others with the same one: by its home agent's
 * tunnel, or by the link it is on.
 */

static fb_foreign_decision
drop(int reason)
{
    return (fb_foreign_decision){.verdict = FB_FOREIGN_DROP, .reason = reason};
}

bool
fb_foreign_agent_is_end(const fb_foreign_agent *agent, fb_ipv4 address)
{
    /* RFC 3024 5.2.2: what a visitor encapsulates goes to the address its reply came from */
    return address == agent->config.address || fb_advertiser_owns(agent->links, address);
}

uint8_t
fb_foreign_agent_tunnel(const fb_visitor *visitor)
{
    if ((visitor->flags & FB_MIP4_FLAG_G) != 0)
    {
        return FB_TUNNEL_GRE;
    }
    return (visitor->flags & FB_MIP4_FLAG_M) != 0 ? FB_TUNNEL_MINIMAL : FB_TUNNEL_IPIP;
}

/** The visitor of @p home_address on @p link (0: any); of several the one that came first, so that none is ousted. */
static const fb_visitor *
visitor_on_link(const fb_foreign_agent *agent, fb_ipv4 home_address, uint32_t link)
{
    const fb_visitor *found = NULL;

    for (const fb_visitor *v = fb_visitor_first(&agent->list, home_address); v != NULL;
         v = fb_visitor_next(&agent->list, v))
    {
        if (v->care_of_address == agent->config.address && (link == 0 || v->link == link))
        {
            found = v;
        }
    }
    return found;
}

static bool
reverse_tunnelled(const fb_visitor *visitor)
{
    return (visitor->flags & FB_MIP4_FLAG_T) != 0;
}

/* RFC 3024 5.2: the visitor itself is the tunnel's entry; what it sent goes on through the reverse tunnel */
static fb_foreign_decision
from_encapsulating_visitor(const fb_foreign_agent *agent, uint32_t link, const fb_flow *inner)
{
    /* RFC 3024 5.2.1: "after verifying that it was sent by the mobile node": it came in by the visitor's own link */
    const fb_visitor *visitor = link == 0 ? NULL : visitor_on_link(agent, inner->source, link);

    if (visitor == NULL)
    {
        return drop(FB_DROP_NO_VISITOR);
    }
    if (!visitor->encapsulating || !reverse_tunnelled(visitor))
    {
        return drop(FB_DROP_TUNNEL_SOURCE);
    }
    return (fb_foreign_decision){.verdict = FB_FOREIGN_TO_HOME_AGENT, .visitor = visitor};
}

fb_foreign_decision
fb_foreign_agent_out_of_tunnel(const fb_foreign_agent *agent,
                               const fb_meta *outer,
                               const fb_flow *inner)
{
    fb_ipv4 source = fb_addr_to_ipv4(&outer->src);
    const fb_visitor *visitor;

    /* RFC 5944 4.2.3: the tunnel begins at the home agent of the reply; so may the packet itself (RFC 5177 7) */
    visitor = fb_visitor_find(&agent->list, inner->destination, source, agent->config.address);
    if (visitor != NULL)
    {
        return (fb_foreign_decision){.verdict = FB_FOREIGN_TO_VISITOR, .visitor = visitor};
    }
    if (source == inner->source)
    {
        return from_encapsulating_visitor(agent, outer->link, inner);
    }
    /* RFC 5944 4.2.2: the inner destination is a visitor, or the packet is discarded without a word */
    return drop(visitor_on_link(agent, inner->destination, 0) == NULL ? FB_DROP_NO_VISITOR
                                                                      : FB_DROP_TUNNEL_SOURCE);
}

fb_foreign_decision
fb_foreign_agent_from_link(const fb_foreign_agent *agent, uint32_t link, const fb_flow *flow)
{
    const fb_visitor *visitor = visitor_on_link(agent, flow->source, link);

    if (visitor == NULL)
    {
        /* RFC 5944 2.1: with code 0 it routes the packets of others too */
        return agent->config.router ? (fb_foreign_decision){.verdict = FB_FOREIGN_ROUTE}
                                    : drop(FB_DROP_NO_VISITOR);
    }
    /* RFC 3024 5.2.1: not encapsulated by a node that asked for that style: not through the tunnel.
       RFC 5944 3.7: datagrams of registered nodes are routed */
    if (!reverse_tunnelled(visitor) || visitor->encapsulating)
    {
        return (fb_foreign_decision){.verdict = FB_FOREIGN_ROUTE, .visitor = visitor};
    }
    /* RFC 3024 5.1: this style is for unicast packets */
    if (!fb_is_unicast(flow->destination))
    {
        return drop(FB_DROP_TUNNEL_INNER_DESTINATION);
    }
    return (fb_foreign_decision){.verdict = FB_FOREIGN_TO_HOME_AGENT, .visitor = visitor};
}

/* ---- ICMP errors ---- */

const fb_visitor *
fb_foreign_agent_reverse_tunnelled(const fb_foreign_agent *agent,
                                   fb_ipv4 home_address,
                                   fb_ipv4 home_agent)
{
    const fb_visitor *visitor =
        fb_visitor_find(&agent->list, home_address, home_agent, agent->config.address);

    return visitor != NULL && reverse_tunnelled(visitor) ? visitor : NULL;
}

static bool
visitor_sends_into(const fb_foreign_agent *agent,
                   const fb_visitor *visitor,
                   const fb_icmp_error *error)
{
    return visitor->care_of_address == agent->config.address && reverse_tunnelled(visitor) &&
           visitor->home_agent == fb_addr_to_ipv4(&error->destination) &&
           fb_encapsulation_made(fb_foreign_agent_tunnel(visitor), false, error);
}

/* RFC 792: 8 octets seldom tell whose packet it was; of a crowd not all are looked at, or errors kept the agent busy */
#define VISITORS_LOOKED_AT 1024

bool
fb_foreign_agent_sends_into(const fb_foreign_agent *agent, const fb_icmp_error *error)
{
    const fb_visitor *visitor = fb_visitor_from(&agent->list, 0);

    if (fb_addr_to_ipv4(&error->source) != agent->config.address)
    {
        return false;
    }
    for (uint32_t i = 0; visitor != NULL && i < VISITORS_LOOKED_AT; i++)
    {
        if (visitor_sends_into(agent, visitor, error))
        {
            return true;
        }
        visitor = fb_visitor_from(&agent->list, fb_visitor_number(&agent->list, visitor) + 1);
    }
    return false;
}
