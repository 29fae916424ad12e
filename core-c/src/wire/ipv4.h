/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_WIRE_IPV4_H
#define FB_WIRE_IPV4_H

/**
 * @file
 * IP headers: what steering needs to know of a packet of either family, and IPv4 headers (RFC 791) to be written.
 * ipv6.c: the IPv6 half of reading.
 */

#include "base/octets.h"
#include "flowbind/flow.h"

enum
{
    FB_PROTOCOL_HOP_BY_HOP = 0,
    FB_PROTOCOL_ICMP = 1,
    FB_PROTOCOL_IPV4 = 4,
    FB_PROTOCOL_TCP = 6,
    FB_PROTOCOL_UDP = 17,
    FB_PROTOCOL_DCCP = 33,
    FB_PROTOCOL_IPV6 = 41,
    FB_PROTOCOL_ROUTING = 43,
    FB_PROTOCOL_FRAGMENT = 44,
    FB_PROTOCOL_GRE = 47,
    FB_PROTOCOL_ESP = 50,
    FB_PROTOCOL_AH = 51,
    FB_PROTOCOL_MINIMAL = 55,
    FB_PROTOCOL_ICMPV6 = 58,
    FB_PROTOCOL_DESTINATION_OPTIONS = 60,
    FB_PROTOCOL_SCTP = 132,
    FB_PROTOCOL_UDPLITE = 136
};

/** RFC 3168 5: the two low bits of TOS or Traffic Class. */
enum
{
    FB_ECN_NOT_ECT = 0,
    FB_ECN_CE = 3,
    FB_ECN_MASK = 3
};

#define FB_IPV4_HEADER 20
#define FB_IPV6_HEADER 40

static inline bool
fb_is_unicast(fb_ipv4 address)
{
    return address != 0 && address < UINT32_C(0xe0000000);
}

/** What an IPv4 header without options says. */
typedef struct fb_ipv4_header
{
    fb_ipv4 source, destination;
    uint16_t identification;
    uint8_t tos, ttl, protocol;
    bool dont_fragment;
} fb_ipv4_header;

/** TTL of packets this node makes, and of its tunnels (RFC 2003 3.1: not the inner one's). */
#define FB_IPV4_TTL 64

/** RFC 791 3.1: Total Length has 16 bits. */
#define FB_IPV4_PACKET_MAX 65535

/** The IPv6 half of fb_flow_read(). At most eight extension headers are looked behind. */
bool fb_flow_read_ipv6(fb_flow *flow, const uint8_t *header, size_t length, size_t total);

/** Octets of the IPv6 extension header @p kind, by its length field; 0: it is not one that is looked behind. */
static inline size_t
fb_ipv6_extension_length(uint8_t kind, uint8_t length_field)
{
    switch (kind)
    {
    case FB_PROTOCOL_HOP_BY_HOP:
    case FB_PROTOCOL_ROUTING:
    case FB_PROTOCOL_DESTINATION_OPTIONS:
        return ((size_t)length_field + 1) * 8;
    case FB_PROTOCOL_FRAGMENT:
        return 8;
    case FB_PROTOCOL_AH:
        return ((size_t)length_field + 2) * 4; /* RFC 4302 2.2 */
    default:
        return 0;
    }
}

/** Ports or SPI, by the protocol already read, from the @p length octets at @p transport (B6088-07). */
void fb_flow_read_transport(fb_flow *flow, const uint8_t *transport, size_t length);

/* Flags and offset of RFC 791 3.1, as one 16 bit word. */
#define FB_IPV4_DONT_FRAGMENT 0x4000u
#define FB_IPV4_MORE_FRAGMENTS 0x2000u
#define FB_IPV4_FRAGMENT_OFFSET 0x1fffu

static inline void
fb_flow_read_ports(fb_flow *flow, const uint8_t *transport)
{
    flow->has_ports = true;
    flow->source_port = fb_load_u16(transport);
    flow->destination_port = fb_load_u16(transport + 2);
}

/**
 * Reads the IP header at @p header (@p length octets are there; the packet has @p total). False when it is no
 * complete IPv4 or IPv6 header (B6088-07: ports only for protocols that have them).
 */
static inline bool
fb_flow_read(fb_flow *flow, const uint8_t *header, size_t length, size_t total)
{
    size_t header_length, packet_length, end;
    uint16_t fragment;

    if (length < FB_IPV4_HEADER || header[0] >> 4 != 4)
    {
        return fb_flow_read_ipv6(flow, header, length, total);
    }
    header_length = (size_t)(header[0] & 0x0f) * 4;
    packet_length = fb_load_u16(header + 2);
    if (header_length < FB_IPV4_HEADER || header_length > length || packet_length < header_length ||
        packet_length > total)
    {
        return false;
    }
    fragment = fb_load_u16(header + 6);
    /* one by one: clearing all of it first costs more than the rest of this function */
    flow->source = fb_load_u32(header + 12);
    flow->destination = fb_load_u32(header + 16);
    flow->source_port = flow->destination_port = 0;
    flow->ttl = header[8];
    flow->protocol = header[9];
    flow->tos = header[1];
    flow->fragment = (fragment & (FB_IPV4_MORE_FRAGMENTS | FB_IPV4_FRAGMENT_OFFSET)) != 0;
    flow->family = FB_FAMILY_IPV4;
    flow->has_ports = flow->has_spi = flow->first_fragment = false;
    flow->dont_fragment = (fragment & FB_IPV4_DONT_FRAGMENT) != 0;
    flow->fragment_id = fb_load_u16(header + 4);
    flow->spi = flow->flow_label = 0;
    flow->source6 = flow->destination6 = NULL;
    flow->length = (uint32_t)packet_length;
    flow->header_length = (uint16_t)header_length;
    if ((fragment & FB_IPV4_FRAGMENT_OFFSET) == 0)
    {
        end = length < packet_length ? length : packet_length;
        flow->first_fragment = flow->fragment;
        if (flow->protocol == FB_PROTOCOL_UDP && end - header_length >= 4)
        {
            fb_flow_read_ports(flow, header + header_length); /* most packets */
            return true;
        }
        fb_flow_read_transport(flow, header + header_length, end - header_length);
    }
    return true;
}

/** Writes a header, checksum included, of a packet that carries @p payload octets, which fit (FB_IPV4_PACKET_MAX). */
static inline void
fb_ipv4_write(uint8_t out[FB_IPV4_HEADER], const fb_ipv4_header *header, size_t payload)
{
    uint16_t flags = header->dont_fragment ? 0x4000 : 0;
    uint16_t total = (uint16_t)(FB_IPV4_HEADER + payload);
    /* The sum of RFC 1071 over the words as they are known here, before they become octets. */
    uint32_t sum = (0x4500u | header->tos) + (uint32_t)total + header->identification + flags +
                   ((uint32_t)header->ttl << 8 | header->protocol) + (header->source >> 16) +
                   (header->source & 0xffff) + (header->destination >> 16) +
                   (header->destination & 0xffff);
    sum = (sum & 0xffff) + (sum >> 16);
    sum = (sum & 0xffff) + (sum >> 16);

    out[0] = 0x45; /* version 4, five words: no options */
    out[1] = header->tos;
    fb_store_u16(out + 2, total);
    fb_store_u16(out + 4, header->identification);
    fb_store_u16(out + 6, flags);
    out[8] = header->ttl;
    out[9] = header->protocol;
    fb_store_u16(out + 10, (uint16_t)~sum);
    fb_store_u32(out + 12, header->source);
    fb_store_u32(out + 16, header->destination);
}

#endif
