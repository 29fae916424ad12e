/* SPDX-License-Identifier: BSD-3-Clause */
#include "agent_internal.h"

#include <string.h>

/*
 * RFC 2003 4 and 5: what routers inside of our tunnels complain about becomes soft state, and that becomes ICMP errors
 * for the sources of the packets inside. One such error waits at a time, and one a tenth of a second is sent (RFC 1812
 * 4.3.2.8): sources try again.
 */
#define ERROR_INTERVAL (100 * FB_MILLISECOND)

/** RFC 8200 5: no link carries less, so an IPv6 packet of that length is not refused (RFC 4213 3.2.2). */
#define IPV6_MTU_MIN 1280

static bool
owns_tunnel(const fb_agent *agent, const fb_icmp_error *error)
{
    return (fb_agent_has_role(agent, FB_ROLE_HOME_AGENT) &&
            fb_home_agent_sends_into(&agent->home_agent, error)) ||
           (fb_agent_has_role(agent, FB_ROLE_MOBILE_NODE) &&
            fb_mobile_node_sends_into(&agent->mobile_node, error));
}

int
fb_agent_tunnel_error(fb_agent *agent, const uint8_t *icmp, size_t length, fb_time now)
{
    fb_icmp_error error;

    if (!fb_icmp_error_read(&error, icmp, length) || !owns_tunnel(agent, &error))
    {
        return FB_DROP_NOT_EXPECTED;
    }
    fb_tunnel_ends ends = {.source = error.source,
                           .destination = error.destination,
                           .destination_port = error.destination_port};

    if (error.type == FB_ICMP_UNREACHABLE && error.code == FB_ICMP_TOO_BIG)
    {
        if (error.mtu >= error.length)
        {
            return FB_DROP_NOT_EXPECTED; /* it would have fitted */
        }
        fb_tunnel_state_too_big(&agent->tunnel_states, &ends, error.mtu, now);
        return FB_REASON_NONE;
    }
    /* RFC 2003 4.1, 4.4: these are relayed as Host Unreachable; port unreachable and source route failed never */
    if (error.type == FB_ICMP_TIME_EXCEEDED || error.code <= FB_ICMP_PROTOCOL_UNREACHABLE)
    {
        fb_tunnel_state_unreachable(&agent->tunnel_states, &ends, now);
        return FB_REASON_NONE;
    }
    return FB_DROP_NOT_EXPECTED;
}

/** RFC 1122 3.2.2, RFC 4443 2.4 (e): from one host to another; only Packet Too Big is also about IPv6 multicast. */
static bool
ends_can_be_told(const fb_flow *flow, uint8_t type)
{
    static const uint8_t unspecified[16];

    if (flow->family != FB_FAMILY_IPV6)
    {
        return fb_is_unicast(flow->source) && fb_is_unicast(flow->destination);
    }
    return flow->source6[0] != 0xff && memcmp(flow->source6, unspecified, 16) != 0 &&
           (flow->destination6[0] != 0xff || type == FB_ICMPV6_TOO_BIG);
}

/** Lets the source of @p packet know. */
static void
tell_source(fb_agent *agent,
            const fb_packet *packet,
            const fb_flow *flow,
            uint8_t type,
            uint8_t code,
            uint16_t mtu)
{
    fb_agent_error *error = &agent->error;
    bool is_ipv6 = flow->family == FB_FAMILY_IPV6;
    fb_ipv4 own = fb_agent_has_role(agent, FB_ROLE_HOME_AGENT)
                      ? agent->home_agent.config.address
                      : agent->mobile_node.config.home_address;

    /* RFC 1122 3.2.2: not about errors, nor fragments but the first */
    if (error->length != 0 || agent->last_time < error->not_before ||
        (flow->fragment && !flow->first_fragment) || !ends_can_be_told(flow, type) ||
        fb_icmp_is_error(flow, packet->header, packet->header_len))
    {
        return;
    }
    error->meta = (fb_meta){.protocol = is_ipv6 ? FB_PROTOCOL_ICMPV6 : FB_PROTOCOL_ICMP,
                            .ttl = FB_IPV4_TTL};
    if (is_ipv6)
    {
        error->meta.dst.family = FB_FAMILY_IPV6;
        memcpy(error->meta.dst.octet, flow->source6, 16);
    }
    else
    {
        error->meta.src = fb_addr_from_ipv4(own);
        error->meta.dst = fb_addr_from_ipv4(flow->source);
    }
    error->length = (uint8_t)fb_icmp_error_write(error->octets,
                                                 type,
                                                 code,
                                                 mtu,
                                                 flow,
                                                 packet->header,
                                                 packet->header_len);
    error->not_before = agent->last_time + ERROR_INTERVAL;
}

