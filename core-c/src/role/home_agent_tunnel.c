/* SPDX-License-Identifier: BSD-3-Clause */
#include "role/home_agent_internal.h"
#include "wire/rfc3519.h"

/* What a request asks of its tunnel: G9 of the gate, the tunnel's fields of the binding, and the answer. */

/* RFC 5944 4.1: IP in IP always. With M and G the mobile node takes either; GRE is the one that carries everything. */
static bool
choose_by_flags(const fb_home_agent_config *config, uint8_t flags, uint8_t *tunnel)
{
    bool gre = (flags & FB_MIP4_FLAG_G) != 0, minimal = (flags & FB_MIP4_FLAG_M) != 0;

    *tunnel = FB_TUNNEL_IPIP;
    if (gre && config->gre)
    {
        *tunnel = FB_TUNNEL_GRE;
    }
    else if (minimal && config->minimal)
    {
        *tunnel = FB_TUNNEL_MINIMAL;
    }
    return *tunnel != FB_TUNNEL_IPIP || (!gre && !minimal);
}

/* RFC 3519 3.1.4, 4.1: inside UDP the Encapsulation field decides, and leaves it to the flags when it is zero */
static bool
choose_in_udp(const fb_home_agent_config *config,
              uint8_t flags,
              uint8_t encapsulation,
              uint8_t *tunnel)
{
    switch (encapsulation)
    {
    case FB_UDP_TUNNEL_AS_FLAGS:
        return choose_by_flags(config, flags, tunnel);
    case FB_UDP_TUNNEL_IPIP:
        *tunnel = FB_TUNNEL_IPIP;
        return true;
    case FB_UDP_TUNNEL_GRE:
        *tunnel = FB_TUNNEL_GRE;
        return config->gre;
    case FB_UDP_TUNNEL_MINIMAL:
        *tunnel = FB_TUNNEL_MINIMAL;
        return config->minimal;
    default:
        return false;
    }
}

/** Whether packets can be sent to where the request came from. */
static bool
source_usable(const fb_gate *gate)
{
    fb_mip4_fixed effective = gate->message->fixed;

    effective.care_of_address = gate->tunnel.address;
    return gate->tunnel.udp_port != 0 && fb_mip4_care_of_address_usable(&effective);
}

/* RFC 3519 4.6: a NAT is where the source address is not the care-of address */
static int
settle_udp(const fb_home_agent *agent, fb_gate *gate, fb_udp_tunnel_request *udp)
{
    const fb_home_agent_config *config = &agent->config;
    const fb_mip4_fixed *fixed = &gate->message->fixed;
    fb_ipv4 source = fb_addr_to_ipv4(&gate->meta->src);
    bool colocated = (fixed->flags & FB_MIP4_FLAG_D) != 0;
    bool nat = source != fixed->care_of_address;
    fb_udp_tunnel_found found = fb_udp_tunnel_request_find(udp, gate->message);

    gate->tunnel = (fb_tunnel_terms){.address = fixed->care_of_address};
    /* RFC 3519 4.6.1: in front of the authentication a co-located node's, behind it a foreign agent's */
    if (found == FB_UDP_TUNNEL_MALFORMED || (found == FB_UDP_TUNNEL_AUTHENTICATED && !colocated) ||
        (found == FB_UDP_TUNNEL_BEHIND && colocated))
    {
        return FB_DROP_UDP_TUNNEL_MISPLACED;
    }
    if (found != FB_UDP_TUNNEL_AUTHENTICATED)
    {
        /* What a foreign agent adds is not authenticated: as if not understood, which leaves the plain tunnel */
        return FB_REASON_NONE;
    }
    gate->tunnel.udp_requested = true;
    if (!udp->force && (!nat || udp->through_agent))
    {
        /* declined; R needs tunnels that wait for a keepalive, which are not offered */
        return FB_REASON_NONE;
    }
    if (!config->udp_tunnel || udp->through_agent || (!nat && !config->udp_force))
    {
        return FB_DROP_UDP_TUNNEL_NOT_ALLOWED;
    }
    gate->tunnel.address = source;
    gate->tunnel.udp_port = gate->meta->sport;
    gate->tunnel.udp_forced = udp->force && config->udp_force;
    return source_usable(gate) ? FB_REASON_NONE : FB_DROP_CARE_OF_ADDRESS_INVALID;
}

