/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_STEER_SEQUENCE_SPACE_H
#define FB_STEER_SEQUENCE_SPACE_H

/**
 * @file
 * The sequence numbers of one session and class (RFC 2890 2.2), whichever paths they come by: which is expected next,
 * which of those around it have come, and what to make of the others. No packets: resequencer.h keeps those that wait.
 *
 * Numbers are in a window: so many from the next one on, and as many before it. One that is further away is a stray: a
 * sender that began anew, very many lost in a row, or somebody's invention. Two strays near each other, in a row, show
 * that the numbers go on there (RFC 3550 A.1 does it so), and until then a stray moves nothing. So one forged number
 * makes at most a window of packets late.
 *
 * A sender may also begin anew at numbers that have just been in use. Paths are queues, and what comes by one of them
 * has higher numbers each time. When that is not so, FB_SEQUENCE_BACK numbers in a row show a new beginning, or a
 * single one after a silence.
 */

#include "flowbind/agent.h"
#include "steer/scheduler.h"

/** So many strays near each other, and so many known numbers that go back on their path, are a new beginning. */
#define FB_SEQUENCE_STRAYS 2
#define FB_SEQUENCE_BACK 8

/** After so long a silence nothing older is on its way any more. */
#define FB_SEQUENCE_SILENCE FB_SECOND

/** A first number below this is no beginning: those before it may be on slower paths. */
#define FB_SEQUENCE_FIRST 64

/** Paths that are told apart. */
#define FB_SEQUENCE_PATHS 8

typedef struct fb_sequence_path
{
    uint8_t bid;
    bool heard; /* `last` came by it, and nothing higher */
    uint32_t last;
} fb_sequence_path;

typedef struct fb_sequence_space
{
    uint32_t session; /* 0: free */
    uint8_t role;
    uint8_t number; /* the class */

    bool started; /* something was received */
    bool paths_known; /* `path` is all that the far end may use */
    bool settled; /* and it is so there, too */
    uint8_t path_count;
    uint8_t run; /* of strays, or numbers that go back, in a row; `run_last` is the last one */
    uint32_t run_last;
    uint32_t next; /* the number expected next */
    uint32_t highest; /* of those received */
    /* numbers before `next` of which it is known whether they came; the window at most */
    uint32_t accounted;
    uint32_t *seen; /* a bit for each number of the window, by its low bits */
    uint32_t window; /* numbers from the next on, and as many before; a power of two, at least 32 */
    fb_time received_at; /* the last one */
    fb_order_counters counters;
    fb_sequence_path path[FB_SEQUENCE_PATHS];

    /* of the resequencer: packets that wait, as they came */
    uint32_t waiting, oldest, newest;
    fb_time wait; /* the longest time one waits */
    fb_time used_at; /* in either direction */
    uint32_t version; /* of the session, for which `path` and `wait` were set */

    uint32_t next_sent; /* the other direction: the number of the next packet */
    bool told; /* the host knows that numbers cannot be used */
} fb_sequence_space;

/** What a number is. */
typedef enum fb_sequence_place
{
    FB_SEQUENCE_NEXT, /**< the one expected */
    FB_SEQUENCE_AHEAD, /**< others are missing before it */
    FB_SEQUENCE_LATE, /**< it was not waited for any more */
    FB_SEQUENCE_DUPLICATE, /**< came before */
    FB_SEQUENCE_STRAY, /**< far from the others */
    FB_SEQUENCE_RESTART /**< the sender began anew with it; what is from before goes first */
} fb_sequence_place;

/** Words of `seen` for this window. */
static inline size_t
fb_sequence_words(uint32_t window)
{
    return (size_t)window * 2 / 32;
}

/** Numbers begin at 0 (RFC 2890 2.2), nothing was sent or received; @p seen and @p window stay. */
void fb_sequence_reset(fb_sequence_space *space);

/** What @p number is, which came by path @p bid. */
fb_sequence_place fb_sequence_judge(fb_sequence_space *space,
                                    uint32_t number,
                                    uint8_t bid,
                                    fb_time now);

/** Counts @p number, judged as @p place, and remembers it where it is of the window. */
void fb_sequence_note(fb_sequence_space *space, uint32_t number, fb_sequence_place place);

/** The sender began anew at @p number, which is the next one now and came by path @p bid. */
void fb_sequence_restart(fb_sequence_space *space, uint32_t number, uint8_t bid);

static inline bool
fb_sequence_is_seen(const fb_sequence_space *space, uint32_t number)
{
    uint32_t at = number & (space->window * 2 - 1);

    return (space->seen[at / 32] >> at % 32 & 1) != 0;
}

/** Moves the next number on by @p count, at most the window; those passed over have come. */
void fb_sequence_advance(fb_sequence_space *space, uint32_t count);

/** The same; they have not come, and are lost. */
static inline void
fb_sequence_give_up(fb_sequence_space *space, uint32_t count)
{
    space->counters.lost += count;
    fb_sequence_advance(space, count);
}

/** How far from the next one the first number is that has come; the window when there is none. */
uint32_t fb_sequence_first_seen(const fb_sequence_space *space);

/** The paths the far end may use for this class; too many of them are as good as not known. */
void fb_sequence_set_paths(fb_sequence_space *space, const fb_path_view *paths, size_t count);

/**
 * How many numbers from the next on can come no more, as each path has delivered a higher one: queues keep the order of
 * what is in them. 0: there is none, or the paths are not known, or one is just coming or going (`settled`).
 */
uint32_t fb_sequence_known_lost(const fb_sequence_space *space);

/** Forgets paths that have been silent for so long that their last number means nothing any more. */
void fb_sequence_forget_silent(fb_sequence_space *space);

#endif
