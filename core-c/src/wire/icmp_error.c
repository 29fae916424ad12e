/* SPDX-License-Identifier: BSD-3-Clause */
#include "wire/icmp_error.h"

#include <string.h>

#include "base/octets.h"
#include "flowbind/reason.h"
#include "wire/checksum.h"
#include "wire/rfc2473.h"
#include "wire/tunnel_header.h"

#define ICMP_HEADER 8

/** RFC 792: so many octets behind the IP header are quoted at least. */
#define QUOTED 8u

/** RFC 1191 7.1: what links carry, for routers that do not tell. */
static uint16_t
plateau_below(uint32_t length)
{
    static const uint16_t plateaus[] = {32000, 17914, 8166, 4352, 2002, 1492, 1006, 508, 296, 68};

    for (size_t i = 0; i < sizeof plateaus / sizeof plateaus[0]; i++)
    {
        if (plateaus[i] < length)
        {
            return plateaus[i];
        }
    }
    return 68;
}

/** RFC 3519 3.3, RFC 5844 4.1.3: what is in UDP: a header with Type 4 in front, or the packet itself. */
static uint8_t
protocol_in_udp(const uint8_t *payload, size_t length, size_t *front)
{
    uint8_t protocol = FB_PROTOCOL_IPV4;

    *front = fb_tunnel_data_read(payload, length, &protocol) == FB_REASON_NONE
                 ? FB_TUNNEL_DATA_HEADER
                 : 0;
    return protocol;
}

/** Where the packet inside is: @p header octets into @p packet, of which @p length are quoted, the tunnel's begin. */
static void
find_inner(fb_icmp_error *error, const uint8_t *packet, size_t header, size_t length)
{
    uint8_t protocol = error->protocol;
    size_t at = header, front = 0;
    uint16_t type;

    if (protocol == FB_PROTOCOL_UDP)
    {
        at += FB_UDP_HEADER;
        protocol = protocol_in_udp(packet + at, length - at, &front);
        at += front;
    }
    if (protocol == FB_PROTOCOL_GRE)
    {
        /* of a checksum nothing can be said: the packet is longer than what is quoted */
        if (fb_gre_read(packet + at, length - at, SIZE_MAX, &front, &type) != FB_REASON_NONE)
        {
            return;
        }
        at += front;
    }
    else if (protocol != FB_PROTOCOL_IPV4 && protocol != FB_PROTOCOL_IPV6)
    {
        return;
    }
    if (at < length)
    {
        error->inner = packet + at;
        error->inner_length = length - at;
        error->overhead = at;
    }
}

/** The destination inside, from the @p length octets quoted behind the outer header. */
static fb_ipv4
inner_destination(const fb_icmp_error *error, const uint8_t *behind, size_t length)
{
    if (error->protocol == FB_PROTOCOL_MINIMAL && length >= 8)
    {
        return fb_load_u32(behind + 4); /* RFC 2004 3.1 */
    }
    return error->inner_length >= FB_IPV4_HEADER && error->inner[0] >> 4 == 4
               ? fb_load_u32(error->inner + 16)
               : 0;
}

/**
 * RFC 2003 4.1, 4.4: network, host and protocol unreachable and time exceeded are relayed as Host Unreachable; port
 * unreachable and source route failed never.
 */
static fb_trouble
trouble_of(uint8_t type, uint8_t code)
{
    if (type == FB_ICMP_TIME_EXCEEDED)
    {
        return FB_TROUBLE_UNREACHABLE;
    }
    if (type != FB_ICMP_UNREACHABLE)
    {
        return FB_TROUBLE_NONE;
    }
    if (code == FB_ICMP_TOO_BIG)
    {
        return FB_TROUBLE_TOO_BIG;
    }
    return code <= FB_ICMP_PROTOCOL_UNREACHABLE ? FB_TROUBLE_UNREACHABLE : FB_TROUBLE_NONE;
}

bool
fb_icmp_error_read(fb_icmp_error *error, const uint8_t *icmp, size_t length)
{
    const uint8_t *ip = icmp + ICMP_HEADER;
    size_t left = length - ICMP_HEADER;
    bool is_whole;
    fb_flow flow;

    /* The packet is longer than what is quoted of it */
    if (length < ICMP_HEADER + FB_IPV4_HEADER + QUOTED || ip[0] >> 4 != 4 ||
        trouble_of(icmp[0], icmp[1]) == FB_TROUBLE_NONE ||
        fb_checksum_finish(fb_checksum_add(0, icmp, length)) != 0 ||
        !fb_flow_read(&flow, ip, left, FB_IPV4_PACKET_MAX) || left < flow.header_length + QUOTED)
    {
        return false;
    }
    is_whole = !flow.fragment || flow.first_fragment;
    *error = (fb_icmp_error){.trouble = (uint8_t)trouble_of(icmp[0], icmp[1]),
                             .mtu = fb_load_u16(icmp + 6),
                             .source = fb_addr_from_ipv4(flow.source),
                             .destination = fb_addr_from_ipv4(flow.destination),
                             .protocol = flow.protocol,
                             .length = flow.length};
    if (error->mtu == 0)
    {
        error->mtu = plateau_below(flow.length);
    }
    if (!is_whole)
    {
        return error->protocol != FB_PROTOCOL_UDP; /* without ports: of which tunnel is not known */
    }
    if (error->protocol == FB_PROTOCOL_UDP)
    {
        error->source_port = fb_load_u16(ip + flow.header_length);
        error->destination_port = fb_load_u16(ip + flow.header_length + 2);
    }
    find_inner(error, ip, flow.header_length, left);
    error->inner_destination =
        inner_destination(error, ip + flow.header_length, left - flow.header_length);
    return true;
}

