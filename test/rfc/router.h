/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_TEST_ROUTER_H
#define FB_TEST_ROUTER_H

/**
 * @file
 * The dual-stack mobile router of vector M20: mr1@example.net with 198.51.100.128/28 and 2001:db8:a::/64. Its
 * extensions (RFC 2794, 5177, 5454) are written and read by hand, octet by octet.
 */

#include "exchange.h"

#define ROUTER_NAI "mr1@example.net"
#define ROUTER_NETWORK 0xc6336480u /* 198.51.100.128 */
#define ROUTER_NETWORK_LENGTH 28
#define ROUTER_HOST 0xc6336482u /* .130 in it */
#define ROUTER_IPV6 0x20, 0x01, 0x0d, 0xb8, 0, 0x0a, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0

fb_nai nai_of(const char *text);
fb_prefix ipv4_prefix(fb_ipv4 address, uint8_t length);

/** 2001:db8:@p site::/64 */
fb_prefix ipv6_prefix(uint8_t site);

/** The subscriber and the mobile node have this NAI and these networks. */
void router_setup(world_setup *setup);

/** A home agent that serves the router, whose own mobile node does nothing. */
world *router_world(void);

/** Another node the home agent serves, without an agent of its own. */
void serve_another(world *w, fb_ipv4 home_address, const char *nai, fb_ipv4 network);

/* ---- into requests ---- */

void request_nai(request *r, const char *text);
void request_network(request *r, fb_ipv4 address, uint8_t length);
void request_ipv6(request *r, uint8_t site, uint8_t length);
void request_tunneling_mode(request *r);

/** A request for path @p bid with NAI, both networks and the tunnelling mode, accepted. */
void register_router(world *w, uint8_t bid);

/* ---- in messages ---- */

/** The octets of the @p index-th extension of RFC 5177 or 5454 in @p message are these. */
#define assert_network(message, index, ...)          \
    assert_extension(message,                        \
                     index,                          \
                     (const uint8_t[]){__VA_ARGS__}, \
                     sizeof((const uint8_t[]){__VA_ARGS__}))

void assert_extension(const world_message *message,
                      size_t index,
                      const uint8_t *octets,
                      size_t length);

/** The message carries this NAI directly behind the fixed part. */
void assert_nai(const world_message *message, const char *text);

/* ---- what came of it ---- */

/** Networks in use at the agent of @p role as "4" and "6" in their order: "46". */
const char *networks_in_use(const world *w, uint8_t role, char text[8]);

#define assert_networks(w, role, expected)                                      \
    do                                                                          \
    {                                                                           \
        char networks_text[8];                                                  \
        assert_string_equal(networks_in_use(w, role, networks_text), expected); \
    }                                                                           \
    while (0)

/** FB_EVENT_NETWORK of @p role since record @p since, as "+4" or "-6" each: "+4+6". */
const char *network_events(const world *w, size_t since, uint8_t role, char text[32]);

#define assert_network_events(w, since, role, expected)                             \
    do                                                                              \
    {                                                                               \
        char events_text[32];                                                       \
        assert_string_equal(network_events(w, since, role, events_text), expected); \
    }                                                                               \
    while (0)

/** A packet of the correspondent toward @p destination, as world_downlink(). */
world_verdict downlink_to(world *w,
                          fb_ipv4 destination,
                          uint8_t protocol,
                          uint16_t correspondent_port,
                          uint16_t local_port);

/** A packet of @p source toward the correspondent, as world_uplink(). */
world_verdict uplink_from(world *w,
                          fb_ipv4 source,
                          uint8_t protocol,
                          uint16_t correspondent_port,
                          uint16_t local_port);

#endif
