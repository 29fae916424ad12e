/* SPDX-License-Identifier: BSD-3-Clause */
#include "state/path_quality.h"

#include <string.h>

#define MICROSECOND (FB_MILLISECOND / 1000)
#define ALL_PPM 1000000

/** No news for a scheduler: less than a quarter, or than this. */
#define TIME_NEWS_US 1000
#define LOSS_NEWS_PPM 10000

/** RFC 6298 2: G, the clock's granularity, and the value before any measurement. */
#define GRANULARITY_US 10000
#define FIRST_TIMEOUT FB_SECOND

void
fb_path_quality_forget(fb_path_quality *quality)
{
    fb_quality told = quality->told;

    memset(quality, 0, sizeof *quality);
    quality->told = told;
}

static uint32_t
distance(uint32_t a, uint32_t b)
{
    return a > b ? a - b : b - a;
}

/** An @p part th of a new value, the rest of the old one. */
static uint32_t
smooth(uint32_t old, uint32_t value, uint32_t part)
{
    return (uint32_t)(((uint64_t)old * (part - 1) + value) / part);
}

void
fb_path_quality_measure(fb_path_quality *quality, fb_time round_trip)
{
    fb_time sample = round_trip / MICROSECOND;
    uint32_t sample_us = sample > UINT32_MAX / 8 ? UINT32_MAX / 8 : (uint32_t)sample;

    sample_us = sample_us == 0 ? 1 : sample_us; /* 0 means that nothing was measured */
    if (quality->round_trip_us == 0)
    {
        quality->round_trip_us = sample_us; /* RFC 6298 2.2 */
        quality->variation_us = sample_us / 2;
        return;
    }
    /* RFC 6298 2.3: the variation first */
    quality->variation_us =
        smooth(quality->variation_us, distance(quality->round_trip_us, sample_us), 4);
    quality->round_trip_us = smooth(quality->round_trip_us, sample_us, 8);
    quality->round_trip_us += quality->round_trip_us == 0;
}

void
fb_path_quality_count(fb_path_quality *quality, bool answered)
{
    quality->loss_16 += (answered ? 0 : ALL_PPM) - quality->loss_16 / 16;
    quality->loss_known = true;
}

void
fb_path_quality_tell(fb_path_quality *quality, const fb_quality *told)
{
    quality->told = *told;
}

fb_time
fb_path_quality_timeout(const fb_path_quality *quality)
{
    uint32_t margin_us = 4 * quality->variation_us;

    if (quality->round_trip_us == 0)
    {
        return FIRST_TIMEOUT;
    }
    margin_us = margin_us > GRANULARITY_US ? margin_us : GRANULARITY_US;
    return (quality->round_trip_us + (fb_time)margin_us) * MICROSECOND;
}

static uint32_t
first_known(uint32_t first, uint32_t second)
{
    return first != 0 ? first : second;
}

static uint32_t
measured_loss(const fb_path_quality *quality)
{
    return quality->loss_known ? quality->loss_16 / 16 : 0;
}

fb_path_estimate
fb_path_metrics_estimate(const fb_path_metrics *metrics, bool up)
{
    uint32_t delay_us = up ? metrics->delay_up_us : metrics->delay_down_us;

    return (fb_path_estimate){.rate_kbps = up ? metrics->rate_up_kbps : metrics->rate_down_kbps,
                              .round_trip_us = metrics->round_trip_us,
                              .delay_us = delay_us != 0 ? delay_us : metrics->round_trip_us / 2,
                              .loss_ppm = metrics->loss_ppm};
}

/** What is known here of both directions. */
static fb_path_metrics
known(const fb_path_quality *quality)
{
    const fb_quality *told = &quality->told;

    return (fb_path_metrics){
        .round_trip_us = first_known(told->round_trip_us, quality->round_trip_us),
        .loss_ppm = first_known(told->loss_ppm, measured_loss(quality)),
        .rate_up_kbps = told->rate_up_kbps,
        .rate_down_kbps = told->rate_down_kbps,
        .delay_up_us = told->delay_up_us,
        .delay_down_us = told->delay_down_us};
}

fb_path_estimate
fb_path_quality_estimate(const fb_path_quality *quality, bool up)
{
    fb_path_metrics metrics = known(quality);
    fb_path_estimate estimate = fb_path_metrics_estimate(&metrics, up);

    /* The queue on this side of the link is in front of what this side sends, and known with the rate */
    estimate.backlog_octets = up && quality->told.rate_up_kbps != 0 ? quality->told.backlog_octets
                                                                    : 0;
    return estimate;
}

bool
fb_path_quality_metrics(const fb_path_quality *quality, fb_path_metrics *metrics)
{
    *metrics = known(quality);
    return quality->told.link != 0 || metrics->round_trip_us != 0;
}

/* ---- telling the peer ---- */

void
fb_path_telling_forget(fb_path_telling *telling)
{
    telling->last = (fb_path_metrics){0};
    telling->begun = false;
    telling->due = FB_TIME_NEVER;
}

static bool
differ(uint32_t a, uint32_t b, uint32_t least)
{
    return distance(a, b) >= least && distance(a, b) > (a > b ? a : b) / 4;
}

static bool
is_news(const fb_path_telling *telling, const fb_path_quality *quality)
{
    const fb_path_metrics *last = &telling->last;
    fb_path_metrics metrics;

    return fb_path_quality_metrics(quality, &metrics) &&
           (differ(last->round_trip_us, metrics.round_trip_us, TIME_NEWS_US) ||
            differ(last->delay_up_us, metrics.delay_up_us, TIME_NEWS_US) ||
            differ(last->delay_down_us, metrics.delay_down_us, TIME_NEWS_US) ||
            differ(last->rate_up_kbps, metrics.rate_up_kbps, 1) ||
            differ(last->rate_down_kbps, metrics.rate_down_kbps, 1) ||
            differ(last->loss_ppm, metrics.loss_ppm, LOSS_NEWS_PPM));
}

void
fb_path_telling_consider(fb_path_telling *telling,
                         const fb_path_quality *quality,
                         uint16_t interval_s,
                         fb_time now)
{
    if (interval_s == 0 || telling->due != FB_TIME_NEVER || !is_news(telling, quality))
    {
        return;
    }
    telling->due = now;
    if (telling->begun && telling->at + interval_s * FB_SECOND > now)
    {
        telling->due = telling->at + interval_s * FB_SECOND;
    }
}

bool
fb_path_telling_due(fb_path_telling *telling, const fb_path_quality *quality, fb_time now)
{
    telling->due = FB_TIME_NEVER;
    if (!is_news(telling, quality))
    {
        return false;
    }
    (void)fb_path_quality_metrics(quality, &telling->last);
    telling->begun = true;
    telling->at = now;
    telling->version++;
    return true;
}
