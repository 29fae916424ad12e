/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_STEER_ENCAPSULATE_IPV6_H
#define FB_STEER_ENCAPSULATE_IPV6_H

/**
 * @file
 * Outer IPv6 headers (RFC 2473), one const table an encapsulation, as encapsulate.h has them for IPv4. Which of the two
 * files a path needs is known with its ends, so that no packet pays for the other. decapsulate.h: the way back.
 */

#include "flowbind/agent.h"
#include "wire/icmp_error.h"
#include "wire/rfc2473.h"
#include "wire/tunnel_header.h"

/** What the outer headers say that does not come from the inner packet: RFC 2473 6, the tunnel's variables. */
typedef struct fb_outer_ipv6
{
    const uint8_t *source, *destination; /**< the tunnel's ends, 16 octets each */
    uint32_t path_mtu; /**< between them, in octets; below 1280 means 1280; 0: nothing is known */
    fb_gre_fields gre; /**< of FB_TUNNEL_GRE */
    /** RFC 2473 6.6: packets that have no Tunnel Encapsulation Limit of their own get `limit` */
    bool has_limit;
    uint8_t limit;
} fb_outer_ipv6;

typedef struct fb_encapsulation_ipv6
{
    const char *name; /**< as in scenario files */
    uint8_t overhead; /**< octets in front of the inner packet, at most, without a limit */

    /**
     * Writes the complete outer headers of a packet of @p inner_total octets, with @p outer->limit if it has one.
     * Returns their length, or 0 when the result would be longer than an IPv6 packet can be.
     */
    size_t (*write)(uint8_t out[FB_OUTER_MAX],
                    const fb_flow *inner,
                    const fb_outer_ipv6 *outer,
                    size_t inner_total);
} fb_encapsulation_ipv6;

/** RFC 2473: Next Header 41, or 4 with IPv4 inside. */
extern const fb_encapsulation_ipv6 fb_encapsulation_ipv6_ip;

/** RFC 2784, with key RFC 2890, behind an IPv6 header. */
extern const fb_encapsulation_ipv6 fb_encapsulation_ipv6_gre;

/** The one of a tunnel of kind @p tunnel (FB_TUNNEL_*); RFC 2004 has no form for IPv6. Never NULL. */
const fb_encapsulation_ipv6 *fb_encapsulation_ipv6_for(uint8_t tunnel);

/** What becomes of a packet at the entry of a tunnel. */
typedef struct fb_tunnel_entry
{
    /** of a packet that was refused: for fb_icmp_error_write(), to its source; 0: it is not told */
    uint8_t icmp_type;
    /** third argument of it: an MTU, or the Pointer of a Parameter Problem */
    uint16_t icmp_value;
    uint8_t icmp_code;
    /** RFC 2473 7.1, 7.2: the outer packet is sent, in fragments no longer than the path MTU */
    bool fragment;
} fb_tunnel_entry;

/**
 * Makes @p action, which strips nothing yet, carry @p packet through a tunnel of kind @p tunnel: `outer` and its
 * length. 0 or the drop reason: FB_DROP_TTL (RFC 2473 3.1), FB_DROP_LOOP (4.1.2), FB_DROP_TUNNEL_LIMIT (4.1.1),
 * FB_DROP_TOO_BIG (7), FB_DROP_PACKET_MALFORMED. What else the caller has to do is in @p entry.
 *
 * A limit is looked for in the octets that are there; a packet's own extension headers should be among them.
 */
int fb_encapsulate_ipv6(fb_action *action,
                        uint8_t tunnel,
                        const fb_outer_ipv6 *outer,
                        const fb_flow *inner,
                        const fb_packet *packet,
                        fb_tunnel_entry *entry);

/** RFC 2473 6.7: octets of the longest packet that goes through such a tunnel in one piece; at most 65535. */
uint32_t fb_encapsulation_ipv6_mtu(uint8_t tunnel, const fb_outer_ipv6 *outer);

#endif
