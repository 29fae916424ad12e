/* SPDX-License-Identifier: BSD-3-Clause */
#include "state/prefix_pool.h"

#include "base/octets.h"

/** Prefixes are numbered in so many bits at most: the pool begins with those whose other bits are 0. */
#define NUMBER_BITS 32

static uint32_t
capacity_of(const fb_prefix_pool *pool, uint32_t wanted)
{
    uint64_t all = UINT64_C(1) << (pool->length - pool->shared.length);
    uint64_t left = all > pool->first ? all - pool->first : 0;

    if (pool->length == 32 && pool->base.address.family == FB_FAMILY_IPV4 && pool->first > 0 &&
        left > 0)
    {
        left--; /* RFC 919 7: the last address of a network is its broadcast address */
    }
    return left < wanted ? (uint32_t)left : wanted;
}

void
fb_prefix_pool_init(fb_prefix_pool *pool,
                    fb_arena *arena,
                    const fb_prefix *base,
                    uint8_t length,
                    uint32_t first,
                    uint32_t capacity)
{
    uint32_t *memory;

    pool->base = *base;
    pool->length = length;
    pool->first = first;
    if (!fb_prefix_valid(base) || length < base->length ||
        length > fb_prefix_length_max(base->address.family))
    {
        pool->base.length = 0;
        fb_pool_init(&pool->free, NULL, 0);
        return;
    }
    fb_prefix_clear_host_bits(&pool->base);
    pool->shared = pool->base;
    if (length - base->length > NUMBER_BITS)
    {
        pool->shared.length = (uint8_t)(length - NUMBER_BITS);
    }
    pool->in_first_half = base->address.family == FB_FAMILY_IPV6 && length <= 64;
    pool->first_half = fb_load_u64(pool->shared.address.octet);
    pool->number_mask = (uint32_t)((UINT64_C(1) << (length - pool->shared.length)) - 1);
    capacity = capacity_of(pool, capacity);
    memory = fb_arena_take(arena, 1, fb_pool_memory(capacity), _Alignof(uint32_t));
    pool->owner = fb_arena_take(arena, capacity, sizeof *pool->owner, _Alignof(uint32_t));
    if (arena->base != NULL && !arena->failed)
    {
        fb_pool_init(&pool->free, memory, capacity);
    }
}

uint32_t
fb_prefix_pool_take(fb_prefix_pool *pool, uint32_t owner)
{
    uint32_t item = fb_pool_take(&pool->free);

    if (item == FB_POOL_NONE)
    {
        return FB_POOL_NONE;
    }
    pool->owner[item] = owner;
    return item + pool->first;
}

bool
fb_prefix_pool_is_free(const fb_prefix_pool *pool, uint32_t number)
{
    uint32_t item = number - pool->first;

    return number >= pool->first && item < pool->free.capacity &&
           fb_pool_is_free(&pool->free, item);
}

bool
fb_prefix_pool_take_number(fb_prefix_pool *pool, uint32_t number, uint32_t owner)
{
    if (!fb_prefix_pool_is_free(pool, number))
    {
        return false;
    }
    (void)fb_pool_take_near(&pool->free, number - pool->first);
    pool->owner[number - pool->first] = owner;
    return true;
}

void
fb_prefix_pool_give(fb_prefix_pool *pool, uint32_t number)
{
    fb_pool_give(&pool->free, number - pool->first);
}

fb_prefix
fb_prefix_pool_prefix(const fb_prefix_pool *pool, uint32_t number)
{
    fb_prefix prefix = {pool->base.address, pool->length};
    unsigned spare = (8u - pool->length % 8u) % 8u;
    uint64_t bits = (uint64_t)number << spare;

    for (unsigned at = (pool->length + 7u) / 8u; at-- > 0 && bits != 0; bits >>= 8)
    {
        prefix.address.octet[at] |= (uint8_t)bits;
    }
    return prefix;
}

/** The NUMBER_BITS bits in front of bit @p to of an address, or what there is of them. */
static uint32_t
bits_before(uint8_t family, const uint8_t *octets, unsigned to)
{
    uint64_t high, low;

    if (family == FB_FAMILY_IPV4)
    {
        return (uint32_t)((uint64_t)fb_load_u32(octets) >> (32 - to));
    }
    high = fb_load_u64(octets);
    if (to <= 64)
    {
        return to == 0 ? 0 : (uint32_t)(high >> (64 - to));
    }
    low = fb_load_u64(octets + 8) >> (128 - to);
    return (uint32_t)(to < 128 ? high << (to - 64) | low : low);
}

/** The number of the prefix the address is in; FB_POOL_NONE: none of the pool's. */
static uint32_t
number_of(const fb_prefix_pool *pool, uint8_t family, const uint8_t *octets)
{
    uint32_t number;

    if (pool->free.capacity == 0 || family != pool->base.address.family)
    {
        return FB_POOL_NONE;
    }
    if (pool->in_first_half)
    {
        uint64_t bits = (fb_load_u64(octets) - pool->first_half) >> (64 - pool->length);

        if (bits > pool->number_mask)
        {
            return FB_POOL_NONE;
        }
        number = (uint32_t)bits;
    }
    else if (fb_prefix_covers(&pool->shared, octets))
    {
        number = bits_before(family, octets, pool->length) & pool->number_mask;
    }
    else
    {
        return FB_POOL_NONE;
    }
    return number >= pool->first && number - pool->first < pool->free.capacity ? number
                                                                               : FB_POOL_NONE;
}

uint32_t
fb_prefix_pool_guess(const fb_prefix_pool *pool, uint8_t family, const uint8_t *octets)
{
    uint32_t number = number_of(pool, family, octets);

    if (number == FB_POOL_NONE)
    {
        return FB_PREFIX_UNOWNED;
    }
    return number - pool->first;
}

uint32_t
fb_prefix_pool_number(const fb_prefix_pool *pool, const fb_prefix *prefix)
{
    return prefix->length == pool->length
               ? number_of(pool, prefix->address.family, prefix->address.octet)
               : FB_POOL_NONE;
}

uint32_t
fb_prefix_pool_owner(const fb_prefix_pool *pool, uint8_t family, const uint8_t *octets)
{
    uint32_t number = number_of(pool, family, octets);

    return number == FB_POOL_NONE || fb_prefix_pool_is_free(pool, number)
               ? FB_PREFIX_UNOWNED
               : pool->owner[number - pool->first];
}
