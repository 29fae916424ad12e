/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_WIRE_ICMP_ERROR_H
#define FB_WIRE_ICMP_ERROR_H

/**
 * @file
 * ICMP errors (RFC 792, RFC 4443): about an outer packet, as routers inside a tunnel send them, and about an inner
 * packet, as we send them to its source.
 */

#include "wire/ipv4.h"

enum
{
    FB_ICMP_UNREACHABLE = 3,
    FB_ICMP_TIME_EXCEEDED = 11,
    FB_ICMPV6_UNREACHABLE = 1,
    FB_ICMPV6_TOO_BIG = 2,
    FB_ICMPV6_TIME_EXCEEDED = 3,
    FB_ICMPV6_PARAMETER_PROBLEM = 4
};

/** Codes of FB_ICMP_UNREACHABLE. */
enum
{
    FB_ICMP_NETWORK_UNREACHABLE = 0,
    FB_ICMP_HOST_UNREACHABLE = 1,
    FB_ICMP_PROTOCOL_UNREACHABLE = 2,
    FB_ICMP_TOO_BIG = 4, /**< fragmentation needed and DF set */
    FB_ICMPV6_ADDRESS_UNREACHABLE = 3, /**< of FB_ICMPV6_UNREACHABLE */
    FB_ICMPV6_PORT_UNREACHABLE = 4, /**< of FB_ICMPV6_UNREACHABLE */
    FB_ICMPV6_HOP_LIMIT_EXCEEDED = 0, /**< of FB_ICMPV6_TIME_EXCEEDED */
    FB_ICMPV6_ERRONEOUS_HEADER = 0 /**< of FB_ICMPV6_PARAMETER_PROBLEM */
};

/** What an error means for the tunnel the packet was sent into. */
typedef enum fb_trouble
{
    /** nothing: what RFC 2003 4 forbids to relay, and RFC 2473 8.1 does not have */
    FB_TROUBLE_NONE,
    FB_TROUBLE_TOO_BIG,
    FB_TROUBLE_UNREACHABLE
} fb_trouble;

/** An ICMP error and what it says of the packet it is about. */
typedef struct fb_icmp_error
{
    uint8_t trouble; /**< fb_trouble */
    /** of FB_TROUBLE_TOO_BIG: of the next hop; RFC 1191 5: an estimate when the router tells none */
    uint16_t mtu;
    fb_addr source, destination; /**< of the packet: the tunnel's ends */
    uint8_t protocol; /**< with IPv6 that behind the extension headers */
    uint32_t length; /**< of the packet, by its own header */
    uint16_t source_port, destination_port; /**< of UDP */
    /** of an IPv4 packet in IP, minimal encapsulation, GRE; 0: so much was not quoted */
    fb_ipv4 inner_destination;
    /** the packet inside, as much as was quoted; NULL: nothing, or its header is no longer there (RFC 2004) */
    const uint8_t *inner;
    size_t inner_length;
    size_t overhead; /**< octets in front of it */
} fb_icmp_error;

/**
 * Decodes an ICMP message about an IPv4 packet: false when it is not an error of which a tunnel could have to know, not
 * whole, or quotes too little (RFC 792: 8 octets). `inner` points into @p icmp.
 */
bool fb_icmp_error_read(fb_icmp_error *error, const uint8_t *icmp, size_t length);

/**
 * Decodes an ICMPv6 message about an IPv6 packet, as fb_icmp_error_read(). Its own packet went from @p source to
 * @p destination, which the checksum covers (RFC 4443 2.3).
 */
bool fb_icmpv6_error_read(fb_icmp_error *error,
                          const uint8_t *icmp,
                          size_t length,
                          const fb_addr *source,
                          const fb_addr *destination);

/** Room for an ICMP error of ours: RFC 4443 2.4 c: an IPv6 packet of 1280 octets, without its header. */
#define FB_ICMP_ERROR_MAX 1240

/**
 * Writes an ICMP error about the packet @p flow, whose first @p length octets are @p header; @p value of the three that
 * have one: an MTU, or the Pointer of an FB_ICMPV6_PARAMETER_PROBLEM, else 0. With IPv6 without checksum, which needs
 * the source address (RFC 4443 2.3). Returns its length.
 */
size_t fb_icmp_error_write(uint8_t out[FB_ICMP_ERROR_MAX],
                           uint8_t type,
                           uint8_t code,
                           uint16_t value,
                           const fb_flow *flow,
                           const uint8_t *header,
                           size_t length);

/** Whether the packet is an ICMP error itself, about which none is sent (RFC 1122 3.2.2, RFC 4443 2.4). */
bool fb_icmp_is_error(const fb_flow *flow, const uint8_t *header, size_t length);

#endif
