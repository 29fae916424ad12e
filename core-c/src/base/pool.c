/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/pool.h"

#include "base/machine.h"

#include <string.h>

#define WORD_BITS 32u

static uint32_t
words_for(uint32_t bits)
{
    return bits / WORD_BITS + (bits % WORD_BITS != 0);
}

/** How many words the level above one of @p words has: none above the last. */
static uint32_t
words_above(uint32_t words)
{
    return words > 1 ? words_for(words) : 0;
}

size_t
fb_pool_memory(uint32_t capacity)
{
    size_t octets = 0;

    for (uint32_t words = words_for(capacity); words > 0; words = words_above(words))
    {
        octets += words * sizeof(uint32_t);
    }
    return octets;
}

void
fb_pool_init(fb_pool *pool, uint32_t *memory, uint32_t capacity)
{
    uint32_t bits = capacity;

    pool->capacity = capacity;
    pool->touched = 0;
    pool->used = 0;
    pool->levels = 0;
    for (uint32_t words = words_for(capacity); words > 0; words = words_above(words))
    {
        memset(memory, 0xff, words * sizeof *memory);
        if (bits % WORD_BITS != 0)
        {
            memory[words - 1] = (UINT32_C(1) << bits % WORD_BITS) - 1;
        }
        pool->level[pool->levels++] = memory;
        memory += words;
        bits = words;
    }
}

static uint32_t
take(fb_pool *pool, uint32_t item)
{
    uint32_t bit = item;

    for (uint8_t level = 0; level < pool->levels; level++)
    {
        uint32_t *word = &pool->level[level][bit / WORD_BITS];

        *word &= ~(UINT32_C(1) << bit % WORD_BITS);
        if (*word != 0)
        {
            break;
        }
        bit /= WORD_BITS;
    }
    if (item >= pool->touched)
    {
        pool->touched = item + 1;
    }
    pool->used++;
    return item;
}

uint32_t
fb_pool_take(fb_pool *pool)
{
    uint32_t item = 0;

    if (pool->used == pool->capacity)
    {
        return FB_POOL_NONE;
    }
    for (uint8_t level = pool->levels; level-- > 0;)
    {
        item = item * WORD_BITS + fb_trailing_zeros(pool->level[level][item]);
    }
    return take(pool, item);
}

uint32_t
fb_pool_take_near(fb_pool *pool, uint32_t near)
{
    uint32_t word = near / WORD_BITS;
    uint32_t words = words_for(pool->capacity);
    uint32_t bits;

    if (word >= words)
    {
        return fb_pool_take(pool);
    }
    bits = pool->level[0][word] & UINT32_MAX << near % WORD_BITS;
    if (bits == 0 && word + 1 < words)
    {
        word++;
        bits = pool->level[0][word];
    }
    return bits != 0 ? take(pool, word * WORD_BITS + fb_trailing_zeros(bits)) : fb_pool_take(pool);
}

void
fb_pool_give(fb_pool *pool, uint32_t item)
{
    uint32_t bit = item;

    for (uint8_t level = 0; level < pool->levels; level++)
    {
        uint32_t *word = &pool->level[level][bit / WORD_BITS];
        uint32_t before = *word;

        *word |= UINT32_C(1) << bit % WORD_BITS;
        if (before != 0)
        {
            break;
        }
        bit /= WORD_BITS;
    }
    pool->used--;
}
