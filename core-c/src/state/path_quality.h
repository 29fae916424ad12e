/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_STATE_PATH_QUALITY_H
#define FB_STATE_PATH_QUALITY_H

/**
 * @file
 * How good a path is, for schedulers, the same for both protocols: what a mobile node or gateway knows of its paths,
 * and tells its peer (RFC 3115, RFC 5094). The host's word comes first, then what was measured.
 *
 * Measured are the round trip of registrations, keepalives, heartbeats and probes, where it is clear which sending was
 * answered, and the share of probes nobody answered. Rates are not measured: what arrives is what was sent, and a
 * scheduler that believed it would starve a path it starved once. Neither are delays of one way, which need two clocks
 * that agree: half of the round trip stands for them.
 */

#include "flowbind/config.h"
#include "wire/path_metrics.h"

/** One direction of a path; 0: not known. The fields of fb_path_view. */
typedef struct fb_path_estimate
{
    uint32_t rate_kbps, round_trip_us, delay_us, loss_ppm, backlog_octets;
} fb_path_estimate;

typedef struct fb_path_quality
{
    uint32_t round_trip_us, variation_us; /**< smoothed (RFC 6298 2); 0: nothing was measured */
    uint32_t loss_16; /**< 16 times the smoothed share of what got lost, in millionths */
    bool loss_known;
    fb_quality told; /**< by the host; `link` 0: nothing */
} fb_path_quality;

/** What the peer heard of a path last, and when it is to hear more. */
typedef struct fb_path_telling
{
    fb_path_metrics last; /**< all 0: nothing */
    bool begun; /**< it heard something, at `at` */
    fb_time at;
    fb_time due; /**< when there is news to tell; FB_TIME_NEVER: there is none */
    uint16_t version; /**< moves with each news; whoever sent a message notes it */
} fb_path_telling;

/** Nothing is known but what the host told. */
void fb_path_quality_forget(fb_path_quality *quality);

/** What was asked at @p sent is answered now, and the answer cannot be for another sending (RFC 6298 3). */
void fb_path_quality_measure(fb_path_quality *quality, fb_time round_trip);

/** One of a path's probes was answered, or not. */
void fb_path_quality_count(fb_path_quality *quality, bool answered);

void fb_path_quality_tell(fb_path_quality *quality, const fb_quality *told);

/** How long an answer may take: RFC 6298 2, without its floor of a second; a second when nothing was measured. */
fb_time fb_path_quality_timeout(const fb_path_quality *quality);

/** What is known of the direction toward the peer: @p up, as the mobile node or gateway sees it. */
fb_path_estimate fb_path_quality_estimate(const fb_path_quality *quality, bool up);

/** What there is to tell the peer; false: nothing. */
bool fb_path_quality_metrics(const fb_path_quality *quality, fb_path_metrics *metrics);

/** The path is new to the peer. */
void fb_path_telling_forget(fb_path_telling *telling);

/**
 * Something was measured, or told by the host: there is news when a scheduler may decide otherwise for it. The first is
 * told at once, what follows no sooner than @p interval_s seconds after it; 0: there never is any.
 */
void fb_path_telling_consider(fb_path_telling *telling,
                              const fb_path_quality *quality,
                              uint16_t interval_s,
                              fb_time now);

/** `due` is reached: whether it still is news, which then has a version of its own. */
bool fb_path_telling_due(fb_path_telling *telling, const fb_path_quality *quality, fb_time now);

/** fb_path_quality_estimate() of what the peer told and nothing else, for whoever has many paths. */
fb_path_estimate fb_path_metrics_estimate(const fb_path_metrics *metrics, bool up);

#endif
