/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * Writing mobility options, each at the offset its row in mobility_option.c asks for.
 */

#include "wire/mobility_option_format.h"

#include "base/octets.h"
#include "wire/traffic_selector.h"

#include <string.h>

void
fb_write_option_padding(fb_writer *writer, size_t length)
{
    uint8_t *octets = length == 0 ? NULL : fb_writer_claim(writer, length);

    if (octets != NULL)
    {
        fb_option_pad(octets, length);
    }
}

/** An option of which all octets are there. */
static inline void
write_whole(fb_writer *writer, uint8_t type, const uint8_t *body, size_t length)
{
    uint8_t *octets = fb_option_begin(writer, type, length);

    if (octets != NULL && length > 0)
    {
        memcpy(octets, body, length);
    }
}

void
fb_write_identifier_option(fb_writer *writer, uint8_t type, const fb_identifier *identifier)
{
    /* Reserved: RFC 8278 4.2; not RFC 4283 3 */
    size_t front = type == FB_OPTION_GATEWAY_IDENTIFIER ? 2 : 1;
    uint8_t *octets = fb_option_begin(writer, type, front + identifier->value.length);

    if (octets == NULL)
    {
        return;
    }
    octets[front - 1] = 0;
    octets[0] = identifier->subtype;
    if (identifier->value.length > 0)
    {
        memcpy(octets + front, identifier->value.octet, identifier->value.length);
    }
}

/** Prefix Length and the address of so many octets, behind an octet of flags. */
static inline void
write_prefix(fb_writer *writer, uint8_t type, uint8_t flags, const fb_prefix *prefix, size_t length)
{
    uint8_t *octets = fb_option_begin(writer, type, 2 + length);

    if (octets != NULL)
    {
        octets[0] = flags;
        octets[1] = prefix->length;
        memcpy(octets + 2, prefix->address.octet, length);
    }
}

void
fb_write_home_network_prefix(fb_writer *writer, const fb_prefix *prefix)
{
    /* RFC 5213 8.3: an IPv6 one */
    write_prefix(writer, FB_OPTION_HOME_NETWORK_PREFIX, 0, prefix, 16);
}

void
fb_write_delegated_prefix(fb_writer *writer, const fb_prefix *prefix)
{
    bool ipv4 = prefix->address.family == FB_FAMILY_IPV4; /* V of RFC 7148 4.1 */

    write_prefix(writer, FB_OPTION_DELEGATED_PREFIX, ipv4 ? 0x80 : 0, prefix, ipv4 ? 4 : 16);
}

void
fb_write_octet_option(fb_writer *writer, uint8_t type, uint8_t value)
{
    write_whole(writer, type, (const uint8_t[2]){0, value}, 2);
}

/**
 * RFC 5213 8.6: aligned by the size of the identifier, so that one of 4 octets, or of a multiple of 8, lies on its
 * natural boundary (RFC 6275 6.2); Type, Length and Reserved in front of it are 4 octets.
 */
void
fb_write_link_layer_identifier(fb_writer *writer, fb_octets identifier)
{
    size_t boundary = 2;
    uint8_t *octets;

    if (identifier.length > 0 && identifier.length % 4 == 0)
    {
        boundary = identifier.length % 8 == 0 ? 8 : 4;
    }
    fb_write_option_padding(writer, (0 - (writer->position + 4)) & (boundary - 1));
    octets = fb_option_begin(writer, FB_OPTION_LINK_LAYER_IDENTIFIER, 2u + identifier.length);
    if (octets == NULL)
    {
        return;
    }
    fb_store_u16(octets, 0);
    if (identifier.length > 0)
    {
        memcpy(octets + 2, identifier.octet, identifier.length);
    }
}

void
fb_write_link_local_address(fb_writer *writer, const uint8_t address[16])
{
    write_whole(writer, FB_OPTION_LINK_LOCAL_ADDRESS, address, 16);
}

void
fb_write_timestamp(fb_writer *writer, uint64_t timestamp)
{
    uint8_t *octets = fb_option_begin(writer, FB_OPTION_TIMESTAMP, 8);

    if (octets != NULL)
    {
        fb_store_u64(octets, timestamp);
    }
}

void
fb_write_alternate_care_of_address(fb_writer *writer, const uint8_t address[16])
{
    write_whole(writer, FB_OPTION_ALTERNATE_CARE_OF_ADDRESS, address, 16);
}

void
fb_write_restart_counter(fb_writer *writer, uint32_t counter)
{
    uint8_t *octets = fb_option_begin(writer, FB_OPTION_RESTART_COUNTER, 4);

    if (octets != NULL)
    {
        fb_store_u32(octets, counter);
    }
}

void
fb_write_nat_detection(fb_writer *writer, bool force, uint32_t refresh_s)
{
    uint8_t *octets = fb_option_begin(writer, FB_OPTION_NAT_DETECTION, 6);

    if (octets != NULL)
    {
        fb_store_u16(octets, force ? 0x8000 : 0); /* F of RFC 5555 3.2.2 */
        fb_store_u32(octets + 2, refresh_s);
    }
}

void
fb_write_gre_key(fb_writer *writer, bool has_key, uint32_t key)
{
    uint8_t body[6] = {0};

    fb_store_u32(body + 2, key);
    write_whole(writer, FB_OPTION_GRE_KEY, body, has_key ? 6 : 2);
}

/** The three IPv4 options alike: two octets, an address (RFC 5844 3.3.1 to 3.3.3). */
static void
write_ipv4_option(fb_writer *writer, uint8_t type, uint8_t first, uint8_t second, fb_ipv4 address)
{
    uint8_t body[6] = {first, second};

    fb_store_u32(body + 2, address);
    write_whole(writer, type, body, sizeof body);
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

    uint8_t body[6] = {multipath->technology, multipath->label, multipath->bid, (uint8_t)flags};

    write_whole(writer, FB_OPTION_MULTIPATH_BINDING, body, sizeof body);
}

void
fb_write_multipath_echo(fb_writer *writer, fb_octets octets)
{
    size_t length = octets.length > 6 ? 6 : octets.length;

    write_whole(writer, FB_OPTION_MULTIPATH_BINDING, octets.octet, length);
}

void
fb_write_vendor_specific(fb_writer *writer, const fb_vendor_option *vendor)
{
    uint8_t *octets = fb_option_begin(writer, FB_OPTION_VENDOR_SPECIFIC, 5u + vendor->data.length);

    if (octets == NULL)
    {
        return;
    }
    fb_store_u32(octets, vendor->vendor);
    octets[4] = vendor->subtype;
    if (vendor->data.length > 0)
    {
        memcpy(octets + 5, vendor->data.octet, vendor->data.length);
    }
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
    /* its length is known at the end */
    (void)fb_option_begin(writer, FB_OPTION_FLOW_IDENTIFICATION, 0);
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
    const fb_octets *whole = &flow->whole;
    uint8_t *octets = fb_option_begin(writer, FB_OPTION_FLOW_IDENTIFICATION, whole->length);

    if (octets != NULL)
    {
        memcpy(octets, whole->octet, whole->length);
        octets[5] = status; /* behind FID, FID-PRI and Reserved */
    }
}

void
fb_write_flow_summary(fb_writer *writer, const uint16_t *fid, size_t count)
{
    uint8_t *octets = fb_option_begin(writer, FB_OPTION_FLOW_SUMMARY, 2 * count);

    for (size_t i = 0; octets != NULL && i < count; i++)
    {
        fb_store_u16(octets + 2 * i, fid[i]);
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
