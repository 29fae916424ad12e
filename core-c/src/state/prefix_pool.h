/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_STATE_PREFIX_POOL_H
#define FB_STATE_PREFIX_POOL_H

/**
 * @file
 * Prefixes of one length out of a larger one, to be given to mobility sessions (RFC 5213 5.3.2, RFC 5844 3.1.2.2,
 * RFC 7148 5.2.2). They are numbered by their place in it, so that whose an address is costs no search.
 */

#include "base/arena.h"
#include "base/pool.h"
#include "base/prefix.h"

/** In the place of an owner: a prefix that is nobody's, or must not be given. */
#define FB_PREFIX_UNOWNED FB_POOL_NONE

typedef struct fb_prefix_pool
{
    fb_prefix base; /**< length 0: there is no pool */
    uint8_t length; /**< of each prefix */
    fb_prefix shared; /**< what all of them begin with, up to the bits of their numbers */
    uint32_t number_mask; /**< how many bits a number has */
    /** no bit behind the 64th of an IPv6 address counts: `first_half` has those of `shared`, and zeros */
    bool in_first_half;
    uint64_t first_half;
    uint32_t first; /**< lowest number that is given */
    fb_pool free; /**< of numbers less `first` */
    uint32_t *owner; /**< by number less `first` */
} fb_prefix_pool;

/**
 * At most @p capacity prefixes of @p length bits out of @p base, from number @p first on. With a base that is no
 * prefix, or longer than its parts, there are none.
 */
void fb_prefix_pool_init(fb_prefix_pool *pool,
                         fb_arena *arena,
                         const fb_prefix *base,
                         uint8_t length,
                         uint32_t first,
                         uint32_t capacity);

/** Gives @p owner the lowest prefix that is free: its number, or FB_POOL_NONE. */
uint32_t fb_prefix_pool_take(fb_prefix_pool *pool, uint32_t owner);

/** Gives @p owner prefix @p number, if it is free. */
bool fb_prefix_pool_take_number(fb_prefix_pool *pool, uint32_t number, uint32_t owner);

/** The prefix is free again. */
void fb_prefix_pool_give(fb_prefix_pool *pool, uint32_t number);

/**
 * Who is likely to have the prefix the address @p octets of @p family is in: where owners are numbers that are given
 * and come back as prefixes do, the one of the same number. FB_PREFIX_UNOWNED: nobody, as it is not in the pool.
 */
uint32_t fb_prefix_pool_guess(const fb_prefix_pool *pool, uint8_t family, const uint8_t *octets);

/** Who really has the prefix about which @p guess was returned; FB_PREFIX_UNOWNED. */
static inline uint32_t
fb_prefix_pool_guessed(const fb_prefix_pool *pool, uint32_t guess)
{
    return guess == FB_PREFIX_UNOWNED || fb_pool_is_free(&pool->free, guess) ? FB_PREFIX_UNOWNED
                                                                             : pool->owner[guess];
}

/** Whether prefixes are left. */
static inline bool
fb_prefix_pool_has_room(const fb_prefix_pool *pool)
{
    return pool->free.used < pool->free.capacity;
}

/** Prefix @p number. */
fb_prefix fb_prefix_pool_prefix(const fb_prefix_pool *pool, uint32_t number);

/** The number of @p prefix, if it is one of the pool's; FB_POOL_NONE. */
uint32_t fb_prefix_pool_number(const fb_prefix_pool *pool, const fb_prefix *prefix);

/** Whether prefix @p number can be given now. */
bool fb_prefix_pool_is_free(const fb_prefix_pool *pool, uint32_t number);

/** Who has the prefix the address @p octets of @p family is in; FB_PREFIX_UNOWNED. */
uint32_t fb_prefix_pool_owner(const fb_prefix_pool *pool, uint8_t family, const uint8_t *octets);

#endif
