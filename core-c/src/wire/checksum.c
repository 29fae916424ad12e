/* SPDX-License-Identifier: BSD-3-Clause */
#include "wire/checksum.h"

#include "base/octets.h"

#include <string.h>

/** The carry comes back at the other end. */
static uint64_t
add_word(uint64_t sum, uint64_t word)
{
    sum += word;
    return sum + (sum < word);
}

/** The last octets, fewer than 8, as a word. */
static uint64_t
last_word(const uint8_t *octets, size_t length)
{
    uint64_t word = 0;
    uint32_t four;
    uint16_t two;

    if ((length & 4) != 0)
    {
        memcpy(&four, octets, 4);
        word = four;
        octets += 4;
    }
    if ((length & 2) != 0)
    {
        memcpy(&two, octets, 2);
        word += two;
        octets += 2;
    }
    if ((length & 1) != 0)
    {
        /* RFC 1071 4.1: as if a zero octet followed */
        memcpy(&two, (const uint8_t[2]){octets[0], 0}, 2);
        word += two;
    }
    return word;
}

uint32_t
fb_checksum_add(uint32_t sum, const uint8_t *octets, size_t length)
{
    /* RFC 1071 2 (B), (C): in the machine's own order and in wider words it comes to the same, and is put in order at
       the end */
    uint64_t wide = 0;
    uint16_t folded;
    uint8_t pair[2];

    for (; length >= 32; octets += 32, length -= 32)
    {
        uint64_t word[4];

        memcpy(word, octets, sizeof word);
        wide = add_word(wide, word[0]);
        wide = add_word(wide, word[1]);
        wide = add_word(wide, word[2]);
        wide = add_word(wide, word[3]);
    }
    for (; length >= 8; octets += 8, length -= 8)
    {
        uint64_t word;

        memcpy(&word, octets, sizeof word);
        wide = add_word(wide, word);
    }
    if (length > 0)
    {
        wide = add_word(wide, last_word(octets, length));
    }
    wide = (wide & 0xffffffff) + (wide >> 32);
    wide = (wide & 0xffff) + (wide >> 16);
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
