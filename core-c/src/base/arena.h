/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_BASE_ARENA_H
#define FB_BASE_ARENA_H

/**
 * @file
 * Lays arrays out one after another in the caller's memory. The same code runs twice: over no memory, to learn how
 * much it takes (`used`), and then over that much.
 */

#include "flowbind/types.h"

typedef struct fb_arena
{
    uint8_t *base; /* NULL: only measuring */
    size_t capacity;
    size_t used;
    bool failed; /* something did not fit or could not be counted; stays */
} fb_arena;

/** Octets of @p count items of @p size octets; SIZE_MAX, more than anybody has, when they cannot be counted. */
static inline size_t
fb_arena_octets(size_t count, size_t size)
{
    if (size != 0 && count > SIZE_MAX / size)
    {
        return SIZE_MAX;
    }
    return count * size;
}

/** @p memory NULL: measure, @p length is without meaning. */
fb_arena fb_arena_over(void *memory, size_t length);

/**
 * The next @p count items of @p size octets, at a multiple of @p alignment (a power of two) from the base, hence no
 * better aligned than the base is; not cleared. NULL when measuring or failed.
 */
void *fb_arena_take(fb_arena *arena, size_t count, size_t size, size_t alignment);

#endif
