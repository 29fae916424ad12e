/* SPDX-License-Identifier: BSD-3-Clause */
#include "state/clock.h"

/* RFC 5905 figure 4: seconds from 1900 to 1970. */
#define NTP_OFFSET_S UINT64_C(2208988800)

void
fb_clock_set(fb_clock *clock, uint64_t wall_ns, fb_time now)
{
    clock->wall_ns = wall_ns;
    clock->at = now;
}

uint64_t
fb_clock_ntp(const fb_clock *clock, fb_time now)
{
    uint64_t wall_ns = clock->wall_ns + (now - clock->at);
    uint64_t seconds = wall_ns / FB_SECOND + NTP_OFFSET_S;
    uint64_t fraction = ((wall_ns % FB_SECOND) << 32) / FB_SECOND;

    return ((seconds << 32) | fraction) + clock->offset;
}

uint64_t
fb_clock_timestamp(const fb_clock *clock, fb_time now)
{
    uint64_t wall_ns = clock->wall_ns + (now - clock->at);

    return wall_ns / FB_SECOND << 16 | ((wall_ns % FB_SECOND) << 16) / FB_SECOND;
}

void
fb_clock_resynchronize(fb_clock *clock, uint32_t ntp_seconds, fb_time now)
{
    uint32_t own_seconds = (uint32_t)(fb_clock_ntp(clock, now) >> 32);

    clock->offset += (uint64_t)(uint32_t)(ntp_seconds - own_seconds) << 32;
}

bool
fb_timestamp_acceptable(uint64_t identification,
                        uint64_t latest,
                        uint64_t receiver_ntp,
                        uint16_t tolerance_s)
{
    /* The distance is taken modulo 2^64, so that the NTP era change of 2036 is no event. */
    uint64_t ahead = identification - receiver_ntp;
    uint64_t behind = receiver_ntp - identification;
    uint64_t tolerance = (uint64_t)tolerance_s << 32;

    if (ahead > tolerance && behind > tolerance)
    {
        return false;
    }
    return latest == 0 || (int64_t)(identification - latest) > 0;
}
