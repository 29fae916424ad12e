/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_STEER_ENCAPSULATE_H
#define FB_STEER_ENCAPSULATE_H

/**
 * @file
 * Outer headers, one const table an encapsulation, each also inside UDP (RFC 3519). decapsulate.h: the way back.
 */

#include "flowbind/agent.h"
#include "steer/decapsulate.h"
#include "wire/icmp_error.h"
#include "wire/tunnel_header.h"

/** What the outer headers say that does not come from the inner packet. */
typedef struct fb_outer
{
    fb_ipv4 source, destination; /**< the tunnel's ends */
    uint16_t identification; /**< of the outer IPv4 header */
    uint16_t source_port, destination_port; /**< of a UDP tunnel; both 0: none */
    /**
     * between home agent and home address: of the IPv4 packet that the packet is put into first, which then enters the
     * tunnel (RFC 5177 7, RFC 5454 3.3.2); 0: none
     */
    fb_ipv4 home_source, home_destination;
    /** RFC 5844 4.1.3: the packet itself stands in UDP, not behind the header of RFC 3519 */
    bool plain_udp;
    fb_gre_fields gre; /**< of FB_TUNNEL_GRE */
} fb_outer;

typedef struct fb_encapsulation
{
    const char *name; /**< as in scenario files */
    /** of the outer IP header, or Next Header in UDP, with an IPv4 packet inside */
    uint8_t protocol;
    /** octets in front of the inner packet, at most, without UDP and what RFC 2890 adds */
    uint8_t overhead;
    uint8_t replaced; /**< octets of the inner packet that the outer headers take the place of */

    /**
     * Writes the complete outer headers of a packet of @p inner_total octets, the UDP checksum left out. Returns their
     * length, or 0 when the result would be longer than an IPv4 packet can be.
     */
    size_t (*write)(uint8_t out[FB_OUTER_MAX],
                    const fb_flow *inner,
                    const fb_outer *outer,
                    size_t inner_total);
} fb_encapsulation;

/** IP in IP (RFC 2003): what Mobile IPv4 uses unless asked otherwise (RFC 5944 1.6); IPv6 inside by RFC 4213. */
extern const fb_encapsulation fb_encapsulation_ipip;

extern const fb_encapsulation fb_encapsulation_gre; /**< RFC 2784 */
/** RFC 2004; of an IPv4 packet that is no fragment */
extern const fb_encapsulation fb_encapsulation_minimal;

/** The one this packet takes through a tunnel of kind @p tunnel (FB_TUNNEL_*). Never NULL. */
const fb_encapsulation *fb_encapsulation_for(uint8_t tunnel, const fb_flow *inner);

/** Octets a tunnel of kind @p tunnel between @p outer adds to this packet. */
uint32_t fb_encapsulation_overhead(uint8_t tunnel, const fb_flow *inner, const fb_outer *outer);

/** Whether a tunnel of kind @p tunnel may use @p protocol, one of those fb_arrival.protocol can be. */
static inline bool
fb_encapsulation_accepts(uint8_t tunnel, uint8_t protocol)
{
    if (protocol == FB_PROTOCOL_GRE || protocol == FB_PROTOCOL_MINIMAL)
    {
        return tunnel == (protocol == FB_PROTOCOL_GRE ? FB_TUNNEL_GRE : FB_TUNNEL_MINIMAL);
    }
    /* IP in IP; RFC 5944 4.1: also what does not fit minimal encapsulation */
    return tunnel != FB_TUNNEL_GRE;
}

/** Whether a quoted packet of ours came from a tunnel of kind @p tunnel, in UDP or not; ports are not looked at. */
static inline bool
fb_encapsulation_made(uint8_t tunnel, bool udp, const fb_icmp_error *error)
{
    if (udp || error->protocol == FB_PROTOCOL_UDP)
    {
        return udp && error->protocol == FB_PROTOCOL_UDP;
    }
    return (error->protocol == FB_PROTOCOL_IPV4 || error->protocol == FB_PROTOCOL_IPV6 ||
            error->protocol == FB_PROTOCOL_GRE || error->protocol == FB_PROTOCOL_MINIMAL) &&
           fb_encapsulation_accepts(tunnel, error->protocol);
}

/**
 * The outer header of RFC 2003 3.1: TOS copied, and with it ECT (RFC 3168 9.1); DF copied if set; a TTL of its own.
 */
static inline fb_ipv4_header
fb_outer_header(const fb_flow *inner, const fb_outer *outer, uint8_t protocol)
{
    fb_ipv4_header header = {.source = outer->source,
                             .destination = outer->destination,
                             .identification = outer->identification,
                             .tos = inner->tos,
                             .ttl = FB_IPV4_TTL,
                             .protocol = protocol,
                             .dont_fragment = inner->dont_fragment};
    return header;
}

/** fb_encapsulate() of anything but plain IP in IP. */
bool fb_encapsulate_other(fb_action *action,
                          uint8_t tunnel,
                          const fb_outer *outer,
                          const fb_flow *inner,
                          const fb_packet *packet);

/**
 * Makes @p action, which strips nothing yet, carry @p packet through a tunnel of kind @p tunnel: `strip`, `outer` and
 * its length. False when the result would be longer than an IPv4 packet can be.
 *
 * The UDP checksum needs the whole packet; when `header` of @p packet ends earlier there is none, which RFC 768 allows.
 */
static inline bool
fb_encapsulate(fb_action *action,
               uint8_t tunnel,
               const fb_outer *outer,
               const fb_flow *inner,
               const fb_packet *packet)
{
    if (tunnel != FB_TUNNEL_IPIP || outer->destination_port != 0 || outer->home_destination != 0 ||
        inner->family != FB_FAMILY_IPV4 || packet->total_len > FB_IPV4_PACKET_MAX - FB_IPV4_HEADER)
    {
        return fb_encapsulate_other(action, tunnel, outer, inner, packet);
    }
    /* most packets: the same without a look at the table */
    fb_ipv4_header header = fb_outer_header(inner, outer, FB_PROTOCOL_IPV4);

    fb_ipv4_write(action->outer, &header, packet->total_len);
    action->outer_len = FB_IPV4_HEADER;
    return true;
}

/**
 * Makes @p action carry the packet inside @p arrival on, through a tunnel of kind @p tunnel that is not in UDP: out of
 * one tunnel and into the next (RFC 3024 5.2), forwarded on the way: its TTL is one less, FB_DROP_TTL if that is 0
 * (RFC 2003 3.1). 0 or the drop reason, as fb_decapsulated().
 */
int fb_encapsulate_arrival(fb_action *action,
                           uint8_t tunnel,
                           const fb_outer *outer,
                           const fb_arrival *arrival);

/**
 * Makes @p action answer the ICMP echo request that came as @p arrival, through the tunnel @p outer of kind @p tunnel.
 * The request's checksum is not looked at, but changed with the type: what was wrong stays wrong. False when the result
 * would be longer than an IPv4 packet can be.
 */
bool fb_encapsulate_echo_reply(fb_action *action,
                               uint8_t tunnel,
                               const fb_outer *outer,
                               const fb_arrival *arrival);

#endif
