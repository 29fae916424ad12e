/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * lowest-rtt: all packets of a session take the path with the smallest smoothed round-trip time. Another one takes over
 * when its time is smaller by more than an eighth: two paths that are about the same do not take turns.
 *
 * A path whose round-trip time is not known yet comes after all that have one; where none has, the first listed is
 * used. The path in use is left at once when it is gone.
 */
#include "steer/scheduler.h"

/** Of one session. */
typedef struct current
{
    uint8_t bid;
    bool known; /* there is one */
} current;

/* A multiple of 8 octets. */
typedef union context
{
    current now;
    uint64_t size;
} context;

static void
init(void *memory, uint64_t seed)
{
    (void)seed;
    *(context *)memory = (context){.size = 0};
}

/** Smaller is better; a time that is not known is the largest. */
static uint32_t
round_trip(const fb_path_view *path)
{
    return path->round_trip_us != 0 ? path->round_trip_us : UINT32_MAX;
}

/** The index of the path in use; -1: it is gone, or there was none. */
static int
find_current(const current *c, const fb_path_view *paths, size_t count)
{
    for (size_t i = 0; c->known && i < count; i++)
    {
        if (paths[i].bid == c->bid)
        {
            return (int)i;
        }
    }
    return -1;
}

static int
pick(void *memory,
     const fb_flow *flow,
     bool mirrored,
     const fb_path_view *paths,
     size_t count,
     fb_time now)
{
    current *c = &((context *)memory)->now;
    int used = find_current(c, paths, count);
    size_t best = 0;

    (void)flow;
    (void)mirrored;
    (void)now;
    if (count == 0)
    {
        return -1;
    }
    for (size_t i = 1; i < count; i++)
    {
        best = round_trip(&paths[i]) < round_trip(&paths[best]) ? i : best;
    }
    if (used >= 0)
    {
        uint32_t own = round_trip(&paths[used]);

        if (round_trip(&paths[best]) >= own - own / 8)
        {
            return used;
        }
    }
    *c = (current){.bid = paths[best].bid, .known = true};
    return (int)best;
}

const fb_scheduler fb_scheduler_lowest_rtt = {
    .name = "lowest-rtt",
    .context_size = sizeof(context),
    .init = init,
    .pick = pick,
    .per_packet = true,
};
