/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_TEST_NAT_H
#define FB_TEST_NAT_H

/**
 * @file
 * NATs between the links of a world and its home agent, and requests written by hand as they look behind one.
 */

#include "exchange.h"

/** The F and R bits of a UDP Tunnel Request (RFC 3519 3.1). */
#define FLAG_UDP_FORCE 0x80
#define FLAG_UDP_THROUGH_AGENT 0x40

/** Flags of a Registration Request (RFC 5944 3.3, RFC 3024 3.2). */
#define FLAG_D 0x20
#define FLAG_M 0x10
#define FLAG_G 0x08
#define FLAG_T 0x02

/** Links with a port have a NAT, whose address outside and whose port of our one mapping these are. */
typedef struct nat
{
    fb_ipv4 outside[WORLD_LINKS + 1];
    uint16_t port[WORLD_LINKS + 1];
} nat;

/** For world.translate, with world.context a nat. What comes to a port that is mapped no longer is lost. */
void nat_translate(world *w, world_message *message);

/** Appends a UDP Tunnel Request. */
void request_udp_tunnel(request *r, uint8_t flags, uint8_t encapsulation);

/** path_request() with other flags of RFC 5944, as it arrives from @p source : @p port. */
request tunnel_request(world *w, uint8_t bid, uint8_t flags, fb_ipv4 source, uint16_t port);

/** The tunnel of BID @p bid at the home agent. */
#define assert_tunnel(w, bid, expected_tunnel, expected_address, expected_port) \
    do                                                                          \
    {                                                                           \
        fb_binding_view tunnel_view;                                            \
        assert_true(world_binding(w, bid, &tunnel_view));                       \
        assert_int_equal(tunnel_view.tunnel, expected_tunnel);                  \
        assert_int_equal(tunnel_view.tunnel_address, expected_address);         \
        assert_int_equal(tunnel_view.udp_port, expected_port);                  \
    }                                                                           \
    while (0)

/** The UDP Tunnel Reply in @p a is these eight octets; NULL: there is none. */
void assert_udp_answer(const answer *a, const uint8_t expected[8]);

/** How the mobile node sees binding @p bid. */
fb_binding_view mobile_binding(const world *w, uint8_t bid);

#endif
