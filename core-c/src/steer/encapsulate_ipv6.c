/* SPDX-License-Identifier: BSD-3-Clause */
#include "steer/encapsulate_ipv6.h"

#include <string.h>

#define PACKET_MAX (FB_IPV6_HEADER + FB_IPV6_PAYLOAD_MAX)

/**
 * Writes what delivers @p payload octets of @p protocol to the tunnel's end: the outer IPv6 header and, where there is
 * one, the limit. Returns its length, 0 when that does not fit into an IPv6 packet.
 */
static size_t
write_delivery(uint8_t *out,
               const fb_flow *inner,
               const fb_outer_ipv6 *outer,
               uint8_t protocol,
               size_t payload)
{
    size_t options = outer->has_limit ? FB_TUNNEL_LIMIT_HEADER : 0;
    /* RFC 2473 5, 6.4: the traffic class is copied, and with it ECT (RFC 3168 9.1) */
    fb_ipv6_header header = {.source = outer->source,
                             .destination = outer->destination,
                             .traffic_class = inner->tos,
                             .hop_limit = FB_IPV6_HOP_LIMIT,
                             .next_header = protocol};

    if (payload > FB_IPV6_PAYLOAD_MAX - options)
    {
        return 0;
    }
    if (outer->has_limit)
    {
        fb_tunnel_limit_write(out + FB_IPV6_HEADER, protocol, outer->limit);
        header.next_header = FB_PROTOCOL_DESTINATION_OPTIONS;
    }
    fb_ipv6_write(out, &header, options + payload);
    return FB_IPV6_HEADER + options;
}

static size_t
write_ip(uint8_t out[FB_OUTER_MAX],
         const fb_flow *inner,
         const fb_outer_ipv6 *outer,
         size_t inner_total)
{
    uint8_t protocol = inner->family == FB_FAMILY_IPV6 ? FB_PROTOCOL_IPV6 : FB_PROTOCOL_IPV4;

    return write_delivery(out, inner, outer, protocol, inner_total);
}

static size_t
write_gre(uint8_t out[FB_OUTER_MAX],
          const fb_flow *inner,
          const fb_outer_ipv6 *outer,
          size_t inner_total)
{
    uint16_t type = inner->family == FB_FAMILY_IPV6 ? FB_ETHERTYPE_IPV6 : FB_ETHERTYPE_IPV4;
    size_t gre = fb_gre_length(&outer->gre);
    size_t front = inner_total > FB_IPV6_PAYLOAD_MAX
                       ? 0
                       : write_delivery(out, inner, outer, FB_PROTOCOL_GRE, gre + inner_total);

    if (front == 0)
    {
        return 0;
    }
    fb_gre_write(out + front, type, &outer->gre);
    return front + gre;
}

const fb_encapsulation_ipv6 fb_encapsulation_ipv6_ip = {
    "ipip",
    FB_IPV6_HEADER,
    write_ip,
};

const fb_encapsulation_ipv6 fb_encapsulation_ipv6_gre = {
    "gre",
    FB_IPV6_HEADER + FB_GRE_SEQUENCE_HEADER,
    write_gre,
};

const fb_encapsulation_ipv6 *
fb_encapsulation_ipv6_for(uint8_t tunnel)
{
    return tunnel == FB_TUNNEL_GRE ? &fb_encapsulation_ipv6_gre : &fb_encapsulation_ipv6_ip;
}

uint32_t
fb_encapsulation_ipv6_mtu(uint8_t tunnel, const fb_outer_ipv6 *outer)
{
    size_t options = outer->has_limit ? FB_TUNNEL_LIMIT_HEADER : 0;
    size_t gre = tunnel == FB_TUNNEL_GRE ? fb_gre_length(&outer->gre) : 0;
    uint32_t path = outer->path_mtu;

    path = path == 0 || path > PACKET_MAX ? PACKET_MAX : path;
    path = path < FB_IPV6_MTU_MIN ? FB_IPV6_MTU_MIN : path;
    return path - (uint32_t)(FB_IPV6_HEADER + options + gre);
}

/** RFC 2473 4.1.1 b to d: the limit of the packet itself counts, the configured one where it has none. */
static int
enter_limit(fb_outer_ipv6 *outer,
            const fb_flow *inner,
            const fb_packet *packet,
            fb_tunnel_entry *entry)
{
    size_t there = packet->header_len < inner->length ? packet->header_len : inner->length;
    size_t at = inner->family == FB_FAMILY_IPV6 ? fb_tunnel_limit_find(packet->header, there) : 0;

    if (at == 0)
    {
        return FB_REASON_NONE;
    }
    if (packet->header[at] == 0)
    {
        entry->icmp_type = FB_ICMPV6_PARAMETER_PROBLEM;
        entry->icmp_code = FB_ICMPV6_ERRONEOUS_HEADER;
        entry->icmp_value = (uint16_t)at;
        return FB_DROP_TUNNEL_LIMIT;
    }
    outer->has_limit = true;
    outer->limit = packet->header[at] - 1;
    return FB_REASON_NONE;
}

/** RFC 2473 7.1, 7.2: what does not fit is refused, or sent in fragments. */
static int
enter_mtu(uint32_t mtu, const fb_flow *inner, size_t total, fb_tunnel_entry *entry)
{
    bool is_ipv6 = inner->family == FB_FAMILY_IPV6;
    uint32_t most = is_ipv6 && mtu < FB_IPV6_MTU_MIN ? FB_IPV6_MTU_MIN : mtu;

    entry->fragment = total > mtu;
    if (total <= most || !inner->dont_fragment)
    {
        return FB_REASON_NONE;
    }
    entry->icmp_type = is_ipv6 ? FB_ICMPV6_TOO_BIG : FB_ICMP_UNREACHABLE;
    entry->icmp_code = is_ipv6 ? 0 : FB_ICMP_TOO_BIG;
    entry->icmp_value = (uint16_t)most;
    entry->fragment = false;
    return FB_DROP_TOO_BIG;
}

/** RFC 2473 4.1.2: "the pair of tunnel entry-point and exit-point addresses" is that of the packet itself. */
static bool
is_loopback(const fb_flow *inner, const fb_outer_ipv6 *outer)
{
    return inner->family == FB_FAMILY_IPV6 && memcmp(inner->source6, outer->source, 16) == 0 &&
           memcmp(inner->destination6, outer->destination, 16) == 0;
}

int
fb_encapsulate_ipv6(fb_action *action,
                    uint8_t tunnel,
                    const fb_outer_ipv6 *outer,
                    const fb_flow *inner,
                    const fb_packet *packet,
                    fb_tunnel_entry *entry)
{
    fb_outer_ipv6 limited = *outer;
    size_t length;
    int reason;

    *entry = (fb_tunnel_entry){0};
    if (inner->ttl == 0)
    {
        return FB_DROP_TTL; /* RFC 2473 3.1: the packet was to be forwarded into the tunnel */
    }
    if (is_loopback(inner, outer))
    {
        return FB_DROP_LOOP;
    }
    reason = enter_limit(&limited, inner, packet, entry);
    if (reason == FB_REASON_NONE)
    {
        reason =
            enter_mtu(fb_encapsulation_ipv6_mtu(tunnel, &limited), inner, packet->total_len, entry);
    }
    if (reason != FB_REASON_NONE)
    {
        return reason;
    }
    length =
        fb_encapsulation_ipv6_for(tunnel)->write(action->outer, inner, &limited, packet->total_len);
    action->outer_len = (uint8_t)length;
    return length != 0 ? FB_REASON_NONE : FB_DROP_PACKET_MALFORMED;
}
