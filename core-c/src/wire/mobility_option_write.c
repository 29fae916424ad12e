/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * Writing mobility options, each at the offset its row in mobility_option.c asks for.
 */

#include "wire/mobility_option.h"
#include "wire/traffic_selector.h"

/* The sub-options of RFC 6089 4.2.1.1 and 4.2.1.2 are the same octets. */
void
fb_write_option_padding(fb_writer *writer, size_t length)
{
    uint8_t *octets = length == 0 ? NULL : fb_writer_claim(writer, length);

    if (octets == NULL)
    {
        return;
    }
    octets[0] = length == 1 ? FB_OPTION_PAD1 : FB_OPTION_PADN;
    for (size_t i = 1; i < length; i++)
    {
        octets[i] = i == 1 ? (uint8_t)(length - 2) : 0;
    }
}

/** Pads, and writes Type and Length. */
static void
begin_option(fb_writer *writer, uint8_t type, size_t length)
{
    if (length > UINT8_MAX)
    {
        writer->failed = true;
    }
    size_t padding = fb_mobility_option_padding(type, writer->position);

    if (padding > 0)
    {
        fb_write_option_padding(writer, padding);
    }
    fb_write_u16(writer, (uint16_t)((unsigned)type << 8 | (unsigned)(length & UINT8_MAX)));
}

void
fb_write_identifier_option(fb_writer *writer, uint8_t type, const fb_identifier *identifier)
{
    bool reserved = type == FB_OPTION_GATEWAY_IDENTIFIER; /* RFC 8278 4.2; not RFC 4283 3 */

    begin_option(writer, type, (reserved ? 2u : 1u) + identifier->value.length);
    fb_write_u8(writer, identifier->subtype);
    if (reserved)
    {
        fb_write_u8(writer, 0);
    }
    fb_write_bytes(writer, identifier->value.octet, identifier->value.length);
}

/** Prefix Length and the address, behind an octet of flags. */
static void
write_prefix(fb_writer *writer, uint8_t type, uint8_t flags, const fb_prefix *prefix)
{
    size_t octets = prefix->address.family == FB_FAMILY_IPV4 ? 4 : 16;

    begin_option(writer, type, 2 + octets);
    fb_write_u8(writer, flags);
    fb_write_u8(writer, prefix->length);
    fb_write_bytes(writer, prefix->address.octet, octets);
}

void
fb_write_home_network_prefix(fb_writer *writer, const fb_prefix *prefix)
{
    write_prefix(writer, FB_OPTION_HOME_NETWORK_PREFIX, 0, prefix);
}

void
fb_write_delegated_prefix(fb_writer *writer, const fb_prefix *prefix)
{
    uint8_t flags = prefix->address.family == FB_FAMILY_IPV4 ? 0x80 : 0; /* V of RFC 7148 4.1 */

    write_prefix(writer, FB_OPTION_DELEGATED_PREFIX, flags, prefix);
}

void
fb_write_octet_option(fb_writer *writer, uint8_t type, uint8_t value)
{
    begin_option(writer, type, 2);
    fb_write_u8(writer, 0);
    fb_write_u8(writer, value);
}

/**
 * RFC 5213 8.6: aligned by the size of the identifier, so that one of 4 octets, or of a multiple of 8, lies on its
 * natural boundary (RFC 6275 6.2); Type, Length and Reserved in front of it are 4 octets.
 */
void
fb_write_link_layer_identifier(fb_writer *writer, fb_octets identifier)
{
    size_t boundary = 2;

    if (identifier.length > 0 && identifier.length % 4 == 0)
    {
        boundary = identifier.length % 8 == 0 ? 8 : 4;
    }
    fb_write_option_padding(writer, (boundary - (writer->position + 4) % boundary) % boundary);
    begin_option(writer, FB_OPTION_LINK_LAYER_IDENTIFIER, 2u + identifier.length);
    fb_write_u16(writer, 0);
    fb_write_bytes(writer, identifier.octet, identifier.length);
}

void
fb_write_link_local_address(fb_writer *writer, const uint8_t address[16])
{
    begin_option(writer, FB_OPTION_LINK_LOCAL_ADDRESS, 16);
    fb_write_bytes(writer, address, 16);
}

void
fb_write_timestamp(fb_writer *writer, uint64_t timestamp)
{
    begin_option(writer, FB_OPTION_TIMESTAMP, 8);
    fb_write_u64(writer, timestamp);
}

void
fb_write_alternate_care_of_address(fb_writer *writer, const uint8_t address[16])
{
    begin_option(writer, FB_OPTION_ALTERNATE_CARE_OF_ADDRESS, 16);
    fb_write_bytes(writer, address, 16);
}

void
fb_write_restart_counter(fb_writer *writer, uint32_t counter)
{
    begin_option(writer, FB_OPTION_RESTART_COUNTER, 4);
    fb_write_u32(writer, counter);
}

void
fb_write_nat_detection(fb_writer *writer, bool force, uint32_t refresh_s)
{
    begin_option(writer, FB_OPTION_NAT_DETECTION, 6);
    fb_write_u16(writer, force ? 0x8000 : 0); /* F of RFC 5555 3.2.2 */
    fb_write_u32(writer, refresh_s);
}

void
fb_write_gre_key(fb_writer *writer, bool has_key, uint32_t key)
{
    begin_option(writer, FB_OPTION_GRE_KEY, has_key ? 6 : 2);
    fb_write_u16(writer, 0);
    if (has_key)
    {
        fb_write_u32(writer, key);
    }
}

