/* SPDX-License-Identifier: BSD-3-Clause */
#include "steer/sequence_space.h"

#include <string.h>

#include "base/machine.h"

/* ---- the window ---- */

static uint32_t
mask(const fb_sequence_space *space)
{
    return space->window * 2 - 1;
}

static void
forget_all(fb_sequence_space *space)
{
    memset(space->seen, 0, fb_sequence_words(space->window) * sizeof *space->seen);
}

/** Numbers that come into the window; their bits are those of numbers that leave it. */
static void
forget(fb_sequence_space *space, uint32_t from, uint32_t count)
{
    while (count > 0)
    {
        uint32_t at = from & mask(space);
        uint32_t part = 32 - at % 32 < count ? 32 - at % 32 : count;

        space->seen[at / 32] &= ~(UINT32_MAX >> (32 - part) << at % 32);
        from += part;
        count -= part;
    }
}

void
fb_sequence_advance(fb_sequence_space *space, uint32_t count)
{
    forget(space, space->next + space->window, count);
    space->next += count;
    space->accounted = space->window - space->accounted < count ? space->window
                                                                : space->accounted + count;
}

uint32_t
fb_sequence_first_seen(const fb_sequence_space *space)
{
    uint32_t ahead = 0;

    while (ahead < space->window)
    {
        uint32_t at = (space->next + ahead) & mask(space);
        uint32_t bits = space->seen[at / 32] >> at % 32;

        if (bits != 0)
        {
            ahead += fb_trailing_zeros(bits);
            break;
        }
        ahead += 32 - at % 32;
    }
    /* behind the window begin the numbers before it */
    return ahead < space->window ? ahead : space->window;
}

void
fb_sequence_reset(fb_sequence_space *space)
{
    uint32_t *seen = space->seen;
    uint32_t window = space->window;

    memset(space, 0, sizeof *space);
    space->seen = seen;
    space->window = window;
    forget_all(space);
}

static void
go_on_at(fb_sequence_space *space, uint32_t number)
{
    forget_all(space);
    space->started = true;
    space->next = number;
    space->highest = number - 1;
    space->accounted = 0;
    space->run = 0;
    for (size_t i = 0; i < space->path_count; i++)
    {
        space->path[i].heard = false;
    }
}

/* ---- paths ---- */

static fb_sequence_path *
path_of(fb_sequence_space *space, uint8_t bid)
{
    for (size_t i = 0; i < space->path_count; i++)
    {
        if (space->path[i].bid == bid)
        {
            return &space->path[i];
        }
    }
    return NULL;
}

/** One that was not told of is noted as well, since its numbers may go back; but then not all are known. */
static fb_sequence_path *
path_for(fb_sequence_space *space, uint8_t bid)
{
    fb_sequence_path *path = path_of(space, bid);

    if (path == NULL)
    {
        space->paths_known = false;
        if (space->path_count < FB_SEQUENCE_PATHS)
        {
            path = &space->path[space->path_count++];
            *path = (fb_sequence_path){.bid = bid};
        }
    }
    return path;
}

void
fb_sequence_set_paths(fb_sequence_space *space, const fb_path_view *paths, size_t count)
{
    fb_sequence_path kept[FB_SEQUENCE_PATHS];

    if (count > FB_SEQUENCE_PATHS)
    {
        space->paths_known = false;
        return;
    }
    for (size_t i = 0; i < count; i++)
    {
        const fb_sequence_path *old = path_of(space, paths[i].bid);

        kept[i] = old != NULL ? *old : (fb_sequence_path){.bid = paths[i].bid};
    }
    memcpy(space->path, kept, count * sizeof kept[0]);
    space->path_count = (uint8_t)count;
    space->paths_known = count > 0;
}

uint32_t
fb_sequence_known_lost(const fb_sequence_space *space)
{
    uint32_t least = space->window;
    bool known = space->settled && space->paths_known;

    for (size_t i = 0; known && i < space->path_count; i++)
    {
        uint32_t ahead = space->path[i].last - space->next;

        if (!space->path[i].heard || ahead >= space->window)
        {
            return 0;
        }
        least = ahead < least ? ahead : least;
    }
    return known ? least : 0;
}

