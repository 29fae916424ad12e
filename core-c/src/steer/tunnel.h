/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_STEER_TUNNEL_H
#define FB_STEER_TUNNEL_H

/**
 * @file
 * A tunnel of Proxy Mobile IPv6 as a role describes it and the data plane uses it: over IPv6 (RFC 2473, RFC 5213 5.6),
 * over IPv4 and in UDP (RFC 5844 4), with GRE and key (RFC 5845).
 */

#include "flowbind/agent.h"

typedef struct fb_tunnel
{
    fb_addr local, remote; /**< of the same family */
    uint8_t kind; /**< FB_TUNNEL_* */
    bool has_key; /**< of GRE: `key` of what is sent here */
    uint32_t key;
    uint16_t local_port, remote_port; /**< RFC 5844 4.1.3: data in UDP; 0: not */
    uint16_t path_mtu; /**< between the ends; 0: not known */
    uint32_t link; /**< the host's number of the link it leaves by; 0: the host's routing decides */
    uint16_t place; /**< of a gateway: the same link, as it numbers them */
} fb_tunnel;

#endif
