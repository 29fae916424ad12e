/* SPDX-License-Identifier: BSD-3-Clause */
#include "wire/rfc2473.h"

#include <string.h>

#include "base/octets.h"
#include "flowbind/reason.h"

/* Options of RFC 8200 4.2 and RFC 2473 4.1.1. */
#define OPTION_PAD1 0
#define OPTION_PADN 1
#define OPTION_LIMIT 4
#define OPTION_LIMIT_LENGTH 3

/* RFC 8200 4.2: what to do with an option that is not known; 0: skip it */
#define OPTION_ACTION 0xc0u

/* Next Header and Hdr Ext Len come before the options. */
#define OPTIONS_START 2

#define FRAGMENT_OFFSET 0xfff8u /* RFC 8200 4.5 */

void
fb_ipv6_write(uint8_t out[FB_IPV6_HEADER], const fb_ipv6_header *header, size_t payload)
{
    fb_store_u32(out, UINT32_C(0x60000000) | (uint32_t)header->traffic_class << 20);
    fb_store_u16(out + 4, (uint16_t)payload);
    out[6] = header->next_header;
    out[7] = header->hop_limit;
    memcpy(out + 8, header->source, 16);
    memcpy(out + 24, header->destination, 16);
}

void
fb_tunnel_limit_write(uint8_t out[FB_TUNNEL_LIMIT_HEADER], uint8_t next_header, uint8_t limit)
{
    out[0] = next_header;
    out[1] = 0; /* no more than these 8 octets */
    out[2] = OPTION_LIMIT;
    out[3] = 1;
    out[4] = limit;
    out[5] = OPTION_PADN;
    out[6] = 1;
    out[7] = 0;
}

/** Octets of the option at @p position of a header of @p length octets; 0: it does not end inside. */
static size_t
option_length(const uint8_t *header, size_t position, size_t length)
{
    size_t left = length - position;

    if (header[position] == OPTION_PAD1)
    {
        return 1;
    }
    return left < 2 || header[position + 1] > left - 2 ? 0 : 2 + (size_t)header[position + 1];
}

static bool
is_limit(const uint8_t *option, size_t length)
{
    return option[0] == OPTION_LIMIT && length == OPTION_LIMIT_LENGTH;
}

/** Offset of the limit in a whole Destination Options header; 0: there is none. */
static size_t
find_in_options(const uint8_t *header, size_t length)
{
    size_t step;

    for (size_t at = OPTIONS_START; at < length; at += step)
    {
        step = option_length(header, at, length);
        if (step == 0)
        {
            return 0;
        }
        if (is_limit(header + at, step))
        {
            return at + 2;
        }
    }
    return 0;
}

size_t
fb_tunnel_limit_find(const uint8_t *packet, size_t length)
{
    size_t position = FB_IPV6_HEADER;
    uint8_t kind = packet[6];

    /* RFC 2473 4.1.1 a: "in strict left-to-right order", up to what is no extension header or cannot be parsed */
    while (length - position >= 8)
    {
        const uint8_t *extension = packet + position;
        size_t octets = fb_ipv6_extension_length(kind, extension[1]);
        size_t at = 0;

        if (octets == 0 || octets > length - position ||
            (kind == FB_PROTOCOL_FRAGMENT && (fb_load_u16(extension + 2) & FRAGMENT_OFFSET) != 0))
        {
            return 0;
        }
        if (kind == FB_PROTOCOL_DESTINATION_OPTIONS)
        {
            at = find_in_options(extension, octets);
        }
        if (at != 0)
        {
            return position + at;
        }
        kind = extension[0];
        position += octets;
    }
    return 0;
}

/** RFC 8200 4.2: whether a destination that knows only padding and the limit goes on behind this option. */
static bool
is_acceptable(const uint8_t *option, size_t length)
{
    return option[0] == OPTION_LIMIT ? is_limit(option, length) : (option[0] & OPTION_ACTION) == 0;
}

int
fb_tunnel_options_read(const uint8_t *header,
                       size_t length,
                       size_t *header_length,
                       uint8_t *next_header)
{
    size_t octets, step;

    if (length < FB_TUNNEL_LIMIT_HEADER)
    {
        return FB_DROP_TUNNEL_HEADER;
    }
    octets = fb_ipv6_extension_length(FB_PROTOCOL_DESTINATION_OPTIONS, header[1]);
    if (octets > length)
    {
        return FB_DROP_TUNNEL_HEADER;
    }
    for (size_t at = OPTIONS_START; at < octets; at += step)
    {
        step = option_length(header, at, octets);
        if (step == 0 || !is_acceptable(header + at, step))
        {
            return FB_DROP_TUNNEL_HEADER;
        }
    }
    *header_length = octets;
    *next_header = header[0];
    return FB_REASON_NONE;
}
