/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_STEER_ENCAPSULATE_H
#define FB_STEER_ENCAPSULATE_H

/**
 * @file
 * Outer headers, one const table an encapsulation.
 */

#include "flowbind/agent.h"
#include "wire/ipv4.h"

/** What the outer headers say that does not come from the inner packet. */
typedef struct fb_outer
{
    fb_ipv4 source, destination; /**< the tunnel's ends */
    uint16_t identification; /**< of the outer IPv4 header */
} fb_outer;

typedef struct fb_encapsulation
{
    const char *name; /**< as in scenario files */
    uint8_t protocol; /**< of the outer IP header */
    uint8_t overhead; /**< octets in front of the inner packet, at most */

    /**
     * Writes the complete outer headers of a packet of @p inner_total octets. Returns their length, or 0 when the
     * result would be longer than an IPv4 packet can be.
     */
    size_t (*write)(uint8_t out[FB_OUTER_MAX],
                    const fb_flow *inner,
                    const fb_outer *outer,
                    size_t inner_total);
} fb_encapsulation;

/** IP in IP (RFC 2003): what Mobile IPv4 uses unless asked otherwise (RFC 5944 1.6). */
extern const fb_encapsulation fb_encapsulation_ipip;

#endif
