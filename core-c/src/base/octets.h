/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_BASE_OCTETS_H
#define FB_BASE_OCTETS_H

/**
 * @file
 * Numbers in network order at a place that is known to be there. Where it is not known: base/bytes.h.
 */

#include <stdint.h>

static inline uint16_t
fb_load_u16(const uint8_t *octets)
{
    return (uint16_t)(octets[0] << 8 | octets[1]);
}

static inline uint32_t
fb_load_u32(const uint8_t *octets)
{
    return (uint32_t)octets[0] << 24 | (uint32_t)octets[1] << 16 | (uint32_t)octets[2] << 8 |
           octets[3];
}

static inline uint64_t
fb_load_u64(const uint8_t *octets)
{
    return (uint64_t)fb_load_u32(octets) << 32 | fb_load_u32(octets + 4);
}

static inline void
fb_store_u16(uint8_t *octets, uint16_t value)
{
    octets[0] = (uint8_t)(value >> 8);
    octets[1] = (uint8_t)value;
}

static inline void
fb_store_u32(uint8_t *octets, uint32_t value)
{
    fb_store_u16(octets, (uint16_t)(value >> 16));
    fb_store_u16(octets + 2, (uint16_t)value);
}

static inline void
fb_store_u64(uint8_t *octets, uint64_t value)
{
    fb_store_u32(octets, (uint32_t)(value >> 32));
    fb_store_u32(octets + 4, (uint32_t)value);
}

#endif
