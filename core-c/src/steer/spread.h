/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_STEER_SPREAD_H
#define FB_STEER_SPREAD_H

/**
 * @file
 * The contexts of schedulers that rules name (FB_RULE_SPREAD), one for each session and scheduler. There are as many as
 * are configured. Sessions with numbers up to that have one each; of more some share one, which begins anew when
 * another of them has a packet. That costs an uneven share, and no more.
 */

#include "steer/scheduler.h"

typedef struct fb_spread
{
    uint8_t *slot;
    uint32_t count;
} fb_spread;

/** Octets for @p count contexts of any scheduler, aligned to 8; SIZE_MAX when they cannot be counted. */
size_t fb_spread_memory(uint32_t count);

/** No context is in use yet. */
void fb_spread_init(fb_spread *spread, void *memory, uint32_t count);

/** That of scheduler @p number (1 + its index) for @p session, not 0. NULL: none is configured. */
void *fb_spread_context(fb_spread *spread, uint32_t session, uint8_t number);

#endif
