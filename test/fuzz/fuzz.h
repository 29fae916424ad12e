/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_TEST_FUZZ_H
#define FB_TEST_FUZZ_H

/**
 * @file
 * What the fuzz targets share. A target is one file with LLVMFuzzerTestOneInput(), which libFuzzer calls with inputs it
 * makes up, and replay.c with those of test/fuzz/corpus/. It must not keep anything from one input to the next.
 */

#include "base/bytes.h"
#include "flowbind/config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

/** Something that must hold, whatever the input. */
#define FUZZ_CHECK(condition)                                                              \
    do                                                                                     \
    {                                                                                      \
        if (!(condition))                                                                  \
        {                                                                                  \
            fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #condition); \
            abort();                                                                       \
        }                                                                                  \
    }                                                                                      \
    while (0)

/** @p length octets on a heap block of exactly that size, so that reading past it is seen. */
static inline uint8_t*
fuzz_copy(const uint8_t* octets, size_t length)
{
    uint8_t* copy = malloc(length > 0 ? length : 1);

    FUZZ_CHECK(copy != NULL);
    if (length > 0)
    {
        memcpy(copy, octets, length);
    }
    return copy;
}

/** The association of test/vectors/vectors.json (SPI 0x101), and others beside it. */
static inline fb_security_association
fuzz_association(uint32_t number)
{
    static const uint8_t key[16] = {0x01,
                                    0x23,
                                    0x45,
                                    0x67,
                                    0x89,
                                    0xab,
                                    0xcd,
                                    0xef,
                                    0x01,
                                    0x23,
                                    0x45,
                                    0x67,
                                    0x89,
                                    0xab,
                                    0xcd,
                                    0xef};
    fb_security_association association = {.spi = 0x101 + number, .key_length = 16};

    association.algorithm = number % 2 == 0 ? FB_HMAC_MD5 : FB_HMAC_SHA256;
    memcpy(association.key, key, sizeof key);
    return association;
}

/** Mixes a value into a digest of a state (FNV-1a). */
static inline void
fuzz_mix(uint64_t* digest, uint64_t value)
{
    for (int i = 0; i < 8; i++)
    {
        *digest = (*digest ^ (value >> 8 * i & 0xff)) * UINT64_C(0x100000001b3);
    }
}

#endif
