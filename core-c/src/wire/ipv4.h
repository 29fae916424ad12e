/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_WIRE_IPV4_H
#define FB_WIRE_IPV4_H

/**
 * @file
 * IPv4 headers (RFC 791): what steering needs to know of a packet, and the outer header of IP in IP (RFC 2003).
 */

#include "flowbind/types.h"

enum
{
    FB_PROTOCOL_ICMP = 1,
    FB_PROTOCOL_IPV4 = 4,
    FB_PROTOCOL_TCP = 6,
    FB_PROTOCOL_UDP = 17,
    FB_PROTOCOL_DCCP = 33,
    FB_PROTOCOL_ESP = 50,
    FB_PROTOCOL_AH = 51,
    FB_PROTOCOL_SCTP = 132,
    FB_PROTOCOL_UDPLITE = 136
};

/** What a classifier sees of a packet. */
typedef struct fb_flow
{
    fb_ipv4 source, destination;
    uint32_t spi; /**< ESP, AH */
    uint16_t source_port, destination_port; /**< TCP, UDP, SCTP, DCCP, UDP-Lite */
    uint8_t protocol;
    uint8_t tos;
    uint8_t ttl;
    bool has_ports, has_spi;
    bool fragment; /**< any fragment of a longer packet */
    bool first_fragment; /**< ... the one that carries the transport header */
    uint16_t fragment_id;
    bool dont_fragment;
    /** FB_FAMILY_*; with IPv6 `source` and `destination` are 0 and the next three count */
    uint8_t family;
    /** in the packet's header; valid as long as that is. NULL with IPv4 */
    const uint8_t *source6, *destination6;
    uint32_t flow_label;
} fb_flow;

#define FB_IPV4_HEADER 20

/**
 * Reads the IPv4 header at @p header (@p length octets are there; the packet has @p total). False when it is no
 * complete IPv4 header (B6088-07: ports only for protocols that have them).
 */
bool fb_flow_read(fb_flow *flow, const uint8_t *header, size_t length, size_t total);

/**
 * Writes the 20 octets of an outer header (RFC 2003 3.1): TOS copied from the inner one, DF copied if set, checksum
 * computed. @p payload is the length of what follows.
 */
void fb_ipv4_write_outer(uint8_t out[FB_IPV4_HEADER],
                         const fb_flow *inner,
                         fb_ipv4 source,
                         fb_ipv4 destination,
                         uint8_t protocol,
                         uint16_t identification,
                         size_t payload);

#endif