static int
check_encapsulation(const fb_home_agent *agent, fb_gate *gate, const fb_udp_tunnel_request *udp)
{
    uint8_t flags = gate->message->fixed.flags;

    if (gate->tunnel.udp_port == 0)
    {
        return choose_by_flags(&agent->config, flags, &gate->tunnel.tunnel)
                   ? FB_REASON_NONE
                   : FB_DROP_ENCAPSULATION_UNSUPPORTED;
    }
    return choose_in_udp(&agent->config, flags, udp->encapsulation, &gate->tunnel.tunnel)
               ? FB_REASON_NONE
               : FB_DROP_UDP_TUNNEL_UNAVAILABLE;
}

/* RFC 3024 3.4 */
static int
check_reverse_tunnel(const fb_home_agent *agent, const fb_gate *gate)
{
    bool asked = (gate->message->fixed.flags & FB_MIP4_FLAG_T) != 0;

    if (asked && !agent->config.reverse_tunnel)
    {
        return FB_DROP_REVERSE_TUNNEL_UNAVAILABLE;
    }
    return !asked && agent->config.require_reverse_tunnel ? FB_DROP_REVERSE_TUNNEL_REQUIRED
                                                          : FB_REASON_NONE;
}

int
fb_home_agent_check_tunnel(const fb_home_agent *agent, fb_gate *gate)
{
    fb_udp_tunnel_request udp = {0};
    int reason = settle_udp(agent, gate, &udp);

    if (reason == FB_REASON_NONE)
    {
        reason = check_encapsulation(agent, gate, &udp);
    }
    return reason != FB_REASON_NONE ? reason : check_reverse_tunnel(agent, gate);
}

void
fb_home_agent_set_tunnel(fb_binding *binding, const fb_gate *gate)
{
    uint8_t flags = gate->message->fixed.flags;

    binding->tunnel = gate->tunnel.tunnel;
    binding->tunnel_address = gate->tunnel.address;
    binding->udp_port = gate->tunnel.udp_port;
    binding->flags = (uint8_t)(((flags & FB_MIP4_FLAG_T) != 0 ? FB_BINDING_FLAG_REVERSE : 0) |
                               ((flags & FB_MIP4_FLAG_D) == 0 ? FB_BINDING_FLAG_AGENT : 0) |
                               ((flags & FB_MIP4_FLAG_B) != 0 ? FB_BINDING_FLAG_BROADCAST : 0));
}

void
fb_home_agent_answer_tunnel(fb_home_agent *agent, const fb_gate *gate)
{
    fb_home_agent_reply *reply = &agent->reply;
    bool assent = gate->tunnel.udp_port != 0;
    fb_udp_tunnel_reply answer = {
        .code = assent ? FB_UDP_TUNNEL_ASSENTED : FB_UDP_TUNNEL_DECLINED,
        .forced = gate->tunnel.udp_forced,
        .keepalive_s = assent ? agent->config.keepalive_s : 0,
    };
    fb_writer writer = fb_writer_over(reply->extension, sizeof reply->extension);

    if (!gate->tunnel.udp_requested)
    {
        return;
    }
    writer.position = reply->extension_length;
    fb_udp_tunnel_reply_write(&writer, &answer);
    reply->extension_length = (uint16_t)writer.position;
}

const fb_binding *
fb_home_agent_binding_to_leave(const fb_home_agent *agent, const fb_gate *gate)
{
    const fb_binding_cache *cache = &agent->cache;
    fb_ipv4 address = gate->message->fixed.care_of_address;
    fb_ipv4 source = fb_addr_to_ipv4(&gate->meta->src);

    for (const fb_binding *b = fb_cache_binding_first(cache, gate->node); b != NULL;
         b = fb_cache_binding_next(cache, b))
    {
        /* A binding without RFC 7629 is the only one, and there is no NAT to be looked for (D-37) */
        bool address_tells = b->udp_port == 0 || b->bid == FB_BID_PLAIN;

        if (b->care_of_address == address &&
            (address_tells || (b->tunnel_address == source && b->udp_port == gate->meta->sport)))
        {
            return b;
        }
    }
    return NULL;
}
