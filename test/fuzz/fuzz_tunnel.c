/* SPDX-License-Identifier: BSD-3-Clause */

/** @file What comes out of tunnels. Input: protocol and TOS of the outer header, then what is behind it. */

#include "fuzz.h"
#include "steer/encapsulate.h"

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
    meta.protocol = data[0];
    meta.tos = data[1];
    packet = (fb_packet){.header = data + 2, .header_len = size - 2, .total_len = size - 2};
    if (fb_decapsulate(&arrival, &meta, &packet) != 0 || fb_decapsulated(&action, &arrival) != 0)
    {
        return 0;
    }
    FUZZ_CHECK(action.strip <= packet.total_len && action.outer_len <= FB_OUTER_MAX);
    FUZZ_CHECK(packet.total_len - action.strip + action.outer_len == arrival.total);
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
