/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_BASE_HASH_H
#define FB_BASE_HASH_H

/**
 * @file
 * Hashing of small fixed-size keys. No seed: both ends of a tunnel have to compute the same values (D-35), and a table
 * that is attacked with chosen keys degrades to misses, never to wrong answers.
 */

#include "base/octets.h"

#include <stddef.h>
#include <stdint.h>

/** Every input bit reaches every output bit; a bijection, so distinct inputs stay distinct. */
static inline uint64_t
fb_hash_mix(uint64_t value)
{
    /* Fractions of the golden ratio and of pi: odd, without pattern, and nobody had to choose them. */
    value ^= value >> 32;
    value *= UINT64_C(0x9e3779b97f4a7c15);
    value ^= value >> 29;
    value *= UINT64_C(0x243f6a8885a308d3);
    value ^= value >> 32;
    return value;
}

/** Hash of an ordered pair. For a fixed @p left a bijection of @p right, and the other way round. */
static inline uint64_t
fb_hash_combine(uint64_t left, uint64_t right)
{
    return fb_hash_mix(left * UINT64_C(0x9e3779b97f4a7c15) + right);
}

/** Hash of @p length octets, which begins at @p seed. */
static inline uint64_t
fb_hash_octets(uint64_t seed, const uint8_t *octets, size_t length)
{
    uint64_t hash = fb_hash_combine(seed, length);
    uint64_t word = 0;
    size_t at = 0;

    for (; at + 8 <= length; at += 8)
    {
        hash = fb_hash_combine(hash, fb_load_u64(octets + at));
    }
    for (; at < length; at++)
    {
        word = word << 8 | octets[at];
    }
    return fb_hash_combine(hash, word);
}

#endif
