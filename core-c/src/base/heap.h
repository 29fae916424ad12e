/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_BASE_HEAP_H
#define FB_BASE_HEAP_H

/**
 * @file
 * Deadlines of the ids 0..capacity-1, the earliest first: a binary min-heap that knows where each id is. Equal times
 * come in the order of their ids, so that the same run repeats exactly.
 */

#include "flowbind/types.h"

typedef struct fb_heap
{
    fb_time *when; /* by place in the heap */
    uint32_t *id; /* by place in the heap */
    uint32_t *place; /* by id; UINT32_MAX: not in the heap */
    uint32_t capacity;
    uint32_t count;
} fb_heap;

/** Octets fb_heap_init() needs; SIZE_MAX when they cannot be counted. */
size_t fb_heap_memory(uint32_t capacity);

/** Empty heap in @p memory: fb_heap_memory() octets, aligned to 8. */
void fb_heap_init(fb_heap *heap, void *memory, uint32_t capacity);

/** Inserts or moves @p id, which is below capacity; FB_TIME_NEVER takes it out. O(log n). */
void fb_heap_set(fb_heap *heap, uint32_t id, fb_time when);

/** The deadline of @p id; FB_TIME_NEVER if it has none. */
fb_time fb_heap_get(const fb_heap *heap, uint32_t id);

/** The earliest deadline and whose it is; FB_TIME_NEVER, and @p id untouched, if there is none. */
fb_time fb_heap_top(const fb_heap *heap, uint32_t *id);

#endif
