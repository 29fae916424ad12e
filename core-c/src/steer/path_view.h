/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_STEER_PATH_VIEW_H
#define FB_STEER_PATH_VIEW_H

/**
 * @file
 * What is known of a path, as schedulers see it.
 */

#include "flowbind/config.h"
#include "state/path_quality.h"
#include "steer/scheduler.h"

/**
 * Octets in front of a packet in a tunnel of kind @p tunnel (FB_TUNNEL_*) between addresses of @p family, with sequence
 * number and key, and with as much around it on the link as Ethernet has. A few too many make no scheduler worse; with
 * too few it would not know of queues that grow.
 */
static inline uint16_t
fb_path_overhead(uint8_t family, uint8_t tunnel, bool udp)
{
    enum
    {
        FRAME = 18,
        UDP = 8 + 4, /* RFC 3519 4.2 */
        GRE = 4 + 4 + 4, /* RFC 2890 2 */
        MINIMAL = 12 /* RFC 2004 3.1 */
    };
    uint16_t outer = family == FB_FAMILY_IPV6 ? FB_IPV6_HEADER : FB_IPV4_HEADER;

    outer = tunnel == FB_TUNNEL_MINIMAL ? MINIMAL : outer;
    return (uint16_t)(FRAME + outer + (tunnel == FB_TUNNEL_GRE ? GRE : 0) + (udp ? UDP : 0));
}

/** What is configured of the paths with the label of @p view. */
static inline void
fb_path_view_set_label(fb_path_view *view, const fb_label_weight *weights, size_t count)
{
    for (size_t i = 0; i < count; i++)
    {
        if (weights[i].label == view->label)
        {
            view->weight = weights[i].weight;
            view->cost = weights[i].cost;
            return;
        }
    }
}

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
