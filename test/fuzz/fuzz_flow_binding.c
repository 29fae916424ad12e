/* SPDX-License-Identifier: BSD-3-Clause */

/** @file Flow-Binding Extensions (RFC 7629 4.2). Input: the layout, then the body. */

#include "fuzz.h"
#include "wire/mobile_ipv4.h"
#include "wire/traffic_selector.h"

#define HEADER 4 /* Type, Subtype, Length */

int
LLVMFuzzerTestOneInput(const uint8_t* data, size_t size)
{
    fb_rule rule, again;
    uint8_t written[300];
    fb_writer writer = fb_writer_over(written, sizeof written);
    fb_selector_layout layout;

    if (size == 0)
    {
        return 0;
    }
    layout = data[0] % 2 == 0 ? FB_SELECTOR_LAYOUT_RFC7629 : FB_SELECTOR_LAYOUT_RFC6089;
    memset(&rule, 0, sizeof rule);
    memset(&again, 0, sizeof again);
    if (fb_flow_binding_decode(&rule, data + 1, size - 1, layout) != FB_REASON_NONE)
    {
        return 0;
    }
    FUZZ_CHECK(rule.action == FB_RULE_DROP || rule.action == FB_RULE_FORWARD);
    FUZZ_CHECK(rule.bid_count >= 1 && rule.bid_count <= FB_BIDS_PER_RULE);
    FUZZ_CHECK(fb_selector_check(&rule.selector) == FB_REASON_NONE);
    for (size_t i = 0; i < rule.bid_count && rule.action == FB_RULE_FORWARD; i++)
    {
        FUZZ_CHECK(rule.bid[i] >= 1 && rule.bid[i] <= 254);
    }
    fb_flow_binding_write(&writer, &rule, layout);
    FUZZ_CHECK(!writer.failed && writer.position == HEADER + size - 1);
    FUZZ_CHECK(fb_flow_binding_decode(&again, written + HEADER, size - 1, layout) ==
               FB_REASON_NONE);
    if (rule.action == FB_RULE_DROP)
    {
        memset(rule.bid, 0, sizeof rule.bid); /* without meaning (D-13) */
        memset(again.bid, 0, sizeof again.bid);
    }
    FUZZ_CHECK(memcmp(&rule, &again, sizeof rule) == 0);
    return 0;
}
