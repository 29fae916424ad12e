/* SPDX-License-Identifier: BSD-3-Clause */

/** @file Requests and replies: framing, extensions, authentication. Input: the layout, then the message. */

#include "fuzz.h"
#include "wire/rfc3519.h"

static void
check_extensions(const fb_mip4_message* message)
{
    size_t at = message->fixed.type == FB_MIP4_REQUEST ? 24 : 20;

    FUZZ_CHECK(message->extension_count <= FB_MIP4_EXTENSIONS_MAX);
    for (int i = 0; i < message->extension_count; i++)
    {
        const fb_mip4_extension* e = &message->extension[i];

        FUZZ_CHECK(e->start >= at && e->body > e->start);
        at = (size_t)e->body + e->length;
        FUZZ_CHECK(at <= message->length);
    }
    FUZZ_CHECK(message->mobile_home >= -1 && message->mobile_home < message->extension_count);
    if (message->mobile_home >= 0)
    {
        FUZZ_CHECK(message->extension[message->mobile_home].type ==
                   FB_EXT_MOBILE_HOME_AUTHENTICATION);
    }
}

static void
check_request(const fb_mip4_message* message, fb_selector_layout layout)
{
    fb_mip4_request request;
    fb_rule rule, bids;
    const fb_mip4_extension* flow_binding = NULL;
    size_t rules = 0;
    int reason = fb_mip4_check_request(&request, message, layout);

    if (reason != FB_REASON_NONE)
    {
        FUZZ_CHECK(fb_reason_reply_code(reason) == FB_MIP4_POORLY_FORMED);
        return;
    }
    FUZZ_CHECK(request.has_multipath || request.flow_binding_count == 0);
    if (request.has_multipath)
    {
        FUZZ_CHECK(request.multipath.bid >= 1 && request.multipath.bid <= 254 &&
                   request.multipath.label >= 1);
    }
    for (int i = message->mobile_home + 1; i < message->extension_count; i++)
    {
        /* D-16 */
        FUZZ_CHECK(message->mobile_home < 0 || message->extension[i].type != FB_EXT_MULTIPATH);
    }
    if (message->fixed.lifetime_s == 0)
    {
        return; /* what Flow-Bindings say is not looked at */
    }
    FUZZ_CHECK(!request.has_multipath || !request.multipath.bulk || !request.multipath.overwrite);
    while (fb_mip4_flow_binding(message, rules, layout, &rule))
    {
        flow_binding = fb_mip4_next_flow_binding(message, flow_binding);
        FUZZ_CHECK(flow_binding != NULL);
        FUZZ_CHECK(rule.bid_count >= 1 && rule.bid_count <= FB_BIDS_PER_RULE);
        FUZZ_CHECK(fb_mip4_flow_binding_bids(message, flow_binding, &bids));
        FUZZ_CHECK(bids.action == rule.action && bids.bid_count == rule.bid_count);
        FUZZ_CHECK(rule.action == FB_RULE_DROP || memcmp(bids.bid, rule.bid, rule.bid_count) == 0);
        rules++;
    }
    FUZZ_CHECK(rules == request.flow_binding_count);
    FUZZ_CHECK(fb_mip4_next_flow_binding(message, flow_binding) == NULL);
}

/** RFC 3519: written again, what was read of an extension reads the same. */
static void
check_udp_tunnel(const fb_mip4_message* message)
{
    uint8_t octets[8];
    fb_writer writer = fb_writer_over(octets, sizeof octets);
    fb_udp_tunnel_request request, again;
    fb_udp_tunnel_reply reply;
    fb_udp_tunnel_found found = fb_udp_tunnel_request_find(&request, message);

    if (found == FB_UDP_TUNNEL_AUTHENTICATED || found == FB_UDP_TUNNEL_BEHIND)
    {
        fb_udp_tunnel_request_write(&writer, &request);
        FUZZ_CHECK(!writer.failed && fb_udp_tunnel_request_decode(&again, octets + 2, 6));
        FUZZ_CHECK(again.force == request.force && again.encapsulation == request.encapsulation &&
                   again.through_agent == request.through_agent);
    }
    found = fb_udp_tunnel_reply_find(&reply, message);
    FUZZ_CHECK(found != FB_UDP_TUNNEL_BEHIND);
    FUZZ_CHECK(found == FB_UDP_TUNNEL_ABSENT || message->mobile_home > 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t* data, size_t size)
{
    fb_mip4_message message;
    fb_security_association association = fuzz_association(0);
    uint8_t fixed[24];
    fb_writer writer = fb_writer_over(fixed, sizeof fixed);

    if (size == 0 || fb_mip4_walk(&message, data + 1, size - 1) != FB_REASON_NONE)
    {
        return 0;
    }
    FUZZ_CHECK(message.fixed.type == FB_MIP4_REQUEST || message.fixed.type == FB_MIP4_REPLY);
    fb_mip4_write_fixed(&writer, &message.fixed);
    FUZZ_CHECK(!writer.failed && writer.position <= size - 1);
    /* Sent as zero: r and x of a request (RFC 5944 3.3) */
    fixed[1] |= message.fixed.type == FB_MIP4_REQUEST ? data[2] & 0x05 : 0;
    FUZZ_CHECK(memcmp(fixed, data + 1, writer.position) == 0);
    check_extensions(&message);
    check_udp_tunnel(&message);
    for (int i = 0; i < message.extension_count; i++)
    {
        uint8_t type = message.extension[i].type;

        if (type >= FB_EXT_MOBILE_HOME_AUTHENTICATION && type <= FB_EXT_FOREIGN_HOME_AUTHENTICATION)
        {
            (void)fb_mip4_verify(&message, i, &association);
        }
    }
    if (message.fixed.type == FB_MIP4_REQUEST)
    {
        check_request(&message,
                      data[0] % 2 == 0 ? FB_SELECTOR_LAYOUT_RFC7629 : FB_SELECTOR_LAYOUT_RFC6089);
    }
    return 0;
}
