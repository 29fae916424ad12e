/* SPDX-License-Identifier: BSD-3-Clause */
#include "wire/ipv4.h"

/* Flags and offset of RFC 791 3.1, as one 16 bit word. */
#define DONT_FRAGMENT 0x4000u
#define MORE_FRAGMENTS 0x2000u
#define FRAGMENT_OFFSET 0x1fffu

/** The outer TTL is the tunnel's own, not the inner one's (RFC 2003 3.1). */
#define OUTER_TTL 64

static uint16_t
load_u16(const uint8_t *octets)
{
    return (uint16_t)(octets[0] << 8 | octets[1]);
}

static uint32_t
load_u32(const uint8_t *octets)
{
    return (uint32_t)octets[0] << 24 | (uint32_t)octets[1] << 16 | (uint32_t)octets[2] << 8 |
           octets[3];
}

static void
store_u16(uint8_t *octets, uint16_t value)
{
    octets[0] = (uint8_t)(value >> 8);
    octets[1] = (uint8_t)value;
}

static void
store_u32(uint8_t *octets, uint32_t value)
{
    store_u16(octets, (uint16_t)(value >> 16));
    store_u16(octets + 2, (uint16_t)value);
}

/** Ports or SPI, from the @p length octets at @p transport (B6088-07). */
static void
read_transport(fb_flow *flow, const uint8_t *transport, size_t length)
{
    switch (flow->protocol)
    {
    case FB_PROTOCOL_TCP:
    case FB_PROTOCOL_UDP:
    case FB_PROTOCOL_DCCP:
    case FB_PROTOCOL_SCTP:
    case FB_PROTOCOL_UDPLITE:
        if (length >= 4)
        {
            flow->has_ports = true;
            flow->source_port = load_u16(transport);
            flow->destination_port = load_u16(transport + 2);
        }
        return;
    case FB_PROTOCOL_ESP:
        if (length >= 4)
        {
            flow->has_spi = true;
            flow->spi = load_u32(transport); /* RFC 4303 2 */
        }
        return;
    case FB_PROTOCOL_AH:
        if (length >= 8)
        {
            flow->has_spi = true;
            flow->spi = load_u32(transport + 4); /* RFC 4302 2 */
        }
        return;
    default:
        return;
    }
}

bool
fb_flow_read(fb_flow *flow, const uint8_t *header, size_t length, size_t total)
{
    *flow = (fb_flow){0};
    if (length < FB_IPV4_HEADER || header[0] >> 4 != 4)
    {
        return false;
    }
    size_t header_length = (size_t)(header[0] & 0x0f) * 4;
    size_t packet_length = load_u16(header + 2);
    if (header_length < FB_IPV4_HEADER || header_length > length || packet_length < header_length ||
        packet_length > total)
    {
        return false;
    }

    uint16_t fragment = load_u16(header + 6);
    flow->family = FB_FAMILY_IPV4;
    flow->tos = header[1];
    flow->fragment_id = load_u16(header + 4);
    flow->dont_fragment = (fragment & DONT_FRAGMENT) != 0;
    flow->fragment = (fragment & (MORE_FRAGMENTS | FRAGMENT_OFFSET)) != 0;
    flow->first_fragment = flow->fragment && (fragment & FRAGMENT_OFFSET) == 0;
    flow->ttl = header[8];
    flow->protocol = header[9];
    flow->source = load_u32(header + 12);
    flow->destination = load_u32(header + 16);

    if (!flow->fragment || flow->first_fragment)
    {
        size_t end = length < packet_length ? length : packet_length;
        read_transport(flow, header + header_length, end - header_length);
    }
    return true;
}

void
fb_ipv4_write_outer(uint8_t out[FB_IPV4_HEADER],
                    const fb_flow *inner,
                    fb_ipv4 source,
                    fb_ipv4 destination,
                    uint8_t protocol,
                    uint16_t identification,
                    size_t payload)
{
    uint16_t flags = inner->dont_fragment ? DONT_FRAGMENT : 0;
    uint16_t total = (uint16_t)(FB_IPV4_HEADER + payload);
    /* The sum of RFC 1071 over the words as they are known here, before they become octets. */
    uint32_t sum = (0x4500u | inner->tos) + (uint32_t)total + identification + flags +
                   ((uint32_t)OUTER_TTL << 8 | protocol) + (source >> 16) + (source & 0xffff) +
                   (destination >> 16) + (destination & 0xffff);
    sum = (sum & 0xffff) + (sum >> 16);
    sum = (sum & 0xffff) + (sum >> 16);

    out[0] = 0x45; /* version 4, five words: no options */
    out[1] = inner->tos;
    store_u16(out + 2, total);
    store_u16(out + 4, identification);
    store_u16(out + 6, flags);
    out[8] = OUTER_TTL;
    out[9] = protocol;
    store_u16(out + 10, (uint16_t)~sum);
    store_u32(out + 12, source);
    store_u32(out + 16, destination);
}
