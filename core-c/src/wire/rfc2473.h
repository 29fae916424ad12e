/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_WIRE_RFC2473_H
#define FB_WIRE_RFC2473_H

/**
 * @file
 * Headers of IPv6 tunnels (RFC 2473): the outer IPv6 header, and the Destination Options header with the Tunnel
 * Encapsulation Limit that can follow it. Readers never look behind the octets they are given.
 */

#include "wire/ipv4.h"

/** Hop Limit of tunnels (RFC 2473 6.3: not the inner one's). */
#define FB_IPV6_HOP_LIMIT 64

/** RFC 8200 3: Payload Length has 16 bits. */
#define FB_IPV6_PAYLOAD_MAX 65535

/** RFC 8200 5: every link carries so much. */
#define FB_IPV6_MTU_MIN 1280

/** What an outer IPv6 header says; its flow label is 0 (RFC 2473 6.5). */
typedef struct fb_ipv6_header
{
    const uint8_t *source, *destination; /**< 16 octets each */
    uint8_t traffic_class, hop_limit, next_header;
} fb_ipv6_header;

/** Writes it in front of @p payload octets, extension headers included, which fit (FB_IPV6_PAYLOAD_MAX). */
void fb_ipv6_write(uint8_t out[FB_IPV6_HEADER], const fb_ipv6_header *header, size_t payload);

/** RFC 2473 5.1: a Destination Options header with nothing but the limit. */
#define FB_TUNNEL_LIMIT_HEADER 8

/** Writes it: @p limit more encapsulations are permitted (RFC 2473 4.1.1). */
void fb_tunnel_limit_write(uint8_t out[FB_TUNNEL_LIMIT_HEADER], uint8_t next_header, uint8_t limit);

/**
 * Looks for a Tunnel Encapsulation Limit among the extension headers of the IPv6 packet @p packet, of which @p length
 * octets are there, at least FB_IPV6_HEADER. Returns the offset of the limit, which an ICMPv6 Parameter Problem points
 * to (RFC 2473 4.1.1 b), or 0: none before a header of another kind, or one that is not whole.
 */
size_t fb_tunnel_limit_find(const uint8_t *packet, size_t length);

/**
 * Reads a Destination Options header in front of what a tunnel carries: its length and what follows it. @p length
 * octets are there. 0, or FB_DROP_TUNNEL_HEADER: malformed, or with an option that must not be skipped (RFC 8200 4.2).
 */
int fb_tunnel_options_read(const uint8_t *header,
                           size_t length,
                           size_t *header_length,
                           uint8_t *next_header);

#endif
