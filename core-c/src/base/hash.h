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
#include <string.h>

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

/**
 * Hash of many octets that are wanted now and on this machine only, as it depends on the order of its octets. Words of
 * 8 octets go into four lanes in turn, which a processor works on at the same time.
 */
typedef struct fb_hash_lanes
{
    uint64_t lane[4];
} fb_hash_lanes;

static inline fb_hash_lanes
fb_hash_begin(uint64_t seed)
{
    return (fb_hash_lanes){{seed,
                            seed ^ UINT64_C(0x13198a2e03707344),
                            seed ^ UINT64_C(0xa4093822299f31d0),
                            seed ^ UINT64_C(0x082efa98ec4e6c89)}}; /* more of pi */
}

/** For a fixed @p lane a bijection of @p word, and the other way round. */
static inline uint64_t
fb_hash_lane(uint64_t lane, uint64_t word)
{
    lane = (lane ^ word) * UINT64_C(0x9e3779b97f4a7c15);
    return lane << 32 | lane >> 32;
}

/** 8 octets in the machine's own order. */
static inline uint64_t
fb_hash_word(const uint8_t *octets)
{
    uint64_t word;

    memcpy(&word, octets, sizeof word);
    return word;
}

/** Adds @p words times 8 octets. */
static inline void
fb_hash_add(fb_hash_lanes *hash, const uint8_t *octets, size_t words)
{
    for (; words >= 4; words -= 4, octets += 32)
    {
        hash->lane[0] = fb_hash_lane(hash->lane[0], fb_hash_word(octets));
        hash->lane[1] = fb_hash_lane(hash->lane[1], fb_hash_word(octets + 8));
        hash->lane[2] = fb_hash_lane(hash->lane[2], fb_hash_word(octets + 16));
        hash->lane[3] = fb_hash_lane(hash->lane[3], fb_hash_word(octets + 24));
    }
    if (words >= 2)
    {
        hash->lane[0] = fb_hash_lane(hash->lane[0], fb_hash_word(octets));
        hash->lane[1] = fb_hash_lane(hash->lane[1], fb_hash_word(octets + 8));
        octets += 16;
        words -= 2;
    }
    if (words > 0)
    {
        hash->lane[2] = fb_hash_lane(hash->lane[2], fb_hash_word(octets));
    }
}

static inline uint64_t
fb_hash_end(const fb_hash_lanes *hash)
{
    uint64_t left = fb_hash_lane(hash->lane[0], hash->lane[1]);
    uint64_t right = fb_hash_lane(hash->lane[2], hash->lane[3]);

    return fb_hash_mix(left + (right ^ right >> 29));
}

#endif
