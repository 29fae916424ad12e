/* SPDX-License-Identifier: BSD-3-Clause */
#include "wire/ipv4.h"

#include "base/octets.h"

/* Flags and offset of RFC 791 3.1, as one 16 bit word. */
#define DONT_FRAGMENT 0x4000u
#define MORE_FRAGMENTS 0x2000u
#define FRAGMENT_OFFSET 0x1fffu

static inline void
read_ports(fb_flow *flow, const uint8_t *transport)
{
    flow->has_ports = true;
    flow->source_port = fb_load_u16(transport);
    flow->destination_port = fb_load_u16(transport + 2);
}

void
fb_flow_read_transport(fb_flow *flow, const uint8_t *transport, size_t length)
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
            read_ports(flow, transport);
        }
        return;
    case FB_PROTOCOL_ESP:
        if (length >= 4)
        {
            flow->has_spi = true;
            flow->spi = fb_load_u32(transport); /* RFC 4303 2 */
        }
        return;
    case FB_PROTOCOL_AH:
        if (length >= 8)
        {
            flow->has_spi = true;
            flow->spi = fb_load_u32(transport + 4); /* RFC 4302 2 */
        }
        return;
    default:
        return;
    }
}

bool
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
    flow->spi = 0;
    flow->source_port = flow->destination_port = 0;
    flow->protocol = header[9];
    flow->tos = header[1];
    flow->ttl = header[8];
    flow->has_ports = flow->has_spi = false;
    flow->fragment = (fragment & (MORE_FRAGMENTS | FRAGMENT_OFFSET)) != 0;
    flow->first_fragment = false;
    flow->fragment_id = fb_load_u16(header + 4);
    flow->dont_fragment = (fragment & DONT_FRAGMENT) != 0;
    flow->family = FB_FAMILY_IPV4;
    flow->source6 = flow->destination6 = NULL;
    flow->flow_label = 0;
    flow->length = (uint32_t)packet_length;
    flow->header_length = (uint16_t)header_length;
    if ((fragment & FRAGMENT_OFFSET) == 0)
    {
        end = length < packet_length ? length : packet_length;
        flow->first_fragment = flow->fragment;
        if (flow->protocol == FB_PROTOCOL_UDP && end - header_length >= 4)
        {
            read_ports(flow, header + header_length); /* most packets */
            return true;
        }
        fb_flow_read_transport(flow, header + header_length, end - header_length);
    }
    return true;
}
