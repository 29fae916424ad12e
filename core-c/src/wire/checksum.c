/* SPDX-License-Identifier: BSD-3-Clause */
#include "wire/checksum.h"

#include "base/octets.h"

#include <string.h>

uint32_t
fb_checksum_add(uint32_t sum, const uint8_t *octets, size_t length)
{
    /* RFC 1071 2 (B), (C): in the machine's own order and in wider words it comes to the same, put in order at the end;
       carries may wait, as no packet is too long for 64 bits */
    uint64_t wide = 0;
    size_t at = 0;
    uint32_t word[2] = {0, 0};
    uint8_t pair[2];
    uint16_t folded;

    for (; at + 8 <= length; at += 8)
    {
        memcpy(word, octets + at, 8);
        wide += (uint64_t)word[0] + word[1];
    }
    for (; at < length; at += 2)
    {
        pair[0] = octets[at];
        /* RFC 1071 4.1: as if a zero octet followed */
        pair[1] = at + 1 < length ? octets[at + 1] : 0;
        memcpy(&folded, pair, 2);
        wide += folded;
    }
    wide = (wide & 0xffffffff) + (wide >> 32);
    wide = (wide & 0xffff) + (wide >> 16 & 0xffff) + (wide >> 32);
    wide = (wide & 0xffff) + (wide >> 16);
    folded = (uint16_t)((wide & 0xffff) + (wide >> 16));
    memcpy(pair, &folded, 2);
    return (sum & 0xffff) + (sum >> 16) + fb_load_u16(pair);
}

uint16_t
fb_checksum_finish(uint32_t sum)
{
    sum = (sum & 0xffff) + (sum >> 16);
    sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)~sum;
}
