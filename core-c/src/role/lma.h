/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_ROLE_LMA_H
#define FB_ROLE_LMA_H

/**
 * @file
 * The local mobility anchor (RFC 5213 5, RFC 8278 4): it answers, and asks gateways whether they are there (RFC 5847).
 */

#include "base/arena.h"
#include "state/clock.h"
#include "state/entropy.h"
#include "state/events.h"
#include "state/session_cache.h"
#include "steer/decapsulate.h"
#include "steer/scheduler.h"
#include "steer/tunnel.h"
#include "wire/mobility_header.h"

/** Longest answer: with headers of IPv4 and UDP, or of IPv6, it is a packet of 1500 octets. */
#define FB_LMA_REPLY_MAX 1440

/** The answer that waits to be polled; there is at most one, because the host drains before the next input. */
typedef struct fb_lma_reply
{
    uint16_t length; /**< 0: none waits */
    fb_meta meta;
    fb_event sent; /**< what is told when it leaves */
    uint8_t octets[FB_LMA_REPLY_MAX];
} fb_lma_reply;

/** The rules of the session that was asked for last. */
typedef struct fb_lma_rules_cache
{
    uint32_t session, generation;
    uint8_t count;
    fb_rule *rule; /**< room for those of any session */
} fb_lma_rules_cache;

/**
 * Where things are in updates that can be known again (lma_repeat.c). The answer to one is made of its own octets,
 * which most gateways write in the order the anchor does: those up to `front_end`, and the flows.
 */
typedef struct fb_lma_layout
{
    /** as it says: no other one has anything where these say; 0: nothing is laid out so */
    uint8_t header_length;
    uint8_t name_at, name_length; /**< where the identifier of its mobile node is */
    uint8_t timestamp_at; /**< where its timestamp is */
    uint8_t front_end; /**< where its MAG Multipath Binding ends */
    uint8_t flow_count; /**< Flow Identification options */
    uint8_t flows_at, flows_length; /**< where they are */
} fb_lma_layout;

_Static_assert(sizeof(fb_lma_layout) == sizeof(uint64_t), "it is compared as a whole");

/** Different ones that are known at a time, from number 1 on: gateways of few makes have few. */
#define FB_LMA_LAYOUTS_MAX 255

typedef struct fb_lma
{
    fb_lma_config config;
    const fb_clock *clock;
    fb_events *events;
    fb_session_cache sessions;
    fb_lma_reply reply;
    fb_lma_rules_cache *rules;
    fb_lma_layout *layout; /**< by number */
    uint8_t layouts; /**< there can be; not more than bindings */
    uint8_t next_layout; /**< that gives way when one comes that is new */
    uint64_t repeats; /**< updates that fb_lma_repeat() accepted */
    fb_time ask_until; /**< heartbeats whose time came until then are to be sent */
} fb_lma;

void fb_lma_init(fb_lma *lma,
                 fb_arena *arena,
                 const fb_config *config,
                 const fb_clock *clock,
                 fb_entropy *entropy,
                 fb_events *events);

/* Facts. FB_OK or FB_ERR_*. */

int fb_lma_set_subscriber(fb_lma *lma, const fb_proxy_subscriber *subscriber, fb_time now);
int fb_lma_remove_subscriber(fb_lma *lma, const fb_nai *identity, fb_time now);
int fb_lma_set_gateway(fb_lma *lma, const fb_gateway *gateway, fb_time now);
int fb_lma_remove_gateway(fb_lma *lma, const fb_nai *identity, fb_time now);

/** Whose prefix stands first in a message. */
typedef struct fb_lma_expected
{
    uint32_t session; /**< that has the prefix; FB_SESSION_NONE */
    bool named; /**< there is a prefix */
    uint32_t guess; /**< of fb_session_expect() */
    uint8_t prefix[16];
} fb_lma_expected;

/**
 * A message came in, of which nothing was checked yet: what it is likely to need is brought near; and more of it, when
 * the message was read.
 */
fb_lma_expected fb_lma_expect(const fb_lma *lma, const uint8_t *octets, size_t length);
void fb_lma_expect_more(const fb_lma *lma, fb_lma_expected *expected, const fb_mh_message *message);

