/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * IP headers and IP in IP. Input: how many octets of the packet are missing (16 bits), then those that are there.
 */

#include "fuzz.h"
#include "steer/encapsulate.h"
#include "wire/ipv4.h"

/* RFC 1071; 0 when the checksum in the header is right. */
static uint16_t
checksum(const uint8_t* octets, size_t length)
{
    uint32_t sum = 0;

    for (size_t i = 0; i < length; i++)
    {
        sum += i % 2 == 0 ? (uint32_t)octets[i] << 8 : octets[i];
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return (uint16_t)~sum;
}

int
LLVMFuzzerTestOneInput(const uint8_t* data, size_t size)
{
    fb_outer outer = {.source = 0xc0000201u, .destination = 0xcb007111u, .identification = 7};
    uint8_t header[64];
    fb_flow flow, inner;
    size_t total, length;

    if (size < 2)
    {
        return 0;
    }
    total = size - 2 + ((size_t)data[0] << 8 | data[1]);
    if (!fb_flow_read(&flow, data + 2, size - 2, total))
    {
        return 0;
    }
    FUZZ_CHECK(!flow.first_fragment || flow.fragment);
    FUZZ_CHECK(!(flow.has_ports && flow.has_spi) || flow.family == FB_FAMILY_IPV6); /* AH */
    FUZZ_CHECK(!flow.has_ports || !flow.fragment || flow.first_fragment);
    length = fb_encapsulation_ipip.write(header, &flow, &outer, total);
    if (length > 0)
    {
        FUZZ_CHECK(length <= sizeof header && total + length <= 65535);
        FUZZ_CHECK(checksum(header, length) == 0);
        FUZZ_CHECK(fb_flow_read(&inner, header, length, total + length));
        FUZZ_CHECK(inner.source == outer.source && inner.destination == outer.destination);
        FUZZ_CHECK(inner.tos == flow.tos &&
                   inner.protocol == (flow.family == FB_FAMILY_IPV6 ? 41 : 4));
    }
    return 0;
}