/** The three IPv4 options alike: two octets, an address (RFC 5844 3.3.1 to 3.3.3). */
static void
write_ipv4_option(fb_writer *writer, uint8_t type, uint8_t first, uint8_t second, fb_ipv4 address)
{
    begin_option(writer, type, 6);
    fb_write_u8(writer, first);
    fb_write_u8(writer, second);
    fb_write_u32(writer, address);
}

void
fb_write_ipv4_home_request(fb_writer *writer, const fb_ipv4_home *request)
{
    write_ipv4_option(writer,
                      FB_OPTION_IPV4_HOME_REQUEST,
                      (uint8_t)(request->prefix_length << 2),
                      0,
                      request->address);
}

void
fb_write_ipv4_home_reply(fb_writer *writer, const fb_ipv4_home *reply)
{
    write_ipv4_option(writer,
                      FB_OPTION_IPV4_HOME_REPLY,
                      reply->status,
                      (uint8_t)(reply->prefix_length << 2),
                      reply->address);
}

void
fb_write_ipv4_default_router(fb_writer *writer, fb_ipv4 router)
{
    write_ipv4_option(writer, FB_OPTION_IPV4_DEFAULT_ROUTER, 0, 0, router);
}

/* RFC 8278 4.1: B, O and 22 reserved bits. */
void
fb_write_multipath_binding(fb_writer *writer, const fb_multipath_binding *multipath)
{
    unsigned flags = (multipath->bulk ? 0x80u : 0u) | (multipath->overwrite ? 0x40u : 0u);

    begin_option(writer, FB_OPTION_MULTIPATH_BINDING, 6);
    fb_write_u8(writer, multipath->technology);
    fb_write_u8(writer, multipath->label);
    fb_write_u8(writer, multipath->bid);
    fb_write_u8(writer, (uint8_t)flags);
    fb_write_u16(writer, 0);
}

void
fb_write_multipath_echo(fb_writer *writer, fb_octets octets)
{
    size_t length = octets.length > 6 ? 6 : octets.length;

    begin_option(writer, FB_OPTION_MULTIPATH_BINDING, length);
    fb_write_bytes(writer, octets.octet, length);
}

void
fb_write_vendor_specific(fb_writer *writer, const fb_vendor_option *vendor)
{
    begin_option(writer, FB_OPTION_VENDOR_SPECIFIC, 5u + vendor->data.length);
    fb_write_u32(writer, vendor->vendor);
    fb_write_u8(writer, vendor->subtype);
    fb_write_bytes(writer, vendor->data.octet, vendor->data.length);
}

/* ---- flows, RFC 6089 ---- */

/** RFC 6089 4.2.1.3, 16 bits a BID. */
static void
write_binding_reference(fb_writer *writer, const fb_flow_identification *flow)
{
    fb_write_u8(writer, FB_FLOW_BINDING_REFERENCE);
    fb_write_u8(writer, (uint8_t)(2 * flow->bid_count));
    for (size_t i = 0; i < flow->bid_count && i < FB_FLOW_BIDS_MAX; i++)
    {
        fb_write_u16(writer, flow->bid[i]);
    }
}

void
fb_write_flow_identification(fb_writer *writer,
                             const fb_flow_identification *flow,
                             const fb_selector *selector)
{
    begin_option(writer, FB_OPTION_FLOW_IDENTIFICATION, 0);
    size_t body_at = writer->position;

    fb_write_u16(writer, flow->fid);
    fb_write_u16(writer, flow->priority);
    fb_write_u8(writer, 0);
    fb_write_u8(writer, flow->status);
    if (flow->bid_count > 0)
    {
        write_binding_reference(writer, flow);
    }
    if (selector != NULL)
    {
        /* RFC 6088 3.1: by its widest field, from the start of the header as all alignment */
        size_t boundary = fb_selector_alignment(selector);

        fb_write_option_padding(writer, (boundary - writer->position % boundary) % boundary);
        fb_selector_suboption_write(writer, selector);
    }
    size_t length = writer->position - body_at;
    if (writer->failed || length > UINT8_MAX || flow->bid_count > FB_FLOW_BIDS_MAX)
    {
        writer->failed = true;
        return;
    }
    writer->data[body_at - 1] = (uint8_t)length;
}

void
fb_write_flow_echo(fb_writer *writer, const fb_flow_identification *flow, uint8_t status)
{
    fb_octets whole = flow->whole;

    begin_option(writer, FB_OPTION_FLOW_IDENTIFICATION, whole.length);
    fb_write_bytes(writer, whole.octet, 5); /* FID, FID-PRI, Reserved */
    fb_write_u8(writer, status);
    fb_write_bytes(writer, whole.octet + 6, whole.length - 6u);
}

void
fb_write_flow_summary(fb_writer *writer, const uint16_t *fid, size_t count)
{
    begin_option(writer, FB_OPTION_FLOW_SUMMARY, 2 * count);
    for (size_t i = 0; i < count; i++)
    {
        fb_write_u16(writer, fid[i]);
    }
}

/* ---- path metrics, RFC 5094 ---- */

void
fb_write_path_metrics(fb_writer *writer, uint32_t vendor, const fb_path_metrics *metrics)
{
    uint8_t data[FB_VENDOR_METRICS_LENGTH_MAX];
    fb_writer body = fb_writer_over(data, sizeof data);

    fb_path_metrics_write(&body, metrics);
    fb_write_vendor_specific(
        writer,
        &(fb_vendor_option){vendor, FB_VENDOR_PATH_METRICS, {data, (uint8_t)body.position}});
}

bool
fb_read_path_metrics(const fb_vendor_option *option, uint32_t vendor, fb_path_metrics *metrics)
{
    return option->vendor == vendor && option->subtype == FB_VENDOR_PATH_METRICS &&
           fb_path_metrics_read(option->data.octet, option->data.length, metrics);
}
