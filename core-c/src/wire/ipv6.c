/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/octets.h"
#include "wire/ipv4.h"

/* RFC 8200 4.1 has seven, of which Destination Options may come twice. */
#define EXTENSION_HEADERS_MAX 8

#define FLOW_LABEL 0xfffffu /* RFC 8200 3 */

/* RFC 8200 4.5: offset in units of 8 octets, two reserved bits, M. */
#define FRAGMENT_OFFSET 0xfff8u
#define MORE_FRAGMENTS 0x0001u

/** What a classifier wants from the extension header of @p kind. */
static void
note_extension(fb_flow *flow, uint8_t kind, const uint8_t *extension, size_t length)
{
    if (kind == FB_PROTOCOL_FRAGMENT)
    {
        uint16_t field = fb_load_u16(extension + 2);

        /* RFC 6946: offset 0 without M is a whole packet */
        flow->fragment = (field & (FRAGMENT_OFFSET | MORE_FRAGMENTS)) != 0;
        flow->first_fragment = flow->fragment && (field & FRAGMENT_OFFSET) == 0;
        flow->fragment_id = fb_load_u32(extension + 4);
    }
    if (kind == FB_PROTOCOL_AH && length >= 8)
    {
        flow->has_spi = true;
        flow->spi = fb_load_u32(extension + 4);
    }
}

bool
fb_flow_read_ipv6(fb_flow *flow, const uint8_t *header, size_t length, size_t total)
{
    size_t packet_length, end;
    size_t position = FB_IPV6_HEADER;

    if (length < FB_IPV6_HEADER || header[0] >> 4 != 6)
    {
        return false;
    }
    packet_length = FB_IPV6_HEADER + (size_t)fb_load_u16(header + 4);
    if (packet_length > total)
    {
        return false;
    }
    end = length < packet_length ? length : packet_length;
    *flow = (fb_flow){.family = FB_FAMILY_IPV6,
                      .tos = (uint8_t)(fb_load_u16(header) >> 4),
                      .flow_label = fb_load_u32(header) & FLOW_LABEL,
                      .protocol = header[6],
                      .ttl = header[7],
                      .source6 = header + 8,
                      .destination6 = header + 24,
                      .dont_fragment = true,
                      .length = (uint32_t)packet_length};
    /* B6088-08: the upper layer's protocol. A fragment that is not the first has extension headers before it only */
    for (int i = 0; i < EXTENSION_HEADERS_MAX && end - position >= 8; i++)
    {
        const uint8_t *extension = header + position;
        size_t octets = fb_ipv6_extension_length(flow->protocol, extension[1]);

        if (octets == 0 || octets > end - position)
        {
            break;
        }
        note_extension(flow, flow->protocol, extension, octets);
        flow->protocol = extension[0];
        position += octets;
        if (flow->fragment && !flow->first_fragment)
        {
            break;
        }
    }
    flow->header_length = (uint16_t)position;
    if (!flow->fragment || flow->first_fragment)
    {
        fb_flow_read_transport(flow, header + position, end - position);
    }
    return true;
}
