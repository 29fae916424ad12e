/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/pool.h"

#include "base/arena.h"

size_t
fb_pool_memory(uint32_t capacity)
{
    return fb_arena_octets(capacity, sizeof(uint32_t));
}

void
fb_pool_init(fb_pool *pool, uint32_t *next, uint32_t capacity)
{
    pool->next = next;
    pool->capacity = capacity;
    pool->free = FB_POOL_NONE;
    pool->touched = 0;
    pool->used = 0;
}

uint32_t
fb_pool_take(fb_pool *pool)
{
    uint32_t item = pool->free;

    if (item != FB_POOL_NONE)
    {
        pool->free = pool->next[item];
    }
    else if (pool->touched < pool->capacity)
    {
        item = pool->touched++;
    }
    else
    {
        return FB_POOL_NONE;
    }
    pool->used++;
    return item;
}

void
fb_pool_give(fb_pool *pool, uint32_t item)
{
    pool->next[item] = pool->free;
    pool->free = item;
    pool->used--;
}
