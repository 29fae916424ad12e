/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * The decoders of extensions and of ICMP messages, each by itself. Input: which one, then its octets. What is decoded
 * is written again; read and written once more it must be the same.
 */

#include "fuzz.h"
#include "steer/tunnel_error.h"
#include "wire/agent_discovery.h"
#include "wire/checksum.h"
#include "wire/icmp_error.h"
#include "wire/rfc3519.h"
#include "wire/rfc5177.h"
#include "wire/rfc5454.h"
#include "wire/traffic_selector.h"

/** Decodes @p octets and writes what they say, if they say anything: the octets written; 0: refused. */
typedef size_t (*round_trip)(fb_writer* writer, const uint8_t* octets, size_t length);

static size_t
written(const fb_writer* writer)
{
    FUZZ_CHECK(!writer->failed);
    return writer->position;
}

static size_t
mobile_network(fb_writer* writer, const uint8_t* octets, size_t length)
{
    fb_mobile_network network;

    if (length < 2 || fb_mobile_network_decode(&network, octets + 2, length - 2) != FB_REASON_NONE)
    {
        return 0;
    }
    fb_mobile_network_write(writer, &network);
    return written(writer);
}

static size_t
ipv6_extension(fb_writer* writer, const uint8_t* octets, size_t length)
{
    fb_ipv6_extension extension;

    if (length < 2 ||
        fb_ipv6_extension_decode(&extension, octets + 2, length - 2) != FB_REASON_NONE)
    {
        return 0;
    }
    fb_ipv6_extension_write(writer, &extension);
    return written(writer);
}

static size_t
udp_tunnel_request(fb_writer* writer, const uint8_t* octets, size_t length)
{
    fb_udp_tunnel_request request;

    if (length != 8 || !fb_udp_tunnel_request_decode(&request, octets + 2, 6))
    {
        return 0;
    }
    fb_udp_tunnel_request_write(writer, &request);
    return written(writer);
}

static size_t
udp_tunnel_reply(fb_writer* writer, const uint8_t* octets, size_t length)
{
    fb_udp_tunnel_reply reply;

    if (length != 8 || !fb_udp_tunnel_reply_decode(&reply, octets + 2, 6))
    {
        return 0;
    }
    fb_udp_tunnel_reply_write(writer, &reply);
    return written(writer);
}

static size_t
selector_suboption(fb_writer* writer, const uint8_t* octets, size_t length)
{
    fb_selector selector;

    if (fb_selector_suboption_decode(&selector, octets, length) != FB_REASON_NONE)
    {
        return 0;
    }
    FUZZ_CHECK(fb_selector_check(&selector) == FB_REASON_NONE);
    fb_selector_suboption_write(writer, &selector);
    return written(writer);
}

/** With its checksum made right, which no mutation would find. */
static size_t
advertisement(fb_writer* writer, const uint8_t* octets, size_t length)
{
    uint8_t* sealed = fuzz_copy(octets, length);
    fb_advertisement decoded;
    int reason;

    if (length >= 4)
    {
        uint16_t sum;

        sealed[2] = sealed[3] = 0;
        sum = fb_checksum_finish(fb_checksum_add(0, sealed, length));
        sealed[2] = (uint8_t)(sum >> 8);
        sealed[3] = (uint8_t)sum;
    }
    reason = fb_advertisement_decode(&decoded, sealed, length);
    (void)fb_solicitation_check(sealed, length);
    free(sealed);
    if (reason != FB_REASON_NONE)
    {
        return 0;
    }
    FUZZ_CHECK(decoded.address_count <= FB_ADVERTISEMENT_ADDRESSES_MAX);
    fb_advertisement_write(writer, &decoded);
    return written(writer);
}

/** What is told to the source inside is about octets that are there. */
static void
relay(const fb_icmp_error* error, const uint8_t* octets, size_t length)
{
    uint8_t out[FB_ICMP_ERROR_MAX];
    fb_tunnel_entry told;
    fb_flow inner;

    if (fb_tunnel_error_relay(error, &inner, &told))
    {
        FUZZ_CHECK(error->inner > octets && error->inner + error->inner_length == octets + length);
        FUZZ_CHECK(fb_icmp_error_write(out,
                                       told.icmp_type,
                                       told.icmp_code,
                                       told.icmp_value,
                                       &inner,
                                       error->inner,
                                       error->inner_length) <= 8 + error->inner_length);
    }
}

/** As an ICMPv6 message, its checksum made right. */
static void
icmpv6_error(const uint8_t* octets, size_t length)
{
    fb_addr end = {.family = FB_FAMILY_IPV6, .octet = {0x20, 1}};
    uint8_t* copy = fuzz_copy(octets, length);
    fb_icmp_error error;
    uint32_t sum;

    if (length >= 8)
    {
        copy[2] = copy[3] = 0;
        /* the same address twice, and the rest of the pseudo-header */
        sum = fb_checksum_add(0x4002 + 58 + (uint32_t)(length & 0xffff), copy, length);
        copy[2] = (uint8_t)(fb_checksum_finish(sum) >> 8);
        copy[3] = (uint8_t)fb_checksum_finish(sum);
    }
    if (fb_icmpv6_error_read(&error, copy, length, &end, &end))
    {
        relay(&error, copy, length);
    }
    free(copy);
}

/** Nothing is written: what it quotes is somebody else's packet. */
static size_t
icmp_error(fb_writer* writer, const uint8_t* octets, size_t length)
{
    fb_icmp_error error;

    (void)writer;
    if (fb_icmp_error_read(&error, octets, length))
    {
        relay(&error, octets, length);
    }
    icmpv6_error(octets, length);
    return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t* data, size_t size)
{
    static const round_trip decoders[] = {mobile_network,
                                          ipv6_extension,
                                          udp_tunnel_request,
                                          udp_tunnel_reply,
                                          selector_suboption,
                                          advertisement,
                                          icmp_error};
    uint8_t first[512], second[512];
    fb_writer writer = fb_writer_over(first, sizeof first);
    fb_writer again = fb_writer_over(second, sizeof second);
    round_trip decoder;
    uint8_t* copy;
    size_t length;

    if (size == 0)
    {
        return 0;
    }
    decoder = decoders[data[0] % (sizeof decoders / sizeof decoders[0])];
    copy = fuzz_copy(data + 1, size - 1);
    length = decoder(&writer, copy, size - 1);
    if (length > 0)
    {
        FUZZ_CHECK(decoder(&again, first, length) == length);
        FUZZ_CHECK(memcmp(first, second, length) == 0);
    }
    free(copy);
    return 0;
}
