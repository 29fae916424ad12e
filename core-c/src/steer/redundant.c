/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * redundant: every path gets a copy of each packet, and the first one to arrive wins (RFC 6089 4.3). Copies are told
 * apart by sequence numbers: in a group with `reorder` the receiver delivers each packet once; in one without, it
 * delivers every copy, which suits only traffic that knows duplicates itself.
 */
#include "steer/scheduler.h"

static int
pick(void *context,
     const fb_flow *flow,
     bool mirrored,
     const fb_path_view *paths,
     size_t count,
     fb_time now)
{
    (void)context;
    (void)flow;
    (void)mirrored;
    (void)paths;
    (void)now;
    return count > 0 ? 0 : -1;
}

const fb_scheduler fb_scheduler_redundant = {
    .name = "redundant",
    .pick = pick,
    .per_packet = true,
    .copies = true,
};
