/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_BASE_POOL_H
#define FB_BASE_POOL_H

/**
 * @file
 * A fixed pool of numbers 0..capacity-1. The items they name live in an array of the pool's owner; the pool only knows
 * which numbers are free, with one bit each, and above them a tree of bits that say where a free one is.
 */

#include "flowbind/types.h"

/** No item. */
#define FB_POOL_NONE UINT32_MAX

/** Each has a bit for 32 of the one below: enough for any capacity. */
#define FB_POOL_LEVELS 7

typedef struct fb_pool
{
    /* bits of 0: the item is free; of others: the word below is not 0 */
    uint32_t *level[FB_POOL_LEVELS];
    uint8_t levels;
    uint32_t capacity;
    uint32_t touched; /* items from here on were never taken */
    uint32_t used;
} fb_pool;

/** Octets fb_pool_init() needs, aligned as uint32_t: little more than one for 8 items. */
size_t fb_pool_memory(uint32_t capacity);

/** All items are free. */
void fb_pool_init(fb_pool *pool, uint32_t *memory, uint32_t capacity);

/** The lowest free item; FB_POOL_NONE when all are in use. O(log n), 32 at a time. */
uint32_t fb_pool_take(fb_pool *pool);

/**
 * A free item at @p near or, if that can be, not far above it; otherwise any. So what is used together can lie
 * together.
 */
uint32_t fb_pool_take_near(fb_pool *pool, uint32_t near);

/** Whether @p item, which is below the capacity, is free. */
static inline bool
fb_pool_is_free(const fb_pool *pool, uint32_t item)
{
    return (pool->level[0][item / 32] >> item % 32 & 1) != 0;
}

/** Gives @p item back. It must have been taken and not given back since. */
void fb_pool_give(fb_pool *pool, uint32_t item);

#endif
