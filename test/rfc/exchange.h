/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_TEST_EXCHANGE_H
#define FB_TEST_EXCHANGE_H

/**
 * @file
 * Messages written and read by hand, octet by octet, so that the library's codec never judges itself.
 *
 * Against the home agent: a request is composed here, injected, and its answer looked at. Against the mobile node: what
 * it sent is looked at, and an answer composed here is injected.
 */

#include "cmocka_setup.h"
#include "requirement.h"
#include "vectors.h"
#include "world.h"

/** Octets of the fixed part: where extensions begin (RFC 5944 3.3, 3.4). */
#define REQUEST_FIXED 24
#define REPLY_FIXED 20

/** The last octet of a Multipath Extension (RFC 7629 4.1). */
#define FLAG_B 0x80
#define FLAG_O 0x40

/** Access Technology Types of RFC 5213. */
#define TECHNOLOGY_WLAN 4
#define TECHNOLOGY_LTE 8
#define TECHNOLOGY_CDMA 11

#define UDP 17
#define ICMP 1
#define TCP 6
#define SIP 5060
#define HTTP 80
#define SSH 22

/** NTP seconds of WORLD_WALL_NS, which every world starts at. */
#define WORLD_NTP UINT32_C(0xed003780)

uint16_t octets_u16(const uint8_t *at);
uint32_t octets_u32(const uint8_t *at);
uint64_t octets_u64(const uint8_t *at);

/** Care-of addresses: 203.0.113.17, .33, .49, .65. */
fb_ipv4 care_of(uint32_t link);

/* ---- looking at a message ---- */

typedef struct seen
{
    uint8_t type;
    uint8_t flags; /**< of a request */
    uint8_t code; /**< of a reply */
    uint16_t lifetime_s;
    fb_ipv4 home_address, home_agent, care_of_address;
    uint64_t identification;

    /* Offsets; 0: not there. */
    size_t multipath, authentication;
    size_t udp_tunnel; /**< UDP Tunnel Request or Reply (RFC 3519), of which there is at most one */
    size_t multipaths; /**< how many Multipath Extensions */
    size_t flow_bindings; /**< how many Flow-Bindings */
    size_t flow_binding[64]; /**< where they are */
    size_t nai; /**< RFC 2794 */
    size_t networks; /**< how many extensions of RFC 5177 and RFC 5454 */
    size_t network[16]; /**< where they are */

    /* Of the Multipath Extension. */
    uint8_t technology, label, bid;
    bool bulk, overwrite;
} seen;

/** Fails the test when the framing is not sound or an extension stands behind the authentication. */
seen look_at(const world_message *message);

/** The @p index-th request the mobile node sent, from 0. Fails the test when there is none. */
seen request_sent(const world *w, size_t index);

/** How many requests the mobile node has sent. */
size_t requests_sent(const world *w);

/** BIDs of the @p index-th Flow-Binding of @p message as decimal digits: "12" for the list [1,2]; "D" for DROP. */
const char *flow_binding_bids(const world_message *message, size_t index, char text[10]);

/** All of them, as "12 D 2 D 321". */
const char *policy_sent(const world_message *message, char text[64]);

/* ---- a request written by hand ---- */

typedef struct request
{
    uint8_t octets[1500]; /**< without the authentication */
    size_t length;
    fb_ipv4 source; /**< of the packet; the care-of address unless changed */
    uint16_t port; /**< of the packet; 51434 unless changed */
} request;

/** The fixed part, D and T set, with the Identification of this very moment. Lets 1 ms pass, so that it is new. */
request request_new(world *w, uint16_t lifetime_s, fb_ipv4 care_of_address);

void request_multipath(request *r, uint8_t technology, uint8_t label, uint8_t bid, uint8_t flags);

/** A FORWARD rule for @p protocol and source port @p port; @p bids as decimal digits: "12" for [1,2]. */
void request_forward(request *r, const char *bids, uint8_t protocol, uint16_t port);

/** A DROP rule, with @p bid in its BID octet. */
void request_drop(request *r, uint8_t bid, uint8_t protocol, uint16_t port);

void request_octets(request *r, const uint8_t *octets, size_t length);

/** What became of it. */
typedef struct answer
{
    int reason; /**< what fb_agent_input() returned */
    bool came; /**< there is a reply */
    uint8_t code;
    uint16_t lifetime_s;
    uint64_t identification;
    const world_message *message;
} answer;

/** Signs it and gives it to the home agent. */
answer request_send(world *w, const request *r);

/** Gives octets that are signed, or mean not to be, to the home agent. */
answer octets_send(world *w, fb_ipv4 source, const uint8_t *octets, size_t length);

