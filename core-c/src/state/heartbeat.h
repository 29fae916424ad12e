/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_STATE_HEARTBEAT_H
#define FB_STATE_HEARTBEAT_H

/**
 * @file
 * Heartbeats with one peer address (RFC 5847), the same for both ends: when to ask, when the peer is dead. It runs for
 * each proxy care-of address, so that it tells whether a path is alive (B5847-02). What the peer's Restart Counter says
 * is the owner's business: it is the peer's, not the address's (C8-10).
 */

#include "flowbind/types.h"

typedef struct fb_heartbeat
{
    fb_time next; /**< when the next request goes; FB_TIME_NEVER: none */
    fb_time sent; /**< the last one */
    uint32_t sequence; /**< of the last request */
    uint8_t missed; /**< requests in a row without response */
    bool waiting; /**< for a response to `sequence` */
    bool dead; /**< more than the permitted number were missed (C8-11) */
    uint32_t round_trip_us; /**< smoothed (RFC 6298 2); 0: none measured yet */
} fb_heartbeat;

typedef enum fb_heartbeat_result
{
    FB_HEARTBEAT_NOTHING,
    FB_HEARTBEAT_ASK, /**< a request with `sequence` is to be sent */
    FB_HEARTBEAT_ASK_DEAD, /**< the same, and the peer has just been found dead */
    FB_HEARTBEAT_ALIVE, /**< a response came from one that was dead */
    FB_HEARTBEAT_STILL_ALIVE /**< a response came */
} fb_heartbeat_result;

/** Begins: the first request goes one interval from now; interval 0: never. */
void fb_heartbeat_start(fb_heartbeat *heartbeat, uint16_t interval_s, fb_time now);

void fb_heartbeat_stop(fb_heartbeat *heartbeat);

/** A request with a new `sequence` goes out of turn: there is a doubt whether the path is silent. */
void fb_heartbeat_ask(fb_heartbeat *heartbeat, fb_time now);

/** Time passed: ASK, ASK_DEAD or NOTHING. A dead peer goes on being asked (C8-01). */
fb_heartbeat_result fb_heartbeat_timeout(fb_heartbeat *heartbeat,
                                         uint16_t interval_s,
                                         uint8_t missing_allowed,
                                         fb_time now);

/**
 * RFC 5847 3.2: an unsolicited response comes from a peer that has restarted, "with an incremented Restart Counter",
 * and no request vouches for when it was sent: one that is late, or is repeated by somebody, has an earlier counter.
 */
static inline bool
fb_restart_is_news(bool known, uint32_t counter, uint32_t told)
{
    return !known || told == counter || told - counter < UINT32_C(1) << 31;
}

/** A response: ALIVE, STILL_ALIVE, or NOTHING where it answers no request of ours; an unsolicited one has @p solicited
 * false, and no sequence (C8-11). */
fb_heartbeat_result fb_heartbeat_response(fb_heartbeat *heartbeat,
                                          bool solicited,
                                          uint32_t sequence,
                                          fb_time now);

#endif
