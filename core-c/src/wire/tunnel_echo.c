/* SPDX-License-Identifier: BSD-3-Clause */
#include "wire/tunnel_echo.h"

#include <string.h>

#include "base/octets.h"
#include "wire/checksum.h"
#include "wire/ipv4.h"
#include "wire/mobile_ipv4.h"

/** Of a packet this node makes itself. */
#define HOP_LIMIT 64

static size_t
icmp_length(const fb_tunnel_echo *echo)
{
    return FB_ICMP_ECHO_HEADER + echo->data_length;
}

/** RFC 792, RFC 4443 4.1, 4.2 */
static void
write_icmp(fb_writer *writer, const fb_tunnel_echo *echo)
{
    bool ipv6 = echo->source.family == FB_FAMILY_IPV6;
    uint8_t header[FB_ICMP_ECHO_HEADER] = {0};
    uint32_t sum = ipv6 ? fb_checksum_pseudo6(&echo->source,
                                              &echo->destination,
                                              FB_PROTOCOL_ICMPV6,
                                              icmp_length(echo))
                        : 0;

    header[0] = echo->reply ? FB_ICMP_ECHO_REPLY : FB_ICMP_ECHO_REQUEST;
    if (ipv6)
    {
        header[0] = echo->reply ? FB_ICMPV6_ECHO_REPLY : FB_ICMPV6_ECHO_REQUEST;
    }
    fb_store_u16(header + 4, echo->identifier);
    fb_store_u16(header + 6, echo->sequence);
    sum = fb_checksum_add(sum, header, sizeof header);
    if (echo->data_length > 0)
    {
        sum = fb_checksum_add(sum, echo->data, echo->data_length);
    }
    fb_store_u16(header + 2, fb_checksum_finish(sum));
    fb_write_bytes(writer, header, sizeof header);
    if (echo->data_length > 0)
    {
        fb_write_bytes(writer, echo->data, echo->data_length);
    }
}

static void
write_ipv4(fb_writer *writer, const fb_tunnel_echo *echo)
{
    uint8_t header[FB_IPV4_HEADER];
    fb_ipv4_header fields = {.source = fb_addr_to_ipv4(&echo->source),
                             .destination = fb_addr_to_ipv4(&echo->destination),
                             .identification = echo->sequence,
                             .ttl = FB_IPV4_TTL,
                             .protocol = FB_PROTOCOL_ICMP};

    fb_ipv4_write(header, &fields, icmp_length(echo));
    fb_write_bytes(writer, header, sizeof header);
}

/** RFC 8200 3 */
static void
write_ipv6(fb_writer *writer, const fb_tunnel_echo *echo)
{
    fb_write_u32(writer, UINT32_C(0x60000000));
    fb_write_u16(writer, (uint16_t)icmp_length(echo));
    fb_write_u8(writer, FB_PROTOCOL_ICMPV6);
    fb_write_u8(writer, HOP_LIMIT);
    fb_write_bytes(writer, echo->source.octet, sizeof echo->source.octet);
    fb_write_bytes(writer, echo->destination.octet, sizeof echo->destination.octet);
}

static void
write_gre(fb_writer *writer, const fb_tunnel_echo *echo)
{
    /* no sequence number: it is no packet of a flow that is put in order */
    fb_gre_fields fields = {.has_key = echo->has_key, .key = echo->key};
    uint16_t type = echo->source.family == FB_FAMILY_IPV6 ? FB_ETHERTYPE_IPV6 : FB_ETHERTYPE_IPV4;
    uint8_t header[FB_GRE_SEQUENCE_HEADER];

    fb_gre_write(header, type, &fields);
    fb_write_bytes(writer, header, fb_gre_length(&fields));
}

/** RFC 2004 3.1: instead of the IP header inside */
static void
write_minimal(fb_writer *writer, const fb_tunnel_echo *echo)
{
    fb_ipv4 source = fb_addr_to_ipv4(&echo->source);
    fb_minimal_header minimal = {.source = source != echo->outer_source ? source : 0,
                                 .destination = fb_addr_to_ipv4(&echo->destination),
                                 .protocol = FB_PROTOCOL_ICMP};
    uint8_t header[FB_MINIMAL_HEADER];

    fb_write_bytes(writer, header, fb_minimal_write(header, &minimal));
}

/** What the outer header calls it, or the header of RFC 3519 in UDP. */
static uint8_t
protocol_of(const fb_tunnel_echo *echo)
{
    bool ipv6 = echo->source.family == FB_FAMILY_IPV6;

    if (echo->tunnel == FB_TUNNEL_GRE)
    {
        return FB_PROTOCOL_GRE;
    }
    if (echo->tunnel == FB_TUNNEL_MINIMAL && echo->udp == FB_TUNNEL_UDP_NONE && !ipv6)
    {
        return FB_PROTOCOL_MINIMAL;
    }
    return ipv6 ? FB_PROTOCOL_IPV6 : FB_PROTOCOL_IPV4;
}

uint8_t
fb_tunnel_echo_write(fb_writer *writer, const fb_tunnel_echo *echo)
{
    uint8_t protocol = protocol_of(echo);

    if (echo->udp == FB_TUNNEL_UDP_DATA)
    {
        /* RFC 3519 3.3: Type, Next Header, Reserved */
        fb_write_u8(writer, FB_MIP4_TUNNEL_DATA);
        fb_write_u8(writer, protocol);
        fb_write_u16(writer, 0);
    }
    if (protocol == FB_PROTOCOL_GRE)
    {
        write_gre(writer, echo);
    }
    if (protocol == FB_PROTOCOL_MINIMAL)
    {
        write_minimal(writer, echo);
    }
    else
    {
        (echo->source.family == FB_FAMILY_IPV6 ? write_ipv6 : write_ipv4)(writer, echo);
    }
    write_icmp(writer, echo);
    return echo->udp != FB_TUNNEL_UDP_NONE ? FB_PROTOCOL_UDP : protocol;
}
