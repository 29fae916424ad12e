/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_BASE_POOL_H
#define FB_BASE_POOL_H

/**
 * @file
 * A fixed pool of numbers 0..capacity-1. The items they name live in an array of the pool's owner; the pool only knows
 * which numbers are free.
 */

#include "flowbind/types.h"

/** No item. */
#define FB_POOL_NONE UINT32_MAX

typedef struct fb_pool
{
    uint32_t *next; /* of a free item: the free item below it */
    uint32_t capacity;
    uint32_t free; /* the top of the stack of items given back */
    uint32_t touched; /* items from here on were never taken: their `next` was never written */
    uint32_t used;
} fb_pool;

/** Octets fb_pool_init() needs at `next`, aligned as uint32_t; SIZE_MAX when they cannot be counted. */
size_t fb_pool_memory(uint32_t capacity);

/** O(1) for any capacity: a home agent may have millions of bindings. @p next need not be initialised. */
void fb_pool_init(fb_pool *pool, uint32_t *next, uint32_t capacity);

/** A free item, the one given back last first; FB_POOL_NONE when all are in use. */
uint32_t fb_pool_take(fb_pool *pool);

/** Gives @p item back. It must have been taken and not given back since. */
void fb_pool_give(fb_pool *pool, uint32_t item);

#endif