void
fb_sequence_forget_silent(fb_sequence_space *space)
{
    for (size_t i = 0; i < space->path_count; i++)
    {
        fb_sequence_path *path = &space->path[i];

        path->heard = path->heard && space->next + space->window - path->last <= 2 * space->window;
    }
}

/* ---- numbers ---- */

void
fb_sequence_restart(fb_sequence_space *space, uint32_t number, uint8_t bid)
{
    fb_sequence_path *path = path_of(space, bid);

    go_on_at(space, number);
    space->counters.restarts++;
    if (path != NULL)
    {
        path->heard = true;
        path->last = number;
    }
}

static fb_sequence_place
place_of(const fb_sequence_space *space, uint32_t number)
{
    uint32_t ahead = number - space->next;

    if (ahead >= space->window && 0 - ahead > space->window)
    {
        return FB_SEQUENCE_STRAY;
    }
    if (fb_sequence_is_seen(space, number))
    {
        return FB_SEQUENCE_DUPLICATE;
    }
    if (ahead >= space->window)
    {
        return FB_SEQUENCE_LATE;
    }
    return ahead == 0 ? FB_SEQUENCE_NEXT : FB_SEQUENCE_AHEAD;
}

/** Whether a number that is neither the next nor ahead shows, with those before it, that the sender began anew. */
static bool
is_restart(fb_sequence_space *space,
           uint32_t number,
           fb_sequence_place place,
           const fb_sequence_path *path,
           bool silent)
{
    bool known = path != NULL && path->heard;
    bool stray = place == FB_SEQUENCE_STRAY;
    bool odd = stray || (known ? (int32_t)(number - path->last) <= 0 : silent);
    bool goes_on = space->run > 0 && number - space->run_last - 1 < space->window;

    if (!odd)
    {
        space->run = 0;
        return false;
    }
    space->run = goes_on ? space->run + 1 : 1;
    space->run_last = number;
    return silent || space->run >= (stray ? FB_SEQUENCE_STRAYS : FB_SEQUENCE_BACK);
}

fb_sequence_place
fb_sequence_judge(fb_sequence_space *space, uint32_t number, uint8_t bid, fb_time now)
{
    bool silent = now - space->received_at >= FB_SEQUENCE_SILENCE;
    fb_sequence_path *path = path_for(space, bid);
    fb_sequence_place place;

    space->received_at = now;
    if (!space->started)
    {
        /* RFC 2890 2.2: the first one is 0; a sender that has been at it for longer is believed where it is */
        go_on_at(space, number < FB_SEQUENCE_FIRST ? 0 : number);
    }
    place = place_of(space, number);
    if (place == FB_SEQUENCE_NEXT || place == FB_SEQUENCE_AHEAD)
    {
        space->run = 0;
    }
    else if (is_restart(space, number, place, path, silent))
    {
        return FB_SEQUENCE_RESTART;
    }
    if (path != NULL && place != FB_SEQUENCE_STRAY &&
        (!path->heard || (int32_t)(number - path->last) > 0))
    {
        path->heard = true;
        path->last = number;
    }
    return place;
}

/** RFC 4737 3.3: in order is what is not below a number that came before it. */
static void
count_order(fb_sequence_space *space, uint32_t number)
{
    if ((int32_t)(number - space->highest) > 0)
    {
        space->highest = number;
        space->counters.in_order++;
        return;
    }
    space->counters.reordered++;
}

void
fb_sequence_note(fb_sequence_space *space, uint32_t number, fb_sequence_place place)
{
    uint32_t at = number & mask(space);

    if (place == FB_SEQUENCE_STRAY)
    {
        space->counters.stray++;
        return;
    }
    if (place == FB_SEQUENCE_DUPLICATE)
    {
        space->counters.duplicate++;
        return;
    }
    space->seen[at / 32] |= UINT32_C(1) << at % 32;
    count_order(space, number);
    if (place == FB_SEQUENCE_LATE)
    {
        space->counters.late++;
        /* of one from before a new beginning it is not known that it was given up */
        space->counters.lost -= space->next - number <= space->accounted ? 1 : 0;
    }
}
