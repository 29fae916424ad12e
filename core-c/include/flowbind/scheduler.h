/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FLOWBIND_SCHEDULER_H
#define FLOWBIND_SCHEDULER_H

/**
 * @file
 * Schedulers choose among the paths that are up where the policy leaves the choice open (RFC 7629 6). A scheduler
 * answers, it does not act: the only thing it may write is its own context.
 *
 * A host's own one is fb_config.custom_scheduler. One that everybody is to have is a file with one const table in
 * core-c/src/steer, declared and listed in scheduler_list.c, and a test; examples/flowbind-least-loss.c is such a file.
 */

#include "flowbind/flow.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A path that is up: the binding's own identifiers. */
typedef struct fb_path_view
{
    uint32_t link; /**< the host's number; 0 where the host's routing decides */
    uint8_t bid; /**< 1..254, no two alike; 0: the only binding, of a node without RFC 7629 */
    uint8_t label;
    uint8_t technology;
    uint16_t weight; /**< as configured (fb_link.weight); 0: not */
    /** in the direction asked about, as measured or told by the peer (RFC 5094); 0: not known */
    uint32_t rate_kbps;
    uint32_t round_trip_us; /**< the same */
    /** one way in that direction, or how much longer than the shortest path's; the same */
    uint32_t delay_us;
    uint32_t loss_ppm; /**< the same */
    uint32_t backlog_octets; /**< waiting in the queue in front of it, as told by the host */
    uint16_t cost; /**< as configured (fb_link.cost) */
    uint16_t overhead; /**< octets its tunnel puts in front of a packet, about */
    /** its tunnel is GRE from one end to the other, and has room for sequence numbers (RFC 2890) */
    bool numbers;
} fb_path_view;

typedef struct fb_scheduler fb_scheduler;

struct fb_scheduler
{
    const char *name; /**< as in policy files */
    /** octets the caller keeps for it, a multiple of 8 aligned to 8, and with `per_packet` for each session: what one
        node sends does not move another's turn; 0: `context` is NULL */
    size_t context_size;

    /** Prepares @p context. NULL when there is none. */
    void (*init)(void *context, uint64_t seed);

    /** The index of the path for this packet, or -1 when @p count is 0. */
    int (*pick)(void *context,
                const fb_flow *flow,
                bool mirrored,
                const fb_path_view *paths,
                size_t count,
                fb_time now);

    /** packets of one flow may get different paths: what it chose is not to be remembered for the next one */
    bool per_packet;
    /** all the paths get a copy of the packet; pick() names the first of them */
    bool copies;
    /** with a `context_size` of 0 what pick() gets as context: the host's own, for fb_config.custom_scheduler */
    void *user;
};

#ifdef __cplusplus
}
#endif

#endif
