/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_WIRE_RFC3519_H
#define FB_WIRE_RFC3519_H

/**
 * @file
 * How a mobile node and its home agent agree on a tunnel through UDP: UDP Tunnel Request (RFC 3519 3.1) and UDP Tunnel
 * Reply (3.2); and what keeps it open (4.9).
 */

#include "wire/mobile_ipv4.h"

/** Values of the Encapsulation field (RFC 3519 3.1.4), those of the IP header's Protocol field. */
enum
{
    FB_UDP_TUNNEL_AS_FLAGS = 0, /**< as the M and G flags of the request say */
    FB_UDP_TUNNEL_IPIP = 4,
    FB_UDP_TUNNEL_GRE = 47,
    FB_UDP_TUNNEL_MINIMAL = 55
};

/** Values of the Reply Code field (RFC 3519 3.2.1); all below the second assent. */
enum
{
    FB_UDP_TUNNEL_ASSENTED = 0,
    FB_UDP_TUNNEL_DECLINED = 64
};

typedef struct fb_udp_tunnel_request
{
    bool force; /**< F: whether or not there is a NAT */
    bool through_agent; /**< R: a co-located care-of address, registered through a foreign agent */
    uint8_t encapsulation; /**< FB_UDP_TUNNEL_* */
} fb_udp_tunnel_request;

typedef struct fb_udp_tunnel_reply
{
    uint8_t code;
    bool forced; /**< F */
    uint16_t keepalive_s; /**< 0: the mobile node's own default */
} fb_udp_tunnel_reply;

/** What became of looking for one of them. */
typedef enum fb_udp_tunnel_found
{
    FB_UDP_TUNNEL_ABSENT, /**< none, or none that is understood */
    FB_UDP_TUNNEL_AUTHENTICATED, /**< in front of the Mobile-Home authentication */
    FB_UDP_TUNNEL_BEHIND, /**< behind it: a foreign agent's */
    FB_UDP_TUNNEL_MALFORMED
} fb_udp_tunnel_found;

/**
 * Decodes the body. False when it is not understood: another Sub-Type, or bits in Reserved 3, with which later versions
 * of the extension make older receivers skip it (RFC 3519 3.1.3). @p length is 6.
 */
bool fb_udp_tunnel_request_decode(fb_udp_tunnel_request *request,
                                  const uint8_t *body,
                                  size_t length);

/** Decodes the body. False when it is not understood: another Sub-Type. @p length is 6. */
bool fb_udp_tunnel_reply_decode(fb_udp_tunnel_reply *reply, const uint8_t *body, size_t length);

/** The first UDP Tunnel Request of @p message that is understood; one of a wrong length is malformed. */
fb_udp_tunnel_found fb_udp_tunnel_request_find(fb_udp_tunnel_request *request,
                                               const fb_mip4_message *message);

/**
 * The first UDP Tunnel Reply in front of the Mobile-Home authentication; behind it nobody vouches for one. With a wrong
 * length or a Sub-Type nobody defined it is malformed, as its type may not be skipped (RFC 3519 3.2).
 */
fb_udp_tunnel_found fb_udp_tunnel_reply_find(fb_udp_tunnel_reply *reply,
                                             const fb_mip4_message *message);

void fb_udp_tunnel_request_write(fb_writer *writer, const fb_udp_tunnel_request *request);
void fb_udp_tunnel_reply_write(fb_writer *writer, const fb_udp_tunnel_reply *reply);

/** An ICMP echo request through the tunnel (RFC 3519 4.9). */
typedef struct fb_udp_keepalive
{
    uint8_t tunnel; /**< FB_TUNNEL_*: how it is encapsulated inside UDP */
    fb_ipv4 home_address, home_agent; /**< source and destination */
    uint16_t identifier, sequence; /**< of the echo request */
} fb_udp_keepalive;

/** Writes the UDP payload: tunnel data header, encapsulation, IPv4 header, echo request. */
void fb_udp_keepalive_write(fb_writer *writer, const fb_udp_keepalive *keepalive);

#endif
