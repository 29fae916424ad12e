/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * round-robin: the packets of a node take its paths by turns, in the order of their BIDs, whatever flow they belong to.
 * Each path gets as many as any other; packets of one flow may overtake each other (RFC 7629 6, D-42).
 */
#include "steer/scheduler.h"

/** Of one session. */
typedef struct turn
{
    /* BID chosen last; 0: none, or that of the only path of a node without RFC 7629 */
    uint64_t last;
} turn;

static void
init(void *context, uint64_t seed)
{
    turn *t = context;

    (void)seed;
    t->last = 0;
}

/** The path with the next higher BID, else the one with the lowest: it does not matter which came or went meanwhile. */
static int
pick(void *context,
     const fb_flow *flow,
     bool mirrored,
     const fb_path_view *paths,
     size_t count,
     fb_time now)
{
    turn *t = context;
    int next = -1, lowest = -1;

    (void)flow;
    (void)mirrored;
    (void)now;
    for (size_t i = 0; i < count; i++)
    {
        if (lowest < 0 || paths[i].bid < paths[lowest].bid)
        {
            lowest = (int)i;
        }
        if (paths[i].bid > t->last && (next < 0 || paths[i].bid < paths[next].bid))
        {
            next = (int)i;
        }
    }
    next = next < 0 ? lowest : next;
    t->last = next < 0 ? 0 : paths[next].bid;
    return next;
}

const fb_scheduler fb_scheduler_round_robin = {
    .name = "round-robin",
    .context_size = sizeof(turn),
    .init = init,
    .pick = pick,
    .per_packet = true,
};
