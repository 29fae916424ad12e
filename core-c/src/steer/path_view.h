/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_STEER_PATH_VIEW_H
#define FB_STEER_PATH_VIEW_H

/**
 * @file
 * What is known of a path, as schedulers see it.
 */

#include "state/path_quality.h"
#include "steer/scheduler.h"

static inline void
fb_path_view_set_quality(fb_path_view *view, fb_path_estimate estimate)
{
    view->rate_kbps = estimate.rate_kbps;
    view->round_trip_us = estimate.round_trip_us;
    view->delay_us = estimate.delay_us;
    view->loss_ppm = estimate.loss_ppm;
    view->backlog_octets = estimate.backlog_octets;
}

#endif
