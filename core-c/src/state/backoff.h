/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_STATE_BACKOFF_H
#define FB_STATE_BACKOFF_H

/**
 * @file
 * When to send again: what a mobile node and a gateway have in common. Requests of Mobile IPv4 (RFC 5944 3.6) and
 * binding updates (RFC 6275 11.8, RFC 5213 6.9.4) are repeated, refreshed and given a rest alike.
 */

#include "flowbind/types.h"

static inline fb_time
fb_time_earlier(fb_time a, fb_time b)
{
    return a < b ? a : b;
}

/** The wait after the next sending: doubled, up to @p longest (RFC 5944 3.6.3, RFC 6275 11.8). */
static inline fb_time
fb_backoff_longer(fb_time wait, fb_time longest)
{
    return wait * 2 < longest ? wait * 2 : longest;
}

/** Seconds to wait after a refusal: @p first_s, then twice as long each time; @p next_s, at first 0, remembers. */
static inline uint16_t
fb_backoff_refused(uint16_t *next_s, uint16_t first_s)
{
    uint16_t wait_s = *next_s != 0 ? *next_s : first_s;

    *next_s = wait_s > UINT16_MAX / 2 ? UINT16_MAX : (uint16_t)(wait_s * 2);
    return wait_s;
}

/** When to ask for more of a lifetime that counts from @p sent_at: four fifths of it have passed then. */
static inline fb_time
fb_refresh_time(fb_time sent_at, uint32_t lifetime_s)
{
    return sent_at + lifetime_s * (FB_SECOND / 5 * 4);
}

/** RFC 6275 12: MAX_UPDATE_RATE. */
#define FB_MESSAGES_PER_SECOND 3

/** Mobility Headers of one type to one node: not more than that in any second (RFC 6275 11.8). */
typedef struct fb_rate_limit
{
    fb_time free_at[FB_MESSAGES_PER_SECOND]; /**< in turn: a second after one was sent */
    uint8_t turn;
} fb_rate_limit;

/** When the next one may be sent. */
static inline fb_time
fb_rate_limit_free_at(const fb_rate_limit *limit)
{
    return limit->free_at[limit->turn];
}

static inline void
fb_rate_limit_take(fb_rate_limit *limit, fb_time now)
{
    limit->free_at[limit->turn] = now + FB_SECOND;
    limit->turn = (uint8_t)((limit->turn + 1) % FB_MESSAGES_PER_SECOND);
}

#endif
