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

static inline uint64_t
load_word(const uint8_t *octets)
{
    uint64_t word;

    memcpy(&word, octets, sizeof word);
    return word;
}

/** A sum whose carries wait until the end: each step would have to wait for the one of the step before. */
typedef struct wide_sum
{
    uint64_t low, carries;
} wide_sum;

static inline void
count_word(wide_sum *sum, uint64_t word)
{
    sum->low += word;
    sum->carries += sum->low < word;
}

/** Adds what was summed in the machine's own order to @p sum. */
static uint32_t
put_in_order(uint32_t sum, uint64_t wide)
{
    uint16_t folded;
    uint8_t pair[2];

    wide = (wide & 0xffffffff) + (wide >> 32);
    wide = (wide & 0xffff) + (wide >> 16);
    wide = (wide & 0xffff) + (wide >> 16);
    folded = (uint16_t)((wide & 0xffff) + (wide >> 16));
    memcpy(pair, &folded, 2);
    return (sum & 0xffff) + (sum >> 16) + fb_load_u16(pair);
}

/** RFC 1071 2 (B), (C): in the machine's own order and in wider words it comes to the same. */
static inline uint64_t
add_octets(uint64_t wide, const uint8_t *octets, size_t length)
{
    wide_sum sum = {wide, 0};

    for (; length >= 32; octets += 32, length -= 32)
    {
        count_word(&sum, load_word(octets));
        count_word(&sum, load_word(octets + 8));
        count_word(&sum, load_word(octets + 16));
        count_word(&sum, load_word(octets + 24));
    }
    for (; length >= 8; octets += 8, length -= 8)
    {
        count_word(&sum, load_word(octets));
    }
    wide = add_word(sum.low, sum.carries);
    return length > 0 ? add_word(wide, last_word(octets, length)) : wide;
}

uint32_t
fb_checksum_add(uint32_t sum, const uint8_t *octets, size_t length)
{
    return put_in_order(sum, add_octets(0, octets, length));
}

static inline uint64_t
addresses6(const fb_addr *source, const fb_addr *destination)
{
    uint64_t wide = load_word(source->octet);

    wide = add_word(wide, load_word(source->octet + 8));
    wide = add_word(wide, load_word(destination->octet));
    return add_word(wide, load_word(destination->octet + 8));
}

/** The rest of the pseudo-header. */
static inline uint32_t
length_and_next_header(size_t length, uint8_t next_header)
{
    return (uint32_t)(length >> 16 & 0xffff) + (uint32_t)(length & 0xffff) + next_header;
}

uint32_t
fb_checksum_pseudo6(const fb_addr *source,
                    const fb_addr *destination,
                    uint8_t next_header,
                    size_t length)
{
    return put_in_order(length_and_next_header(length, next_header),
                        addresses6(source, destination));
}

uint32_t
fb_checksum_message6(const fb_addr *source,
                     const fb_addr *destination,
                     uint8_t next_header,
                     const uint8_t *octets,
                     size_t length)
{
    return put_in_order(length_and_next_header(length, next_header),
                        add_octets(addresses6(source, destination), octets, length));
}

uint16_t
fb_checksum_finish(uint32_t sum)
{
    sum = (sum & 0xffff) + (sum >> 16);
    sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)~sum;
}
