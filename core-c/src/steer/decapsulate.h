/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_STEER_DECAPSULATE_H
#define FB_STEER_DECAPSULATE_H

/**
 * @file
 * What came out of a tunnel: which headers it had, and the packet inside.
 */

#include <string.h>

#include "flowbind/agent.h"
#include "flowbind/reason.h"
#include "wire/ipv4.h"

/** Ports, SPI or an ICMP echo header: what is looked at behind an IPv4 header that had to be restored. */
#define FB_RESTORED_MAX (FB_IPV4_HEADER + 8)

typedef struct fb_arrival
{
    const fb_meta *outer;
    /** of the outer header; 0 where that is IPv6, whose addresses `outer` has */
    fb_ipv4 source, destination;
    /** of the tunnel: 4, 41, 47 or 55, in UDP the Next Header, with IPv6 outside that behind the options */
    uint8_t protocol;
    bool udp; /**< it came in UDP (RFC 3519) */
    bool congested; /**< an outer header has a mark of congestion */
    /** octets in front of the inner packet, or of what follows the restored header */
    uint8_t strip;
    /** 20: the IP header of the inner packet is `restored`; 0: it is there as it was */
    uint8_t restored_length;
    uint8_t restored[FB_RESTORED_MAX];
    fb_flow inner;
    const uint8_t *header; /**< of the inner packet; `header_length` octets are there */
    size_t header_length;
    size_t total; /**< octets of the inner packet */
    const uint8_t *gre; /**< the header of `protocol` 47, which fb_gre_key() reads; only then */
} fb_arrival;

/** fb_decapsulate() of anything but plain IP in IP. */
int fb_decapsulate_other(fb_arrival *arrival, const fb_packet *packet);

/** What is known before a look at the packet. */
static inline void
fb_arrival_begin(fb_arrival *arrival, const fb_meta *outer)
{
    arrival->outer = outer;
    arrival->source = fb_addr_to_ipv4(&outer->src);
    arrival->destination = fb_addr_to_ipv4(&outer->dst);
    arrival->protocol = outer->protocol;
    arrival->udp = outer->protocol == FB_PROTOCOL_UDP;
    arrival->congested = (outer->tos & FB_ECN_MASK) == FB_ECN_CE;
    arrival->restored_length = 0;
}

/**
 * Takes @p packet, which begins behind the outer IP or UDP header described by @p outer, apart. 0 or the drop reason.
 * With an outer IPv6 header (RFC 2473) it begins behind the extension headers the host has dealt with, or, protocol 60,
 * at Destination Options; it can be protocol 4, 41 or 47 then.
 * @p arrival points into itself and must not be copied.
 */
static inline int
fb_decapsulate(fb_arrival *arrival, const fb_meta *outer, const fb_packet *packet)
{
    fb_arrival_begin(arrival, outer);
    if (outer->protocol != FB_PROTOCOL_IPV4)
    {
        return fb_decapsulate_other(arrival, packet);
    }
    arrival->strip = 0;
    arrival->header = packet->header;
    arrival->header_length = packet->header_len;
    arrival->total = packet->total_len;
    return fb_flow_read(&arrival->inner, packet->header, packet->header_len, packet->total_len) &&
                   arrival->inner.family == FB_FAMILY_IPV4
               ? FB_REASON_NONE
               : FB_DROP_PACKET_MALFORMED;
}

/**
 * fb_decapsulate() of what came in UDP between a gateway and an anchor: the packet itself, not behind the header of
 * RFC 3519 (RFC 5844 4.1.3). Which of the two it is the role knows; a port may be anybody's.
 */
int fb_decapsulate_plain_udp(fb_arrival *arrival, const fb_meta *outer, const fb_packet *packet);

/**
 * Whether the inner packet is a tunnel's itself, the one between @p source and @p destination: home address and home
 * agent, or the other way round (RFC 5177 7, RFC 5454 3.3.2).
 */
static inline bool
fb_arrival_is_nested(const fb_arrival *arrival, fb_ipv4 source, fb_ipv4 destination)
{
    const fb_flow *inner = &arrival->inner;

    return inner->family == FB_FAMILY_IPV4 && inner->source == source &&
           inner->destination == destination &&
           (inner->protocol == FB_PROTOCOL_IPV4 || inner->protocol == FB_PROTOCOL_IPV6);
}

/** Makes what is in such a packet, of which this node is the end too, the inner one. 0 or the drop reason. */
int fb_decapsulate_nested(fb_arrival *arrival, const fb_packet *packet);

/** fb_decapsulated() of a packet with a mark of congestion on its outer header. */
int fb_decapsulated_mark(fb_action *action, const fb_arrival *arrival);

/**
 * How the inner packet leaves the tunnel: `strip` and `outer` of @p action. A mark of congestion on the outer header
 * goes to the inner one (RFC 3168 9.1.1); FB_DROP_CONGESTION when that one's sender would not understand it.
 */
static inline int
fb_decapsulated(fb_action *action, const fb_arrival *arrival)
{
    action->family = arrival->inner.family;
    action->strip = arrival->strip;
    action->outer_len = arrival->restored_length;
    if (arrival->restored_length != 0)
    {
        memcpy(action->outer, arrival->restored, FB_IPV4_HEADER);
    }
    return arrival->congested ? fb_decapsulated_mark(action, arrival) : FB_REASON_NONE;
}

/** Whether the inner packet is a whole ICMP message of @p type, Code 0, whose Identifier and sequence are there. */
bool fb_arrival_is_echo(const fb_arrival *arrival, uint8_t type);

/** The Identifier of such a message, or of fb_arrival_is_echo6(). */
uint16_t fb_arrival_echo_identifier(const fb_arrival *arrival);

/** Its Sequence Number. */
uint16_t fb_arrival_echo_sequence(const fb_arrival *arrival);

/** The same of ICMPv6 (RFC 4443 4). */
bool fb_arrival_is_echo6(const fb_arrival *arrival, uint8_t type);

#endif
