/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_STATE_CLOCK_H
#define FB_STATE_CLOCK_H

/**
 * @file
 * Wall-clock time in the 64-bit NTP format of RFC 5944's Identification, and replay protection by timestamps (5.7.1).
 */

#include "flowbind/types.h"

/** What the host last said of the wall clock. Before it says anything the clock reads as zero seconds of 1970. */
typedef struct fb_clock
{
    uint64_t wall_ns; /**< at `at`, since 1970 */
    fb_time at;
    uint64_t
        /** added to the NTP value, modulo 2^64: what a home agent taught us with code 133 */
        offset;
} fb_clock;

void fb_clock_set(fb_clock *clock, uint64_t wall_ns, fb_time now);

/** Now, as NTP seconds (high 32 bits) and fraction (low 32 bits). */
uint64_t fb_clock_ntp(const fb_clock *clock, fb_time now);

/** Now, as a timestamp of Proxy Mobile IPv6 (RFC 5213 8.8): seconds since 1970 in 48 bits, 1/65536 s in 16. */
uint64_t fb_clock_timestamp(const fb_clock *clock, fb_time now);

/** From now on fb_clock_ntp() has @p ntp_seconds in its high 32 bits (RFC 5944 3.6.2.3, 5.7.1: code 133). */
void fb_clock_resynchronize(fb_clock *clock, uint32_t ntp_seconds, fb_time now);

/**
 * RFC 5944 5.7.1: close enough to the receiver's clock, and greater than all accepted before.
 * @p tolerance_s in seconds, both ways.
 */
bool fb_timestamp_acceptable(uint64_t identification,
                             uint64_t latest,
                             uint64_t receiver_ntp,
                             uint16_t tolerance_s);

#endif
