/* SPDX-License-Identifier: BSD-3-Clause */
#include "steer/encapsulate.h"

/** RFC 791 3.1: Total Length has 16 bits. */
#define IPV4_PACKET_MAX 65535

/** RFC 2003 3.1: one more IPv4 header. */
static size_t
write_ipip(uint8_t out[FB_OUTER_MAX],
           const fb_flow *inner,
           const fb_outer *outer,
           size_t inner_total)
{
    if (inner_total > IPV4_PACKET_MAX - FB_IPV4_HEADER)
    {
        return 0;
    }
    fb_ipv4_write_outer(out,
                        inner,
                        outer->source,
                        outer->destination,
                        FB_PROTOCOL_IPV4,
                        outer->identification,
                        inner_total);
    return FB_IPV4_HEADER;
}

const fb_encapsulation fb_encapsulation_ipip = {
    "ipip",
    FB_PROTOCOL_IPV4,
    FB_IPV4_HEADER,
    write_ipip,
};
