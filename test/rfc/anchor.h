/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_TEST_RFC_ANCHOR_H
#define FB_TEST_RFC_ANCHOR_H

/**
 * @file
 * An anchor by itself: updates are written octet by octet here, or are vectors, and what it answers is read octet by
 * octet, so that no mistake of the library's codec can hide.
 */

#include "cmocka_setup.h"

#include "requirement.h"
#include "role/lma.h"
#include "vectors.h"

/** What the vectors say: the gateway's two addresses, the anchor's, and who is who. */
#define ANCHOR_MOBILE_NODE "mr1@example.net"
#define ANCHOR_GATEWAY "mag7@example.net"

/** The wall clock at time 0: 2026-01-01, the first second of the vectors. */
#define ANCHOR_EPOCH_S UINT64_C(1767225600)

typedef struct anchor
{
    fb_config config;
    fb_clock clock;
    fb_entropy entropy;
    fb_events events;
    fb_lma lma;
    uint8_t *memory;
    size_t memory_size;
    fb_time now;
    test_vectors *vectors;
} anchor;

/** Multipath, all options, pools 2001:db8:100::/40 (/64), 2001:db8:200::/40 (/56), 198.51.100.0/24; no heartbeats. */
void anchor_config(fb_config *config);

/** With one subscriber and one gateway, both as the vectors have them. */
anchor *anchor_start(const fb_config *config);
/** With nobody. */
anchor *anchor_start_empty(const fb_config *config);
void anchor_end(anchor *a);

/** A subscriber who may everything. */
fb_proxy_subscriber anchor_subscriber(const char *identity);
fb_gateway anchor_gateway(const char *identity);

/** An IPv6 address; "2001:db8:8::1". */
fb_addr address6(const char *text);
/** A prefix of either family; "2001:db8:100::/64". */
fb_prefix prefix_of(const char *text);

/** First path (LTE) and second one (WLAN) of the gateway; more of them. */
fb_addr path_address(unsigned path);

/** What the anchor answered. */
typedef struct pba
{
    bool came;
    int reason; /**< what fb_lma_input() said */
    fb_meta meta;
    size_t length;
    uint8_t octets[1500];
} pba;

/** Option @p nth (from 0) of @p type: its body, and how long it is; NULL. */
const uint8_t *pba_option(const pba *answer, uint8_t type, size_t nth, size_t *length);
bool pba_has(const pba *answer, uint8_t type);
uint8_t pba_status(const pba *answer);
uint16_t pba_lifetime(const pba *answer);
/** Whether option 22 number @p nth is this prefix. */
bool pba_has_home_prefix(const pba *answer, size_t nth, const char *prefix);

/** An update being written. */
typedef struct update
{
    uint8_t octets[2100];
    size_t length;
    fb_meta meta;
} update;

/** P, A, no options. @p lifetime in units of 4 s. */
update update_new(uint16_t sequence, uint16_t lifetime, fb_addr source);
void update_flags(update *u, uint16_t more);
void update_option(update *u, uint8_t type, const void *body, size_t length);

/* The usual options. */
void update_node(update *u, const char *identity);
void update_home_prefix(update *u, const char *prefix); /**< NULL: ALL_ZERO */
void update_delegated(update *u, const char *prefix); /**< NULL: ALL_ZERO of IPv6 */
void update_handoff(update *u, uint8_t handoff);
void update_technology(update *u, uint8_t technology);
void update_link_layer(update *u, const char *identifier); /**< at most 16 octets */
/** That of @p at, in the anchor's time. */
void update_timestamp(update *u, fb_time at);
void update_multipath(update *u, uint8_t technology, uint8_t label, uint8_t bid, uint8_t flags);
void update_gateway(update *u, const char *identity);
void update_alternate(update *u, fb_addr address);
void update_ipv4(update *u, uint8_t prefix_length, fb_ipv4 address);

/** B and O of option 63. */
#define MULTIPATH_B 0x80
#define MULTIPATH_O 0x40

/**
 * What a gateway sends by RFC 8278 over path @p path, whose BID it is: mobile node, prefix (NULL: ALL_ZERO), Handoff
 * Indicator @p handoff, technology 1, timestamp of now, options 63 and 64.
 */
update update_path(const anchor *a,
                   uint8_t path,
                   uint16_t lifetime,
                   const char *prefix,
                   uint8_t handoff);
/** The same without options 63 and 64. */
update update_plain(const anchor *a,
                    uint8_t path,
                    uint16_t lifetime,
                    const char *prefix,
                    uint8_t handoff);

/** Pads it, writes its length and checksum, and hands it in now. */
pba update_send(anchor *a, update *u);
/** The same @p delay later than its timestamp says: nothing is added to it. */
void anchor_wait(anchor *a, fb_time how_long);

/** Hands vector @p id in, at the time its timestamp says if that is later. */
pba anchor_hear(anchor *a, const char *id);
/** Octets as they are. */
pba anchor_hear_octets(anchor *a, const fb_meta *meta, const uint8_t *octets, size_t length);

/** Whether the answer is vector @p id, octet for octet. */
void assert_vector(const anchor *a, const pba *answer, const char *id);

/** The next event of @p kind, those before it skipped; false: none is left. */
bool anchor_event(anchor *a, fb_event_kind kind, fb_event *event);
void anchor_forget_events(anchor *a);

/** The only session there is, which has to be. */
fb_session_view anchor_session(const anchor *a);
size_t anchor_sessions(const anchor *a);
/** The binding of a session (its number from 1) with this BID; false: none. */
bool anchor_binding(const anchor *a, uint32_t session, uint8_t bid, fb_proxy_view *view);

#endif
