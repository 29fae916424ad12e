/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_TEST_PROXY_WORLD_H
#define FB_TEST_PROXY_WORLD_H

/**
 * @file
 * One gateway and one anchor of Proxy Mobile IPv6, and links with a delay between them, in virtual time: two agents that
 * know each other by their messages only. Their packets are judged octet by octet on the way.
 *
 * Addresses and names are those of test/vectors/vectors.json.
 */

#include "data_plane.h"
#include "flowbind/agent.h"

#define PROXY_LINKS 4
#define PROXY_RECORDS 4096

enum
{
    PROXY_LTE = 1, /**< BID 1, label 11, 2001:db8:8::1 */
    PROXY_WLAN = 2, /**< BID 2, label 9, 2001:db8:4::1 */
    PROXY_ETHERNET = 3, /**< BID 3, label 7, 2001:db8:3::1 */
    PROXY_IPV4 = 4 /**< BID 4, label 9, 203.0.113.90 */
};

#define PROXY_ANCHOR "2001:db8:f::1"
#define PROXY_ANCHOR_IPV4 UINT32_C(0xc0000235) /* 192.0.2.53 */
#define PROXY_HOST "2001:db8:100::1" /**< in the home network prefix, 2001:db8:100::/64 */
#define PROXY_BEHIND "2001:db8:200:1::5" /**< in the delegated prefix, 2001:db8:200::/56 */
#define PROXY_CORRESPONDENT "2001:db8:cafe::1"
#define PROXY_HOME_ADDRESS UINT32_C(0xc633640a) /* 198.51.100.10 */
#define PROXY_ACCESS_LINK 9 /**< the first session's */

/** Change what a test needs before proxy_start(). */
typedef struct proxy_setup
{
    fb_config gateway, anchor;
    fb_link link[PROXY_LINKS + 1];
    fb_session session;
    fb_proxy_subscriber subscriber;
} proxy_setup;

/** One message on its way or arrived. */
typedef struct proxy_message
{
    bool to_anchor;
    fb_time arrives_at;
    fb_meta meta;
    size_t length;
    uint8_t octets[1500];
} proxy_message;

typedef struct proxy_world
{
    fb_time now;
    fb_agent *gateway, *anchor;
    void *gateway_memory, *anchor_memory;
    proxy_setup setup;
    bool connected[PROXY_LINKS + 1]; /**< whether anything gets through */
    proxy_message *message; /**< all ever sent, in order of sending */
    size_t messages, delivered;
    fb_event *event; /**< of both agents */
    size_t events;
} proxy_world;

void proxy_setup_default(proxy_setup *setup);
proxy_world *proxy_start(const proxy_setup *setup);
void proxy_end(proxy_world *w);

void proxy_link_up(proxy_world *w, uint32_t link);
void proxy_link_down(proxy_world *w, uint32_t link);
/** Any fact; what it leads to is sent. Returns what fb_agent_fact() did. */
int proxy_fact(proxy_world *w, fb_agent *agent, const fb_fact *fact);
/** The policy of the gateway, which it negotiates. */
void proxy_policy(proxy_world *w, const fb_rule *rules, size_t count);
/** The same static policy at both ends. */
void proxy_static_policy(proxy_world *w, const fb_rule *rules, size_t count);
/** The session of the vectors is attached to the access link. */
void proxy_attach(proxy_world *w);
/** Another mobile node, "n<number>@example.net", with home network prefix 2001:db8:100:<number>::/64. */
void proxy_attach_another(proxy_world *w, uint32_t number);
void proxy_run(proxy_world *w, fb_time duration);

/** Attached, and registered over these links; "124". @p setup NULL: the default one. */
proxy_world *proxy_registered(const proxy_setup *setup, const char *links);

/** The binding of BID @p bid at either end, of session 1. Fails the test where there is none. */
fb_proxy_view proxy_binding(const proxy_world *w, uint8_t role, uint8_t bid);

/** The last event of this kind since record @p since; NULL. */
const fb_event *proxy_event(const proxy_world *w, size_t since, uint8_t role, fb_event_kind kind);

/* ---- packets ---- */

fb_addr proxy_address(const char *text);

/** An IPv6 packet of @p length octets with the header of UDP or TCP; hop limit 63. */
data_packet proxy_packet(const char *source,
                         const char *destination,
                         uint8_t protocol,
                         uint16_t source_port,
                         uint16_t destination_port,
                         size_t length);

/** UDP, 80 octets, from the correspondent's port to the host's, or back. */
data_packet proxy_down(uint16_t correspondent_port, uint16_t local_port);
data_packet proxy_up(uint16_t correspondent_port, uint16_t local_port);

/** What became of one packet. */
typedef struct proxy_passage
{
    size_t count; /**< how often it was sent */
    uint8_t bid[FB_BIDS_PER_RULE + 1]; /**< over which paths, in that order */
    uint32_t link[FB_BIDS_PER_RULE + 1];
    uint16_t mtu[FB_BIDS_PER_RULE + 1];
    data_packet outer[FB_BIDS_PER_RULE + 1];
    uint8_t kind; /**< fb_action_kind of the last action */
    uint16_t reason; /**< its reason */
    size_t arrived; /**< how many came out of the tunnel at the other end, as they went in */
    uint16_t refused; /**< else the last reason there */
} proxy_passage;

/**
 * Hands the packet to one end, which comes in by @p from, and what that end sends to the other one. Fails the test when
 * it does not come back exactly once, or any octet of it changed.
 */
proxy_passage proxy_send_from(proxy_world *w, bool uplink, fb_ref from, const data_packet *packet);
proxy_passage proxy_send(proxy_world *w, bool uplink, const data_packet *packet);

/** An outer packet, as if it came from the network by @p link: what becomes of it. */
fb_action proxy_arrive(proxy_world *w, fb_agent *agent, const data_packet *outer, uint32_t link);

/** BIDs of a passage as digits, "" for none. */
const char *proxy_bids(const proxy_passage *passage, char text[FB_BIDS_PER_RULE + 2]);

#define assert_bids(passage, expected)                                 \
    do                                                                 \
    {                                                                  \
        char bids_text[FB_BIDS_PER_RULE + 2];                          \
        assert_string_equal(proxy_bids(passage, bids_text), expected); \
    }                                                                  \
    while (0)

/** A rule for UDP packets from the correspondent's port @p port; of protocol @p protocol. @p bids as digits. */
fb_rule proxy_rule(uint8_t action, const char *bids, uint8_t protocol, uint16_t port);

#endif
