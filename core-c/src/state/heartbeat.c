/* SPDX-License-Identifier: BSD-3-Clause */
#include "state/heartbeat.h"

#include <string.h>

void
fb_heartbeat_start(fb_heartbeat *heartbeat, uint16_t interval_s, fb_time now)
{
    memset(heartbeat, 0, sizeof *heartbeat);
    heartbeat->next = interval_s != 0 ? now + interval_s * FB_SECOND : FB_TIME_NEVER;
}

void
fb_heartbeat_stop(fb_heartbeat *heartbeat)
{
    memset(heartbeat, 0, sizeof *heartbeat);
    heartbeat->next = FB_TIME_NEVER;
}

void
fb_heartbeat_ask(fb_heartbeat *heartbeat, fb_time now)
{
    heartbeat->sequence++;
    heartbeat->waiting = true;
    heartbeat->sent = now;
}

fb_heartbeat_result
fb_heartbeat_timeout(fb_heartbeat *heartbeat,
                     uint16_t interval_s,
                     uint8_t missing_allowed,
                     fb_time now)
{
    bool found_dead = false;

    if (heartbeat->next > now)
    {
        return FB_HEARTBEAT_NOTHING;
    }
    if (heartbeat->waiting && heartbeat->missed < UINT8_MAX)
    {
        heartbeat->missed++;
    }
    /* RFC 5847 3.1: dead when the missed ones exceed what is allowed (C8-11) */
    if (!heartbeat->dead && heartbeat->missed > missing_allowed)
    {
        heartbeat->dead = true;
        found_dead = true;
    }
    fb_heartbeat_ask(heartbeat, now);
    heartbeat->next = now + interval_s * FB_SECOND;
    return found_dead ? FB_HEARTBEAT_ASK_DEAD : FB_HEARTBEAT_ASK;
}

/** RFC 6298 2.2, 2.3: the first measurement, then an eighth of each new one. */
static void
measure(fb_heartbeat *heartbeat, fb_time now)
{
    uint64_t sample_us = (now - heartbeat->sent) / (FB_MILLISECOND / 1000);
    uint64_t smoothed_us = heartbeat->round_trip_us == 0
                               ? sample_us
                               : (heartbeat->round_trip_us * UINT64_C(7) + sample_us) / 8;

    if (smoothed_us == 0)
    {
        smoothed_us = 1; /* 0 means that nothing was measured */
    }
    heartbeat->round_trip_us = smoothed_us < UINT32_MAX ? (uint32_t)smoothed_us : UINT32_MAX;
}

fb_heartbeat_result
fb_heartbeat_response(fb_heartbeat *heartbeat, bool solicited, uint32_t sequence, fb_time now)
{
    bool was_dead = heartbeat->dead;

    if (solicited)
    {
        if (!heartbeat->waiting || sequence != heartbeat->sequence)
        {
            return FB_HEARTBEAT_NOTHING;
        }
        heartbeat->waiting = false;
        measure(heartbeat, now);
    }
    heartbeat->missed = 0;
    heartbeat->dead = false;
    return was_dead ? FB_HEARTBEAT_ALIVE : FB_HEARTBEAT_STILL_ALIVE;
}