/** The usual request for path @p bid: its link's care-of address, label @p bid. @p flags of the Multipath Extension. */
answer register_path(world *w, uint8_t bid, uint16_t lifetime_s, uint8_t flags);

/** Code, lifetime granted and Identification are as an acceptance has them. */
void assert_accepted(const answer *a, const request *r, uint16_t lifetime_s);

/** A reply with @p code, for @p reason. */
#define assert_denied(sent, expected_code, expected_reason) \
    do                                                      \
    {                                                       \
        answer denial = (sent);                             \
                                                            \
        assert_true(denial.came);                           \
        assert_int_equal(denial.code, expected_code);       \
        assert_int_equal(denial.reason, expected_reason);   \
    }                                                       \
    while (0)

/* ---- the home agent's state ---- */

typedef struct snapshot
{
    size_t bindings, rules;
    fb_binding_view binding[16];
    fb_rule rule[64];
} snapshot;

snapshot home_agent_state(const world *w);

/** Bindings (lifetimes too) and rules are what they were. */
void assert_unchanged(const world *w, const snapshot *before);

/** BIDs bound at the home agent, ascending, as decimal digits: "13". */
const char *bids_bound(const world *w, char text[32]);

#define assert_bound(w, expected)                                \
    do                                                           \
    {                                                            \
        char bids_text[32];                                      \
        assert_string_equal(bids_bound(w, bids_text), expected); \
    }                                                            \
    while (0)

/** When the home agent's binding @p bid ends, in seconds from now. */
unsigned seconds_left(const world *w, uint8_t bid);

/** When the mobile node's binding @p bid ends. */
fb_time mobile_expiry(const world *w, uint8_t bid);

/* ---- in the home agent's place ---- */

/** For world.lose: no request arrives. */
bool lose_requests(world *w, const world_message *message);

/** For world.lose: no reply arrives. */
bool lose_replies(world *w, const world_message *message);

/** For world.lose: nothing passes the links that are true in the bool[WORLD_LINKS + 1] world.context points to. */
bool lose_on_links(world *w, const world_message *message);

/** Answers @p message as a home agent would, now. Returns what fb_agent_input() did. */
int reply_to(world *w, const world_message *message, uint8_t code, uint16_t lifetime_s);

/** A reply written by hand: @p octets without authentication, which is appended. */
int reply_octets(world *w, const world_message *message, const uint8_t *octets, size_t length);

/** Octets of a reply to @p message, without authentication. Returns 20. */
size_t reply_fixed(uint8_t octets[REPLY_FIXED],
                   const world_message *message,
                   uint8_t code,
                   uint16_t lifetime_s);

/* ---- vectors ---- */

/** The agent's wall clock reads @p ntp_seconds at @p when. */
void set_clock(world *w, fb_agent *agent, uint32_t ntp_seconds, fb_time when);

/** A request of the vector file at a home agent whose clock fits it, and what came back. */
answer play(world *w, const test_vector *vector);

/** The answer is the vector @p expected, octet for octet. */
void assert_is_vector(const answer *a, const test_vector *expected);

/**
 * The mobile node sent the vector @p expected: every octet but the low half of the Identification, which no clock of
 * nanoseconds hits; with that put in place, the authenticator too. Addresses, ports and TTL of the packet as well.
 */
void assert_sent_vector(const world_message *message, const test_vector *expected);

/* ---- scenes ---- */

/** A policy for the mobile node: as request_forward(). */
fb_rule forward_rule(const char *bids, uint8_t protocol, uint16_t port);
fb_rule drop_rule(uint8_t protocol, uint16_t port);

/** A world of the defaults, with links 1 to @p links registered. */
world *registered_world(unsigned links);

/** A home agent of this configuration (NULL: the default), whose mobile node does nothing: the test is the node. */
world *home_agent_world(const fb_home_agent_config *config, bool multipath_allowed);
fb_home_agent_config home_agent_defaults(void);

/** The same with BIDs 1 to @p count registered for 600 s. */
world *bound_world(uint8_t count);

/** A request for path @p bid as register_path() sends it. */
request path_request(world *w, uint8_t bid, uint16_t lifetime_s, uint8_t flags);

/** The node's right, changed while it is registered. */
void allow_multipath(world *w, bool allowed);

void administrator(world *w, fb_fact_kind kind, uint8_t bid);

/** How many events of this kind and role came since record @p since, for @p bid (0: any). */
size_t events_of(const world *w, size_t since, uint8_t role, fb_event_kind kind, uint8_t bid);

/** A change of the state of binding @p bid to @p to since record @p since; NULL: none. */
const fb_event *binding_event(const world *w, size_t since, uint8_t role, uint8_t bid, uint8_t to);

#endif
