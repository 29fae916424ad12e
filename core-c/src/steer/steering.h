/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_STEER_STEERING_H
#define FB_STEER_STEERING_H

/**
 * @file
 * The decision for one packet: which path, or why none.
 */

#include "flowbind/policy.h"
#include "flowbind/reason.h"
#include "steer/scheduler.h"

typedef struct fb_choice
{
    int path; /**< index of the path; -1: drop */
    int rule; /**< index of the rule that decided; -1: the fallback, or nothing, did */
    uint16_t reason; /**< fb_reason of a drop; FB_REASON_NONE otherwise */
} fb_choice;

/**
 * Whether the packet is Mobile IPv4 signalling between the mobile node and its home agent, which is outside the policy
 * (D-39): such a flow has no rules. Only the home agent's side counts: any application may have port 434 on the other.
 */
bool fb_steer_is_signalling(const fb_flow *flow, bool mirrored, fb_ipv4 home_agent);

/**
 * Decides in this order:
 *
 * 1. The first *active* rule that matches, in message order (D-23). A DROP rule always is active. A FORWARD rule is
 *    active while one of its BIDs is among @p paths, and names the first such; else it is skipped (D-24).
 * 2. @p fallback among all paths; FB_DROP_NO_BINDING when there is none.
 *
 * So DROP comes before FB_DROP_NO_BINDING: what the policy forbids is counted as forbidden whether or not a path
 * happens to be up, and the counters of a node that lost its last path do not hide its policy.
 *
 * Nothing but @p context, the fallback's own, is written. O(rules * BIDs * paths): keep the result in a flow cache.
 */
fb_choice fb_steer_choose(const fb_rule *rules,
                          size_t rule_count,
                          const fb_scheduler *fallback,
                          void *context,
                          const fb_path_view *paths,
                          size_t path_count,
                          const fb_flow *flow,
                          bool mirrored,
                          fb_time now);

#endif
