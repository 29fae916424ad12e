/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * The two extensions of RFC 7629: Multipath (4.1) and Flow-Binding (4.2).
 */

#include "wire/extension.h"
#include "wire/mobile_ipv4.h"
#include "wire/traffic_selector.h"

#include <string.h>

/* RFC 7629 4.1: the octet behind the BID is B, O and six reserved bits, which are ignored. */
#define MULTIPATH_FLAG_B 0x80
#define MULTIPATH_FLAG_O 0x40

/* RFC 7629 4.1: 1 to 254; 0 and 255 are reserved. */
#define BID_MIN 1
#define BID_MAX 254

/** What the BID octet of a DROP rule holds: nobody reads it (D-13). */
#define BID_OF_DROP 255

static bool
bid_is_reserved(uint8_t bid)
{
    return bid < BID_MIN || bid > BID_MAX;
}

int
fb_multipath_decode(fb_multipath *multipath, const uint8_t *body, size_t length)
{
    int reason = fb_extension_length_check(FB_EXT_MULTIPATH, FB_EXT_SUBTYPE_MULTIPATH, length);
    if (reason != FB_REASON_NONE)
    {
        return reason;
    }
    fb_reader reader = fb_reader_over(body, length);
    multipath->technology = fb_read_u8(&reader);
    multipath->label = fb_read_u8(&reader);
    multipath->bid = fb_read_u8(&reader);
    uint8_t flags = fb_read_u8(&reader);
    multipath->bulk = (flags & MULTIPATH_FLAG_B) != 0;
    multipath->overwrite = (flags & MULTIPATH_FLAG_O) != 0;

    if (multipath->label == 0)
    {
        return FB_DROP_LABEL_ZERO; /* D-18 */
    }
    if (bid_is_reserved(multipath->bid))
    {
        return FB_DROP_BID_RESERVED;
    }
    return FB_REASON_NONE;
}

void
fb_multipath_write(fb_writer *writer, const fb_multipath *multipath)
{
    uint8_t flags = 0;
    if (multipath->bulk)
    {
        flags |= MULTIPATH_FLAG_B;
    }
    if (multipath->overwrite)
    {
        flags |= MULTIPATH_FLAG_O;
    }
    fb_write_u8(writer, FB_EXT_MULTIPATH);
    fb_write_u8(writer, FB_EXT_SUBTYPE_MULTIPATH);
    fb_write_u16(writer, 4);
    fb_write_u8(writer, multipath->technology);
    fb_write_u8(writer, multipath->label);
    fb_write_u8(writer, multipath->bid);
    fb_write_u8(writer, flags);
}

/** Action and the number of BIDs it allows. 0 or a drop reason. */
static int
check_action(const fb_rule *rule)
{
    switch (rule->action)
    {
    case FB_RULE_DROP:
        /* RFC 7629 4.2: DROP carries a single BID octet. */
        return rule->bid_count == 1 ? FB_REASON_NONE : FB_DROP_BID_COUNT_OF_DROP;
    case FB_RULE_FORWARD:
        return rule->bid_count >= 1 && rule->bid_count <= FB_BIDS_PER_RULE ? FB_REASON_NONE
                                                                           : FB_DROP_BID_COUNT;
    default:
        return FB_DROP_ACTION_UNKNOWN; /* D-19 */
    }
}

static int
check_bids(const fb_rule *rule)
{
    if (rule->action == FB_RULE_DROP)
    {
        return FB_REASON_NONE; /* D-13: whatever its BID octet says */
    }
    for (size_t i = 0; i < rule->bid_count; i++)
    {
        if (bid_is_reserved(rule->bid[i]))
        {
            return FB_DROP_BID_RESERVED; /* C-15 */
        }
    }
    return FB_REASON_NONE;
}

int
fb_flow_binding_decode(fb_rule *rule, const uint8_t *body, size_t length, fb_selector_layout layout)
{
    memset(rule, 0, sizeof *rule); /* padding too: equal rules have equal octets */
    int reason = fb_extension_length_check(FB_EXT_MULTIPATH, FB_EXT_SUBTYPE_FLOW_BINDING, length);
    if (reason != FB_REASON_NONE)
    {
        return reason;
    }
    fb_reader reader = fb_reader_over(body, length);
    rule->action = fb_read_u8(&reader);
    rule->bid_count = fb_read_u8(&reader);
    reason = check_action(rule);
    if (reason != FB_REASON_NONE)
    {
        return reason;
    }

    fb_read_bytes(&reader, rule->bid, rule->bid_count);
    uint8_t format = fb_read_u8(&reader);
    if (layout == FB_SELECTOR_LAYOUT_RFC6089)
    {
        fb_read_skip(&reader, 1); /* D-20: the Reserved octet of RFC 6089 4.2.1.4 */
    }
    if (reader.failed)
    {
        return FB_DROP_FLOW_BINDING_LENGTH;
    }
    reason = check_bids(rule);
    if (reason != FB_REASON_NONE)
    {
        return reason;
    }
    return fb_selector_decode(&rule->selector,
                              format,
                              body + reader.position,
                              fb_read_left(&reader));
}

void
fb_flow_binding_write(fb_writer *writer, const fb_rule *rule, fb_selector_layout layout)
{
    bool forward = rule->action == FB_RULE_FORWARD && rule->bid_count <= FB_BIDS_PER_RULE;

    if (!forward && rule->action != FB_RULE_DROP)
    {
        writer->failed = true;
        return;
    }
    fb_write_u8(writer, FB_EXT_MULTIPATH);
    fb_write_u8(writer, FB_EXT_SUBTYPE_FLOW_BINDING);
    size_t length_at = writer->position;
    fb_write_u16(writer, 0);
    size_t body_at = writer->position;

    fb_write_u8(writer, rule->action);
    if (rule->action == FB_RULE_DROP)
    {
        fb_write_u8(writer, 1);
        fb_write_u8(writer, BID_OF_DROP);
    }
    else
    {
        fb_write_u8(writer, rule->bid_count);
        fb_write_bytes(writer, rule->bid, rule->bid_count);
    }
    fb_write_u8(writer, rule->selector.format);
    if (layout == FB_SELECTOR_LAYOUT_RFC6089)
    {
        fb_write_u8(writer, 0);
    }
    fb_selector_write(writer, &rule->selector);
    fb_write_patch_u16(writer, length_at, (uint16_t)(writer->position - body_at));
}

size_t
fb_flow_binding_size(const fb_rule *rule)
{
    /* Type, Subtype, Length, Action, BID Count, TS Format, and Reserved in the other layout */
    return 8u + rule->bid_count + fb_selector_size(&rule->selector);
}
