/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_TEST_PROXY_WORLD_H
#define FB_TEST_PROXY_WORLD_H

/**
 * @file
 * One mobile access gateway and one local mobility anchor, whole agents, in one thread and virtual time, and wires with
 * delay, loss and reordering between them. What happens by chance is the seed's.
 *
 * Addresses are those of test/vectors/vectors.json and test/core/gateway.h. Home networks are of 2001:db8:100::/48,
 * delegated ones of 2001:db8:200::/48.
 */

#include "flowbind/agent.h"

#define PROXY_LINKS 4
#define PROXY_LTE 1
#define PROXY_WLAN 2
#define PROXY_ETHERNET 3
#define PROXY_IPV4 4 /* the care-of address is an IPv4 one */

typedef struct proxy_message
{
    bool to_anchor;
    fb_time arrives_at;
    fb_meta meta;
    size_t length;
    uint8_t octets[1500];
} proxy_message;

#define PROXY_MESSAGES 512 /* on their way */
#define PROXY_EVENTS 32768

typedef struct proxy_world
{
    fb_time now;
    fb_agent *gateway, *anchor;
    void *gateway_memory, *anchor_memory;
    fb_config gateway_config, anchor_config;
    fb_link link[PROXY_LINKS + 1];
    fb_time delay[PROXY_LINKS + 1]; /* one way */
    fb_time jitter[PROXY_LINKS + 1]; /* up to so much more: messages overtake each other */
    uint32_t loss_permille[PROXY_LINKS + 1];
    bool connected[PROXY_LINKS + 1]; /* whether anything gets through; nobody is told */
    uint64_t random;
    proxy_message message[PROXY_MESSAGES];
    size_t messages;
    size_t updates; /* sent by the gateway */
    size_t echoes; /* probes and answers that arrived */
    fb_event event[PROXY_EVENTS];
    size_t events;
} proxy_world;

/** Configurations as they are by default, 3600 s; heartbeats every 30 s. */
void proxy_world_config(fb_config *gateway, fb_config *anchor);

/** NULL: those. Nothing is attached; links have delays of 30, 10, 5 and 50 ms and lose nothing. */
proxy_world *proxy_world_new(const fb_config *gateway, const fb_config *anchor, uint64_t seed);
void proxy_world_free(proxy_world *w);

void proxy_world_link_up(proxy_world *w, uint32_t link);
void proxy_world_link_down(proxy_world *w, uint32_t link);
/** Session @p number, of "n<number>@example.net", comes or goes. */
void proxy_world_attach(proxy_world *w, uint32_t number);
void proxy_world_detach(proxy_world *w, uint32_t number);
void proxy_world_policy(proxy_world *w, const fb_rule *rules, size_t count);

void proxy_world_run(proxy_world *w, fb_time duration);

/** The anchor loses all it has, and says so by its Restart Counter. */
void proxy_world_restart_anchor(proxy_world *w);

/** BIDs of session @p number that are up at one end, ascending: "12"; a plain binding is "0". */
const char *proxy_world_bids(const proxy_world *w, uint8_t role, uint32_t number, char text[16]);

/** Flows (RFC 6089) the end has of the session. */
unsigned proxy_world_flows(const proxy_world *w, uint8_t role, uint32_t number);

/** The session's first home network prefix at one end; length 0: none. */
fb_prefix proxy_world_home(const proxy_world *w, uint8_t role, uint32_t number);

/**
 * A UDP packet between the session's home network and a correspondent, through the tunnel, from one end to the other.
 * The BID of the path it took; negative the reason why it did not arrive.
 */
int proxy_world_uplink(proxy_world *w, uint32_t number, uint16_t correspondent_port);
int proxy_world_downlink(proxy_world *w, uint32_t number, uint16_t correspondent_port);

#endif
