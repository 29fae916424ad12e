/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/arena.h"

fb_arena
fb_arena_over(void *memory, size_t length)
{
    fb_arena arena = {memory, memory == NULL ? SIZE_MAX : length, 0, false};
    return arena;
}

void *
fb_arena_take(fb_arena *arena, size_t count, size_t size, size_t alignment)
{
    size_t octets = fb_arena_octets(count, size);
    size_t padding = (alignment - arena->used % alignment) % alignment;
    size_t left = arena->capacity - arena->used;

    if (arena->failed || octets == SIZE_MAX || padding > left || octets > left - padding)
    {
        arena->failed = true;
        return NULL;
    }
    size_t start = arena->used + padding;
    arena->used = start + octets;
    return arena->base == NULL ? NULL : arena->base + start;
}
