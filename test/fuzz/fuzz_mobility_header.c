/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * A Mobility Header: whether it came over IPv6, then its octets. Its checksum is made right, which no mutation would
 * find. What is read is written again; read and written once more it must be the same.
 */

#include "flowbind/reason.h"
#include "fuzz.h"
#include "wire/mobility_header.h"
#include "wire/traffic_selector.h"

static void
write_identities(fb_writer* writer, const fb_mobility_options* options)
{
    if (fb_option_present(options, FB_OPTION_MOBILE_NODE_IDENTIFIER))
    {
        fb_write_identifier_option(writer, FB_OPTION_MOBILE_NODE_IDENTIFIER, &options->mobile_node);
    }
    if (options->has_gateway)
    {
        fb_write_identifier_option(writer, FB_OPTION_GATEWAY_IDENTIFIER, &options->gateway);
    }
    if (fb_option_present(options, FB_OPTION_LINK_LAYER_IDENTIFIER))
    {
        fb_write_link_layer_identifier(writer, options->link_layer);
    }
    for (size_t i = 0; i < options->home_prefix_count; i++)
    {
        FUZZ_CHECK(options->home_prefix[i].length <= 128);
        fb_write_home_network_prefix(writer, &options->home_prefix[i]);
    }
    for (size_t i = 0; i < options->delegated_count; i++)
    {
        fb_write_delegated_prefix(writer, &options->delegated[i]);
    }
}

static void
write_numbers(fb_writer* writer, const fb_mobility_options* options)
{
    if (fb_option_present(options, FB_OPTION_HANDOFF_INDICATOR))
    {
        fb_write_octet_option(writer, FB_OPTION_HANDOFF_INDICATOR, options->handoff);
    }
    if (fb_option_present(options, FB_OPTION_ACCESS_TECHNOLOGY))
    {
        fb_write_octet_option(writer, FB_OPTION_ACCESS_TECHNOLOGY, options->technology);
    }
    if (fb_option_present(options, FB_OPTION_LINK_LOCAL_ADDRESS))
    {
        fb_write_link_local_address(writer, options->link_local);
    }
    if (fb_option_present(options, FB_OPTION_TIMESTAMP))
    {
        fb_write_timestamp(writer, options->timestamp);
    }
    if (fb_option_present(options, FB_OPTION_ALTERNATE_CARE_OF_ADDRESS))
    {
        fb_write_alternate_care_of_address(writer, options->alternate_care_of);
    }
    if (fb_option_present(options, FB_OPTION_RESTART_COUNTER))
    {
        fb_write_restart_counter(writer, options->restart_counter);
    }
    if (fb_option_present(options, FB_OPTION_NAT_DETECTION))
    {
        fb_write_nat_detection(writer, options->nat_force, options->nat_refresh_s);
    }
    if (fb_option_present(options, FB_OPTION_GRE_KEY))
    {
        fb_write_gre_key(writer, options->gre_has_key, options->gre_key);
    }
}

static void
write_ipv4(fb_writer* writer, const fb_mobility_options* options)
{
    if (options->ipv4_request.present)
    {
        fb_write_ipv4_home_request(writer, &options->ipv4_request);
    }
    if (options->ipv4_reply.present)
    {
        fb_write_ipv4_home_reply(writer, &options->ipv4_reply);
    }
    if (fb_option_present(options, FB_OPTION_IPV4_DEFAULT_ROUTER))
    {
        fb_write_ipv4_default_router(writer, options->ipv4_default_router);
    }
}

/** A flow as it is, or with its parts written anew where they can be read. */
static void
write_flow(fb_writer* writer, const fb_flow_identification* flow)
{
    fb_selector selector;

    FUZZ_CHECK(flow->bid_count <= FB_FLOW_BIDS_MAX && flow->whole.length >= 6);
    if (flow->malformed || flow->selector_count != 1 || flow->reference_count != 1 ||
        fb_selector_decode(&selector,
                           flow->selector.octet[0],
                           flow->selector.octet + 2,
                           flow->selector.length - 2u) != FB_REASON_NONE)
    {
        fb_write_flow_echo(writer, flow, flow->status);
        return;
    }
    fb_write_flow_identification(writer, flow, &selector);
}

static void
write_options(fb_writer* writer, const fb_mobility_options* options)
{
    write_identities(writer, options);
    write_numbers(writer, options);
    write_ipv4(writer, options);
    if (fb_option_present(options, FB_OPTION_MULTIPATH_BINDING))
    {
        fb_write_multipath_binding(writer, &options->multipath);
    }
    else if (options->multipath_octets.octet != NULL && options->multipath_octets.length < 6)
    {
        fb_write_multipath_echo(writer, options->multipath_octets);
    }
    for (size_t i = 0; i < options->flow_count; i++)
    {
        write_flow(writer, &options->flow[i]);
    }
    if (options->summary_count > 0)
    {
        fb_write_flow_summary(writer, options->summary, options->summary_count);
    }
    for (size_t i = 0; i < options->vendor_count; i++)
    {
        fb_path_metrics metrics;

        fb_write_vendor_specific(writer, &options->vendor[i]);
        (void)fb_read_path_metrics(&options->vendor[i], FB_VENDOR_EXAMPLE, &metrics);
    }
}

/** Reads a message and writes what it says: the octets written; 0: it is not to be believed. */
static size_t
round_trip(fb_writer* writer, const fb_addr* end, const uint8_t* octets, size_t length)
{
    fb_mh_message message;
    int reason = fb_mh_walk(&message, end, end, octets, length);

    FUZZ_CHECK(reason >= 0 && reason < FB_REASON_COUNT);
    FUZZ_CHECK(reason != FB_DROP_MH_CHECKSUM);
    if (reason != FB_REASON_NONE && fb_reason_pba_status(reason) == 0)
    {
        return 0;
    }
    fb_mh_begin(writer, &message.fixed);
    write_options(writer, &message.options);
    return fb_mh_end(writer, end, end);
}

/** Octets the sender's checksum is right over: as far as its Header Len says. */
static void
seal(uint8_t* octets, size_t length, const fb_addr* end)
{
    size_t said = length < 8 ? 0 : ((size_t)octets[1] + 1) * 8;

    if (end->family == FB_FAMILY_IPV6 && said > 0 && said <= length)
    {
        uint16_t sum = fb_mh_checksum(end, end, octets, said);

        octets[4] = (uint8_t)(sum >> 8);
        octets[5] = (uint8_t)sum;
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t* data, size_t size)
{
    uint8_t first[2 * FB_MH_MAX], second[2 * FB_MH_MAX];
    fb_writer writer = fb_writer_over(first, sizeof first);
    fb_writer again = fb_writer_over(second, sizeof second);
    fb_addr end = {FB_FAMILY_IPV6, {0x20, 0x01, 0x0d, 0xb8}};
    uint8_t* copy;
    size_t length;

    if (size == 0)
    {
        return 0;
    }
    end.family = data[0] % 2 == 0 ? FB_FAMILY_IPV6 : FB_FAMILY_IPV4;
    copy = fuzz_copy(data + 1, size - 1);
    seal(copy, size - 1, &end);
    length = round_trip(&writer, &end, copy, size - 1);
    if (length > 0)
    {
        FUZZ_CHECK(round_trip(&again, &end, first, length) == length);
        FUZZ_CHECK(memcmp(first, second, length) == 0);
    }
    free(copy);
    return 0;
}
