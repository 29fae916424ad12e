/* SPDX-License-Identifier: BSD-3-Clause */
#include "wire/tunnel_header.h"

#include "base/octets.h"
#include "flowbind/reason.h"
#include "wire/checksum.h"
#include "wire/mobile_ipv4.h"

/* ---- GRE ---- */

/* First word of the header, RFC 2784 2.1 and RFC 2890 2, from bit 0 at the top. */
#define GRE_CHECKSUM 0x8000u
#define GRE_KEY 0x2000u
#define GRE_SEQUENCE 0x1000u
/* C-17: Routing, Strict Source Route and the first bit of Recursion Control of RFC 1701 */
#define GRE_REFUSED 0x4c00u
#define GRE_VERSION 0x0007u

int
fb_gre_read(const uint8_t *header, size_t length, size_t total, size_t *gre_length, uint16_t *type)
{
    uint16_t flags;
    size_t octets = FB_GRE_HEADER;

    if (length < FB_GRE_HEADER)
    {
        return FB_DROP_TUNNEL_HEADER;
    }
    flags = fb_load_u16(header);
    /* RFC 2784 2.3: bits 6 to 12 are ignored */
    if ((flags & (GRE_REFUSED | GRE_VERSION)) != 0)
    {
        return FB_DROP_TUNNEL_HEADER;
    }
    octets += (flags & GRE_CHECKSUM) != 0 ? 4 : 0; /* and Reserved1 */
    octets += (flags & GRE_KEY) != 0 ? 4 : 0;
    octets += (flags & GRE_SEQUENCE) != 0 ? 4 : 0;
    if (length < octets)
    {
        return FB_DROP_TUNNEL_HEADER;
    }
    if ((flags & GRE_CHECKSUM) != 0 && length == total &&
        fb_checksum_finish(fb_checksum_add(0, header, length)) != 0)
    {
        return FB_DROP_TUNNEL_CHECKSUM;
    }
    *gre_length = octets;
    *type = fb_load_u16(header + 2);
    return FB_REASON_NONE;
}

void
fb_gre_write(uint8_t out[FB_GRE_SEQUENCE_HEADER], uint16_t type, const fb_gre_fields *fields)
{
    uint8_t *at = out + FB_GRE_HEADER;

    fb_store_u16(
        out,
        (uint16_t)((fields->has_key ? GRE_KEY : 0) | (fields->has_sequence ? GRE_SEQUENCE : 0)));
    fb_store_u16(out + 2, type);
    if (fields->has_key)
    {
        fb_store_u32(at, fields->key);
        at += 4;
    }
    if (fields->has_sequence)
    {
        fb_store_u32(at, fields->sequence);
    }
}

bool
fb_gre_key(const uint8_t *header, uint32_t *key)
{
    uint16_t flags = fb_load_u16(header);

    if ((flags & GRE_KEY) == 0)
    {
        return false;
    }
    *key = fb_load_u32(header + FB_GRE_HEADER + ((flags & GRE_CHECKSUM) != 0 ? 4 : 0));
    return true;
}

bool
fb_gre_sequence(const uint8_t *header, uint32_t *sequence)
{
    uint16_t flags = fb_load_u16(header);
    size_t before = ((flags & GRE_CHECKSUM) != 0 ? 4u : 0u) + ((flags & GRE_KEY) != 0 ? 4u : 0u);

    if (!fb_gre_has_sequence(header))
    {
        return false;
    }
    *sequence = fb_load_u32(header + FB_GRE_HEADER + before);
    return true;
}

/* ---- minimal encapsulation ---- */

#define MINIMAL_SOURCE_PRESENT 0x80u /* S */

int
fb_minimal_read(fb_minimal_header *minimal, const uint8_t *header, size_t length)
{
    bool has_source;

    if (length < FB_MINIMAL_HEADER - 4)
    {
        return FB_DROP_TUNNEL_HEADER;
    }
    has_source = (header[1] & MINIMAL_SOURCE_PRESENT) != 0;
    minimal->length = has_source ? FB_MINIMAL_HEADER : FB_MINIMAL_HEADER - 4;
    if (length < minimal->length)
    {
        return FB_DROP_TUNNEL_HEADER;
    }
    if (fb_checksum_finish(fb_checksum_add(0, header, minimal->length)) != 0)
    {
        return FB_DROP_TUNNEL_CHECKSUM;
    }
    minimal->protocol = header[0];
    minimal->destination = fb_load_u32(header + 4);
    minimal->source = has_source ? fb_load_u32(header + 8) : 0;
    return FB_REASON_NONE;
}

size_t
fb_minimal_write(uint8_t out[FB_MINIMAL_HEADER], const fb_minimal_header *minimal)
{
    size_t length = minimal->source != 0 ? FB_MINIMAL_HEADER : FB_MINIMAL_HEADER - 4;

    out[0] = minimal->protocol;
    out[1] = minimal->source != 0 ? MINIMAL_SOURCE_PRESENT : 0;
    fb_store_u16(out + 2, 0);
    fb_store_u32(out + 4, minimal->destination);
    if (minimal->source != 0)
    {
        fb_store_u32(out + 8, minimal->source);
    }
    fb_store_u16(out + 2, fb_checksum_finish(fb_checksum_add(0, out, length)));
    return length;
}

/* ---- UDP ---- */

int
fb_tunnel_data_read(const uint8_t *header, size_t length, uint8_t *next_header)
{
    if (length < FB_TUNNEL_DATA_HEADER || header[0] != FB_MIP4_TUNNEL_DATA)
    {
        return FB_DROP_TUNNEL_HEADER;
    }
    *next_header = header[1]; /* RFC 3519 3.3: Reserved is ignored */
    return FB_REASON_NONE;
}

void
fb_udp_write(uint8_t out[FB_UDP_HEADER],
             uint16_t source_port,
             uint16_t destination_port,
             size_t payload)
{
    fb_store_u16(out, source_port);
    fb_store_u16(out + 2, destination_port);
    fb_store_u16(out + 4, (uint16_t)(FB_UDP_HEADER + payload));
    fb_store_u16(out + 6, 0);
}

void
fb_tunnel_data_write(uint8_t out[FB_UDP_HEADER + FB_TUNNEL_DATA_HEADER],
                     uint16_t source_port,
                     uint16_t destination_port,
                     uint8_t next_header,
                     size_t payload)
{
    fb_udp_write(out, source_port, destination_port, FB_TUNNEL_DATA_HEADER + payload);
    out[8] = FB_MIP4_TUNNEL_DATA;
    out[9] = next_header;
    fb_store_u16(out + 10, 0);
}

void
fb_udp_checksum_write(uint8_t *front, size_t front_length, const uint8_t *rest, size_t rest_length)
{
    uint8_t *udp = front + FB_IPV4_HEADER;
    /* RFC 768: the pseudo header is both addresses, the protocol and the UDP length */
    uint32_t sum = (uint32_t)FB_PROTOCOL_UDP + fb_load_u16(udp + 4);
    uint16_t checksum;

    sum = fb_checksum_add(sum, front + 12, 8);
    sum = fb_checksum_add(sum, udp, front_length - FB_IPV4_HEADER);
    sum = fb_checksum_add(sum, rest, rest_length);
    checksum = fb_checksum_finish(sum);
    fb_store_u16(udp + 6, checksum != 0 ? checksum : 0xffff); /* 0 would say that there is none */
}
