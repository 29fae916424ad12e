/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_BASE_MACHINE_H
#define FB_BASE_MACHINE_H

/**
 * @file
 * What processors can do and C cannot say. A compiler without these builtins gets the same results more slowly.
 */

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/** Octets that most processors fetch from memory at once: arrays that are read at random begin at a multiple of it. */
#define FB_CACHE_LINE 64

/** How many zero bits stand above the highest one of @p bits, which is not 0. */
static inline unsigned
fb_leading_zeros(uint32_t bits)
{
#ifdef __GNUC__
    _Static_assert(sizeof(unsigned) == sizeof(uint32_t), "the builtin counts in an unsigned int");
    return (unsigned)__builtin_clz(bits);
#else
    unsigned zeros = 0;

    for (; (bits & UINT32_C(0x80000000)) == 0; bits <<= 1)
    {
        zeros++;
    }
    return zeros;
#endif
}

/** How many zero bits stand below the lowest one of @p bits, which is not 0. */
static inline unsigned
fb_trailing_zeros(uint32_t bits)
{
    return 31 - fb_leading_zeros(bits & (~bits + 1));
}

/**
 * Sets @p size octets, which the compiler knows how many are, to 0, for what every message needs cleared. At once,
 * memset() of more than a few becomes an instruction of processors that takes long to begin.
 */
static inline void
fb_clear(void *object, size_t size)
{
    uint8_t *octets = object;

    for (; size > FB_CACHE_LINE; size -= FB_CACHE_LINE, octets += FB_CACHE_LINE)
    {
        memset(octets, 0, FB_CACHE_LINE);
    }
    memset(octets, 0, size);
}

/** Asks for the memory at @p address to be brought near: it is written soon. Any address will do, it is only a hint. */
static inline void
fb_prefetch(const void *address)
{
#ifdef __GNUC__
    __builtin_prefetch(address, 1);
#else
    (void)address;
#endif
}

/** The same for @p octets octets from @p start on. */
static inline void
fb_prefetch_all(const void *start, size_t octets)
{
    const uint8_t *first = start;

    for (size_t at = 0; at < octets; at += FB_CACHE_LINE)
    {
        fb_prefetch(first + at);
    }
    fb_prefetch(first + octets - 1);
}

#endif
