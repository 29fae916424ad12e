/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_STEER_STEERING_H
#define FB_STEER_STEERING_H

/**
 * @file
 * The decision for one packet: which path, or why none.
 */

#include "flowbind/policy.h"
#include "flowbind/reason.h"
#include "steer/classifier.h"
#include "steer/scheduler.h"
#include "steer/spread.h"

/** What decides about the packets of one node. */
typedef struct fb_steering
{
    const fb_rule *negotiated; /**< by RFC 7629 */
    size_t negotiated_count;
    const fb_rule *configured; /**< the static policy (RFC 7629 6) */
    size_t configured_count;
    const fb_scheduler *scheduler; /**< for what the rules leave open */
    void *context; /**< its own */
    fb_spread *spread; /**< contexts of schedulers that rules name; NULL: there are none */
    uint32_t session; /**< whose they are */
    bool ordered; /**< what the rules leave open is put in order again at the far end, in class 0 */
    bool without_numbers; /**< nothing can have a sequence number */
    /** knows the static policy; NULL: its rules are asked one after the other */
    const fb_classifier *classifier;
} fb_steering;

/** Whether the packet gets a sequence number, by which the far end puts it in order again (RFC 2890). */
typedef enum fb_numbering
{
    FB_NUMBERING_NONE, /**< it is not to be put in order */
    FB_NUMBERING_YES,
    FB_NUMBERING_IMPOSSIBLE /**< so it went by flow instead */
} fb_numbering;

typedef enum fb_decider
{
    FB_DECIDED_BY_SCHEDULER, /**< no rule did */
    FB_DECIDED_BY_NEGOTIATED,
    FB_DECIDED_BY_CONFIGURED
} fb_decider;

typedef struct fb_choice
{
    int path; /**< index of the path; -1: drop */
    int rule; /**< index of the rule that decided, in its policy; -1: none did */
    uint16_t reason; /**< fb_reason of a drop; FB_REASON_NONE otherwise */
    uint8_t by; /**< fb_decider */
    bool per_packet; /**< holds for this packet (D-39: and its fragments) only */
    uint8_t copies; /**< as many paths behind `path` get a copy each (RFC 6089 4.3) */
    uint8_t numbering; /**< fb_numbering */
    uint8_t reorder_class; /**< unless that is FB_NUMBERING_NONE */
} fb_choice;

/** Whether a policy can have @p rule: a known action, 1..8 BIDs, labels or technologies, each in its range. */
bool fb_rule_usable(const fb_rule *rule);

/** Whether @p rule names the path: by BID, label or technology. */
bool fb_rule_names(const fb_rule *rule, const fb_path_view *path);

/**
 * Whether the packet is Mobile IPv4 signalling between the mobile node and its home agent, which is outside the policy
 * (D-39): such a flow has no rules. Only the home agent's side counts: any application may have port 434 on the other.
 */
bool fb_steer_is_signalling(const fb_flow *flow, bool mirrored, fb_ipv4 home_agent);

/**
 * Decides in this order:
 *
 * 1. The first *active* rule of the negotiated policy that matches, in message order (D-23). A DROP rule always is
 *    active. A FORWARD rule is active while one of its BIDs is among @p paths, and names the first such; else it is
 *    skipped (D-24).
 * 2. The same with the static policy. A rule by label or technology names the paths that carry the first of its labels
 *    that any path carries; among several the scheduler chooses (RFC 7629 4.1).
 *    The BIDs of a COPY or SPREAD rule that are there all are meant.
 * 3. The scheduler among all paths; FB_DROP_NO_BINDING when there is none.
 *
 * Packets that are to be put in order need numbers on all paths they may take; where one has none they go by flow.
 *
 * So DROP comes before FB_DROP_NO_BINDING: what the policy forbids is counted as forbidden whether or not a path
 * happens to be up, and the counters of a node that lost its last path do not hide its policy.
 *
 * Nothing but the scheduler's context is written, and the order of @p paths. O(rules * BIDs * paths): keep the result
 * in a flow cache.
 */
fb_choice fb_steer_choose(const fb_steering *steering,
                          fb_path_view *paths,
                          size_t path_count,
                          const fb_flow *flow,
                          bool mirrored,
                          fb_time now);

/**
 * The paths that get a copy by the COPY rule @p rule: first in @p paths, in the order of its list. Returns how many
 * there are behind the first. For a packet that fb_steer_choose() need not be asked about again.
 */
uint8_t fb_steer_copies(const fb_rule *rule, fb_path_view *paths, size_t path_count);

#endif
