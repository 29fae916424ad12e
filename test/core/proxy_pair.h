/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_TEST_PROXY_PAIR_H
#define FB_TEST_PROXY_PAIR_H

/**
 * @file
 * One mobile access gateway, one local mobility anchor, and links with a delay between them, in one thread and virtual
 * time; and the host's part with data packets: it obeys actions and takes outer headers off, octet by octet. Nothing
 * happens by chance here (proxy_world.h has that), and all that was sent is kept.
 *
 * Addresses and names are those of test/vectors/vectors.json. Link 1 is LTE (BID 1, label 11), 2 WLAN (BID 2, label 9),
 * 3 Ethernet (BID 3, label 9), 4 an IPv4-only WLAN (BID 4, label 9).
 */

#include "cmocka_setup.h"

#include "data_plane.h"

#define PROXY_LTE 1
#define PROXY_WLAN 2
#define PROXY_ETHERNET 3
#define PROXY_IPV4 4
#define PROXY_LINKS 4
#define PROXY_MESSAGES 2048
#define PROXY_EVENTS 8192
#define PROXY_ANCHOR_IPV4 0xc0000235u /* 192.0.2.53 */
#define PROXY_GATEWAY_IPV4 0xcb00715au /* 203.0.113.90 */

/** One message on its way or arrived. */
typedef struct proxy_message
{
    bool to_anchor;
    bool lost;
    bool arrived;
    fb_time sent_at, arrives_at;
    fb_meta meta;
    size_t length;
    uint8_t octets[1500];
    int reason; /**< what fb_agent_input() said */
} proxy_message;

typedef struct proxy_pair proxy_pair;

struct proxy_pair
{
    fb_time now;
    fb_agent *gateway, *anchor;
    void *gateway_memory, *anchor_memory;
    fb_link link[PROXY_LINKS + 1]; /**< as they come up */
    fb_time delay[PROXY_LINKS + 1]; /**< one way, by link: 10, 30, 5, 20 ms */
    bool connected[PROXY_LINKS + 1]; /**< whether anything gets through */
    proxy_message *message; /**< all ever sent, in order of sending */
    size_t messages;
    fb_event *event; /**< of both agents */
    size_t events;
    fb_session session; /**< what proxy_attach() attaches */
    /** Loses or delays a message on its way; may be NULL. */
    void (*meddle)(proxy_pair *, proxy_message *);
};

/** Configurations as the vectors have them; change what a test needs before proxy_start(). */
typedef struct proxy_setup
{
    fb_config gateway, anchor;
    fb_proxy_subscriber subscriber;
    fb_gateway known_gateway;
} proxy_setup;

/**
 * 3600 s, timestamps, no heartbeats, no bulk refresh; the anchor has 2001:db8:100::/40 (/64), 2001:db8:200::/40 (/56)
 * and 198.51.100.0/24 to give, and serves this one mobile node and gateway.
 */
void proxy_setup_default(proxy_setup *setup);

/** Makes both agents. */
proxy_pair *proxy_start(const proxy_setup *setup);
void proxy_end(proxy_pair *w);

/** The links that are digits of @p links ("12") are up, the mobile node is attached, and three seconds went by. */
proxy_pair *proxy_registered(const proxy_setup *setup, const char *links);

void proxy_link_up(proxy_pair *w, uint32_t link);
void proxy_link_down(proxy_pair *w, uint32_t link);
/** mr1@example.net, with home network, delegated prefix and IPv4 home address to be assigned. */
void proxy_attach(proxy_pair *w);
void proxy_detach(proxy_pair *w);
void proxy_fact(proxy_pair *w, fb_agent *agent, const fb_fact *fact);
/** A static policy at both ends (RFC 8278 3.2). */
void proxy_static_policy(proxy_pair *w, const fb_rule *rules, size_t count);
/** What the gateway negotiates. */
void proxy_policy(proxy_pair *w, const fb_rule *rules, size_t count);

/** Lets time pass. */
void proxy_run(proxy_pair *w, fb_time duration);

/** Octets to an agent as if they had arrived now. Returns what fb_agent_input() did; its outputs go their way. */
int proxy_inject(proxy_pair *w,
                 fb_agent *agent,
                 const fb_meta *meta,
                 const uint8_t *octets,
                 size_t length);

