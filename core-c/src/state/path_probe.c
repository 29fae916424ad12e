/* SPDX-License-Identifier: BSD-3-Clause */
#include "state/path_probe.h"

#include "state/backoff.h"

#include <string.h>

/** A silent path is asked every second so often, then half as often each time. */
#define WATCHES_AT_FIRST 16
#define WATCH_DOUBLINGS 5 /* to 32 s */

/** A path that was in use so long since its return does not flap. */
#define STEADY (60 * FB_SECOND)
#define HOLD_DOUBLINGS 5

/** By then a request is answered, or never. */
#define OUTCOME_AFTER 16

void
fb_path_probe_init(fb_path_probe *probe)
{
    memset(probe, 0, sizeof *probe);
    fb_path_probe_stop(probe);
}

void
fb_path_probe_stop(fb_path_probe *probe)
{
    probe->state = FB_PROBE_IDLE;
    probe->next = FB_TIME_NEVER;
    probe->unanswered_since = FB_TIME_NEVER;
    probe->asked = probe->waiting = 0;
    probe->due = false;
}

void
fb_path_probe_start(fb_path_probe *probe, fb_time now)
{
    fb_path_probe_stop(probe);
    probe->state = FB_PROBE_ASKING;
    probe->ask_at = now;
    probe->next = now;
}

static fb_time
lost_at(const fb_path_probe *probe, const fb_probe_config *config, fb_time timeout)
{
    fb_time interval = config->interval_ms * FB_MILLISECOND;

    return probe->unanswered_since == FB_TIME_NEVER
               ? FB_TIME_NEVER
               : probe->unanswered_since + 2 * interval + (timeout > interval ? timeout : interval);
}

static fb_probe_result
lose(fb_path_probe *probe, fb_time now)
{
    bool flaps = probe->returned_at != 0 && now - probe->returned_at < STEADY;

    fb_path_probe_stop(probe);
    if (!flaps)
    {
        probe->losses = 0;
    }
    probe->losses = probe->losses < UINT8_MAX ? (uint8_t)(probe->losses + 1) : UINT8_MAX;
    probe->state = FB_PROBE_WATCHED;
    probe->watches = 0;
    probe->next = now + FB_SECOND;
    return FB_PROBE_LOST;
}

static fb_probe_result
ask(fb_path_probe *probe, const fb_probe_config *config, fb_time timeout, fb_time now)
{
    fb_probe_result result = FB_PROBE_NOTHING;

    if (lost_at(probe, config, timeout) <= now)
    {
        return lose(probe, now);
    }
    if (probe->ask_at <= now)
    {
        if (now - probe->traffic_at > config->idle_ms * FB_MILLISECOND)
        {
            fb_path_probe_stop(probe);
            return FB_PROBE_NOTHING;
        }
        probe->due = true;
        probe->ask_at = now + config->interval_ms * FB_MILLISECOND;
        result = FB_PROBE_ASK;
    }
    probe->next = fb_time_earlier(probe->ask_at, lost_at(probe, config, timeout));
    return result;
}

static fb_probe_result
watch(fb_path_probe *probe, fb_time now)
{
    unsigned doublings;

    probe->watches = probe->watches < UINT8_MAX ? (uint8_t)(probe->watches + 1) : UINT8_MAX;
    doublings = probe->watches > WATCHES_AT_FIRST ? (unsigned)(probe->watches - WATCHES_AT_FIRST)
                                                  : 0;
    doublings = doublings < WATCH_DOUBLINGS ? doublings : WATCH_DOUBLINGS;
    probe->next = now + (FB_SECOND << doublings);
    return FB_PROBE_WATCH;
}

static fb_probe_result
return_path(fb_path_probe *probe, fb_time now)
{
    fb_path_probe_stop(probe);
    probe->returned_at = now;
    return FB_PROBE_RETURNED;
}

fb_probe_result
fb_path_probe_timeout(fb_path_probe *probe,
                      const fb_probe_config *config,
                      fb_time timeout,
                      fb_time now)
{
    if (probe->next > now)
    {
        return FB_PROBE_NOTHING;
    }
    switch (probe->state)
    {
    case FB_PROBE_ASKING:
        return ask(probe, config, timeout, now);
    case FB_PROBE_WATCHED:
        return watch(probe, now);
    default:
        return return_path(probe, now);
    }
}

fb_probe_outcome
fb_path_probe_sent(fb_path_probe *probe, fb_time now)
{
    uint32_t earlier = UINT32_C(1) << OUTCOME_AFTER;

    probe->due = false;
    probe->sequence++;
    probe->sent[probe->sequence % FB_PROBES_REMEMBERED] = now;
    probe->asked = probe->asked << 1 | 1;
    probe->waiting = probe->waiting << 1 | 1;
    if (probe->unanswered_since == FB_TIME_NEVER)
    {
        probe->unanswered_since = now;
    }
    if ((probe->asked & earlier) == 0)
    {
        return FB_PROBE_UNKNOWN;
    }
    return (probe->waiting & earlier) != 0 ? FB_PROBE_MISSED : FB_PROBE_ANSWERED;
}

bool
fb_path_probe_answered(fb_path_probe *probe, uint16_t sequence, fb_time *round_trip, fb_time now)
{
    uint16_t before = (uint16_t)(probe->sequence - sequence);
    uint32_t bit;

    if (before >= FB_PROBES_REMEMBERED || (probe->waiting >> before & 1) == 0)
    {
        return false;
    }
    bit = UINT32_C(1) << before;
    *round_trip = now - probe->sent[sequence % FB_PROBES_REMEMBERED];
    probe->waiting &= ~bit;
    /* later ones were sent already, and begin to be missed; earlier ones do not matter any more */
    probe->unanswered_since = (probe->waiting & (bit - 1)) != 0 ? now : FB_TIME_NEVER;
    return true;
}

void
fb_path_probe_hurry(fb_path_probe *probe, fb_time now)
{
    if (probe->state == FB_PROBE_WATCHED)
    {
        probe->watches = 0;
        probe->next = now;
    }
}

fb_probe_result
fb_path_probe_found(fb_path_probe *probe, const fb_probe_config *config, fb_time now)
{
    unsigned doublings = probe->losses > 2 ? probe->losses - 2u : 0;

    if (probe->state != FB_PROBE_WATCHED)
    {
        return FB_PROBE_NOTHING;
    }
    if (probe->losses <= 1 || config->hold_down_ms == 0)
    {
        return return_path(probe, now);
    }
    doublings = doublings < HOLD_DOUBLINGS ? doublings : HOLD_DOUBLINGS;
    probe->state = FB_PROBE_HELD;
    probe->next = now + ((config->hold_down_ms * FB_MILLISECOND) << doublings);
    return FB_PROBE_NOTHING;
}