/* ---- ICMPv6 ---- */

static bool
is_checksum_right(const uint8_t *icmp,
                  size_t length,
                  const fb_addr *source,
                  const fb_addr *destination)
{
    uint32_t sum = fb_checksum_message6(source, destination, FB_PROTOCOL_ICMPV6, icmp, length);

    return fb_checksum_finish(sum) == 0;
}

/**
 * RFC 2473 8.1, of the @p left octets quoted at @p quoted: a Parameter Problem counts if it points to a limit of 0,
 * which a tunnel inside of ours could not take one from.
 */
static fb_trouble
trouble_of_ipv6(const uint8_t *icmp, const uint8_t *quoted, size_t left)
{
    size_t limit;

    switch (icmp[0])
    {
    case FB_ICMPV6_UNREACHABLE:
        /* a port is none of a tunnel's */
        return icmp[1] == FB_ICMPV6_PORT_UNREACHABLE ? FB_TROUBLE_NONE : FB_TROUBLE_UNREACHABLE;
    case FB_ICMPV6_TOO_BIG:
        return FB_TROUBLE_TOO_BIG;
    case FB_ICMPV6_TIME_EXCEEDED:
        return icmp[1] == FB_ICMPV6_HOP_LIMIT_EXCEEDED ? FB_TROUBLE_UNREACHABLE : FB_TROUBLE_NONE;
    case FB_ICMPV6_PARAMETER_PROBLEM:
        limit = fb_tunnel_limit_find(quoted, left);
        return icmp[1] == FB_ICMPV6_ERRONEOUS_HEADER && limit != 0 &&
                       fb_load_u32(icmp + 4) == limit && quoted[limit] == 0
                   ? FB_TROUBLE_UNREACHABLE
                   : FB_TROUBLE_NONE;
    default:
        return FB_TROUBLE_NONE;
    }
}

bool
fb_icmpv6_error_read(fb_icmp_error *error,
                     const uint8_t *icmp,
                     size_t length,
                     const fb_addr *source,
                     const fb_addr *destination)
{
    const uint8_t *ip = icmp + ICMP_HEADER;
    size_t left = length - ICMP_HEADER;
    uint32_t mtu;
    fb_flow flow;

    if (length < ICMP_HEADER + FB_IPV6_HEADER || source->family != FB_FAMILY_IPV6 ||
        destination->family != FB_FAMILY_IPV6 ||
        !is_checksum_right(icmp, length, source, destination) ||
        !fb_flow_read_ipv6(&flow, ip, left, FB_IPV6_HEADER + FB_IPV6_PAYLOAD_MAX))
    {
        return false;
    }
    mtu = fb_load_u32(icmp + 4);
    *error = (fb_icmp_error){.trouble = (uint8_t)trouble_of_ipv6(icmp, ip, left),
                             .mtu = (uint16_t)(mtu < UINT16_MAX ? mtu : UINT16_MAX),
                             .source = {.family = FB_FAMILY_IPV6},
                             .destination = {.family = FB_FAMILY_IPV6},
                             .protocol = flow.protocol,
                             .length = flow.length};
    memcpy(error->source.octet, flow.source6, sizeof error->source.octet);
    memcpy(error->destination.octet, flow.destination6, sizeof error->destination.octet);
    /* RFC 8201 4: no link has less than 1280 octets; a message that says so "must" be discarded */
    if (error->trouble == FB_TROUBLE_NONE || flow.protocol == FB_PROTOCOL_UDP ||
        (error->trouble == FB_TROUBLE_TOO_BIG && mtu < FB_IPV6_MTU_MIN))
    {
        return false;
    }
    if (!flow.fragment || flow.first_fragment)
    {
        find_inner(error, ip, flow.header_length, left);
        error->inner_destination = inner_destination(error, ip, 0);
    }
    return true;
}

/* ---- writing ---- */

size_t
fb_icmp_error_write(uint8_t out[FB_ICMP_ERROR_MAX],
                    uint8_t type,
                    uint8_t code,
                    uint16_t value,
                    const fb_flow *flow,
                    const uint8_t *header,
                    size_t length)
{
    bool is_ipv6 = flow->family == FB_FAMILY_IPV6;
    /* RFC 792: the header and 8 octets; RFC 4443 2.4: as much as there is room for */
    size_t most = is_ipv6 ? FB_ICMP_ERROR_MAX - ICMP_HEADER : flow->header_length + QUOTED;
    size_t quoted = length < flow->length ? length : flow->length;

    quoted = quoted < most ? quoted : most;
    out[0] = type;
    out[1] = code;
    fb_store_u16(out + 2, 0);
    fb_store_u16(out + 4, 0);
    fb_store_u16(out + 6, value);
    memcpy(out + ICMP_HEADER, header, quoted);
    if (!is_ipv6)
    {
        fb_store_u16(out + 2, fb_checksum_finish(fb_checksum_add(0, out, ICMP_HEADER + quoted)));
    }
    return ICMP_HEADER + quoted;
}

bool
fb_icmp_is_error(const fb_flow *flow, const uint8_t *header, size_t length)
{
    uint8_t type;

    if (flow->protocol != (flow->family == FB_FAMILY_IPV6 ? FB_PROTOCOL_ICMPV6 : FB_PROTOCOL_ICMP))
    {
        return false;
    }
    if (length <= flow->header_length)
    {
        return true; /* it may be one */
    }
    type = header[flow->header_length];
    if (flow->family == FB_FAMILY_IPV6)
    {
        return type < 128; /* RFC 4443 2.1 */
    }
    return (type >= 3 && type <= 5) || type == 11 || type == 12;
}
