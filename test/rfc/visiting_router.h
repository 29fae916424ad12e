/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_TEST_VISITING_ROUTER_H
#define FB_TEST_VISITING_ROUTER_H

/**
 * @file
 * The dual-stack mobile router of router.h on a foreign agent's link: all three agents are real, and their packets are
 * carried from one to the next by hand. Every hop is compared with headers written here, octet by octet.
 */

#include "data_plane.h"
#include "router.h"
#include "world3.h"

/*
 * Headers in front of the tunnel between home agent and home address, around packet_of_network(). All have its DSCP and
 * DF, Identification 1 and TTL 64.
 */
#define HOME_AGENT_TO_CARE_OF \
    0x45, 0xb8, 0, 88, 0, 1, 0x40, 0, 64, 4, 0x3b, 0xa6, 192, 0, 2, 1, 203, 0, 113, 65
#define GRE_TO_CARE_OF \
    0x45, 0xb8, 0, 92, 0, 1, 0x40, 0, 64, 47, 0x3b, 0x77, 192, 0, 2, 1, 203, 0, 113, 65, 0, 0, 8, 0
#define MINIMAL_TO_CARE_OF \
    0x45, 0xb8, 0, 76, 0, 1, 0x40, 0, 64, 55, 0x3b, 0x7f, 192, 0, 2, 1, 203, 0, 113, 65
#define CARE_OF_TO_HOME_AGENT \
    0x45, 0xb8, 0, 88, 0, 1, 0x40, 0, 64, 4, 0x3b, 0xa6, 203, 0, 113, 65, 192, 0, 2, 1
#define GRE_TO_HOME_AGENT \
    0x45, 0xb8, 0, 92, 0, 1, 0x40, 0, 64, 47, 0x3b, 0x77, 203, 0, 113, 65, 192, 0, 2, 1, 0, 0, 8, 0
#define MINIMAL_TO_HOME_AGENT \
    0x45, 0xb8, 0, 80, 0, 1, 0x40, 0, 64, 55, 0x3b, 0x7b, 203, 0, 113, 65, 192, 0, 2, 1
#define HOME_ADDRESS_TO_AGENT \
    0x45, 0xb8, 0, 88, 0, 1, 0x40, 0, 64, 4, 0xd3, 0x69, 198, 51, 100, 10, 203, 0, 113, 65

/** What the router asks for. */
typedef struct visiting
{
    uint8_t tunnel; /**< FB_TUNNEL_* */
    bool no_reverse; /**< without T */
    bool encapsulating; /**< encapsulating delivery style (RFC 3024 5.2) */
    bool broadcast; /**< with B (RFC 5944 4.3) */
    bool routed; /**< the foreign agent is the link's router, too */
} visiting;

/** It is registered through the foreign agent, as BID 1, with both networks in use. */
world3 *visiting_router(const visiting *how);

/**
 * 48 octets of UDP between the correspondent and a host behind the router, of this family, with DF and DSCP 46: what
 * outer headers copy.
 */
data_packet packet_of_network(uint8_t family, bool down);

/** A packet is given to an agent: by its host, or from one of its links. */
fb_action hop_steer(world3 *w, world3_node at, uint32_t link, const data_packet *packet);

/** A packet arrives at an agent's own address: what is behind the IP header is in @p payload. */
fb_action hop_receive(world3 *w,
                      world3_node at,
                      uint32_t link,
                      const data_packet *packet,
                      data_packet *payload);

/** @p packet is @p inner behind exactly these octets. */
void assert_behind(const data_packet *packet,
                   const uint8_t *front,
                   size_t length,
                   const data_packet *inner);

#define FRONT(...) (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__})

/**
 * The home agent sends a packet to a host behind the router, with @p front; the foreign agent takes the outermost
 * header off, which leaves @p middle, and forwards that to its visitor, which delivers the packet.
 */
void assert_comes_down(const visiting *how,
                       uint8_t family,
                       const uint8_t *front,
                       size_t front_length,
                       const uint8_t *middle,
                       size_t middle_length);

/**
 * The router sends a host's packet to the foreign agent, with @p front, which puts it into the reverse tunnel, with
 * @p tunnelled, out of which the home agent delivers the packet.
 */
void assert_goes_up(const visiting *how,
                    uint8_t family,
                    const uint8_t *front,
                    size_t front_length,
                    const uint8_t *tunnelled,
                    size_t tunnelled_length);

#endif
