/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * What comes out of tunnels, and into the next. Input: protocol of the outer header, which is IPv6 where 128 is added,
 * its TOS, then what is behind it.
 */

#include "fuzz.h"
#include "steer/encapsulate.h"
#include "steer/encapsulate_ipv6.h"

static void
enter_ipv6(const fb_arrival* arrival)
{
    static const uint8_t ends[2][16] = {{0x20, 0x01}, {0x20, 0x02}};
    fb_packet packet = {.header = arrival->header,
                        .header_len = arrival->header_length,
                        .total_len = arrival->total};

    for (unsigned i = 0; i < 8; i++)
    {
        fb_outer_ipv6 outer = {.source = ends[0],
                               .destination = ends[1],
                               .gre = {.has_key = (i & 1) != 0, .has_sequence = (i & 4) != 0},
                               .has_limit = (i & 2) != 0,
                               .path_mtu = 1280 * (i >> 2)};
        fb_action action = {0};
        fb_tunnel_entry entry;
        int reason = fb_encapsulate_ipv6(&action, i & 1, &outer, &arrival->inner, &packet, &entry);

        FUZZ_CHECK(action.strip == 0 && action.outer_len <= FB_OUTER_MAX);
        FUZZ_CHECK((reason == 0) == (action.outer_len >= 40));
        FUZZ_CHECK(reason != FB_DROP_TUNNEL_LIMIT || packet.header[entry.icmp_value] == 0);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t* data, size_t size)
{
    fb_outer outer = {.source = 0xc0000201u, .destination = 0xcb007111u, .identification = 7};
    fb_meta meta = {.src = fb_addr_from_ipv4(0xc0000201u), .dst = fb_addr_from_ipv4(0xcb007111u)};
    fb_action action = {0};
    fb_arrival arrival;
    fb_packet packet;

    if (size < 2)
    {
        return 0;
    }
    meta.protocol = data[0] & 0x7f;
    if ((data[0] & 0x80) != 0)
    {
        meta.src.family = meta.dst.family = FB_FAMILY_IPV6;
    }
    meta.tos = data[1];
    packet = (fb_packet){.header = data + 2, .header_len = size - 2, .total_len = size - 2};
    if (fb_decapsulate(&arrival, &meta, &packet) != 0 || fb_decapsulated(&action, &arrival) != 0)
    {
        return 0;
    }
    FUZZ_CHECK(action.strip <= packet.total_len && action.outer_len <= FB_OUTER_MAX);
    FUZZ_CHECK(packet.total_len - action.strip + action.outer_len == arrival.total);
    enter_ipv6(&arrival);
    for (uint8_t tunnel = 0; tunnel < FB_TUNNEL_COUNT; tunnel++)
    {
        if (fb_encapsulate_arrival(&action, tunnel, &outer, &arrival) == 0)
        {
            FUZZ_CHECK(action.strip <= packet.total_len && action.outer_len <= FB_OUTER_MAX);
        }
        if (fb_arrival_is_echo(&arrival, 8) &&
            fb_encapsulate_echo_reply(&action, tunnel, &outer, &arrival))
        {
            FUZZ_CHECK(action.strip <= packet.total_len && action.outer_len <= FB_OUTER_MAX);
        }
    }
    return 0;
}