/**
 * Accepts a message that says what the last update of its binding said, and answers it, without reading it: the same as
 * fb_lma_input() would do. False: it is another one, and nothing has happened, but that @p expected, which
 * fb_lma_expect() returned, knows the session now.
 */
bool fb_lma_repeat(fb_lma *lma,
                   fb_lma_expected *expected,
                   const fb_meta *meta,
                   const uint8_t *octets,
                   size_t length,
                   fb_time now);

/**
 * A binding update or heartbeat. @p expected is what fb_lma_expect_more() left of it; NULL: it was not asked. @p wrong
 * is what fb_mh_walk() found, 0 for nothing. 0 or the drop reason, which is counted and an event already.
 */
int fb_lma_input(fb_lma *lma,
                 const fb_lma_expected *expected,
                 const fb_meta *meta,
                 const fb_mh_message *message,
                 int wrong,
                 fb_time now);

void fb_lma_handle_timeout(fb_lma *lma, unsigned budget, fb_time now);

fb_time fb_lma_next_timeout(const fb_lma *lma);

/** The next message: its length, 0 for none, FB_ERR_LIMIT when @p capacity is too small. */
ptrdiff_t fb_lma_output(fb_lma *lma, fb_meta *meta, uint8_t *buffer, size_t capacity, fb_time now);

/** Whether an answer waits that has to be polled before the next input. */
bool fb_lma_waits(const fb_lma *lma);

/* Data. Sessions are numbered from 0 here; in references from 1. */

/** The session whose home network, delegated prefix or IPv4 home address a packet goes to; FB_NODE_NONE. */
uint32_t fb_lma_session_toward(const fb_lma *lma, const fb_flow *flow);

/** Whether it may have packets at all: not while MinDelayBeforeBCEDelete runs (RFC 5213 5.3.5). */
bool fb_lma_session_forwards(const fb_lma *lma, uint32_t session);

/** Moves with every change of the session's bindings and flows. */
uint32_t fb_lma_generation(const fb_lma *lma, uint32_t session);

/** The session's paths that are up and whose heartbeat is not lost, in @p paths. Returns how many. */
size_t fb_lma_paths(const fb_lma *lma, uint32_t session, fb_path_view *paths);

/** The session's flows (RFC 6089), by FID-PRI; @p count of them. They stay where they are until the next call. */
const fb_rule *fb_lma_rules(const fb_lma *lma, uint32_t session, size_t *count);

/** The tunnel of one of its paths. */
void fb_lma_tunnel(const fb_lma *lma, uint32_t session, uint8_t bid, fb_tunnel *tunnel);

/**
 * Whether a packet that came out of a tunnel may be forwarded: far end, kind and key are those of a binding, the inner
 * source is in a prefix of that session (RFC 5213 5.6.2, RFC 7148 5.3.2). 0 or a reason.
 */
int fb_lma_check_uplink(const fb_lma *lma, const fb_arrival *arrival, fb_ref *path);

/** Whether such a packet asks if its path is silent: an echo request to the anchor itself, to be answered that way. */
bool fb_lma_is_probe(const fb_lma *lma, const fb_arrival *arrival);

/** Whether a tunnel between these ends is one of ours: for ICMP errors about it. */
bool fb_lma_owns_tunnel(const fb_lma *lma,
                        const fb_addr *local,
                        const fb_addr *remote,
                        uint16_t remote_port);

/** What the gateway measured of one of its paths (RFC 5094); NULL: there is no such path. */
const fb_path_metrics *fb_lma_metrics(const fb_lma *lma, uint32_t session, uint8_t bid);

/** Round trip to the far end of one of its paths, smoothed, by heartbeats (RFC 5847); 0: not known. */
uint32_t fb_lma_round_trip_us(const fb_lma *lma, uint32_t session, uint8_t bid);

/* Looking at it: flowbind/agent.h. */

bool fb_lma_session_view(const fb_lma *lma, size_t index, fb_session_view *view);
bool fb_lma_binding_view(const fb_lma *lma, uint32_t session, size_t index, fb_proxy_view *view);

#endif
