/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_STATE_ENTROPY_H
#define FB_STATE_ENTROPY_H

/**
 * @file
 * Numbers nobody can predict, made from octets the host supplied: nonces (RFC 5944 5.7.2), and delays that have to be
 * random so that many nodes do not act at once (RFC 5944 2.3, 2.4). The same octets give the same numbers.
 */

#include "flowbind/types.h"

typedef struct fb_entropy
{
    uint8_t key[32];
    uint64_t counter;
    bool supplied; /**< by the host: nobody can predict the numbers */
} fb_entropy;

/** Adds @p octets to what is there: a host that adds little at a time loses nothing. */
void fb_entropy_add(fb_entropy *entropy, const uint8_t octets[32]);

/** The next number. Before the host supplied anything the numbers are fixed ones. */
uint64_t fb_entropy_next(fb_entropy *entropy);

/** The next number below @p bound; 0 when that is 0. */
uint64_t fb_entropy_below(fb_entropy *entropy, uint64_t bound);

#endif