/** RFC 4213 3.2.2, RFC 2473 7: IPv6 packets are never refused below 1280 octets, but fragmented outside. */
static int
check_mtu_ipv6(fb_agent *agent, const fb_packet *packet, fb_flow *flow, uint32_t room)
{
    uint32_t most = room > IPV6_MTU_MIN ? room : IPV6_MTU_MIN;

    if (packet->total_len > most)
    {
        tell_source(agent, packet, flow, FB_ICMPV6_TOO_BIG, 0, (uint16_t)most);
        return FB_DROP_TOO_BIG;
    }
    flow->dont_fragment = flow->dont_fragment && room >= IPV6_MTU_MIN;
    return FB_REASON_NONE;
}

/** RFC 2003 5.1: the tunnel's MTU without the headers is what the source is told (RFC 1191). */
static int
check_mtu_ipv4(fb_agent *agent, const fb_packet *packet, const fb_flow *flow, uint32_t room)
{
    uint32_t most = room > FB_TUNNEL_MTU_MIN ? room : FB_TUNNEL_MTU_MIN;

    if (!flow->dont_fragment || packet->total_len <= most)
    {
        return FB_REASON_NONE;
    }
    tell_source(agent, packet, flow, FB_ICMP_UNREACHABLE, FB_ICMP_TOO_BIG, (uint16_t)most);
    return FB_DROP_TOO_BIG;
}

/** The same for one tunnel, in which the packet is @p overhead octets longer. */
static int
check_ends(fb_agent *agent,
           const fb_packet *packet,
           fb_flow *flow,
           const fb_tunnel_ends *ends,
           uint32_t overhead)
{
    fb_time now = agent->last_time;
    const fb_tunnel_state *state = fb_tunnel_state_find(&agent->tunnel_states, ends, now);
    bool is_ipv6 = flow->family == FB_FAMILY_IPV6;

    if (state == NULL)
    {
        return FB_REASON_NONE;
    }
    if (state->unreachable_until > now)
    {
        tell_source(agent,
                    packet,
                    flow,
                    is_ipv6 ? FB_ICMPV6_UNREACHABLE : FB_ICMP_UNREACHABLE,
                    is_ipv6 ? FB_ICMPV6_ADDRESS_UNREACHABLE : FB_ICMP_HOST_UNREACHABLE,
                    0);
        return FB_DROP_TUNNEL_UNREACHABLE;
    }
    return is_ipv6 ? check_mtu_ipv6(agent, packet, flow, state->mtu - overhead)
                   : check_mtu_ipv4(agent, packet, flow, state->mtu - overhead);
}

int
fb_agent_check_tunnel(fb_agent *agent,
                      const fb_packet *packet,
                      fb_flow *flow,
                      uint8_t tunnel,
                      const fb_outer *outer)
{
    fb_tunnel_ends ends = {.source = outer->source,
                           .destination = outer->destination,
                           .destination_port = outer->destination_port};
    fb_tunnel_ends nested = {.source = outer->home_source, .destination = outer->home_destination};
    int reason =
        check_ends(agent, packet, flow, &ends, fb_encapsulation_overhead(tunnel, flow, outer));

    /* RFC 5177 7: the tunnel inside goes on where the outer one ends, at the foreign agent */
    return reason == FB_REASON_NONE && nested.destination != 0
               ? check_ends(agent, packet, flow, &nested, FB_IPV4_HEADER)
               : reason;
}

ptrdiff_t
fb_agent_output_error(fb_agent *agent, fb_meta *meta, uint8_t *buffer, size_t capacity)
{
    fb_agent_error *error = &agent->error;
    size_t length = error->length;

    if (length > capacity)
    {
        return FB_ERR_LIMIT;
    }
    memcpy(buffer, error->octets, length);
    *meta = length > 0 ? error->meta : *meta;
    error->length = 0;
    return (ptrdiff_t)length;
}
