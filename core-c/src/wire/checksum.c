/* SPDX-License-Identifier: BSD-3-Clause */
#include "wire/checksum.h"

#include "base/octets.h"

uint32_t
fb_checksum_add(uint32_t sum, const uint8_t *octets, size_t length)
{
    uint64_t wide = sum;
    size_t at = 0;

    /* RFC 1071 2 (C): carries may wait, so sums of wider words come to the same. No packet is too long for 64 bits */
    for (; at + 4 <= length; at += 4)
    {
        wide += fb_load_u32(octets + at);
    }
    if (at + 2 <= length)
    {
        wide += fb_load_u16(octets + at);
    }
    if (length % 2 != 0)
    {
        wide += (uint64_t)octets[length - 1] << 8; /* RFC 1071 4.1: as if a zero octet followed */
    }
    wide = (wide & 0xffffffff) + (wide >> 32);
    wide = (wide & 0xffff) + (wide >> 16 & 0xffff) + (wide >> 32);
    return (uint32_t)((wide & 0xffff) + (wide >> 16));
}

uint16_t
fb_checksum_finish(uint32_t sum)
{
    sum = (sum & 0xffff) + (sum >> 16);
    sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)~sum;
}