/** The next message of @p agent, polled without anybody delivering it: its length, 0 for none. */
size_t proxy_output(proxy_pair *w, fb_agent *agent, fb_meta *meta, uint8_t octets[1500]);

/** The last message of this MH Type in that direction; fails the test where there is none. */
const proxy_message *proxy_last(const proxy_pair *w, bool to_anchor, uint8_t type);

/** The last event of this kind of @p role since record @p since; NULL. */
const fb_event *proxy_event(const proxy_pair *w, size_t since, uint8_t role, fb_event_kind kind);

/** BIDs that are up at @p role, ascending, as decimal digits. */
const char *proxy_bids(const proxy_pair *w, uint8_t role, char text[16]);

#define assert_proxy_bids(w, role, expected)                           \
    do                                                                 \
    {                                                                  \
        char bids_text[16];                                            \
        assert_string_equal(proxy_bids(w, role, bids_text), expected); \
    }                                                                  \
    while (0)

/** The binding @p bid at @p role; fails the test where there is none. */
fb_proxy_view proxy_binding(const proxy_pair *w, uint8_t role, uint8_t bid);

/** The only session at @p role; fails the test where there is none. */
fb_session_view proxy_session(const proxy_pair *w, uint8_t role);

/** A rule for IPv6 packets of @p protocol from port @p port of the correspondent; names as decimal digits. */
fb_rule proxy_rule(uint8_t action, const char *names, uint8_t protocol, uint16_t port);

/* ---- packets ---- */

/** 2001:db8:<group>::1 */
fb_addr proxy_address(uint16_t group);
/** 2001:db8:cafe::1 */
fb_addr proxy_correspondent(void);
/** Address 1 of the session's home network. */
fb_addr proxy_node(const proxy_pair *w);

/** An IPv6 packet of @p length octets of UDP or TCP, checksum of the latter left out. */
data_packet proxy_ipv6(fb_addr source,
                       fb_addr destination,
                       uint8_t protocol,
                       uint16_t source_port,
                       uint16_t destination_port,
                       size_t length);
/** From the correspondent's port to the mobile node's port 40000, or back. */
data_packet proxy_down(const proxy_pair *w, uint8_t protocol, uint16_t port);
data_packet proxy_up(const proxy_pair *w, uint8_t protocol, uint16_t port);

/** What became of a packet that had to leave: copies first, `last` at the end; each as it leaves. */
typedef struct proxy_sent
{
    size_t count;
    fb_action action[FB_BIDS_PER_RULE];
    data_packet packet[FB_BIDS_PER_RULE];
} proxy_sent;

/** fb_agent_steer() and all actions; fails the test unless every action names the packet and the last one is `last`. */
proxy_sent proxy_steer(proxy_pair *w, fb_agent *agent, const data_packet *packet);
proxy_sent proxy_steer_from(proxy_pair *w, fb_agent *agent, fb_ref from, const data_packet *packet);
/** What the ends see: BIDs the packet takes, ascending, as decimal digits; "-" when it is dropped. */
const char *proxy_takes(proxy_pair *w, fb_agent *agent, const data_packet *packet, char text[16]);

#define assert_takes(w, agent, packet, expected)                                  \
    do                                                                            \
    {                                                                             \
        char takes_text[16];                                                      \
        data_packet taken = (packet);                                             \
        assert_string_equal(proxy_takes(w, agent, &taken, takes_text), expected); \
    }                                                                             \
    while (0)

/** The packet is dropped for @p reason. */
void proxy_assert_dropped(proxy_pair *w, fb_agent *agent, const data_packet *packet, int reason);

/** Takes the outer IPv6, or IPv4 and UDP headers off, as the host does. */
fb_meta proxy_open(const data_packet *outer, data_packet *payload);

/** A tunnel packet arrives from the network. What the agent makes of it is in @p inner, if it is delivered. */
fb_action proxy_arrive(proxy_pair *w,
                       fb_agent *agent,
                       const data_packet *outer,
                       data_packet *inner);
/** It arrives, and is dropped for @p reason. */
void proxy_assert_refused(proxy_pair *w, fb_agent *agent, const data_packet *outer, int reason);

#endif
