/* SPDX-License-Identifier: BSD-3-Clause */

/** @file Traffic selectors (RFC 6088). Input: TS Format, then the selector. */

#include "fuzz.h"
#include "wire/traffic_selector.h"

int
LLVMFuzzerTestOneInput(const uint8_t* data, size_t size)
{
    fb_selector selector, again;
    uint8_t written[256];
    fb_writer writer = fb_writer_over(written, sizeof written);

    if (size == 0)
    {
        return 0;
    }
    memset(&selector, 0, sizeof selector);
    memset(&again, 0, sizeof again);
    if (fb_selector_decode(&selector, data[0], data + 1, size - 1) != FB_REASON_NONE)
    {
        return 0;
    }
    FUZZ_CHECK(fb_selector_check(&selector) == FB_REASON_NONE);
    fb_selector_write(&writer, &selector);
    FUZZ_CHECK(!writer.failed && writer.position == size - 1 &&
               fb_selector_size(&selector) == size - 1);
    /* All but the reserved flag bits is as it was; IPv6 flow labels lose bits that no IPv6 header has */
    FUZZ_CHECK(data[0] == FB_SELECTOR_IPV6 || memcmp(written + 4, data + 5, size - 5) == 0);
    FUZZ_CHECK(fb_selector_decode(&again, data[0], written, writer.position) == FB_REASON_NONE);
    FUZZ_CHECK(memcmp(&selector, &again, sizeof selector) == 0);
    return 0;
}
