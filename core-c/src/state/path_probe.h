/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_STATE_PATH_PROBE_H
#define FB_STATE_PATH_PROBE_H

/**
 * @file
 * Whether a path is silent although its link is up, the same for mobile nodes and gateways (fb_probe_config): when to
 * ask, when it is lost, how it is watched for its return, and when it may be used again. What asks, and what is done
 * about the answer, is the owner's business.
 *
 *     IDLE --traffic--> ASKING --no answer--> WATCHED --answer--> HELD --time--> IDLE
 *            <--no traffic--         ^--------answer (owner kept using it)---
 *
 * ASKING sends an echo request every interval through the path's own tunnel. WATCHED asks in another way, as the peer
 * may have no tunnel there any more: every second for a while, then less and less often. A path that was lost again
 * soon after its return is HELD before it is used, twice as long each time.
 */

#include "flowbind/config.h"
#include "flowbind/types.h"

/** Requests whose times are remembered: an answer to an older one shows life, and measures nothing. */
#define FB_PROBES_REMEMBERED 32

typedef enum fb_probe_state
{
    FB_PROBE_IDLE,
    FB_PROBE_ASKING,
    FB_PROBE_WATCHED, /**< silent */
    FB_PROBE_HELD /**< answers again, and is not to be used yet */
} fb_probe_state;

typedef struct fb_path_probe
{
    fb_time traffic_at; /**< the last packet of the path, either way */
    fb_time next; /**< when time acts on it; FB_TIME_NEVER: never */
    fb_time ask_at; /**< the next request */
    /** from here nothing was answered that should have been: the later of the last answer and the first request after
        it; FB_TIME_NEVER: all are answered */
    fb_time unanswered_since;
    fb_time returned_at; /**< when it was last used again; 0: it was not lost */
    fb_time sent[FB_PROBES_REMEMBERED]; /**< by sequence */
    /** bit n: the request n before the last one was sent, is not answered */
    uint32_t asked, waiting;
    uint16_t sequence; /**< of the last request */
    uint8_t state; /**< fb_probe_state */
    uint8_t losses; /**< in a row, without long between */
    uint8_t watches; /**< requests since it was found silent */
    bool due; /**< a request waits to be composed */
} fb_path_probe;

typedef enum fb_probe_result
{
    FB_PROBE_NOTHING,
    FB_PROBE_ASK, /**< an echo request is due */
    FB_PROBE_LOST, /**< it has just been found silent */
    FB_PROBE_WATCH, /**< ask a silent path whether it is there again */
    FB_PROBE_RETURNED /**< it may be used again */
} fb_probe_result;

void fb_path_probe_init(fb_path_probe *probe);

/** Whether packets had better take another path. */
static inline bool
fb_path_probe_silent(const fb_path_probe *probe)
{
    return probe->state >= FB_PROBE_WATCHED;
}

/** The path is new, or another one: nothing is asked, and what was found out is forgotten but for its flapping. */
void fb_path_probe_stop(fb_path_probe *probe);

/** First packet after a while: fb_path_probe_traffic(). */
void fb_path_probe_start(fb_path_probe *probe, fb_time now);

/**
 * A packet takes this path, or came by it. For each packet: a store and a comparison. Whether the path begins to be
 * watched with it, so that there is something to wait for.
 */
static inline bool
fb_path_probe_traffic(fb_path_probe *probe, const fb_probe_config *config, fb_time now)
{
    probe->traffic_at = now;
    if (probe->state == FB_PROBE_IDLE && config->interval_ms != 0)
    {
        fb_path_probe_start(probe, now);
        return true;
    }
    return false;
}

/**
 * Time passed. @p timeout is what an answer takes at most as far as is known (fb_path_quality_timeout()): a path is
 * silent when three requests in a row were not answered in that time, and not before nothing came for three intervals.
 */
fb_probe_result fb_path_probe_timeout(fb_path_probe *probe,
                                      const fb_probe_config *config,
                                      fb_time timeout,
                                      fb_time now);

/** What became of an earlier request. */
typedef enum fb_probe_outcome
{
    FB_PROBE_UNKNOWN, /**< there was none */
    FB_PROBE_ANSWERED,
    FB_PROBE_MISSED
} fb_probe_outcome;

/** The request that was due leaves, with `sequence`. What became of the one sixteen before it. */
fb_probe_outcome fb_path_probe_sent(fb_path_probe *probe, fb_time now);

/**
 * An echo reply came through the path's tunnel: whether it answers a request of ours, which took @p round_trip. Only
 * its sequence number says so, as with all echoes: who can forge it can keep a silent path in use, and no more.
 */
bool fb_path_probe_answered(fb_path_probe *probe,
                            uint16_t sequence,
                            fb_time *round_trip,
                            fb_time now);

/** There is reason to hope for a silent path: it is asked at once. */
void fb_path_probe_hurry(fb_path_probe *probe, fb_time now);

/** A silent path answered: FB_PROBE_RETURNED; NOTHING where it is held back first, or was not silent. */
fb_probe_result fb_path_probe_found(fb_path_probe *probe,
                                    const fb_probe_config *config,
                                    fb_time now);

#endif
