/* SPDX-License-Identifier: BSD-3-Clause */
#include "agent_internal.h"

#include <string.h>

/*
 * RFC 2003 4 and 5, RFC 2473 8: what routers inside of our tunnels complain about becomes soft state, and ICMP errors
 * for the sources of the packets inside: at once where enough of one is quoted, else when the next comes. One such
 * error waits at a time, and one a tenth of a second is sent (RFC 1812 4.3.2.8): sources try again.
 */
#define ERROR_INTERVAL (100 * FB_MILLISECOND)

/** Whether one of the roles sent the packet that is quoted: each says which tunnels are its own. */
static bool
owns_tunnel(const fb_agent *agent, const fb_icmp_error *error)
{
    return (fb_agent_has_role(agent, FB_ROLE_HOME_AGENT) &&
            fb_home_agent_sends_into(&agent->home_agent, error)) ||
           (fb_agent_has_role(agent, FB_ROLE_MOBILE_NODE) &&
            fb_mobile_node_sends_into(&agent->mobile_node, error)) ||
           (fb_agent_has_role(agent, FB_ROLE_FOREIGN_AGENT) &&
            fb_foreign_agent_sends_into(&agent->foreign_agent, error)) ||
           (fb_tunnel_error_is_tunnelled(error) && ((fb_agent_has_role(agent, FB_ROLE_MAG) &&
                                                     fb_mag_owns_tunnel(&agent->mag,
                                                                        &error->source,
                                                                        &error->destination,
                                                                        error->destination_port)) ||
                                                    (fb_agent_has_role(agent, FB_ROLE_LMA) &&
                                                     fb_lma_owns_tunnel(&agent->lma,
                                                                        &error->source,
                                                                        &error->destination,
                                                                        error->destination_port))));
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

/** RFC 2473 8.3: the address errors about packets for the tunnel between @p ends come from; none: the host chooses. */
static fb_addr
own_address(const fb_agent *agent, const fb_tunnel_ends *ends)
{
    bool mobile = fb_agent_has_role(agent, FB_ROLE_MOBILE_NODE) &&
                  !fb_agent_has_role(agent, FB_ROLE_HOME_AGENT);

    if (mobile)
    {
        return fb_addr_from_ipv4(agent->mobile_node.config.home_address);
    }
    return ends->source.family == FB_FAMILY_IPV4 ? ends->source : (fb_addr){0};
}

/** RFC 5944 4.2.2: a visitor is reached over its own link, and never by ARP. */
static void
address_visitor(const fb_agent *agent, const fb_tunnel_ends *ends, const fb_flow *flow, fb_meta *to)
{
    const fb_visitor *visitor;

    if (!fb_agent_has_role(agent, FB_ROLE_FOREIGN_AGENT))
    {
        return;
    }
    visitor = fb_foreign_agent_reverse_tunnelled(&agent->foreign_agent,
                                                 flow->source,
                                                 fb_addr_to_ipv4(&ends->destination));
    if (visitor != NULL)
    {
        to->link = visitor->link;
        to->link_addr_len = visitor->link_addr_len;
        memcpy(to->link_addr, visitor->link_addr, sizeof to->link_addr);
    }
}

static fb_meta
address_source(const fb_agent *agent, const fb_tunnel_ends *ends, const fb_flow *flow)
{
    fb_meta meta = {.protocol = FB_PROTOCOL_ICMP, .ttl = FB_IPV4_TTL};

    if (flow->family == FB_FAMILY_IPV6)
    {
        meta.protocol = FB_PROTOCOL_ICMPV6;
        meta.dst.family = FB_FAMILY_IPV6;
        memcpy(meta.dst.octet, flow->source6, 16);
        return meta;
    }
    meta.src = own_address(agent, ends);
    meta.dst = fb_addr_from_ipv4(flow->source);
    address_visitor(agent, ends, flow, &meta);
    return meta;
}

/** Lets the source of a packet, of which the first @p length octets are @p header, know what @p entry says. */
static void
tell_source(fb_agent *agent,
            const fb_tunnel_ends *ends,
            const fb_flow *flow,
            const uint8_t *header,
            size_t length,
            const fb_tunnel_entry *entry)
{
    fb_agent_error *error = &agent->error;

    /* RFC 1122 3.2.2: not about errors, nor fragments but the first */
    if (entry->icmp_type == 0 || error->length != 0 || agent->last_time < error->not_before ||
        (flow->fragment && !flow->first_fragment) || !ends_can_be_told(flow, entry->icmp_type) ||
        fb_icmp_is_error(flow, header, length))
    {
        return;
    }
    error->meta = address_source(agent, ends, flow);
    error->length = (uint16_t)fb_icmp_error_write(error->octets,
                                                  entry->icmp_type,
                                                  entry->icmp_code,
                                                  entry->icmp_value,
                                                  flow,
                                                  header,
                                                  length);
    error->not_before = agent->last_time + ERROR_INTERVAL;
}

/** RFC 5177 7, RFC 5454 3.5: a packet's own IPv4 packet, made here: its source is this node, which knows already. */
static bool
is_made_here(const fb_agent *agent, const fb_tunnel_ends *ends, const fb_flow *inner)
{
    fb_addr own = own_address(agent, ends);

    return inner->family == FB_FAMILY_IPV4 &&
           (inner->protocol == FB_PROTOCOL_IPV6 || inner->protocol == FB_PROTOCOL_IPV4) &&
           inner->source == fb_addr_to_ipv4(&own);
}

/** RFC 2473 8.2, 8.3. */
static void
relay(fb_agent *agent, const fb_icmp_error *error)
{
    fb_tunnel_ends ends = fb_tunnel_error_ends(error);
    fb_tunnel_entry told;
    fb_flow inner;

    if (fb_tunnel_error_relay(error, &inner, &told) && !is_made_here(agent, &ends, &inner))
    {
        tell_source(agent, &ends, &inner, error->inner, error->inner_length, &told);
    }
}

int
fb_agent_tunnel_error(fb_agent *agent,
                      const fb_meta *meta,
                      const uint8_t *icmp,
                      size_t length,
                      fb_time now)
{
    fb_icmp_error error;
    bool is_error = meta->protocol == FB_PROTOCOL_ICMPV6
                        ? fb_icmpv6_error_read(&error, icmp, length, &meta->src, &meta->dst)
                        : fb_icmp_error_read(&error, icmp, length);
    int reason = is_error && owns_tunnel(agent, &error)
                     ? fb_tunnel_error_note(&agent->tunnel_states, &error, now)
                     : FB_DROP_NOT_EXPECTED;

    if (reason == FB_REASON_NONE)
    {
        relay(agent, &error);
    }
    return reason;
}

/** Whether it may enter one tunnel, in which it is @p overhead octets longer. */
static int
check_ends(fb_agent *agent,
           const fb_packet *packet,
           fb_flow *flow,
           const fb_tunnel_ends *ends,
           uint32_t overhead)
{
    fb_tunnel_entry entry;
    int reason = fb_tunnel_admit(&agent->tunnel_states,
                                 ends,
                                 overhead,
                                 flow,
                                 packet->total_len,
                                 &entry,
                                 agent->last_time);

    tell_source(agent, ends, flow, packet->header, packet->header_len, &entry);
    return reason;
}

int
fb_agent_check_tunnel(fb_agent *agent,
                      const fb_packet *packet,
                      fb_flow *flow,
                      uint8_t tunnel,
                      const fb_outer *outer)
{
    fb_tunnel_ends ends = {.source = fb_addr_from_ipv4(outer->source),
                           .destination = fb_addr_from_ipv4(outer->destination),
                           .destination_port = outer->destination_port};
    fb_tunnel_ends nested = {.source = fb_addr_from_ipv4(outer->home_source),
                             .destination = fb_addr_from_ipv4(outer->home_destination)};
    int reason =
        check_ends(agent, packet, flow, &ends, fb_encapsulation_overhead(tunnel, flow, outer));

    /* RFC 5177 7: the tunnel inside goes on where the outer one ends, at the foreign agent */
    return reason == FB_REASON_NONE && outer->home_destination != 0
               ? check_ends(agent, packet, flow, &nested, FB_IPV4_HEADER)
               : reason;
}

int
fb_agent_enter_ipv6(fb_agent *agent,
                    fb_action *action,
                    uint8_t tunnel,
                    const fb_outer_ipv6 *outer,
                    const fb_flow *inner,
                    const fb_packet *packet)
{
    fb_tunnel_ends ends = {.source.family = FB_FAMILY_IPV6, .destination.family = FB_FAMILY_IPV6};
    fb_tunnel_entry entry;
    int reason = fb_tunnel_enter_ipv6(&agent->tunnel_states,
                                      action,
                                      tunnel,
                                      outer,
                                      inner,
                                      packet,
                                      &entry,
                                      agent->last_time);

    tell_source(agent, &ends, inner, packet->header, packet->header_len, &entry);
    if (entry.fragment)
    {
        uint32_t mtu;

        memcpy(ends.source.octet, outer->source, sizeof ends.source.octet);
        memcpy(ends.destination.octet, outer->destination, sizeof ends.destination.octet);
        mtu = fb_tunnel_path_mtu(&agent->tunnel_states, &ends, outer->path_mtu, agent->last_time);
        /* RFC 2473 7.1: every path carries as much (RFC 8200 5) */
        action->mtu = mtu < FB_IPV6_MTU_MIN ? FB_IPV6_MTU_MIN : (uint16_t)mtu;
    }
    return reason;
}

void
fb_agent_tell_ttl(fb_agent *agent,
                  const fb_packet *packet,
                  const fb_flow *flow,
                  const fb_outer *outer)
{
    fb_tunnel_ends ends = {.source = fb_addr_from_ipv4(outer->source),
                           .destination = fb_addr_from_ipv4(outer->destination)};
    fb_tunnel_entry entry = {.icmp_type = flow->family == FB_FAMILY_IPV6 ? FB_ICMPV6_TIME_EXCEEDED
                                                                         : FB_ICMP_TIME_EXCEEDED};

    tell_source(agent, &ends, flow, packet->header, packet->header_len, &entry);
}

void
fb_agent_tell_of_header(fb_agent *agent,
                        const fb_meta *meta,
                        const uint8_t *octets,
                        size_t length,
                        size_t at)
{
    static const fb_tunnel_ends ends = {.source.family = FB_FAMILY_IPV6};
    fb_tunnel_entry entry = {.icmp_type = FB_ICMPV6_PARAMETER_PROBLEM,
                             .icmp_code = FB_ICMPV6_ERRONEOUS_HEADER,
                             .icmp_value = (uint16_t)(FB_IPV6_HEADER + at)};
    uint8_t packet[FB_ICMP_ERROR_MAX];
    size_t quoted = length < sizeof packet - FB_IPV6_HEADER ? length
                                                            : sizeof packet - FB_IPV6_HEADER;
    fb_ipv6_header header = {.source = meta->src.octet,
                             .destination = meta->dst.octet,
                             .hop_limit = meta->ttl,
                             .next_header = FB_PROTOCOL_MOBILITY};
    fb_flow flow;

    if (meta->src.family != FB_FAMILY_IPV6)
    {
        return; /* RFC 5844 4.1.3: in UDP there is no such header to point at */
    }
    /* RFC 4443 3.4: as much of the packet as fits; its header is what the host said of it */
    fb_ipv6_write(packet, &header, length);
    memcpy(packet + FB_IPV6_HEADER, octets, quoted);
    if (fb_flow_read(&flow, packet, FB_IPV6_HEADER + quoted, FB_IPV6_HEADER + length))
    {
        tell_source(agent, &ends, &flow, packet, FB_IPV6_HEADER + quoted, &entry);
    }
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
