/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_WIRE_TUNNEL_ECHO_H
#define FB_WIRE_TUNNEL_ECHO_H

/**
 * @file
 * ICMP echoes (RFC 792, RFC 4443 4) in a tunnel's own encapsulation: what asks whether a path still carries anything,
 * and what keeps a UDP tunnel open (RFC 3519 4.9).
 */

#include "base/bytes.h"
#include "flowbind/config.h"
#include "wire/tunnel_header.h"

/** What stands between the outer IP header and the encapsulation. */
typedef enum fb_tunnel_udp
{
    FB_TUNNEL_UDP_NONE,
    FB_TUNNEL_UDP_DATA, /**< UDP, and the header of RFC 3519 3.3 */
    FB_TUNNEL_UDP_PLAIN /**< UDP and nothing more (RFC 5844 4.1.3) */
} fb_tunnel_udp;

typedef struct fb_tunnel_echo
{
    uint8_t tunnel; /**< FB_TUNNEL_* */
    uint8_t udp; /**< fb_tunnel_udp */
    bool has_key; /**< of GRE (RFC 2890 2.1) */
    bool reply; /**< false: a request */
    uint32_t key;
    fb_addr source, destination; /**< inside; both of one family */
    /** source of the outer header, with FB_TUNNEL_MINIMAL outside UDP only (RFC 2004 3.1) */
    fb_ipv4 outer_source;
    uint16_t identifier, sequence;
    const uint8_t *data; /**< behind them, of a reply the request's */
    size_t data_length;
} fb_tunnel_echo;

/** Most octets of data a reply gives back here; what is longer is a host's own business. */
#define FB_TUNNEL_ECHO_DATA_MAX 64

/** Room for any of them. */
#define FB_TUNNEL_ECHO_MAX (8 + 40 + FB_ICMP_ECHO_HEADER + FB_TUNNEL_ECHO_DATA_MAX)

/**
 * Writes what follows the outer IP header, with @p udp the UDP header. Returns the outer header's protocol: 4, 41, 47,
 * 55 or 17. In UDP minimal encapsulation is left out, which RFC 2004 1 allows of any packet.
 */
uint8_t fb_tunnel_echo_write(fb_writer *writer, const fb_tunnel_echo *echo);

#endif
